"""Who the site's people are, and what stands at an address: what directories answer, and how answers come together."""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who can log in: what belongs to the login.

    `owned` and `on_behalf` hold comparison keys (Address.key); `owned_domains` the domains of `*@domain`.
    `known` is false for a login that no directory lists as a person: it owns the address equal to it, and what it was
    given, and no more (1.1.2).
    """

    login: str
    owned: frozenset[str]
    owned_domains: frozenset[str] = frozenset()
    on_behalf: frozenset[str] = frozenset()
    """Principals whose address may stand in From when Sender is the person's own (RFC 5322 3.6.2)."""
    name: str = ""
    mailbox: str = ""
    unit: str = ""
    groups: frozenset[str] = frozenset()
    superior: str = ""
    language: str = ""
    known: bool = True


def merged(answers: Iterable[Person]) -> Person | None:
    """What several directories say of one login: rights and groups add up, for the rest the first that knows tells."""
    found = list(answers)
    if len(found) < 2:
        return found[0] if found else None

    def first(name: str) -> str:
        return next((value for one in found if (value := getattr(one, name))), "")

    def together(name: str) -> frozenset[str]:
        return frozenset().union(*(getattr(one, name) for one in found))

    return Person(
        login=found[0].login,
        owned=together("owned"),
        owned_domains=together("owned_domains"),
        on_behalf=together("on_behalf"),
        name=first("name"),
        mailbox=first("mailbox"),
        unit=first("unit"),
        groups=together("groups"),
        superior=first("superior"),
        language=first("language"),
        known=any(one.known for one in found),
    )


def may_approve_his_own(person: Person, staff: Collection[str]) -> bool:
    """Whether somebody may grant himself what a superior approves (1.1.3): of the IT department alone, whose logins
    `staff` are, who has no superior."""
    return not person.superior and person.login in staff


@dataclass(frozen=True, slots=True)
class Listing:
    """What stands at an address: a mailbox, to which several addresses may lead, or a list with its members.

    All addresses are comparison keys. `may_send` holds what stands in people.yaml: logins, `unit:NAME`, `group:NAME`
    or `inside`; empty: no limit. `owner` is the login of the person whose mailbox it is, where that is known; `sharers`
    are the logins of those who are reminded of what waits in a mailbox that several people share. `more` says that a
    list has more members than these, too many for its directory to name.
    """

    address: str
    members: tuple[str, ...] | None = None
    may_send: tuple[str, ...] = ()
    owner: str = ""
    sharers: tuple[str, ...] = ()
    more: bool = False


@dataclass(frozen=True, slots=True)
class Expansion:
    """Whom a recipient stands for: each mailbox once, nested lists included; `listing` where it is a list itself,
    `owner` and `sharers` where it is a mailbox (see Listing).

    There are `more` than these where they are too many to count. Where some could not be looked up now, these are as
    many as there surely are, and `unsure` says why.
    """

    mailboxes: tuple[str, ...]
    listing: Listing | None = None
    owner: str = ""
    sharers: tuple[str, ...] = ()
    more: bool = False
    unsure: str = ""


MOST_COUNTED = 100_000
"""Mailboxes of one list that are counted; who has more is over every limit."""

_MOST_READ = 10 * MOST_COUNTED
"""Members of all the lists in a list that are looked at: few mailboxes may stand on many lists, but not without end."""

_FIRST, _TOGETHER = 100, 5000
"""Members that are looked up at first, and at once: few, so that a directory too slow for all of them tells at least
that they are many."""


class NoAnswer(Exception):
    """What stands at some addresses could not be looked up now, for the reason given."""


LookUp = Callable[[Collection[str]], Mapping[str, Listing | None]]
"""Answers for all the addresses that it is given. Raises NoAnswer."""


def expand(listing: Listing, look_up: LookUp) -> Expansion:
    """The mailboxes behind a list; a mailbox stands for itself. A loop of lists ends where it began, and once there are
    too many, nothing more is asked: the members that are named count as they are."""
    if listing.members is None:
        return Expansion((listing.address,), owner=listing.owner, sharers=listing.sharers)
    seen = {listing.address}
    found: dict[str, None] = {}
    waiting = deque(listing.members)
    read, more, together = len(waiting), listing.more, _FIRST
    while waiting and not more:
        asked = _taken(waiting, seen, together)
        try:
            known = look_up(asked) if asked else {}
        except NoAnswer as fault:
            return Expansion(tuple(found), listing, unsure=str(fault))
        for key in asked:
            there = known.get(key)
            if there is None:
                found[key] = None
            elif there.members is None:
                found[there.address] = None
            elif there.address not in seen or there.address == key:
                seen.add(there.address)
                waiting.extend(there.members)
                read += len(there.members)
                more = more or there.more
        more = more or len(found) > MOST_COUNTED or read > _MOST_READ
        together = min(2 * together, _TOGETHER)
    named = dict.fromkeys(itertools.chain(found, waiting))
    return Expansion(tuple(itertools.islice(named, MOST_COUNTED + 1)), listing, more=more)


def _taken(waiting: deque[str], seen: set[str], most: int) -> list[str]:
    """The next that were not seen yet; they are now."""
    taken: list[str] = []
    while waiting and len(taken) < most:
        key = waiting.popleft()
        if key not in seen:
            seen.add(key)
            taken.append(key)
    return taken
