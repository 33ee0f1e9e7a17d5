"""What the decisions ask of the outside world, as protocols; adapters implement them."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Protocol

from postclerk.core.facts import ArcChain, Excuse, Grant, Headers, Signature, Suspension, Usage, Window
from postclerk.core.people import Expansion, Person
from postclerk.core.signature import SignatureField


class Unavailable(Exception):
    """A fact that could not be had now: a directory that is down, a resolver that is silent. Not innocence."""


class JournalFull(Exception):
    """A decision could not be written down; the message must wait at its sender."""


class Directory(Protocol):
    """Who the site's people are."""

    def person(self, login: str) -> Person | None:
        """The person behind a normalised login, or None for one that is not known. Raises Unavailable."""

    def expand(self, recipients: Collection[str]) -> dict[str, Expansion]:
        """Whom recipients (comparison keys) stand for, by recipient; those that are neither a list nor an alias are
        left out. Raises Unavailable, but not for a list of which only some members can be looked up."""


class Counters(Protocol):
    """Recipients counted in sliding windows, exactly, over all workers."""

    def reserve(
        self, key: str, adding: int, windows: tuple[Window, ...], *, incident: str, at: float, keep_over: bool
    ) -> Usage:
        """Counts `adding` recipients for `key` at the time `at` (seconds since the epoch) and returns what was used
        before. Where a window would be overrun nothing is counted, unless `keep_over`. Raises Unavailable."""

    def release(self, incident: str) -> None:
        """Gives back what was reserved for a message that was not accepted in the end."""


class Standing(Protocol):
    """What the IT department has granted to people and units, and whom it has suspended."""

    def raised(self, login: str, unit: str, at: float) -> dict[tuple[str, str], Grant]:
        """The largest grants that raise limits for a person at a time, by rule and option. Raises Unavailable."""

    def exempted(self, login: str, unit: str, rule: str, excuse: Excuse, at: float) -> int:
        """The number of a grant that names a value of the excuse for a rule at a time, or 0. Raises Unavailable."""

    def suspension(self, login: str, at: float) -> Suspension | None:
        """The suspension of a login that is in force at a time, or None. Raises Unavailable."""


class Resolver(Protocol):
    """The DNS, cached and with a time limit."""

    def receives_mail(self, domain: str) -> bool:
        """Whether mail to the domain can be delivered (MX, null MX, address fallback). Raises Unavailable."""

    def texts(self, name: str) -> tuple[bytes, ...]:
        """The TXT records of a name, each in one piece; none where there are none. Raises Unavailable."""

    def answers(self, name: str, kind: str) -> tuple[Any, ...]:
        """The records of a name of a kind such as A, as dnspython has them; none where there are none. Raises
        Unavailable."""


class Verifier(Protocol):
    """Tells what is proved about who sent a message."""

    def signatures(self, headers: Headers, body: bytes, fields: list[SignatureField]) -> list[Signature]:
        """The verified ones of these DKIM-Signature fields. Raises Unavailable when none is valid, and of one it could
        not be known."""

    def arc(self, headers: Headers, body: bytes) -> ArcChain:
        """The message's ARC chain. Raises Unavailable."""

    def may_send(self, client: str, sender: str, domain: str) -> bool:
        """Whether SPF says that this client sends for the domain of this envelope sender (RFC 7208). Raises
        Unavailable."""


class Journal(Protocol):
    """What was decided about each message."""

    def write(self, record: dict[str, Any]) -> None:
        """Returns when the record is on disk and survives a loss of power. Raises JournalFull."""
