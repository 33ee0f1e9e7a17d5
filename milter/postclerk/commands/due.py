"""`postclerk due`: when the answer to a letter is due."""

from __future__ import annotations

import argparse
import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from postclerk.commands.common import (
    BadInput,
    Subparsers,
    command,
    print_json,
    printable,
    reading,
    rules_path_if_any,
)

if TYPE_CHECKING:
    from postclerk.adapters.calendar import SiteCalendar
    from postclerk.core.worktime import WorkTime

_MOST_SHOWN = 10


def add(commands: Subparsers) -> None:
    """Adds the command."""
    due = command(commands, "due", run, "Says when the answer to what was received is due, in working time.")
    due.add_argument(
        "times", metavar="TIME", nargs="+", help="when it was received: ISO 8601; without an offset the site's own time"
    )
    due.add_argument("--unit", metavar="NAME", default="", help="for a unit with office hours of its own")


def run(options: argparse.Namespace) -> int:
    """`postclerk due`"""
    from postclerk import bootstrap

    path = rules_path_if_any(options)
    settings = bootstrap.settings_or_defaults(None) if path is None else reading(path, bootstrap.settings_or_defaults)
    calendar = bootstrap.site_calendar(settings)
    if options.unit and options.unit not in calendar.units:
        has = f"it has {', '.join(sorted(calendar.units))}" if calendar.units else "it has none"
        raise BadInput(f"calendar.units has no {options.unit!r}: {has}; other units have the site's hours")
    work = calendar.work_time(options.unit)
    faults = []
    for text in options.times:
        try:
            received = _moment(text, settings.zone)
            due = work.due(received, settings.answer_within)
        except ValueError as fault:
            faults.append(str(fault))
            continue
        received = received.astimezone(settings.zone)
        if options.json:
            told = {"received": received.isoformat(), "due": due.isoformat()}
            print_json({**told, "calendar": calendar.name(options.unit)})
        else:
            skipped = _skipped(calendar, work, received.date(), due.date())
            behind = f"; skipped: {', '.join(skipped)}" if skipped else ""
            print(printable(f"received {_shown(received)}, due {_shown(due)}{behind}"))
    if faults:
        # The other times have been told.
        raise BadInput("; ".join(faults))
    return 0


def _moment(text: str, zone: ZoneInfo) -> datetime.datetime:
    try:
        moment = datetime.datetime.fromisoformat(text)
    except ValueError as fault:
        raise ValueError(f"{text!r} is not a time such as 2026-11-23T09:00:00+05:00") from fault
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)


def _shown(moment: datetime.datetime) -> str:
    return f"{moment:%a} {moment.isoformat(' ', 'minutes')}"


def _skipped(calendar: SiteCalendar, work: WorkTime, first: datetime.date, last: datetime.date) -> list[str]:
    """The days on which the clock stood still: holidays with their dates, weekends in a word."""
    worked = {day.toordinal() for day in work.working_days(first, last)}
    days = [day for day in range(first.toordinal(), last.toordinal()) if day not in worked]
    skipped = []
    for day in map(datetime.date.fromordinal, days):
        why = calendar.why_off(day) or "no hours"
        skipped.append(why if why == calendar.WEEKEND else f"{day:%a %Y-%m-%d} {why}")
    said = list(dict.fromkeys(skipped))
    return [*said[:_MOST_SHOWN], *([f"{len(said) - _MOST_SHOWN} more"] if len(said) > _MOST_SHOWN else [])]
