"""Durations as people write them in rules.yaml: `15m`, `24h`, `7d`."""

from __future__ import annotations

import re

_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 7 * 86400}
_WRITTEN = re.compile(r"\s*([0-9]{1,12}(?:\.[0-9]{1,3})?)\s*([A-Za-z]{1,3})\s*\Z")


def parse_duration(text: object) -> float:
    """Seconds in a duration such as `90s`, `15m`, `24h`, `7d`, `2w`. Raises ValueError."""
    match = _WRITTEN.match(text) if isinstance(text, str) else None
    if match is None or match[2].lower() not in _SECONDS:
        raise ValueError(f"{text!r} is not a duration; write a number and s, m, h, d or w, such as 15m or 7d")
    return float(match[1]) * _SECONDS[match[2].lower()]
