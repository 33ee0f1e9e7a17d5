"""Two digests as they come, of a person and of a unit, and a digest as a mail program shows it."""

from __future__ import annotations

import dataclasses
import datetime
from email.message import EmailMessage
from zoneinfo import ZoneInfo

from postclerk.core.digest import AbsentPerson, PersonalDigest, UnitDigest, WaitingLetter, Week
from postclerk.mails.message import Sender

SENDER = Sender("postmaster@uni.example", "Example University", "mx.uni.example")
ALMATY = ZoneInfo("Asia/Almaty")
AT = datetime.datetime(2026, 11, 30, 8, 30, tzinfo=ALMATY)


def _at(day: int, hour: int, minute: int = 0) -> datetime.datetime:
    return datetime.datetime(2026, 11, day, hour, minute, tzinfo=ALMATY)


def _hours(*hours: float | None) -> tuple[datetime.timedelta | None, ...]:
    return tuple(None if one is None else datetime.timedelta(hours=one) for one in hours)


def _letter(
    number: int, author: str, subject: str, received: datetime.datetime, over: float, **values: str
) -> WaitingLetter:
    page = f"https://mail.uni.example/e/w/{number}"
    links = {
        "message_id": f"<{number}.c0ffee@mx.example.org>",
        "webmail": f"https://webmail.uni.example/?_task=mail&_mbox=INBOX&_uid={number}",
        "unneeded": f"{page}?t=eyJ3IjoxfQ.aSw5Qg.{number}x1-nW_unneeded&what=unneeded",
        "by_phone": f"{page}?t=eyJ3IjoxfQ.aSw5Qg.{number}x1-nW_telephone&what=by-phone",
    }
    due = received + datetime.timedelta(days=1)
    return WaitingLetter(author, subject, received, due, datetime.timedelta(hours=over), **{**links, **values})


LETTERS = (
    _letter(4711, "Студенттер бөлімі", "Сессия кестесі бойынша сұрақ", _at(20, 9, 40), 94.8),
    _letter(4744, "Editorial office", "Revised manuscript 118: your report", _at(24, 14, 5), 42),
    _letter(
        4790, "Учебный отдел другого факультета",
        "Согласование рабочей программы дисциплины «Высшая геодезия» на весенний семестр",
        _at(26, 11, 20), 0.75, mailbox="office@uni.example",
    ),
    _letter(4802, "Uluslararası ofis", "Öğrenci değişimi için davet mektubu", _at(29, 18, 30), 0, webmail=""),
)  # fmt: skip

PERSONAL = PersonalDigest(
    name="A. Serik",
    week="2026-W48",
    begins=datetime.date(2026, 11, 23),
    ends=datetime.date(2026, 11, 29),
    letters=LETTERS,
    more=0,
    numbers=Week(26, 19, 3, 4, datetime.timedelta(hours=5, minutes=20), _hours(9, 11.5, 7, None, 8.2, 6.5)),
    unsubscribe="https://mail.uni.example/e/leave?t=eyJsIjoiYS5zZXJpayJ9.aSw5Qg.4o1Xv",
    one_click=True,
)

_PEOPLE = ("A. Serik", "C. Burst", "A. Serik", "D. Dean")
_BARE = {"message_id": "", "webmail": "", "unneeded": "", "by_phone": ""}

UNIT = UnitDigest(
    name="B. Head",
    unit="Registry",
    week="2026-W48",
    begins=datetime.date(2026, 11, 23),
    ends=datetime.date(2026, 11, 29),
    letters=tuple(
        dataclasses.replace(one, person=person, **_BARE) for one, person in zip(LETTERS, _PEOPLE, strict=True)
    ),
    more=17,
    numbers=Week(1284, 1102, 97, 21, datetime.timedelta(hours=7, minutes=45), _hours(8, 7.5, 12, 9, 8.2, 10, 9, 8)),
    people=21,
    absent=(
        AbsentPerson("D. Dean", datetime.date(2026, 12, 11)),
        AbsentPerson("E. Editor", None),
        AbsentPerson("F. Fellow", None, silent_days=6),
    ),
    unsubscribe="https://mail.uni.example/e/leave?t=eyJsIjoiYi5oZWFkIn0.aSw5Qg.9fKq2",
)
"""Without a word of what the letters are."""

NAMED = dataclasses.replace(UNIT, shows_letters=True)
"""With their authors and subjects."""


def part(mail: EmailMessage, kind: str) -> str:
    """The mail's text or its page."""
    found = mail.get_body((kind,))
    assert found is not None
    return str(found.get_content()).replace("\r\n", "\n")


def pictures(mail: EmailMessage) -> dict[str, bytes]:
    """The mail's pictures by their Content-ID."""
    return {
        str(one["Content-ID"]).strip("<>"): one.get_payload(decode=True)  # type: ignore[misc]
        for one in mail.walk()
        if one.get_content_maintype() == "image"
    }
