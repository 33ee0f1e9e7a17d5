"""The one place that wires the parts together; the commands ask here for what they need, ready made."""

from __future__ import annotations

import contextlib
import os
import socket as socketlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from postclerk import clock, events, examples
from postclerk import config as configuration
from postclerk.adapters import counters, directory_file, journal, spool
from postclerk.adapters.counters import ReadOnlyCounters, StoreCounters
from postclerk.adapters.directory import Directories, Source
from postclerk.adapters.resolver import DnsResolver
from postclerk.adapters.signatures import DkimVerifier
from postclerk.adapters.spool import Filing, Spool
from postclerk.adapters.standing import StoreStanding
from postclerk.adapters.store import Store, StoreError
from postclerk.config import Config
from postclerk.core.ports import Journal
from postclerk.judge import Judge, Outside
from postclerk.server import Supervisor
from postclerk.settings import Settings
from postclerk.sourcefile import Mistakes

_FILE_EVERY = 0.2
_FILE_AGAIN = 5.0
"""Seconds between two filings of what the workers decided, and after one that failed."""


@dataclass(frozen=True, slots=True)
class Site:
    """A site's rules and people, read and found to be right."""

    config: Config
    directory: Directories

    @property
    def settings(self) -> Settings:
        """What rules.yaml says."""
        return self.config.settings


def read_site(rules: Path) -> Site:
    """Reads rules.yaml and the people files and runs the examples. Raises Mistakes with all that is wrong, OSError."""
    try:
        config = configuration.load(rules)
    except Mistakes as found:
        raise Mistakes([*found.mistakes, *directory_file.mistakes_beside(rules)]) from found
    try:
        Store(config.store_url).close()
    except StoreError as fault:
        raise Mistakes([config.source.mistake(("store",), str(fault))]) from fault
    directory = directories(config)
    failed = list(examples.failures(config, directory))
    directory.close()
    if failed:
        raise Mistakes(failed)
    return Site(config, directory)


def directories(config: Config) -> Directories:
    """The directories of rules.yaml in their order; those that are far away connect when they are first asked."""
    files = directory_file.load(config)
    sources: list[Source] = [files[number] for number, _entry in enumerate(config.settings.directory)]
    return Directories(sources)


def judge_for_trial(site: Site) -> Judge:
    """A judge that touches no state: counters are read where a store exists, and nothing is written."""
    store = Store(site.config.store_url)
    present = store if store.exists() else None
    resolver = DnsResolver(site.settings.dns)
    outside = Outside(
        directory=site.directory,
        standing=StoreStanding(present, None, site.settings.zone),
        counters=ReadOnlyCounters(present),
        resolver=resolver,
        verifier=DkimVerifier(resolver),
    )
    return Judge(site.settings, outside)


def decisions(config: Config, **wanted: Any) -> Iterator[dict[str, Any]]:
    """The journal's entries that are wanted (see journal.entries), newest last, the store created or migrated first.

    Raises StoreError."""
    store = Store(config.store_url)
    store.migrate()
    return journal.entries(store, spool.pending(config.spool), **wanted)


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

    def keep_ledger(self, finishing: Callable[[float], bool]) -> None:
        """See server.Program."""
        with _open_store(self._site.config) as store:
            filing = Filing(self._site.config.spool, store)
            done = False
            while not done:
                done = finishing(_FILE_EVERY)
                try:
                    filing.file_all()
                except (StoreError, OSError) as fault:
                    # What waits is safe where it is.
                    events.filing_failed(fault)
                    done = done or finishing(_FILE_AGAIN)

    def open(self) -> tuple[Judge, Journal]:
        """See server.Program."""
        config = self._site.config
        store, resolver = Store(config.store_url), DnsResolver(self.settings.dns)
        outside = Outside(
            directory=self._site.directory,
            standing=StoreStanding(store, config.stamp, self.settings.zone),
            counters=StoreCounters(store, _holder(os.getpid())),
            resolver=resolver,
            verifier=DkimVerifier(resolver),
        )
        return Judge(self.settings, outside), Spool(config.spool)

    def give_back(self, gone: int | None) -> None:
        """See server.Program."""
        with _open_store(self._site.config) as store:
            # Only what is filed tells which messages were accepted.
            Filing(self._site.config.spool, store).file_all()
            counters.give_back(store, _holder("" if gone is None else gone))

    def forget(self) -> None:
        """See server.Program."""
        now = clock.now()
        with _open_store(self._site.config) as store:
            counters.forget(store, now)
            journal.forget(store, now - self.settings.journal.keep)


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
