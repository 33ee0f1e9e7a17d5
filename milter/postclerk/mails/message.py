"""A mail of our own as octets: its header by RFC 3834, text and HTML, the same in each of the reader's languages.

It is automatic, says so, and is sent from nobody, so that no program answers it.
"""

from __future__ import annotations

import datetime
import secrets
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from email.message import EmailMessage, MIMEPart
from email.policy import EmailPolicy
from email.utils import format_datetime
from functools import lru_cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from postclerk.core.addresses import printable

_LONGEST_SUBJECT = 120
_LONGEST_WORD = 60
_LINE = 76


class _Policy(EmailPolicy):
    """Lines as SMTP wants them, a field in ASCII folded at its blanks alone.

    The library would encode a long Message-ID or address as if it were text (RFC 2047), which no program reads back.
    """

    def fold(self, name: str, value: Any) -> str:
        """A header field as it is written."""
        text = " ".join(str(value).split())
        if not text.isascii() or max(map(len, text.split()), default=0) <= _LONGEST_WORD:
            return str(super().fold(name, value))
        lines = textwrap.wrap(f"{name}: {text}", _LINE, break_long_words=False, break_on_hyphens=False)
        return "".join(f"{' ' if number else ''}{line}{self.linesep}" for number, line in enumerate(lines))

    def fold_binary(self, name: str, value: Any) -> bytes:
        """The same as octets."""
        return self.fold(name, value).encode("ascii", "replace")


POLICY = _Policy(linesep="\r\n")
"""How our own mail is written."""


@dataclass(frozen=True, slots=True)
class Section:
    """What a mail says in one language. `facts` are labels with values, `button` a label with an address."""

    language: str
    name: str
    heading: str
    paragraphs: Sequence[str] = ()
    steps_heading: str = ""
    steps: Sequence[str] = ()
    button: tuple[str, str] | None = None
    facts: Sequence[tuple[str, str]] = ()
    footer: str = ""


@dataclass(frozen=True, slots=True)
class Sender:
    """Who writes: an address, the name that people read beside it, and the host in Message-IDs."""

    address: str
    name: str
    hostname: str


def message(
    sender: Sender,
    to: str,
    subject: str,
    sections: Sequence[Section],
    *,
    at: datetime.datetime,
    answers: str = "",
    replied: bool = False,
) -> EmailMessage:
    """A whole mail. `answers` is the Message-ID of what it is about, `replied` whether it answers a message at all."""
    mail = header(sender, to, subject, [one.language for one in sections], at=at, answers=answers, replied=replied)
    fill(mail, subject, sections)
    return mail


def header(
    sender: Sender,
    to: str,
    subject: str,
    languages: Sequence[str],
    *,
    at: datetime.datetime,
    answers: str = "",
    replied: bool = False,
) -> EmailMessage:
    """A mail that has nothing but its header yet (see message)."""
    mail = EmailMessage(POLICY)
    mail["From"] = _mailbox(sender)
    mail["To"] = to
    mail["Subject"] = one_line(subject)[:_LONGEST_SUBJECT]
    mail["Date"] = format_datetime(at)
    mail["Message-ID"] = f"<{secrets.token_urlsafe(15)}@{sender.hostname}>"
    if answers:
        mail["In-Reply-To"] = mail["References"] = answers
    mail["Auto-Submitted"] = "auto-replied" if replied else "auto-generated"
    mail["X-Auto-Response-Suppress"] = "All"
    mail["Content-Language"] = ", ".join(languages)
    return mail


def fill(part: MIMEPart, subject: str, sections: Sequence[Section]) -> None:
    """Writes the sections into a part, as text and as HTML."""
    templates = _templates()
    part.set_content(templates.get_template("mail.txt").render(sections=sections), cte="quoted-printable")
    html = templates.get_template("mail.html").render(title=subject, sections=sections)
    part.add_alternative(html, subtype="html", cte="quoted-printable")


def one_line(text: str) -> str:
    """Any text as one line that a header may hold."""
    return " ".join(printable(text).split())


def _mailbox(sender: Sender) -> str:
    name = one_line(sender.name).replace("\\", "").replace('"', "")
    return f'"{name}" <{sender.address}>' if name else sender.address


@lru_cache(maxsize=1)
def _templates() -> Environment:
    return Environment(
        loader=PackageLoader("postclerk"),
        autoescape=select_autoescape(["html"]),
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
