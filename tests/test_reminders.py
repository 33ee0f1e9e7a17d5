"""The tracker's round over a store: who is reminded of what, and when; by one tracker or by two."""

from __future__ import annotations

import contextlib
import datetime
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from postclerk import bootstrap
from postclerk.adapters import journal
from postclerk.adapters.store import Store
from postclerk.adapters.tables import duties, outbox
from postclerk.companion import Companion
from tests.conftest import PEOPLE, SITE
from tests.stack.postgresql import PrivatePostgreSQL

GUEST, SERIK = "guest@example.org", "a.serik@uni.example"


def at(text: str) -> float:
    """A moment of the site's time: day of November and hour."""
    day, hour = text.split()
    return datetime.datetime.fromisoformat(f"2026-11-{day}T{hour}:00+05:00").timestamp()


def record(number: int, when: str, **said: Any) -> dict[str, Any]:
    """A guest's letter in the journal."""
    return {
        "id": f"LETTER{number:02}", "time": at(when), "queue_id": "4gQ1", "login": None, "client": "192.0.2.1",
        "envelope_from": GUEST, "recipients": [SERIK], "recipient_count": 1, "size": 9, "action": "accept",
        "stage": "message", "findings": [], "submission": None, "telling": None,
        "header": {"Subject": f"Question {number}", "From": GUEST, "To": SERIK, "Message-ID": f"<m{number}@x.example>"},
        "tracked": {"kind": "human", "wants_answer": True, "why": "", "ours": False, "absence": None},
        **said,
    }  # fmt: skip


def answer(number: int, when: str) -> dict[str, Any]:
    """a.serik's answer to it."""
    head = {"Subject": f"Re: Question {number}", "From": SERIK, "To": GUEST, "Message-ID": f"<a{number}@uni.example>",
            "In-Reply-To": f"<m{number}@x.example>"}  # fmt: skip
    told = {"kind": "human", "wants_answer": False, "why": "", "ours": True, "absence": None}
    return record(number, when, id=f"ANSWER{number:02}", login="a.serik", envelope_from=SERIK, recipients=[GUEST],
                  header=head, tracked=told)  # fmt: skip


class Office:
    """A site whose journal grows, with as many trackers as a test wants."""

    def __init__(self, folder: Path, url: str) -> None:
        (folder / "people.yaml").write_text(PEOPLE)
        site = SITE.replace("sqlite:///postclerk.db", url).replace("  name:", "  time_zone: Asia/Almaty\n  name:")
        (folder / "rules.yaml").write_text(
            f"{site}web: {{secret: {folder}/secret}}\nmail: {{}}\ntracker: {{}}\nrules: {{}}\n"
        )
        self.folder = folder
        self.store = Store(url)
        self.store.migrate()

    def tracker(self) -> contextlib.AbstractContextManager[Companion]:
        """One more."""
        return bootstrap.companion(bootstrap.read_site(self.folder / "rules.yaml"))

    def files(self, *records: dict[str, Any]) -> None:
        """The milter has filed these."""
        with self.store.write() as connection:
            journal.write(connection, list(records))

    def written(self) -> list[str]:
        """The names of the mails that were written."""
        with self.store.read() as connection:
            return list(connection.scalars(sa.select(outbox.c.once).order_by(outbox.c.seq)))


@pytest.fixture(scope="module")
def postgresql() -> Iterator[PrivatePostgreSQL]:
    """A private PostgreSQL, in a folder that its own user can reach."""
    with tempfile.TemporaryDirectory(prefix="postclerk-test-") as folder:
        Path(folder).chmod(0o755)
        with PrivatePostgreSQL(Path(folder) / "server") as running:
            yield running


@pytest.fixture(params=["sqlite", "postgresql"])
def office(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Office]:
    """A site on each kind of store."""
    url = f"sqlite:///{tmp_path}/p.db"
    if request.param == "postgresql":
        running = request.getfixturevalue("postgresql")
        for words in ("DROP SCHEMA public CASCADE", "CREATE SCHEMA public AUTHORIZATION clerk"):
            running.execute(words)
        url = running.url
    there = Office(tmp_path, url)
    yield there
    there.store.close()


def test_when_people_are_reminded(office: Office) -> None:
    """Never at night or on a day off, once a day, of all that is due, whatever the clock does."""
    office.files(record(1, "19 10"))
    with office.tracker() as tracker:
        for when in ("20 09", "20 23", "21 12", "22 12", "23 03"):
            tracker.catch_up(at(when))
        assert office.written() == []
        office.files(record(2, "20 11"))
        for when in ("23 09", "23 10", "23 12", "20 12", "23 13"):
            tracker.catch_up(at(when))
        assert office.written() == ["reminder a.serik 2026-11-23"]
        tracker.catch_up(at("24 09"))
    assert office.written() == ["reminder a.serik 2026-11-23", "reminder a.serik 2026-11-24"]


def test_what_was_answered_meanwhile(office: Office) -> None:
    """Down over a weekend: what came and was answered is read before anybody is written to."""
    office.files(record(1, "19 10"), record(2, "19 11"))
    office.files(answer(1, "21 10"), answer(2, "22 10"))
    with office.tracker() as tracker:
        tracker.catch_up(at("23 10"))
    assert office.written() == []


def test_two_trackers(office: Office) -> None:
    """Each entry is taken once and each reminder written once, by whichever comes first."""
    office.files(*(record(number, "19 10") for number in range(60)))
    with office.tracker() as one, office.tracker() as other, ThreadPoolExecutor(2) as both:
        for done in [both.submit(tracker.catch_up, at("23 10")) for tracker in (one, other)]:
            done.result()
    assert office.written() == ["reminder a.serik 2026-11-23"]
    with office.store.read() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(duties)) == 60


def test_begins_again_anywhere(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ended within a step, a tracker has done nothing of it; the next one does it, once."""
    office.files(record(1, "19 10"))
    with office.tracker() as tracker, monkeypatch.context() as broken:
        broken.setattr("postclerk.adapters.progress.advance", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            tracker.catch_up(at("23 10"))
    with office.tracker() as tracker:
        tracker.catch_up(at("23 10"))
    with office.tracker() as tracker:
        tracker.catch_up(at("23 11"))
    assert office.written() == ["reminder a.serik 2026-11-23"]
