"""The tracker's reading over a store: whose a letter is and until when, whoever is away, whatever the calendar says."""

from __future__ import annotations

import contextlib
import datetime
import email
import email.policy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from postclerk import bootstrap
from postclerk.adapters import journal, orders
from postclerk.adapters.directory import Directories
from postclerk.adapters.orders import DELETED, RELEASED, Order
from postclerk.adapters.store import Store
from postclerk.adapters.tables import absences, duties, letters, outbox
from postclerk.companion import Companion
from postclerk.core.ports import Unavailable

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
"""

PEOPLE = """\
people:
  - {login: a.serik, name: A. Serik, addresses: [a.serik@uni.example], superior: b.head, language: en}
  - {login: b.head, name: B. Head, addresses: [b.head@uni.example], language: en}
  - {login: c.aide, addresses: [c.aide@uni.example], may_send_on_behalf: [b.head@uni.example], language: en}
  - {login: d.vice, addresses: [d.vice@uni.example, vice.rector@uni.example], language: en}
  - {login: e.desk, addresses: [e.desk@uni.example], may_send_on_behalf: [d.vice@uni.example], language: en}
lists:
  - {address: staff@uni.example, members: [a.serik@uni.example, b.head@uni.example]}
shared:
  - {address: office@uni.example, members: [a.serik, c.aide], remind: all}
  - {address: dean@uni.example, members: [a.serik, b.head], remind: b.head}
"""

GUEST, SERIK, HEAD, AIDE = "guest@example.org", "a.serik@uni.example", "b.head@uni.example", "c.aide@uni.example"
VICE, OTHER_NAME, DESK = "d.vice@uni.example", "vice.rector@uni.example", "e.desk@uni.example"
LOGINS = {SERIK: "a.serik", HEAD: "b.head", AIDE: "c.aide", VICE: "d.vice", OTHER_NAME: "d.vice", DESK: "e.desk"}


def at(text: str) -> float:
    """A moment of the site's time: month and day, and the time of day."""
    return datetime.datetime.fromisoformat(f"2026-{text.replace(' ', 'T')}:00+05:00").timestamp()


class House:
    """A site whose journal grows. Its letters are named by numbers."""

    def __init__(self, folder: Path, **tracker: Any) -> None:
        self.folder = folder
        (folder / "people.yaml").write_text(PEOPLE)
        self.rule(**tracker)
        self.store = Store(f"sqlite:///{folder}/postclerk.db")
        self.store.migrate()
        self._count = 0

    def rule(self, more: str = "", **tracker: Any) -> None:
        """Writes rules.yaml, with these settings of the tracker."""
        (self.folder / "rules.yaml").write_text(f"{RULES}tracker: {json.dumps(tracker)}\n{more}")

    def absent(self, *who: str) -> None:
        """Writes the file of absences."""
        text = "".join(f"  - {{{one}}}\n" for one in who)
        (self.folder / "away.yaml").write_text(f"absences:\n{text}" if who else "")

    def file(self, when: str, sender: str, to: str, number: int, **said: Any) -> str:
        """The milter has filed a letter; returns its id."""
        self._count += 1
        author = said.pop("author", sender)
        header = {
            "Subject": f"Question {number}",
            "From": author,
            "To": to,
            "Message-ID": f"<m{self._count}@x.example>",
        }
        login = said.pop("login", LOGINS.get(sender))
        told = {"kind": "human", "wants_answer": True, "why": "", "ours": login is not None, "absence": None}
        cc = said.pop("cc", "")
        recipients = [one for one in [*to.split(", "), cc] if one]
        record = {
            "id": f"LETTER{self._count:02}", "time": at(when), "queue_id": f"4gQ{self._count}", "login": login,
            "client": "192.0.2.1", "envelope_from": sender, "recipients": recipients,
            "recipient_count": len(recipients), "size": 9, "action": said.pop("action", "accept"), "stage": "message",
            "findings": [], "submission": None, "telling": None,
            "header": header | ({"Cc": cc} if cc else {}) | said.pop("header", {}), "tracked": told | said,
        }  # fmt: skip
        with self.store.write() as connection:
            journal.write(connection, [record])
        return str(record["id"])

    def ask(self, when: str, number: int = 1, to: str = SERIK, **said: Any) -> str:
        """A guest's letter."""
        return self.file(when, GUEST, to, number, **said)

    def answer(self, when: str, sender: str, number: int = 1, **said: Any) -> None:
        """Somebody of ours answers a letter, by a program that loses ids."""
        self.file(when, sender, GUEST, number, header={"Subject": f"Re: Question {number}"}, wants_answer=False, **said)

    def reply(self, when: str, sender: str = SERIK, **absence: str) -> None:
        """An automatic reply of one of ours."""
        told = {"from": None, "until": None, "substitute": None} | absence
        self.file(when, "", GUEST, 99, author=sender, kind="autoreply", wants_answer=False, ours=True, absence=told)

    def tracker(self) -> contextlib.AbstractContextManager[Companion]:
        """A tracker that begins."""
        return bootstrap.companion(bootstrap.read_site(self.folder / "rules.yaml"))

    def catch_up(self, when: str) -> None:
        """A tracker does all that is to be done at a time, and ends."""
        with self.tracker() as tracker:
            tracker.catch_up(at(when))

    def waits(self) -> list[tuple[str, str]]:
        """Who is to answer, and until when."""
        query = sa.select(duties.c.login, duties.c.due).where(duties.c.waits == 1).order_by(duties.c.number)
        with self.store.read() as connection:
            return [(row.login, _shown(row.due)) for row in connection.execute(query)]

    def states(self) -> list[str]:
        """What became of the letters."""
        with self.store.read() as connection:
            return list(connection.scalars(sa.select(letters.c.state).order_by(letters.c.number)))

    def written(self) -> list[str]:
        """The names of the mails that were written."""
        with self.store.read() as connection:
            return list(connection.scalars(sa.select(outbox.c.once).order_by(outbox.c.seq)))


def _shown(moment: float) -> str:
    zone = datetime.timezone(datetime.timedelta(hours=5))
    return f"{datetime.datetime.fromtimestamp(moment, zone):%m-%d %H:%M}"


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    there = House(tmp_path)
    yield there
    there.store.close()


# -- absences ----------------------------------------------------------------------------------------------------------


def test_the_clock_rests(house: House) -> None:
    """While somebody is away, by his own reply; also for what waits already, and not for others."""
    house.ask("11-23 10:00", 1)
    house.ask("11-23 10:00", 2, HEAD)
    house.catch_up("11-23 11:00")
    assert house.waits() == [("a.serik", "11-24 10:00"), ("b.head", "11-24 10:00")]
    house.reply("11-24 09:00", until="2026-11-26", substitute=HEAD)
    house.ask("11-25 10:00", 3)
    house.catch_up("11-25 11:00")
    assert house.waits() == [("a.serik", "11-27 10:00"), ("b.head", "11-24 10:00"), ("a.serik", "11-30 00:00")]


def test_the_substitute_is_to_answer(house: House) -> None:
    """What waits and what comes is his, until when it would be due; his answer counts; afterwards it is as before."""
    house.rule(while_absent="substitute")
    house.ask("11-23 10:00", 1)
    house.catch_up("11-23 11:00")
    house.reply("11-23 12:00", until="2026-11-25", substitute=HEAD)
    house.ask("11-24 10:00", 2)
    house.catch_up("11-24 10:30")
    assert house.waits() == [("b.head", "11-24 10:00"), ("b.head", "11-25 10:00")]
    house.answer("11-24 11:00", HEAD, 1)
    house.answer("11-25 11:00", SERIK, 2)
    house.ask("11-26 10:00", 3)
    house.catch_up("11-26 10:30")
    assert house.waits() == [("a.serik", "11-27 10:00")]
    assert house.states() == ["answered", "answered", "waiting"]


def test_a_substitute_from_a_day_on(house: House) -> None:
    """What waits when an absence begins that was told before goes to the substitute on that day."""
    house.rule(while_absent="substitute")
    house.ask("11-24 10:00")
    house.reply("11-24 11:00", **{"from": "2026-11-25"}, until="2026-11-27", substitute=HEAD)
    with house.tracker() as tracker:
        tracker.catch_up(at("11-24 12:00"))
        assert [login for login, _due in house.waits()] == ["a.serik"]
        tracker.catch_up(at("11-25 00:01"))
    assert house.waits() == [("b.head", "11-25 10:00")]


def test_substitutes_from_now_on(house: House) -> None:
    """Where rules.yaml says so from now on, what waits for who is away is handed over in the next round."""
    house.rule(while_absent="substitute")
    house.reply("11-23 08:00", until="2026-11-27", substitute=HEAD)
    house.catch_up("11-23 09:00")
    house.rule(while_absent="pause")
    house.ask("11-23 10:00")
    house.catch_up("11-23 10:30")
    assert [login for login, _due in house.waits()] == ["a.serik"]
    house.rule(while_absent="substitute")
    house.catch_up("11-23 11:00")
    assert house.waits() == [("b.head", "11-24 10:00")]
    house.rule(while_absent="pause")
    house.catch_up("11-23 12:00")
    assert house.waits() == [("b.head", "11-24 10:00")]


@pytest.mark.parametrize(
    ("away", "who"),
    [
        pytest.param([(SERIK, HEAD)], "b.head", id="one"),
        pytest.param([(SERIK, HEAD), (HEAD, AIDE)], "c.aide", id="two"),
        pytest.param([(SERIK, HEAD), (HEAD, AIDE), (AIDE, VICE)], "d.vice", id="three"),
        pytest.param([(SERIK, HEAD), (HEAD, SERIK)], "a.serik", id="each-other"),
        pytest.param([(SERIK, HEAD), (HEAD, AIDE), (AIDE, HEAD)], "a.serik", id="the-others-each-other"),
        pytest.param([(SERIK, HEAD), (HEAD, "+7 727 000 00 00")], "b.head", id="nobody-behind-him"),
    ],
)
def test_a_substitute_who_is_away(house: House, away: list[tuple[str, str]], who: str) -> None:
    """His own substitute is to answer, and so on; where they name each other, it waits for whom it is to."""
    house.rule(while_absent="substitute")
    for one, substitute in away:
        house.reply("11-23 08:00", one, until="2026-11-27", substitute=substitute)
    house.ask("11-24 10:00", 1)
    house.catch_up("11-24 10:30")
    assert [login for login, _due in house.waits()] == [who]
    sender = next(address for address, login in LOGINS.items() if login == who)
    house.answer("11-24 11:00", sender)
    house.catch_up("11-24 11:30")
    assert house.states() == ["answered"]


def test_a_substitute_goes_away_later(house: House) -> None:
    """What was handed over to him is handed on, and the answer of whoever stands in for both counts."""
    house.rule(while_absent="substitute")
    house.reply("11-23 08:00", until="2026-11-27", substitute=HEAD)
    house.ask("11-23 10:00")
    house.catch_up("11-23 10:30")
    assert [login for login, _due in house.waits()] == ["b.head"]
    house.reply("11-23 12:00", HEAD, until="2026-11-27", substitute=AIDE)
    house.catch_up("11-23 12:30")
    assert [login for login, _due in house.waits()] == ["c.aide"]


@pytest.mark.parametrize(
    "substitute",
    [
        pytest.param("+7 727 000 00 00", id="a-telephone"),
        pytest.param("friend@example.org", id="an-outsider"),
        pytest.param(SERIK, id="himself"),
    ],
)
def test_no_substitute_of_ours(house: House, substitute: str) -> None:
    """Then the clock rests."""
    house.rule(while_absent="substitute")
    house.reply("11-23 12:00", until="2026-11-25", substitute=substitute)
    house.ask("11-24 10:00")
    house.catch_up("11-24 10:30")
    assert house.waits() == [("a.serik", "11-27 00:00")]


def test_a_letter_to_both(house: House) -> None:
    """To somebody and his substitute: it waits for the latter once; and nobody answers what he wrote himself."""
    house.rule(while_absent="substitute")
    house.reply("11-23 12:00", until="2026-11-25", substitute=HEAD)
    house.ask("11-24 10:00", 1, f"{SERIK}, {HEAD}")
    house.catch_up("11-24 10:30")
    assert house.waits() == [("b.head", "11-25 10:00")]
    house.answer("11-24 11:00", HEAD)
    house.file("11-24 12:00", HEAD, SERIK, 2)
    house.catch_up("11-24 12:30")
    assert house.waits() == [("a.serik", "11-27 00:00")]


def test_the_file_of_absences(house: House) -> None:
    """It is read, read again when it changes, and while it is wrong what it said before holds."""
    house.rule(absences="away.yaml")
    house.absent("login: a.serik, from: 2026-11-24, until: 2026-11-25")
    house.ask("11-23 10:00")
    with house.tracker() as tracker:
        tracker.catch_up(at("11-23 11:00"))
        assert house.waits() == [("a.serik", "11-26 10:00")]
        house.absent("login: a.serik, from: 2026-11-24, until: 2026-11-26")
        tracker.catch_up(at("11-23 12:00"))
        assert house.waits() == [("a.serik", "11-27 10:00")]
        house.absent("login: a.serik, from: tomorrow, until: 2026-11-26")
        tracker.catch_up(at("11-23 13:00"))
        (house.folder / "away.yaml").unlink()
        tracker.catch_up(at("11-23 14:00"))
        assert house.waits() == [("a.serik", "11-27 10:00")]
        house.absent()
        tracker.catch_up(at("11-23 15:00"))
    assert house.waits() == [("a.serik", "11-24 10:00")]


def test_the_file_and_a_silent_directory(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the file says is taken as soon as the directory answers again."""
    house.rule(absences="away.yaml")
    house.absent()
    house.ask("11-23 10:00")
    with house.tracker() as tracker:
        tracker.catch_up(at("11-23 11:00"))
        house.absent("login: a.serik, from: 2026-11-24, until: 2026-11-25")
        with monkeypatch.context() as down:
            down.setattr(Directories, "person", _silent)
            with pytest.raises(Unavailable):
                tracker.catch_up(at("11-23 12:00"))
        tracker.catch_up(at("11-23 13:00"))
    assert house.waits() == [("a.serik", "11-26 10:00")]


def test_an_incomplete_absence(house: House) -> None:
    """Whoever leaves out the term or the substitute is told once, when people are written to: not at night, nor on a
    day off."""
    house.reply("11-27 20:00")
    with house.tracker() as tracker:
        for when in ("11-27 20:01", "11-28 10:00", "11-30 07:59"):
            tracker.catch_up(at(when))
        assert house.written() == []
        tracker.catch_up(at("11-30 08:00"))
        house.reply("11-30 09:00")
        house.reply("11-30 10:00", until="2026-12-04")
        tracker.catch_up(at("12-01 08:00"))
    assert house.written() == ["absence 1"]
    with house.store.read() as connection:
        mail = email.message_from_bytes(
            connection.scalars(sa.select(outbox.c.content)).one(), policy=email.policy.default
        )
        assert len(connection.execute(sa.select(absences)).all()) == 1
    assert mail["To"] == SERIK


def test_a_whole_absence(house: House) -> None:
    """Nobody is told anything of it."""
    house.reply("11-24 09:00", until="2026-11-26", substitute=HEAD)
    house.catch_up("11-24 10:00")
    assert house.written() == []


# -- the calendar ------------------------------------------------------------------------------------------------------


def test_the_calendar_changes(house: House) -> None:
    """What waits is reckoned anew; what was answered stays."""
    house.ask("11-23 10:00", 1)
    house.ask("11-23 11:00", 2)
    house.answer("11-23 12:00", SERIK, 1)
    house.catch_up("11-23 13:00")
    house.rule("calendar: {add_holidays: [2026-11-24]}\n")
    house.catch_up("11-23 14:00")
    with house.store.read() as connection:
        dues = connection.scalars(sa.select(duties.c.due).order_by(duties.c.number)).all()
    assert [_shown(one) for one in dues] == ["11-24 10:00", "11-25 11:00"]


def test_no_reminder_on_a_public_holiday(house: House) -> None:
    """What is due on the eve of one is reminded of when people work again."""
    house.ask("12-14 17:00")
    with house.tracker() as tracker:
        for when in ("12-15 19:00", "12-16 10:00", "12-17 07:00"):
            tracker.catch_up(at(when))
        assert house.written() == []
        tracker.catch_up(at("12-17 09:00"))
    assert house.written() == ["reminder a.serik 2026-12-17"]


# -- what was held -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("order", "outcome", "waits"),
    [
        pytest.param(Order.RELEASE, RELEASED, [("a.serik", "11-25 16:00")], id="released"),
        pytest.param(Order.DELETE, DELETED, [], id="deleted"),
        pytest.param(Order.RELEASE, "failed: it is not in the queue", [], id="not-carried-out"),
    ],
)
def test_what_was_held(house: House, order: Order, outcome: str, waits: list[tuple[str, str]]) -> None:
    """It counts from its release, and never without one."""
    incident = house.ask("11-23 10:00", action="hold")
    house.catch_up("11-23 11:00")
    with house.store.write() as connection:
        orders.give(connection, order, queue_id="4gQ1", incident=incident, why="", by="root", at=at("11-24 15:00"))
    house.catch_up("11-24 15:30")
    assert house.waits() == []
    orders.done(house.store, 1, outcome, at("11-24 16:00"))
    for when in ("11-24 17:00", "11-24 18:00"):
        house.catch_up(when)
        assert house.waits() == waits


def test_an_order_that_waits_is_not_passed_over(house: House) -> None:
    """A later one is read with it, whichever is carried out first."""
    for number in (1, 2):
        incident = house.ask("11-23 10:00", number, action="hold")
        with house.store.write() as connection:
            orders.give(
                connection,
                Order.RELEASE,
                queue_id=f"4gQ{number}",
                incident=incident,
                why="",
                by="x",
                at=at("11-23 11:00"),
            )
    orders.done(house.store, 2, RELEASED, at("11-23 12:00"))
    house.catch_up("11-23 12:30")
    orders.done(house.store, 1, RELEASED, at("11-23 13:00"))
    house.catch_up("11-23 13:30")
    assert house.waits() == [("a.serik", "11-24 13:00"), ("a.serik", "11-24 12:00")]


# -- for whom it waits -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "to", "cc", "logins"),
    [
        pytest.param({}, "office@uni.example", "", ["a.serik", "c.aide"], id="shared-by-all"),
        pytest.param({}, "dean@uni.example", "", ["b.head"], id="shared-and-one-reminded"),
        pytest.param({}, SERIK, HEAD, ["a.serik"], id="a-copy"),
        pytest.param({"copies": True}, SERIK, HEAD, ["a.serik", "b.head"], id="copies-count"),
        pytest.param({}, "staff@uni.example", "", [], id="a-list"),
        pytest.param({"lists": True}, "staff@uni.example", "", ["a.serik", "b.head"], id="lists-count"),
        pytest.param({}, "nobody@uni.example", "", [], id="nobody"),
    ],
)
def test_for_whom_it_waits(house: House, settings: dict[str, Any], to: str, cc: str, logins: list[str]) -> None:
    """Whoever stands in To, or shares what does; copies and lists by setting."""
    house.rule(**settings)
    house.ask("11-23 10:00", to=to, cc=cc)
    house.catch_up("11-23 11:00")
    assert [login for login, _due in house.waits()] == logins


@pytest.mark.parametrize(
    ("to", "sender", "state"),
    [
        pytest.param("office@uni.example", AIDE, "answered", id="who-shares-it"),
        pytest.param("office@uni.example", HEAD, "waiting", id="who-does-not"),
        pytest.param("dean@uni.example", SERIK, "answered", id="who-shares-it-and-is-not-reminded"),
        pytest.param(HEAD, AIDE, "answered", id="on-behalf"),
        pytest.param(OTHER_NAME, DESK, "answered", id="on-behalf-by-another-of-his-addresses"),
        pytest.param("dean@uni.example", AIDE, "waiting", id="on-behalf-but-not-of-what-he-shares"),
        pytest.param(HEAD, SERIK, "waiting", id="a-colleague"),
    ],
)
def test_who_may_answer(house: House, to: str, sender: str, state: str) -> None:
    """Who shares the mailbox, and who may send on behalf of whose it is."""
    house.ask("11-23 10:00", to=to)
    house.answer("11-23 11:00", sender)
    house.catch_up("11-23 12:00")
    assert house.states() == [state]


@pytest.mark.parametrize(
    ("several", "logins"), [pytest.param("any", [], id="any"), pytest.param("each", ["b.head"], id="each")]
)
def test_a_letter_to_several(house: House, several: str, logins: list[str]) -> None:
    """Any of them answers it, or each has to."""
    house.rule(several=several)
    house.ask("11-23 10:00", to=f"{SERIK}, {HEAD}")
    house.answer("11-23 11:00", SERIK)
    house.catch_up("11-23 12:00")
    assert [login for login, _due in house.waits()] == logins


@pytest.mark.parametrize(
    ("several", "logins"), [pytest.param("any", [], id="any"), pytest.param("each", ["b.head"], id="each")]
)
def test_a_letter_to_a_list(house: House, several: str, logins: list[str]) -> None:
    """The members are several as well."""
    house.rule(several=several, lists=True)
    house.ask("11-23 10:00", to="staff@uni.example")
    house.answer("11-23 11:00", SERIK)
    house.catch_up("11-23 12:00")
    assert [login for login, _due in house.waits()] == logins


def test_a_shared_mailbox_is_one_of_several(house: House) -> None:
    """Where each is to answer, those who share a mailbox are to answer once."""
    house.rule(several="each")
    house.ask("11-23 10:00", to=f"office@uni.example, {HEAD}")
    house.answer("11-23 11:00", SERIK)
    house.catch_up("11-23 12:00")
    assert [login for login, _due in house.waits()] == ["b.head"]


def test_nobody_is_written_to(house: House) -> None:
    """Without reminders there is no escalation either, nor advice on absences."""
    house.rule(remind=False, escalate_after="1h", remind_before="4h")
    house.ask("11-19 10:00")
    house.reply("11-19 11:00", HEAD)
    for when in ("11-20 09:00", "11-23 12:00", "11-24 12:00"):
        house.catch_up(when)
    assert house.written() == []
    house.rule(escalate_after="1h")
    house.catch_up("11-24 13:00")
    assert sorted(one.split()[0] for one in house.written()) == ["absence", "escalation", "reminder"]


def test_superiors_are_told(house: House) -> None:
    """Only of what is late by so many working hours, once of each, and once a day."""
    house.rule(escalate_after="24h")
    house.ask("11-19 10:00", 1)
    house.ask("11-19 15:00", 2)
    with house.tracker() as tracker:
        told = []
        for when in ("11-20 12:00", "11-23 09:00", "11-23 11:00", "11-23 16:00", "11-24 09:00", "11-25 09:00"):
            tracker.catch_up(at(when))
            told.append(sum(one.startswith("escalation b.head") for one in house.written()))
    assert told == [0, 0, 1, 1, 2, 2]


# -- what goes wrong ---------------------------------------------------------------------------------------------------


def test_a_printer(house: House) -> None:
    """What a machine of ours sends waits for nobody; a person's letter from there does."""
    house.file("11-23 10:00", "printer@host.uni.example", SERIK, 1, ours=True)
    house.file("11-23 10:00", "", SERIK, 2, author=HEAD, ours=True)
    house.catch_up("11-23 11:00")
    assert house.states() == ["waiting"]


def test_a_journal_of_before(house: House) -> None:
    """Entries without traces are answered by their subjects, as they were."""
    house.ask("11-23 10:00", 1, said="2AAAA")
    house.ask("11-23 10:00", 2)
    house.answer("11-23 11:00", SERIK, 1)
    house.answer("11-23 11:00", SERIK, 2, quotes="nonsense")
    house.catch_up("11-23 12:00")
    assert house.states() == ["answered", "answered"]


def test_an_entry_that_breaks_it(house: House, caplog: pytest.LogCaptureFixture) -> None:
    """It is passed over with all that it had begun, the log tells which, and what comes after it is read."""
    house.ask("11-23 10:00", 1)
    broken = house.ask("11-23 10:00", 2, header={"To": 5})
    house.reply("11-23 10:00", until="tomorrow")
    house.ask("11-23 10:00", 3)
    house.catch_up("11-23 11:00")
    assert house.waits() == [("a.serik", "11-24 10:00")] * 2
    assert [line for line in caplog.messages if "tracking-failed" in line and broken in line]
    assert len([line for line in caplog.messages if "tracking-failed" in line]) == 2


def _silent(*_: object) -> None:
    raise Unavailable("the directory is silent")


@pytest.mark.parametrize("question", ["person", "expand"])
def test_a_silent_directory(house: House, monkeypatch: pytest.MonkeyPatch, question: str) -> None:
    """Nothing is lost: all is read when it answers again."""
    house.ask("11-23 10:00", 1)
    incident = house.ask("11-23 10:00", 2, action="hold")
    with house.store.write() as connection:
        orders.give(connection, Order.RELEASE, queue_id="q", incident=incident, why="", by="x", at=at("11-23 11:00"))
    orders.done(house.store, 1, RELEASED, at("11-23 12:00"))
    with house.tracker() as tracker:
        with monkeypatch.context() as down:
            down.setattr(Directories, question, _silent)
            with pytest.raises(Unavailable):
                tracker.catch_up(at("11-23 12:30"))
        assert house.states() == []
        tracker.catch_up(at("11-23 13:00"))
    assert house.waits() == [("a.serik", "11-24 10:00"), ("a.serik", "11-24 12:00")]
