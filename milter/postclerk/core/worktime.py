"""Business time: how long a term lasts when only working days count, and within them the hours of work.

Hours are elapsed hours of absolute time. A day begins at local midnight, so that a day from 00:00 to 24:00 has 23 or
25 hours where clocks are changed; opening and closing are what the clock on the wall shows.

Where work ends in the evening and begins again in the morning, one amount of work is reached at two moments and all
between. Of these `due` tells the first, the closing (Monday 18:00, not Tuesday 09:00), since people read it as the end
of that Monday. Midnight is the one exception: Friday 24:00 is Saturday 00:00, and nothing falls due on a day off, so
that the next opening is told, Monday 00:00. A due moment is therefore always within hours of work or at their end, on a
working day; and a term may be cut in pieces: due(t, a + b) == due(due(t, a), b).
"""

from __future__ import annotations

import datetime
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

FIRST_YEAR, LAST_YEAR = 1900, 2199
"""The years that a calendar knows; a moment outside them is a mistake or a lie, and no search leaves them."""

Hours = tuple[int, int]
"""Opening and closing in minutes after midnight; 1440 is the end of the day."""

Off = datetime.date | tuple[datetime.datetime, datetime.datetime]
"""Time that is taken off: a day, or all from one moment up to another."""

_IDLE_YEARS = 5
"""Years without any work after which the next opening is looked for no longer."""

_LONGEST = datetime.timedelta(days=100 * 366)
_MICROSECOND = datetime.timedelta(microseconds=1)
_DAY = datetime.timedelta(days=1)
_EPOCH = datetime.datetime(1970, 1, 1)  # noqa: DTZ001 - what the clock on a wall shows has no zone
_EPOCH_UTC = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
_FIRST = (datetime.datetime(FIRST_YEAR, 1, 1, tzinfo=datetime.UTC) - _EPOCH_UTC) // _MICROSECOND
_LAST = (datetime.datetime(LAST_YEAR + 1, 1, 1, tzinfo=datetime.UTC) - _EPOCH_UTC) // _MICROSECOND
_SECOND = 1_000_000
_MINUTES = 24 * 60


@dataclass(frozen=True, slots=True)
class _Year:
    """The work of one local year, as stretches in their order; moments are microseconds since 1970 in UTC."""

    begin: int
    starts: array[int]
    ends: array[int]
    before: array[int]
    """The work before each stretch, and at last that of the whole year."""
    days: array[int]
    """The day of each stretch, as its ordinal."""
    midnights: array[int]
    """The end of that day."""

    @property
    def total(self) -> int:
        return self.before[-1]

    def done(self, moment: int) -> int:
        """The work of the year that lies before a moment."""
        at = bisect_right(self.ends, moment)
        if at == len(self.ends):
            return self.total
        return self.before[at] + max(0, moment - self.starts[at])


class WorkTime:
    """The working time of one place: its zone, and the hours of each day (None or absent: a day off).

    Years are worked out when they are first asked for, and kept."""

    def __init__(
        self,
        zone: datetime.tzinfo,
        hours: Callable[[datetime.date], Hours | None] | Mapping[datetime.date, Hours | None],
    ) -> None:
        self.zone = zone
        self._hours = hours.get if isinstance(hours, Mapping) else hours
        self._parent: WorkTime | None = None
        self._off: list[tuple[int, int]] = []
        self._years: dict[int, _Year] = {}

    def with_off(self, off: Iterable[Off]) -> WorkTime:
        """The same with more time off, such as somebody's absence: then the clock stands still. What is given may
        overlap and comes in any order; an end that does not lie behind its start takes nothing off."""
        stretches = sorted(map(self._stretch, off))
        merged: list[tuple[int, int]] = []
        for start, end in stretches:
            if start >= end:
                continue
            if merged and start <= merged[-1][1]:
                merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
            else:
                merged.append((start, end))
        if not merged:
            return self
        reduced = WorkTime(self.zone, self._hours)
        reduced._parent, reduced._off = self, merged
        return reduced

    def due(self, received: datetime.datetime, after: datetime.timedelta) -> datetime.datetime:
        """The first moment at which so much working time has passed (see above); what is received outside the hours of
        work counts from the next opening. In this zone. Raises ValueError for times out of bounds, and where a
        calendar has no working time left."""
        if not datetime.timedelta(0) <= after <= _LONGEST:
            raise ValueError(f"a term lasts between nothing and {_LONGEST.days} days, not {after}")
        moment = _instant(received)
        number, year = self._year_of(moment)
        amount = after // _MICROSECOND
        if not amount:
            return self._moment(self._settled(moment, number, year))
        target = year.done(moment) + amount
        while target > year.total:
            target -= year.total
            number, year = self._next_worked(number, moment)
        at = bisect_left(year.before, target) - 1
        reached = year.starts[at] + target - year.before[at]
        if reached == year.midnights[at]:
            reached = self._opening(reached, number, year)
        return self._moment(reached)

    def elapsed(self, start: datetime.datetime, end: datetime.datetime) -> datetime.timedelta:
        """The working time between two moments; none where the end does not lie behind the start. Raises ValueError
        for times out of bounds."""
        begins, finishes = _instant(start), _instant(end)
        if finishes <= begins:
            return datetime.timedelta(0)
        first, begun = self._year_of(begins)
        last, finished = self._year_of(finishes)
        between = sum(self._year(number).total for number in range(first, last))
        return datetime.timedelta(microseconds=between + finished.done(finishes) - begun.done(begins))

    def is_working(self, moment: datetime.datetime) -> bool:
        """Whether it is working time; at the moment of closing it is not any more. Raises ValueError for times out of
        bounds."""
        instant = _instant(moment)
        _number, year = self._year_of(instant)
        return _works(year, instant)

    def next_opening(self, moment: datetime.datetime) -> datetime.datetime:
        """The moment itself in working time, else the next opening. Raises ValueError as `due`."""
        instant = _instant(moment)
        number, year = self._year_of(instant)
        return self._moment(instant if _works(year, instant) else self._opening(instant, number, year))

    def working_days(self, start: datetime.date, end: datetime.date) -> list[datetime.date]:
        """The days from the start up to, and without, the end that have any working time. Raises ValueError for days
        out of bounds."""
        if start >= end:
            return []
        if start.year < FIRST_YEAR or end > datetime.date(LAST_YEAR + 1, 1, 1):
            raise ValueError(f"the calendar reaches from {FIRST_YEAR} to {LAST_YEAR}, not from {start} to {end}")
        ordinals: dict[int, None] = {}
        for number in range(start.year, (end - _DAY).year + 1):
            days = self._year(number).days
            within = days[bisect_left(days, start.toordinal()) : bisect_left(days, end.toordinal())]
            ordinals.update(dict.fromkeys(within))
        return list(map(datetime.date.fromordinal, ordinals))

    def midnight(self, day: datetime.date) -> datetime.datetime:
        """The moment at which a day begins: the first of its clock, where midnight is skipped; where it comes twice,
        the one after which no clock shows the day before. Raises ValueError for days out of bounds."""
        return self._moment(self._day_start(day))

    # -- years ----------------------------------------------------------------------------

    def _year_of(self, instant: int) -> tuple[int, _Year]:
        number = (_EPOCH_UTC + instant * _MICROSECOND).astimezone(self.zone).year
        year = self._year(number)
        if instant < year.begin:
            # Where clocks are put back over New Year's midnight they show the new year before it has begun.
            number -= 1
            year = self._year(number)
        return number, year

    def _year(self, number: int) -> _Year:
        year = self._years.get(number)
        if year is None:
            year = self._years[number] = self._worked_out(number)
        return year

    def _worked_out(self, number: int) -> _Year:
        if self._parent is not None:
            return _reduced(self._parent._year(number), self._off)
        starts, ends, before, days, midnights = array("q"), array("q"), array("q", [0]), array("l"), array("q")
        day, total = datetime.date(number, 1, 1), 0
        begin = midnight = self._day_start(day)
        while day.year == number:
            tomorrow = day + _DAY
            today, midnight = midnight, self._day_start(tomorrow)
            hours = self._hours(day)
            if hours is not None:
                start = self._wall(day, hours[0]) if hours[0] else today
                end = self._wall(day, hours[1], closing=True) if hours[1] < _MINUTES else midnight
                start, end = max(start, today), min(end, midnight)
                if start < end:
                    total += end - start
                    starts.append(start)
                    ends.append(end)
                    before.append(total)
                    days.append(day.toordinal())
                    midnights.append(midnight)
            day = tomorrow
        return _Year(begin, starts, ends, before, days, midnights)

    def _next_worked(self, number: int, since: int) -> tuple[int, _Year]:
        """The next year with any work in it."""
        for later in range(number + 1, min(number + _IDLE_YEARS, LAST_YEAR) + 1):
            year = self._year(later)
            if year.total:
                return later, year
        raise ValueError(f"the calendar has not enough working time after {self._shown(since)}")

    def _opening(self, instant: int, number: int, year: _Year) -> int:
        """The first moment of work at or behind a moment that is none."""
        at = bisect_left(year.starts, instant)
        if at == len(year.starts):
            _number, year = self._next_worked(number, instant)
            at = 0
        return year.starts[at]

    def _settled(self, instant: int, number: int, year: _Year) -> int:
        """What falls due at once, at this moment or the next that is allowed."""
        at = bisect_left(year.ends, instant)
        if at < len(year.ends) and year.ends[at] == instant != year.midnights[at]:
            return instant
        return instant if _works(year, instant) else self._opening(instant, number, year)

    # -- moments --------------------------------------------------------------------------

    def _moment(self, instant: int) -> datetime.datetime:
        return (_EPOCH_UTC + instant * _MICROSECOND).astimezone(self.zone)

    def _shown(self, instant: int) -> str:
        return self._moment(instant).isoformat()

    def _stretch(self, off: Off) -> tuple[int, int]:
        if isinstance(off, tuple):
            start, end = ((one - _EPOCH_UTC) // _MICROSECOND for one in off)
            return start, end
        return self._day_start(off), self._day_start(off + _DAY)

    def _day_start(self, day: datetime.date) -> int:
        return self._wall(day, 0, midnight=True)

    def _wall(self, day: datetime.date, minutes: int, *, closing: bool = False, midnight: bool = False) -> int:
        """The moment at which clocks show so many minutes after midnight. A time that is skipped comes when the clock
        jumps over it; of two an opening is the first, a closing the last."""
        if not FIRST_YEAR - 1 <= day.year <= LAST_YEAR + 2:
            raise ValueError(f"the calendar reaches from {FIRST_YEAR} to {LAST_YEAR}, not to {day}")
        shown = datetime.datetime(day.year, day.month, day.day, *divmod(minutes, 60), tzinfo=self.zone)
        earlier, later = shown.utcoffset(), shown.replace(fold=1).utcoffset()
        assert earlier is not None
        assert later is not None
        naive = (shown.replace(tzinfo=None) - _EPOCH) // _MICROSECOND
        first, second = naive - earlier // _MICROSECOND, naive - later // _MICROSECOND
        if first == second:
            return first
        if first > second:
            return self._jump(second, first)
        if midnight:
            # Often the clock goes back from one to midnight, and the day has begun; some zones go back over it.
            return second if self._moment(second - 1).date() < day else first
        return second if closing else first

    def _jump(self, low: int, high: int) -> int:
        """The moment at which the clock is put forward, on a whole second behind `low` and not behind `high`."""
        before = self._moment(low).utcoffset()
        while high - low > _SECOND:
            middle = (low + high) // 2 // _SECOND * _SECOND
            if self._moment(middle).utcoffset() == before:
                low = middle
            else:
                high = middle
        return high


def _instant(moment: datetime.datetime) -> int:
    """Microseconds since 1970. Raises ValueError for a moment without an offset or out of bounds."""
    if moment.utcoffset() is None:
        raise ValueError(f"{moment.isoformat()} has no offset from UTC")
    instant = (moment - _EPOCH_UTC) // _MICROSECOND
    if not _FIRST <= instant < _LAST:
        raise ValueError(f"the calendar reaches from {FIRST_YEAR} to {LAST_YEAR}, not to {moment.isoformat()}")
    return instant


def _works(year: _Year, instant: int) -> bool:
    at = bisect_right(year.ends, instant)
    return at < len(year.ends) and year.starts[at] <= instant


def _reduced(year: _Year, off: list[tuple[int, int]]) -> _Year:
    """A year without what is off: stretches in their order that do not touch."""
    if not year.starts:
        return year
    begins, finishes = year.starts[0], year.ends[-1]
    within = [one for one in off if one[0] < finishes and one[1] > begins]
    if not within:
        return year
    # What lies before is as it was; behind it only the sums are others.
    first = bisect_right(year.ends, within[0][0])
    last = bisect_left(year.starts, within[-1][1])
    starts, ends, before = year.starts[:first], year.ends[:first], year.before[: first + 1]
    days, midnights = year.days[:first], year.midnights[:first]
    total = before[-1]
    for at in range(first, last):
        for start, end in _without(year.starts[at], year.ends[at], within):
            total += end - start
            starts.append(start)
            ends.append(end)
            before.append(total)
            days.append(year.days[at])
            midnights.append(year.midnights[at])
    less = year.before[last] - total
    before.extend(array("q", [one - less for one in year.before[last + 1 :]]))
    starts.extend(year.starts[last:])
    ends.extend(year.ends[last:])
    days.extend(year.days[last:])
    midnights.extend(year.midnights[last:])
    return _Year(year.begin, starts, ends, before, days, midnights)


def _without(start: int, end: int, off: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """What is left of a stretch."""
    left = []
    # The one before may reach into it.
    for begins, finishes in off[max(0, bisect_left(off, (start, start)) - 1) :]:
        if begins >= end:
            break
        if finishes <= start:
            continue
        if start < begins:
            left.append((start, begins))
        start = finishes
        if start >= end:
            return left
    left.append((start, end))
    return left
