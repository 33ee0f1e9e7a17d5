"""`postclerk request`: what people ask for, for the IT department where no superior decides."""

from __future__ import annotations

import argparse

from postclerk import clock
from postclerk.commands.common import (
    BadInput,
    Subparsers,
    command,
    print_json,
    printable,
    reading,
    rules_path,
    stored,
    user,
)


def add(commands: Subparsers) -> None:
    """Adds the command."""
    request = commands.add_parser("request", help="What people ask for: exemptions, and the release of held mail.")
    actions = request.add_subparsers(metavar="ACTION", required=True, parser_class=type(request))
    listing = command(actions, "list", _list, "Lists requests that wait.")
    listing.add_argument("--all", action="store_true", help="those that were decided too")
    for name, says in (("approve", "Approves a request."), ("decline", "Declines a request.")):
        decide = command(actions, name, _decide, says)
        decide.add_argument("number", metavar="NUMBER", type=int, help="the request's number")
        decide.add_argument("--answer", metavar="TEXT", default="", help="what whoever asked is told")
        decide.set_defaults(approved=name == "approve")


def _list(options: argparse.Namespace) -> int:
    from postclerk import bootstrap

    site = reading(rules_path(options), bootstrap.read_site)

    def show() -> int:
        for row in bootstrap.requests_of(site, undecided=not options.all):
            if options.json:
                print_json(row)
                continue
            at = clock.local(row["asked_at"], site.settings.zone)
            state = "waits" if row["decided_at"] is None else "approved" if row["approved"] else "declined"
            who = row["decided_by"] or row["decider"] or "the IT department"
            line = f"{row['number']:5}  {at:%Y-%m-%d %H:%M}  {row['login']}: {row['what']}"
            print(printable(f"{line}  {row['reason']}  [{state}: {who}]"))
        return 0

    return stored(show)


def _decide(options: argparse.Namespace) -> int:
    from postclerk import bootstrap

    if not 0 < options.number < 2**31:
        raise BadInput(f"there is no request {options.number}")
    site = reading(rules_path(options), bootstrap.read_site)

    def decide() -> bool:
        with bootstrap.desk(site.config, site.directory) as desk:
            return desk.decide(options.number, approved=options.approved, answer=options.answer, by=user())

    try:
        if not stored(decide):
            raise BadInput(f"there is no request {options.number} that waits")
    except (bootstrap.Unavailable, bootstrap.OwnRequest) as fault:
        raise BadInput(str(fault)) from fault
    print(f"request {options.number} is {'approved' if options.approved else 'declined'}")
    return 0
