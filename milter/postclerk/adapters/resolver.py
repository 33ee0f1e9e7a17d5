"""What the DNS says of domains: whether they can receive mail, and their texts, DKIM keys among them.

Asked with a cache, a time limit and a bound on look-ups at once. Failure modes: Unavailable; a DNS that fails is never
a domain's guilt.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any, TypeVar

import dns.exception
import dns.name
import dns.nameserver
import dns.resolver
from email_validator import EmailUndeliverableError, validate_email

from postclerk.adapters.cache import Lifetimes, LookupCache
from postclerk.core.ports import Unavailable
from postclerk.settings import Dns

V = TypeVar("V")

_FAILED_FOR = 30.0
"""Seconds for which a name that the DNS did not answer about is not asked for again."""

_GUILTY = (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer, type(None))
"""What lies behind an answer that truly says no; anything else is a failure of the look-up."""


class DnsResolver:
    """Asks through email-validator's deliverability check: MX, null MX (RFC 7505), address fallback, SPF `-all`."""

    def __init__(self, settings: Dns) -> None:
        self._settings = settings
        self._resolver: dns.resolver.Resolver | None = None
        lifetimes = Lifetimes(
            found=settings.cache_for, nothing=settings.cache_for, failed=min(_FAILED_FOR, settings.cache_for)
        )

        def cached(ask: Callable[[str], V | None]) -> LookupCache[V]:
            def ask_all(names: Collection[str]) -> dict[str, V]:
                return {name: answer for name in names if (answer := ask(name)) is not None}

            return LookupCache(
                ask_all, lifetimes, size=settings.cache_size, at_once=settings.at_once, patience=settings.timeout
            )

        self._domains = cached(self._ask_for_domain)
        self._answers = cached(self._ask_for_answers)

    def receives_mail(self, domain: str) -> bool:
        """See core.ports.Resolver."""
        return bool(self._domains.one(domain))

    def texts(self, name: str) -> tuple[bytes, ...]:
        """See core.ports.Resolver."""
        return tuple(b"".join(record.strings) for record in self.answers(name, "TXT"))

    def answers(self, name: str, kind: str) -> tuple[Any, ...]:
        """See core.ports.Resolver."""
        return self._answers.one(f"{kind} {name}") or ()

    def _ask_for_domain(self, domain: str) -> bool:
        try:
            answer = validate_email(f"postmaster@{domain}", dns_resolver=self._connected())
        except EmailUndeliverableError as fault:
            if isinstance(fault.__cause__, _GUILTY):
                return False
            raise _silent(domain) from fault
        except (dns.exception.DNSException, ValueError, OSError) as fault:
            raise _silent(domain) from fault
        # No answer in time is no error to email-validator: it just leaves out the exchangers.
        if not getattr(answer, "mx", None):
            raise _silent(domain)
        return True

    def _ask_for_answers(self, question: str) -> tuple[Any, ...] | None:
        kind, _blank, name = question.partition(" ")
        try:
            answer = self._connected().resolve(name, kind)
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer, dns.name.LabelTooLong, dns.name.NameTooLong):
            return None
        except (dns.exception.DNSException, ValueError, OSError) as fault:
            raise _silent(name) from fault
        return tuple(answer)

    def _connected(self) -> dns.resolver.Resolver:
        if self._resolver is None:
            servers = self._settings.servers
            resolver = dns.resolver.Resolver(configure=not servers)
            if servers:
                resolver.nameservers = [_nameserver(server) for server in servers]
            resolver.lifetime = self._settings.timeout
            self._resolver = resolver
        return self._resolver


def _silent(name: str) -> Unavailable:
    return Unavailable(f"the DNS does not answer about {name}")


def _nameserver(server: str) -> dns.nameserver.Nameserver:
    host, colon, port = server.rpartition(":")
    if colon and port.isdecimal() and not host.endswith(":"):
        return dns.nameserver.Do53Nameserver(host.strip("[]"), int(port))
    return dns.nameserver.Do53Nameserver(server.strip("[]"), 53)
