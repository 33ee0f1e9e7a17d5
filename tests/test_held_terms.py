"""Held mail whose term has passed, and orders that the warden carries out, on a queue that is written down here."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from postclerk import bootstrap, cli, config
from postclerk.adapters import journal, orders, tables
from postclerk.adapters.hold_queue import HoldQueue, InQueue
from postclerk.adapters.tables import outbox
from postclerk.desk import Desk
from postclerk.held import Hold, carry_out
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

    def __init__(self) -> None:
        self.done: list[tuple[str, str]] = []

    def listed(self) -> list[InQueue]:
        """What is held now."""
        return [InQueue("4F1A2B3C4D", 1_795_000_000.0, 1, "a.serik@uni.example", ("b.head@uni.example",))]

    def alone(self) -> contextlib.AbstractContextManager[None]:
        """Nobody else is there."""
        return contextlib.nullcontext()

    def message(self, queue_id: str) -> bytes:
        """A held message."""
        self.done.append(("message", queue_id))
        return b"Subject: x\n\ny"

    def release(self, queue_id: str) -> None:
        """Lets it go."""
        self.done.append(("release", queue_id))

    def delete(self, queue_id: str) -> None:
        """Deletes it."""
        self.done.append(("delete", queue_id))


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


@pytest.mark.parametrize(
    ("action", "done", "outcome"),
    [
        pytest.param("show", [("message", "4F1A2B3C4D")], "shown", id="show"),
        pytest.param("release", [("release", "4F1A2B3C4D")], "released", id="release"),
        pytest.param("delete", [("delete", "4F1A2B3C4D")], "deleted", id="delete"),
        pytest.param("frob", [], "failed: 'frob' is no order", id="what-is-none"),
    ],
)
def test_an_order_is_carried_out(desk: Desk, action: str, done: list[tuple[str, str]], outcome: str) -> None:
    """Each does what it says and nothing else; what nobody knows does nothing, least of all delete."""
    with desk.store.write() as connection:
        journal.write(connection, [ENTRY])
        orders.give(
            connection, orders.Order.SHOW, queue_id="4F1A2B3C4D", incident="HELDHELD", why="", by="it.admin", at=1.0
        )
        connection.execute(sa.update(tables.orders).values(action=action))
    hold = Hold(desk)
    hold.queue = queue = Queue()  # type: ignore[assignment]
    carry_out(hold)
    assert [one["outcome"] for one in orders.of_incident(desk.store, "HELDHELD")] == [outcome]
    assert queue.done == done
    assert orders.waiting(desk.store) == []
    with desk.store.read() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(tables.shown)) == (action == "show")


class Busy(Queue):
    """A queue on which two work at once, where they are let."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.alone = HoldQueue(str(folder)).alone  # type: ignore[method-assign]
        self._both = threading.Barrier(2, timeout=0.5)

    def listed(self) -> list[InQueue]:
        """See Queue."""
        with contextlib.suppress(threading.BrokenBarrierError):
            self._both.wait()
        return [] if self.done else super().listed()


def test_an_order_is_carried_out_once(desk: Desk, tmp_path: Path) -> None:
    """Also where root gives it while the service runs: whoever is second finds nothing to do."""
    with desk.store.write() as connection:
        journal.write(connection, [ENTRY])
        orders.give(
            connection, orders.Order.RELEASE, queue_id="4F1A2B3C4D", incident="HELDHELD", why="x", by="root", at=1.0
        )
    hold = Hold(desk)
    hold.queue = queue = Busy(tmp_path)  # type: ignore[assignment]
    both = [threading.Thread(target=carry_out, args=(hold,)) for _ in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join(20)
    assert (queue.done, desk.fate("HELDHELD")) == ([("release", "4F1A2B3C4D")], "released")


def test_a_look_without_the_service(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whoever is not root waits for it, and is told where nobody reads the message."""
    with desk.store.write() as connection:
        journal.write(connection, [ENTRY])
    monkeypatch.setattr("postclerk.held.HoldQueue", lambda _folder: Queue())
    monkeypatch.setattr("postclerk.commands.held._WAIT", 0.0)
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    assert cli.main(["held", "show", "HELDHELD", "--rules", str(tmp_path / "rules.yaml")]) == 2
    said = capsys.readouterr().err
    assert said == "postclerk: the service postclerk-held does not read the message: is it running?\n"
