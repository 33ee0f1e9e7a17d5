"""`postclerk digest`: the weekly mails about what waits for an answer, sent or written to files."""

from __future__ import annotations

import argparse
import datetime
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from postclerk import clock
from postclerk.commands.common import (
    BadInput,
    Subparsers,
    T,
    command,
    moment,
    print_json,
    printable,
    reading,
    rules_path,
    stored,
)
from postclerk.core.values import written_address

if TYPE_CHECKING:
    from postclerk.digests import Weekly, Written
    from postclerk.site import Site

_UNSAFE = re.compile(r"[^A-Za-z0-9._@+-]")


def add(commands: Subparsers) -> None:
    """Adds the command."""
    digest = command(commands, "digest", run, "Writes the weekly mails about what waits for an answer.")
    digest.add_argument("--week", metavar="2026-W47", help="the week that they report; default: the last that is over")
    digest.add_argument("--to", metavar="ADDRESS", help="only to this person: an address or a login")
    digest.add_argument(
        "--preview", metavar="DIR", type=Path, help="write .eml, .html and .png files, and send nothing"
    )
    digest.add_argument("--when-due", action="store_true", help="only where it is time by rules.yaml (for a timer)")
    digest.add_argument("--at", metavar="TIME", type=moment, help="as if it were this time, with its offset")


def run(options: argparse.Namespace) -> int:
    """`postclerk digest`"""
    from postclerk import bootstrap, events
    from postclerk.core.ports import Unavailable

    site = reading(rules_path(options), bootstrap.read_site)
    if site.settings.tracker is None:
        raise BadInput("rules.yaml has no section `tracker`, so nobody knows what waits for an answer")
    if site.settings.mail is None and options.preview is None:
        raise BadInput("rules.yaml has no section `mail`, so nothing can be sent; --preview DIR writes files")
    events.set_up()
    at = options.at or datetime.datetime.fromtimestamp(clock.now(), datetime.UTC)

    def make() -> int:
        with bootstrap.weekly(site, at.astimezone(site.settings.zone)) as desk:
            return _make(site, desk, options)

    try:
        return stored(make)
    except Unavailable as fault:
        raise BadInput(f"a directory does not answer: {fault}; run it again, nobody gets it twice") from fault


def _make(site: Site, desk: Weekly, options: argparse.Namespace) -> int:
    if options.when_due:
        week = desk.week_due()
        if week is None:
            return 0
    else:
        week = _given(lambda: desk.week(options.week))
    only = _login(desk, options.to) if options.to else None
    made = 0
    with _progress() as advance:
        if options.preview is not None:
            for one in desk.previews(week, only):
                _given(lambda one=one: _write_preview(options.preview, one))  # type: ignore[misc]
                made += _tell(one, str(week), options)
                advance(one)
            if made:
                _pictures(options.preview)
        else:
            for one in desk.sent(week, only):
                made += _tell(one, str(week), options)
                advance(one)
    if options.when_due or not (options.to or options.preview):
        desk.is_done(week)
    if not options.json:
        what = "written into files" if options.preview else "on their way"
        print(f"{made} digests of {week} are {what}")
    return 1 if options.to and not made else 0


def _given(step: Callable[[], T]) -> T:
    """Does what depends on what was given. Raises BadInput."""
    try:
        return step()
    except (ValueError, OSError) as fault:
        raise BadInput(getattr(fault, "strerror", None) or str(fault)) from fault


def _login(desk: Weekly, text: str) -> str:
    if "@" in text:
        try:
            key = written_address(text).key
        except ValueError as fault:
            raise BadInput(f"--to: {fault}") from fault
        login = desk.owner(key)
    else:
        login = text
    if login is None or not desk.knows(login):
        raise BadInput(f"--to: the directory knows nobody with {text}")
    return login


def _tell(one: Written, week: str, options: argparse.Namespace) -> int:
    if options.json:
        print_json({"week": week, "kind": one.kind, "login": one.login, "to": one.to, "letters": one.letters})
    elif options.to or options.preview or not sys.stderr.isatty():
        print(printable(f"{one.kind}: {one.to}, {one.letters} waiting"))
    return 1


@contextmanager
def _progress() -> Iterator[Callable[[object], None]]:
    """A count on the standard error stream, where that is a terminal."""
    if not sys.stderr.isatty():
        yield lambda _one: None
        return
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), TextColumn("{task.completed} digests"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("digests", total=None)
        yield lambda _one: bar.advance(task)


# -- previews ----------------------------------------------------------------------------------------------------------


def _write_preview(folder: Path, one: Written) -> None:
    from postclerk.mails.digest import as_page

    folder.mkdir(parents=True, exist_ok=True)
    name = _UNSAFE.sub("_", f"{one.kind}-{one.login}")[:100]
    (folder / f"{name}.eml").write_bytes(one.mail.as_bytes())
    (folder / f"{name}.html").write_text(as_page(one.mail), encoding="utf-8")


def _pictures(folder: Path) -> None:
    from postclerk.adapters.pictures import take_pictures

    for fault in take_pictures(sorted(folder.glob("*.html"))):
        print(f"postclerk: {printable(fault)}", file=sys.stderr)
