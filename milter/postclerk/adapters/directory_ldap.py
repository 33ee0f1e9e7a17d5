"""People and lists in an LDAP directory: OpenLDAP, Active Directory, and whatever is like one of them.

What is asked for is escaped, and what the server finds by more lenient rules than equality (accents, widths, blanks) is
not taken for it. Connections are opened when they are needed, each server in turn, and used again for a while.

Failure modes: Unavailable, for everything that keeps an answer from being had: no server, a time limit, a certificate,
a password, a bound, an entry that is there twice. It never means that somebody is unknown, and never holds a password.
"""

from __future__ import annotations

import re
import time
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, TypeVar

from postclerk.adapters.ldap_pool import Connection, Entry, Pool, chunks, library, read_credentials, told
from postclerk.collect import normal_login
from postclerk.core.addresses import Address, printable, whole_address
from postclerk.core.people import MOST_COUNTED, Listing, Person
from postclerk.core.ports import Unavailable
from postclerk.settings import Ldap, LdapKind

T = TypeVar("T")

_TOGETHER = 25
"""Questions of one filter: OpenLDAP hangs up on who sends 256 KiB, and escapes make a character three."""

_LONGEST = 512
"""Octets of a login or address; what is longer stands in no directory."""

_READ_WITH_LIST = 5000
"""Members that are read together with their list; of a longer one they are asked for in portions."""

_MOST_ALIKE = 20
"""Entries that a server's lenient rules may find for one login."""


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
    escaped = library().filter.escape_filter_chars
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

    def values(self, entry: Entry) -> Iterator[str]:
        for name, pattern in self._patterns:
            for text in entry.texts(name):
                if found := pattern.fullmatch(text):
                    yield found[1]


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
        self._pool = Pool(settings, folder)
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

    def _person(self, connection: Connection, login: str) -> Person | None:
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
                address.domain for text in rights if (address := whole_address(text)) and address.local == "*"
            ),
            on_behalf=frozenset(address.key for address in self._of(connection, names.on_behalf, entry)),
            name=entry.text(names.name),
            mailbox=str(addresses[0]) if addresses else "",
            unit=entry.text(names.unit),
            groups=self._groups(connection, entry),
            superior=self._superior(connection, entry),
            language=_language(entry.text(names.language)),
        )

    def _has_login(self, entry: Entry, login: str) -> bool:
        """Whether the entry has this login, and not one that the server takes for the same."""
        if not self._logins.attributes:
            return True
        return any(_comparable(text) == _comparable(login) for text in self._logins.values(entry))

    def _of(self, connection: Connection, template: str, entry: Entry) -> list[Address]:
        """The addresses of the entries that a filter finds for somebody."""
        if not template:
            return []
        wanted = _filled(template, dn=entry.dn, login=entry.text(self._names.login))
        found = connection.search(self._base, wanted, self._names.addresses, most=self._most)
        return [address for one in found for address in one.addresses(self._names.addresses)]

    def _groups(self, connection: Connection, entry: Entry) -> frozenset[str]:
        """The names of somebody's groups, of the groups that those belong to, and so on; loops end."""
        names = self._names
        found: set[str] = set()
        seen = {entry.dn}
        level = [entry.dn] if names.groups else []
        login = entry.text(names.login)
        while level:
            above: dict[str, None] = {}
            for chunk in chunks(level, _TOGETHER):
                wanted = _any_of([_filled(names.groups, dn=dn, login=login) for dn in chunk])
                for group in connection.search(self._base, wanted, (names.group_name,), most=self._most):
                    above[group.dn] = None
                    found.update(map(printable, group.texts(names.group_name)))
            level = [dn for dn in above if dn not in seen]
            seen.update(level)
            if len(seen) > self._most:
                raise Unavailable(f"the directory has more than {self._most} groups of one person")
        return frozenset(found)

    def _superior(self, connection: Connection, entry: Entry) -> str:
        value = entry.text(self._names.superior)
        if not _is_dn(value):
            return normal_login(value, self._site) or ""
        superior = connection.read([value], (self._names.login,)).get(value)
        return self._login(superior) if superior else ""

    def _login(self, entry: Entry) -> str:
        return normal_login(entry.text(self._names.login), self._site) or ""

    # -- addresses -------------------------------------------------------------------------------------------------

    def at(self, addresses: Collection[str]) -> dict[str, Listing]:
        """See directory.Source. An entry without an address has the key that _dn_key makes."""
        asked = list(dict.fromkeys(key for key in addresses if _can_be_asked(key)))
        return self._pool.ask(lambda connection: self._at(connection, asked)) if asked else {}

    def _at(self, connection: Connection, asked: Sequence[str]) -> dict[str, Listing]:
        names = self._names
        attributes = (
            *("objectClass", names.login, *names.addresses, *self._found_by.attributes),
            *(*names.members, *names.member_addresses, *names.may_send),
        )
        groups = {key: dn for key in asked if (dn := self._dn_of(key))}
        found: dict[str, dict[str, Entry]] = {key: {} for key in asked if key not in groups}
        for chunk in chunks(list(found), _TOGETHER):
            wanted = _any_of([_filled(names.address, address=text) for key in chunk for text in _spellings(key)])
            for entry in connection.search(self._base, wanted, attributes, most=self._most):
                for key in self._keys(entry) & found.keys():
                    found[key][entry.dn] = entry
        by_dn = connection.read(list(groups.values()), attributes) if groups else {}
        listings: dict[str, Listing] = {}
        for key, dn in groups.items():
            found[key] = {}
            if dn in by_dn and (self._is_list(by_dn[dn]) or by_dn[dn].addresses(names.addresses)):
                found[key][dn] = by_dn[dn]
            elif not (dn in by_dn and by_dn[dn].elsewhere):
                listings[key] = Listing(key, ())  # a member that is gone, or has no mailbox: nobody
        further: dict[str, Listing] = {}
        for key, entries in found.items():
            if entries:
                entry = self._meant(key, entries.values())
                listings[key] = self._listing(connection, key, entry, further)
        return further | listings

    def _keys(self, entry: Entry) -> set[str]:
        """All addresses that the entry has, by attributes or because the filter says so."""
        compared = (whole_address(text) for text in self._found_by.values(entry))
        own = entry.addresses(self._names.addresses)
        return {address.key for address in (*own, *compared) if address is not None}

    def _meant(self, key: str, entries: Collection[Entry]) -> Entry:
        """Of several entries with one address: a list, since it stands for more; else whose mailbox it is; else always
        the same."""
        lists = [entry for entry in entries if self._is_list(entry)]
        if len(lists) > 1:
            raise Unavailable(f"the directory has {len(lists)} lists with the address {printable(key)}")

        def order(entry: Entry) -> tuple[bool, str]:
            own = entry.addresses(self._names.addresses)
            return not own or own[0].key != key, entry.dn

        return min(lists or entries, key=order)

    def _is_list(self, entry: Entry) -> bool:
        return not self._classes.isdisjoint(name.lower() for name in entry.texts("objectClass"))

    def _listing(self, connection: Connection, key: str, entry: Entry, further: dict[str, Listing]) -> Listing:
        """What an entry is to those who write to it; what its members are is put into `further`."""
        own = entry.addresses(self._names.addresses)
        if not self._is_list(entry):
            return Listing(own[0].key if own else key, owner=self._login(entry))
        members, more = self._members(connection, entry, further)
        may_send = self._allowed(connection, entry)
        return Listing(self._group_key(entry) if own else key, members, may_send, more=more)

    def _members(
        self, connection: Connection, entry: Entry, further: dict[str, Listing]
    ) -> tuple[tuple[str, ...], bool]:
        """The keys of a list's members, and whether it has still more."""
        names = self._names
        # A uniqueMember may have a bit string behind its DN (RFC 4517 3.3.21).
        texts = (re.sub(r"#'[01]*'B$", "", text) for text in entry.texts(*names.members))
        dns = list(dict.fromkeys(text for text in texts if _is_dn(text)))
        written = [address.key for text in entry.texts(*names.member_addresses) if (address := whole_address(text))]
        if len(dns) > min(self._most, _READ_WITH_LIST):
            keys = [*written, *map(self._dn_key, dns)]
            return tuple(keys[:MOST_COUNTED]), len(keys) > MOST_COUNTED
        there = connection.read(dns, ("objectClass", names.login, *names.addresses))
        members: dict[str, None] = {}
        for dn in dns:
            member = there.get(dn)
            if member is None:
                continue
            if member.elsewhere or self._is_list(member):
                members[self._group_key(member)] = None
            elif addresses := member.addresses(names.addresses):
                members[addresses[0].key] = None
                further.setdefault(addresses[0].key, Listing(addresses[0].key, owner=self._login(member)))
        return tuple(members | dict.fromkeys(written)), False

    def _allowed(self, connection: Connection, entry: Entry) -> tuple[str, ...]:
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

    def _group_key(self, entry: Entry) -> str:
        """The first address under which the group will be asked for, or the key of its DN."""
        for address in entry.addresses(self._names.addresses):
            if any(address.domain == one or address.domain.endswith(f".{one}") for one in self._domains):
                return address.key
        return self._dn_key(entry.dn)

    def _dn_key(self, dn: str) -> str:
        """A DN at a domain that begins with a dot: it lies in the directory's domains, and no mail can be written to
        it."""
        return f"{dn}@.{self._domains[0]}"

    def _dn_of(self, key: str) -> str:
        """The DN in what _dn_key made of one, or nothing."""
        dn, _at, domain = key.rpartition("@")
        return dn if domain.startswith(".") and _is_dn(dn) else ""

    # -- all of it -------------------------------------------------------------------------------------------------

    def everybody(self) -> Iterator[tuple[str, str]]:
        """See directory.Source. Page by page, without a bound: each page has the time of a question."""
        names = self._names
        wanted = _filled(names.person.replace("{login}", "*"))
        with told():
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
    return "=" in text and bool(library().dn.is_dn(text))


def _language(text: str) -> str:
    """The language of a tag such as kk-KZ, or of a list of them (RFC 2798 2.7)."""
    found = re.match(r"([A-Za-z]{2})(?![A-Za-z])", text)
    return found[1].lower() if found else ""


# --- Before it is asked ---------------------------------------------------------------------------------------------


_LOOPBACK = re.compile(r"ldap://(localhost|127\.[0-9.]+|\[::1\])(:[0-9]+)?/?", re.IGNORECASE)


def warnings(settings: Ldap) -> list[str]:
    """What is allowed and yet unwise."""
    open_to_all = [url for url in settings.url if url.lower().startswith("ldap://") and not _LOOPBACK.fullmatch(url)]
    if settings.credentials and open_to_all and not settings.starttls:
        return [f"the password goes to {open_to_all[0]} unencrypted; set `starttls: true`, or use ldaps://"]
    return []


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
            read_credentials(folder / settings.credentials)
        except ValueError as fault:
            found.append(f"`credentials`: {fault}")
    try:
        ldap = library()
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
