"""Whether it is about other business: events, orders, what others wrote, invitations, a journal."""

from __future__ import annotations

import itertools
import re

from postclerk.core.lexicon import Sentence
from postclerk.core.registration.letter import Letter
from postclerk.core.registration.signals.sentences import tells_of
from postclerk.core.registration.signals.signal import signal


@signal("the subject is about an event", against=True)
def subject_event(letter: Letter) -> bool:
    return letter.subject_topic.has("event")


@signal("it is about an event", against=True)
def event(letter: Letter) -> bool:
    return letter.count(lambda one: tells_of(one, "event")) >= 2


def registers_for_event(letter: Letter) -> bool:
    """Whether one is registered for an event: "You are registered. The seminar …" tells it in the next sentence."""
    if not letter.said.isdisjoint(("account", "password", "subscribe", "username", "welcome")):
        return False
    near = itertools.zip_longest(letter.beginning, letter.beginning[1:])
    return any(
        one.any("register", "registered")
        and (letter.remembered(event) or any(tells_of(said, "event") for said in (one, after) if said))
        for one, after in near
    )


def is_paid_for(letter: Letter) -> bool:
    """Whether it is about a purchase, or a subscription that is paid for again and again."""
    if not letter.said.isdisjoint(("account", "password")):
        return False
    return (
        "billed" in letter.said
        or letter.said.issuperset(("subscribe", "ends"))
        or any(one.has("thank") and tells_of(one, "trade") for one in letter.beginning)
    )


def is_hired(letter: Letter) -> bool:
    """Whether an employer greets a newcomer, who has an account only where it is told."""
    return "hired" in letter.said and letter.said.isdisjoint(("account", "password", "username"))


_DAY = re.compile(
    r"\b\d{1,2}\.? (?:{0})|(?:{0})\w* \d{1,2}\b|\b\d{1,2}\.\d{1,2}\.(?:\d{2}){1,2}\b|\b20\d\d-\d\d-\d\d\b".replace(
        "{0}",
        "jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|янв|фев|март|апр|мая|июн|июл|авг|сент|окт|ноя|дек|"
        "ocak|subat|nisan|haziran|temmuz|agustos|eylul|ekim|kasim|aralik|"
        "кантар|акпан|наурыз|сауир|мамыр|маусым|шилде|тамыз|кыркуйек|кыркуиек|казан|караша|желтоксан",
    )
)


_DEADLINE = re.compile(rf"\b(?:by|before|until|till|до) (?:{_DAY.pattern})")
"""The day until which something can be done, in English and Russian; the others say so behind it, and are not read."""


_DIGIT = re.compile(r"\d")


_HOUR = re.compile(r"(?<![\w.:])(?:[01]?\d|2[0-3])[:.][0-5]\d(?![\w:]|\.\d)|\b\d{1,2} ?[ap]m\b")


@signal("it says when or where something takes place", against=True)
def takes_place(letter: Letter) -> bool:
    said = letter.sentences
    near = itertools.zip_longest(said, said[1:])
    return any(
        # A day, an hour and most places have digits, and most sentences have none.
        (_DIGIT.search(one.text) or (after and _DIGIT.search(after.text)))
        and not one.any("expires", "signin")
        and not one.has("created", "account")
        and (
            (one.has("happens") and _DIGIT.search(one.text))
            or (
                _DAY.search(_DEADLINE.sub(" ", one.text))
                and (_HOUR.search(_DAY.sub(" ", one.text)) or (after and _HOUR.search(after.text)))
            )
        )
        for one, after in near
    )


def is_for_something_else(letter: Letter) -> bool:
    """Whether one is registered for something that takes place, to work there, or subscribed to what is paid for."""
    return any(map(letter.remembered, (is_hired, is_paid_for, takes_place, registers_for_event)))


@signal("the subject is about an order, a payment or a delivery", against=True)
def subject_trade(letter: Letter) -> bool:
    return letter.subject_topic.has("trade")


@signal("it is about orders, payments or deliveries", against=True)
def trade(letter: Letter) -> bool:
    return letter.count(lambda one: tells_of(one, "trade")) >= 3


_TRACKED = re.compile(
    r"(?<!\w)[#!]\d{1,7}\b|^\s*\[[\w.-]{1,60}/[\w.-]{1,60}\]|[\[(][a-zA-Z]{2,12}[ -]\d{1,7}[\])]", re.ASCII
)
"""The number of a ticket, an issue or an order, or the name of a store of sources."""


@signal("the subject names a ticket, an order or a store of sources", against=True)
def subject_numbered(letter: Letter) -> bool:
    return bool(_TRACKED.search(letter.subject[:500]))


@signal("the subject is about what somebody wrote or did on the site", against=True)
def subject_social(letter: Letter) -> bool:
    return _is_social(letter.subject_topic)


def _is_social(sentence: Sentence) -> bool:
    # What is to be confirmed may be called a weekly; who asks to be registered makes a request, and it is no ticket.
    if sentence.has("confirm", "subscribe"):
        return False
    return sentence.any("social", "digest", "export") or (
        sentence.has("ticket") and not sentence.any("register", "approved")
    )


@signal("it is about what somebody wrote or did on the site", against=True)
def social(letter: Letter) -> bool:
    return any(map(_is_social, letter.beginning))


@signal("the subject invites you", against=True)
def subject_invites(letter: Letter) -> bool:
    return letter.subject_said.has("invite")


@signal("it invites you", against=True)
def invites(letter: Letter) -> bool:
    return any(one.has("invite") for one in letter.beginning[:3])


@signal("it is about a journal's work", against=True)
def journal(letter: Letter) -> bool:
    return letter.subject_said.has("journal") or letter.count(lambda one: one.has("journal")) >= 2
