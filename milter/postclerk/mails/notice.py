"""The notice to one of our own people whose message, or a message to whom, was refused or held.

To a sender it is a delivery report (RFC 3464, 6522) with the policy's facts as fields that a program can read.
"""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass
from email.message import EmailMessage, Message, MIMEPart
from email.mime.base import MIMEBase
from typing import Any

from postclerk.core.addresses import printable
from postclerk.core.rule import Words
from postclerk.explained import Explanation, Role, explained, filled, words_of
from postclerk.languages import Language, marked
from postclerk.mail.charsets import header_text
from postclerk.mails.message import POLICY, Section, Sender, fill, message, one_line

_MOST_RECIPIENTS = 50
_MOST_SHOWN = 5
_LONGEST_LINE = 998
_SUBJECT = re.compile(r"^subject:((?:.|\n[ \t])*)", re.IGNORECASE | re.MULTILINE)
_MESSAGE_ID = re.compile(r"^message-id:\s*(<[^<>\s]{1,250}>)\s*$", re.IGNORECASE | re.MULTILINE)
_FROM = re.compile(r"^from:((?:.|\n[ \t])*)", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Told:
    """What one person is told: a journal entry, his part in it, how often the same happened since he was told the last
    time, the header of the message as far as it is known, whether he may ask for something, and the page to do so."""

    entry: dict[str, Any]
    role: Role
    times: int
    header: str
    may_ask: bool
    page: str
    fate: str = ""
    """What has become of a held message: deleted, or where nobody decided returned, released or kept."""
    reason: str = ""
    """Why, in the words of whoever decided."""

    @property
    def waits(self) -> bool:
        """Whether somebody is still to decide."""
        return self.entry["action"] == "hold" and not self.fate


def notice(
    told: Told, sender: Sender, to: str, languages: tuple[Language, ...], *, at: datetime.datetime, helpdesk: str
) -> bytes:
    """The notice as octets, lines ending with CRLF."""
    sections = [_section(told, language, at, helpdesk) for language in languages]
    about = _field(_SUBJECT, told.header)
    subject = f"{sections[0].heading}: {about}" if about else sections[0].heading
    found = _MESSAGE_ID.search(told.header)
    answers = found[1] if found and found[1].isascii() else ""
    replied = told.role is Role.SENDER
    mail = message(sender, to, subject, sections, at=at, answers=answers if replied else "", replied=replied)
    if replied:
        _report(mail, told, sender, subject, sections)
    return mail.as_bytes(policy=POLICY)


def _field(pattern: re.Pattern[str], header: str) -> str:
    found = pattern.search(header)
    return one_line(header_text(" ".join(found[1].split())))[:200] if found else ""


def _section(told: Told, language: Language, at: datetime.datetime, helpdesk: str) -> Section:
    text = language.text
    why: Explanation = explained(told.entry, told.role, language)
    paragraphs = list(why.happened)
    if told.times > 1:
        paragraphs.append(
            language.count(
                "Before it, the same happened to {n} other message.",
                "Before it, the same happened to {n} other messages.",
                told.times - 1,
            )
        )
    paragraphs += [
        text("The e-mail policy, {clause}: {says}", clause=number, says=says) for number, says in why.clauses
    ]
    if told.waits:
        paragraphs.append(text("Nothing is lost. The message waits until somebody has decided."))
    label = marked("Read more, or ask for an exemption") if told.may_ask else marked("Read more")
    if told.waits:
        label = marked("Read more, or ask for its release")
    elif told.fate:
        paragraphs.insert(0, text(_FATES[told.fate]))
    return Section(
        language=language.code,
        name=language.name,
        heading=text(_FATE_HEADINGS[told.fate]) if told.fate else why.heading,
        paragraphs=paragraphs,
        steps_heading=text("What you can do") if why.todo else "",
        steps=why.todo,
        button=(text(label), f"{told.page}&lang={language.code}") if told.page else None,
        facts=list(_facts(told, language, at)),
        footer=text(
            "Questions? Write to {helpdesk} and name the number {number}.",
            helpdesk=helpdesk,
            number=told.entry["id"],
        ),
    )


_FATES = {
    "deleted": marked("The IT department has looked at it and decided that it is not sent."),
    "returned": marked(
        "Nobody has decided on it in time, so it comes back to you. If it is still needed, send it again."
    ),
    "released": marked("Nobody has decided on it in time, so it was let through to you. Treat it with care."),
    "kept": marked("Nobody has decided on it yet. It is still being held back."),
}
_FATE_HEADINGS = {
    "deleted": marked("Your message was not sent"),
    "returned": marked("Your message was not sent"),
    "released": marked("A message to you was let through"),
    "kept": marked("A message to you is being held back"),
}


def _facts(told: Told, language: Language, at: datetime.datetime) -> list[tuple[str, str]]:
    entry, text = told.entry, language.text
    facts = []
    if subject := _field(_SUBJECT, told.header):
        facts.append((text("Subject"), subject))
    if told.role is Role.RECIPIENT:
        facts.append((text("From"), _field(_FROM, told.header) or printable(entry["envelope_from"])))
    else:
        shown = ", ".join(map(printable, entry["recipients"][:_MOST_SHOWN]))
        more = len(entry["recipients"]) - _MOST_SHOWN
        facts.append((text("To"), shown + (language.count(" and {n} more", " and {n} more", more) if more > 0 else "")))
    if told.reason:
        facts.append((text("Reason"), printable(told.reason)))
    when = datetime.datetime.fromtimestamp(entry["time"], at.tzinfo)
    return [*facts, (text("Time"), language.moment(when)), (text("Number"), entry["id"])]


# -- The report for programs -------------------------------------------------------------------------------------------


def _report(mail: EmailMessage, told: Told, sender: Sender, subject: str, sections: list[Section]) -> None:
    """Turns the mail into a multipart/report around what it says."""
    mail.clear_content()
    words = MIMEPart(POLICY)
    fill(words, subject, sections)
    del words["MIME-Version"]
    parts: list[Any] = [words, _status(told, sender)]
    if told.header:
        header = MIMEPart(POLICY)
        plain = _plain(told.header)
        whole = plain.isascii() and max(map(len, plain.splitlines())) <= _LONGEST_LINE
        header.set_content(plain, subtype="rfc822-headers", cte="7bit" if whole else "quoted-printable")
        del header["MIME-Version"]
        parts.append(header)
    mail["Content-Type"] = 'multipart/report; report-type="delivery-status"'
    mail.set_payload(parts)


def _plain(header: str) -> str:
    return "".join(char if char.isprintable() or char in "\n\t" else "?" for char in header) + "\n"


def _status(told: Told, sender: Sender) -> MIMEBase:
    entry = told.entry
    first = next(one for one in entry["findings"] if not one["monitor"] and one["action"] == entry["action"])
    words: Words = words_of(first)
    said = one_line(filled(words.reason, first["detail"], Language("en")))
    failed = entry["action"] == "reject" or told.fate in ("returned", "deleted")
    general = EmailMessage(POLICY)
    general["Reporting-MTA"] = f"dns; {sender.hostname}"
    general["X-Policy-Incident"] = entry["id"]
    general["X-Policy-Clause"] = first["clause"]
    general["X-Policy-Finding"] = f"{first['rule']}.{first['code']}"
    if words.remedy:
        general["X-Policy-Remedy"] = one_line(words.remedy)
    if told.may_ask and told.page:
        general["X-Policy-Grant"] = told.page
    blocks: list[Message[str, str] | str] = [general]
    for recipient in entry["recipients"][:_MOST_RECIPIENTS]:
        block = EmailMessage(POLICY)
        block["Final-Recipient"] = _typed(recipient)
        block["Action"] = "failed" if failed else "delayed"
        block["Status"] = f"{5 if failed else 4}.{words.enhanced or '7.1'}"
        block["Diagnostic-Code"] = f"x-policy; [{first['clause']}] {said}"
        blocks.append(block)
    status = MIMEBase("message", "delivery-status", policy=POLICY)
    del status["MIME-Version"]
    status.set_payload(blocks)
    return status


def _typed(address: str) -> str:
    """An address with its type; one that is not ASCII in the form that an ASCII report holds (RFC 6533 3)."""
    clean = "".join(char for char in address if char.isprintable() and not char.isspace())
    if clean.isascii():
        return f"rfc822; {clean}"
    return "utf-8; " + "".join(char if char.isascii() and char != "\\" else f"\\x{{{ord(char):02X}}}" for char in clean)
