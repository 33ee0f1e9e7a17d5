"""The directory of people in YAML and CSV files, read at start and at reload.

Failure modes: Mistakes with the line and column of what is wrong; once read it is never unavailable.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator, ValidationError

from postclerk.collect import normal_login
from postclerk.config import Config, mistakes_of
from postclerk.core.people import Listing, Person
from postclerk.core.rule import Section, option
from postclerk.core.values import EmailAddress, written_address
from postclerk.sourcefile import Location, Mistake, Mistakes, Source, read


def _several(value: object) -> object:
    """A cell of a CSV file may hold several addresses, parted by blanks, commas or semicolons."""
    if isinstance(value, str):
        return value.replace(",", " ").replace(";", " ").split()
    return [] if value is None else value


def _sending_right(text: str) -> str:
    if text.startswith("*@"):
        return f"*@{written_address('x' + text[1:]).domain}"
    return str(written_address(text))


EmailAddresses = Annotated[list[EmailAddress], BeforeValidator(_several)]
Texts = Annotated[list[str], BeforeValidator(_several)]


class PersonEntry(Section):
    """Somebody with a login, or an application with one."""

    login: str = option(..., "The SMTP login.", min_length=1)
    name: str = option("", "The name, as people write it.")
    addresses: EmailAddresses = option([], "The person's addresses; the first is the mailbox.")
    aliases: EmailAddresses = option([], "Further addresses that lead to the mailbox.")
    may_send_as: Texts = option([], "Others' addresses that the person may send as; *@domain for all of a domain.")
    may_send_on_behalf: EmailAddresses = option(
        [], "Principals' addresses that may stand in From, with the person's own in Sender."
    )
    unit: str = option("", "The unit that the person belongs to.")
    groups: Texts = option([], "Groups that the person belongs to.")
    superior: str = option("", "The superior's login.")
    language: str = option("", "The language of explanations: kk, ru, tr or en.")


class ListEntry(Section):
    """A distribution list: it counts as its members."""

    address: EmailAddress = option(..., "The list's address.")
    members: EmailAddresses = option([], "Members; a list may be a member.")
    may_send: Texts = option([], "Who may send to the list: logins, unit:NAME, group:NAME, inside; empty: no limit.")


class SharedEntry(Section):
    """A mailbox that several people read and answer from."""

    address: EmailAddress = option(..., "The mailbox's address.")
    members: Texts = option([], "The logins of those who use it.")
    remind: str = option("all", "Who is reminded of what waits in it: all, or a login.")


class PeopleFile(Section):
    """A whole people.yaml."""

    people: list[PersonEntry] = option([], "Those who log in.")
    lists: list[ListEntry] = option([], "Distribution lists.")
    shared: list[SharedEntry] = option([], "Shared mailboxes.")


@dataclass(frozen=True, slots=True)
class _Listed:
    """One people file, and where each entry of its sections stands."""

    source: Source
    content: PeopleFile
    places: dict[str, list[Location]]


class FileDirectory:
    """The people, lists and shared mailboxes of one file; a directory.Source."""

    def __init__(self, content: PeopleFile, domains: Iterable[str]) -> None:
        self._domains = frozenset(domains)
        self._people: dict[str, Person] = {}
        self._listings: dict[str, Listing] = {}
        shared = _shared_by_login(content, self._domains)
        for entry in content.people:
            self._add_person(entry, shared.pop(normal_login(entry.login, self._domains) or "", []))
        for login, addresses in shared.items():
            # Somebody whom another directory lists.
            owned = frozenset(written_address(text).key for text in addresses)
            self._people[login] = Person(login, owned, known=False)
        for mailbox in content.shared:
            key = written_address(mailbox.address).key
            reminded = mailbox.members if mailbox.remind == "all" else [mailbox.remind]
            sharers = tuple(normal_login(one, self._domains) or one for one in reminded)
            self._listings.setdefault(key, Listing(key, sharers=sharers))
        for listed in content.lists:
            key = written_address(listed.address).key
            members = tuple(written_address(text).key for text in listed.members)
            may_send = tuple(_allowed_sender(text, self._domains) for text in listed.may_send)
            self._listings[key] = Listing(key, members, may_send)

    def _add_person(self, entry: PersonEntry, shared: list[str]) -> None:
        own = [written_address(text) for text in (*entry.addresses, *entry.aliases)]
        rights = [_sending_right(text) for text in entry.may_send_as]
        keys = {address.key for address in own} | {written_address(text).key for text in shared}
        keys |= {written_address(text).key for text in rights if not text.startswith("*@")}
        login = normal_login(entry.login, self._domains) or entry.login
        self._people[login] = Person(
            login=login,
            owned=frozenset(keys),
            owned_domains=frozenset(text[2:] for text in rights if text.startswith("*@")),
            on_behalf=frozenset(written_address(text).key for text in entry.may_send_on_behalf),
            name=entry.name,
            mailbox=str(own[0]) if own else "",
            unit=entry.unit,
            groups=frozenset(entry.groups),
            superior=entry.superior,
            language=entry.language,
        )
        for address in own:
            self._listings[address.key] = Listing(own[0].key, owner=login)

    def person(self, login: str) -> Person | None:
        """See directory.Source."""
        return self._people.get(login)

    def at(self, addresses: Collection[str]) -> dict[str, Listing]:
        """See directory.Source."""
        return {key: self._listings[key] for key in addresses if key in self._listings}

    def everybody(self) -> Iterator[tuple[str, str]]:
        """See directory.Source. Clashes within files are found where they are read, with their lines; these are for
        those with other directories."""
        return ((listing.owner, key) for key, listing in self._listings.items() if listing.owner)

    def close(self) -> None:
        """See directory.Source."""


def _allowed_sender(text: str, domains: Iterable[str]) -> str:
    return text if text.startswith(("unit:", "group:")) or text == "inside" else normal_login(text, domains) or text


def _shared_by_login(content: PeopleFile, domains: frozenset[str]) -> dict[str, list[str]]:
    by_login: dict[str, list[str]] = {}
    for entry in content.shared:
        for member in entry.members:
            by_login.setdefault(normal_login(member, domains) or "", []).append(entry.address)
    return by_login


def load(config: Config) -> dict[int, FileDirectory]:
    """Reads every file that rules.yaml names, by the number of its entry there. Raises Mistakes; a file that cannot be
    read is a mistake of the line that names it."""
    named = {number: entry.file for number, entry in enumerate(config.settings.directory) if entry.file is not None}
    files, mistakes = _read_all(config.source, config.folder, named)
    domains = config.settings.site.domains
    mistakes += _clashes(list(files.values()), frozenset(domains))
    if mistakes:
        raise Mistakes(mistakes)
    return {number: FileDirectory(one.content, domains) for number, one in files.items()}


def mistakes_beside(rules: Path) -> list[Mistake]:
    """What is wrong with the people files of a rules.yaml that is itself wrong, as far as it names them."""
    try:
        source = read(rules)
    except Mistakes:
        return []
    entries = source.value.get("directory") if isinstance(source.value, dict) else None
    named = [entry.get("file") for entry in entries if isinstance(entry, dict)] if isinstance(entries, list) else []
    files = {number: file for number, file in enumerate(named) if isinstance(file, str)}
    return _read_all(source, rules.parent, files)[1]


def _read_all(rules: Source, folder: Path, names: dict[int, str]) -> tuple[dict[int, _Listed], list[Mistake]]:
    files: dict[int, _Listed] = {}
    mistakes: list[Mistake] = []
    for number, name in names.items():
        try:
            source = read(folder / name)
            files[number] = _validated(source)
        except (OSError, ValueError) as fault:  # ValueError: a NUL in the name
            here: Location = ("directory", number, "file")
            mistakes.append(rules.mistake(here, f"cannot read {name}: {getattr(fault, 'strerror', None) or fault}"))
        except Mistakes as found:
            mistakes += found.mistakes
    return files, mistakes


def _validated(source: Source) -> _Listed:
    if Path(source.file).suffix.lower() == ".csv":
        return _validated_table(source)
    try:
        content = PeopleFile.model_validate(source.value)
    except ValidationError as fault:
        raise Mistakes(mistakes_of(fault, source, PeopleFile)) from fault
    places: dict[str, list[Location]] = {
        name: [(name, number) for number in range(len(getattr(content, name)))] for name, _model in _KINDS.values()
    }
    return _Listed(source, content, places)


_KINDS: dict[str, tuple[str, type[Section]]] = {
    "person": ("people", PersonEntry),
    "list": ("lists", ListEntry),
    "shared": ("shared", SharedEntry),
}


def _validated_table(source: Source) -> _Listed:
    """A CSV file: one entry a row, people unless the column `kind` says list or shared."""
    entries: dict[str, list[Any]] = {"people": [], "lists": [], "shared": []}
    places: dict[str, list[Location]] = {name: [] for name in entries}
    mistakes: list[Mistake] = []
    for number, row in enumerate(source.value):
        kind = row.pop("kind", "person")
        if kind not in _KINDS:
            mistakes.append(source.mistake((number, "kind"), f"`kind` is {kind}; allowed are {', '.join(_KINDS)}"))
            continue
        section, model = _KINDS[kind]
        try:
            entries[section].append(model.model_validate(row))
            places[section].append((number,))
        except ValidationError as fault:
            mistakes += mistakes_of(fault, source, model, (number,))
    if mistakes:
        raise Mistakes(mistakes)
    return _Listed(source, PeopleFile(**entries), places)


def _clashes(files: Iterable[_Listed], domains: frozenset[str]) -> Iterator[Mistake]:
    """Two people with one login or one address, and sending rights that are no addresses."""
    logins: dict[str, str] = {}
    owners: dict[str, str] = {}
    for one in files:
        for here, person in zip(one.places["people"], one.content.people, strict=True):
            login = normal_login(person.login, domains) or ""
            if login in logins:
                yield one.source.mistake((*here, "login"), f"the login {person.login} is listed twice")
            logins[login] = person.login
            for field in ("addresses", "aliases"):
                for address in getattr(person, field):
                    owner = owners.setdefault(written_address(address).key, person.login)
                    if owner != person.login:
                        message = f"{address} belongs to two people: {owner} and {person.login}"
                        yield one.source.mistake((*here, field), message)
            for right in person.may_send_as:
                try:
                    _sending_right(right)
                except ValueError as fault:
                    yield one.source.mistake((*here, "may_send_as"), str(fault))
    yield from _clashing_lists(files, owners)


def _clashing_lists(files: Iterable[_Listed], owners: dict[str, str]) -> Iterator[Mistake]:
    """Two lists at one address, or a list at a person's."""
    lists: set[str] = set()
    for one in files:
        for here, listed in zip(one.places["lists"], one.content.lists, strict=True):
            key = written_address(listed.address).key
            if key in lists:
                yield one.source.mistake((*here, "address"), f"the list {listed.address} is listed twice")
            elif key in owners:
                message = f"the list {listed.address} has the address of {owners[key]}"
                yield one.source.mistake((*here, "address"), message)
            lists.add(key)
