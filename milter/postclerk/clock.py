"""The clock: the one place that reads the time of day; everything else is given it."""

from __future__ import annotations

import datetime
import time


def now() -> float:
    """Seconds since the epoch."""
    return time.time()  # noqa: TID251 - this is the clock


def local(seconds: float, zone: datetime.tzinfo) -> datetime.datetime:
    """A time in a zone; what lies beyond all calendars is their last day."""
    try:
        return datetime.datetime.fromtimestamp(seconds, zone)
    except (ValueError, OverflowError, OSError):
        return datetime.datetime.max.replace(tzinfo=zone)
