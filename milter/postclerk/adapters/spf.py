"""Asks whether a client may send for a domain (SPF, RFC 7208), by pyspf, with our own DNS.

Failure modes: Unavailable when the DNS does not answer, or not in time; records that are wrong prove nothing.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import spf as pyspf

from postclerk.core.ports import Resolver, Unavailable

_WITHIN = 8.0
"""Seconds for all look-ups of one question; RFC 7208 4.6.4 allows 20, but Postfix waits."""


def may_send(resolver: Resolver, client: str, sender: str, domain: str) -> bool:
    """Whether SPF passes for a client's address and an envelope sender in that domain. Raises Unavailable."""
    try:
        result, _code, why = _Query(resolver, client, sender, domain).check()
    except Unavailable:
        raise
    except Exception:  # noqa: BLE001 - whatever hostile records make of pyspf, they prove nothing
        return False
    if result == "temperror":
        raise Unavailable(f"SPF of {domain} cannot be asked for: {why}")
    return bool(result == "pass")


class _Query(pyspf.query):  # type: ignore[misc]
    """One question, asked through our cache and within our time."""

    def __init__(self, resolver: Resolver, client: str, sender: str, domain: str) -> None:
        super().__init__(client.removeprefix("IPv6:"), sender, domain, strict=True)
        self._resolver = resolver
        self._deadline = time.monotonic() + _WITHIN

    def dns(self, name: object, kind: str, cnames: object = None, ignore_void: bool = False) -> list[Any]:
        """The records of a name in pyspf's shapes; aliases are followed already."""
        text = str(name).removesuffix(".").lower()
        if kind == "SPF" or not all(0 < len(label) < 64 for label in text.split(".")):
            return []  # RFC 7208 3.1: only TXT
        if time.monotonic() > self._deadline:
            raise Unavailable(f"the DNS takes too long for the SPF of {self.o}")
        found = [_SHAPES[kind](record) for record in self._resolver.answers(text, kind)]
        if not found and not ignore_void:
            self.void_lookups += 1
            if self.void_lookups > pyspf.MAX_VOID_LOOKUPS:
                raise pyspf.PermError("too many void look-ups")  # RFC 7208 4.6.4
        return found


_SHAPES: dict[str, Callable[[Any], Any]] = {
    "A": lambda record: record.address,
    "AAAA": lambda record: record.address,
    "MX": lambda record: (record.preference, record.exchange),
    "PTR": lambda record: record.target.to_text(True),
    "TXT": lambda record: record.strings,
}
