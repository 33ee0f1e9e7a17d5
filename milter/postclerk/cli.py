"""The commands' program. Exit 0: done; 1: the answer is no; 2: bad use or bad input, said in one line."""

from __future__ import annotations

import io
import os
import sys

from postclerk import __version__
from postclerk.commands import (
    check,
    classify,
    digest,
    due,
    grant,
    held,
    incident,
    journal,
    official,
    report,
    request,
    scan,
    serve,
    suspension,
    tracker,
    trial,
    web,
)
from postclerk.commands.common import BadInput, Parser, printable
from postclerk.sourcefile import Mistakes

COMMANDS = (
    check,
    trial,
    classify,
    due,
    scan,
    serve,
    tracker,
    digest,
    journal,
    incident,
    grant,
    request,
    suspension,
    held,
    official,
    report,
    web,
)


def main(arguments: list[str] | None = None) -> int:
    """Runs one command and returns its exit status."""
    for stream in (sys.stdout, sys.stderr):
        # A terminal that cannot show a letter is no reason to fail.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    options = _parser().parse_args(arguments)
    try:
        status = int(options.run(options))
        sys.stdout.flush()
    except BadInput as fault:
        return _complain(str(fault))
    except Mistakes as found:
        first, more = found.mistakes[0], len(found.mistakes) - 1
        return _complain(f"{first}{f' (and {more} more: see postclerk check)' if more else ''}")
    except BrokenPipeError:
        # The reader has seen enough (`postclerk journal | head`).
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        return 130
    return status


def _complain(line: str) -> int:
    print(f"postclerk: {printable(line)}", file=sys.stderr)
    return 2


def _parser() -> Parser:
    parser = Parser(prog="postclerk", description="Carries out a written e-mail policy on Postfix.")
    parser.add_argument("--version", action="version", version=f"postclerk {__version__}")
    commands = parser.add_subparsers(metavar="COMMAND", required=True, parser_class=Parser)
    for module in COMMANDS:
        module.add(commands)
    return parser


if __name__ == "__main__":
    sys.exit(main())
