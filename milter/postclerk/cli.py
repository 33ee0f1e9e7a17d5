"""The commands. Exit 0: done; 1: the answer is no; 2: bad use or bad input, said in one line."""

from __future__ import annotations

import argparse
import contextlib
import datetime
import io
import ipaddress
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn, TypeVar
from zoneinfo import ZoneInfo

from postclerk import __version__, clock
from postclerk.core.units import parse_duration
from postclerk.sourcefile import Mistakes

RULES_HERE, RULES_INSTALLED = Path("rules.yaml"), Path("/etc/postclerk/rules.yaml")


T = TypeVar("T")


class BadInput(Exception):
    """What the user gave cannot be worked with; the text is one line."""


class _Parser(argparse.ArgumentParser):
    """A parser whose complaint is one line."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message} (see {self.prog} --help)\n")


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
    print(f"postclerk: {_printable(line)}", file=sys.stderr)
    return 2


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="postclerk", description="Carries out a written e-mail policy on Postfix.")
    parser.add_argument("--version", action="version", version=f"postclerk {__version__}")
    commands = parser.add_subparsers(metavar="COMMAND", required=True, parser_class=_Parser)

    def command(name: str, run: Callable[[argparse.Namespace], int], says: str) -> argparse.ArgumentParser:
        added = commands.add_parser(name, help=says, description=says)
        added.add_argument("--rules", metavar="FILE", help=f"default: {RULES_HERE} here, then {RULES_INSTALLED}")
        added.add_argument("--json", action="store_true", help="print JSON for programs")
        added.set_defaults(run=run)
        return added

    command("check", check, "Reports every mistake in rules.yaml and the people files, and runs the rules' examples.")

    trial = command(
        "try",
        try_message,
        "Shows what the milter would do with a message, touching no state. Neither login nor client: from outside.",
    )
    trial.add_argument("message", metavar="MESSAGE.eml", help="the message; - reads the standard input")
    trial.add_argument("--from", dest="sender", metavar="A", required=True, help="the envelope sender; '' for none")
    trial.add_argument("--to", action="append", metavar="B", required=True, help="an envelope recipient; repeat it")
    trial.add_argument("--login", metavar="L", help="the SMTP login")
    trial.add_argument("--client", metavar="IP", type=_ip_address, help="the client's address")
    trial.add_argument("--at", metavar="TIME", type=_moment, help="the time, as ISO 8601 with offset")

    serve = command("milter", milter, "Serves Postfix.")
    serve.add_argument("--socket", metavar="inet:PORT@HOST|unix:PATH", help="where to listen")
    serve.add_argument("--workers", metavar="N", type=_workers, help="worker processes")

    decisions = command("journal", journal, "Prints what was decided, newest last.")
    decisions.add_argument("--since", metavar="TIME", type=_since, help="ISO 8601, or a duration: 7d")
    decisions.add_argument("--person", metavar="LOGIN", help="only messages sent with this login")
    decisions.add_argument("--id", metavar="ID", help="only the message with this incident or queue id")
    decisions.add_argument("--rule", metavar="NAME", help="only messages that this rule found something about")
    return parser


# -- commands ----------------------------------------------------------------------------------------------------------


def check(options: argparse.Namespace) -> int:
    """`postclerk check`"""
    from postclerk import bootstrap, examples

    path = _rules_path(options)
    try:
        site = _reading(path, bootstrap.read_site)
    except Mistakes as found:
        mistakes = found.mistakes
    else:
        mistakes = site.config.warnings
    for mistake in mistakes:
        if options.json:
            severity = "warning" if mistake.warning else "mistake"
            row = {"file": mistake.file, "line": mistake.line, "column": mistake.column}
            _print_json({**row, "severity": severity, "message": mistake.message})
        else:
            print(_printable(str(mistake)))
    if any(not mistake.warning for mistake in mistakes):
        return 1
    if not options.json:
        rules, promises = len(list(site.settings.enabled)), examples.count(site.settings)
        print(f"{path}: {rules} rules are on; {promises} examples hold")
    return 0


def try_message(options: argparse.Namespace) -> int:
    """`postclerk try`"""
    from postclerk import bootstrap
    from postclerk.collect import Envelope
    from postclerk.core.facts import Headers
    from postclerk.mail.header import body, header_fields

    data = _message(options.message)
    judge = _stored(lambda: bootstrap.judge_for_trial(_reading(_rules_path(options), bootstrap.read_site)))
    at = options.at.timestamp() if options.at else clock.now()
    envelope = Envelope(
        client=options.client, login=options.login, sender=options.sender, recipients=options.to, size=len(data)
    )
    case = judge.open(envelope, at)
    verdict = case.at_data()
    if not verdict.action.refuses:
        verdict = case.at_headers(Headers(header_fields(data)))
    if not verdict.action.refuses:
        verdict = case.at_end(body(data) if case.wants_body else b"")
    reply, headers = case.reply(verdict), case.headers(verdict)
    if options.json:
        _print_json(
            {
                "action": verdict.action.value,
                "findings": [one.as_json() for one in verdict.rulings],
                "reply": reply.as_json() if reply else None,
                "headers": [list(field) for field in headers],
                "stage": verdict.stage.name.lower(),
                "limits": [
                    {"rule": rule, "option": limit.option, "limit": limit.value, "because": limit.because, "used": used}
                    for rule, limit, used in case.limits()
                ],
            }
        )
    else:
        print(f"{verdict.action.value}, decided at {_STAGES[verdict.stage.name]}")
        for one in verdict.rulings:
            detail = ", ".join(f"{name} {value}" for name, value in one.finding.detail.items())
            says = f"{one.action.value}{' (monitored)' if one.monitor else ''}"
            print(_printable(f"  {one.rule.clause}  {one.rule.name}: {one.finding.code} -> {says}; {detail}"))
        for rule, limit, used in case.limits():
            before = "" if used is None else f", {used} used"
            why = f", because of {limit.because}" if limit.because else ""
            print(_printable(f"  {rule}: {limit.option} {limit.value}{before}{why}"))
        if reply:
            print(reply)
        for name, value in headers:
            print(f"{name}: {value}")
    return 1 if verdict.action.refuses else 0


_STAGES = {"DATA": "DATA", "HEADERS": "the end of the headers", "MESSAGE": "the end of the message"}


def milter(options: argparse.Namespace) -> int:
    """`postclerk milter`"""
    from postclerk import bootstrap
    from postclerk.server import ServerError

    path = _rules_path(options)
    try:
        _stored(
            lambda: _reading(
                path, lambda rules: bootstrap.supervisor(rules, socket=options.socket, workers=options.workers)
            ).run()
        )
    except ServerError as fault:
        raise BadInput(str(fault)) from fault
    return 0


def journal(options: argparse.Namespace) -> int:
    """`postclerk journal`"""
    from postclerk import bootstrap, config
    from postclerk.collect import normal_login
    from postclerk.rules import all_rules

    read = _reading(_rules_path(options), config.load)
    zone = ZoneInfo(read.settings.site.time_zone)
    person = normal_login(options.person, read.settings.site.domains)
    if options.person is not None and person is None:
        raise BadInput("--person wants a login")
    if options.rule is not None and options.rule not in all_rules():
        raise BadInput(f"there is no rule {options.rule}; there are {', '.join(all_rules())}")
    since = _seconds(options.since, zone)

    def show() -> None:
        wanted = {"since": since, "person": person, "rule": options.rule, "either_id": options.id}
        for entry in bootstrap.decisions(read, **wanted):
            when = clock.local(entry["time"], zone)
            if options.json:
                _print_json({**entry, "time": when.isoformat()})
            else:
                print(_printable(_entry_line(entry, when)))

    _stored(show)
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


# -- what the commands share -------------------------------------------------------------------------------------------


def _rules_path(options: argparse.Namespace) -> Path:
    if options.rules:
        return Path(options.rules)
    for path in (RULES_HERE, RULES_INSTALLED):
        try:
            if path.exists():
                return path
        except OSError as fault:
            raise BadInput(f"cannot read {path}: {fault.strerror}") from fault
    raise BadInput(f"there is no {RULES_HERE} here and no {RULES_INSTALLED}; name one with --rules FILE")


def _reading(path: Path, read: Callable[[Path], T]) -> T:
    try:
        return read(path)
    except OSError as fault:
        raise BadInput(f"cannot read {path}: {fault.strerror or fault}") from fault


def _stored(step: Callable[[], T]) -> T:
    from postclerk.adapters.store import StoreError

    try:
        return step()
    except StoreError as fault:
        raise BadInput(str(fault)) from fault


def _message(name: str) -> bytes:
    try:
        return sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
    except OSError as fault:
        raise BadInput(f"cannot read {name}: {fault.strerror or fault}") from fault


def _print_json(value: dict[str, Any]) -> None:
    print(json.dumps(value, ensure_ascii=True))


def _printable(text: str) -> str:
    from postclerk.core.addresses import printable

    return printable(text)


def _ip_address(text: str) -> str:
    with contextlib.suppress(ValueError):
        return str(ipaddress.ip_address(text))
    raise argparse.ArgumentTypeError(f"{text!r} is not an IP address")


def _moment(text: str) -> datetime.datetime:
    with contextlib.suppress(ValueError):
        moment = datetime.datetime.fromisoformat(text)
        if moment.tzinfo is not None:
            return moment
    raise argparse.ArgumentTypeError(f"{text!r} is not a time such as 2026-11-23T09:00:00+05:00")


def _since(text: str) -> float | datetime.datetime:
    with contextlib.suppress(ValueError):
        return clock.now() - parse_duration(text)
    with contextlib.suppress(ValueError):
        return datetime.datetime.fromisoformat(text)
    raise argparse.ArgumentTypeError(f"{text!r} is neither a time such as 2026-11-23T09:00 nor a duration such as 7d")


def _seconds(since: float | datetime.datetime | None, zone: ZoneInfo) -> float | None:
    """Seconds since the epoch; a time that names no offset is the site's own."""
    if isinstance(since, datetime.datetime):
        return (since if since.tzinfo else since.replace(tzinfo=zone)).timestamp()
    return since


def _workers(text: str) -> int:
    if text.isdecimal() and 1 <= int(text) <= 64:
        return int(text)
    raise argparse.ArgumentTypeError(f"{text!r} is not a number from 1 to 64")


if __name__ == "__main__":
    sys.exit(main())
