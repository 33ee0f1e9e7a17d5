"""1.3.3-b  An automatic reply states the term of absence and the contact of the substitute: what it says of both.

    absence("Out of office", "I am away until 15 August; please write to office@uni.example.", at)
    # Absence(begins=None, until=date(2026, 8, 15), substitute="office@uni.example")

Kazakh, Russian, Turkish and English are read, also mixed and in each other's letters (core.lexicon). Where several
languages say it, the first counts. Days without a year are in the year that is nearest to `at`; numbers alone are dates
as the four languages write them, the day first, unless another date of the text proves the month first.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import datetime

from postclerk.core.absence import Absence
from postclerk.mail.absence.substitute import substitute
from postclerk.mail.absence.terms import stated, term
from postclerk.mail.absence.tokens import sentences

_FIRST_YEAR, _LAST_YEAR = 1970, 2200
"""What a clock can say; days of weeks around it are counted without an end in sight."""

_LONGEST_SUBJECT = 300
_OF_THE_OTHER = re.compile(r"\b(?:re|fwd?|aw|ynt|ilt|ilet|ответ|отв|на|жауап|жб)\s*:.*", re.IGNORECASE)
"""In a subject what the other person wrote about."""


def absence(subject: str, text: str, at: datetime, own: Collection[str] = ()) -> Absence | None:
    """What an automatic reply of this subject and text, sent `at`, says; None where it speaks of no absence.

    `text` is what its author wrote, without quotation; `own` are the person's own addresses, which are no substitute's.
    The caller knows that the reply is an automatic one. Never raises; time is linear and the text cut.
    """
    if not _FIRST_YEAR <= at.year <= _LAST_YEAR:
        at = at.replace(year=_FIRST_YEAR, day=min(at.day, 28))
    said = sentences(text)
    headed = sentences(_OF_THE_OTHER.sub("", subject[:_LONGEST_SUBJECT]))
    found = term(said, at.date())
    speaks = any("absent" in one.says and "hours" not in one.says for one in (*said, *headed))
    if found is None or found.until is None:
        of_subject = term(headed, at.date())
        if of_subject is not None and of_subject.until is not None:
            found = of_subject
    if not speaks and found is None and any(one.says & {"contact", "back", "respond"} for one in said):
        found = stated(said, at.date())
        speaks = found is not None
    if not speaks and (found is None or found.until is None or not any("back" in one.says for one in said)):
        return None
    return Absence(
        begins=found.begins if found is not None else None,
        until=found.until if found is not None else None,
        substitute=substitute(said, own),
    )
