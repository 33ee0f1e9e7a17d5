"""From when until when somebody is away, by what stands beside the days that he names."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum

from postclerk.mail.absence.dates import Named, dates, first_day, is_ablative, joined, last_day
from postclerk.mail.absence.tokens import Sentence, Token, is_return

_DAY = datetime.timedelta(days=1)
_FARTHEST = 6
"""Words between a day and what gives it its part."""


class _Part(Enum):
    FROM = "from"
    UNTIL = "until"
    THROUGH = "through"
    BACK = "back"
    AFTER = "after"
    BEFORE = "before"
    ON = "on"


@dataclass(frozen=True, slots=True)
class Term:
    """First and last day, each where it is said; `back` where the last is known by the return."""

    begins: datetime.date | None
    until: datetime.date | None
    back: bool = False


def is_month_first(tokens: Iterable[Token]) -> bool:
    """Whether one of the dates with slashes can only be read with the month first; else the day is."""
    for token in tokens:
        if token.kind in ("full", "part") and "/" in token.text:
            first, second = (int(one) for one in token.text.replace(" ", "").split("/")[:2])
            if first <= 12 < second:
                return True
    return False


def term(sentences: list[Sentence], today: datetime.date) -> Term | None:
    """What the sentences say, the first that says it; those that speak of an absence before those beside them."""
    month_first = is_month_first(token for one in sentences for token in one.tokens)
    near: list[Term] = []
    beside: list[Term] = []
    for place, sentence in enumerate(sentences):
        if sentence.signature:
            continue
        speaks = bool(sentence.says & {"absent", "back"})
        if not speaks and sentence.says & {"hours", "other", "phone"}:
            continue
        if "hours" in sentence.says and any(token.kind == "clock" for token in sentence.tokens):
            continue
        if speaks:
            near += _terms(sentence, today, month_first)
        elif any(one.says & {"absent", "back"} for one in sentences[max(0, place - 2) : place + 3]):
            beside += [one for one in _terms(sentence, today, month_first) if one.until is not None or one.begins]
    return _first(near, today) or _first(beside, today)


def stated(sentences: list[Sentence], today: datetime.date) -> Term | None:
    """A first and a last day in a text that speaks of nothing else that has days: deadlines, opening hours."""
    if any(one.says & {"hours", "other", "received"} for one in sentences):
        return None
    month_first = is_month_first(token for one in sentences for token in one.tokens)
    terms = (found for one in sentences if not one.signature for found in _terms(one, today, month_first))
    return next((one for one in terms if one.begins and one.until), None)


def _first(terms: list[Term], today: datetime.date) -> Term | None:
    whole = next((one for one in terms if one.begins and one.until), None)
    ends = [one for one in terms if one.until]
    end = next((one for one in ends if not one.back), ends[0] if ends else None)
    begin = next((one for one in terms if one.begins and not one.until), None)
    if whole is not None and (
        end is None or end is whole or end.until == whole.until or terms.index(whole) < terms.index(end)
    ):
        return whole
    if end is not None:
        begins = begin.begins if begin is not None and begin.begins is not None else end.begins
        if begins is not None and end.until is not None and begins > end.until:
            begins = None
        return Term(begins, end.until)
    return begin


def _terms(sentence: Sentence, today: datetime.date, month_first: bool) -> Iterator[Term]:
    tokens = sentence.tokens
    named = dates(tokens, today, month_first)
    place = 0
    while place < len(named):
        one = named[place]
        after = named[place + 1] if place + 1 < len(named) else None
        start = named[place - 1].end if place else 0
        if after is not None and (joined(tokens, one, after) or _post_joined(tokens, one, after)):
            last = place + 1
            while (
                last + 1 < len(named)
                and joined(tokens, named[last], named[last + 1])
                and one.day
                and named[last + 1].day
            ):
                last += 1
            if _is_opening(tokens, one, named[last]):
                place = last + 1
                continue
            found = _range(tokens, one, named[last], today)
            if found is not None:
                yield found
            place = last + 1
            continue
        stop = after.start if after is not None else len(tokens)
        part = _part(tokens, one, start, stop, sentence)
        found = _single(part, one, today)
        if found is not None:
            yield _lasting(tokens, found, today)
        place += 1
    if not named:
        yield from _by_length(tokens, sentence, None, today)


def _is_opening(tokens: list[Token], one: Named, other: Named) -> bool:
    """Monday to Friday with times of day are opening hours."""
    return one.weekday is not None and other.weekday is not None and any(token.kind == "clock" for token in tokens)


def _post_joined(tokens: list[Token], one: Named, other: Named) -> bool:
    """`3 Ağustos'tan itibaren 29 Ağustos'a kadar`, `с 3 августа (понедельник) по 29 августа`."""
    between = tokens[one.end : other.start]
    if len(between) > _FARTHEST:
        return False
    begins = is_ablative(one.suffix) or any(token.means & {"post_from"} for token in between)
    if not begins and not _before(tokens, one.start, 0) & {"from"}:
        return False
    if any(token.means & {"back", "back_last", "respond", "respond_last"} for token in between):
        return False
    ends = _before(tokens, other.start, one.end) | _behind(tokens, other.end, len(tokens))
    return bool(ends & {"until", "through", "post_until"})


def _range(tokens: list[Token], one: Named, other: Named, today: datetime.date) -> Term | None:
    until = last_day(other, today, first=one)
    begins = first_day(one, today, until)
    if other.span is not None or other.is_whole_month:
        ends = _before(tokens, other.start, one.end) | _behind(tokens, other.end, len(tokens))
        first = first_day(other, today, until)
        if ends & {"until", "post_until"} and "to" not in tokens[other.start - 1].means and first is not None:
            until = first - _DAY
    if until is None and begins is None:
        return None
    if begins is not None and until is not None and begins > until:
        begins = None
    return Term(begins, until)


def _before(tokens: list[Token], place: int, stop: int) -> frozenset[str]:
    """What the word before a day means, what says nothing passed over."""
    for at in range(place - 1, max(stop, place - _FARTHEST) - 1, -1):
        token = tokens[at]
        if token.folded == "начала" or (token.folded == "beginning" and tokens[at + 1].folded == "of"):
            continue
        cues = token.means & {"from", "until", "through", "not_before", "after", "back"}
        if cues:
            return cues
        if "to" in token.means and all(
            one.folded == "the" or one.numbered("weekday") is not None for one in tokens[at + 1 : place]
        ):
            return frozenset(("until",))
        if (
            token.kind in ("mark", "clock", "dash")
            or token.means & {"filler", "coming"}
            or token.numbered("weekday") is not None
        ):
            continue
        break
    return frozenset()


def _behind(tokens: list[Token], place: int, stop: int) -> frozenset[str]:
    for at in range(place, min(stop, place + _FARTHEST)):
        token = tokens[at]
        cues = frozenset(one for one in token.means if one.startswith("post_"))
        if cues:
            return cues
        if token.kind in ("mark", "clock") or token.means & {"filler", "year"} or token.numbered("weekday") is not None:
            continue
        break
    return frozenset()


def _part(tokens: list[Token], one: Named, start: int, stop: int, sentence: Sentence) -> _Part | None:
    before = _before(tokens, one.start, start)
    behind = _behind(tokens, one.end, stop)
    around = tokens[start:stop]
    clause = _clause(tokens, one, start, stop)
    returns = _is_said("back", tokens, one, start, stop) or is_return(around) or is_return(clause)
    if not returns and not (_says_absent(around) and _says_absent(clause)):
        returns = _is_said("respond", tokens, one, start, stop)
    denied = any("not" in token.means for token in around)
    part = _Part.ON
    if behind:
        if "post_until" in behind:
            part = _Part.UNTIL
        elif "post_before" in behind:
            part = _Part.BEFORE
        elif "post_after" in behind:
            part = _Part.AFTER
        elif "post_from" in behind:
            part = _Part.BACK if returns else _Part.FROM
    elif "after" in before:
        part = _Part.AFTER
    elif "not_before" in before:
        part = _Part.BEFORE
    elif "until" in before:
        part = _Part.THROUGH if "through" in before else _Part.UNTIL
        if returns and denied and any("back" in token.means for token in tokens[start : one.start]):
            part = _Part.BACK
    elif "through" in before:
        part = _Part.THROUGH
    elif "back" in before:
        part = _Part.BACK
    elif "from" in before or is_ablative(one.suffix):
        part = _Part.BACK if returns else _Part.FROM
    if part is _Part.ON and returns:
        part = _Part.BACK
    if part is _Part.ON and any("begun" in token.means for token in around):
        part = _Part.FROM
    if part is _Part.ON and "absent" not in sentence.says:
        return None
    return part


def _says_absent(tokens: list[Token]) -> bool:
    return any("absent" in token.says for token in tokens)


def _clause(tokens: list[Token], one: Named, start: int, stop: int) -> list[Token]:
    """What stands between the commas around a day."""
    begin = next((at + 1 for at in range(one.start - 1, start, -1) if tokens[at].text == ","), start)
    end = next((at for at in range(one.end, stop) if tokens[at].text == ","), stop)
    return tokens[begin:end]


def _is_said(meaning: str, tokens: list[Token], one: Named, start: int, stop: int) -> bool:
    """Whether it is said of this day: before it, or behind it in Turkish and Kazakh, and where no other day follows."""
    before, behind = tokens[start : one.start], tokens[one.end : stop]
    return (
        any(meaning in token.means for token in before)
        or any(f"{meaning}_last" in token.means for token in behind)
        or (stop == len(tokens) and any(meaning in token.means for token in behind))
        or (start == 0 and any(f"{meaning}_last" in token.means for token in before))
    )


def _single(part: _Part | None, one: Named, today: datetime.date) -> Term | None:
    if part is None:
        return None
    if part is _Part.FROM:
        begins = first_day(one, today, None)
        return Term(begins, None) if begins else None
    if part is _Part.ON:
        itself = one if one.weekday is not None else None
        until = last_day(one, today, first=itself)
        begins = first_day(one, today, until)
        return Term(begins, until) if until else None
    whole = one.span is not None or one.is_whole_month
    if part in (_Part.BACK, _Part.BEFORE) or (part is _Part.UNTIL and whole):
        end = last_day(one, today)
        first = first_day(one, today, end) if end is not None else None
        return Term(None, first - _DAY, back=part is not _Part.UNTIL) if first and first > datetime.date.min else None
    until = last_day(one, today)
    return Term(None, until, back=part is _Part.AFTER) if until else None


def _lasting(tokens: list[Token], found: Term, today: datetime.date) -> Term:
    """A term that has a first day and a length."""
    if found.until is None and found.begins is not None:
        length = _length(tokens, anyhow=True)
        if length is not None:
            return Term(found.begins, found.begins + (length - 1) * _DAY)
    return found


def _by_length(
    tokens: list[Token], sentence: Sentence, begins: datetime.date | None, today: datetime.date
) -> Iterator[Term]:
    length = _length(tokens, anyhow="absent" in sentence.says and not sentence.says & {"respond", "hours"})
    if length is None:
        return
    if "back" in sentence.says:
        yield Term(None, today + (length - 1) * _DAY, back=True)
    elif "respond" not in sentence.says or "absent" in sentence.says:
        yield Term(begins, today + length * _DAY)


def _length(tokens: list[Token], anyhow: bool = False) -> int | None:
    """Days that "for two weeks" lasts; with `anyhow`, "two weeks" too."""
    for place, token in enumerate(tokens):
        unit = 7 if "week" in token.means else 30 if "month" in token.means else 1 if "day" in token.means else 0
        if not unit:
            continue
        at = place - 1
        while at >= 0 and place - at <= 2 and tokens[at].means & {"working"}:
            at -= 1
        if at < 0:
            continue
        number = _number(tokens[at])
        around = [*tokens[max(0, at - 3) : at], *tokens[place + 1 : place + 3]]
        ends = token.folded.endswith(("ligina", "lugune", "лыққа", "лікке", "ға", "ге", "га", "ка", "ке"))
        if number is None or not (
            (anyhow and tokens[at].folded not in ("a", "an"))
            or ends
            or any(one.means & {"for", "in", "post_after", "next"} for one in around)
        ):
            continue
        if any(one.means & {"respond", "respond_last"} for one in tokens[max(0, at - 5) : at]):
            continue
        days = number * unit
        return days if 0 < days <= 400 else None
    return None


def _number(token: Token) -> int | None:
    if token.kind == "number":
        return int(re.findall(r"\d+", token.text)[0])
    return token.numbered("number")
