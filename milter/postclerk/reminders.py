"""What the tracker writes to people: at most one reminder on a working day, within hours of work, with everything that
is due; to a superior of what waits for long, where rules.yaml says so; and once to whoever is away and does not say
until when, or whom to ask instead.

Each mail has a name of its own in the outbox, so that of several trackers one writes it. Failure modes: StoreError,
Unavailable.
"""

from __future__ import annotations

import datetime

import sqlalchemy as sa

from postclerk import clock, events
from postclerk.adapters import absences, duties, outbox
from postclerk.adapters.absences import Away
from postclerk.adapters.calendar import SiteCalendar
from postclerk.adapters.duties import Waiting
from postclerk.core.people import Person
from postclerk.core.units import within_hours
from postclerk.desk import Desk, language_of
from postclerk.languages import Language
from postclerk.mails.absence import reply_template
from postclerk.mails.reminder import Line, escalation, incomplete_absence, reminder


class Reminders:
    """The reminders of one site."""

    def __init__(self, desk: Desk, calendar: SiteCalendar) -> None:
        assert desk.settings.tracker is not None
        self._desk = desk
        self._calendar = calendar
        self._settings = desk.settings.tracker

    def write(self, now: float) -> int:
        """Writes what is due at a time; returns how many mails that were."""
        if not self._settings.remind or self._desk.settings.mail is None:
            return 0
        moment = self._desk.moment(now)
        written = self._ask_for_more(now)
        written += sum(self._remind(login, now) for login in self._to_remind(now) if self._may_write(login, moment))
        return written + (self._escalate(now, moment) if self._settings.escalate_after else 0)

    def _may_write(self, login: str, moment: datetime.datetime) -> bool:
        """Whether it is a time at which people are written to: never at night, and on no day off."""
        if not within_hours(self._settings.remind_within, moment.hour * 60 + moment.minute):
            return False
        person = self._desk.person(login)
        calendar = self._calendar.work_time(person.unit if person else "")
        return bool(calendar.working_days(moment.date(), moment.date() + datetime.timedelta(days=1)))

    # -- to whoever is to answer -----------------------------------------------------------------------------------

    def _to_remind(self, now: float) -> list[str]:
        logins = duties.to_be_told(self._desk.store, "reminded_at", now)
        if self._settings.remind_before:
            # The farthest that a term of working hours can reach into the calendar is looked at, and each is asked.
            logins += duties.to_be_told(self._desk.store, "warned_at", now + _AHEAD)
        return list(dict.fromkeys(logins))

    def _remind(self, login: str, now: float) -> bool:
        person = self._desk.person(login)
        if person is None:
            return False
        today = f"{self._desk.moment(now):%Y-%m-%d}"
        once = f"reminder {login} {today}"[:255]
        if outbox.written(self._desk.store, [once]):
            return False
        waiting = duties.waiting_for(self._desk.store, login)
        overdue = [one for one in waiting if one.due <= now]
        soon = [one for one in waiting if one.due > now and self._is_soon(person, one, now)]
        if not overdue and not soon:
            return False
        told, column = (overdue, "reminded_at") if overdue else (soon, "warned_at")
        desk = self._desk
        mail = reminder(
            [self._line(one) for one in told], desk.sender, person.mailbox, language_of(desk.languages, person),
            soon=not overdue, page=desk.links.waiting(login), at=desk.moment(now),
        )  # fmt: skip
        return self._tell(column, told, person, mail, once, now)

    def _is_soon(self, person: Person, one: Waiting, now: float) -> bool:
        begin, end = self._desk.moment(now), self._desk.moment(one.due)
        left = self._calendar.work_time(person.unit).elapsed(begin, end).total_seconds()
        return left <= self._settings.remind_before

    def _tell(self, column: str, told: list[Waiting], person: Person, mail: bytes, once: str, now: float) -> bool:
        def write(connection: sa.Connection) -> bool:
            return self._desk.put(connection, person.mailbox, mail, clock.now(), once=once)

        done = duties.tell(self._desk.store, column, told, now, write)
        if done:
            events.reminded(person.login, len(told), column)
        return done

    def _line(self, one: Waiting, whose: str = "") -> Line:
        return Line(one.post.author, one.post.title, self._desk.moment(one.post.at), whose)

    # -- to superiors ----------------------------------------------------------------------------------------------

    def _escalate(self, now: float, moment: datetime.datetime) -> int:
        late: dict[str, list[tuple[Waiting, Person]]] = {}
        for login in duties.to_be_told(self._desk.store, "escalated_at", now):
            person = self._desk.person(login)
            superior = self._desk.superior(person)
            if person is None or superior is None or not self._may_write(superior.login, moment):
                continue
            for one in duties.waiting_for(self._desk.store, login, due_before=now):
                over = self._calendar.work_time(person.unit).elapsed(self._desk.moment(one.due), moment)
                if over.total_seconds() >= self._settings.escalate_after:
                    late.setdefault(superior.login, []).append((one, person))
        return sum(self._tell_superior(login, found, now) for login, found in late.items())

    def _tell_superior(self, login: str, found: list[tuple[Waiting, Person]], now: float) -> bool:
        desk, superior = self._desk, self._desk.person(login)
        once = f"escalation {login} {desk.moment(now):%Y-%m-%d}"[:255]
        if superior is None or outbox.written(desk.store, [once]):
            return False
        lines = [self._line(one, person.name or person.login) for one, person in found]
        mail = escalation(
            lines, desk.sender, superior.mailbox, language_of(desk.languages, superior), at=desk.moment(now)
        )
        return self._tell("escalated_at", [one for one, _person in found], superior, mail, once, now)

    # -- to whoever is away ----------------------------------------------------------------------------------------

    def _ask_for_more(self, now: float) -> int:
        """Tells people what their automatic reply does not say, once for each absence, when people are written to."""
        desk, written = self._desk, 0
        with desk.store.read() as connection:
            lacking = absences.untold(connection, desk.settings.zone)
        for away in lacking:
            person = desk.person(away.login)
            if person is not None and not self._may_write(person.login, desk.moment(now)):
                continue
            missing = [] if away.ends else ["until"]
            missing += [] if away.substitute else ["substitute"]
            with desk.store.write() as connection:
                if not absences.told(connection, away.number, now) or person is None:
                    continue
                languages = language_of(desk.languages, person)
                templates = [self._template(one, away) for one in languages]
                mail = incomplete_absence(
                    missing, templates, desk.sender, person.mailbox, languages, at=desk.moment(now)
                )
                desk.put(connection, person.mailbox, mail, clock.now(), once=f"absence {away.number}")
            written += 1
        return written

    def _template(self, language: Language, away: Away) -> str:
        """A text to copy, with what is known of the absence filled in."""
        example = f"name@{self._desk.settings.site.domains[0]}"
        return reply_template(language, away.begins, away.ends or away.begins + _USUAL, away.substitute or example)


_USUAL = datetime.timedelta(days=14)
"""The term in the text to copy, where none is known."""

_AHEAD = 14 * 86400.0
"""How far ahead is looked for what is due soon: a term of working hours may span holidays."""
