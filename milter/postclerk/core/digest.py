"""What the weekly digests are made of (1.3.3-a): letters that wait, numbers of a week, people who are away."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta


@dataclass(frozen=True, slots=True)
class WaitingLetter:
    """A letter that nobody has answered. Its `author` is as people read it; `over` is the working time beyond `due`,
    zero where it is not due yet; `webmail`, `unneeded` and `by_phone` are links or empty; `mailbox` is the shared
    mailbox that it came to; `person` tells in a unit's digest whose letter it is."""

    author: str
    subject: str
    received: datetime
    due: datetime
    over: timedelta
    message_id: str = ""
    webmail: str = ""
    unneeded: str = ""
    by_phone: str = ""
    mailbox: str = ""
    person: str = ""


@dataclass(frozen=True, slots=True)
class Week:
    """The numbers of one week: letters received, answered in time and late, and waiting at its end; the median working
    time to an answer, and the medians of the weeks before, oldest first. It is None where nothing was answered."""

    received: int
    in_time: int
    late: int
    waiting: int
    median: timedelta | None
    medians_before: tuple[timedelta | None, ...] = ()


@dataclass(frozen=True, slots=True)
class PersonalDigest:
    """One person's week, from `begins` to `ends`, both included, and the letters that wait, oldest first; `more` is how
    many wait besides. To `unsubscribe`, a page, a program may POST where `one_click` says so (RFC 8058)."""

    name: str
    week: str
    begins: date
    ends: date
    letters: tuple[WaitingLetter, ...]
    more: int
    numbers: Week
    unsubscribe: str = ""
    one_click: bool = False


@dataclass(frozen=True, slots=True)
class AbsentPerson:
    """Who is absent without a substitute, until a day if one is known; or, where `silent_days` is not zero, has been
    silent for so many working days with no automatic reply."""

    name: str
    until: date | None
    silent_days: int = 0


@dataclass(frozen=True, slots=True)
class UnitDigest:
    """A unit's week, for `name`, its superior. Without `shows_letters` it tells of a letter whose it is, since when and
    how long over, but neither author nor subject. The rest as in PersonalDigest."""

    name: str
    unit: str
    week: str
    begins: date
    ends: date
    letters: tuple[WaitingLetter, ...]
    more: int
    numbers: Week
    people: int
    absent: tuple[AbsentPerson, ...] = ()
    shows_letters: bool = False
    unsubscribe: str = ""
    one_click: bool = False
