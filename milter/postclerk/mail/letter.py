"""A whole message as the letter that its reader meets (see core.registration.letter)."""

from __future__ import annotations

from collections.abc import Callable

from postclerk.core.facts import Headers
from postclerk.core.reading import Reading
from postclerk.core.registration.letter import Letter
from postclerk.mail.answerable import calendar_method
from postclerk.mail.charsets import header_text
from postclerk.mail.parts import Parts, parts
from postclerk.mail.text import reading


def read_body(headers: Headers, body: bytes) -> Reading:
    """A body (lines end with CRLF) as its reader sees it."""
    return read_parts(parts(headers.fields, body))


def read_parts(message: Parts) -> Reading:
    """The same, of its parts."""
    return reading(message, calendar=calendar_method(message))


def letter_of(
    headers: Headers, read: Reading, recipients: tuple[str, ...] = (), by_person: Callable[[], bool] | None = None
) -> Letter:
    """The letter that a message is whose body has been read; without `recipients`, it is for those in To.

    `by_person` says whether a person wrote it (see mail.kind), and is called where that is asked."""
    subject = header_text(headers.first("subject") or "")
    boxes = headers.mailboxes("from").mailboxes
    return Letter(
        subject=subject,
        text=read.fresh,
        links=read.links,
        sender=boxes[0].address.key if boxes else "",
        sender_name=boxes[0].display if boxes else "",
        recipients=recipients or tuple(box.address.key for box in headers.mailboxes("to").mailboxes[:10]),
        answers="in-reply-to" in headers or "references" in headers,
        list_post=_is_list_post(headers),
        automatic=_is_automatic(headers),
        quotation=Letter(subject=subject, text=read.quoted) if read.quoted else None,
        by_person=by_person,
    )


def _is_list_post(headers: Headers) -> bool:
    """Whether it came through a list to which one can write (RFC 2369 3.4): `NO` says that one cannot."""
    post = (headers.first("list-post") or "").strip().lower()
    if post:
        return not post.startswith("no")
    return "list-id" in headers and (headers.first("precedence") or "").strip().lower() == "list"


def _is_automatic(headers: Headers) -> bool:
    submitted = (headers.first("auto-submitted") or "").strip().lower()
    return (bool(submitted) and submitted != "no") or "x-auto-response-suppress" in headers
