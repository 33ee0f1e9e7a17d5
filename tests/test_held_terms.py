"""Held mail whose term has passed, on a queue that is written down here."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from postclerk import bootstrap, config
from postclerk.adapters import journal, orders
from postclerk.adapters.hold_queue import InQueue
from postclerk.adapters.tables import outbox
from postclerk.desk import Desk
from postclerk.held import Hold
from tests.conftest import PEOPLE, SITE

FINDING = {
    "rule": "recipients", "clause": "1.3.2-a", "code": "too-many-recipients", "action": "hold", "monitor": False,
    "detail": {"count": 60, "limit": 50},
}  # fmt: skip
ENTRY: dict[str, Any] = {
    "id": "HELDHELD", "time": 1_795_000_000.0, "queue_id": "4F1A2B3C4D", "login": "a.serik", "client": "192.0.2.1",
    "envelope_from": "a.serik@uni.example", "recipients": ["b.head@uni.example"], "recipient_count": 60, "size": 1,
    "action": "hold", "stage": "data", "findings": [FINDING], "header": {}, "submission": None, "telling": None,
}  # fmt: skip


class Queue:
    """One message is held."""

    def listed(self) -> list[InQueue]:
        """What is held now."""
        return [InQueue("4F1A2B3C4D", 1_795_000_000.0, 1, "a.serik@uni.example", ("b.head@uni.example",))]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """A site."""
    (tmp_path / "people.yaml").write_text(PEOPLE)
    (tmp_path / "rules.yaml").write_text(f"{SITE}mail: {{}}\nheld: {{term: 1s}}\nrules:\n  recipients: {{}}\n")
    read = config.load(tmp_path / "rules.yaml")
    with bootstrap.desk(read, bootstrap.directories(read)) as made:
        yield made


@pytest.mark.parametrize(
    ("login", "told", "ordered"),
    [
        pytest.param("a.serik", ["a.serik@uni.example"], ["delete"], id="from-a-login"),
        pytest.param("who.left", [], [], id="from-one-who-has-left"),
        pytest.param(None, ["b.head@uni.example"], ["release"], id="from-outside"),
    ],
)
def test_nothing_is_dropped_silently(desk: Desk, login: str | None, told: list[str], ordered: list[str]) -> None:
    """Deleted is only what was explained to its sender, and it never goes on as if it had come from outside."""
    with desk.store.write() as connection:
        journal.write(connection, [{**ENTRY, "login": login}])
    hold = Hold(desk)
    hold.queue = Queue()  # type: ignore[assignment]
    hold.end_terms()
    with desk.store.read() as connection:
        assert connection.scalars(sa.select(outbox.c.recipient)).all() == told
    assert [one["action"] for one in orders.waiting(desk.store)] == ordered
