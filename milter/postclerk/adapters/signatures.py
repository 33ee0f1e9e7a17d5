"""What is proved about who sent a message: DKIM signatures (RFC 6376, 8301, 8463) and ARC chains (RFC 8617),
verified by dkimpy with our own DNS, and SPF.

Failure modes: Unavailable when the DNS does not answer about a key; a signature that cannot be read is not valid.
"""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable

import dkim

from postclerk.adapters import spf
from postclerk.core.facts import ArcChain, Headers, Signature
from postclerk.core.ports import Resolver, Unavailable
from postclerk.core.signature import SignatureField

_WITHIN = 8.0
"""Seconds for all of one message: four signatures of a silent DNS must stay well under Postfix's patience."""

_MOST_SEALS = 10
_LONGEST_ARC_FIELD = 8192
_ARC_FIELDS = ("arc-seal", "arc-message-signature", "arc-authentication-results")
_PASSED = re.compile(
    r"\b(?:dkim\s*=\s*pass\b[^;]*?\bheader\.(?:d|i)|dmarc\s*=\s*pass\b[^;]*?\bheader\.from)\s*=\s*([^\s;]+)"
)

_quiet = logging.getLogger("postclerk.dkimpy")
_quiet.addHandler(logging.NullHandler())
_quiet.propagate = False


class MailVerifier:
    """The Verifier of core.ports."""

    def __init__(self, resolver: Resolver) -> None:
        self._resolver = resolver

    def signatures(self, headers: Headers, body: bytes, fields: list[SignatureField]) -> list[Signature]:
        """See core.ports.Verifier."""
        message = dkim.DKIM(_octets(headers, body), logger=_quiet, minkey=1024)
        look_up = self._look_up()
        verified: list[Signature] = []
        silent: Unavailable | None = None
        for field in fields:
            try:
                valid = message.verify(field.number, dnsfunc=look_up) is True
            except Unavailable as fault:
                silent = fault
                continue
            except Exception as fault:  # noqa: BLE001 - whatever a hostile field makes of dkimpy, it is not valid
                _quiet.debug("%s", fault)
                valid = False
            verified.append(Signature(field.domain, field.selector, valid, field.headers, field.whole_body))
        if silent is not None and not any(one.valid for one in verified):
            raise silent
        return verified

    def arc(self, headers: Headers, body: bytes) -> ArcChain:
        """See core.ports.Verifier."""
        fields = [value for name in _ARC_FIELDS for value in headers.all(name)]
        if len(fields) > 3 * _MOST_SEALS or any(len(value) > _LONGEST_ARC_FIELD for value in fields):
            return ArcChain(valid=False)
        try:
            chain = dkim.ARC(_octets(headers, body), logger=_quiet, minkey=1024)
            result, sets, _why = chain.verify(dnsfunc=self._look_up())
        except Unavailable:
            raise
        except Exception as fault:  # noqa: BLE001 - as above
            _quiet.debug("%s", fault)
            return ArcChain(valid=False)
        if result != dkim.CV_Pass or not sets:
            return ArcChain(valid=False)
        # What the first server of the chain saw: those after it could only see what it handed on.
        seen = sets[-1]["aar-value"].decode("utf-8", "replace").lower()
        sealers = tuple(one["as-domain"].decode("ascii", "replace").lower() for one in sets)
        return ArcChain(valid=True, sealers=sealers, passed=frozenset(_domain(one) for one in _PASSED.findall(seen)))

    def may_send(self, client: str, sender: str, domain: str) -> bool:
        """See core.ports.Verifier."""
        return spf.may_send(self._resolver, client, sender, domain)

    def _look_up(self) -> Callable[..., bytes | None]:
        deadline = time.monotonic() + _WITHIN

        def look_up(name: bytes, timeout: float = 0) -> bytes | None:
            if time.monotonic() > deadline:
                raise Unavailable("the DNS takes too long for the keys of this message")
            records = self._resolver.texts(name.decode("ascii", "replace").removesuffix(".").lower())
            return records[0] if records else None

        return look_up


def _domain(identity: str) -> str:
    return identity.rpartition("@")[2]


def _octets(headers: Headers, body: bytes) -> bytes:
    """The message as it came: fields with the blanks and folds that they had, lines that end with CRLF."""
    lines = [name.encode("utf-8", "surrogateescape") + b":" + _crlf(value) for name, value in headers.fields]
    return b"\r\n".join([*lines, b"", body])


def _crlf(value: bytes) -> bytes:
    return re.sub(rb"\r?\n", b"\r\n", value) if b"\n" in value else value
