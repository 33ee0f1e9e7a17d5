"""A site as its files say it is: rules.yaml and the people in it, read and found to be right, and what only a look at
the outside tells to be wrong.

Failure modes: Mistakes with everything that is wrong, each with its line and column; OSError for rules.yaml itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from postclerk import config as configuration
from postclerk import examples
from postclerk.adapters import (
    calendar,
    counters_redis,
    directory_file,
    directory_ldap,
    directory_sql,
    imap,
    rules_file,
)
from postclerk.adapters.absence_file import AbsenceFile
from postclerk.adapters.calendar import SiteCalendar
from postclerk.adapters.directory import CachedSource, Directories, Source
from postclerk.adapters.directory_ldap import LdapDirectory
from postclerk.adapters.directory_sql import SqlDirectory
from postclerk.adapters.store import Store, StoreError
from postclerk.config import Config
from postclerk.core.ports import Unavailable
from postclerk.desk import signer
from postclerk.settings import Settings, Tracker
from postclerk.settings import Site as SiteSettings
from postclerk.sourcefile import Location, Mistake, Mistakes

_NOBODY = "postclerk-check"
"""Whom `postclerk check` asks the directories for, to see whether they answer."""


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
        config, mistakes = configuration.load_sound(rules)
    except Mistakes as found:
        raise Mistakes([*found.mistakes, *directory_file.mistakes_beside(rules)]) from found
    wrong = bool(mistakes)
    mistakes += _mistakes_outside(config)
    if wrong:
        # The section that names the files may be one of the wrong ones.
        raise Mistakes([*mistakes, *directory_file.mistakes_beside(rules)])
    try:
        directory = directories(config)
    except Mistakes as clashes:
        raise Mistakes([*mistakes, *clashes.mistakes]) from clashes
    if mistakes:
        raise Mistakes(mistakes)
    failed = list(examples.failures(config, directory))
    # Before a fork: connections are not shared between processes.
    directory.close()
    if any(not one.warning for one in failed):
        raise Mistakes(failed)
    config.warnings.extend(failed)
    return Site(config, directory)


def asked(site: Site) -> list[Mistake]:
    """What the directories tell: a warning for each that does not answer, and two people who have one address."""
    source = site.config.source
    silent = []
    try:
        for number, directory in enumerate(site.directory.sources):
            try:
                directory.person(_NOBODY)
                directory.at([f"{_NOBODY}@{site.settings.site.domains[0]}"])
            except Unavailable as fault:
                says = f"this directory cannot be used now: {fault}; mail of our own people is deferred meanwhile"
                silent.append(source.mistake(("directory", number), says, warning=True))
        if silent:
            return silent
        here: Location = ("directory",)
        try:
            return [
                source.mistake(here, f"{address} belongs to two people: {one} and {other}")
                for address, one, other in site.directory.clashes()
            ]
        except Unavailable as fault:
            says = f"not checked whether two people have one address: {fault}"
            return [source.mistake(here, says, warning=True)]
    finally:
        site.directory.close()


def change_rules(rules: Path, keys: tuple[str, ...], change: Callable[[list[str]], None]) -> None:
    """Changes the list of texts behind these keys of a rules.yaml that is right, and stays so: what a reload would
    refuse is not written. Raises EditError, Mistakes, OSError."""
    read_site(rules)
    rules_file.change_list(rules, keys, change, read_site)


def _mistakes_outside(config: Config) -> Iterator[Mistake]:
    """What only the adapters can tell to be wrong, without asking anybody."""
    try:
        Store(config.store_url).close()
    except StoreError as wrong:
        yield config.source.mistake(("store",), str(wrong))
    if not config.settings.counts_in_store:
        fault = counters_redis.mistake(config.settings.counters)
        if fault:
            yield config.source.mistake(("counters",), fault)
    if config.settings.mail is not None and config.settings.mail.dkim is not None:
        try:
            signer(config)
        except OSError as fault:
            says = f"cannot read {config.settings.mail.dkim.key_file}: {fault.strerror}"
            yield config.source.mistake(("mail", "dkim", "key_file"), says)
        except ValueError as fault:
            yield config.source.mistake(("mail", "dkim", "key_file"), str(fault))
    yield from _mistakes_of_calendar(config)
    if config.settings.tracker is not None:
        yield from _mistakes_of_tracker(config, config.settings.tracker)
    for number, entry in enumerate(config.settings.directory):
        here: Location = ("directory", number)
        if entry.ldap is not None:
            for text in directory_ldap.mistakes(entry.ldap, config.folder):
                yield config.source.mistake((*here, "ldap"), text)
            for text in directory_ldap.warnings(entry.ldap):
                config.warnings.append(config.source.mistake((*here, "ldap"), text, warning=True))
        if entry.sql is not None:
            for text in directory_sql.mistakes(entry.sql, config.folder):
                yield config.source.mistake((*here, "sql"), text)


def _mistakes_of_calendar(config: Config) -> Iterator[Mistake]:
    for where, text in calendar.mistakes(config.settings):
        yield config.source.mistake(where, text)
    for where, text in calendar.warnings(config.settings):
        config.warnings.append(config.source.mistake(where, text, warning=True))


def _mistakes_of_tracker(config: Config, tracker: Tracker) -> Iterator[Mistake]:
    if tracker.absences:
        try:
            AbsenceFile(config.folder / tracker.absences, config.settings.site.domains).rows()
        except Mistakes as found:
            yield from found.mistakes
        except OSError as fault:
            says = f"cannot read {tracker.absences}: {fault.strerror}"
            yield config.source.mistake(("tracker", "absences"), says)
    if tracker.imap is not None:
        for key, text in imap.mistakes(tracker.imap, config.folder):
            yield config.source.mistake(("tracker", "imap", key), text)
        for key, text in imap.warnings(tracker.imap):
            config.warnings.append(config.source.mistake(("tracker", "imap", key), text, warning=True))


def settings_or_defaults(rules: Path | None) -> Settings:
    """What a rules.yaml says, or without one what a site has that says nothing. Raises Mistakes, OSError."""
    if rules is None:
        return Settings.model_construct(site=SiteSettings.model_construct())
    config = configuration.load(rules)
    mistakes = list(_mistakes_of_calendar(config))
    if mistakes:
        raise Mistakes(mistakes)
    return config.settings


def site_calendar(settings: Settings) -> SiteCalendar:
    """The site's working time, as rules.yaml says it."""
    return SiteCalendar(settings)


def directories(config: Config) -> Directories:
    """The directories of rules.yaml in their order; those that are far away connect when they are first asked."""
    files = directory_file.load(config)
    domains = config.settings.site.domains
    sources: list[Source] = []
    for number, entry in enumerate(config.settings.directory):
        if entry.ldap is not None:
            sources.append(CachedSource(LdapDirectory(entry.ldap, config.folder, domains), entry.ldap, domains))
        elif entry.sql is not None:
            sources.append(CachedSource(SqlDirectory(entry.sql, config.folder, domains), entry.sql, domains))
        else:
            sources.append(files[number])
    return Directories(sources)
