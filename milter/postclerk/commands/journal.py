"""`postclerk journal`: what was decided, newest last."""

from __future__ import annotations

import argparse
import datetime
import sys
from typing import Any
from zoneinfo import ZoneInfo

from postclerk import clock
from postclerk.commands.common import (
    BadInput,
    Subparsers,
    command,
    print_json,
    printable,
    reading,
    rules_path,
    seconds,
    since,
    stored,
)


def add(commands: Subparsers) -> None:
    """Adds the command."""
    decisions = command(commands, "journal", run, "Prints what was decided, newest last.")
    decisions.add_argument("--since", metavar="TIME", type=since, help="ISO 8601, or a duration: 7d")
    decisions.add_argument("--person", metavar="LOGIN", help="only messages sent with this login")
    decisions.add_argument("--id", metavar="ID", help="only the message with this incident or queue id")
    decisions.add_argument("--rule", metavar="NAME", help="only messages that this rule found something about")


def run(options: argparse.Namespace) -> int:
    """`postclerk journal`"""
    from postclerk import bootstrap, config
    from postclerk.collect import normal_login
    from postclerk.rules import all_rules

    read = reading(rules_path(options), config.load)
    zone = ZoneInfo(read.settings.site.time_zone)
    person = normal_login(options.person, read.settings.site.domains)
    if options.person is not None and person is None:
        raise BadInput("--person wants a login")
    if options.rule is not None and options.rule not in all_rules():
        raise BadInput(f"there is no rule {options.rule}; there are {', '.join(all_rules())}")
    begin = seconds(options.since, zone)

    def show() -> int:
        shown = 0
        wanted = {"since": begin, "person": person, "rule": options.rule, "either_id": options.id}
        for entry in bootstrap.decisions(read, **wanted):
            shown += 1
            when = clock.local(entry["time"], zone)
            if options.json:
                print_json({**entry, "time": when.isoformat()})
            else:
                print(printable(_entry_line(entry, when)))
        return shown

    count = stored(show)
    if options.id is not None and not count:
        print(f"postclerk: no message has the id {printable(options.id)}", file=sys.stderr)
        return 1
    return 0


def _entry_line(entry: dict[str, Any], when: datetime.datetime) -> str:
    who = entry["login"] or entry["client"] or "?"
    count = entry["recipient_count"]
    to = entry["recipients"][0] if count == 1 and entry["recipients"] else f"{count} recipients"
    found = ", ".join(
        f"{one['clause']} {one['rule']}: {one['code']}{' (monitored)' if one['monitor'] else ''}"
        for one in entry["findings"]
    )
    sender = entry["envelope_from"] or "<>"
    if entry["action"] == "hold":
        found += f"; queue id {entry['queue_id']}"
    line = f"{when:%Y-%m-%d %H:%M:%S}  {entry['action']:6}  {entry['id']}  {who}  {sender} -> {to}"
    return f"{line}  [{found}]" if found else line
