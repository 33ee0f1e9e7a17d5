"""Everything that rules.yaml can say, but for the rules' own options: each key once, with its type, its default and the
sentence that documents it.
"""

from __future__ import annotations

import datetime
import enum
import ipaddress
import re
from collections.abc import Iterator
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, Field

from postclerk.core.rule import Rule, RuleOptions, Section, WhenUnavailable, option
from postclerk.core.units import parse_hours
from postclerk.core.values import Domain, Duration, EmailAddress, Hours
from postclerk.core.worktime import FIRST_YEAR, LAST_YEAR
from postclerk.rules import all_rules


def _time_zone(text: str) -> str:
    try:
        ZoneInfo(text)
    except (OSError, ValueError, KeyError) as fault:
        raise ValueError(f"{text!r} is not a time zone of the IANA list, such as Asia/Almaty") from fault
    return text


def kind(value: object) -> str:
    """What a value of a file is, in words."""
    match value:
        case None:
            return "nothing"
        case dict():
            return "keys with values"
        case list():
            return "a list"
        case _:
            return repr(value)


def _as_list(value: object) -> object:
    return [value] if isinstance(value, str) else value


def _network(value: object) -> object:
    if not isinstance(value, str):
        raise ValueError(f"{kind(value)} is not a network; write one such as 192.0.2.0/24 or one address")  # noqa: TRY004
    try:
        return ipaddress.ip_network(value)
    except ValueError as fault:
        raise ValueError(f"{fault}; write a network such as 192.0.2.0/24 or one address") from fault


def _relay(text: str) -> str:
    if "/" in text or re.fullmatch(r"[0-9.]+|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*", text):
        _network(text)
    return text


def _page(text: str) -> str:
    if text and not re.fullmatch(r"https?://[!-~]+", text):
        raise ValueError(f"{text!r} is not the address of a page such as https://mail.uni.example/e/")
    return text


def _server(text: str) -> str:
    host, colon, port = text.rpartition(":")
    if not (colon and port.isdecimal() and not host.endswith(":")):
        host, port = text, "53"
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        port = "0"
    if not 1 <= int(port) <= 65535:
        raise ValueError(f"{text!r} is not a server such as 192.0.2.53, 127.0.0.1:5353 or [2001:db8::53]:5353")
    return text


def _endpoint(text: str) -> str:
    host, colon, port = text.rpartition(":")
    if host == "unix" and port.startswith("/"):
        return text
    if not (colon and host and port.isdecimal() and 0 < int(port) < 65536):
        raise ValueError(f"{text!r} is not a place such as 127.0.0.1:10026")
    return text


_LONGEST_SOCKET = 95
"""Linux takes 107 octets; while it is being opened, the socket's name is longer by a process number."""


def milter_socket(text: str) -> str:
    """Where the milter listens, as libmilter writes it. Raises ValueError."""
    kind, _colon, rest = text.partition(":")
    port, _at, host = rest.partition("@")
    if kind in ("unix", "local") and rest:
        if len(rest.encode("utf-8", "surrogateescape")) > _LONGEST_SOCKET:
            raise ValueError(f"the path of a unix socket has at most {_LONGEST_SOCKET} octets; {rest!r} has more")
        return text
    if kind in ("inet", "inet6") and host and port.isdecimal() and 0 < int(port) < 65536:
        return text
    raise ValueError(f"{text!r} is not a socket; write unix:PATH, inet:PORT@HOST or inet6:PORT@HOST")


def _octal(text: object) -> int:
    try:
        mode = int(str(text), 8)
    except ValueError:
        mode = -1
    if not 0 <= mode <= 0o777:
        raise ValueError(f"{text!r} is not a file mode such as 0660")
    return mode


IPNetwork = Annotated[ipaddress.IPv4Network | ipaddress.IPv6Network, BeforeValidator(_network)]


LanguageCode = Literal["kk", "ru", "tr", "en"]


class Site(Section):
    """Whose mail this is."""

    name: str = option("", "The institution's name, as people read it.")
    hostname: str = option(..., "The mail server's name, which signs Authentication-Results.")
    domains: list[Domain] = option(..., "The domains whose addresses are inside.", min_length=1)
    networks: list[IPNetwork] = option([], "Clients that may send without a login as if inside: hosts, printers.")
    time_zone: Annotated[str, AfterValidator(_time_zone)] = option("UTC", "The time zone, by its IANA name.")
    country: str = option("", "The country whose holidays count, as two letters (ISO 3166).", pattern=r"^([A-Z]{2})?$")
    languages: list[LanguageCode] = option(
        ["en"], "The languages of explanations, the most used first: kk, ru, tr, en.", min_length=1
    )
    explain_url: Annotated[str, AfterValidator(_page)] = option(
        "", "The address of the explanation pages; the incident's id is put behind it."
    )
    helpdesk: EmailAddress | None = option(None, "An address that, like postmaster, may always be written to.")
    tag_delimiter: str = option("+", "What parts a user's name from a tag: user+tag. Empty: no tags.", max_length=1)
    monitor: bool = option(
        False, "Write down what would happen, and let every message pass: an installation starts so."
    )


class Lookups(Section):
    """A directory that is asked over the network, and how long its answers serve."""

    timeout: Duration = option(3.0, "How long one question may take; Postfix waits 30 s.", gt=0, le=10)
    at_once: int = option(4, "Connections of one worker; further questions count as unanswered.", ge=1, le=64)
    cache_for: Duration = option(300.0, "How long what was found is kept.", ge=0)
    unknown_for: Duration = option(60.0, "How long it is kept that somebody is unknown.", ge=0)
    cache_size: int = option(50_000, "How many answers are kept, of people and of addresses each.", ge=1)
    serve_stale_for: Duration = option(
        12 * 3600.0, "How long, beyond that, what was known serves while the directory is down.", ge=0
    )
    retry_after: Duration = option(10.0, "How long a directory that is down is not asked again.", ge=0)
    domains: list[Domain] = option(
        [], "Domains whose addresses are looked up, with all below them; empty: site.domains."
    )


class LdapKind(enum.Enum):
    """What an LDAP directory's attributes are called where rules.yaml does not say so."""

    OPENLDAP = "openldap"
    ACTIVE_DIRECTORY = "active-directory"


class Ldap(Lookups):
    """An LDAP directory or Active Directory. In filters `{login}`, `{address}` and `{dn}` are filled in, escaped."""

    url: Annotated[list[str], BeforeValidator(_as_list)] = option(
        ..., "A server or several, tried in this order: ldap://HOST or ldaps://HOST.", min_length=1
    )
    starttls: bool = option(False, "Begin TLS on ldap:// connections, and refuse to go on without it.")
    ca_file: str = option("", "The certificates to trust, as a file relative to rules.yaml; empty: the system's.")
    credentials: str = option(
        "", "A YAML file with `dn` and `password` to bind with, readable by the service alone; empty: anonymous."
    )
    kind: LdapKind = option(LdapKind.OPENLDAP, "Which names attributes and filters have: openldap or active-directory.")
    base: str = option(..., "Where to search, such as dc=uni,dc=example.", min_length=1)
    person: str | None = option(None, "The filter that finds a person by {login}.")
    login: str | None = option(None, "The attribute that holds the login.")
    name: str | None = option(None, "The attribute that holds the name, as people write it.")
    addresses: list[str] | None = option(
        None, "Attributes that hold addresses, the mailbox first; of proxyAddresses those that begin with smtp:."
    )
    may_send_as: list[str] | None = option(
        None, "Attributes that hold others' addresses that the person may send as; *@domain for all of a domain."
    )
    unit: str | None = option(None, "The attribute that names the unit.")
    superior: str | None = option(None, "The attribute that holds the superior's DN or login.")
    language: str | None = option(None, "The attribute that holds the preferred language.")
    groups: str | None = option(
        None, "The filter that finds the groups of {dn} or {login}, nested ones step by step; '': none."
    )
    group_name: str | None = option(None, "The attribute that names a group.")
    shared: str | None = option(None, "The filter that finds mailboxes that {dn} or {login} may send as; '': none.")
    on_behalf: str | None = option(None, "The filter that finds those for whom {dn} or {login} may send; '': none.")
    address: str | None = option(None, "The filter that finds who or what has an {address}.")
    list_classes: list[str] | None = option(None, "Object classes that make an entry a list.")
    members: list[str] | None = option(None, "Attributes of a list that hold its members' DNs.")
    member_addresses: list[str] | None = option(None, "Attributes of a list that hold members' addresses.")
    may_send: list[str] | None = option(
        None, "Attributes of a list that hold the DNs of people and groups who may send to it; none there: everybody."
    )
    max_entries: int = option(20_000, "Entries that one question may find; more is no answer.", ge=1)


class Sql(Lookups):
    """A database. Queries name what they look for `:login` or `:address`, which are bound, never pasted in.

    `mailbox`, `members` and `may_send` may instead look for many at once, `IN :addresses`; they select first the
    address that a row is for.
    """

    url: str = option("", "The database, as an SQLAlchemy URL without a password.")
    url_file: str = option(
        "", "A file that holds the URL with its password, readable by the service alone, relative to rules.yaml."
    )
    person: str = option("", "Finds login, name, unit, superior, language by :login, whichever of these it selects.")
    addresses: str = option(
        "",
        "Finds the addresses of :login, the mailbox first. A second column may say `own`, `send-as` or `on-behalf`.",
    )
    groups: str = option("", "Finds the names of the groups of :login.")
    mailbox: str = option(
        "", "Finds the mailbox to which an :address leads, and in a second column, if there is one, whose login it is."
    )
    members: str = option("", "Finds the members' addresses of the list at :address; no row: it is no list.")
    may_send: str = option("", "Finds who may send to the list at :address: logins, unit:NAME, group:NAME or inside.")
    everybody: str = option("", "Finds login and address of everybody, for `postclerk check`; empty: not checked.")


class DirectorySource(Section):
    """Where the site's people are listed: one of these."""

    file: str | None = option(None, "A YAML or CSV file, relative to rules.yaml.")
    ldap: Ldap | None = option(None, "An LDAP directory or Active Directory.")
    sql: Sql | None = option(None, "A database.")


class NoticeKey(Section):
    """A DKIM key by its whole name: a domain has several, and not each is for service notices."""

    domain: Domain = option(..., "The domain that signs (d=).")
    selector: str = option(..., "The key's selector (s=).", min_length=1)


class ServiceNotice(Section):
    """A sender of service notices, known by what cannot be forged, with its own bounds (1.3.2-a)."""

    name: str = option(..., "What the notices are called in the journal.", min_length=1)
    login: str | None = option(None, "The SMTP login that sends them.")
    networks: list[IPNetwork] = option([], "Clients that send them without a login; they must lie in site.networks.")
    senders: list[EmailAddress] = Field(
        [], alias="from", description="The envelope senders that make a message a service notice; empty: any own one."
    )
    dkim: NoticeKey | None = option(None, "The key that signs them; then `from` says under which senders.")
    hours: Hours = option("", "The hours of the day within which they are sent, such as 08:00-18:00; empty: always.")
    per_message: int = option(5000, "Recipients that one service notice may have.", ge=1)
    per_day: int = option(20000, "Recipients that these notices may reach within any 24 hours.", ge=1)


class Dns(Section):
    """How the DNS is asked."""

    timeout: Duration = option(
        3.0, "How long one question may take; a domain takes up to four, and Postfix waits 30 s.", gt=0, le=5
    )
    servers: list[Annotated[str, AfterValidator(_server)]] = option(
        [], "Servers to ask, as address or address:port; empty: those of /etc/resolv.conf."
    )
    cache_for: Duration = option(900.0, "How long an answer is kept.", gt=0)
    cache_size: int = option(20_000, "How many answers are kept.", ge=1)
    at_once: int = option(20, "Look-ups of one worker at the same time; further ones count as unanswered.", ge=1)


class Milter(Section):
    """How Postfix reaches the milter."""

    socket: Annotated[str, AfterValidator(milter_socket)] = option(
        "unix:/var/spool/postfix/postclerk/milter.sock", "Where the milter listens: unix:PATH or inet:PORT@HOST."
    )
    socket_mode: Annotated[int, BeforeValidator(_octal)] = option(0o660, "The mode of a unix socket.")
    workers: int = option(2, "Worker processes.", ge=1, le=64)
    on_error: WhenUnavailable = option(
        WhenUnavailable.DEFER, "What happens to a message when a rule fails on it: defer, accept or hold."
    )
    drain_for: Duration = option(600.0, "How long open sessions may go on after a reload or stop.", gt=0)


class JournalSettings(Section):
    """The record of what was decided."""

    keep: Duration = option(400 * 86400.0, "How long decisions are kept.", ge=86400)
    spool: str = option("", "The folder where decisions wait for the store; empty: beside a SQLite store.")


_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
WEEKDAYS = tuple(name[:3] for name in _WEEKDAYS)
"""The days of the week as rules.yaml is read, Monday first."""


def _weekday(text: str) -> str:
    name = text.lower()
    if name not in (*_WEEKDAYS, *WEEKDAYS):
        raise ValueError(f"{text!r} is no day of the week; allowed are {', '.join(WEEKDAYS)}")
    return name[:3]


def _date(value: object) -> datetime.date:
    text = value if isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", value, re.ASCII) else ""
    try:
        day = datetime.date.fromisoformat(text)
    except ValueError as fault:
        raise ValueError(f"{kind(value)} is not a date such as 2026-11-06") from fault
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise ValueError(f"{text} does not lie between {FIRST_YEAR} and {LAST_YEAR}")
    return day


def _working_hours(text: str) -> str:
    opening, closing = parse_hours(text)
    if opening > closing:
        raise ValueError(f"{text!r}: work ends on the day on which it begins; write hours such as 09:00-18:00")
    return text


Day = Annotated[datetime.date, BeforeValidator(_date)]
"""A date."""

Weekday = Annotated[str, AfterValidator(_weekday)]
"""A day of the week, as the first three letters of its English name."""

WorkingHours = Annotated[str, AfterValidator(_working_hours)]
"""Opening and closing on one day, as they were written (see core.units.parse_hours)."""


class Calendar(Section):
    """Business time."""

    day: WorkingHours = option("00:00-24:00", "The hours of a working day.")
    weekend: list[Weekday] | None = option(None, "The days of the week that are off; left out: those of the country.")
    region: str = option(
        "", "The part of the country whose holidays count too, by its ISO 3166-2 code without the country: BY."
    )
    add_holidays: list[Day] = option([], "Days off beside the country's own, as dates.")
    add_workdays: list[Day] = option([], "Days worked though the country's calendar has them off, as dates.")
    short_days: dict[Day, WorkingHours] = option(
        {}, "Days with hours of their own, as dates with hours; they are worked whatever the country's calendar says."
    )
    units: dict[str, WorkingHours] = option(
        {}, "Units with office hours of their own; on a short day they work what of these lies within it."
    )


class WhileAbsent(enum.Enum):
    """What happens to mail for somebody whose automatic reply says that he is away."""

    PAUSE = "pause"
    SUBSTITUTE = "substitute"


class Several(enum.Enum):
    """Who is to answer a message to several of our own people."""

    ANY = "any"
    EACH = "each"


class Imap(Section):
    """The mailboxes in which overdue mail is flagged, by a master user (Dovecot: auth_master_user)."""

    server: Annotated[str, AfterValidator(_endpoint)] = option(..., "Where IMAP is served, such as 127.0.0.1:143.")
    tls: bool = option(False, "Speak TLS from the beginning (IMAPS).")
    starttls: bool = option(False, "Begin TLS, and refuse to go on without it.")
    ca_file: str = option("", "The certificates to trust, as a file relative to rules.yaml; empty: the system's.")
    user: str = option(
        "{login}*postclerk", "What the tracker logs in as; {login} and {mailbox} are whose mailbox it opens."
    )
    password_file: str = option(..., "The master user's password, in a file readable by the service alone.")
    folders: list[str] = option(["INBOX"], "The folders in which letters are looked for.", min_length=1)
    keyword: str = option(
        "$Unanswered", "The keyword that is set; \\Flagged for the star that all programs show.",
        pattern=r"^(\\Flagged|[$A-Za-z0-9_-]{1,60})$",
    )  # fmt: skip
    timeout: Duration = option(10.0, "How long one mailbox may take.", gt=0, le=120)


class Tracker(Section):
    """The clock on mail that waits for an answer. With this section the journal keeps what the tracker needs."""

    answer_within: Duration = option(86400.0, "Working hours within which work mail is to be answered (1.3.3-a).", gt=0)
    copies: bool = option(False, "Whoever stands in Cc is to answer as well.")
    lists: bool = option(False, "The members of a list in To are to answer as well.")
    several: Several = option(Several.ANY, "Which of several people in To is to answer: any or each.")
    answers_wait: bool = option(False, "Mail that itself answers, and asks nothing, waits for an answer too.")
    no_answer_words: list[str] = option([], "Words in a subject, beside our own, that say that no answer is needed.")
    same_subject_for: Duration = option(
        30 * 86400.0, "How long a message counts as an answer by its subject alone, where its ids are lost.", ge=0
    )
    forward_passes: bool = option(True, "Who forwards a letter to one of our own people passes on that it waits.")
    while_absent: WhileAbsent = option(
        WhileAbsent.PAUSE, "Mail for somebody who is away: pause its clock, or have the substitute answer."
    )
    absences: str = option(
        "", "A YAML file of absences, beside those that automatic replies tell; see docs/tracker.md."
    )
    silent_after: int = option(
        5, "Working days without any answer after which somebody is named to his superior; 0: never.", ge=0
    )
    remind: bool = option(
        True,
        "Write to people about what has fallen due, at most once a day; false: to superiors and the absent neither.",
    )
    remind_before: Duration = option(
        0.0, "Working hours before it falls due at which they are told; 0: not before.", ge=0
    )
    remind_within: Hours = option("08:00-18:00", "The hours of working days within which reminders are written.")
    escalate_after: Duration = option(
        0.0, "Working hours after it fell due at which the superior is told; 0: never.", ge=0
    )
    imap: Imap | None = option(None, "Flags in the mailboxes for what is overdue.")
    keep: Duration = option(400 * 86400.0, "How long is kept what was answered.", ge=86400)


class Digest(Section):
    """The weekly mails about what waits for an answer."""

    weekday: Weekday = option("mon", "The day on which they are written; on a day off, the next working day.")
    hour: str = option("08:00", "The hour at which they are written.", pattern=r"^([01]\d|2[0-3]):[0-5]\d$")
    empty: bool = option(False, "Write to people for whom nothing waits, too.")
    superiors: bool = option(True, "Write to superiors about their people.")
    show_letters: bool = option(False, "In a superior's mail, show whom letters are from and what they are about.")
    webmail: str = option(
        "", "Where a letter is read, with {message_id} in it; empty: links are for mail programs alone.",
        pattern=r"^(https?://[!-~]+)?$",
    )  # fmt: skip
    may_be_left_off: bool = option(True, "People may have no more of them sent, by a link in each.")


class SigningKey(Section):
    """The DKIM key that signs what postclerk itself sends."""

    domain: Domain = option(..., "The domain that signs (d=).")
    selector: str = option(..., "The key's selector (s=).", pattern=r"^[A-Za-z0-9._-]+$")
    key_file: str = option(..., "The private key (PEM), relative to rules.yaml, readable by the service alone.")


class OurMail(Section):
    """What postclerk itself sends: notices, reminders, digests. Without this section it sends nothing."""

    smtp: Annotated[str, AfterValidator(_endpoint)] = option(
        "127.0.0.1:10026", "Where Postfix takes it: a smtpd of its own, on loopback and without a milter."
    )
    sender: EmailAddress | None = Field(
        None, alias="from", description="The address in From; postmaster of the first domain unless given."
    )
    dkim: SigningKey | None = option(None, "The key that signs it; without one Postfix or nobody signs.")
    same_again_after: Duration = option(3600.0, "How long nobody is told the same thing again.", ge=0)
    give_up_after: Duration = option(5 * 86400.0, "How long it is tried to hand a mail to Postfix.", ge=3600)


class Web(Section):
    """The pages that explain a decision and take requests."""

    listen: Annotated[str, AfterValidator(_endpoint)] = option("127.0.0.1:8025", "Where the pages are served.")
    secret: str = option("", "The file of the key that signs links; empty: beside a SQLite store, made when missing.")
    proxies: list[IPNetwork] = option(
        [], "Reverse proxies whose word on the reader's address (X-Forwarded-For) and name (user_header) is believed."
    )
    user_header: str = option(
        "", "The header in which such a proxy names the user who logged in.", pattern=r"^[A-Za-z0-9-]*$"
    )
    staff: list[str] = option([], "Users named so who decide requests and see held mail: the IT department.")
    links_last: Duration = option(30 * 86400.0, "How long a link in a mail opens its page.", ge=3600)
    grants_last: Duration = option(30 * 86400.0, "How long an exemption lasts that was asked for and approved.", gt=0)
    per_minute: int = option(60, "Pages that one address may open in a minute.", ge=1)


class WhenTermPasses(enum.Enum):
    """What happens to a message from outside that nobody has decided on."""

    RELEASE = "release"
    KEEP = "keep"


class HeldMail(Section):
    """Mail that is held until somebody decides."""

    term: Duration = option(7 * 86400.0, "How long it is held; then the sender inside gets it back, explained.", gt=0)
    from_outside: WhenTermPasses = option(
        WhenTermPasses.RELEASE, "What then happens to mail from outside: release, with its marks, or keep."
    )
    postfix: str = option("", "The folder of Postfix's configuration; empty: the usual one.")


class OwnWords(Section):
    """A site's own words for a finding, in one language."""

    happened: str | None = option(None, "What happened, in one sentence.")
    todo: str | None = option(None, "What to do now.")


class Settings(Section):
    """A whole rules.yaml. Sections that are left out have their defaults; a rule without a section is off."""

    site: Site = option(..., "Whose mail this is.")
    relays: list[Annotated[str, AfterValidator(_relay)]] = option(
        [], "Networks and logins that pass on others' mail: list managers, gateways."
    )
    directory: list[DirectorySource] = option([], "Where the site's people are listed.")
    store: str = option("sqlite:////var/lib/postclerk/postclerk.db", "The database, as an SQLAlchemy URL.")
    counters: str = option(
        "store", "Where recipients are counted: store, or for several hosts the redis:// URL of a Redis or Valkey."
    )
    service_notices: list[ServiceNotice] = option([], "Senders that the caps on recipients do not bind.")
    rules: dict[str, RuleOptions] = option({}, "The rules that are on, each with its options.")
    calendar: Calendar = option(Calendar(), "Business time.")
    tracker: Tracker | None = option(None, "The clock on mail that waits for an answer.")
    digest: Digest = option(Digest(), "The weekly mails about what waits for an answer.")
    mail: OurMail | None = option(None, "What postclerk itself sends; without this section nothing.")
    web: Web = option(Web(), "The pages that explain a decision and take requests.")
    held: HeldMail = option(HeldMail(), "Mail that is held until somebody decides.")
    texts: dict[LanguageCode, dict[str, OwnWords]] = option(
        {}, "The site's own words in place of ours: by language, then by rule.code."
    )
    milter: Milter = option(Milter(), "How Postfix reaches the milter.")
    dns: Dns = option(Dns(), "How the DNS is asked.")
    journal: JournalSettings = option(JournalSettings(), "The record of what was decided.")

    @property
    def counts_in_store(self) -> bool:
        """Whether recipients are counted in the store, and not in Redis."""
        return self.counters == "store"

    @property
    def has_signed_notices(self) -> bool:
        """Whether a signature can make a message a service notice."""
        return any(notice.dkim is not None for notice in self.service_notices)

    @property
    def zone(self) -> ZoneInfo:
        """The site's time zone."""
        return ZoneInfo(self.site.time_zone)

    @property
    def answer_within(self) -> datetime.timedelta:
        """The working time within which work mail is to be answered."""
        return datetime.timedelta(seconds=(self.tracker or Tracker()).answer_within)

    @property
    def enabled(self) -> Iterator[tuple[Rule, RuleOptions]]:
        """The rules that are on, with their options."""
        for name, options in self.rules.items():
            if not options.is_off:
                yield all_rules()[name], options
