"""The weekly digests: for whom, what stands in them, and once for each, whatever happens meanwhile."""

from __future__ import annotations

import datetime
import multiprocessing
import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from postclerk import bootstrap
from postclerk.adapters import weeks
from postclerk.adapters.absences import replace_file
from postclerk.adapters.book import StoreBook
from postclerk.adapters.store import Store
from postclerk.adapters.tables import duties, letters, outbox
from postclerk.core.facts import Headers
from postclerk.core.tracker import Answer, Bond, Duty, Letter, State
from postclerk.digests import IsoWeek, Written, week_due
from postclerk.mail.post import post

ZONE = ZoneInfo("Asia/Almaty")
MONDAY = datetime.datetime(2026, 11, 30, 8, 30, tzinfo=ZONE)
WEEK = IsoWeek.before(MONDAY)
HOUR = 3600.0

RULES = """\
site:
  name: Example University
  hostname: mx.uni.example
  domains: [uni.example]
  time_zone: Asia/Almaty
  country: KZ
  languages: [kk, ru, tr, en]
  explain_url: https://mail.uni.example/e/
directory: [{file: people.yaml}]
store: sqlite:///postclerk.db
mail: {}
tracker: {}
"""

PEOPLE = """\
people:
  - {login: a.serik, name: A. Serik, addresses: [a.serik@uni.example], unit: registry, superior: b.head, language: en}
  - {login: b.head, name: B. Head, addresses: [b.head@uni.example], unit: registry, superior: b.head, language: en}
  - {login: c.new, addresses: [c.new@uni.example], unit: archive, superior: b.head, language: ru}
shared:
  - {address: office@uni.example, members: [a.serik], remind: all}
"""


class House:
    """A site with a store, and letters in it."""

    def __init__(self, folder: Path, rules: str = RULES) -> None:
        self.rules = folder / "rules.yaml"
        self.rules.write_text(rules)
        (folder / "people.yaml").write_text(PEOPLE)
        self.store = Store(f"sqlite:///{folder}/postclerk.db")
        self.store.migrate()
        self._count = 0

    def letter(
        self,
        login: str,
        subject: str,
        *,
        days: float = 5.0,
        answered_after: float | None = None,
        took: float = HOUR,
        mailbox: str = "",
    ) -> None:
        """A letter that came so many days before the Monday; answered some hours later, or waiting."""
        self._count += 1
        at = MONDAY.timestamp() - days * 86400
        fields = {
            "From": "A Guest <guest@example.org>",
            "Subject": subject,
            "Message-ID": f"<{self._count}@example.org>",
        }
        headers = Headers([(name, f" {value}".encode()) for name, value in fields.items()])
        there = post(headers, key=str(self._count), at=at)
        letter = Letter(
            there, [Duty(login, mailbox or f"{login}@uni.example", at + 24 * HOUR)], State.WAITING, str(self._count)
        )
        if answered_after is not None:
            letter.state, letter.answer = State.ANSWERED, Answer("x@y", at + answered_after * HOUR, login, Bond.PARENT)
        with self.store.write() as connection:
            StoreBook(connection, lambda _login, _begin, _end: took).add(letter, [])

    def write(self, at: datetime.datetime = MONDAY, only: str | None = None) -> list[Written]:
        """Writes the digests of the week before."""
        with bootstrap.weekly(bootstrap.read_site(self.rules), at) as desk:
            return list(desk.sent(desk.week(None), only))

    def outbox(self) -> list[str]:
        """To whom mails have been written."""
        with self.store.read() as connection:
            return list(connection.scalars(sa.select(outbox.c.recipient).order_by(outbox.c.seq)))


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


def _text(one: Written) -> str:
    body = one.mail.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def test_who_is_written_to(house: House) -> None:
    """Whoever has something waiting, and his superior; nobody of whom the directory knows nothing."""
    house.letter("a.serik", "Waits")
    house.letter("c.new", "Answered", answered_after=2)
    house.letter("left", "Waits for somebody who has left")
    assert [(one.kind, one.login, one.letters) for one in house.write()] == [
        ("personal", "a.serik", 1),
        ("unit", "b.head", 1),
    ]


def test_who_is_his_own_superior_is_told_of_nobody(house: House) -> None:
    """His own letters stand in his own digest alone."""
    house.letter("b.head", "Waits")
    assert [(one.kind, one.login) for one in house.write()] == [("personal", "b.head")]


def test_the_numbers_of_a_week(house: House) -> None:
    """Received in the week, answered in it in time and late, waiting now; what came before counts where it belongs."""
    house.letter("a.serik", "In time", days=5, answered_after=3, took=3 * HOUR)
    house.letter("a.serik", "Late", days=6, answered_after=30, took=26 * HOUR)
    house.letter("a.serik", "Waits", days=4)
    house.letter("a.serik", "Long ago", days=20)
    house.letter("a.serik", "Answered before", days=12, answered_after=1, took=HOUR)
    text = _text(house.write()[0])
    assert "* received: 3\n* in time: 1\n* late: 1\n* waiting: 2\n" in text
    assert "14 hours" in text  # the median of 3 and 26, in hours
    assert text.index("Long ago") < text.index("Waits")
    assert "In time\n" not in text


def test_a_superior_sees_whose_letters_wait_and_not_what_they_say(house: House) -> None:
    """Subjects and senders only where rules.yaml allows it."""
    house.letter("a.serik", "Confidential matter")
    unit = house.write()[1]
    assert "Confidential" not in unit.mail.as_string() + _text(unit)
    assert "guest@example.org" not in _text(unit)
    assert "A. Serik" in _text(unit)


def test_a_superior_sees_them_where_the_rules_allow_it(tmp_path: Path) -> None:
    """`digest.show_letters`."""
    house = House(tmp_path, RULES + "digest: {show_letters: true}\n")
    house.letter("a.serik", "The matter")
    assert "The matter" in _text(house.write()[1])


def test_who_is_away_without_a_substitute_and_who_is_silent(house: House) -> None:
    """Both are named to the superior; who has a substitute is not."""
    house.letter("a.serik", "Waits", days=3)
    house.letter("c.new", "Waits for long", days=20)
    row = {"login": "a.serik", "begins": "2026-11-25", "ends": "2026-12-11", "substitute": ""}
    with house.store.write() as connection:
        replace_file(connection, [row], MONDAY.timestamp())
    text = _text(house.write()[-1])
    assert "A. Serik: away until 11 December 2026" in text
    assert "c.new: " in text
    with house.store.write() as connection:
        replace_file(connection, [row | {"substitute": "b.head@uni.example"}], MONDAY.timestamp())
        connection.execute(sa.delete(outbox))
    assert "away until" not in _text(house.write()[-1])


def test_a_shared_mailbox_is_named(house: House) -> None:
    """It came to the office."""
    house.letter("a.serik", "To the office", mailbox="office@uni.example")
    assert "office@uni.example" in _text(house.write()[0])


def test_a_unit_of_two_thousand_letters(house: House) -> None:
    """The longest waiting are named, the others counted."""
    for number in range(60):
        house.letter("a.serik", f"Letter {number}", days=2 + number / 10)
    personal, unit = house.write()
    assert (personal.letters, unit.letters) == (60, 60)
    assert "Letter 59" in _text(personal)
    assert "Letter 0\n" not in _text(personal)
    assert len(unit.mail.as_bytes()) < 100_000


# -- once --------------------------------------------------------------------------------------------------------------


def test_written_once(house: House) -> None:
    """Whoever runs it again writes nothing."""
    house.letter("a.serik", "Waits")
    assert len(house.write()) == 2
    assert house.write() == []
    assert house.outbox() == ["a.serik@uni.example", "b.head@uni.example"]


def test_a_week_later_there_is_another(house: House) -> None:
    """Each week has its own."""
    house.letter("a.serik", "Waits")
    house.write()
    assert len(house.write(MONDAY + datetime.timedelta(weeks=1))) == 2


def _run(rules: Path, started: Callable[[], object]) -> None:
    started()
    with bootstrap.weekly(bootstrap.read_site(rules), MONDAY) as desk:
        list(desk.sent(desk.week(None), None))


@pytest.mark.parametrize("kill", [True, False], ids=["killed in the middle", "two at once"])
def test_exactly_once(house: House, kill: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Killed in the middle and started again, or two at once: everybody gets one."""
    for number in range(150):
        house.letter("a.serik" if number % 2 else "c.new", f"Letter {number}", days=3)
    monkeypatch.setattr(weeks, "AT_ONCE", 1)
    context = multiprocessing.get_context("fork")
    running = [context.Process(target=_run, args=(house.rules, os.getpid)) for _ in range(2)]
    for one in running[: 1 if kill else 2]:
        one.start()
    if kill:
        deadline = time.monotonic() + 30
        while not house.outbox() and time.monotonic() < deadline:
            time.sleep(0.005)
        assert running[0].pid is not None
        os.kill(running[0].pid, signal.SIGKILL)
        running[1].start()
    for one in running:
        one.join(60)
    assert sorted(house.outbox()) == ["a.serik@uni.example", "b.head@uni.example", "c.new@uni.example"]


def test_what_was_sent_leaves_its_name(house: House) -> None:
    """The mail itself is removed once Postfix has it; it is not written again for that."""
    from postclerk.adapters import outbox as mails

    house.letter("a.serik", "Waits")
    house.write()
    for mail in mails.claim(house.store, "test", time.time() + 1):  # noqa: TID251
        mails.sent(house.store, mail, MONDAY.timestamp())
    with house.store.read() as connection:
        assert set(connection.scalars(sa.select(outbox.c.content))) == {b""}
    assert house.write() == []


def test_who_wants_none_gets_none(house: House) -> None:
    """By the link in it, and again when he takes it up."""
    house.letter("a.serik", "Waits")
    weeks.leave_off(house.store, "a.serik", "personal", 0.0)
    assert [one.kind for one in house.write()] == ["unit"]
    weeks.take_up(house.store, "a.serik", "personal")
    assert [one.kind for one in house.write()] == ["personal"]


def test_nothing_waits(tmp_path: Path, house: House) -> None:
    """Then nothing is written, unless rules.yaml says so."""
    house.letter("a.serik", "Answered", answered_after=1)
    assert house.write() == []
    house.rules.write_text(RULES + "digest: {empty: true}\n")
    assert [one.login for one in house.write()] == ["a.serik", "b.head"]


# -- when --------------------------------------------------------------------------------------------------------------


@pytest.fixture
def due(house: House) -> Iterator[Callable[[str, str, str], str | None]]:
    """The week that is due at a moment, by these settings, after what is done."""

    def ask(moment: str, digest: str = "", done: str = "2026-W01") -> str | None:
        house.rules.write_text(RULES + (f"digest: {digest}\n" if digest else ""))
        site = bootstrap.read_site(house.rules)
        at = datetime.datetime.fromisoformat(moment).replace(tzinfo=ZONE)
        with bootstrap.desk(site.config, site.directory) as desk:
            week = week_due(desk, bootstrap.site_calendar(site.settings), at, done)
        return str(week) if week else None

    return ask  # type: ignore[return-value]


@pytest.mark.parametrize(
    ("moment", "digest", "done", "week"),
    [
        pytest.param("2026-11-30 07:59", "", "2026-W47", None, id="before the hour"),
        pytest.param("2026-11-30 08:00", "", "2026-W47", "2026-W48", id="at the hour"),
        pytest.param("2026-11-30 12:00", "", "2026-W48", None, id="done"),
        pytest.param("2026-12-03 12:00", "", "2026-W47", "2026-W48", id="the machine was off on Monday"),
        pytest.param("2026-12-02 17:00", "{weekday: wed, hour: '17:00'}", "2026-W47", "2026-W48", id="its own day"),
        # Independence Day, 16 December 2026, is a Wednesday.
        pytest.param("2026-12-16 18:00", "{weekday: wed, hour: '17:00'}", "2026-W49", None, id="a holiday"),
        pytest.param("2026-12-17 17:00", "{weekday: wed, hour: '17:00'}", "2026-W49", "2026-W50", id="the day after"),
        pytest.param(
            "2026-12-07 09:00", "{weekday: sun}", "2026-W47", "2026-W48", id="Sunday's, moved into the next week"
        ),
    ],
)
def test_when_it_is_due(
    due: Callable[[str, str, str], str | None], moment: str, digest: str, done: str, week: str | None
) -> None:
    """On the day and at the hour of rules.yaml, moved off days off, and later where nobody was there."""
    assert due(moment, digest, done) == week


@pytest.mark.parametrize("text", ["2026-W60", "2026-47", "W47", "2026-W5", "20260W47", "2026-W4٧", ""])
def test_no_week(text: str) -> None:
    """What is no week is said so."""
    with pytest.raises(ValueError, match="is not a week such as 2026-W47"):
        IsoWeek.read(text, ZONE)


def test_the_store_keeps_what_was_counted(house: House) -> None:
    """A digest changes nothing of what it tells."""
    house.letter("a.serik", "Waits")
    with house.store.read() as connection:
        before = [connection.execute(sa.select(table)).all() for table in (letters, duties)]
    house.write()
    with house.store.read() as connection:
        assert before == [connection.execute(sa.select(table)).all() for table in (letters, duties)]
