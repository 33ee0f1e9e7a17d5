"""Grants and suspensions in the store, and in the memory of those who go by them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from postclerk.adapters import journal, standing
from postclerk.adapters.standing import StoreStanding
from postclerk.adapters.store import Store
from postclerk.core.facts import Excuse, Grant, Suspension
from postclerk.core.ports import Unavailable

ALMATY = ZoneInfo("Asia/Almaty")
NOW = 1_795_410_000.0
GRANT: dict[str, Any] = {
    "login": "a.serik",
    "unit": None,
    "rule": "recipients",
    "option": "per_day",
    "amount": 500,
    "value": None,
    "reason": "a conference",
    "approved_by": "b.head",
    "begins": NOW,
    "ends": NOW + 100,
    "made_at": NOW,
    "made_by": "root",
}
SUSPENSION: dict[str, Any] = {
    "login": "a.serik",
    "reason": "misuse",
    "begins": NOW,
    "ends": None,
    "made_at": NOW,
    "made_by": "root",
    "automatic": 0,
}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A new store."""
    made = Store(f"sqlite:///{tmp_path}/s.db")
    made.migrate()
    yield made
    made.close()


@pytest.mark.parametrize(
    ("row", "asked", "granted"),
    [
        pytest.param({}, {}, True, id="a-login"),
        pytest.param({}, {"login": "b.head"}, False, id="another-login"),
        pytest.param({}, {"at": NOW - 1}, False, id="not-yet"),
        pytest.param({}, {"at": NOW + 99.9}, True, id="to-the-last"),
        pytest.param({}, {"at": NOW + 100}, False, id="ended"),
        pytest.param({"ends": None}, {"at": NOW + 1e9}, True, id="for-good"),
        pytest.param({"login": None, "unit": "Press"}, {}, True, id="a-unit"),
        pytest.param({"login": None, "unit": "press"}, {"unit": "other"}, False, id="another-unit"),
        pytest.param({"login": None, "unit": "press"}, {"unit": ""}, False, id="no-unit"),
    ],
)
def test_grants(store: Store, row: dict[str, Any], asked: dict[str, Any], granted: bool) -> None:
    """A grant is good for whom and when it says, and for nothing else; both for limits and for values."""
    raising = standing.add_grant(store, GRANT | row)
    naming = standing.add_grant(store, GRANT | row | {"option": None, "amount": None, "value": "x.example"})
    worker = StoreStanding(store, None, ALMATY)
    who = {"login": "a.serik", "unit": "press", "at": NOW} | asked
    assert worker.raised(**who) == ({("recipients", "per_day"): Grant(raising, 500)} if granted else {})
    excuse = Excuse(("a@x.example", "x.example"))
    assert worker.exempted(rule="recipients", excuse=excuse, **who) == (naming if granted else 0)
    assert worker.exempted(rule="sender", excuse=excuse, **who) == 0
    assert worker.exempted(rule="recipients", excuse=Excuse(("y.example",)), **who) == 0


def test_the_largest_grant_counts(store: Store) -> None:
    """Of several the one that raises most."""
    standing.add_grant(store, GRANT | {"amount": 300})
    most = standing.add_grant(store, GRANT | {"amount": 900})
    standing.add_grant(store, GRANT | {"amount": 400})
    found = StoreStanding(store, None, ALMATY).raised("a.serik", "", NOW)
    assert found == {("recipients", "per_day"): Grant(most, 900)}


def test_a_change_is_good_for_the_next_message(store: Store, tmp_path: Path) -> None:
    """Whoever is told reads again; without a word it takes some seconds. Nothing is deleted."""
    stamp = tmp_path / "standing"
    worker = StoreStanding(store, stamp, ALMATY)
    asked = ("a.serik", "", NOW)
    assert worker.raised(*asked) == {}
    number = standing.add_grant(store, GRANT)
    standing.tell(stamp)
    assert worker.raised(*asked) == {("recipients", "per_day"): Grant(number, 500)}
    assert standing.revoke_grant(store, number, by="root", at=NOW + 5)
    standing.tell(stamp)
    assert worker.raised(*asked) == {}
    assert not standing.revoke_grant(store, number, by="root", at=NOW + 6)
    (row,) = standing.all_grants(store)
    assert (row["revoked_at"], row["revoked_by"], row["amount"]) == (NOW + 5, "root", 500)


def test_suspensions(store: Store) -> None:
    """The longest counts, told in the site's time; lifting lifts all, and all stay written down."""
    worker = StoreStanding(store, None, ALMATY)
    standing.suspend(store, SUSPENSION | {"ends": NOW + 3600})
    standing.suspend(store, SUSPENSION | {"ends": NOW + 7200, "reason": "more misuse"})
    assert worker.suspension("a.serik", NOW) == Suspension("more misuse", "2026-11-23 12:00", automatic=False)
    assert worker.suspension("a.serik", NOW + 7200) is None
    assert worker.suspension("b.head", NOW) is None
    assert standing.unsuspend(store, "a.serik", by="root", at=NOW + 10) == 2
    assert standing.unsuspend(store, "a.serik", by="root", at=NOW + 10) == 0
    assert StoreStanding(store, None, ALMATY).suspension("a.serik", NOW + 20) is None
    assert [row["lifted_by"] for row in standing.all_suspensions(store)] == ["root", "root"]


def test_a_store_that_is_gone(tmp_path: Path) -> None:
    """What was read serves on; where nothing could be read, nobody knows."""
    store = Store(f"sqlite:///{tmp_path}/s.db")
    with pytest.raises(Unavailable):
        StoreStanding(store, None, ALMATY).suspension("a.serik", NOW)
    store.migrate()
    standing.suspend(store, SUSPENSION)
    stamp = tmp_path / "standing"
    worker = StoreStanding(store, stamp, ALMATY)
    assert worker.suspension("a.serik", NOW) is not None
    (tmp_path / "s.db").unlink()
    (tmp_path / "s.db").mkdir()
    store.close()
    standing.tell(stamp)
    assert worker.suspension("a.serik", NOW) is not None


def test_no_store_yet() -> None:
    """Nothing is granted, and nobody suspended."""
    worker = StoreStanding(None, None, ALMATY)
    found = (worker.suspension("a", NOW), worker.raised("a", "", NOW), worker.exempted("a", "", "x", Excuse(()), NOW))
    assert found == (None, {}, 0)


def _refused(store: Store, *times: float, rule: str = "sender", monitor: bool = False, action: str = "reject") -> None:
    finding = {"rule": rule, "clause": "1", "code": "x", "action": "reject", "monitor": monitor, "detail": {}}
    with store.write() as connection:
        for at in times:
            record = {
                "id": f"{at:.0f}"[-8:], "time": at, "queue_id": None, "login": "a.serik", "client": None,
                "envelope_from": "", "recipients": [], "recipient_count": 0, "size": None, "action": action,
                "stage": "data", "findings": [finding], "header": {}, "submission": None,
            }  # fmt: skip
            journal.write(connection, [record])


LIMITS: dict[str, Any] = {"after": 3, "within": 3600.0, "lasts": 86400.0}


@pytest.mark.parametrize(
    ("refused", "suspended"),
    [
        pytest.param([{"times": (NOW - 2, NOW - 1, NOW)}], True, id="often"),
        pytest.param([{"times": (NOW - 1, NOW)}], False, id="twice"),
        pytest.param([{"times": (NOW - 4000, NOW - 1, NOW)}], False, id="long-ago"),
        pytest.param([{"times": (NOW - 2, NOW - 1, NOW), "rule": "suspension"}], False, id="because-suspended"),
        pytest.param([{"times": (NOW - 2, NOW - 1, NOW), "monitor": True, "action": "accept"}], False, id="monitored"),
    ],
)
def test_offenders(store: Store, refused: list[dict[str, Any]], suspended: bool) -> None:
    """Refused often enough within the window is suspended, for so long and saying why."""
    for one in refused:
        _refused(store, *one.pop("times"), **one)
    assert standing.suspend_offenders(store, ["a.serik", "b.head"], at=NOW, **LIMITS) == ["a.serik"] * suspended
    found = StoreStanding(store, None, ALMATY).suspension("a.serik", NOW)
    assert (found is not None) == suspended
    if found:
        assert found == Suspension("3 messages were refused within 1 h", "2026-11-24 10:00", automatic=True)


def test_what_was_atoned_for(store: Store) -> None:
    """Whoever is suspended is not suspended again, and once it is lifted begins anew."""
    _refused(store, NOW - 2, NOW - 1, NOW)
    assert standing.suspend_offenders(store, ["a.serik"], at=NOW, **LIMITS) == ["a.serik"]
    assert standing.suspend_offenders(store, ["a.serik"], at=NOW + 1, **LIMITS) == []
    standing.unsuspend(store, "a.serik", by="root", at=NOW + 5)
    assert standing.suspend_offenders(store, ["a.serik"], at=NOW + 10, **LIMITS) == []
    _refused(store, NOW + 11, NOW + 12, NOW + 13)
    assert standing.suspend_offenders(store, ["a.serik"], at=NOW + 13, **LIMITS) == ["a.serik"]
