"""Who is away, as the store keeps it: how long."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import pytest

from postclerk.adapters import absences
from postclerk.adapters.store import Store

UTC = datetime.UTC
LEARNT = datetime.datetime(2026, 8, 3, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("told", "before", "stays"),
    [
        pytest.param({"until": "2026-08-29"}, "2026-08-29", True, id="until-that-day"),
        pytest.param({"until": "2026-08-29"}, "2026-08-30", False, id="over"),
        pytest.param({"until": "2027-08-29"}, "2026-12-01", True, id="far-beyond"),
        pytest.param({"from": "2026-08-20", "substitute": "b.head@uni.example"}, "2026-08-10", True, id="not-begun"),
        pytest.param({"substitute": "b.head@uni.example"}, "2026-08-02", True, id="seen-since"),
        pytest.param({"substitute": "b.head@uni.example"}, "2026-08-05", False, id="without-a-term"),
    ],
)
def test_an_absence_is_forgotten(tmp_path: Path, told: dict[str, Any], before: str, stays: bool) -> None:
    """When it was over before the time, and nobody has heard of it since; what the file says stays."""
    store = Store(f"sqlite:///{tmp_path}/postclerk.db")
    store.migrate()
    file = {"login": "b.head", "begins": "2020-01-01", "ends": "2020-01-02", "substitute": ""}
    with store.write() as connection:
        absences.learn(connection, "a.serik", told, LEARNT.timestamp(), UTC)
        absences.replace_file(connection, [file], LEARNT.timestamp())
        absences.forget(connection, datetime.datetime.fromisoformat(f"{before}T00:00:00+00:00").timestamp())
        assert bool(absences.of(connection, "a.serik", UTC)) == stays
        assert absences.of(connection, "b.head", UTC)
    store.close()
