"""The demo's letters: some are answered, the clock is moved, and what waits is flagged and reminded of."""

from __future__ import annotations

import datetime
import time
from dataclasses import dataclass
from email.message import EmailMessage
from zoneinfo import ZoneInfo

from postclerk.adapters.calendar import SiteCalendar
from postclerk.config import load
from tests.demo.scenes import SERIK, letter
from tests.stack.whole import Stack

GUEST = "guest@example.org"
FLAG = "$Unanswered"
SUBJECTS = ("May I see the exam papers?", "When is the office open?", "Order 4711", "Minutes, no reply needed")
FATES = ("nobody has answered", "a.serik has answered", "a program wrote it", "its subject says so")
FLAGGED = (True, False, False, False)


@dataclass(frozen=True, slots=True)
class Seen:
    """What a mailbox shows: by subject, whether the letter bears the flag; and the reminders, as their subjects and
    texts."""

    flags: dict[str, bool]
    reminders: list[tuple[str, str]]


def send_letters(stack: Stack) -> None:
    """Four letters come to a.serik: one he answers, one is an order's confirmation, one says that it needs no answer,
    and one waits."""
    for number, subject in enumerate(SUBJECTS):
        there = {"Message_ID": f"<letter{number}@example.org>"}
        if subject.startswith("Order"):
            there["Auto_Submitted"] = "auto-generated"
        message = letter(f"A Guest <{GUEST}>", SERIK, subject, **there)
        assert stack.send(message, sender=GUEST, to=[SERIK]).code == 250
    stack.postfix.wait_until_delivered()


def answer(stack: Stack, number: int, subject: str) -> None:
    """a.serik answers one of them."""
    message = letter(SERIK, GUEST, f"Re: {subject}", In_Reply_To=f"<letter{number}@example.org>",
                     Message_ID=f"<answer{number}@uni.example>")  # fmt: skip
    assert stack.send(message, sender=SERIK, to=[GUEST], login="a.serik").code == 250
    stack.postfix.wait_until_delivered()


def when_overdue(stack: Stack) -> datetime.datetime:
    """A time within hours of work at which what came now has been due for some hours."""
    settings = load(stack.clerk.rules).settings
    work = SiteCalendar(settings).work_time()
    now = datetime.datetime.fromtimestamp(time.time(), ZoneInfo(settings.site.time_zone))  # noqa: TID251
    due = work.due(now, settings.answer_within)
    day = due.date() + datetime.timedelta(days=1)
    while not work.working_days(day, day + datetime.timedelta(days=1)):
        day += datetime.timedelta(days=1)
    return datetime.datetime.combine(day, datetime.time(10), now.tzinfo)


def next_monday(stack: Stack) -> datetime.datetime:
    """The Monday on which the digest of the week of `when_overdue` is written."""
    later = when_overdue(stack)
    return later + datetime.timedelta(days=7 - later.weekday())


def seen(stack: Stack) -> Seen:
    """What a.serik's mailbox shows."""
    session = stack.dovecot.imap(SERIK)
    try:
        flags, reminders = {}, []
        _ok, found = session.search(None, "ALL")
        for number in found[0].decode().split():
            _ok, data = session.fetch(number, "(FLAGS)")
            message = stack.dovecot.message(session, number)
            if "X-Auto-Response-Suppress" in message:
                body = message.get_body(("plain",))
                reminders.append((str(message["Subject"]), body.get_content() if body else ""))
            else:
                flags[str(message["Subject"])] = FLAG.encode() in data[0]
        return Seen(flags, reminders)
    finally:
        session.logout()


def wait_for_reminder(stack: Stack, *, seconds: float = 15.0) -> Seen:
    """What the mailbox shows once the reminder is there. Raises TimeoutError."""
    deadline = time.monotonic() + seconds
    while not (there := seen(stack)).reminders:
        if time.monotonic() > deadline:
            raise TimeoutError(f"no reminder came: {stack.clerk.log()[-2000:]}")
        time.sleep(0.2)
    return there


def wait_for_digest(stack: Stack, *, seconds: float = 15.0) -> EmailMessage:
    """The digest in a.serik's mailbox, once it is there. Raises TimeoutError."""
    deadline = time.monotonic() + seconds
    while True:
        found = [one for one in stack.dovecot.messages(SERIK) if "List-Unsubscribe" in one]
        if found:
            return found[0]
        if time.monotonic() > deadline:
            raise TimeoutError(f"no digest came: {stack.clerk.log()[-2000:]}")
        time.sleep(0.2)
