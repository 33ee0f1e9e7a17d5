"""The tracker's reading: from the journal into the book, in its order and each entry once.

What is read and how far is written in one transaction, so that it may be stopped at any point, and so that of several
that run at once each goes on where another ended. Failure modes: StoreError; Unavailable when a directory does not
answer, and then it is read again later.
"""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Collection
from importlib.metadata import version
from typing import Any

import sqlalchemy as sa

from postclerk import events
from postclerk.adapters import absences, progress
from postclerk.adapters.absences import Away
from postclerk.adapters.book import StoreBook
from postclerk.adapters.calendar import SiteCalendar
from postclerk.adapters.orders import RELEASED, Order
from postclerk.adapters.tables import duties, messages, orders
from postclerk.core.addresses import AddressError, parse_path, plain_key
from postclerk.core.facts import Headers
from postclerk.core.kind import Kind
from postclerk.core.people import Person
from postclerk.core.ports import Unavailable
from postclerk.core.tracker import Addressee, Custom, Post, Tracker
from postclerk.core.worktime import WorkTime
from postclerk.desk import Desk
from postclerk.mail.post import post
from postclerk.settings import Settings, Several, WhileAbsent

_AT_ONCE = 200
_MOST_SUBSTITUTES = 10
"""Of substitutes who are away themselves, so many are asked one after the other."""
_DELIVERED = ("accept", "tag")
_EMPTY: frozenset[str] = frozenset()


class Tracking:
    """Keeps the book of one site."""

    def __init__(self, desk: Desk, calendar: SiteCalendar) -> None:
        assert desk.settings.tracker is not None
        self._desk = desk
        self._calendar = calendar
        self._settings = desk.settings.tracker
        self._dates_rest_on = _dates_rest_on(desk.settings)
        self._handed_over = ""
        self._custom = Custom(
            window=self._settings.same_subject_for,
            each=self._settings.several is Several.EACH,
            forward_passes=self._settings.forward_passes,
        )

    def read_on(self, now: float) -> int:
        """Takes what the journal holds beyond what was read; returns how many entries that were."""
        with self._desk.store.write() as connection:
            last = int(progress.claim(connection, "journal") or 0)
            query = sa.select(messages).where(messages.c.seq > last).order_by(messages.c.seq).limit(_AT_ONCE)
            rows = connection.execute(query).mappings().all()
            one_time = self._one_time(connection, now)
            for row in rows:
                if row["tracked"] is not None and row["action"] in _DELIVERED:
                    one_time.take(row, row["time"])
            if rows:
                progress.advance(connection, "journal", str(rows[-1]["seq"]))
            return len(rows) + self._read_releases(connection, one_time)

    def _one_time(self, connection: sa.Connection, now: float) -> _OneTime:
        return _OneTime(self._desk, self._calendar, self._custom, connection, now)

    def _read_releases(self, connection: sa.Connection, one_time: _OneTime) -> int:
        """Mail that was held is there from the moment at which it was released."""
        last = int(progress.claim(connection, "releases") or 0)
        done = sa.select(orders).where(orders.c.done_at.is_not(None), orders.c.number > last)
        # In their order, and none beyond one that waits: its number would be passed over.
        waiting = connection.scalar(sa.select(sa.func.min(orders.c.number)).where(orders.c.done_at.is_(None)))
        if waiting is not None:
            done = done.where(orders.c.number < waiting)
        given = connection.execute(done.order_by(orders.c.number).limit(_AT_ONCE)).mappings().all()
        for order in given:
            if order["action"] == Order.RELEASE.value and order["outcome"] == RELEASED:
                query = sa.select(messages).where(messages.c.id == order["incident"]).order_by(messages.c.seq.desc())
                row = connection.execute(query).mappings().first()
                if row is not None and row["tracked"] is not None:
                    one_time.take(row, order["done_at"])
        if given:
            progress.advance(connection, "releases", str(given[-1]["number"]))
        return len(given)

    # -- time ------------------------------------------------------------------------------------------------------

    def follow_calendar(self, now: float) -> None:
        """Sets anew when what waits is due, where the calendar has changed; what was answered stays."""
        with self._desk.store.write() as connection:
            known = progress.claim(connection, "calendar")
            if known == self._dates_rest_on:
                return
            if known is not None:
                logins = connection.scalars(sa.select(duties.c.login).where(duties.c.waits == 1).distinct()).all()
                self._one_time(connection, now).set_anew(logins)
            progress.advance(connection, "calendar", self._dates_rest_on)

    def follow_absences(self, rows: list[dict[str, Any]], state: str, now: float) -> None:
        """Takes what the file of absences says, where it has changed; `state` tells that."""
        with self._desk.store.write() as connection:
            if progress.claim(connection, "absences") == state:
                return
            changed = absences.replace_file(connection, rows, now)
            self._one_time(connection, now).set_anew(changed)
            progress.advance(connection, "absences", state)

    def follow_days(self, now: float) -> None:
        """Hands over what waits for those whose absence was told before and begins today, and where substitutes are to
        answer from now on; what was handed over once stays."""
        today, rule = self._desk.moment(now).date(), self._settings.while_absent
        stands = f"{today.isoformat()} {rule.value}"
        if stands == self._handed_over:
            return
        with self._desk.store.write() as connection:
            if progress.claim(connection, "day") != stands:
                if rule is WhileAbsent.SUBSTITUTE:
                    away = absences.at(connection, today, self._desk.settings.zone)
                    self._one_time(connection, now).set_anew({one.login for one in away})
                progress.advance(connection, "day", stands)
        self._handed_over = stands


class _OneTime:
    """One transaction: what is asked of directories and absences is asked once."""

    def __init__(
        self, desk: Desk, calendar: SiteCalendar, custom: Custom, connection: sa.Connection, now: float
    ) -> None:
        assert desk.settings.tracker is not None
        self._desk = desk
        self._calendar = calendar
        self._settings = desk.settings.tracker
        self._zone = desk.settings.zone
        self._connection = connection
        self._now = now
        self._away: dict[str, list[Away]] = {}
        self._mailboxes: dict[str, frozenset[str]] = {}
        self._covered: dict[str, str] | None = None
        self._book = StoreBook(connection, self._elapsed)
        self._tracker = Tracker(self._book, self.due, self._acts_for, custom)

    def take(self, row: Any, at: float) -> None:
        """One entry of the journal. One that breaks the tracker is passed over, and the log says so."""
        try:
            with self._connection.begin_nested():
                self._take(row, at)
        except (Unavailable, sa.exc.SQLAlchemyError):
            raise
        except Exception as error:  # noqa: BLE001 - one message must not keep back all that come after it
            events.tracking_failed(row["id"], error)

    def _take(self, row: Any, at: float) -> None:
        tracked = row["tracked"]
        fields = [(name, value.encode("utf-8", "surrogateescape")) for name, value in row["header"].items()]
        headers = Headers(fields)
        recipients = [key for text in row["recipients"] if (key := _key(text))]
        there = post(
            headers, key=row["id"], at=at, recipients=recipients, machine=Kind(tracked["kind"]).is_machine,
            wants_answer=tracked["wants_answer"], why=tracked["why"], said=tracked.get("said", ""),
            quotes=tracked.get("quotes", ""),
        )  # fmt: skip
        writers = self._writers(row, there) if tracked["ours"] else ()
        if tracked["absence"] is not None and writers:
            self._learn(writers[0], tracked["absence"], at)
        # A printer or a timer of ours, at whose address nobody reads answers.
        waits = there.wants_answer and not (tracked["ours"] and not writers)
        addressees = self._addressees(headers, there, writers) if waits or writers else []
        if waits:
            self._tracker.take(there, writers, addressees)
        elif writers:
            self._tracker.take(there, writers, [one for one in addressees if there.subject.forwards])

    # -- who -------------------------------------------------------------------------------------------------------

    def _writers(self, row: Any, there: Post) -> tuple[str, ...]:
        """Whose message it is: the login's, and that of whoever stands in From."""
        logins = dict.fromkeys([row["login"]] if row["login"] else [])
        logins |= dict.fromkeys(self._desk.readers(sorted(there.authors)))
        return tuple(logins)

    def _addressees(self, headers: Headers, there: Post, writers: Collection[str]) -> list[Addressee]:
        """Our own people whom the message names, and whom it went to; each once."""
        fields = ("to", "cc") if self._settings.copies else ("to",)
        named = {box.address.without_tag(self._desk.settings.site.tag_delimiter).key
                 for field in fields for box in headers.mailboxes(field).mailboxes}  # fmt: skip
        went_to = {plain_key(one, self._desk.settings.site.tag_delimiter) for one in there.recipients}
        found: dict[str, Addressee] = {}
        for key, expansion in self._desk.expanded(sorted(named & went_to)).items():
            if expansion.owner:
                found.setdefault(expansion.owner, Addressee(expansion.owner, key))
            for login in expansion.sharers:
                found.setdefault(login, Addressee(login, key))
            if expansion.listing is not None and self._settings.lists:
                if expansion.unsure:
                    raise Unavailable(expansion.unsure)
                # Each member by his own mailbox: what came to a list came to nobody's together with others.
                for mailbox, member in self._desk.expanded(list(expansion.mailboxes)).items():
                    for login in [member.owner] if member.owner else member.sharers:
                        found.setdefault(login, Addressee(login, mailbox))
        return list({one.login: one for one in (self._stand_in(one, writers) for one in found.values())}.values())

    def _stand_in(self, one: Addressee, writers: Collection[str]) -> Addressee:
        """Whoever answers for somebody who is away: the substitute, where rules.yaml says so, and his own where he is
        away too; but nobody answers what he wrote himself. Where each names the other nobody is there, and it waits."""
        if self._settings.while_absent is not WhileAbsent.SUBSTITUTE:
            return one
        login, asked = one.login, {one.login}
        while (substitute := self._substitutes().get(login)) is not None:
            if substitute in asked or len(asked) > _MOST_SUBSTITUTES:
                return one
            asked.add(substitute)
            login = substitute
        return one if login in writers else Addressee(login, one.mailbox)

    def _substitutes(self) -> dict[str, str]:
        """Who stands in today, by the login of who is away."""
        if self._covered is None:
            today = datetime.datetime.fromtimestamp(self._now, self._zone).date()
            self._covered = {}
            for away in absences.at(self._connection, today, self._zone):
                for login in self._desk.readers([away.substitute]) if "@" in away.substitute else []:
                    if login != away.login:
                        self._covered.setdefault(away.login, login)
        return self._covered

    def _stands_in_for(self, login: str) -> set[str]:
        """For whom somebody stands in today, those included whose substitutes are away themselves."""
        found: set[str] = set()
        waiting = [login]
        while waiting:
            there = waiting.pop()
            more = {one for one, substitute in self._substitutes().items() if substitute == there} - found - {login}
            found |= more
            waiting += more
        return found

    def _acts_for(self, login: str) -> Collection[str]:
        """The mailboxes for which a login may answer."""
        if login not in self._mailboxes:
            person = self._desk.person(login)
            mine = person.owned | person.on_behalf if person else _EMPTY
            for other in self._stands_in_for(login):
                absent = self._desk.person(other)
                mine |= absent.owned if absent else _EMPTY
            self._mailboxes[login] = mine | self._of_principals(person)
        return self._mailboxes[login]

    def _of_principals(self, person: Person | None) -> set[str]:
        """The addresses of those on whose behalf somebody may write, whichever of them the directory names; but not of
        mailboxes that they share with others."""
        found: set[str] = set()
        for login in self._desk.readers(sorted(person.on_behalf)) if person and person.on_behalf else ():
            principal = self._desk.person(login)
            theirs = self._desk.expanded(sorted(principal.owned)) if principal else {}
            found |= {key for key, expansion in theirs.items() if expansion.owner == login}
        return found

    # -- when ------------------------------------------------------------------------------------------------------

    def due(self, login: str, at: float) -> float:
        """Until when somebody is to answer what came at a time."""
        received = datetime.datetime.fromtimestamp(at, self._zone)
        within = datetime.timedelta(seconds=self._settings.answer_within)
        return self._work_time(login).due(received, within).timestamp()

    def _elapsed(self, login: str, begin: float, end: float) -> float:
        first, last = (datetime.datetime.fromtimestamp(one, self._zone) for one in (begin, end))
        return self._work_time(login).elapsed(first, last).total_seconds()

    def _work_time(self, login: str) -> WorkTime:
        person = self._desk.person(login)
        usual = self._calendar.work_time(person.unit if person else "")
        if login not in self._away:
            self._away[login] = absences.of(self._connection, login, self._zone)
        terms = [
            (usual.midnight(away.begins), usual.midnight(away.last + datetime.timedelta(days=1)))
            for away in self._away[login]
        ]
        return usual.with_off(terms) if terms else usual

    def _learn(self, login: str, told: dict[str, Any], at: float) -> None:
        if absences.learn(self._connection, login, told, at, self._zone):
            self._covered = None
            self._mailboxes.clear()
            self.set_anew([login])

    def set_anew(self, logins: Collection[str]) -> None:
        """Sets anew when what waits for these logins is due, and who is to answer it."""
        for login in logins:
            self._away.pop(login, None)
            waiting = sa.select(duties.c.letter).where(duties.c.login == login, duties.c.waits == 1)
            for number in self._connection.scalars(waiting).all():
                letter = self._book.get(number)
                if letter is None:
                    continue
                writers = self._desk.readers(sorted(letter.post.authors))
                for duty in tuple(letter.duties):
                    if duty.login == login:
                        duty.due = self.due(login, letter.post.at)
                        self._tracker.hand_over(letter, duty, self._stand_in(Addressee(login, duty.mailbox), writers))
                self._book.change(letter)


def _dates_rest_on(settings: Settings) -> str:
    """What dates are worked out from, in short."""
    within = settings.tracker.answer_within if settings.tracker else 0.0
    site = (settings.site.country, settings.site.time_zone)
    text = f"{site} {within} {settings.calendar.model_dump_json()} {version('holidays')}"
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _key(text: str) -> str:
    try:
        address = parse_path(text)
    except AddressError:
        return ""
    return address.key if address else ""
