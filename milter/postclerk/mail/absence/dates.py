"""Days as people name them: `15 августа`, `15.08.`, `next Monday`, `2026 жылғы 15 тамыз`, `gelecek haftanın sonuna`."""

from __future__ import annotations

import calendar
import datetime
import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from postclerk.mail.absence.tokens import Token

_MOST_DATES = 60
_FARTHEST = 10
_NEAR = 2
"""Words between a weekday and its date."""

_DAY = datetime.timedelta(days=1)
_EVERY = ("days", "ам", "ям", "lari", "leri")
"""How a weekday ends that comes again and again, folded."""

_OF_MONTH = ("ayinin", "аиынын")
"""`Ocak ayının 4'ü`, folded."""
_LEAP_YEAR = 2024
_MIDDLE = 15
_PAST = 2
"""How much less likely a day in the past is than one as far ahead: replies are sent during an absence."""


@dataclass(frozen=True, slots=True)
class Named:
    """A day as it is named, and where; or a week or a month (`span`). What is left out is None."""

    start: int
    end: int
    day: int | None = None
    month: int | None = None
    year: int | None = None
    weekday: int | None = None
    next: bool = False
    fixed: datetime.date | None = None
    span: tuple[datetime.date, datetime.date] | None = None
    suffix: str = ""
    bare: bool = False
    """A number alone, which is a day only where something else says so."""

    @property
    def is_whole_month(self) -> bool:
        """Whether a month is named without a day."""
        return self.month is not None and self.day is None


def dates(tokens: list[Token], today: datetime.date, month_first: bool) -> list[Named]:
    """The days that a sentence names, in their order."""
    found: list[Named] = []
    place = 0
    while place < len(tokens) and len(found) < _MOST_DATES:
        named = _named(tokens, place, today, month_first)
        if named is None:
            place += 1
            continue
        while found and found[-1].end > named.start:
            found.pop()
        found.append(named)
        place = max(named.end, place + 1)
    return _without_doubles(_with_what_is_shared(found, tokens))


def _named(tokens: list[Token], place: int, today: datetime.date, month_first: bool) -> Named | None:
    token = tokens[place]
    if token.kind in ("iso", "full", "part"):
        return _written(token, place, month_first)
    if token.kind == "number":
        return _from_number(tokens, place)
    if token.kind == "word":
        return _from_word(tokens, place, today)
    return None


def _written(token: Token, place: int, month_first: bool) -> Named | None:
    numbers = [int(one) for one in re.findall(r"\d+", token.text)]
    if token.kind == "iso":
        year, month, day = numbers
    else:
        day, month = numbers[:2]
        year = numbers[2] if len(numbers) > 2 else 0
        if ("/" in token.text and month_first) or month > 12:
            day, month = month, day
        if token.kind == "full" and year < 100:
            year += 2000
    named = Named(place, place + 1, day, month, year or None, suffix=token.suffix)
    return named if _is_possible(named) else None


def _is_possible(named: Named) -> bool:
    if named.year is not None and not 1990 <= named.year <= 2100:
        return False
    if named.day is None:
        return True
    if named.month is None or not 1 <= named.month <= 12:
        return False
    return 1 <= named.day <= calendar.monthrange(named.year or _LEAP_YEAR, named.month)[1]


def _from_number(tokens: list[Token], place: int) -> Named | None:
    number = int(re.findall(r"\d+", tokens[place].text)[0])
    if number >= 1000:
        return _from_year(tokens, place, number)
    if not 1 <= number <= 31:
        return None
    behind = _skip(tokens, place + 1, _is_before_month, 2)
    month = tokens[behind].numbered("month") if behind < len(tokens) else None
    if month is not None:
        year, end = _year(tokens, behind + 1)
        named = Named(place, end, number, month, year, suffix=_ending(tokens[behind]))
        return named if _is_possible(named) else Named(place, end, bare=True)
    ordinal = tokens[place].ordinal or (place + 1 < len(tokens) and "ordinal_day" in tokens[place + 1].means)
    return Named(place, place + 1, number, suffix=tokens[place].suffix, bare=not ordinal)


def _is_before_month(token: Token) -> bool:
    return token.text in ".-," or "ordinal_day" in token.means or token.folded in ("of", "the")


def _from_year(tokens: list[Token], place: int, year: int) -> Named | None:
    """`2026 жылғы 15 тамыз`, `2026 August 15`."""
    behind = _skip(tokens, place + 1, lambda one: "year" in one.means or one.text in "-,.", 2)
    if behind >= len(tokens):
        return None
    inner = _from_number(tokens, behind) if tokens[behind].kind == "number" else _month_and_day(tokens, behind)
    if inner is None or inner.month is None or inner.year is not None:
        return None
    named = replace(inner, start=place, year=year)
    return named if _is_possible(named) else None


def _year(tokens: list[Token], place: int) -> tuple[int | None, int]:
    behind = _skip(tokens, place, lambda one: one.text in ".,-" or one.folded == "of", 2)
    if behind < len(tokens) and tokens[behind].kind == "number" and re.match(r"(?:19|20)\d\d", tokens[behind].text):
        end = behind + 1
        end += end < len(tokens) and "year" in tokens[end].means
        return int(tokens[behind].text[:4]), end
    return None, place


def _month_and_day(tokens: list[Token], place: int) -> Named | None:
    """`August 15th, 2026`; the month alone where no day follows."""
    month = tokens[place].numbered("month")
    if month is None:
        return None
    behind = _skip(tokens, place + 1, lambda one: one.text in ".-" or one.folded in ("the", *_OF_MONTH), 2)
    if behind < len(tokens) and tokens[behind].kind == "number":
        number = int(re.findall(r"\d+", tokens[behind].text)[0])
        own = behind + 1 < len(tokens) and tokens[behind + 1].numbered("month") is not None
        if 1 <= number <= 31 and not own:
            year, end = _year(tokens, behind + 1)
            named = Named(place, end, number, month, year, suffix=tokens[behind].suffix)
            return named if _is_possible(named) else Named(place, end, bare=True)
    year, end = _year(tokens, place + 1)
    return Named(place, end, None, month, year, suffix=_ending(tokens[place]))


def _from_word(tokens: list[Token], place: int, today: datetime.date) -> Named | None:
    token = tokens[place]
    means = token.means
    for meaning, days in (("today", 0), ("tomorrow", 1), ("next_day", 2)):
        if meaning in means:
            return Named(
                place,
                place + (2 if meaning == "next_day" and token.folded in ("obur", "ertesi") else 1),
                fixed=today + days * _DAY,
                suffix=_ending(token),
            )
    if "middle" in means and place + 1 < len(tokens):
        behind = _skip(tokens, place + 1, lambda one: one.text == "-" or one.folded in ("of", "the"), 2)
        named = _month_and_day(tokens, behind) if behind < len(tokens) else None
        if named is not None and named.day is None:
            return replace(named, start=place, day=_MIDDLE)
    if "end" in means and (named := _end_of(tokens, place, today)):
        return named
    if means & {"next", "coming"} and place + 1 < len(tokens):
        named = _from_word(tokens, place + 1, today) if tokens[place + 1].kind == "word" else None
        if named is not None and named.weekday is not None:
            return replace(named, start=place, next="next" in means)
    if (span := _span(tokens, place, today)) is not None:
        return span
    if token.numbered("month") is not None:
        named = _month_and_day(tokens, place)
        if named is not None and named.day is None and named.end < len(tokens) and "middle" in tokens[named.end].means:
            return replace(named, end=named.end + 1, day=_MIDDLE)
        said = place > 0 and tokens[place - 1].folded in ("in", "until", "till")
        if named is None or named.day is not None or named.year is not None or said or not _is_modal(token):
            return named
        return None
    weekday = token.numbered("weekday")
    if weekday is not None and not token.folded.endswith(_EVERY):
        behind = _skip(tokens, place + 1, lambda one: one.folded in ("of", "on", "на"), 1)
        week = _span(tokens, behind, today) if behind < len(tokens) else None
        if week is not None and week.span is not None and (week.span[1] - week.span[0]).days == 6:
            return Named(place, week.end, fixed=week.span[0] + weekday * _DAY)
        return Named(place, place + 1, weekday=weekday, suffix=_ending(token))
    return None


def _is_modal(token: Token) -> bool:
    """Words that are a month beside a day alone: May, March, and short forms."""
    lower = token.folded.isascii() and not token.text[:1].isupper()
    return lower or len(token.folded) <= 4 or token.folded in ("march", "kasim", "казан", "маусым", "aralik")


def _span(tokens: list[Token], place: int, today: datetime.date) -> Named | None:
    """`next week`, `bu ay`, `келесі аптаның соңына`."""
    means = tokens[place].means
    ahead = 1 if "next" in means else 0
    if not means & {"next", "coming"}:
        return None
    at = place
    if "week" not in means:
        at = place + 1
        if at >= len(tokens) or not tokens[at].means & {"week", "month"}:
            return None
    if "week" in tokens[at].means:
        monday = today + (7 * ahead - today.weekday()) * _DAY
        span = (monday, monday + 6 * _DAY)
        beside = _skip(tokens, at + 1, lambda one: one.folded in ("on", "в", "во"), 1)
        weekday = tokens[beside].numbered("weekday") if beside < len(tokens) else None
        if weekday is not None:
            return Named(place, beside + 1, fixed=monday + weekday * _DAY, suffix=_ending(tokens[beside]))
    else:
        span = _month_span(today.year + (today.month + ahead > 12), (today.month + ahead - 1) % 12 + 1)
    end = at + 1
    if end < len(tokens) and "end" in tokens[end].means:
        return Named(place, end + 1, fixed=span[1], suffix=_ending(tokens[end]))
    return Named(place, end, span=span, suffix=_ending(tokens[at]))


def _end_of(tokens: list[Token], place: int, today: datetime.date) -> Named | None:
    """`end of August`, `конца недели`, and `ay sonu` and `апта соңы`, where it stands behind."""
    behind = _skip(tokens, place + 1, lambda one: one.folded in ("of", "the", "this"), 2)
    if behind < len(tokens) and tokens[behind].kind == "word":
        ahead = _span(tokens, behind, today)
        if ahead is not None and ahead.span is not None:
            return Named(place, ahead.end, fixed=ahead.span[1])
        if tokens[behind].folded not in ("gun", "day") and tokens[behind].means & {"week", "month"}:
            return Named(place, behind + 1, fixed=_end(tokens[behind], today))
        if tokens[behind].numbered("month") is not None:
            named = _month_and_day(tokens, behind)
            if named is not None and named.day is None and named.month is not None:
                return _last_of_month(replace(named, start=place), today)
    if place and tokens[place - 1].kind == "word":
        before = tokens[place - 1]
        at = place - 1
        if before.folded in _OF_MONTH and place > 1:
            before, at = tokens[place - 2], place - 2
        month = before.numbered("month")
        if month is not None:
            return _last_of_month(Named(at, place + 1, None, month), today)
        if before.means & {"week", "month"}:
            return Named(at, place + 1, fixed=_end(before, today))
    return None


def _end(token: Token, today: datetime.date) -> datetime.date:
    if "week" in token.means:
        return today + (6 - today.weekday()) * _DAY
    return _month_span(today.year, today.month)[1]


def _last_of_month(named: Named, today: datetime.date) -> Named:
    assert named.month is not None
    year = named.year or _likely_year(named.month, 28, today)
    return replace(named, month=None, year=None, fixed=_month_span(year, named.month)[1])


def _month_span(year: int, month: int) -> tuple[datetime.date, datetime.date]:
    return datetime.date(year, month, 1), datetime.date(year, month, calendar.monthrange(year, month)[1])


def _skip(tokens: list[Token], place: int, what: Callable[[Token], bool], most: int) -> int:
    """The first place from this one on that is not so."""
    for _ in range(most):
        if place < len(tokens) and what(tokens[place]):
            place += 1
    return place


def _ending(token: Token) -> str:
    """The case that a word ends with: what an apostrophe parts, else the end of the word itself."""
    return token.suffix or token.folded[-3:]


def _with_what_is_shared(found: list[Named], tokens: list[Token]) -> list[Named]:
    """A number before `29 August`, or after it, is a day of the same month where a word or a dash joins them."""
    for place in range(len(found) - 1, -1, -1):
        one = found[place]
        if one.month is not None or one.day is None:
            continue
        after = found[place + 1] if place + 1 < len(found) else None
        before = found[place - 1] if place else None
        if after is not None and after.month is not None and after.day is not None and joined(tokens, one, after):
            found[place] = replace(one, month=after.month, year=after.year, bare=False)
        elif before is not None and before.month is not None and before.day is not None and joined(tokens, before, one):
            found[place] = replace(one, month=before.month, year=before.year, bare=False)
    found = [one for one in found if not one.bare]
    return [one for one in found if one.month is None or one.day is None or _is_possible(one)]


def joined(tokens: list[Token], one: Named, other: Named) -> bool:
    """Whether nothing but what makes a range or a list stands between two days."""
    between = tokens[one.end : other.start]
    if len(between) > 5 or not (between or is_ablative(one.suffix)):
        return not between and is_ablative(one.suffix)
    joins = 0
    for token in between:
        if (
            token.kind == "dash"
            or token.means & {"until", "to", "through", "and", "post_from"}
            or ("filler" in token.means and is_ablative(token.folded))
        ):
            joins += 1
        elif not _says_nothing(token):
            return False
        elif token.text == "," and one.day is not None and other.day is not None and len(between) == 1:
            joins += 1
    return joins > 0 or is_ablative(one.suffix)


def _says_nothing(token: Token) -> bool:
    return (
        token.kind in ("mark", "clock")
        or bool(token.means & {"filler", "year"})
        or token.numbered("weekday") is not None
    )


def is_ablative(ending: str) -> bool:
    """Whether a Turkish or Kazakh word says "from"."""
    return ending.endswith(("dan", "den", "tan", "ten", "дан", "ден", "тан", "тен", "нан", "нен"))


def _without_doubles(found: list[Named]) -> list[Named]:
    """A weekday beside a date says the same again."""
    for place in range(len(found) - 3):
        pair = found[place : place + 4]
        if [one.weekday is not None for one in pair] == [True, True, False, False] and pair[3].start - pair[
            0
        ].end <= _FARTHEST:
            return _without_doubles([*found[:place], *found[place + 1 :]])
    kept: list[Named] = []
    for place, one in enumerate(found):
        after = found[place + 1] if place + 1 < len(found) else None
        ahead = after is not None and after.day is not None and after.start - one.end <= _NEAR
        behind = bool(kept) and kept[-1].day is not None and one.start - kept[-1].end <= _NEAR
        if kept and kept[-1].fixed is not None and one.start - kept[-1].end <= _NEAR and one.day == kept[-1].fixed.day:
            kept[-1] = replace(kept[-1], end=one.end)
        elif one.weekday is None or not (ahead or behind):
            kept.append(one)
        elif behind and not (after is not None and after.start == one.end):
            kept[-1] = replace(kept[-1], end=one.end, suffix=one.suffix or kept[-1].suffix)
        elif after is not None:
            found[place + 1] = replace(after, start=one.start)
    return kept


def _likely_year(month: int, day: int, today: datetime.date) -> int:
    def cost(year: int) -> int:
        last = min(day, calendar.monthrange(year, month)[1])
        ahead = (datetime.date(year, month, last) - today).days
        return ahead if ahead >= 0 else -_PAST * ahead

    return min((today.year, today.year + 1, today.year - 1), key=cost)


def first_day(named: Named, today: datetime.date, last: datetime.date | None) -> datetime.date | None:
    """The day that is meant as the first one; before `last`, where that is known."""
    if named.span is not None:
        return named.span[0]
    if named.weekday is not None:
        if last is not None:
            return last - ((last.weekday() - named.weekday) % 7) * _DAY
        return _weekday(named, today)
    if named.day is None and named.month is not None:
        named = replace(named, day=1)
    if named.day is not None and named.month is None:
        base = last or today
        return _same_month(named.day, base) or _same_month(named.day, base.replace(day=1) - _DAY)
    if last is not None and named.month is not None and named.day is not None and named.year is None:
        for year in (last.year, last.year - 1):
            found = _date(year, named.month, named.day)
            if found is not None and found <= last:
                return found
    return _resolved(named, today)


def last_day(named: Named, today: datetime.date, first: Named | None = None) -> datetime.date | None:
    """The day that is meant as the last one, in a range that begins with `first`."""
    if named.span is not None:
        return named.span[1]
    if named.weekday is not None:
        return _weekday(named, today, itself=first is not None)
    if named.day is None and named.month is not None:
        year = named.year or _likely_year(named.month, 28, today)
        return _month_span(year, named.month)[1]
    if named.year is None and named.month is not None and named.day is not None and first is not None:
        if first.year is not None and first.month is not None:
            later = (named.month, named.day) < (first.month, first.day or 1)
            return _date(first.year + later, named.month, named.day)
        return _likely_end(named, first, today)
    return _resolved(named, today)


def _likely_end(named: Named, first: Named, today: datetime.date) -> datetime.date | None:
    """The last day of a range without years: of those in the years around, the range that is nearest."""
    best: tuple[int, datetime.date] | None = None
    for year in (today.year, today.year + 1, today.year - 1):
        end = _date(year, named.month or 1, named.day or 1)
        begin = first_day(first, today, end) if end is not None else None
        if end is None:
            continue
        begin = begin or end
        cost = _PAST * (today - end).days if end < today else max(0, (begin - today).days)
        if best is None or cost < best[0]:
            best = (cost, end)
    return best[1] if best is not None else None


def _resolved(named: Named, today: datetime.date) -> datetime.date | None:
    if named.fixed is not None:
        return named.fixed
    if named.weekday is not None:
        return _weekday(named, today)
    if named.day is None:
        return None
    if named.month is None:
        found = _same_month(named.day, today)
        if found is not None and found >= today - 3 * _DAY:
            return found
        after = _month_span(today.year, today.month)[1] + _DAY
        return _same_month(named.day, after) or _same_month(named.day, after + 31 * _DAY)
    return _date(named.year or _likely_year(named.month, named.day, today), named.month, named.day)


def _weekday(named: Named, today: datetime.date, itself: bool = False) -> datetime.date:
    assert named.weekday is not None
    if named.next:
        return today + (7 - today.weekday() + named.weekday) * _DAY
    ahead = (named.weekday - today.weekday()) % 7
    return today + (ahead if ahead or itself else 7) * _DAY


def _same_month(day: int, base: datetime.date) -> datetime.date | None:
    return _date(base.year, base.month, day)


def _date(year: int, month: int, day: int) -> datetime.date | None:
    try:
        return datetime.date(year, month, day)
    except ValueError:
        return None
