"""The facts about one message that rules look at; collected once, read by every rule."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

from postclerk.core.addresses import Address, Mailbox, MailboxList, parse_mailboxes
from postclerk.core.needs import Need
from postclerk.core.people import Person


@dataclass(frozen=True, slots=True)
class Window:
    """A sliding window: at most `limit` recipients within the last `seconds`."""

    seconds: float
    limit: int
    name: str


@dataclass(frozen=True, slots=True)
class Usage:
    """How many recipients were counted in each window before this message, and which windows it would overrun."""

    used: tuple[int, ...]
    windows: tuple[Window, ...]
    adding: int

    def overrun(self) -> list[tuple[Window, int]]:
        """The windows that this message does not fit into, with what was used; exactly the limit fits."""
        return [
            (window, used)
            for window, used in zip(self.windows, self.used, strict=True)
            if used + self.adding > window.limit
        ]


@dataclass(frozen=True, slots=True)
class ListWrittenTo:
    """A list among the recipients: its address, how many mailboxes it stands for, and who may send to it."""

    address: str
    size: int
    may_send: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Notice:
    """A kind of service notice that this message is, with its own bounds (1.3.2-a: service notices excepted)."""

    name: str
    per_message: int
    per_day: int


class Headers:
    """A message's header fields in their order, decoded and parsed only when asked for, and only once."""

    def __init__(self, fields: list[tuple[str, bytes]]) -> None:
        self.fields = fields
        self._parsed: dict[str, MailboxList] = {}

    @cached_property
    def _by_name(self) -> dict[str, list[bytes]]:
        by_name: dict[str, list[bytes]] = {}
        for name, value in self.fields:
            by_name.setdefault(name.lower(), []).append(value)
        return by_name

    def __contains__(self, name: str) -> bool:
        return name in self._by_name

    def all(self, name: str) -> list[str]:
        """Every value of a field, given in lower case, in the order of the message; what is no UTF-8 as surrogates."""
        return [value.decode("utf-8", "surrogateescape") for value in self._by_name.get(name, ())]

    def first(self, name: str) -> str | None:
        """The first value of a field, or None."""
        values = self._by_name.get(name)
        return values[0].decode("utf-8", "surrogateescape") if values else None

    def mailboxes(self, name: str) -> MailboxList:
        """The addresses in all fields of this name (RFC 5322 allows one; a forger may send two, and both count)."""
        if name not in self._by_name:
            return MailboxList((), broken=False)
        if name not in self._parsed:
            lists = [parse_mailboxes(value) for value in self.all(name)]
            self._parsed[name] = MailboxList(
                tuple(mailbox for one in lists for mailbox in one.mailboxes), any(one.broken for one in lists)
            )
        return self._parsed[name]


NOTHING = Need(0)


@dataclass(slots=True)
class Facts:
    """One message. `missing` names the needs that could not be had; rules never see it, the judge does."""

    client: str | None
    login: str | None
    person: Person | None
    inside: bool
    """Sent with a login, or from a client that may send as if inside."""
    relay: bool
    """Passed on by a named relay: others' mail, for which the relay does not answer."""
    sender_text: str
    sender: Address | None
    """The envelope sender; None is the null sender, and also one that is no address: see sender_fault."""
    sender_fault: str
    recipients: tuple[str, ...]
    """Comparison keys of the distinct recipients after list expansion."""
    all_recipients_inside: bool
    to_helpdesk_only: bool
    """Only to postmaster, abuse or the helpdesk: such mail is refused by no envelope rule (RFC 5321 4.5.1)."""
    domains: frozenset[str]
    """The addresses inside: site.domains."""
    home_domain: str
    """The one of them with which Postfix completes an address without a domain."""
    tag_delimiter: str
    lists: tuple[ListWrittenTo, ...] = ()
    notice: Notice | None = None
    usage: Usage | None = None
    sender_domain_receives: bool | None = None
    headers: Headers = field(default_factory=lambda: Headers([]))
    missing: Need = NOTHING

    @property
    def null_sender(self) -> bool:
        """The null reverse-path of delivery reports and automatic replies (RFC 5321 4.5.5)."""
        return self.sender is None and not self.sender_fault

    def is_inside(self, address: Address) -> bool:
        """True for an address of the site itself; one without a domain is completed by Postfix with ours."""
        return not address.domain or address.domain in self.domains

    def owns(self, address: Address) -> bool:
        """Whether who sends this may use the address as his own (1.3.2-b)."""
        if self.person is not None:
            person, plain = self.person, address.without_tag(self.tag_delimiter)
            if address.domain in person.owned_domains:
                return True
            # An address may also be listed with what would be a tag in another.
            return any(
                one.at(domain).key in person.owned
                for one in (address, plain)
                for domain in [address.domain or self.home_domain]
            )
        return self.is_inside(address) or any(address.domain.endswith(f".{domain}") for domain in self.domains)

    def claims_to_be_inside(self, mailboxes: tuple[Mailbox, ...]) -> Address | None:
        """The first inside address among these, or None."""
        return next((box.address for box in mailboxes if box.address.domain and self.is_inside(box.address)), None)
