"""What the commands share: their options, how they read what they are given, and how they say what is wrong with it."""

from __future__ import annotations

import argparse
import contextlib
import datetime
import json
import os
import pwd
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn, TypeVar
from zoneinfo import ZoneInfo

from postclerk import clock
from postclerk.core.units import parse_duration
from postclerk.core.worktime import FIRST_YEAR, LAST_YEAR

RULES_HERE, RULES_INSTALLED = Path("rules.yaml"), Path("/etc/postclerk/rules.yaml")

T = TypeVar("T")

_FARTHEST = 100 * 366 * 86400.0
"""Seconds from now that a time may lie ahead."""

_LINE_ENDS = re.compile(r"\s*[\r\n]\s*")

Subparsers = Any
"""What argparse calls them is private to it."""


class BadInput(Exception):
    """What the user gave cannot be worked with; the text is one line."""


class Parser(argparse.ArgumentParser):
    """A parser whose complaint is one line."""

    def error(self, message: str) -> NoReturn:
        """See argparse."""
        self.exit(2, f"{self.prog}: {message} (see {self.prog} --help)\n")


def command(
    commands: Subparsers, name: str, run: Callable[[argparse.Namespace], int], says: str
) -> argparse.ArgumentParser:
    """Adds a command with the options that all have."""
    added: argparse.ArgumentParser = commands.add_parser(name, help=says, description=says)
    added.add_argument("--rules", metavar="FILE", help=f"default: {RULES_HERE} here, then {RULES_INSTALLED}")
    added.add_argument("--json", action="store_true", help="print JSON for programs")
    added.set_defaults(run=run)
    return added


def rules_path(options: argparse.Namespace) -> Path:
    """The rules.yaml to go by. Raises BadInput."""
    path = rules_path_if_any(options)
    if path is None:
        raise BadInput(f"there is no {RULES_HERE} here and no {RULES_INSTALLED}; name one with --rules FILE")
    return path


def rules_path_if_any(options: argparse.Namespace) -> Path | None:
    """The rules.yaml to go by, or None where there is none and the defaults serve. Raises BadInput."""
    if options.rules:
        return Path(options.rules)
    for path in (RULES_HERE, RULES_INSTALLED):
        try:
            if path.exists():
                return path
        except OSError as fault:
            raise BadInput(f"cannot read {path}: {fault.strerror}") from fault
    return None


def reading(path: Path, read: Callable[[Path], T]) -> T:
    """Reads a file, one that cannot be read being bad input."""
    try:
        return read(path)
    except OSError as fault:
        raise BadInput(f"cannot read {path}: {fault.strerror or fault}") from fault


def message(name: str) -> bytes:
    """A message's file, or the standard input for `-`. Raises BadInput."""
    try:
        return sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
    except (OSError, ValueError) as fault:
        raise BadInput(f"cannot read {name}: {getattr(fault, 'strerror', None) or fault}") from fault


def stored(step: Callable[[], T]) -> T:
    """Does what needs the store, one that cannot be used being bad input."""
    from postclerk.adapters.store import StoreError

    try:
        return step()
    except StoreError as fault:
        raise BadInput(str(fault)) from fault


def print_json(value: dict[str, Any]) -> None:
    """One object on one line."""
    print(json.dumps(value, ensure_ascii=True))


def printable(text: str) -> str:
    """The text fit for a terminal, in one line (see core.addresses.printable)."""
    from postclerk.core import addresses

    return addresses.printable(_LINE_ENDS.sub(" ", text))


def shown(detail: dict[str, Any]) -> dict[str, str]:
    """What a finding tells, as people write it."""
    return {name: _in_words(value) for name, value in detail.items()}


def _in_words(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def moment(text: str) -> datetime.datetime:
    """A time with its offset, as an option."""
    with contextlib.suppress(ValueError):
        moment = datetime.datetime.fromisoformat(text)
        if moment.tzinfo is not None:
            if not FIRST_YEAR < moment.year < LAST_YEAR:
                raise argparse.ArgumentTypeError(f"{text!r} lies beyond the calendar, {FIRST_YEAR} to {LAST_YEAR}")
            return moment
    raise argparse.ArgumentTypeError(f"{text!r} is not a time such as 2026-11-23T09:00:00+05:00")


def since(text: str) -> float | datetime.datetime:
    """A time, or how long ago, as an option."""
    with contextlib.suppress(ValueError):
        return clock.now() - parse_duration(text)
    with contextlib.suppress(ValueError):
        return datetime.datetime.fromisoformat(text)
    raise argparse.ArgumentTypeError(f"{text!r} is neither a time such as 2026-11-23T09:00 nor a duration such as 7d")


def seconds(since: float | datetime.datetime | None, zone: ZoneInfo) -> float | None:
    """Seconds since the epoch; a time that names no offset is the site's own."""
    if isinstance(since, datetime.datetime):
        return (since if since.tzinfo else since.replace(tzinfo=zone)).timestamp()
    return since


def term(text: str | None, zone: ZoneInfo, now: float) -> float | None:
    """A time ahead, in seconds since the epoch: ISO 8601, the site's own time where it names no offset, or a duration
    from now. Raises BadInput."""
    if text is None:
        return None
    moment: float | None = None
    with contextlib.suppress(ValueError):
        moment = now + parse_duration(text)
    if moment is None:
        with contextlib.suppress(ValueError, OverflowError):
            moment = seconds(datetime.datetime.fromisoformat(text), zone)
    if moment is None:
        raise BadInput(f"{text!r} is neither a time such as 2026-12-31T18:00 nor a duration such as 30d")
    if moment - now > _FARTHEST:
        raise BadInput(f"{text!r} is more than a hundred years ahead; leave it out for what has no end")
    return moment


def user() -> str:
    """Who gives the command: the account that called sudo, else the process's own."""
    if os.environ.get("SUDO_USER"):
        return os.environ["SUDO_USER"]
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return f"uid {os.getuid()}"


def sentence(text: str, option: str) -> str:
    """What somebody wrote as an option, in one line. Raises BadInput where that is nothing."""
    line = printable(" ".join(text.split()))
    if not line:
        raise BadInput(f"{option} is empty")
    return line
