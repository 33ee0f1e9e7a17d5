"""Business time: exact over days off, changed clocks and changed zones, and its laws.

The moments of `test_due` are worked out by hand; the laws are held against a count minute by minute.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from postclerk.core.worktime import Hours, WorkTime

Days = Callable[[datetime.date], Hours | None]

ALMATY, BERLIN, UTC = ZoneInfo("Asia/Almaty"), ZoneInfo("Europe/Berlin"), ZoneInfo("UTC")
NOT_ENOUGH = "the calendar has not enough working time"

HALF_DAY = datetime.date(2026, 12, 31)
HOLIDAYS = [datetime.date(2024, 5, day) for day in (1, 7, 8, 9)] + [datetime.date(2027, 1, day) for day in (1, 4, 7)]
MOVED = datetime.date(2024, 5, 4)


def _office(
    opening: int = 0, closing: int = 24 * 60, *, weekend: bool = True
) -> Callable[[datetime.date], Hours | None]:
    def hours(day: datetime.date) -> Hours | None:
        if day == HALF_DAY:
            return max(opening, 9 * 60), 13 * 60
        if day in HOLIDAYS or (weekend and day.weekday() > 4 and day != MOVED):
            return None
        return opening, closing

    return hours


ROUND = _office()
NINE_TO_SIX = _office(9 * 60, 18 * 60)
EVERY_DAY = _office(weekend=False)


def _moment(text: str, zone: ZoneInfo) -> datetime.datetime:
    moment = datetime.datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)


def _hours(number: float) -> datetime.timedelta:
    return datetime.timedelta(hours=number)


@pytest.mark.parametrize(
    ("zone", "days", "received", "hours", "due"),
    [
        pytest.param(ALMATY, ROUND, "2026-11-20T15:00", 24, "2026-11-23T15:00+05:00", id="over-a-weekend"),
        pytest.param(ALMATY, ROUND, "2026-11-18T15:00", 24, "2026-11-19T15:00+05:00", id="within-a-week"),
        pytest.param(ALMATY, ROUND, "2026-11-21T15:00", 24, "2026-11-24T00:00+05:00", id="received-on-a-saturday"),
        pytest.param(ALMATY, ROUND, "2026-11-21T15:00", 0, "2026-11-23T00:00+05:00", id="nothing-on-a-saturday"),
        pytest.param(ALMATY, ROUND, "2026-11-20T15:00", 9, "2026-11-23T00:00+05:00", id="friday-midnight-is-monday"),
        pytest.param(ALMATY, ROUND, "2026-11-18T15:00", 9, "2026-11-19T00:00+05:00", id="midnight-of-a-working-day"),
        pytest.param(ALMATY, ROUND, "2026-11-20T15:00", 8.5, "2026-11-20T23:30+05:00", id="before-friday-midnight"),
        pytest.param(ALMATY, ROUND, "2026-11-20T10:00Z", 24, "2026-11-23T15:00+05:00", id="another-offset"),
        pytest.param(ALMATY, ROUND, "2024-05-03T15:00", 24, "2024-05-04T15:00+05:00", id="a-saturday-that-is-worked"),
        pytest.param(ALMATY, ROUND, "2024-05-06T15:00", 24, "2024-05-10T15:00+05:00", id="three-holidays"),
        pytest.param(ALMATY, ROUND, "2024-02-28T10:00", 48, "2024-03-01T09:00+05:00", id="a-zone-put-back-by-an-hour"),
        pytest.param(ALMATY, ROUND, "2024-02-29T00:00", 25, "2024-03-01T00:00+05:00", id="a-day-of-25-hours"),
        pytest.param(ALMATY, ROUND, "2026-12-30T12:00", 12 + 4, "2026-12-31T13:00+05:00", id="the-end-of-half-a-day"),
        pytest.param(ALMATY, ROUND, "2026-12-30T12:00", 12 + 5, "2027-01-05T01:00+05:00", id="over-half-a-day"),
        pytest.param(ALMATY, NINE_TO_SIX, "2026-11-23T09:00", 9, "2026-11-23T18:00+05:00", id="closing-is-of-its-day"),
        pytest.param(ALMATY, NINE_TO_SIX, "2026-11-23T18:00", 0, "2026-11-23T18:00+05:00", id="nothing-at-closing"),
        pytest.param(ALMATY, NINE_TO_SIX, "2026-11-23T18:00", 1, "2026-11-24T10:00+05:00", id="received-at-closing"),
        pytest.param(ALMATY, NINE_TO_SIX, "2026-11-23T18:01", 0, "2026-11-24T09:00+05:00", id="nothing-after-closing"),
        pytest.param(ALMATY, NINE_TO_SIX, "2026-11-20T17:00", 24, "2026-11-25T14:00+05:00", id="office-hours"),
        pytest.param(ALMATY, NINE_TO_SIX, "2026-12-31T08:00", 5, "2027-01-05T10:00+05:00", id="office-on-half-a-day"),
        pytest.param(BERLIN, EVERY_DAY, "2024-03-30T12:00", 24, "2024-03-31T13:00+02:00", id="clocks-put-forward"),
        pytest.param(BERLIN, EVERY_DAY, "2024-10-26T12:00", 24, "2024-10-27T11:00+01:00", id="clocks-put-back"),
        pytest.param(BERLIN, EVERY_DAY, "2024-03-31T00:00", 23, "2024-04-01T00:00+02:00", id="a-day-of-23-hours"),
        pytest.param(BERLIN, ROUND, "2024-03-29T15:00", 24, "2024-04-01T15:00+02:00", id="clocks-change-on-a-day-off"),
        pytest.param(
            ZoneInfo("America/Sao_Paulo"),
            EVERY_DAY,
            "2018-11-03T12:00",
            24,
            "2018-11-04T13:00-02:00",
            id="a-midnight-that-is-skipped",
        ),
        pytest.param(
            ZoneInfo("Pacific/Apia"),
            ROUND,
            "2011-12-29T12:00",
            24,
            "2012-01-02T12:00+14:00",
            id="a-friday-that-never-was",
        ),
        pytest.param(
            BERLIN,
            _office(2 * 60 + 30, 6 * 60, weekend=False),
            "2024-03-30T18:00",
            2,
            "2024-03-31T05:00+02:00",
            id="an-opening-that-is-skipped",
        ),
        pytest.param(
            BERLIN,
            _office(0, 2 * 60 + 30, weekend=False),
            "2024-10-26T18:00",
            3.25,
            "2024-10-27T02:15+01:00",
            id="a-closing-that-comes-twice",
        ),
        pytest.param(UTC, NINE_TO_SIX, "1970-01-01T00:00", 24, "1970-01-05T15:00+00:00", id="the-first-day-of-unix"),
        pytest.param(UTC, NINE_TO_SIX, "1969-12-31T17:00", 2, "1970-01-01T10:00+00:00", id="before-it"),
        pytest.param(UTC, ROUND, "2024-02-28T12:00", 24, "2024-02-29T12:00+00:00", id="a-leap-day"),
    ],
)
def test_due(zone: ZoneInfo, days: Days, received: str, hours: float, due: str) -> None:
    """When the term is over, in the zone of the place; and no more working time than the term lies before it."""
    work = WorkTime(zone, days)
    found = work.due(_moment(received, zone), _hours(hours))
    assert found.isoformat() == f"{due[:16]}:00{due[16:]}"
    assert work.elapsed(_moment(received, zone), found) == _hours(hours)


@pytest.mark.parametrize(
    ("zone", "day", "begins", "lasts"),
    [
        pytest.param("Europe/Berlin", "2024-03-31", "2024-03-31T00:00:00+01:00", 23, id="in-spring"),
        pytest.param("Europe/Berlin", "2024-10-27", "2024-10-27T00:00:00+02:00", 25, id="in-autumn"),
        pytest.param("America/Sao_Paulo", "2018-11-04", "2018-11-04T01:00:00-02:00", 23, id="midnight-is-skipped"),
        pytest.param("America/Havana", "2024-11-03", "2024-11-03T00:00:00-04:00", 25, id="midnight-comes-twice"),
        pytest.param("America/Sao_Paulo", "2018-02-17", "2018-02-17T00:00:00-02:00", 25, id="back-from-midnight"),
        pytest.param("America/St_Johns", "2006-10-28", "2006-10-28T00:00:00-02:30", 25, id="back-over-midnight"),
        pytest.param("America/Toronto", "1919-03-31", "1919-03-31T00:30:00-04:00", 23.5, id="forward-over-midnight"),
        pytest.param("Australia/Lord_Howe", "2024-04-07", "2024-04-07T00:00:00+11:00", 24.5, id="half-an-hour"),
        pytest.param("Pacific/Apia", "2011-12-30", "2011-12-31T00:00:00+14:00", 0, id="a-day-that-never-was"),
        pytest.param("Asia/Almaty", "2024-02-29", "2024-02-29T00:00:00+06:00", 25, id="the-zone-is-changed"),
    ],
)
def test_midnight(zone: str, day: str, begins: str, lasts: float) -> None:
    """A day begins at local midnight, or where clocks jump over it at the jump, and lasts as long as it lasts."""
    work = WorkTime(ZoneInfo(zone), EVERY_DAY)
    date = datetime.date.fromisoformat(day)
    assert work.midnight(date).isoformat() == begins
    tomorrow = work.midnight(date + datetime.timedelta(1))
    assert tomorrow.astimezone(UTC) - work.midnight(date).astimezone(UTC) == _hours(lasts)
    assert work.elapsed(work.midnight(date), tomorrow) == _hours(lasts)


@pytest.mark.parametrize(
    ("moment", "working", "opening"),
    [
        pytest.param("2026-11-23T09:00", True, "2026-11-23T09:00", id="at-opening"),
        pytest.param("2026-11-23T08:59", False, "2026-11-23T09:00", id="before-opening"),
        pytest.param("2026-11-23T18:00", False, "2026-11-24T09:00", id="at-closing"),
        pytest.param("2026-11-23T17:59:59.999999", True, "2026-11-23T17:59:59.999999", id="before-closing"),
        pytest.param("2026-11-21T12:00", False, "2026-11-23T09:00", id="on-a-day-off"),
        pytest.param("2026-12-31T13:00", False, "2027-01-05T09:00", id="over-new-year"),
    ],
)
def test_openings(moment: str, working: bool, opening: str) -> None:
    """At opening it is working time, at closing it is not any more."""
    work = WorkTime(ALMATY, NINE_TO_SIX)
    at = _moment(moment, ALMATY)
    assert (work.is_working(at), work.next_opening(at)) == (working, _moment(opening, ALMATY))


def test_working_days() -> None:
    """Days on which anybody works, the last one left out; a day that is off but for an hour counts."""
    work = WorkTime(ALMATY, NINE_TO_SIX)
    week = [datetime.date(2024, 5, day) for day in (3, 4, 6, 10)]
    assert work.working_days(datetime.date(2024, 5, 3), datetime.date(2024, 5, 11)) == week
    assert work.working_days(datetime.date(2024, 5, 3), datetime.date(2024, 5, 10)) == week[:-1]
    assert work.working_days(datetime.date(2024, 5, 3), datetime.date(2024, 5, 3)) == []
    assert len(work.working_days(datetime.date(2025, 12, 29), datetime.date(2026, 1, 5))) == 5
    friday, noon = _moment("2024-05-10T00:00", ALMATY), _moment("2024-05-10T12:00", ALMATY)
    for off, left in (((friday, noon), 1), (datetime.date(2024, 5, 10), 0)):
        reduced = work.with_off([off, (noon, noon + _hours(1))])
        assert len(reduced.working_days(datetime.date(2024, 5, 10), datetime.date(2024, 5, 11))) == left


@pytest.mark.parametrize(
    ("off", "received", "hours", "due"),
    [
        pytest.param(["2026-11-24"], "2026-11-23T12:00", 24, "2026-11-25T12:00", id="a-day"),
        pytest.param(["2026-11-24"], "2026-11-23T12:00", 12, "2026-11-25T00:00", id="up-to-a-day-off"),
        pytest.param(["2026-11-24"], "2026-11-24T12:00", 24, "2026-11-26T00:00", id="received-meanwhile"),
        pytest.param(["2026-11-21", "2026-11-22"], "2026-11-20T12:00", 24, "2026-11-23T12:00", id="days-that-are-off"),
        pytest.param(["2026-11-27", "2026-11-24"], "2026-11-23T12:00", 72, "2026-11-30T12:00", id="in-any-order"),
        pytest.param(
            [("2026-11-23T14:00", "2026-11-25T10:00")], "2026-11-23T12:00", 2, "2026-11-23T14:00", id="up-to-an-absence"
        ),
        pytest.param(
            [("2026-11-23T14:00", "2026-11-25T10:00")], "2026-11-23T12:00", 3, "2026-11-25T11:00", id="over-an-absence"
        ),
        pytest.param(
            [("2026-11-23T14:00", "2026-11-25T10:00"), ("2026-11-24T09:00", "2026-11-26T10:00"), "2026-11-24"],
            "2026-11-23T12:00",
            3,
            "2026-11-26T11:00",
            id="absences-that-overlap",
        ),
        pytest.param(
            [("2026-11-23T14:00", "2026-11-23T15:00"), ("2026-11-23T16:00", "2026-11-23T17:00")],
            "2026-11-23T12:00",
            10,
            "2026-11-24T00:00",
            id="two-in-one-day",
        ),
        pytest.param(
            [("2026-11-25T10:00", "2026-11-23T14:00")],
            "2026-11-23T12:00",
            24,
            "2026-11-24T12:00",
            id="ends-before",
        ),
        pytest.param(
            [("2026-12-20T00:00", "2028-02-01T00:00")], "2026-12-18T12:00", 24, "2028-02-01T12:00", id="over-a-year"
        ),
    ],
)
def test_an_absence_stops_the_clock(off: list[str | tuple[str, str]], received: str, hours: float, due: str) -> None:
    """Days and stretches that are taken off do not count, and the calendar they were taken from is as before."""
    work = WorkTime(ALMATY, lambda day: None if day.weekday() > 4 else (0, 1440))
    before = work.due(_moment(received, ALMATY), _hours(hours))
    reduced = work.with_off(
        datetime.date.fromisoformat(one) if isinstance(one, str) else (_moment(one[0], ALMATY), _moment(one[1], ALMATY))
        for one in off
    )
    found = reduced.due(_moment(received, ALMATY), _hours(hours))
    assert found == _moment(due, ALMATY)
    assert reduced.elapsed(_moment(received, ALMATY), found) == _hours(hours)
    assert work.due(_moment(received, ALMATY), _hours(hours)) == before


@pytest.mark.parametrize(
    ("ask", "says"),
    [
        pytest.param(
            lambda work, at: work.due(at.replace(tzinfo=None), _hours(1)), "has no offset from UTC", id="no-offset"
        ),
        pytest.param(
            lambda work, at: work.due(at, -_hours(1)), "a term lasts between nothing and 36600 days", id="no-term"
        ),
        pytest.param(
            lambda work, at: work.due(at, datetime.timedelta.max), "a term lasts between nothing and", id="for-ever"
        ),
        pytest.param(
            lambda work, at: work.due(datetime.datetime.max.replace(tzinfo=UTC), _hours(1)),
            "the calendar reaches from 1900 to 2199, not to 9999-12-31T23:59:59.999999",
            id="the-last-moment",
        ),
        pytest.param(
            lambda work, at: work.elapsed(datetime.datetime.min.replace(tzinfo=datetime.timezone(_hours(14))), at),
            "the calendar reaches from 1900 to 2199, not to 0001-01-01T00:00:00",
            id="the-first-moment",
        ),
        pytest.param(
            lambda work, at: work.due(at.replace(year=2199, month=12, day=31), _hours(24)),
            "the calendar has not enough working time after 2199-12-31",
            id="beyond-the-last-year",
        ),
        pytest.param(
            lambda work, at: work.midnight(datetime.date.max),
            "the calendar reaches from 1900 to 2199",
            id="last-day",
        ),
        pytest.param(
            lambda work, at: work.working_days(datetime.date.min, datetime.date.max),
            "the calendar reaches from 1900 to 2199, not from 0001-01-01 to 9999-12-31",
            id="days-of-all-times",
        ),
        pytest.param(
            lambda work, at: WorkTime(UTC, {}).due(at, _hours(1)),
            NOT_ENOUGH,
            id="no-work",
        ),
        pytest.param(lambda work, at: WorkTime(UTC, {}).due(at, _hours(0)), NOT_ENOUGH, id="none"),
        pytest.param(
            lambda work, at: WorkTime(UTC, {}).next_opening(at),
            NOT_ENOUGH,
            id="no-opening",
        ),
        pytest.param(
            lambda work, at: WorkTime(UTC, {at.date(): (0, 60)}).due(at, _hours(1)),
            NOT_ENOUGH,
            id="too-little-work",
        ),
    ],
)
def test_what_cannot_be_told(ask: Callable[[WorkTime, datetime.datetime], object], says: str) -> None:
    """Times that no letter has, and calendars without working time, are said in a sentence."""
    with pytest.raises(ValueError, match=says):
        ask(WorkTime(UTC, ROUND), datetime.datetime(2026, 11, 23, 0, 30, tzinfo=UTC))


def test_an_empty_calendar_has_no_time() -> None:
    """Without any work nothing elapses, and an open end of an absence may lie anywhere."""
    at = datetime.datetime(2026, 11, 23, 12, tzinfo=UTC)
    assert WorkTime(UTC, {}).elapsed(at, at + _hours(10_000)) == _hours(0)
    absent = WorkTime(UTC, ROUND).with_off([(at, datetime.datetime.max.replace(tzinfo=UTC))])
    assert absent.elapsed(at - _hours(3), at + _hours(10_000)) == _hours(3)
    assert absent.due(at - _hours(3), _hours(3)) == at
    with pytest.raises(ValueError, match=NOT_ENOUGH):
        absent.due(at - _hours(3), _hours(4))


# -- laws ---------------------------------------------------------------------------------

ZONES = (
    "Asia/Almaty",
    "Europe/Berlin",
    "America/Sao_Paulo",
    "America/Havana",
    "America/St_Johns",
    "Pacific/Apia",
    "UTC",
)

moments = st.datetimes(
    datetime.datetime(1987, 1, 1),  # noqa: DTZ001
    datetime.datetime(2030, 1, 1),  # noqa: DTZ001
    timezones=st.just(UTC),
)
terms = st.timedeltas(datetime.timedelta(0), datetime.timedelta(days=40))
whole_hours = st.integers(0, 40 * 24).map(_hours)
"""Terms that end on openings, closings and midnights."""


@st.composite
def calendars(draw: st.DrawFn) -> WorkTime:
    """A place with hours that differ by the day of the week, holidays, and absences."""
    opening = st.integers(0, 23 * 60)
    week = [draw(st.none() | st.just((0, 1440)) | opening.flatmap(_closings)) for _day in range(6)]
    # No calendar without any work: that is another test.
    week.append((8 * 60, 12 * 60))
    every = draw(st.integers(5, 60))
    work = WorkTime(
        ZoneInfo(draw(st.sampled_from(ZONES))),
        lambda day: None if day.toordinal() % every == 0 else week[day.weekday()],
    )
    absences = draw(st.lists(st.tuples(moments, st.timedeltas(_hours(0), _hours(600))), max_size=4))
    days = draw(st.lists(st.dates(datetime.date(2010, 1, 1), datetime.date(2012, 12, 31)), max_size=4))
    return work.with_off([*days, *((start, start + lasts) for start, lasts in absences)])


def _closings(opening: int) -> st.SearchStrategy[Hours]:
    return st.tuples(st.just(opening), st.integers(opening + 1, 1440))


@st.composite
def starts(draw: st.DrawFn) -> datetime.datetime:
    """Any moment, or one near what is odd: changes of clocks and zones, midnights and full hours."""
    odd = draw(
        st.sampled_from(
            ["2024-02-29T18:00Z", "2018-11-04T03:00Z", "2006-10-29T02:30Z", "2011-12-30T10:00Z", "2024-03-31T01:00Z"]
        )
    )
    near = _moment(odd, UTC) + draw(st.integers(-96, 24).map(_hours))
    return draw(st.just(near) | moments)


@settings(deadline=None, max_examples=300)
@given(calendars(), starts(), terms | whole_hours, terms | whole_hours)
def test_laws(work: WorkTime, received: datetime.datetime, one: datetime.timedelta, other: datetime.timedelta) -> None:
    """A term may be cut in pieces; a longer one is not over before; as much time has elapsed as the term lasts; and it
    is over in hours of work or at their end, on the same day."""
    due = work.due(received, one)
    assert due >= received
    assert work.elapsed(received, due) == one
    assert work.due(due, other) == work.due(received, one + other)
    assert (work.due(received, other) >= due) if other >= one else (work.due(received, other) <= due)
    assert work.due(received + other, one) >= due
    assert work.elapsed(received, received + one + other) == work.elapsed(received, received + one) + work.elapsed(
        received + one, received + one + other
    )
    if not work.is_working(due):
        instant = datetime.timedelta(microseconds=1)
        assert work.is_working(due - instant)
        assert work.midnight((due - instant).astimezone(work.zone).date() + datetime.timedelta(1)) > due


@settings(deadline=None, max_examples=300)
@given(moments, terms | whole_hours)
def test_never_on_a_holiday(received: datetime.datetime, term: datetime.timedelta) -> None:
    """Nothing falls due on a day off, whatever the hours."""
    for days in (ROUND, NINE_TO_SIX, _office(20 * 60, 24 * 60)):
        due = WorkTime(ALMATY, days).due(received, term)
        assert days(due.date()) is not None


@settings(deadline=None, max_examples=60)
@given(
    st.sampled_from([(ALMATY, "2024-02-27T00:00"), (BERLIN, "2024-03-29T20:00"), (BERLIN, "2024-10-25T20:00")]),
    st.sampled_from([(0, 1440), (540, 1080), (600, 1440), (0, 61), (180, 600)]),
    st.integers(0, 3 * 1440),
    st.integers(0, 3 * 1440),
)
def test_time_is_what_the_clock_on_the_wall_counts(
    where: tuple[ZoneInfo, str], hours: Hours, before: int, lasts: int
) -> None:
    """Minute by minute: it elapses as long as the clock shows hours of work, while they begin and end at no hour that
    comes twice."""
    zone, text = where
    work = WorkTime(zone, lambda day: None if day.weekday() == 5 else hours)
    start = _moment(text, zone).astimezone(UTC) + datetime.timedelta(minutes=before)
    counted = 0
    for minute in range(lasts):
        shown = (start + datetime.timedelta(minutes=minute)).astimezone(zone)
        counted += shown.weekday() != 5 and hours[0] <= shown.hour * 60 + shown.minute < hours[1]
    assert work.elapsed(start, start + datetime.timedelta(minutes=lasts)) == datetime.timedelta(minutes=counted)
