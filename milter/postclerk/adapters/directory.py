"""The site's directories as one: asked in the order of rules.yaml, and what is far away with a cache.

Failure modes: Unavailable, also where only one of several does not answer: what it would have said is not known, and
not knowing is neither guilt nor innocence. A list that cannot be looked up to its end is told as far as it is known.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Protocol

from postclerk.adapters.cache import Lifetimes, LookupCache
from postclerk.core import people
from postclerk.core.people import Expansion, Listing, NoAnswer, Person
from postclerk.core.ports import Unavailable
from postclerk.settings import Lookups

_PATIENCE = 12.0
"""Seconds within which the lists that a message goes to are looked up. What was asked by then is waited for, and
Postfix waits 30 s."""


class Source(Protocol):
    """One directory."""

    def person(self, login: str) -> Person | None:
        """The person behind a normalised login (collect.normal_login), or None. Raises Unavailable."""

    def at(self, addresses: Collection[str]) -> Mapping[str, Listing]:
        """What stands at these addresses (comparison keys); what is left out is not known here. May tell of further
        addresses, such as a list's members, that were read by the way. Raises Unavailable."""

    def everybody(self) -> Iterator[tuple[str, str]]:
        """Login and address (comparison key) of everybody, one pair for each address, for `postclerk check`.
        Raises Unavailable."""

    def close(self) -> None:
        """Closes connections; the next question opens them again."""


class CachedSource:
    """A directory that is far away, with a cache of its persons and one of its addresses.

    It is asked only about addresses in the site's domains and below, or in those that its section names.
    """

    def __init__(self, source: Source, settings: Lookups, domains: Iterable[str]) -> None:
        self._source = source
        self._domains = tuple(settings.domains or domains)
        lifetimes = Lifetimes(
            found=settings.cache_for,
            nothing=settings.unknown_for,
            failed=settings.retry_after,
            stale=settings.serve_stale_for,
        )
        patience = 2 * settings.timeout
        self._people: LookupCache[Person] = LookupCache(
            self._ask_for_people, lifetimes, size=settings.cache_size, at_once=settings.at_once, patience=patience
        )
        self._listings: LookupCache[Listing] = LookupCache(
            source.at, lifetimes, size=settings.cache_size, at_once=settings.at_once, patience=patience
        )

    def _ask_for_people(self, logins: Collection[str]) -> dict[str, Person]:
        return {login: person for login in logins if (person := self._source.person(login)) is not None}

    def person(self, login: str) -> Person | None:
        """See Source."""
        return self._people.one(login)

    def at(self, addresses: Collection[str]) -> dict[str, Listing]:
        """See Source."""
        asked = [address for address in addresses if self._is_asked_about(address.rpartition("@")[2])]
        return {key: found for key, found in self._listings.get(asked).items() if found is not None}

    def _is_asked_about(self, domain: str) -> bool:
        return any(domain == one or domain.endswith(f".{one}") for one in self._domains)

    def everybody(self) -> Iterator[tuple[str, str]]:
        """See Source."""
        return self._source.everybody()

    def close(self) -> None:
        """See Source."""
        self._source.close()


class Directories:
    """All of them together; the Directory of core.ports."""

    def __init__(self, sources: Sequence[Source]) -> None:
        self.sources = tuple(sources)

    def person(self, login: str) -> Person | None:
        """See core.ports.Directory."""
        return people.merged(found for source in self.sources if (found := source.person(login)) is not None)

    def expand(self, recipients: Collection[str]) -> dict[str, Expansion]:
        """See core.ports.Directory."""
        deadline = time.monotonic() + _PATIENCE

        def look_up(addresses: Collection[str]) -> dict[str, Listing | None]:
            if time.monotonic() > deadline:
                raise NoAnswer(f"a list was not looked up within {_PATIENCE:.0f} seconds")
            try:
                return self._at(addresses)
            except Unavailable as fault:
                raise NoAnswer(str(fault)) from fault

        known = self._at(recipients).items()
        return {key: people.expand(listing, look_up) for key, listing in known if listing is not None}

    def _at(self, addresses: Collection[str]) -> dict[str, Listing | None]:
        """What stands at each of these, by the first directory that knows it."""
        found: dict[str, Listing | None] = {}
        unknown = list(dict.fromkeys(addresses))
        for source in self.sources:
            if not unknown:
                break
            found.update(source.at(unknown))
            unknown = [key for key in unknown if key not in found]
        return found

    def clashes(self) -> Iterator[tuple[str, str, str]]:
        """Addresses that two people have, each with both logins. Raises Unavailable."""
        owners: dict[str, str] = {}
        for source in self.sources:
            for login, address in source.everybody():
                owner = owners.setdefault(address, login)
                if owner != login:
                    yield address, owner, login

    def close(self) -> None:
        """Closes every connection, such as before a fork."""
        for source in self.sources:
            source.close()
