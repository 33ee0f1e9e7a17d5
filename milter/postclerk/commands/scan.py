"""`postclerk scan`: what waits for an answer in a mailbox of one's own."""

from __future__ import annotations

import argparse
import datetime
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from postclerk import clock
from postclerk.commands.common import (
    BadInput,
    Subparsers,
    command,
    moment,
    print_json,
    printable,
    reading,
    rules_path_if_any,
)
from postclerk.core.values import written_address

if TYPE_CHECKING:
    from postclerk.scan import Found

_MOST_TROUBLE = 20
_NARROW = 110
_COLOURS = {"overdue": "bold red", "waiting": "yellow", "answered": "green", "no-answer-needed": "dim"}


def add(commands: Subparsers) -> None:
    """Adds the command."""
    scan = command(commands, "scan", run, "Finds what waits for an answer in an mbox, a Maildir or a folder of .eml.")
    scan.add_argument("path", metavar="PATH", help="an mbox, a Maildir, or a folder of .eml files")
    scan.add_argument(
        "--owner", metavar="ADDRESS", nargs="+", action="extend", required=True, help="whose mailbox: all addresses"
    )
    scan.add_argument("--at", metavar="TIME", type=moment, help="the time to go by, with its offset; default: now")
    scan.add_argument("--all", action="store_true", help="list what is answered or needs no answer too (--json does)")


def run(options: argparse.Namespace) -> int:
    """`postclerk scan`"""
    from postclerk import bootstrap

    path = Path(options.path)
    owners = [_owner(text) for text in options.owner]
    rules = rules_path_if_any(options)
    settings = bootstrap.settings_or_defaults(None) if rules is None else reading(rules, bootstrap.settings_or_defaults)
    at = (options.at or datetime.datetime.fromtimestamp(clock.now(), datetime.UTC)).astimezone(settings.zone)
    scan = bootstrap.scan(settings, owners, at, rules)
    trouble = _Trouble()
    total = reading(path, bootstrap.mail_total)
    with _progress(total) as read:
        found = reading(path, lambda there: list(_shown(scan.letters(there, trouble, read), options)))
    if not options.json:
        _print_table(found, options)
    return trouble.told()


def _owner(text: str) -> str:
    try:
        return written_address(text).key
    except ValueError as fault:
        raise BadInput(f"--owner: {fault}") from fault


def _shown(letters: Iterator[Found], options: argparse.Namespace) -> Iterator[Found]:
    """Prints JSON as it comes; what a table shows is kept for it."""
    for one in letters:
        if options.json:
            print_json(one.as_json())
        else:
            yield one


class _Trouble:
    """What could not be read, said on the standard error stream."""

    def __init__(self) -> None:
        self._count = 0

    def __call__(self, place: str, what: str) -> None:
        self._count += 1
        if self._count <= _MOST_TROUBLE:
            print(f"postclerk: {printable(f'{place}: {what}')}", file=sys.stderr)

    def told(self) -> int:
        """The exit status: bad input was passed over, and the rest is done."""
        if self._count > _MOST_TROUBLE:
            print(f"postclerk: and {self._count - _MOST_TROUBLE} more like these", file=sys.stderr)
        return 2 if self._count else 0


@contextmanager
def _progress(total: int) -> Iterator[Callable[[int], None]]:
    """A bar on the standard error stream, where that is a terminal."""
    if not sys.stderr.isatty():
        yield lambda _octets: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("reading"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("reading", total=total)
        yield lambda octets: bar.advance(task, octets)


def _print_table(found: list[Found], options: argparse.Namespace) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    counts = {state: sum(one.state == state for one in found) for state in _COLOURS}
    listed = found if options.all else [one for one in found if one.state in ("overdue", "waiting")]
    console = Console(width=None if sys.stdout.isatty() else 160, highlight=False, soft_wrap=not sys.stdout.isatty())
    # On a narrow terminal the subject says more than when it came: that follows from when it is due.
    narrow = console.width < _NARROW
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("state", *(() if narrow else ("received",)), "due", "hours", "from", "subject"):
        wide = heading in ("from", "subject")
        table.add_column(
            heading, justify="right" if heading == "hours" else "left", no_wrap=not wide or heading == "from",
            overflow="ellipsis" if heading == "from" else "fold",
            max_width=(22 if narrow else 34) if heading == "from" else None,
        )  # fmt: skip
    for one in listed:
        table.add_row(
            Text(one.state, style=_COLOURS[one.state]),
            *(() if narrow else (f"{one.received:%a %Y-%m-%d %H:%M}",)),
            f"{one.due:%a %m-%d %H:%M}",
            f"{one.worked.total_seconds() / 3600:.1f}",
            Text(printable(one.author)),
            Text(printable(one.title) or "(no subject)"),
        )
    if listed:
        console.print(table)
    parts = [f"{number} {state}" for state, number in counts.items()]
    console.print(", ".join(parts) if found else "there are no letters to this owner")
