"""`postclerk milter`: serves Postfix."""

from __future__ import annotations

import argparse

from postclerk.commands.common import BadInput, Subparsers, command, reading, rules_path, stored


def add(commands: Subparsers) -> None:
    """Adds the command."""
    serve = command(commands, "milter", run, "Serves Postfix.")
    serve.add_argument("--socket", metavar="inet:PORT@HOST|unix:PATH", help="where to listen")
    serve.add_argument("--workers", metavar="N", type=_workers, help="worker processes")


def run(options: argparse.Namespace) -> int:
    """`postclerk milter`"""
    from postclerk import bootstrap
    from postclerk.server import ServerError

    path = rules_path(options)
    try:
        stored(
            lambda: reading(
                path, lambda rules: bootstrap.supervisor(rules, socket=options.socket, workers=options.workers)
            ).run()
        )
    except ServerError as fault:
        raise BadInput(str(fault)) from fault
    return 0


def _workers(text: str) -> int:
    if text.isdecimal() and 1 <= int(text) <= 64:
        return int(text)
    raise argparse.ArgumentTypeError(f"{text!r} is not a number from 1 to 64")
