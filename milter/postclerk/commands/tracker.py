"""`postclerk tracker`: the companion that keeps the clock on what waits for an answer."""

from __future__ import annotations

import argparse
import signal
import threading

from postclerk import clock
from postclerk.commands.common import BadInput, Subparsers, command, moment, reading, rules_path, stored


def add(commands: Subparsers) -> None:
    """Adds the command."""
    tracker = command(commands, "tracker", run, "Keeps the clock on mail that waits for an answer.")
    tracker.add_argument("--once", action="store_true", help="do all that is to be done now, and end")
    tracker.add_argument("--at", metavar="TIME", type=moment, help="the same as if it were this time")


def run(options: argparse.Namespace) -> int:
    """`postclerk tracker`"""
    from postclerk import bootstrap, events

    events.set_up()
    site = reading(rules_path(options), bootstrap.read_site)
    if site.settings.tracker is None:
        raise BadInput("rules.yaml has no section `tracker`: with it the journal keeps what the tracker needs")
    ended = threading.Event()
    for sign in (signal.SIGTERM, signal.SIGINT):
        signal.signal(sign, lambda _number, _frame: ended.set())

    def track() -> None:
        with bootstrap.companion(site) as companion:
            if options.once or options.at:
                companion.catch_up(options.at.timestamp() if options.at else clock.now())
            else:
                events.tracking()
                companion.run(ended.wait, clock.now)

    stored(track)
    return 0
