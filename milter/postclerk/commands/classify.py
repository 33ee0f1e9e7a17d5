"""`postclerk classify`: what a message is, with the reasons."""

from __future__ import annotations

import argparse
from typing import Any

from postclerk.commands.common import Subparsers, command, message, print_json, printable


def add(commands: Subparsers) -> None:
    """Adds the command."""
    classify = command(commands, "classify", run, "Says of messages whether they are registrations, and why.")
    classify.add_argument("files", metavar="FILE", nargs="+", help="a message; - reads the standard input")


def run(options: argparse.Namespace) -> int:
    """`postclerk classify`"""
    for name in options.files:
        told = {"file": name, "registration": _registration(message(name))}
        if options.json:
            print_json(told)
        else:
            print(printable(f"{name}: {told['registration']['verdict']} ({told['registration']['score']:.2f})"))
            for reason in told["registration"]["why"]:
                print(f"  {reason}")
    return 0


def _registration(data: bytes) -> dict[str, Any]:
    from postclerk.core.facts import Headers
    from postclerk.core.registration import LIKELY, score
    from postclerk.mail.header import body, header_fields
    from postclerk.mail.letter import letter

    found = score(letter(Headers(header_fields(data)), body(data)))
    verdict = "registration" if found.value >= LIKELY else "other"
    return {"verdict": verdict, "score": round(found.value, 3), "why": list(found.why)}
