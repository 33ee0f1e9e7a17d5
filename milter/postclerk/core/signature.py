"""What a DKIM-Signature field says of itself (RFC 6376 3.5), read without believing any of it."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

_LONGEST = 8192
"""Octets of a field; the longest that are sent today have a quarter of it. What reads further could be kept busy."""

_SECONDS = re.compile(r"[0-9]{1,12}")
_BLANKS = re.compile(r"[ \t\r\n]+")


@dataclass(frozen=True, slots=True)
class SignatureField:
    """One field: its number among those of its name from the top, who signs, and what is signed.

    `domain` is in lower case, `headers` are the names of the signed fields in lower case. `whole_body` is false where
    `l=` lets text be put behind what was signed (RFC 6376 8.2). One that is not `usable` can prove nothing: there is no
    selector, From is not signed (5.4), or it was made with SHA-1 (RFC 8301 3.1). `expires` is when it ceases to prove
    anything, in seconds since the epoch; without `x=` never.
    """

    number: int
    domain: str
    selector: str
    headers: frozenset[str]
    whole_body: bool
    usable: bool
    expires: float


def signature_fields(values: list[str]) -> list[SignatureField]:
    """The DKIM-Signature fields of a message, given from the top; those that name no domain are left out."""
    return [one for number, value in enumerate(values) if (one := _read(number, value)) is not None]


def _read(number: int, value: str) -> SignatureField | None:
    if len(value) > _LONGEST:
        return None
    tags: dict[str, str] = {}
    for part in _BLANKS.sub("", value).split(";"):
        name, equals, content = part.partition("=")
        if not equals:
            continue
        if name in tags:
            return None  # RFC 6376 3.2: tags must not come twice
        tags[name] = content
    domain, selector = tags.get("d", "").lower().removesuffix("."), tags.get("s", "")
    if not domain or not domain.isascii():
        return None
    headers = frozenset(tags.get("h", "").lower().split(":"))
    usable = bool(selector) and "from" in headers and not tags.get("a", "").endswith("sha1")
    return SignatureField(number, domain, selector, headers, "l" not in tags, usable, _time(tags.get("x")))


def _time(text: str | None) -> float:
    """What `x=` says; one that cannot be read has expired."""
    if text is None:
        return math.inf
    return float(text) if _SECONDS.fullmatch(text) else 0.0
