"""Durations and hours of the day as people write them in rules.yaml: `15m`, `24h`, `7d`; `08:00-18:00`."""

from __future__ import annotations

import re

_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 7 * 86400}
_WRITTEN = re.compile(r"\s*([0-9]{1,12}(?:\.[0-9]{1,3})?)\s*([A-Za-z]{1,3})\s*\Z")
_HOURS = re.compile(r"(\d\d):(\d\d)-(\d\d):(\d\d)", re.ASCII)


def parse_duration(text: object) -> float:
    """Seconds in a duration such as `90s`, `15m`, `24h`, `7d`, `2w`. Raises ValueError."""
    match = _WRITTEN.match(text) if isinstance(text, str) else None
    if match is None or match[2].lower() not in _SECONDS:
        raise ValueError(f"{text!r} is not a duration; write a number and s, m, h, d or w, such as 15m or 7d")
    return float(match[1]) * _SECONDS[match[2].lower()]


def parse_hours(text: str) -> tuple[int, int]:
    """Hours of a day such as `08:00-18:00` as minutes since midnight; `22:00-06:00` goes over midnight, and
    `00:00-24:00` is the whole day. Raises ValueError."""
    found = _HOURS.fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r} are no hours of a day such as 08:00-18:00")
    hours = [int(found[number]) for number in range(1, 5)]
    begin, end = hours[0] * 60 + hours[1], hours[2] * 60 + hours[3]
    if max(hours[1], hours[3]) > 59 or max(begin, end) > 24 * 60 or begin == end:
        raise ValueError(f"{text!r} are no hours of a day such as 08:00-18:00")
    return begin, end


def within_hours(text: str, minute: int) -> bool:
    """Whether a minute of the day lies within hours (see parse_hours)."""
    begin, end = parse_hours(text)
    return begin <= minute < end if begin < end else minute >= begin or minute < end
