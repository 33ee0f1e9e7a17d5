"""`postclerk held`: mail that waits until somebody decides, and the warden that carries out what was decided."""

from __future__ import annotations

import argparse
import os
import signal
import threading
from collections.abc import Callable, Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, TypeVar

from postclerk import clock
from postclerk.commands.common import (
    BadInput,
    Subparsers,
    command,
    print_json,
    printable,
    reading,
    rules_path,
    sentence,
    stored,
    user,
)

if TYPE_CHECKING:
    from postclerk.bootstrap import Site
    from postclerk.held import Hold
    from postclerk.mail.shown import Shown

_WAIT = 15.0
"""Seconds for which the service is waited for that reads a message."""

T = TypeVar("T")


def add(commands: Subparsers) -> None:
    """Adds the command."""
    held = commands.add_parser("held", help="Mail that is held until somebody decides.")
    actions = held.add_subparsers(metavar="ACTION", required=True, parser_class=type(held))
    command(actions, "list", _list, "Lists held mail, the oldest first.")
    show = command(actions, "show", _show, "Prints a held message; that it was looked at is written down.")
    show.add_argument("id", metavar="ID", help="the number, or Postfix's queue id")
    for name, says in (("release", "Lets held mail go."), ("delete", "Deletes held mail.")):
        order = command(actions, name, _order, says)
        order.add_argument("ids", metavar="ID", nargs="+", help="the number, or Postfix's queue id")
        order.add_argument(
            "--reason", metavar="TEXT", required=True, help="why; it is written down, and told to whom is told"
        )
        order.set_defaults(action=name, silently=False)
        if name == "delete":
            order.add_argument("--silently", action="store_true", help="without telling its sender: viruses, spam")
    command(actions, "serve", _serve, "Carries out orders about held mail, as a service (root).")


def _with_hold(options: argparse.Namespace, do: Callable[[Site, Hold], T]) -> T:
    from postclerk import bootstrap

    site = reading(rules_path(options), bootstrap.read_site)

    def step() -> T:
        with bootstrap.desk(site.config, site.directory) as desk:
            return do(site, bootstrap.hold(desk))

    try:
        return stored(step)
    except (bootstrap.QueueError, bootstrap.Unavailable) as fault:
        raise BadInput(str(fault)) from fault


def _list(options: argparse.Namespace) -> int:
    def show(site: Site, hold: Hold) -> int:
        for one in hold.listed():
            at = clock.local(one["time"], site.settings.zone)
            codes = [finding["code"] for finding in one["findings"]]
            if options.json:
                row = {name: one[name] for name in ("id", "queue_id", "login", "envelope_from", "recipients")}
                ordered = one["order"]["action"] if one["order"] else None
                print_json({**row, "time": at.isoformat(), "findings": codes, "ordered": ordered})
                continue
            whom = ", ".join(one["recipients"][:3]) + (" …" if len(one["recipients"]) > 3 else "")
            ordered = f"  [{one['order']['action']} ordered]" if one["order"] else ""
            line = f"{one['id']}  {at:%Y-%m-%d %H:%M}  {one['envelope_from'] or '<>'} -> {whom}"
            print(printable(f"{line}  {', '.join(codes)}{ordered}"))
        return 0

    return _with_hold(options, show)


def _found(hold: Hold, either_id: str) -> dict[str, Any]:
    entry = hold.find(either_id)
    if entry is None:
        raise BadInput(f"no message {either_id} is held")
    return entry


def _show(options: argparse.Namespace) -> int:
    def show(_site: Site, hold: Hold) -> int:
        from postclerk import bootstrap

        entry = _found(hold, options.id)
        hold.order(entry, bootstrap.Order.SHOW, why="", by=user())
        if not os.geteuid():
            bootstrap.carry_out(hold)
        look = hold.look(entry, user(), within=_WAIT)
        if look is None or not look.outcome:
            raise BadInput("the service postclerk-held does not read the message: is it running?")
        if look.shown is None:
            raise BadInput(look.outcome)
        if options.json:
            print_json({"id": entry["id"], "queue_id": entry["queue_id"], **asdict(look.shown)})
            return 0
        for line in _lines(look.shown):
            print(printable(line))
        return 0

    return _with_hold(options, show)


def _lines(shown: Shown) -> Iterator[str]:
    yield from (f"{name}: {value}" for name, value in shown.fields)
    yield ""
    yield from shown.text
    yield from (f"> {line}" for line in shown.quoted)
    yield ""
    yield from (f"link: {f'{one.text} ' if one.text else ''}<{one.url}>" for one in shown.links)
    yield from (f"attached: {one.name or '(no name)'}, {one.kind}, {one.size} octets" for one in shown.attached)
    if shown.left_out:
        yield shown.left_out


def _order(options: argparse.Namespace) -> int:
    why = sentence(options.reason, "--reason")

    def order(_site: Site, hold: Hold) -> int:
        from postclerk import bootstrap

        entries = [_found(hold, one) for one in options.ids]
        for entry in entries:
            hold.order(entry, bootstrap.Order(options.action), why=why, by=user(), silently=options.silently)
        if os.geteuid():
            print("ordered; the service postclerk-held carries it out")
            return 0
        bootstrap.carry_out(hold)
        outcomes = {entry["id"]: hold.outcome(entry) for entry in entries}
        for incident, outcome in outcomes.items():
            print(printable(f"{incident}  {outcome}"))
        return int(any(outcome.startswith("failed: ") for outcome in outcomes.values()))

    return _with_hold(options, order)


def _serve(options: argparse.Namespace) -> int:
    from postclerk import events

    events.set_up()
    ended = threading.Event()
    for sign in (signal.SIGTERM, signal.SIGINT):
        signal.signal(sign, lambda _number, _frame: ended.set())

    def watch(_site: Site, hold: Hold) -> int:
        from postclerk import bootstrap

        bootstrap.keep_watch(hold, ended.wait)
        return 0

    return _with_hold(options, watch)
