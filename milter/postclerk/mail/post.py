"""A message's header as the tracker sees it (core.tracker.Post)."""

from __future__ import annotations

import datetime
from collections.abc import Collection
from email.utils import parsedate_to_datetime

from postclerk.core.addresses import decode_words, printable
from postclerk.core.facts import Headers
from postclerk.core.threads import fingerprint, message_id, message_ids, subject, thread_index
from postclerk.core.tracker import Post
from postclerk.mail.charsets import header_text

_MOST_ADDRESSES = 200
_LONGEST_TITLE = 1000
_FIRST_YEAR = 1980
"""Before that nobody had mail to answer: a clock that was never set says 1970."""


def post(
    headers: Headers,
    *,
    key: str,
    at: float,
    recipients: Collection[str] | None = None,
    machine: bool = False,
    wants_answer: bool = True,
    why: str = "",
    said: str = "",
    quotes: str = "",
) -> Post:
    """The post that a header is. `recipients` are comparison keys from the envelope, where there is one; `said` and
    `quotes` the traces of its text."""
    ident = message_id(headers.first("message-id") or "")
    references = message_ids(" ".join(headers.all("references")))
    parents = message_ids(" ".join(headers.all("in-reply-to"))) or references[-1:]
    title = printable(" ".join(header_text(headers.first("subject") or "").split()))[:_LONGEST_TITLE]
    authors = headers.mailboxes("from").mailboxes[:_MOST_ADDRESSES]
    keys = frozenset(box.address.key for box in authors)
    to, cc = (
        frozenset(box.address.key for box in headers.mailboxes(name).mailboxes[:_MOST_ADDRESSES])
        for name in ("to", "cc")
    )
    people = to | cc
    answer_to = keys | {box.address.key for box in headers.mailboxes("reply-to").mailboxes[:_MOST_ADDRESSES]}
    dated = headers.first("date") or ""
    # Without an id and a date nothing but its place tells it from another.
    same = (ident, " ".join(dated.split()), *sorted(keys), title) if ident or dated else (key,)
    return Post(
        key=key,
        fingerprint=fingerprint(*same),
        at=at,
        ident=ident,
        parents=parents,
        references=references,
        title=title,
        subject=subject(title),
        author=_shown(headers),
        authors=keys,
        answer_to=answer_to,
        people=people,
        to=to,
        recipients=people if recipients is None else frozenset(recipients),
        machine=machine,
        wants_answer=wants_answer,
        why=why,
        index=thread_index(headers.first("thread-index") or ""),
        said=said,
        quotes=quotes,
    )


def _shown(headers: Headers) -> str:
    """Who wrote it, as people read it: the name, else the address."""
    boxes = headers.mailboxes("from").mailboxes
    if not boxes:
        return printable(decode_words(headers.first("from") or ""))[:200]
    name = boxes[0].display.strip()
    return printable(f"{name} <{boxes[0].address}>" if name else str(boxes[0].address))[:300]


def received_at(headers: Headers, latest: datetime.datetime) -> datetime.datetime | None:
    """When a message was received: by the newest Received field, else by its Date; None where neither can be believed,
    that is, lies before there was mail or after `latest`."""
    stamps = [value.rpartition(";")[2] for value in headers.all("received")[:1]]
    for text in (*stamps, headers.first("date") or ""):
        moment = _moment(text)
        if moment is not None and moment.year >= _FIRST_YEAR and moment <= latest:
            return moment
    return None


def filed_at(seconds: float, latest: datetime.datetime) -> datetime.datetime:
    """When a message was filed (seconds since the epoch); `latest` where that cannot be believed."""
    try:
        moment = datetime.datetime.fromtimestamp(seconds, datetime.UTC)
    except (ValueError, OverflowError, OSError):
        return latest
    return moment if moment.year >= _FIRST_YEAR and moment <= latest else latest


def _moment(text: str) -> datetime.datetime | None:
    try:
        moment = parsedate_to_datetime(" ".join(text.split())[:100])
        # A date without an offset is taken for universal time (RFC 5322 3.3, -0000).
        return moment if moment.tzinfo else moment.replace(tzinfo=datetime.UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
