"""What the session heard becomes facts: addresses read, the login looked up, lists expanded.

Failure modes: a look-up that cannot be had is noted in Facts.missing and never raised; nothing is asked that no
enabled check needs.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from postclerk.core.addresses import Address, AddressError, are_related, parse_path, printable
from postclerk.core.facts import Facts, ListWrittenTo, Notice
from postclerk.core.needs import NOTHING, Need
from postclerk.core.people import Person
from postclerk.core.ports import Directory, Resolver, Standing, Unavailable, Verifier
from postclerk.core.signature import SignatureField
from postclerk.core.units import within_hours
from postclerk.mail.charsets import header_text
from postclerk.mail.kind import is_by_person
from postclerk.mail.letter import letter_of, read_parts
from postclerk.mail.parts import Parts
from postclerk.mail.text import plain_text
from postclerk.settings import IPNetwork, ServiceNotice, Settings, Site

ALWAYS_REACHABLE = frozenset({"postmaster", "abuse"})
"""Mailboxes that must take mail (RFC 5321 4.5.1, RFC 2142 section 4)."""


_MOST_SIGNATURES = 4
"""Signatures of one message that are verified: each asks the DNS for its key."""


@dataclass(slots=True)
class Envelope:
    """What came before DATA, as the client said it."""

    client: str | None = None
    login: str | None = None
    sender: str = ""
    recipients: list[str] = field(default_factory=list)
    size: int | None = None
    """Octets that the client announced (RFC 1870), if it did."""
    local: bool = False
    """Submitted by a program on this host through `sendmail`, not by SMTP."""


@dataclass(frozen=True, slots=True)
class _Recipient:
    """A recipient as he is written to: the comparison key of his address, that without its tag, the login that it would
    be where no directory lists it, whether it is inside, and whether it must take mail."""

    key: str
    plain_key: str
    login: str
    inside: bool
    always_reachable: bool


class Collector:
    """Makes facts of envelopes for one site."""

    def __init__(
        self,
        settings: Settings,
        directory: Directory,
        standing: Standing,
        resolver: Resolver,
        verifier: Verifier,
        needs: Need,
    ) -> None:
        self._directory = directory
        self._standing_of = standing
        self._verifier = verifier
        self._zone = ZoneInfo(settings.site.time_zone)
        self._resolver = resolver
        self._needs = needs
        self._site = settings.site
        self._domains = frozenset(settings.site.domains)
        self._notices = [_KnownNotice(notice, self._domains) for notice in settings.service_notices]
        self._helpdesk = _key(settings.site.helpdesk or "")
        self._relay_logins, self._relay_networks = _split_relays(settings.relays, self._domains)
        self._standing = lru_cache(maxsize=10_000)(self._look_up_client)
        self._recipient = lru_cache(maxsize=10_000)(self._read_recipient)
        self._sender = lru_cache(maxsize=10_000)(self._read_sender)

    def facts(self, envelope: Envelope, at: float) -> Facts:
        """All that can be known before the message itself arrives, at a time in seconds since the epoch."""
        login = normal_login(envelope.login, self._domains)
        inside, relay, networked = self._standing(envelope.client)
        missing = NOTHING
        unavailable: list[str] = []
        person = None
        named = [self._recipient(text) for text in envelope.recipients]
        try:
            person = self._person(login) if login else None
            recipients, lists, readers, unsure = self._expanded(named)
        except Unavailable as fault:
            missing |= Need.ENVELOPE
            unavailable.append(str(fault))
            recipients, lists, readers, unsure = tuple(dict.fromkeys(one.key for one in named)), (), (), ()
        if unsure:
            missing |= Need.MEMBERS
            unavailable.extend(unsure)
        sender, sender_fault = self._sender(envelope.sender)
        facts = Facts(
            client=envelope.client,
            login=login,
            person=person,
            inside=bool(login) or inside,
            # Who logged in answers for himself, also behind a webmail server that is a relay.
            relay=login in self._relay_logins if login else relay,
            sender_text=printable(envelope.sender),
            sender=sender,
            sender_fault=sender_fault,
            recipients=recipients,
            lists=lists,
            reader_logins=readers,
            all_recipients_inside=all(one.inside for one in named),
            to_helpdesk_only=all(one.always_reachable for one in named),
            domains=self._domains,
            home_domain=self._site.domains[0],
            tag_delimiter=self._site.tag_delimiter,
            missing=missing,
            unavailable=unavailable,
        )
        if facts.inside:
            self._look_for_notice(facts, networked, at)
        if Need.SENDER_DOMAIN in self._needs:
            self._ask_for_sender_domain(facts)
        if login:
            self._ask_for_standing(facts, login, person.unit if person else "", at)
        return facts

    def _look_for_notice(self, facts: Facts, networked: frozenset[str], at: float) -> None:
        facts.notice = next((notice.bounds for notice in self._notices if notice.matches(facts, networked)), None)
        facts.outside_hours = self._is_outside_hours(facts.notice, at)
        if facts.notice is None:
            facts.claimed_notice = next((one.bounds for one in self._notices if one.may_prove_itself(facts)), None)

    def _ask_for_standing(self, facts: Facts, login: str, unit: str, at: float) -> None:
        try:
            facts.raised = self._standing_of.raised(login, unit, at)
            if Need.STANDING in self._needs:
                facts.suspension = self._standing_of.suspension(login, at)
        except Unavailable as fault:
            facts.missing |= Need.STANDING
            facts.grants_unknown = True
            facts.unavailable.append(str(fault))

    def _is_outside_hours(self, notice: Notice | None, at: float) -> bool:
        if notice is None or not notice.hours:
            return False
        now = datetime.fromtimestamp(at, self._zone)
        return not within_hours(notice.hours, now.hour * 60 + now.minute)

    def glance(self, facts: Facts, message: Parts) -> None:
        """Takes down what can be had of a whole message without reading it."""
        text = plain_text(message)
        if text is not None:
            facts.plain_text = f"{header_text(facts.headers.first('subject') or '')}\n{text}"

    def read(self, facts: Facts, message: Parts) -> None:
        """Reads a whole message as its reader sees it."""
        facts.reading = read = read_parts(message)
        facts.letter = letter_of(
            facts.headers,
            read,
            facts.recipients,
            by_person=lambda: is_by_person(facts.headers, facts.return_path, read),
        )

    def complete(self, facts: Facts, body: bytes, at: float, needed: Need) -> None:
        """Adds what the checks need that have a question about a whole message."""
        if Need.SIGNATURES in needed:
            self._prove(facts, body, at)
        if Need.SPF in needed:
            self._ask_for_spf(facts)
        if Need.READERS in needed:
            self._ask_for_readers(facts)

    def _ask_for_spf(self, facts: Facts) -> None:
        claimed = [box.address.domain for box in facts.headers.mailboxes("from").mailboxes]
        domain = facts.sender.domain if facts.sender else ""
        # Mail that is proved already, and a sender who could not be aligned, need no answer.
        if not facts.client or all(map(facts.aligned, claimed)) or not any(are_related(domain, one) for one in claimed):
            return
        try:
            if self._verifier.may_send(facts.client, str(facts.sender), domain):
                facts.spf_domain = domain
        except Unavailable as fault:
            facts.missing |= Need.SPF
            facts.unavailable.append(str(fault))

    def _ask_for_readers(self, facts: Facts) -> None:
        try:
            facts.readers = tuple(self._person(login) for login in facts.reader_logins)
        except Unavailable as fault:
            facts.missing |= Need.READERS
            facts.unavailable.append(str(fault))

    def _prove(self, facts: Facts, body: bytes, at: float) -> None:
        """Has the signatures of a whole message verified, as far as a decision may hang on them."""
        fields = [one for one in facts.headers.signatures if self._is_of_interest(one, facts, at)][:_MOST_SIGNATURES]
        try:
            if fields:
                facts.signatures = tuple(self._verifier.signatures(facts.headers, body, fields))
            if "arc-seal" in facts.headers and not facts.inside:
                facts.arc = self._verifier.arc(facts.headers, body)
        except Unavailable as fault:
            facts.missing |= Need.SIGNATURES
            facts.unavailable.append(str(fault))
        if facts.claimed_notice is not None:
            proved = (one for one in self._notices if one.bounds is facts.claimed_notice and one.is_proved(facts))
            facts.notice = next((one.bounds for one in proved), None)
            facts.outside_hours = self._is_outside_hours(facts.notice, at)

    def _is_of_interest(self, field: SignatureField, facts: Facts, at: float) -> bool:
        """A signature can prove who wrote the message, which list returns it, or that it is a service notice."""
        if not field.usable or field.expires < at:
            return False
        if facts.claimed_notice is not None:
            return any(one.is_signed_by(field.domain, field.selector) for one in self._notices)
        named = [box.address.domain for name in ("from", "sender") for box in facts.headers.mailboxes(name).mailboxes]
        named += [facts.headers.list_id, *([facts.sender.domain] if facts.sender else [])]
        return any(domain and are_related(field.domain, domain) for domain in named)

    def _person(self, login: str) -> Person:
        found = self._directory.person(login)
        if found is not None and found.known:
            return found
        # A login that no directory lists owns the address equal to it, at the default limits (1.1.2).
        equal = frozenset({login} if "@" in login else {f"{login}@{domain}" for domain in self._domains})
        if found is None:
            return Person(login, equal, known=False)
        return replace(found, owned=found.owned | equal)

    def _expanded(
        self, named: Iterable[_Recipient]
    ) -> tuple[tuple[str, ...], tuple[ListWrittenTo, ...], tuple[str, ...], tuple[str, ...]]:
        """The distinct recipients, each list as its mailboxes; the lists among them; the logins of the others; why not
        all of a list's members are known."""
        keys = {one.key: one for one in named}
        known = self._directory.expand(dict.fromkeys((*keys, *(one.plain_key for one in keys.values()))))
        distinct: dict[str, None] = {}
        lists: dict[str, ListWrittenTo] = {}
        readers: dict[str, None] = {}
        unsure: dict[str, None] = {}
        for key, one in keys.items():
            expansion = known.get(key) or known.get(one.plain_key)
            distinct.update(dict.fromkeys(expansion.mailboxes if expansion else (one.plain_key,)))
            if expansion and expansion.listing:
                there = expansion.listing
                lists[there.address] = ListWrittenTo(
                    there.address, len(expansion.mailboxes), there.may_send, expansion.more, bool(expansion.unsure)
                )
                unsure.update(dict.fromkeys([expansion.unsure] if expansion.unsure else ()))
            elif expansion and expansion.owner:
                readers[expansion.owner] = None
            elif one.login:
                readers[one.login] = None
        return tuple(distinct), tuple(lists.values()), tuple(readers), tuple(unsure)

    def _ask_for_sender_domain(self, facts: Facts) -> None:
        if facts.inside or facts.relay or facts.sender is None:
            return
        domain = facts.sender.domain
        if not domain or domain.startswith("[") or domain in self._domains:
            return
        try:
            facts.sender_domain_receives = self._resolver.receives_mail(domain)
        except Unavailable as fault:
            facts.missing |= Need.SENDER_DOMAIN
            facts.unavailable.append(str(fault))

    def _look_up_client(self, client: str | None) -> tuple[bool, bool, frozenset[str]]:
        """Whether a client may send as if inside, is a relay, and the service notices known by its network."""
        try:
            address = ipaddress.ip_address((client or "").removeprefix("IPv6:"))
        except ValueError:
            return False, False, frozenset()
        if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
            address = address.ipv4_mapped

        def within(networks: Iterable[IPNetwork]) -> bool:
            return any(address in network for network in networks)

        known = frozenset(notice.bounds.name for notice in self._notices if within(notice.networks))
        return within(self._site.networks), within(self._relay_networks), known

    def _is_inside(self, address: Address) -> bool:
        return not address.domain or address.domain in self._domains

    def _read_sender(self, text: str) -> tuple[Address | None, str]:
        try:
            address = parse_path(text)
        except AddressError as fault:
            return None, str(fault)
        return (as_routed(address, self._domains, self._site) if address else None), ""

    def _read_recipient(self, text: str) -> _Recipient:
        """What a recipient is, however often he is written to."""
        address = _address(text)
        if address is None:
            key = printable(text).casefold()
            return _Recipient(key, key, "", inside=False, always_reachable=False)
        address = as_routed(address, self._domains, self._site)
        inside = self._is_inside(address)
        plain_key = (address.without_tag(self._site.tag_delimiter) if inside else address).key
        login = normal_login(plain_key, self._domains) if plain_key.rpartition("@")[2] in self._domains else ""
        return _Recipient(address.key, plain_key, login or "", inside, self._always_reachable(address))

    def _always_reachable(self, address: Address) -> bool:
        if not self._is_inside(address):
            return False
        return address.local.lower() in ALWAYS_REACHABLE or address.key == self._helpdesk


class _KnownNotice:
    """A service notice of rules.yaml, ready to be compared with inside mail: it rests on the login, the client or a
    signature, none of which anybody can type into a message."""

    def __init__(self, notice: ServiceNotice, domains: frozenset[str]) -> None:
        self.login = normal_login(notice.login, domains)
        self.networks = notice.networks
        self.senders = frozenset(map(_key, notice.senders))
        self.dkim = notice.dkim
        self.bounds = Notice(notice.name, notice.per_message, notice.per_day, notice.hours, self.senders)

    def matches(self, facts: Facts, networked: frozenset[str]) -> bool:
        """Whether the login, or without one the client's network, makes a message this notice."""
        known = facts.login == self.login if facts.login else self.bounds.name in networked
        return known and self._allows_sender(facts)

    def may_prove_itself(self, facts: Facts) -> bool:
        """Whether a signature can still make a message this notice: it has the notice's own sender."""
        return self.dkim is not None and self._allows_sender(facts)

    def is_signed_by(self, domain: str, selector: str) -> bool:
        """Whether this is the key that signs these notices; a domain has others, which are not meant."""
        return self.dkim is not None and (self.dkim.domain, self.dkim.selector) == (domain, selector)

    def is_proved(self, facts: Facts) -> bool:
        """Whether the notice's own key signed the whole message and its From."""
        return (
            any(
                one.valid and one.whole_body and self.is_signed_by(one.domain, one.selector) for one in facts.signatures
            )
            and len(facts.headers.all("from")) == 1
        )

    def _allows_sender(self, facts: Facts) -> bool:
        return not self.senders or (facts.sender is not None and facts.sender.key in self.senders)


def normal_login(login: str | None, domains: Iterable[str]) -> str | None:
    """A login as it is compared: without case, and without a domain of the site."""
    if not login:
        return None
    name, at, host = printable(login).strip().casefold().rpartition("@")
    domain = Address("", host).domain
    return name if at and domain in domains else f"{name}{at}{domain or host}"


def _split_relays(relays: Iterable[str], domains: frozenset[str]) -> tuple[frozenset[str], list[IPNetwork]]:
    logins, networks = set(), []
    for relay in relays:
        try:
            networks.append(ipaddress.ip_network(relay))
        except ValueError:
            logins.add(normal_login(relay, domains) or "")
    return frozenset(logins), networks


def as_routed(address: Address, domains: frozenset[str], site: Site) -> Address:
    """The address to which Postfix delivers: its rewriting unwraps `host!user` and `user%host` at a site's own domain,
    and completes an address without a domain (trivial-rewrite; site.domains[0] is taken for its myorigin).

    Otherwise a list or another's address could be written in a form that nobody recognizes here.
    """
    local, domain = address.local, address.domain
    while not domain or domain in domains or domain == site.hostname.lower() or domain.startswith("["):
        if "!" in local:
            host, _mark, rest = local.partition("!")
        elif "%" in local:
            rest, _mark, host = local.rpartition("%")
        else:
            break
        if not host or not rest:
            break
        local, domain = rest, host
    if not domain or domain == site.hostname.lower() or domain.startswith("["):
        domain = site.domains[0] if not domain or local != address.local else domain
    return address if (local, domain) == (address.local, address.domain) else Address(local, domain)


def _address(text: str) -> Address | None:
    try:
        return parse_path(text)
    except AddressError:
        return None


def _key(text: str) -> str:
    address = _address(text)
    return address.key if address else printable(text).casefold()
