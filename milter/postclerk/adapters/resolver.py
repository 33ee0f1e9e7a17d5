"""Whether a domain can receive mail, asked of the DNS with a cache, a time limit and a bound on look-ups at once.

Failure modes: Unavailable; a DNS that fails is never a domain's guilt.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict

import dns.exception
import dns.nameserver
import dns.resolver
from email_validator import EmailUndeliverableError, validate_email

from postclerk.core.ports import Unavailable
from postclerk.settings import Dns

_GUILTY = (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer, type(None))
"""What lies behind an answer that truly says no; anything else is a failure of the look-up."""


class DnsResolver:
    """Asks through email-validator's deliverability check: MX, null MX (RFC 7505), address fallback, SPF `-all`."""

    def __init__(self, settings: Dns) -> None:
        self._settings = settings
        self._lock = threading.Lock()
        self._answers: OrderedDict[str, tuple[float, bool | None]] = OrderedDict()
        self._asked: dict[str, threading.Event] = {}
        self._resolver: dns.resolver.Resolver | None = None

    def receives_mail(self, domain: str) -> bool:
        """See core.ports.Resolver."""
        deadline = time.monotonic() + self._settings.timeout
        while True:
            with self._lock:
                known = self._answers.get(domain)
                if known is not None and known[0] > time.monotonic():
                    return self._said(known[1], domain)
                under_way = self._asked.get(domain)
                if under_way is None:
                    if len(self._asked) >= self._settings.at_once:
                        raise Unavailable(f"{self._settings.at_once} look-ups are under way already")
                    self._asked[domain] = threading.Event()
                    break
            # Another thread asks for the same domain: its answer serves both.
            if not under_way.wait(max(0.0, deadline - time.monotonic())):
                raise Unavailable(f"no answer about {domain} in time")
        answer: bool | None = None
        try:
            answer = self._ask(domain)
        finally:
            self._keep(domain, answer)
        return self._said(answer, domain)

    @staticmethod
    def _said(answer: bool | None, domain: str) -> bool:
        if answer is None:
            raise Unavailable(f"the DNS does not answer about {domain}")
        return answer

    def _keep(self, domain: str, answer: bool | None) -> None:
        # A failure is kept for a moment only, so that a dead resolver costs its time limit once and not for each mail.
        lifetime = self._settings.cache_for if answer is not None else min(30.0, self._settings.cache_for)
        with self._lock:
            self._answers[domain] = (time.monotonic() + lifetime, answer)
            self._answers.move_to_end(domain)
            while len(self._answers) > self._settings.cache_size:
                self._answers.popitem(last=False)
            self._asked.pop(domain).set()

    def _ask(self, domain: str) -> bool | None:
        try:
            answer = validate_email(f"postmaster@{domain}", dns_resolver=self._connected())
        except EmailUndeliverableError as fault:
            return False if isinstance(fault.__cause__, _GUILTY) else None
        except (dns.exception.DNSException, ValueError, OSError):
            return None
        # No answer in time is no error to email-validator: it just leaves out the exchangers.
        return True if getattr(answer, "mx", None) else None

    def _connected(self) -> dns.resolver.Resolver:
        if self._resolver is None:
            servers = self._settings.servers
            resolver = dns.resolver.Resolver(configure=not servers)
            if servers:
                resolver.nameservers = [_nameserver(server) for server in servers]
            resolver.lifetime = self._settings.timeout
            self._resolver = resolver
        return self._resolver


def _nameserver(server: str) -> dns.nameserver.Nameserver:
    host, colon, port = server.rpartition(":")
    if colon and port.isdecimal() and not host.endswith(":"):
        return dns.nameserver.Do53Nameserver(host.strip("[]"), int(port))
    return dns.nameserver.Do53Nameserver(server.strip("[]"), 53)
