"""The site's working time: the holidays of its country, as the `holidays` package knows them, and what rules.yaml adds.

Failure modes: none; a country or region that the package does not know is a mistake in rules.yaml (see `mistakes`).
Names of holidays are English where the package has them so, else in the country's own language.
"""

from __future__ import annotations

import datetime
import re
import warnings as python_warnings
from collections.abc import Iterator
from typing import Any
from zoneinfo import ZoneInfo

from postclerk.core.units import parse_hours
from postclerk.core.worktime import Hours, WorkTime
from postclerk.settings import WEEKDAYS, Settings
from postclerk.sourcefile import Location

_USUAL_WEEKEND = frozenset({5, 6})
_ENGLISH = "en_US"
_AMERICAN_DATE = re.compile(r"\b(\d\d)/(\d\d)/(\d{4})\b")
"""As days that are moved name the other: everywhere but in one country it reads as another date."""

_ALMATY = "Asia/Almaty"
_SINCE_MARCH_2024 = datetime.timedelta(hours=5)


def mistakes(settings: Settings) -> Iterator[tuple[Location, str]]:
    """What rules.yaml names that no holidays are known of, and where."""
    import holidays

    country, region = settings.site.country, settings.calendar.region
    parts = holidays.list_supported_countries(include_aliases=False)
    if country and country not in parts:
        says = f"no holidays are known of a country {country}; leave it out and list them in calendar.add_holidays"
        yield ("site", "country"), says
    elif region:
        here: Location = ("calendar", "region")
        if not country:
            yield here, f"`region` is {region!r}, but site.country is not set"
        elif not parts[country]:
            yield here, f"`region` is {region!r}, but no part of {country} has holidays of its own"
        elif region not in parts[country]:
            yield here, f"`region` is {region!r}; of {country} allowed are {', '.join(parts[country])}"


def warnings(settings: Settings) -> Iterator[tuple[Location, str]]:
    """What this machine gets wrong, and which line of rules.yaml is the matter."""
    if settings.site.time_zone == _ALMATY:
        summer = datetime.datetime(2024, 6, 1, tzinfo=ZoneInfo(_ALMATY))
        if summer.utcoffset() != _SINCE_MARCH_2024:
            says = "this machine's time zones are older than March 2024 and err by an hour here; renew its tzdata"
            yield ("site", "time_zone"), says


class SiteCalendar:
    """When people work: at the site, and in each unit that has office hours of its own."""

    WEEKEND, DAY_OFF = "weekend", "day off"
    """Why a day is off that no holiday falls on: as every week; by rules.yaml."""

    def __init__(self, settings: Settings) -> None:
        options = settings.calendar
        self._zone = settings.zone
        self._country = _Country(settings.site.country, options.region) if settings.site.country else None
        self._name = " ".join(filter(None, (_place(settings.site.country, options.region), settings.site.time_zone)))
        self._weekend = None if options.weekend is None else frozenset(map(WEEKDAYS.index, options.weekend))
        self._holidays, self._workdays = frozenset(options.add_holidays), frozenset(options.add_workdays)
        self._short = {day: parse_hours(hours) for day, hours in options.short_days.items()}
        self._day = options.day
        self.units = dict(options.units)
        """The office hours of the units that have their own, as they were written."""
        self._made: dict[str, WorkTime] = {}

    def work_time(self, unit: str = "") -> WorkTime:
        """The working time of a unit; of one without office hours of its own, the site's."""
        key = unit if unit in self.units else ""
        made = self._made.get(key)
        if made is None:
            made = self._made[key] = WorkTime(self._zone, _OfUnit(self, key))
        return made

    def name(self, unit: str = "") -> str:
        """What a working time rests on, in a few words: KZ Asia/Almaty 00:00-24:00."""
        own = self.units.get(unit)
        return f"{self._name} {own} {unit}" if own else f"{self._name} {self._day}"

    def why_off(self, day: datetime.date) -> str:
        """Why nobody works on a day, in a few words; empty where it is worked."""
        if day in self._short or day in self._workdays:
            return ""
        holiday = self._country.holiday(day) if self._country else ""
        if day in self._holidays:
            return holiday or self.DAY_OFF
        moved = self._country is not None and self._country.is_moved_workday(day)
        if self._is_weekend(day):
            return "" if moved else holiday or self.WEEKEND
        return holiday

    def hours(self, day: datetime.date, unit: str = "") -> Hours | None:
        """Opening and closing of a unit on a day, None where nobody works."""
        short = self._short.get(day)
        own = self.units.get(unit)
        if short is None:
            return None if self.why_off(day) else parse_hours(own or self._day)
        if own is None:
            return short
        opening, closing = parse_hours(own)
        opening, closing = max(opening, short[0]), min(closing, short[1])
        return (opening, closing) if opening < closing else None

    def _is_weekend(self, day: datetime.date) -> bool:
        if self._weekend is not None:
            return day.weekday() in self._weekend
        return self._country.is_weekend(day) if self._country else day.weekday() in _USUAL_WEEKEND


class _OfUnit:
    """The hours of one unit, by day."""

    def __init__(self, calendar: SiteCalendar, unit: str) -> None:
        self._calendar = calendar
        self._unit = unit

    def __call__(self, day: datetime.date) -> Hours | None:
        return self._calendar.hours(day, self._unit)


class _Country:
    """The holidays of a country, worked out by the year."""

    def __init__(self, country: str, region: str) -> None:
        import holidays

        which: dict[str, Any] = {"country": country, "subdiv": region or None}
        known = holidays.country_holidays(**which)
        # Without a language, names would follow the environment of whoever started the program.
        english = _ENGLISH in known.supported_languages
        self._known = holidays.country_holidays(**which, language=_ENGLISH if english else known.default_language)
        self._years: set[int] = set()

    def holiday(self, day: datetime.date) -> str:
        self._work_out(day.year)
        return _AMERICAN_DATE.sub(r"\3-\1-\2", str(self._known.get(day, "")))

    def is_moved_workday(self, day: datetime.date) -> bool:
        self._work_out(day.year)
        return day in self._known.weekend_workdays

    def is_weekend(self, day: datetime.date) -> bool:
        return bool(self._known.is_weekend(day))

    def _work_out(self, year: int) -> None:
        """A year's moved workdays may stand with the year after: Saturday 2013-12-28 was worked for 2014-01-03."""
        if year in self._years:
            return
        with python_warnings.catch_warnings():
            # Some countries warn of years that they do not know in full.
            python_warnings.simplefilter("ignore")
            for near in (year - 1, year, year + 1):
                self._known.get(datetime.date(near, 1, 1))
        self._years.add(year)


def _place(country: str, region: str) -> str:
    return f"{country}-{region}" if region else country
