"""Durations and sizes as people write them in rules.yaml: `15m`, `24h`, `7d`, `20 MB`."""

from __future__ import annotations

import re

_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 7 * 86400}
_BYTES = {"b": 1, "kb": 1000, "mb": 1000**2, "gb": 1000**3, "kib": 1024, "mib": 1024**2, "gib": 1024**3}
_WRITTEN = re.compile(r"\s*([0-9]{1,12}(?:\.[0-9]{1,3})?)\s*([A-Za-z]{1,3})\s*\Z")


def parse_duration(text: object) -> float:
    """Seconds in a duration such as `90s`, `15m`, `24h`, `7d`, `2w`. Raises ValueError."""
    match = _WRITTEN.match(text) if isinstance(text, str) else None
    if match is None or match[2].lower() not in _SECONDS:
        raise ValueError(f"{text!r} is not a duration; write a number and s, m, h, d or w, such as 15m or 7d")
    return float(match[1]) * _SECONDS[match[2].lower()]


def parse_size(text: object) -> int:
    """Octets in a size such as `20 MB` (decimal) or `512 KiB` (binary). Raises ValueError."""
    match = _WRITTEN.match(text) if isinstance(text, str) else None
    if match is None or match[2].lower() not in _BYTES:
        raise ValueError(f"{text!r} is not a size; write a number and B, KB, MB, GB, KiB, MiB or GiB")
    return int(float(match[1]) * _BYTES[match[2].lower()])


def duration_text(seconds: float) -> str:
    """The shortest way to write a duration: `3600` seconds are `1h`."""
    for unit in ("w", "d", "h", "m"):
        if seconds >= _SECONDS[unit] and seconds % _SECONDS[unit] == 0:
            return f"{int(seconds // _SECONDS[unit])}{unit}"
    return f"{int(seconds)}s" if seconds == int(seconds) else f"{seconds:g}s"
