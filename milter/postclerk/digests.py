"""The weekly digests: whom they are for, what stands in them, and that each is written once (1.3.3-a).

People are looked at some hundred at a time, so that memory does not grow with their number; what a superior is told is
gathered meanwhile, and written at the end. Each mail has a name of its own in the outbox: whoever is stopped in the
middle goes on where he was, and of two hosts one writes it. Failure modes: StoreError; Unavailable when a directory
does not answer.
"""

from __future__ import annotations

import datetime
import heapq
import statistics
from array import array
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from email.message import EmailMessage
from urllib.parse import quote

from postclerk import clock
from postclerk.adapters import absences, outbox, progress, weeks
from postclerk.adapters.calendar import SiteCalendar
from postclerk.adapters.duties import Waiting
from postclerk.adapters.weeks import Answered
from postclerk.core.digest import AbsentPerson, PersonalDigest, UnitDigest, WaitingLetter, Week
from postclerk.core.people import Person
from postclerk.desk import Desk, language_of
from postclerk.mails import digest as mails
from postclerk.settings import WEEKDAYS

_MOST_LISTED = 25
_WEEKS_BEFORE = 7
_LONGEST_SILENCE = 60
"""Days behind which nobody counts for how long somebody has been silent."""

PERSONAL, UNIT = "personal", "unit"


@dataclass(frozen=True, slots=True)
class IsoWeek:
    """A week by ISO 8601, in a zone."""

    year: int
    number: int
    zone: datetime.tzinfo

    @classmethod
    def read(cls, text: str, zone: datetime.tzinfo) -> IsoWeek:
        """The week of a text such as 2026-W47. Raises ValueError."""
        year, _dash, number = text.partition("-W")
        if not (text.isascii() and year.isdecimal() and number.isdecimal() and (len(year), len(number)) == (4, 2)):
            raise ValueError(f"{text!r} is not a week such as 2026-W47")
        week = cls(int(year), int(number), zone)
        try:
            week.first  # noqa: B018 - raises where there is no such week
        except ValueError as fault:
            raise ValueError(f"{text!r} is not a week such as 2026-W47: {fault}") from fault
        return week

    @classmethod
    def before(cls, moment: datetime.datetime) -> IsoWeek:
        """The last week that is over."""
        there = (moment.date() - datetime.timedelta(days=7)).isocalendar()
        return cls(there.year, there.week, moment.tzinfo or datetime.UTC)

    @property
    def first(self) -> datetime.date:
        """Its Monday."""
        return datetime.date.fromisocalendar(self.year, self.number, 1)

    @property
    def last(self) -> datetime.date:
        """Its Sunday."""
        return self.first + datetime.timedelta(days=6)

    def begins(self, weeks_later: int = 0) -> float:
        """When it begins, or one some weeks later, in seconds since the epoch."""
        day = self.first + datetime.timedelta(weeks=weeks_later)
        return datetime.datetime.combine(day, datetime.time(), self.zone).timestamp()

    def __str__(self) -> str:
        return f"{self.year:04}-W{self.number:02}"


@dataclass(frozen=True, slots=True)
class Written:
    """A digest that was made: its name in the outbox, its kind, whom it is for, how many letters wait, and the mail."""

    once: str
    kind: str
    login: str
    to: str
    letters: int
    mail: EmailMessage


class _Tally:
    """What happened in a week and those before it: `took` holds the seconds of working time of each week's answers, the
    oldest week first. `bounds` are the moments at which the weeks begin, and the end of the last."""

    def __init__(self, bounds: Sequence[float]) -> None:
        self._bounds = bounds
        self.received = self.in_time = self.late = 0
        self.took = [array("d") for _ in bounds[1:]]
        self.last_answer = 0.0

    def count(self, one: Answered) -> None:
        """Counts a letter."""
        self.received += self._bounds[-2] <= one.received < self._bounds[-1]
        if one.answered_at is None:
            return
        self.last_answer = max(self.last_answer, one.answered_at)
        week = bisect_right(self._bounds, one.answered_at) - 1
        if not 0 <= week < len(self.took):
            return
        if one.took is not None:
            self.took[week].append(one.took)
        if week == len(self.took) - 1:
            self.in_time += one.answered_at <= one.due
            self.late += one.answered_at > one.due

    def add(self, other: _Tally) -> None:
        """Counts what another has counted."""
        self.received += other.received
        self.in_time += other.in_time
        self.late += other.late
        for mine, theirs in zip(self.took, other.took, strict=True):
            mine.extend(theirs)

    def week(self, waiting: int) -> Week:
        """The week's numbers."""
        *before, median = map(_median, self.took)
        return Week(self.received, self.in_time, self.late, waiting, median, tuple(before))


@dataclass(slots=True)
class _Unit:
    """What is gathered for one superior."""

    tally: _Tally
    people: int = 0
    names: dict[str, None] = field(default_factory=dict)
    waiting: int = 0
    longest: list[tuple[float, int, WaitingLetter]] = field(default_factory=list)
    absent: list[AbsentPerson] = field(default_factory=list)

    def add(self, at: float, number: int, letter: WaitingLetter) -> None:
        """Keeps the letters that have waited longest."""
        heapq.heappush(self.longest, (-at, number, letter))
        if len(self.longest) > _MOST_LISTED:
            heapq.heappop(self.longest)


class Digests:
    """The digests of one site, of one week and as of one moment."""

    def __init__(self, desk: Desk, calendar: SiteCalendar, week: IsoWeek, at: datetime.datetime) -> None:
        self._desk = desk
        self._calendar = calendar
        self._options = desk.settings.digest
        self._week = week
        self._at = at
        self._now = at.timestamp()
        self._bounds = [week.begins(later) for later in range(-_WEEKS_BEFORE, 2)]
        self._units: dict[str, _Unit] = {}
        self._shared: dict[str, bool] = {}
        with desk.store.read() as connection:
            self._away = {one.login: one for one in absences.at(connection, at.date(), desk.settings.zone)}

    def made(self, only: str | None = None, *, again: bool = False) -> Iterator[list[Written]]:
        """Every digest that is not written yet, some at a time; `only` that of one login, `again` whatever has been
        written. Raises StoreError, Unavailable."""
        for logins in weeks.concerned(self._desk.store, self._bounds[0]):
            people = {login: person for login in logins if (person := self._desk.person(login)) is not None}
            if people:
                yield self._of_people(people, only, again=again)
        if self._options.superiors:
            superiors = [login for login in sorted(self._units) if only in (None, login)]
            for start in range(0, len(superiors), weeks.AT_ONCE):
                yield self._of_superiors(superiors[start : start + weeks.AT_ONCE], again=again)

    def write(self, made: Iterable[Written]) -> list[Written]:
        """Puts digests into the outbox; returns those that nobody else was sooner with. Raises StoreError."""
        desk, now = self._desk, clock.now()
        with desk.store.write() as connection:
            return [one for one in made if desk.put(connection, one.to, one.mail.as_bytes(), now, one.once)]

    # -- people ----------------------------------------------------------------------------------------------------

    def _of_people(self, people: dict[str, Person], only: str | None, *, again: bool) -> list[Written]:
        store, before = self._desk.store, max(self._bounds[-1], self._now)
        waiting = weeks.waiting(store, people, before, _MOST_LISTED)
        counts = weeks.counts(store, people, before)
        happened = weeks.answered(store, people, self._bounds[0], before)
        oldest = weeks.oldest_due(store, people)
        wanted = [login for login in people if only in (None, login)]
        wanted = [login for login in wanted if self._options.empty or counts.get(login)]
        names = {login: f"digest {self._week} {login}"[:255] for login in wanted}
        known = set() if again else outbox.written(store, names.values())
        without = weeks.without(store, wanted, PERSONAL)
        made = []
        for login, person in people.items():
            mine, count, tally = waiting.get(login, []), counts.get(login, 0), _Tally(self._bounds)
            for one in happened.get(login, []):
                tally.count(one)
            self._gather(person, mine, count, tally, oldest.get(login))
            if login in names and names[login] not in known and login not in without:
                made.append(self._personal(names[login], person, mine, count, tally))
        return made

    def _personal(self, once: str, person: Person, waiting: list[Waiting], count: int, tally: _Tally) -> Written:
        leave, one_click = self._leave_off(person, PERSONAL)
        digest = PersonalDigest(
            name=person.name,
            week=str(self._week),
            begins=self._week.first,
            ends=self._week.last,
            letters=tuple(self._letter(one, person, links=True) for one in waiting),
            more=count - len(waiting),
            numbers=tally.week(count),
            unsubscribe=leave,
            one_click=one_click,
        )
        language = language_of(self._desk.languages, person)[0]
        mail = mails.personal(digest, self._desk.sender, person.mailbox, language, at=self._at)
        return Written(once, PERSONAL, person.login, person.mailbox, count, mail)

    def _leave_off(self, person: Person, kind: str) -> tuple[str, bool]:
        """The page for it, and whether a mail program may ask for it by itself (RFC 8058: by https alone)."""
        link = self._desk.links.leave_off(person.login, kind) if self._options.may_be_left_off else ""
        return link, link.startswith("https://")

    def _letter(self, one: Waiting, person: Person, *, links: bool) -> WaitingLetter:
        due = self._moment(one.due)
        over = self._calendar.work_time(person.unit).elapsed(due, self._at)
        page = self._desk.links.duty(one.number, one.login) if links else ""
        webmail = self._options.webmail if links and one.post.ident else ""
        return WaitingLetter(
            author=one.post.author,
            subject=one.post.title,
            received=self._moment(one.post.at),
            due=due,
            over=over,
            message_id=one.post.ident if links else "",
            webmail=webmail.replace("{message_id}", quote(one.post.ident, safe="")),
            unneeded=page and f"{page}&what=unneeded",
            by_phone=page and f"{page}&what=telephone",
            mailbox=one.mailbox if self._is_shared(one.mailbox) else "",
            person="" if links else person.name or person.login,
        )

    def _is_shared(self, mailbox: str) -> bool:
        if mailbox not in self._shared:
            self._shared[mailbox] = any(one.sharers for one in self._desk.expanded([mailbox]).values())
        return self._shared[mailbox]

    def _moment(self, at: float) -> datetime.datetime:
        return self._desk.moment(at)

    # -- superiors -------------------------------------------------------------------------------------------------

    def _gather(self, person: Person, waiting: list[Waiting], count: int, tally: _Tally, oldest: float | None) -> None:
        superior = self._desk.superior(person) if self._options.superiors else None
        if superior is None:
            return
        unit = self._units.setdefault(superior.login, _Unit(_Tally(self._bounds)))
        unit.people += 1
        unit.waiting += count
        unit.tally.add(tally)
        if person.unit:
            unit.names[person.unit] = None
        for one in waiting:
            unit.add(one.post.at, one.number, self._letter(one, person, links=False))
        absent = self._absent(person, tally.last_answer, oldest)
        if absent is not None:
            unit.absent.append(absent)

    def _absent(self, person: Person, last: float, oldest: float | None) -> AbsentPerson | None:
        away, name = self._away.get(person.login), person.name or person.login
        if away is not None:
            return None if away.substitute else AbsentPerson(name, away.ends)
        assert self._desk.settings.tracker is not None
        most = self._desk.settings.tracker.silent_after
        if oldest is None or not most or oldest > self._now:
            return None
        since = self._moment(max(oldest, last)).date()
        since = max(since, self._at.date() - datetime.timedelta(days=_LONGEST_SILENCE))
        days = len(self._calendar.work_time(person.unit).working_days(since, self._at.date()))
        return AbsentPerson(name, None, silent_days=days) if days >= most else None

    def _of_superiors(self, logins: list[str], *, again: bool) -> list[Written]:
        store = self._desk.store
        names = {login: f"unit digest {self._week} {login}"[:255] for login in logins}
        known = set() if again else outbox.written(store, names.values())
        without = weeks.without(store, logins, UNIT)
        made = []
        for login, once in names.items():
            unit, person = self._units[login], self._desk.person(login)
            if once in known or login in without or person is None:
                continue
            if self._options.empty or unit.waiting or unit.absent:
                made.append(self._unit(once, person, unit))
        return made

    def _unit(self, once: str, person: Person, unit: _Unit) -> Written:
        leave, one_click = self._leave_off(person, UNIT)
        longest = [letter for _at, _number, letter in sorted(unit.longest, reverse=True)]
        digest = UnitDigest(
            name=person.name,
            unit=", ".join(unit.names) or person.unit,
            week=str(self._week),
            begins=self._week.first,
            ends=self._week.last,
            letters=tuple(longest),
            more=unit.waiting - len(longest),
            numbers=unit.tally.week(unit.waiting),
            people=unit.people,
            absent=tuple(unit.absent),
            shows_letters=self._options.show_letters,
            unsubscribe=leave,
            one_click=one_click,
        )
        language = language_of(self._desk.languages, person)[0]
        mail = mails.unit(digest, self._desk.sender, person.mailbox, language, at=self._at)
        return Written(once, UNIT, person.login, person.mailbox, unit.waiting, mail)


class Weekly:
    """The weekly digests of a site, as of one moment."""

    def __init__(self, desk: Desk, calendar: SiteCalendar, at: datetime.datetime) -> None:
        self._desk = desk
        self._calendar = calendar
        self._at = at

    def week(self, text: str | None) -> IsoWeek:
        """The week of a text such as 2026-W47, or the last that is over. Raises ValueError."""
        return IsoWeek.read(text, self._desk.settings.zone) if text else IsoWeek.before(self._at)

    def week_due(self) -> IsoWeek | None:
        """The week whose digests are to be written by now, if there is one. Raises StoreError."""
        with self._desk.store.write() as connection:
            done = progress.claim(connection, "digest") or ""
        return week_due(self._desk, self._calendar, self._at, done)

    def is_done(self, week: IsoWeek) -> None:
        """The digests of a week are written. Raises StoreError."""
        with self._desk.store.write() as connection:
            if str(week) > (progress.claim(connection, "digest") or ""):
                progress.advance(connection, "digest", str(week))

    def owner(self, address: str) -> str | None:
        """The login of whose mailbox an address (a comparison key) is. Raises Unavailable."""
        return next(iter(self._desk.readers([address])), None)

    def knows(self, login: str) -> bool:
        """Whether the directory knows a login. Raises Unavailable."""
        return self._desk.person(login) is not None

    def sent(self, week: IsoWeek, only: str | None) -> Iterator[Written]:
        """Writes every digest that is not written yet into the outbox. Raises StoreError, Unavailable."""
        digests = Digests(self._desk, self._calendar, week, self._at)
        for made in digests.made(only):
            yield from digests.write(made)

    def previews(self, week: IsoWeek, only: str | None) -> Iterator[Written]:
        """Every digest of a week, whether it was written or not. Raises StoreError, Unavailable."""
        for made in Digests(self._desk, self._calendar, week, self._at).made(only, again=True):
            yield from made


def week_due(desk: Desk, calendar: SiteCalendar, moment: datetime.datetime, done: str) -> IsoWeek | None:
    """The week whose digests are to be written by now: after the last that is `done`, on the day and at the hour that
    rules.yaml names, and where that is a day off, on the next working day. None where there is none."""
    last = IsoWeek.before(moment)
    earlier = IsoWeek.before(moment - datetime.timedelta(weeks=1))
    # A day that holidays move into the week after is still that of the week before.
    weeks_over = [earlier, last] if done else [last]
    return next((one for one in weeks_over if str(one) > done and moment >= _when(desk, calendar, one)), None)


def _when(desk: Desk, calendar: SiteCalendar, week: IsoWeek) -> datetime.datetime:
    options = desk.settings.digest
    day = week.last + datetime.timedelta(days=1 + WEEKDAYS.index(options.weekday))
    for _ in range(_LONGEST_SILENCE):
        if calendar.work_time().working_days(day, day + datetime.timedelta(days=1)):
            break
        day += datetime.timedelta(days=1)
    return datetime.datetime.combine(day, datetime.time.fromisoformat(options.hour), week.zone)


def _median(took: Sequence[float]) -> datetime.timedelta | None:
    return datetime.timedelta(seconds=statistics.median(took)) if took else None
