"""The one place that wires the parts together; the commands ask here for what they need, ready made."""

from __future__ import annotations

import contextlib
import datetime
import os
import socket as socketlib
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any, TypeVar

from postclerk import clock, events, held
from postclerk import config as configuration
from postclerk.adapters import (
    counters,
    counters_redis,
    journal,
    notices,
    orders,
    outbox,
    requests,
    spool,
    standing,
)
from postclerk.adapters.absence_file import AbsenceFile
from postclerk.adapters.counters import ReadOnlyCounters, StoreCounters
from postclerk.adapters.counters_redis import ReadOnlyRedisCounters, RedisCounters
from postclerk.adapters.directory import Directories
from postclerk.adapters.files import make_own_folder
from postclerk.adapters.hold_queue import QueueError
from postclerk.adapters.imap import Flags
from postclerk.adapters.links import Links, SecretError, secret
from postclerk.adapters.mailboxes import total as mail_total
from postclerk.adapters.orders import Order
from postclerk.adapters.resolver import DnsResolver
from postclerk.adapters.rules_file import EditError
from postclerk.adapters.signatures import MailVerifier
from postclerk.adapters.spool import Filing, Spool
from postclerk.adapters.standing import StoreStanding
from postclerk.adapters.store import Store, StoreError
from postclerk.companion import Companion
from postclerk.config import Config
from postclerk.core.ports import Counters, Journal, Unavailable
from postclerk.core.rule import Action
from postclerk.courier import Courier
from postclerk.desk import Desk, OwnRequest
from postclerk.digests import Weekly
from postclerk.explained import said
from postclerk.flags import Flagger
from postclerk.held import Hold
from postclerk.judge import Judge, Outside
from postclerk.languages import Languages
from postclerk.mails.request import what
from postclerk.reminders import Reminders
from postclerk.rules import suspension
from postclerk.scan import Scan
from postclerk.server import Supervisor
from postclerk.settings import Settings, Tracker
from postclerk.site import Site, asked, change_rules, directories, read_site, settings_or_defaults, site_calendar
from postclerk.tracking import Tracking

__all__ = [
    "EditError",
    "MilterProgram",
    "Order",
    "OwnRequest",
    "QueueError",
    "Site",
    "Unavailable",
    "asked",
    "change_rules",
    "directories",
    "mail_total",
    "read_site",
    "settings_or_defaults",
    "site_calendar",
]

T = TypeVar("T")

_FILE_EVERY = 0.2
_FILE_AGAIN = 5.0
"""Seconds between two filings of what the workers decided, and after one that failed."""


def judge_for_trial(site: Site) -> Judge:
    """A judge that touches no state: counters are read where a store exists, and nothing is written."""
    store = Store(site.config.store_url)
    present = store if store.exists() else None
    resolver = DnsResolver(site.settings.dns)
    outside = Outside(
        directory=site.directory,
        standing=StoreStanding(present, None, site.settings.zone),
        counters=_counters_to_look_at(site.settings, present),
        resolver=resolver,
        verifier=MailVerifier(resolver),
    )
    return Judge(site.settings, outside)


def decisions(config: Config, **wanted: Any) -> Iterator[dict[str, Any]]:
    """The journal's entries that are wanted (see journal.entries), newest last, the store created or migrated first.

    Raises StoreError."""
    store = Store(config.store_url)
    store.migrate()
    return journal.entries(store, spool.pending(config.spool), **wanted)


def _counters(settings: Settings, store: Store) -> Counters:
    holder = _holder(os.getpid())
    return StoreCounters(store, holder) if settings.counts_in_store else RedisCounters(settings.counters, holder)


def _counters_to_look_at(settings: Settings, store: Store | None) -> Counters:
    return ReadOnlyCounters(store) if settings.counts_in_store else ReadOnlyRedisCounters(settings.counters)


def change_standing(config: Config, change: Callable[[ModuleType, Store], T]) -> T:
    """Does what the IT department does to grants or suspensions (see adapters.standing), and tells the workers.

    Raises StoreError."""
    with _open_store(config) as store:
        store.migrate()
        done = change(standing, store)
    # Where no worker of this host can be told, they find out by themselves some seconds later.
    with contextlib.suppress(OSError):
        make_own_folder(config.spool)
        standing.tell(config.stamp)
    return done


def read_standing(config: Config, look: Callable[[ModuleType, Store], T]) -> T:
    """Looks at grants or suspensions, the store created or migrated first. Raises StoreError."""
    with _open_store(config) as store:
        store.migrate()
        return look(standing, store)


class MilterProgram:
    """One reading of the rules, as the supervisor holds it and its workers carry it out."""

    def __init__(self, rules: Path) -> None:
        self._site = read_site(rules)
        self.rules = str(rules)
        self.settings = self._site.settings
        for warning in self._site.config.warnings:
            events.warned(str(warning))

    def prepare(self) -> None:
        """See server.Program."""
        with _open_store(self._site.config) as store:
            store.migrate()
        try:
            spool.prepare(self._site.config.spool)
        except OSError as fault:
            folder = self._site.config.spool
            raise StoreError(f"cannot write {folder}: {fault.strerror}; it must belong to this user") from fault
        if self.has_courier:
            _secret(self._site.config)

    def keep_ledger(self, finishing: Callable[[float], bool]) -> None:
        """See server.Program."""
        with _open_store(self._site.config) as store:
            filing = Filing(self._site.config.spool, store, filed=lambda done: self._suspend_offenders(store, done))
            done = False
            while not done:
                done = finishing(_FILE_EVERY)
                try:
                    filing.file_all()
                except (StoreError, OSError) as fault:
                    # What waits is safe where it is.
                    events.filing_failed(fault)
                    done = done or finishing(_FILE_AGAIN)

    @property
    def has_courier(self) -> bool:
        """See server.Program."""
        return self.settings.mail is not None

    def carry(self, finishing: Callable[[float], bool]) -> None:
        """See server.Program."""
        with desk(self._site.config, self._site.directory) as ours:
            Courier(ours, Hold(ours), _holder(os.getpid())).carry(finishing)

    def _suspend_offenders(self, store: Store, records: list[dict[str, Any]]) -> None:
        """Suspends whoever was refused too often, where rules.yaml says how often that is."""
        options = self.settings.rules.get("suspension")
        if not isinstance(options, suspension.Options) or not options.after or options.is_off:
            return
        if options.monitor or self.settings.site.monitor:
            return
        refused = {one["login"] for one in records if one["login"] and one["action"] == Action.REJECT.value}
        if not refused:
            return
        suspended = standing.suspend_offenders(
            store, refused, after=options.after, within=options.within, lasts=options.lasts, at=clock.now()
        )
        for login in suspended:
            events.suspended(login, options.after)
        if suspended:
            standing.tell(self._site.config.stamp)

    def open(self) -> tuple[Judge, Journal]:
        """See server.Program."""
        config = self._site.config
        store, resolver = Store(config.store_url), DnsResolver(self.settings.dns)
        outside = Outside(
            directory=self._site.directory,
            standing=StoreStanding(store, config.stamp, self.settings.zone),
            counters=_counters(self.settings, store),
            resolver=resolver,
            verifier=MailVerifier(resolver),
        )
        return Judge(self.settings, outside), Spool(config.spool)

    def give_back(self, gone: int | None) -> None:
        """See server.Program."""
        with _open_store(self._site.config) as store:
            # Only what is filed tells which messages were accepted.
            Filing(self._site.config.spool, store).file_all()
            holders = _holder("" if gone is None else gone)
            if self.settings.counts_in_store:
                counters.give_back(store, holders)
                return
            try:
                counters_redis.give_back(self.settings.counters, holders, lambda ids: journal.accepted(store, ids))
            except Unavailable as fault:
                # What is not given back counts until its window has passed: too much rather than too little.
                events.counter_failed(holders, fault)

    def forget(self) -> None:
        """See server.Program."""
        now = clock.now()
        with _open_store(self._site.config) as store:
            counters.forget(store, now)
            journal.forget(store, now - self.settings.journal.keep)
            outbox.forget(store, now)
            orders.forget(store, now)


@contextlib.contextmanager
def desk(config: Config, directory: Directories) -> Iterator[Desk]:
    """The desk at which people ask and superiors decide. Raises StoreError."""
    settings = config.settings
    with _open_store(config) as store:
        store.migrate()
        links = Links(_secret(config), settings.site.explain_url, settings.web.links_last)
        yield Desk(config, store, directory, links)


def hold(ours: Desk) -> Hold:
    """What is held on this host."""
    return Hold(ours)


def carry_out(there: Hold) -> None:
    """Carries out the orders that wait (see held.carry_out). Raises StoreError, QueueError."""
    held.carry_out(there)


def keep_watch(there: Hold, finishing: Callable[[float], bool]) -> None:
    """Carries out orders until `finishing` says that it is time to end."""
    held.keep_watch(there, finishing)


@contextlib.contextmanager
def companion(site: Site) -> Iterator[Companion]:
    """The tracker of a site whose rules.yaml has one. Raises StoreError, Mistakes."""
    settings, folder = site.settings, site.config.folder
    assert settings.tracker is not None
    calendar = site_calendar(settings)
    absent = (
        AbsenceFile(folder / settings.tracker.absences, settings.site.domains) if settings.tracker.absences else None
    )
    with desk(site.config, site.directory) as ours:
        flagger = Flagger(ours, Flags(settings.tracker.imap, folder)) if settings.tracker.imap else None
        yield Companion(ours, Tracking(ours, calendar), Reminders(ours, calendar), flagger, absent)


@contextlib.contextmanager
def weekly(site: Site, at: datetime.datetime) -> Iterator[Weekly]:
    """The weekly digests of a site, as of a moment in its zone. Raises StoreError."""
    with desk(site.config, site.directory) as ours:
        yield Weekly(ours, site_calendar(site.settings), at)


def scan(settings: Settings, owners: list[str], at: datetime.datetime, rules: Path | None) -> Scan:
    """A scan of files for whoever has these addresses (comparison keys), with all others that the directory knows of
    him. Raises Mistakes, OSError."""
    known = set(owners)
    if rules is not None:
        directory = directories(configuration.load(rules))
        with contextlib.suppress(Unavailable):
            for expansion in directory.expand(owners).values():
                person = directory.person(expansion.owner) if expansion.owner else None
                known |= person.owned if person else set()
        directory.close()
    work = site_calendar(settings).work_time()
    return Scan(known, settings.tracker or Tracker(), work, at, settings.site.tag_delimiter)


@contextlib.contextmanager
def pages(site: Site) -> Iterator[Any]:
    """The pages, as an ASGI application. Raises StoreError."""
    from postclerk.web.app import application

    with desk(site.config, site.directory) as ours:
        yield application(ours, Hold(ours))


def incident(site: Site, either_id: str) -> dict[str, Any] | None:
    """Everything about one decision: the journal's entry, what each finding says in English, whom it was told to, what
    was asked for and what was ordered; None where there is none. Raises StoreError."""
    english = Languages(["en"]).english
    entry = next(iter(reversed(list(decisions(site.config, either_id=either_id)))), None)
    if entry is None:
        return None
    with _open_store(site.config) as store:
        asked = requests.of_incident(store, entry["id"])
        return {
            **entry,
            "findings": [{**one, "says": said(one, english)} for one in entry["findings"]],
            "told": notices.concerned(store, entry["id"]),
            "requests": [{**row, "what": what(row, english)} for row in asked],
            "orders": orders.of_incident(store, entry["id"]),
        }


def requests_of(site: Site, *, undecided: bool) -> list[dict[str, Any]]:
    """What people ask for, each with `what` in English. Raises StoreError."""
    english = Languages(["en"]).english
    with _open_store(site.config) as store:
        store.migrate()
        return [{**row, "what": what(row, english)} for row in requests.listed(store, undecided=undecided)]


def _secret(config: Config) -> str:
    """The key that signs links. Raises StoreError, since it lies beside the store and fails for the same reasons."""
    path = _secret_file(config)
    try:
        return secret(path)
    except SecretError as fault:
        raise StoreError(str(fault)) from fault
    except OSError as fault:
        raise StoreError(f"cannot use {path}: {fault.strerror}") from fault


def _secret_file(config: Config) -> Path:
    if config.settings.web.secret:
        return config.folder / config.settings.web.secret
    return config.spool.parent / "postclerk.secret"


def _holder(pid: int | str) -> str:
    """A process among all that count in one store; without a number all of this host."""
    return f"{socketlib.gethostname()}:{pid}"


@contextlib.contextmanager
def _open_store(config: Config) -> Iterator[Store]:
    """A store for the length of a block: the supervisor keeps no connection that a fork would share."""
    store = Store(config.store_url)
    try:
        yield store
    finally:
        store.close()


def supervisor(rules: Path, *, socket: str | None, workers: int | None) -> Supervisor:
    """The milter, ready to run. Raises Mistakes, OSError, StoreError."""
    events.set_up()
    return Supervisor(lambda: MilterProgram(rules), where=socket, workers=workers)
