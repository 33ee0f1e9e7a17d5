"""rules.yaml as typed settings, or everything that is wrong with it at once.

Every option is declared here or in its rule, once: type, default and the sentence that documents it.
Failure modes: Mistakes with line and column; OSError when rules.yaml itself cannot be read.
"""

from __future__ import annotations

import difflib
import inspect
import ipaddress
import re
import typing
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field, ValidationError, create_model

from postclerk.core.addresses import Address, AddressError, parse_path
from postclerk.core.clauses import RULES_OF_THE_POLICY
from postclerk.core.rule import Rule, RuleAction, RuleOptions, Section, WhenUnavailable, option
from postclerk.core.units import parse_duration
from postclerk.rules import all_rules
from postclerk.sourcefile import Location, Mistake, Mistakes, Source, read


def _domain(text: str) -> str:
    try:
        address = parse_path(f"postmaster@{text}")
    except AddressError as fault:
        raise ValueError(f"{text!r} is not a domain name") from fault
    if address is None or "." not in address.domain or address.domain.startswith("["):
        raise ValueError(f"{text!r} is not a domain name")
    return address.domain


def written_address(text: str) -> Address:
    """A whole address as somebody wrote it into a file. Raises ValueError in words for people."""
    try:
        address = parse_path(text)
    except AddressError as fault:
        raise ValueError(f"{text!r} is not an address: {fault}") from fault
    if address is None or not address.domain:
        raise ValueError(f"{text!r} is not an address")
    return address


def _address(text: str) -> str:
    written_address(text)
    return text


def _time_zone(text: str) -> str:
    try:
        ZoneInfo(text)
    except (OSError, ValueError, KeyError) as fault:
        raise ValueError(f"{text!r} is not a time zone of the IANA list, such as Asia/Almaty") from fault
    return text


def _network(value: object) -> object:
    if not isinstance(value, str):
        raise ValueError(f"{_kind(value)} is not a network; write one such as 192.0.2.0/24 or one address")  # noqa: TRY004
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


Domain = Annotated[str, AfterValidator(_domain)]
EmailAddress = Annotated[str, AfterValidator(_address)]
Duration = Annotated[float, BeforeValidator(parse_duration)]
IPNetwork = Annotated[ipaddress.IPv4Network | ipaddress.IPv6Network, BeforeValidator(_network)]


class Site(Section):
    """Whose mail this is."""

    name: str = option("", "The institution's name, as people read it.")
    hostname: str = option(..., "The mail server's name, which signs Authentication-Results.")
    domains: list[Domain] = option(..., "The domains whose addresses are inside.", min_length=1)
    networks: list[IPNetwork] = option([], "Clients that may send without a login as if inside: hosts, printers.")
    time_zone: Annotated[str, AfterValidator(_time_zone)] = option("UTC", "The time zone, by its IANA name.")
    country: str = option("", "The country whose holidays count, as two letters (ISO 3166).", pattern=r"^([A-Z]{2})?$")
    languages: list[str] = option(["en"], "The languages of explanations, the most used first.", min_length=1)
    explain_url: Annotated[str, AfterValidator(_page)] = option(
        "", "The address of the explanation pages; the incident's id is put behind it."
    )
    helpdesk: EmailAddress | None = option(None, "An address that, like postmaster, may always be written to.")
    tag_delimiter: str = option("+", "What parts a user's name from a tag: user+tag. Empty: no tags.", max_length=1)
    monitor: bool = option(
        False, "Write down what would happen, and let every message pass: an installation starts so."
    )


class DirectorySource(Section):
    """Where the site's people are listed."""

    file: str = option(..., "A YAML or CSV file, relative to rules.yaml.")


class ServiceNotice(Section):
    """A sender of service notices, known by what cannot be forged, with its own bounds (1.3.2-a)."""

    name: str = option(..., "What the notices are called in the journal.", min_length=1)
    login: str | None = option(None, "The SMTP login that sends them.")
    networks: list[IPNetwork] = option([], "Clients that send them without a login; they must lie in site.networks.")
    senders: list[EmailAddress] = Field(
        [], alias="from", description="The envelope senders that make a message a service notice; empty: any own one."
    )
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


class Calendar(Section):
    """Business time."""

    day: str = option("00:00-24:00", "The hours of a working day.", pattern=r"^\d\d:\d\d-\d\d:\d\d$")
    add_holidays: list[str] = option([], "Days off beside the country's own, as dates.")
    add_workdays: list[str] = option([], "Days worked though the country's calendar has them off, as dates.")


class Tracker(Section):
    """The clock on mail that waits for an answer. With this section the journal keeps what the tracker needs."""

    answer_within: Duration = option(86400.0, "Working hours within which work mail is to be answered (1.3.3-a).", gt=0)


class Settings(Section):
    """A whole rules.yaml. Sections that are left out have their defaults; a rule without a section is off."""

    site: Site = option(..., "Whose mail this is.")
    relays: list[Annotated[str, AfterValidator(_relay)]] = option(
        [], "Networks and logins that pass on others' mail: list managers, gateways."
    )
    directory: list[DirectorySource] = option([], "Where the site's people are listed.")
    store: str = option("sqlite:////var/lib/postclerk/postclerk.db", "The database, as an SQLAlchemy URL.")
    counters: str = option("store", "Where recipients are counted: store.", pattern="^store$")
    service_notices: list[ServiceNotice] = option([], "Senders that the caps on recipients do not bind.")
    rules: dict[str, RuleOptions] = option({}, "The rules that are on, each with its options.")
    calendar: Calendar = option(Calendar(), "Business time.")
    tracker: Tracker | None = option(None, "The clock on mail that waits for an answer.")
    milter: Milter = option(Milter(), "How Postfix reaches the milter.")
    dns: Dns = option(Dns(), "How the DNS is asked.")
    journal: JournalSettings = option(JournalSettings(), "The record of what was decided.")

    @property
    def enabled(self) -> Iterator[tuple[Rule, RuleOptions]]:
        """The rules that are on, with their options."""
        for name, options in self.rules.items():
            if options.action is not RuleAction.OFF:
                yield all_rules()[name], options


class Config:
    """A rules.yaml that was read: its settings, the folder that its file names start from, and its places."""

    def __init__(self, path: Path, source: Source, settings: Settings, warnings: list[Mistake]) -> None:
        self.path = path
        self.folder = path.parent
        self.source = source
        self.settings = settings
        self.warnings = warnings

    @property
    def store_url(self) -> str:
        """The store's URL, a relative SQLite path taken from the folder of rules.yaml."""
        scheme, found, file = self.settings.store.partition(":///")
        if found and scheme.startswith("sqlite") and file and not file.startswith(("/", ":memory:")):
            return f"{scheme}:///{self.folder.absolute() / file}"
        return self.settings.store

    @property
    def spool(self) -> Path:
        """The folder in which decisions wait to be filed."""
        if self.settings.journal.spool:
            return self.folder / self.settings.journal.spool
        scheme, found, file = self.store_url.partition(":///")
        if found and scheme.startswith("sqlite"):
            return Path(f"{file}.spool")
        return Path("/var/lib/postclerk/spool")


def load(path: Path) -> Config:
    """Reads a rules.yaml. Raises Mistakes with all that is wrong with it, OSError when it cannot be read."""
    source = read(path)
    value, warnings = _without_unbuilt_rules(source)
    try:
        loaded: Any = _model().model_validate(value)
    except ValidationError as fault:
        raise Mistakes(mistakes_of(fault, source, _model())) from fault
    rules = {
        name: options for name, options in ((name, getattr(loaded.rules, name)) for name in all_rules()) if options
    }
    settings = Settings.model_construct(**{**dict(loaded), "rules": rules})
    if not list(settings.enabled):
        warnings.append(source.mistake(("rules",), "no rule is on: every message passes", warning=True))
    mistakes = list(_contradictions(settings, source))
    if mistakes:
        raise Mistakes(mistakes)
    return Config(path, source, settings, warnings)


def _model() -> type[BaseModel]:
    """Settings with one typed section for each rule; an empty section stands for a rule with its defaults."""
    sections: dict[str, Any] = {}
    for name, rule in all_rules().items():
        # Written with nothing behind it a section is on, left out it is off: so None is a default, but no value.
        sections[name] = (rule.options, None)
    rules = create_model("Rules", __base__=Section, **sections)
    return create_model(
        "RulesFile", __base__=Settings, rules=(rules, option(rules(), "The rules that are on, each with its options."))
    )


def _without_unbuilt_rules(source: Source) -> tuple[Any, list[Mistake]]:
    """A rule of the written policy that this version does not have yet is no misspelling: it is said, and left out."""
    value = source.value
    rules = value.get("rules") if isinstance(value, dict) else None
    if not isinstance(rules, dict):
        return value, []
    unbuilt = [name for name in rules if name in RULES_OF_THE_POLICY and name not in all_rules()]
    warnings = [
        source.mistake(
            ("rules", name), f"this version has no rule `{name}`; nothing of it is carried out", warning=True
        )
        for name in unbuilt
    ]
    return {**value, "rules": {name: rules[name] for name in rules if name not in unbuilt}}, warnings


def _contradictions(settings: Settings, source: Source) -> Iterator[Mistake]:
    """What each part may say, but not together."""
    names: set[str] = set()
    for number, notice in enumerate(settings.service_notices):
        here: Location = ("service_notices", number)
        if notice.name in names:
            yield source.mistake((*here, "name"), f"two service notices are called {notice.name}")
        names.add(notice.name)
        if not notice.login and not notice.networks:
            yield source.mistake(here, "a service notice needs a login or networks to be known by")
        for network in notice.networks:
            if not any(_within(network, inside) for inside in settings.site.networks):
                yield source.mistake((*here, "networks"), f"{network} does not lie within site.networks")


def _within(network: Any, inside: Any) -> bool:
    return bool(network.version == inside.version and network.subnet_of(inside))


def mistakes_of(fault: ValidationError, source: Source, model: type[BaseModel], start: Location = ()) -> list[Mistake]:
    """A validator's errors as mistakes in a file, in words that say what is wrong and what is allowed."""
    found = []
    for error in fault.errors(include_url=False):
        location: Location = ()
        for part in error["loc"]:
            if not _is_type_name(part) or source.has((*start, *location, part)):
                location += (part,)
        found.append(source.mistake((*start, *location), _in_words(dict(error), location, model)))
    return list(dict.fromkeys(found))


def _is_type_name(part: int | str) -> bool:
    """Pydantic puts the names of a union's members into the location; no option of ours looks like one."""
    return isinstance(part, str) and ("[" in part or part in ("int", "str", "none") or part[:1].isupper())


def _in_words(error: Mapping[str, Any], location: Location, model: type[BaseModel]) -> str:
    key = next((part for part in reversed(location) if isinstance(part, str)), "")
    match error["type"]:
        case "extra_forbidden":
            allowed = _allowed_keys(model, location[:-1])
            near = difflib.get_close_matches(key, allowed, 1, 0.6)
            hint = f"did you mean `{near[0]}`?" if near else f"allowed are {', '.join(allowed)}"
            return f"unknown key `{key}`; {hint}"
        case "missing":
            return f"`{key}` is missing"
        case "enum" | "literal_error":
            return f"`{key}` is {error['input']!r}; allowed are {error['ctx']['expected']}".replace("'", "")
        case "value_error":
            return f"`{key}`: {error['ctx']['error']}" if isinstance(location[-1], str) else str(error["ctx"]["error"])
        case "model_type" | "dict_type" | "model_attributes_type":
            what = f"`{key}`" if key else "the file"
            return f"{what} must hold keys with values, not {_kind(error['input'])}"
        case "list_type":
            return f"`{key}` must be a list, not {_kind(error['input'])}"
        case "int_parsing" | "int_type" | "int_from_float":
            return f"`{key}` must be a whole number, not {_kind(error['input'])}"
        case "bool_parsing" | "bool_type":
            return f"`{key}` must be true or false, not {_kind(error['input'])}"
        case "string_type":
            return f"`{key}` must be a text, not {_kind(error['input'])}"
        case _:
            return f"`{key}`: {error['msg'].replace('Input should', 'it should')}"


def _kind(value: object) -> str:
    match value:
        case None:
            return "nothing"
        case dict():
            return "keys with values"
        case list():
            return "a list"
        case _:
            return repr(value)


def _allowed_keys(model: type[BaseModel], location: Location) -> list[str]:
    """The keys that the section at a location may have."""
    for part in location:
        if isinstance(part, int):
            continue
        field = next((info for name, info in model.model_fields.items() if part in (name, info.alias)), None)
        inner = _section_in(field.annotation) if field else None
        if inner is None:
            return []
        model = inner
    return [info.alias or name for name, info in model.model_fields.items()]


def _section_in(annotation: Any) -> type[BaseModel] | None:
    if inspect.isclass(annotation):
        return annotation if issubclass(annotation, BaseModel) else None
    return next((found for found in map(_section_in, typing.get_args(annotation)) if found), None)
