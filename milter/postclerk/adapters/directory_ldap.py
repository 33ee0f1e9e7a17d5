"""People and lists in an LDAP directory: OpenLDAP, Active Directory, and whatever is like one of them.

What is asked for is escaped, and what the server finds by more lenient rules than equality (accents, widths, blanks) is
not taken for it. Connections are opened when they are needed, each server in turn, and used again for a while.

Failure modes: Unavailable, for everything that keeps an answer from being had: no server, a time limit, a certificate,
a password, a bound, an entry that is there twice. It never means that somebody is unknown, and never holds a password.
"""

from __future__ import annotations

import os
import re
import stat
import threading
import time
import unicodedata
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from postclerk.collect import normal_login
from postclerk.core.addresses import Address, AddressError, parse_path, printable
from postclerk.core.people import Listing, Person
from postclerk.core.ports import Unavailable
from postclerk.settings import Ldap, LdapKind

T = TypeVar("T")

_PAGE = 500
"""Entries of one page (RFC 2696); Active Directory gives at most 1,000."""

_TOGETHER = 25
"""Questions of one filter: OpenLDAP hangs up on who sends 256 KiB, and escapes make a character three."""

_UNDER_WAY = 64
"""Entries that are asked for before the first is there; beyond 100 OpenLDAP hangs up on who is anonymous."""

_IDLE = 60.0
"""Seconds after which a connection is not trusted: firewalls forget it without a word, and a question would run into
its time limit."""

_LONGEST = 512
"""Octets of a login or address; what is longer stands in no directory."""

_MOST_ALIKE = 20
"""Entries that a server's lenient rules may find for one login."""


@cache
def _library() -> Any:
    """python-ldap, which only sites with LDAP need. Raises Unavailable."""
    try:
        import ldap  # type: ignore[import-untyped]
        import ldap.controls.libldap  # type: ignore[import-untyped]
        import ldap.dn  # type: ignore[import-untyped]
        import ldap.filter  # type: ignore[import-untyped]
    except ImportError as fault:
        raise Unavailable("python-ldap is not installed: pip install 'postclerk[ldap]'") from fault
    return ldap


# --- What things are called -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Names:
    """The attributes and filters of one directory, as class Ldap declares them."""

    person: str
    login: str
    name: str
    addresses: Sequence[str]
    may_send_as: Sequence[str]
    unit: str
    superior: str
    language: str
    groups: str
    group_name: str
    shared: str
    on_behalf: str
    address: str
    list_classes: Sequence[str]
    members: Sequence[str]
    member_addresses: Sequence[str]
    may_send: Sequence[str]


_DEFAULTS = {
    LdapKind.OPENLDAP: _Names(
        person="(&(objectClass=person)(uid={login}))",
        login="uid",
        name="cn",
        addresses=("mail", "mailLocalAddress"),
        may_send_as=(),
        unit="ou",
        superior="manager",
        language="preferredLanguage",
        groups="(|(&(objectClass=groupOfNames)(member={dn}))(&(objectClass=groupOfUniqueNames)(uniqueMember={dn}))"
        "(&(objectClass=posixGroup)(memberUid={login})))",
        group_name="cn",
        shared="",
        on_behalf="",
        # The class keeps a server that has no index of its attribute from reading all entries.
        address="(|(mail={address})(&(objectClass=inetLocalMailRecipient)(mailLocalAddress={address})))",
        list_classes=("groupOfNames", "groupOfUniqueNames", "nisMailAlias", "mailGroup"),
        members=("member", "uniqueMember"),
        member_addresses=("rfc822MailMember", "mgrpRFC822MailMember"),
        may_send=(),
    ),
    LdapKind.ACTIVE_DIRECTORY: _Names(
        person="(&(objectCategory=person)(objectClass=user)(sAMAccountName={login}))",
        login="sAMAccountName",
        name="displayName",
        addresses=("mail", "proxyAddresses"),
        may_send_as=(),
        unit="department",
        superior="manager",
        language="preferredLanguage",
        groups="(&(objectClass=group)(member={dn}))",
        group_name="cn",
        shared="(msExchDelegateListLink={dn})",
        on_behalf="(publicDelegates={dn})",
        address="(|(mail={address})(proxyAddresses=smtp:{address}))",
        list_classes=("group",),
        members=("member",),
        member_addresses=(),
        may_send=("authOrig", "dLMemSubmitPerms"),
    ),
}


def _names(settings: Ldap) -> _Names:
    defaults = _DEFAULTS[settings.kind]
    said = {one.name: getattr(settings, one.name) for one in fields(_Names)}
    return _Names(
        **{name: getattr(defaults, name) if value is None else value for name, value in said.items()},
    )


_PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")

_FILTERS = {
    "person": {"login"},
    "groups": {"dn", "login"},
    "shared": {"dn", "login"},
    "on_behalf": {"dn", "login"},
    "address": {"address"},
}
"""The filters, and what is filled into each: one of these at least, and nothing else."""


def _filled(template: str, **values: str) -> str:
    """A filter with values in it, escaped (RFC 4515 3), in one pass: a value that reads `{dn}` is no placeholder."""
    escaped = _library().filter.escape_filter_chars
    text = _PLACEHOLDER.sub(lambda found: escaped(values[found[1]]) if found[1] in values else found[0], template)
    return text if text.startswith("(") else f"({text})"


def _any_of(filters: Collection[str]) -> str:
    return next(iter(filters)) if len(filters) == 1 else f"(|{''.join(filters)})"


class _Compared:
    """What a filter compares with its placeholder: by this it is known whom an entry was found for."""

    def __init__(self, template: str, placeholder: str) -> None:
        compared = re.findall(rf"(?:^|\()([\w.-]+)=([^()*\\]*)\{{{placeholder}\}}([^()*\\]*)(?=\)|$)", template)
        self._patterns = [
            (name, re.compile(f"{re.escape(before)}(.*){re.escape(after)}", re.IGNORECASE | re.DOTALL))
            for name, before, after in compared
        ]
        self.attributes = tuple(name for name, _pattern in self._patterns)

    def values(self, entry: _Entry) -> Iterator[str]:
        for name, pattern in self._patterns:
            for text in entry.texts(name):
                if found := pattern.fullmatch(text):
                    yield found[1]


# --- Entries --------------------------------------------------------------------------------------------------------


class _Entry:
    """One entry with the attributes that were asked for. One that is `elsewhere` is known by its DN alone: another
    server has it."""

    __slots__ = ("_values", "dn", "elsewhere")

    def __init__(self, dn: str, values: Mapping[str, list[bytes]], *, elsewhere: bool = False) -> None:
        self.dn = dn
        self.elsewhere = elsewhere
        self._values = {name.lower(): found for name, found in values.items()}

    def texts(self, *names: str) -> list[str]:
        """The values of these attributes that are text."""
        found = []
        for name in names:
            for value in self._values.get(name.lower(), ()):
                with suppress(UnicodeDecodeError):
                    found.append(value.decode().strip())
        return found

    def text(self, name: str) -> str:
        """The first value, printable, or nothing."""
        return printable(next(iter(self.texts(name)), ""))

    def addresses(self, names: Iterable[str]) -> list[Address]:
        """The addresses in these attributes, each once; what is none, such as `x500:...` in proxyAddresses, is not."""
        found: dict[str, Address] = {}
        for name in names:
            # Exchange writes SMTP: before the primary address and smtp: before the others.
            for text in sorted(self.texts(name), key=lambda text: not text.startswith("SMTP:")):
                address = _address(text[5:] if text[:5].lower() == "smtp:" else text)
                if address is not None:
                    found.setdefault(address.key, address)
        return list(found.values())

    def missing(self) -> tuple[str, int] | None:
        """Of an attribute that Active Directory gave in part: its name, and the value at which it goes on."""
        for part in list(self._values):
            if found := re.fullmatch(r"(.+);range=\d+-(\d+|\*)", part):
                self._values[found[1]] = [*self._values.get(found[1], ()), *self._values.pop(part)]
                if found[2] != "*":
                    return found[1], int(found[2]) + 1
        return None

    def add(self, further: _Entry) -> bool:
        """Puts the next part of an attribute to what is there; whether there was one."""
        parts = {name: values for name, values in further._values.items() if ";range=" in name}
        self._values |= parts
        return bool(parts)


def _address(text: str) -> Address | None:
    try:
        address = parse_path(text)
    except AddressError:
        return None
    return address if address is not None and address.domain else None


def _spellings(key: str) -> list[str]:
    """The ways in which a directory may write a comparison key: quotes, and a domain in its own script."""
    local, _at, domain = key.rpartition("@")
    spellings = {key: None, str(Address(local, domain)): None}
    if "xn--" in domain:
        with suppress(UnicodeError):
            spellings[f"{local}@{domain.encode().decode('idna')}"] = None
    return list(spellings)


def _comparable(text: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", text.strip()).casefold())


def _can_be_asked(text: str) -> bool:
    try:
        return 0 < len(text.encode()) <= _LONGEST
    except UnicodeEncodeError:
        return False


def _chunks(values: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    return (values[start : start + size] for start in range(0, len(values), size))


# --- Connections ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Credentials:
    dn: str = ""
    password: str = ""

    def __repr__(self) -> str:
        return f"_Credentials(dn={self.dn!r})"


def _read_credentials(path: Path) -> _Credentials:
    """What to bind with. The mode is that of the file that is read, not of one that stood there before. Raises
    ValueError in words for people."""
    try:
        # A pipe would let us wait.
        with open(os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK), "rb") as opened:  # noqa: PTH123
            status = os.fstat(opened.fileno())
            if not stat.S_ISREG(status.st_mode):
                raise ValueError(f"{path} is no file")
            if status.st_mode & 0o077:
                raise ValueError(f"{path} is open to others than its owner: chmod 600 {path}")
            text = opened.read(65536).decode("utf-8-sig")
    except OSError as fault:
        raise ValueError(f"cannot read {path}: {fault.strerror}") from fault
    except UnicodeDecodeError:
        raise ValueError(f"{path} is not UTF-8") from None
    try:
        # Every value as the text that was written: a password may be 0123. What the parser says would quote it.
        value = YAML(typ="base", pure=True).load(text)
    except YAMLError:
        raise ValueError(f"{path} is not YAML") from None
    if not isinstance(value, dict) or not all(isinstance(value.get(key), str) for key in ("dn", "password")):
        raise ValueError(f"{path} must have `dn` and `password`")
    # A bind with a DN and no password succeeds as anonymous (RFC 4513 5.1.2).
    if not value["dn"] or not value["password"]:
        raise ValueError(f"`dn` or `password` in {path} is empty")
    return _Credentials(value["dn"], value["password"])


def _reason(fault: BaseException) -> str:
    """What python-ldap says, in one short line."""
    told = _told_by(fault)
    parts = [str(told[key]) for key in ("desc", "info") if told.get(key)] or [str(fault)]
    return printable(": ".join(parts))[:200] or "timed out"


def _told_by(fault: BaseException) -> dict[str, Any]:
    """What python-ldap puts into its exceptions; into that of a time limit of its own it puts nothing."""
    return fault.args[0] if fault.args and isinstance(fault.args[0], dict) else {}


class _Connection:
    """One connection, for one thread at a time. `deadline`, on the monotonic clock, is when the answer must be there.

    Raises ldap.LDAPError and ValueError, and Unavailable for what exceeds a bound.
    """

    def __init__(self, url: str, settings: Ldap, folder: Path, credentials: _Credentials, deadline: float) -> None:
        ldap = _library()
        self._ldap_module = ldap
        self.deadline = deadline
        self.used_at = time.monotonic()
        self._ldap = ldap.initialize(url)
        try:
            self._open(url, settings, folder, credentials)
        except BaseException:
            self.close()
            raise

    def _open(self, url: str, settings: Ldap, folder: Path, credentials: _Credentials) -> None:
        ldap, connection = self._ldap_module, self._ldap
        for option in (ldap.OPT_NETWORK_TIMEOUT, ldap.OPT_TIMEOUT):
            connection.set_option(option, self._left())
        connection.set_option(ldap.OPT_REFERRALS, 0)
        connection.set_option(ldap.OPT_DEREF, ldap.DEREF_NEVER)
        # Whatever ldap.conf or the environment say.
        connection.set_option(ldap.OPT_X_TLS_REQUIRE_CERT, ldap.OPT_X_TLS_DEMAND)
        if settings.ca_file:
            connection.set_option(ldap.OPT_X_TLS_CACERTFILE, str(folder / settings.ca_file))
        connection.set_option(ldap.OPT_X_TLS_NEWCTX, 0)
        starttls = settings.starttls and url.lower().startswith("ldap:")
        if starttls or url.lower().startswith("ldaps:"):
            # Otherwise libldap 2.5 with GnuTLS waits for a silent server's part of the handshake in a loop without end.
            connection.set_option(ldap.OPT_CONNECT_ASYNC, 1)
        if starttls:
            connection.start_tls_s()
        try:
            self._result(connection.simple_bind(credentials.dn, credentials.password))
        except ldap.LDAPError as fault:
            told = _told_by(fault)
            if told.get("result", -1) < 0:
                raise
            # Not what the server says besides: it could repeat what it was given.
            raise ValueError(f"the server does not take the credentials: {told['desc']}") from None

    def close(self) -> None:
        with suppress(self._ldap_module.LDAPError):
            self._ldap.unbind_ext_s()

    def _left(self) -> float:
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise self._ldap_module.TIMEOUT
        return left

    def _result(self, number: int) -> tuple[list[_Entry], Sequence[Any]]:
        _kind, found, _number, controls = self._ldap.result3(number, all=1, timeout=self._left())
        # Without a DN it is a reference to another server (RFC 4511 4.5.3).
        return [_Entry(dn, values) for dn, values in found or () if dn is not None], controls

    def pages(self, base: str, wanted: str, attributes: Collection[str], size: int = _PAGE) -> Iterator[list[_Entry]]:
        """What a filter finds, page by page. Where a server knows no pages it is all one."""
        ldap = self._ldap_module
        control = ldap.controls.libldap.SimplePagedResultsControl(False, size, "")
        while True:
            number = self._ldap.search_ext(
                base, ldap.SCOPE_SUBTREE, wanted, _asked(attributes), serverctrls=[control], timeout=self._left()
            )
            entries, controls = self._result(number)
            yield [self._whole(entry) for entry in entries]
            control.cookie = next((one.cookie for one in controls if one.controlType == control.controlType), "")
            if not control.cookie:
                return

    def search(self, base: str, wanted: str, attributes: Collection[str], *, most: int) -> list[_Entry]:
        """What a filter finds. Raises Unavailable for more than `most` entries."""
        found: list[_Entry] = []
        for page in self.pages(base, wanted, attributes, min(_PAGE, most + 1)):
            found += page
            if len(found) > most:
                raise Unavailable(f"the directory has more than {most} entries for one question")
        return found

    def read(self, dns: Sequence[str], attributes: Collection[str]) -> dict[str, _Entry]:
        """These entries by the DN that was asked for, as far as they exist; many at the price of a few."""
        ldap = self._ldap_module
        found: dict[str, _Entry] = {}
        for chunk in _chunks(dns, _UNDER_WAY):
            asked = [
                self._ldap.search_ext(dn, ldap.SCOPE_BASE, "(objectClass=*)", _asked(attributes), timeout=self._left())
                for dn in chunk
            ]
            for dn, number in zip(chunk, asked, strict=True):
                try:
                    entries, _controls = self._result(number)
                except (ldap.NO_SUCH_OBJECT, ldap.INVALID_DN_SYNTAX):
                    continue
                except ldap.REFERRAL:
                    entries = [_Entry(dn, {}, elsewhere=True)]
                found.update((dn, entry) for entry in entries)
        return {dn: self._whole(entry) for dn, entry in found.items()}

    def _whole(self, entry: _Entry) -> _Entry:
        """The entry with all values of what Active Directory gives 1,500 at a time ([MS-ADTS] 3.1.1.3.1.3.3)."""
        while part := entry.missing():
            wanted = [f"{part[0]};range={part[1]}-*"]
            number = self._ldap.search_ext(entry.dn, self._ldap_module.SCOPE_BASE, "(objectClass=*)", wanted)
            if not any(entry.add(further) for further in self._result(number)[0]):
                raise Unavailable(f"the directory keeps back values of {printable(entry.dn)}")
        return entry


def _asked(attributes: Collection[str]) -> list[str]:
    # No attribute at all would be all of them (RFC 4511 4.5.1.8); 1.1 is none.
    return list(dict.fromkeys(one for one in attributes if one)) or ["1.1"]


class _Pool:
    """The connections of one directory, at most `at_once`. A server that cannot be reached is left alone for a while;
    when that is so of all of them, there is no answer at once."""

    def __init__(self, settings: Ldap, folder: Path) -> None:
        self._settings = settings
        self._folder = folder
        self._places = threading.BoundedSemaphore(settings.at_once)
        self._lock = threading.Lock()
        self._idle: list[_Connection] = []
        self._generation = 0
        self._down_until: dict[str, float] = {}

    def ask(self, question: Callable[[_Connection], T]) -> T:
        """The answer to a question, asked once more when its connection turns out to be broken. Raises Unavailable."""
        ldap = _library()
        broken = (ldap.SERVER_DOWN, ldap.CONNECT_ERROR, ldap.UNAVAILABLE, ldap.BUSY)
        deadline = time.monotonic() + self._settings.timeout
        if not self._places.acquire(timeout=self._settings.timeout):
            raise Unavailable(f"{self._settings.at_once} questions are under way already")
        try:
            with _told():
                try:
                    return self._ask_once(question, deadline)
                except broken:
                    # The others were opened to the same server, and are no better.
                    self.close()
                    return self._ask_once(question, deadline)
        finally:
            self._places.release()

    def _ask_once(self, question: Callable[[_Connection], T], deadline: float) -> T:
        connection, generation = self._taken(deadline)
        connection.deadline = deadline
        try:
            answer = question(connection)
        except BaseException:
            # Answers that nobody waits for any longer may still come.
            connection.close()
            raise
        connection.used_at = time.monotonic()
        with self._lock:
            kept = generation == self._generation
            if kept:
                self._idle.append(connection)
        if not kept:
            connection.close()
        return answer

    def _taken(self, deadline: float) -> tuple[_Connection, int]:
        now = time.monotonic()
        with self._lock:
            generation = self._generation
            old = [one for one in self._idle if one.used_at < now - _IDLE]
            self._idle = [one for one in self._idle if one.used_at >= now - _IDLE]
            taken = self._idle.pop() if self._idle else None
        for connection in old:
            connection.close()
        return taken or self.open(deadline), generation

    def open(self, deadline: float) -> _Connection:
        """A new connection, to the first server that can be reached. Raises Unavailable."""
        now = time.monotonic()
        with self._lock:
            servers = [url for url in self._settings.url if self._down_until.get(url, now) <= now]
        if not servers:
            raise Unavailable("the directory could not be reached a moment ago")
        credentials = self._credentials()
        reasons = []
        for number, url in enumerate(servers):
            now = time.monotonic()
            # What is left of the time is shared out: a server that is silent must not use up the others'.
            until = now + (deadline - now) / (len(servers) - number)
            try:
                return _Connection(url, self._settings, self._folder, credentials, until)
            except (_library().LDAPError, ValueError) as fault:
                reasons.append(f"{url}: {_reason(fault)}")
                # Where a question had used up its time before, the server may not be to blame.
                if until - now > self._settings.timeout / len(self._settings.url) / 2:
                    with self._lock:
                        self._down_until[url] = time.monotonic() + self._settings.retry_after
        raise Unavailable("; ".join(reasons))

    def _credentials(self) -> _Credentials:
        """Read for each connection, so that a password can be changed without a restart."""
        if not self._settings.credentials:
            return _Credentials()
        try:
            return _read_credentials(self._folder / self._settings.credentials)
        except ValueError as fault:
            raise Unavailable(str(fault)) from fault

    def close(self) -> None:
        with self._lock:
            self._generation += 1
            closed, self._idle = self._idle, []
        for connection in closed:
            connection.close()


@contextmanager
def _told() -> Iterator[None]:
    """What python-ldap raises as Unavailable."""
    try:
        yield
    except (_library().LDAPError, ValueError) as fault:
        raise Unavailable(f"the directory does not answer: {_reason(fault)}") from fault


# --- The directory --------------------------------------------------------------------------------------------------


class LdapDirectory:
    """One LDAP directory; a directory.Source. Safe to use from several threads.

    `folder` is where relative file names start from, `domains` are the site's.
    """

    def __init__(self, settings: Ldap, folder: Path, domains: Iterable[str]) -> None:
        self._names = names = _names(settings)
        self._base = settings.base
        self._most = settings.max_entries
        self._timeout = settings.timeout
        site = tuple(domains)
        self._site = frozenset(site)
        self._domains = tuple(settings.domains) or site or ("invalid",)
        self._pool = _Pool(settings, folder)
        self._logins = _Compared(names.person, "login")
        self._found_by = _Compared(names.address, "address")
        self._classes = frozenset(one.lower() for one in names.list_classes)

    def close(self) -> None:
        """See directory.Source."""
        self._pool.close()

    # -- persons ---------------------------------------------------------------------------------------------------

    def person(self, login: str) -> Person | None:
        """See directory.Source. Two entries for one login are no answer."""
        if not _can_be_asked(login):
            return None
        return self._pool.ask(lambda connection: self._person(connection, login))

    def _person(self, connection: _Connection, login: str) -> Person | None:
        names = self._names
        attributes = (
            *(names.login, names.name, names.unit, names.superior, names.language),
            *(*names.addresses, *names.may_send_as, *self._logins.attributes),
        )
        wanted = _filled(names.person, login=login)
        found = connection.search(self._base, wanted, attributes, most=_MOST_ALIKE)
        found = [entry for entry in found if self._has_login(entry, login)]
        if len(found) > 1:
            raise Unavailable(f"the directory has {len(found)} entries for the login {printable(login)}")
        if not found:
            return None
        entry = found[0]
        addresses = entry.addresses(names.addresses)
        rights = entry.texts(*names.may_send_as)
        owned = [*addresses, *entry.addresses(names.may_send_as), *self._of(connection, names.shared, entry)]
        return Person(
            login=login,
            owned=frozenset(address.key for address in owned if address.local != "*"),
            owned_domains=frozenset(
                address.domain for text in rights if (address := _address(text)) and address.local == "*"
            ),
            on_behalf=frozenset(address.key for address in self._of(connection, names.on_behalf, entry)),
            name=entry.text(names.name),
            mailbox=str(addresses[0]) if addresses else "",
            unit=entry.text(names.unit),
            groups=self._groups(connection, entry),
            superior=self._superior(connection, entry),
            language=_language(entry.text(names.language)),
        )

    def _has_login(self, entry: _Entry, login: str) -> bool:
        """Whether the entry has this login, and not one that the server takes for the same."""
        if not self._logins.attributes:
            return True
        return any(_comparable(text) == _comparable(login) for text in self._logins.values(entry))

    def _of(self, connection: _Connection, template: str, entry: _Entry) -> list[Address]:
        """The addresses of the entries that a filter finds for somebody."""
        if not template:
            return []
        wanted = _filled(template, dn=entry.dn, login=entry.text(self._names.login))
        found = connection.search(self._base, wanted, self._names.addresses, most=self._most)
        return [address for one in found for address in one.addresses(self._names.addresses)]

    def _groups(self, connection: _Connection, entry: _Entry) -> frozenset[str]:
        """The names of somebody's groups, of the groups that those belong to, and so on; loops end."""
        names = self._names
        found: set[str] = set()
        seen = {entry.dn}
        level = [entry.dn] if names.groups else []
        login = entry.text(names.login)
        while level:
            above: dict[str, None] = {}
            for chunk in _chunks(level, _TOGETHER):
                wanted = _any_of([_filled(names.groups, dn=dn, login=login) for dn in chunk])
                for group in connection.search(self._base, wanted, (names.group_name,), most=self._most):
                    above[group.dn] = None
                    found.update(map(printable, group.texts(names.group_name)))
            level = [dn for dn in above if dn not in seen]
            seen.update(level)
            if len(seen) > self._most:
                raise Unavailable(f"the directory has more than {self._most} groups of one person")
        return frozenset(found)

    def _superior(self, connection: _Connection, entry: _Entry) -> str:
        value = entry.text(self._names.superior)
        if not _is_dn(value):
            return normal_login(value, self._site) or ""
        superior = connection.read([value], (self._names.login,)).get(value)
        return self._login(superior) if superior else ""

    def _login(self, entry: _Entry) -> str:
        return normal_login(entry.text(self._names.login), self._site) or ""

    # -- addresses -------------------------------------------------------------------------------------------------

    def at(self, addresses: Collection[str]) -> dict[str, Listing]:
        """See directory.Source. A group without an address has the key that _group_key makes for it."""
        asked = list(dict.fromkeys(key for key in addresses if _can_be_asked(key)))
        return self._pool.ask(lambda connection: self._at(connection, asked)) if asked else {}

    def _at(self, connection: _Connection, asked: Sequence[str]) -> dict[str, Listing]:
        names = self._names
        attributes = (
            *("objectClass", *names.addresses, *self._found_by.attributes),
            *(*names.members, *names.member_addresses, *names.may_send),
        )
        groups = {key: dn for key in asked if (dn := self._dn_of(key))}
        found: dict[str, dict[str, _Entry]] = {key: {} for key in asked if key not in groups}
        for chunk in _chunks(list(found), _TOGETHER):
            wanted = _any_of([_filled(names.address, address=text) for key in chunk for text in _spellings(key)])
            for entry in connection.search(self._base, wanted, attributes, most=self._most):
                for key in self._keys(entry) & found.keys():
                    found[key][entry.dn] = entry
        by_dn = connection.read(list(groups.values()), attributes) if groups else {}
        for key, dn in groups.items():
            found[key] = {dn: by_dn[dn]} if dn in by_dn and self._is_list(by_dn[dn]) else {}
        listings: dict[str, Listing] = {}
        further: dict[str, Listing] = {}
        for key, entries in found.items():
            if entries:
                entry = self._meant(key, entries.values())
                listings[key] = self._listing(connection, key, entry, further)
        return further | listings

    def _keys(self, entry: _Entry) -> set[str]:
        """All addresses that the entry has, by attributes or because the filter says so."""
        compared = (_address(text) for text in self._found_by.values(entry))
        own = entry.addresses(self._names.addresses)
        return {address.key for address in (*own, *compared) if address is not None}

    def _meant(self, key: str, entries: Collection[_Entry]) -> _Entry:
        """Of several entries with one address: a list, since it stands for more; else whose mailbox it is; else always
        the same."""
        lists = [entry for entry in entries if self._is_list(entry)]
        if len(lists) > 1:
            raise Unavailable(f"the directory has {len(lists)} lists with the address {printable(key)}")

        def order(entry: _Entry) -> tuple[bool, str]:
            own = entry.addresses(self._names.addresses)
            return not own or own[0].key != key, entry.dn

        return min(lists or entries, key=order)

    def _is_list(self, entry: _Entry) -> bool:
        return not self._classes.isdisjoint(name.lower() for name in entry.texts("objectClass"))

    def _listing(self, connection: _Connection, key: str, entry: _Entry, further: dict[str, Listing]) -> Listing:
        """What an entry is to those who write to it; what its members are is put into `further`."""
        own = entry.addresses(self._names.addresses)
        if not self._is_list(entry):
            return Listing(own[0].key if own else key)
        members = self._members(connection, entry, further)
        may_send = self._allowed(connection, entry)
        return Listing(self._group_key(entry) if own else key, members, may_send)

    def _members(self, connection: _Connection, entry: _Entry, further: dict[str, Listing]) -> tuple[str, ...]:
        names = self._names
        # A uniqueMember may have a bit string behind its DN (RFC 4517 3.3.21).
        texts = (re.sub(r"#'[01]*'B$", "", text) for text in entry.texts(*names.members))
        dns = list(dict.fromkeys(text for text in texts if _is_dn(text)))
        written = [address.key for text in entry.texts(*names.member_addresses) if (address := _address(text))]
        if len(dns) + len(written) > self._most:
            raise Unavailable(f"a list has more than {self._most} members: {printable(entry.dn)}")
        there = connection.read(dns, ("objectClass", *names.addresses))
        members: dict[str, None] = {}
        for dn in dns:
            member = there.get(dn)
            if member is None:
                continue
            if member.elsewhere or self._is_list(member):
                members[self._group_key(member)] = None
            elif addresses := member.addresses(names.addresses):
                members[addresses[0].key] = None
                further.setdefault(addresses[0].key, Listing(addresses[0].key))
        return tuple(members | dict.fromkeys(written))

    def _allowed(self, connection: _Connection, entry: _Entry) -> tuple[str, ...]:
        """Who may send to a list. A DN that leads to nobody stays as it is, which is nobody's login: without it a list
        whose only sender has left would be open to all."""
        names = self._names
        texts = entry.texts(*names.may_send)
        there = connection.read(
            [text for text in texts if _is_dn(text)], ("objectClass", names.login, names.group_name)
        )
        allowed: dict[str, None] = {}
        for text in texts:
            found = there.get(text)
            if found is None:
                plain = _is_dn(text) or text.startswith(("unit:", "group:")) or text == "inside"
                allowed[text if plain else normal_login(text, self._site) or text] = None
            elif self._is_list(found):
                allowed[f"group:{found.text(names.group_name) or found.dn}"] = None
            else:
                allowed[self._login(found) or found.dn] = None
        return tuple(allowed)

    def _group_key(self, entry: _Entry) -> str:
        """The first address under which the group will be asked for; else its DN at a domain that begins with a dot: it
        lies in the directory's domains, and no mail can be written to it."""
        for address in entry.addresses(self._names.addresses):
            if any(address.domain == one or address.domain.endswith(f".{one}") for one in self._domains):
                return address.key
        return f"{entry.dn}@.{self._domains[0]}"

    def _dn_of(self, key: str) -> str:
        """The DN in what _group_key made of one, or nothing."""
        dn, _at, domain = key.rpartition("@")
        return dn if domain.startswith(".") and _is_dn(dn) else ""

    # -- all of it -------------------------------------------------------------------------------------------------

    def everybody(self) -> Iterator[tuple[str, str]]:
        """See directory.Source. Page by page, without a bound: each page has the time of a question."""
        names = self._names
        wanted = _filled(names.person.replace("{login}", "*"))
        with _told():
            connection = self._pool.open(time.monotonic() + self._timeout)
            try:
                connection.deadline = time.monotonic() + self._timeout
                for page in connection.pages(self._base, wanted, (names.login, *names.addresses)):
                    for entry in page:
                        login = self._login(entry)
                        for address in entry.addresses(names.addresses) if login else ():
                            yield login, address.key
                    connection.deadline = time.monotonic() + self._timeout
            finally:
                connection.close()


def _is_dn(text: str) -> bool:
    return "=" in text and bool(_library().dn.is_dn(text))


def _language(text: str) -> str:
    """The language of a tag such as kk-KZ, or of a list of them (RFC 2798 2.7)."""
    found = re.match(r"([A-Za-z]{2})(?![A-Za-z])", text)
    return found[1].lower() if found else ""


# --- Before it is asked ---------------------------------------------------------------------------------------------


def mistakes(settings: Ldap, folder: Path) -> list[str]:
    """What is wrong with the settings as far as it can be said without the network, in words for people."""
    found = [
        f"`url`: {url!r} is not a server such as ldap://ldap.uni.example or ldaps://ldap.uni.example:636"
        for url in settings.url
        if not re.fullmatch(r"(ldaps?|ldapi)://[^\s/?#]+/?", url, re.IGNORECASE)
    ]
    if settings.ca_file:
        try:
            (folder / settings.ca_file).open("rb").close()
        except OSError as fault:
            found.append(f"`ca_file`: cannot read {folder / settings.ca_file}: {fault.strerror}")
    if settings.credentials:
        try:
            _read_credentials(folder / settings.credentials)
        except ValueError as fault:
            found.append(f"`credentials`: {fault}")
    try:
        ldap = _library()
    except Unavailable as fault:
        return [*found, str(fault)]
    if not _is_dn(settings.base):
        found.append(f"`base`: {settings.base!r} is not a DN such as dc=uni,dc=example")
    names = _names(settings)
    for key, allowed in _FILTERS.items():
        if fault_of_filter := _wrong_filter(ldap, getattr(names, key), allowed, required=key in ("person", "address")):
            found.append(f"`{key}`: {fault_of_filter}")
    return found


def _wrong_filter(ldap: Any, template: str, allowed: set[str], *, required: bool) -> str:
    if not template and not required:
        return ""
    placeholders = set(_PLACEHOLDER.findall(template))
    known = " or ".join(f"{{{one}}}" for one in sorted(allowed))
    if not placeholders & allowed:
        return f"the filter has no {known}"
    if unknown := placeholders - allowed:
        return f"the filter has {{{min(unknown)}}}; what can be filled in is {known}"
    # libldap itself must judge; it reads the filter before it looks for the socket, which is not there.
    nowhere = ldap.initialize("ldapi://%2Fdev%2Fnull%2Fnothing")
    try:
        nowhere.search_ext("", ldap.SCOPE_BASE, _filled(template, **dict.fromkeys(allowed, "x")))
    except ldap.FILTER_ERROR:
        return f"{template!r} is not a filter (RFC 4515)"
    except ldap.LDAPError:
        pass
    return ""
