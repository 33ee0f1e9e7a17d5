"""`postclerk incident`: everything that is known about one decision, by the number that a reply or notice names."""

from __future__ import annotations

import argparse
from typing import Any

from postclerk import clock
from postclerk.commands.common import (
    BadInput,
    Subparsers,
    command,
    print_json,
    printable,
    reading,
    rules_path,
    shown,
    stored,
)

_MOST_SHOWN = 10


def add(commands: Subparsers) -> None:
    """Adds the command."""
    incident = command(commands, "incident", run, "Tells what was decided about a message, why, and what came of it.")
    incident.add_argument("id", metavar="ID", help="the number that a reply or notice names, or a queue id")


def run(options: argparse.Namespace) -> int:
    """`postclerk incident`"""
    from postclerk import bootstrap

    site = reading(rules_path(options), bootstrap.read_site)
    found = stored(lambda: bootstrap.incident(site, options.id))
    if found is None:
        raise BadInput(f"the journal holds no decision {options.id}")
    if options.json:
        print_json(found)
        return 0

    def when(at: float) -> str:
        return f"{clock.local(at, site.settings.zone):%Y-%m-%d %H:%M:%S}"

    for line in _lines(found, when):
        print(printable(line))
    return 0


def _lines(found: dict[str, Any], when: Any) -> list[str]:
    recipients = found["recipients"]
    more = f" and {len(recipients) - _MOST_SHOWN} more" if len(recipients) > _MOST_SHOWN else ""
    login, client = found["login"] or "none", found["client"] or "none"
    lines = [
        f"{found['id']}  {when(found['time'])}  {found['action']} at {found['stage']}",
        f"  from {found['envelope_from'] or '<>'}, login {login}, client {client}",
        f"  to {', '.join(recipients[:_MOST_SHOWN])}{more}",
    ]
    if found["queue_id"]:
        lines.append(f"  queue id {found['queue_id']}")
    for one in found["findings"]:
        outcome = "monitored" if one["monitor"] else one["action"]
        lines.append(f"  {one['clause']} {one['rule']}.{one['code']} ({outcome}): {one['says']}")
        lines += [f"    {name}: {value}" for name, value in shown(one["detail"]).items()]
    for one in found["told"]:
        at = when(one["told_at"]) if one["told_at"] is not None else "not yet"
        lines.append(f"  told {one['login']} as {one['role']}: {at}")
    for one in found["requests"]:
        state = "waits" if one["decided_at"] is None else "approved" if one["approved"] else "declined"
        by = f" by {one['decided_by']} {when(one['decided_at'])}" if one["decided_at"] is not None else ""
        lines.append(f"  request {one['number']} of {one['login']}: {one['what']} {one['reason']} [{state}{by}]")
    for one in found["orders"]:
        done = f"{one['outcome']} {when(one['done_at'])}" if one["done_at"] is not None else "waits"
        why = f": {one['why']}" if one["why"] else ""
        lines.append(f"  {one['action']} ordered by {one['made_by']} {when(one['made_at'])}{why} [{done}]")
    return lines
