"""1.3.3-b  Who is away for long says until when, and whom to ask instead: what an automatic reply says of both."""

from __future__ import annotations

import datetime
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Absence:
    """A term of absence and the contact of the substitute, each where it is said.

    `until` is the last day of absence. "Until 15 August", "до 15 августа", "15 Ağustos'a kadar" and "15 тамызға дейін"
    name that day itself: with no word of a return, people mean it either way in all four languages, and a clock that
    runs a day late does less harm than a reminder to somebody who is away. "Back on 17 August" names the first day
    at work, so the absence ends on the 16th. Where both are said, the former counts.

    `substitute` is an address in lower case; without one the telephone number or the name, as written.
    """

    begins: datetime.date | None
    until: datetime.date | None
    substitute: str | None


def absence_json(absence: Absence | None) -> dict[str, str | None] | None:
    """As JSON has it: dates by ISO 8601."""
    if absence is None:
        return None
    return {
        "from": absence.begins.isoformat() if absence.begins else None,
        "until": absence.until.isoformat() if absence.until else None,
        "substitute": absence.substitute,
    }
