"""The facts about one message that rules look at; collected once, read by every rule."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

from postclerk.core.addresses import Address, Mailbox, MailboxList, are_related, parse_mailboxes
from postclerk.core.needs import NOTHING, Need
from postclerk.core.people import Person
from postclerk.core.reading import Reading
from postclerk.core.registration.letter import Letter
from postclerk.core.signature import SignatureField, signature_fields


@dataclass(frozen=True, slots=True)
class Limit:
    """A limit that holds for somebody: the option that sets it, and for whom it was set; empty: for everybody.

    Where a grant raised it, `grant` is its number and `without` what would hold else.
    """

    option: str
    value: int
    because: str = ""
    grant: int = 0
    without: int = 0


@dataclass(frozen=True, slots=True)
class Window:
    """A sliding window: at most so many recipients within the last `seconds`."""

    seconds: float
    limit: int
    name: str
    rule: Limit | None = None
    """The limit as it was set, where it was not set for this window alone."""


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
    """A list among the recipients: its address, how many mailboxes it stands for, and who may send to it.

    With `more` or `unsure` it is `size` at least (see people.Expansion).
    """

    address: str
    size: int
    may_send: tuple[str, ...]
    more: bool = False
    unsure: bool = False


@dataclass(frozen=True, slots=True)
class Notice:
    """A kind of service notice that this message is, with its own bounds (1.3.2-a: service notices excepted)."""

    name: str
    per_message: int
    per_day: int
    hours: str = ""
    """The hours within which it is one, such as `08:00-18:00`; empty: always."""
    senders: frozenset[str] = frozenset()
    """Comparison keys of the addresses it may come from; empty: any of the sender's own."""


@dataclass(frozen=True, slots=True)
class Signature:
    """A DKIM signature that was looked at (RFC 6376); see mail.signature.SignatureField for its parts."""

    domain: str
    selector: str
    valid: bool
    headers: frozenset[str]
    whole_body: bool


@dataclass(frozen=True, slots=True)
class ArcChain:
    """An ARC chain that was looked at (RFC 8617): who sealed it, the newest first, and the domains that the first of
    them saw proved, by DKIM or DMARC."""

    valid: bool
    sealers: tuple[str, ...] = ()
    passed: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Suspension:
    """A login that may not send for a while (1.1.6)."""

    reason: str
    until: str
    """When it ends, in the site's time and as people write it; empty: when it is lifted."""
    automatic: bool


@dataclass(frozen=True, slots=True)
class Grant:
    """A grant that raises an option for somebody (1.1.3): its number, and the amount to which it does."""

    number: int
    amount: int


@dataclass(frozen=True, slots=True)
class Excuse:
    """What would excuse a finding: a grant for who sends that names one of these values; `of_readers` asks for one for
    each of those inside that the message is for."""

    values: tuple[str, ...]
    of_readers: bool = False


class Headers:
    """A message's header fields in their order, decoded and parsed only when asked for, and only once.

    `fields` holds names and values as they came, with what stands between the colon and the value.
    """

    def __init__(self, fields: list[tuple[str, bytes]]) -> None:
        self.fields = fields
        self._parsed: dict[str, MailboxList] = {}
        self._by_name: dict[str, list[bytes]] = {}
        for name, value in fields:
            self._by_name.setdefault(name.lower(), []).append(value)

    def __contains__(self, name: str) -> bool:
        return name in self._by_name

    def has_none_of(self, names: frozenset[str]) -> bool:
        """Whether none of these fields, given in lower case, is there."""
        return names.isdisjoint(self._by_name)

    def all(self, name: str) -> list[str]:
        """Every value of a field, given in lower case, in the order of the message; what is no UTF-8 as surrogates."""
        return [value.decode("utf-8", "surrogateescape").lstrip(" \t") for value in self._by_name.get(name, ())]

    def first(self, name: str) -> str | None:
        """The first value of a field, or None."""
        values = self._by_name.get(name)
        return values[0].decode("utf-8", "surrogateescape").lstrip(" \t") if values else None

    @property
    def list_id(self) -> str:
        """The identifier of the mailing list that the message came through (RFC 2919), in lower case, or nothing."""
        value = self.first("list-id") or ""
        inside, _bracket, _rest = value.rpartition("<")[2].partition(">")
        return inside.strip().lower()

    @cached_property
    def signatures(self) -> list[SignatureField]:
        """The DKIM signatures that the message bears, verified or not."""
        return signature_fields(self.all("dkim-signature"))

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


_NO_HEADERS = Headers([])


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
    claimed_notice: Notice | None = None
    """A service notice that this message is if a signature proves it: what the notice excuses is judged only then."""
    usage: Usage | None = None
    sender_domain_receives: bool | None = None
    headers: Headers = _NO_HEADERS
    outside_hours: bool = False
    """The service notice comes outside its hours, and is judged as ordinary mail."""
    suspension: Suspension | None = None
    raised: dict[tuple[str, str], Grant] = field(default_factory=dict)
    """The grants that raise limits for who sends this, by rule and option."""
    grants_unknown: bool = False
    """Grants could not be looked up: whatever one might excuse must wait."""
    unavailable: list[str] = field(default_factory=list)
    """Why what is missing could not be had, for the log and the journal."""
    signatures: tuple[Signature, ...] = ()
    """The signatures that were verified, because a check had a question about them."""
    arc: ArcChain | None = None
    spf_domain: str = ""
    """The envelope sender's domain, where SPF proved that the client may send for it (RFC 7208)."""
    plain_text: str | None = None
    """Subject and text, as they came and with what is quoted, of a message that is nothing but plain text: of most such
    letters it can be told without reading them. None until the whole message is there, and of any other message."""
    letter: Letter | None = None
    """What a reader sees; None until the whole message is there, and where no check has a question about it."""
    reading: Reading | None = None
    """The text of the message; None where nobody asked for it."""
    reader_logins: tuple[str, ...] = ()
    """The logins of those inside that the message is for; a list has none."""
    readers: tuple[Person, ...] = ()
    """Those people, where a check has a question about them."""
    missing: Need = NOTHING

    @property
    def null_sender(self) -> bool:
        """The null reverse-path of delivery reports and automatic replies (RFC 5321 4.5.5)."""
        return self.sender is None and not self.sender_fault

    @property
    def return_path(self) -> str:
        """The envelope sender without brackets; empty: the null sender."""
        return str(self.sender) if self.sender else self.sender_text.strip("<>")

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

    def acts_for(self, address: Address) -> bool:
        """Whether who sends this may name the address in From, with his own in Sender (RFC 5322 3.6.2)."""
        person = self.person
        return (
            person is not None and address.without_tag(self.tag_delimiter).at(self.home_domain).key in person.on_behalf
        )

    def proved(self, domain: str, *fields: str) -> bool:
        """Whether a valid signature of the domain, or of one above or below it, covers the whole message and these
        fields (lower case), each of which stands there at most once."""
        return any(
            one.valid and one.whole_body and are_related(one.domain, domain) and one.headers.issuperset(fields)
            for one in self.signatures
        ) and all(len(self.headers.all(field)) <= 1 for field in fields)

    def aligned(self, domain: str) -> bool:
        """Whether a signature or SPF proves that a message from an address in this domain is the domain's own
        (RFC 7489 3.1, relaxed)."""
        return self.proved(domain, "from") or (bool(self.spf_domain) and are_related(self.spf_domain, domain))

    def claims_to_be_inside(self, mailboxes: tuple[Mailbox, ...]) -> Address | None:
        """The first inside address among these, or None."""
        return next((box.address for box in mailboxes if box.address.domain and self.is_inside(box.address)), None)


def excuse_for(address: Address) -> Excuse:
    """What lets somebody use an address that is not his: a grant that names it, or its domain."""
    return Excuse(values=(address.key, address.domain))
