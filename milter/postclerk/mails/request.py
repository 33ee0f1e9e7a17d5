"""What is written about a request: to whoever decides it, and to whoever asked."""

from __future__ import annotations

import datetime
from typing import Any

from postclerk.core.addresses import printable
from postclerk.languages import Language, marked
from postclerk.mails.message import POLICY, Section, Sender, message


def what(request: dict[str, Any], language: Language) -> str:
    """What somebody asks for, in one sentence."""
    if request["kind"] == "release":
        return language.text("The release of a message that is being held back.")
    if request["option"]:
        option = language.text(_OPTIONS.get(request["option"], _MORE))
        return language.text("Up to {amount} {option}.", amount=request["amount"], option=option)
    return language.text(_VALUES.get(request["rule"], _OTHER), value=printable(request["value"] or ""))


_MORE = marked("more than the policy allows")
_OTHER = marked("To use {value}.")
_OPTIONS = {
    "per_message": marked("recipients in one message"),
    "per_hour": marked("recipients within an hour"),
    "per_day": marked("recipients within 24 hours"),
}
_VALUES = {
    "sender": marked("To send mail as {value}."),
    "return_address": marked("To send mail as {value}."),
    "recipients": marked("To write to the list {value}."),
    "registration": marked("To use the work address with {value}."),
}


def to_decide(
    request: dict[str, Any], who: str, sender: Sender, to: str, languages: tuple[Language, ...], page: str,
    *, order: str, at: datetime.datetime,
) -> bytes:  # fmt: skip
    """The mail to whoever decides: on a page, or by an order on the command line."""
    sections = []
    for language in languages:
        text = language.text
        sections.append(
            Section(
                language=language.code,
                name=language.name,
                heading=text("{who} asks for your approval", who=who),
                paragraphs=[what(request, language), text("The reason given: {reason}", reason=request["reason"])],
                button=(text("Look at it and decide"), _in(language, page)) if page else None,
                facts=[
                    (text("Number"), request["incident"]),
                    *([(text("On the command line"), order)] if order else []),
                ],
                footer=text("Opening the page decides nothing yet.") if page else "",
            )
        )
    return message(sender, to, sections[0].heading, sections, at=at).as_bytes(policy=POLICY)


def _in(language: Language, page: str) -> str:
    return f"{page}{'&' if '?' in page else '?'}lang={language.code}"


def decided(
    request: dict[str, Any], sender: Sender, to: str, languages: tuple[Language, ...],
    *, ends: datetime.datetime | None, gone: bool, at: datetime.datetime,
) -> bytes:  # fmt: skip
    """The mail to whoever asked, once it is decided; `gone` where there is no message to be released any longer."""
    sections = []
    for language in languages:
        text = language.text
        paragraphs = [what(request, language)]
        if request["approved"] and request["kind"] == "grant":
            paragraphs.append(text("You can send the message again."))
            if ends is not None:
                paragraphs.append(text("This holds until {moment}.", moment=language.moment(ends)))
        elif request["approved"] and gone:
            paragraphs.append(text("The message is not held any longer: it was deleted before."))
        elif request["approved"]:
            paragraphs.append(text("The message is on its way."))
        if request["answer"]:
            paragraphs.append(text("The answer given: {answer}", answer=request["answer"]))
        heading = marked("Your request was approved") if request["approved"] else marked("Your request was declined")
        sections.append(
            Section(
                language=language.code,
                name=language.name,
                heading=text(heading),
                paragraphs=paragraphs,
                facts=[(text("Number"), request["incident"])],
                footer=text("It was decided by {who}.", who=request["decided_by"]),
            )
        )
    return message(sender, to, sections[0].heading, sections, at=at).as_bytes(policy=POLICY)
