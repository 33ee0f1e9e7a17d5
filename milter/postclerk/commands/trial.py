"""`postclerk try`: what the milter would do with a message, touching no state."""

from __future__ import annotations

import argparse
import contextlib
import ipaddress

from postclerk import clock
from postclerk.commands.common import (
    BadInput,
    Subparsers,
    command,
    message,
    moment,
    print_json,
    printable,
    reading,
    rules_path,
    shown,
    stored,
)


def add(commands: Subparsers) -> None:
    """Adds the command."""
    says = "Shows what the milter would do with a message, touching no state. Neither login nor client: from outside."
    trial = command(commands, "try", run, says)
    trial.add_argument("message", metavar="MESSAGE.eml", help="the message; - reads the standard input")
    trial.add_argument("--from", dest="sender", metavar="A", required=True, help="the envelope sender; '' for none")
    trial.add_argument("--to", action="append", metavar="B", required=True, help="an envelope recipient; repeat it")
    trial.add_argument("--login", metavar="L", help="the SMTP login")
    trial.add_argument("--client", metavar="IP", type=_ip_address, help="the client's address")
    trial.add_argument("--at", metavar="TIME", type=moment, help="the time, as ISO 8601 with offset")


def run(options: argparse.Namespace) -> int:
    """`postclerk try`"""
    from postclerk import bootstrap
    from postclerk.collect import Envelope
    from postclerk.core.facts import Headers
    from postclerk.mail.header import body, header_fields

    if not all(address.strip("<> ") for address in options.to):
        raise BadInput("--to is empty; every message has recipients")
    data = message(options.message)
    judge = stored(lambda: bootstrap.judge_for_trial(reading(rules_path(options), bootstrap.read_site)))
    at = options.at.timestamp() if options.at else clock.now()
    envelope = Envelope(
        client=options.client, login=options.login, sender=options.sender, recipients=options.to, size=len(data)
    )
    case = judge.open(envelope, at)
    verdict = case.at_data()
    if not verdict.action.refuses:
        verdict = case.at_headers(Headers(header_fields(data)))
    if not verdict.action.refuses:
        verdict = case.at_end(body(data) if case.wanted_of_body != 0 else b"")
    reply, headers = case.reply(verdict), case.headers(verdict)
    if options.json:
        print_json(
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
            detail = ", ".join(f"{name} {value}" for name, value in shown(dict(one.finding.detail)).items())
            says = f"{one.action.value}{' (monitored)' if one.monitor else ''}"
            print(printable(f"  {one.rule.clause}  {one.rule.name}: {one.finding.code} -> {says}; {detail}"))
        for rule, limit, used in case.limits():
            before = "" if used is None else f", {used} used"
            why = f", because of {limit.because}" if limit.because else ""
            print(printable(f"  {rule}: {limit.option} {limit.value}{before}{why}"))
        if reply:
            print(reply)
        for name, value in headers:
            print(f"{name}: {value}")
    return 1 if verdict.action.refuses else 0


_STAGES = {"DATA": "DATA", "HEADERS": "the end of the headers", "MESSAGE": "the end of the message"}


def _ip_address(text: str) -> str:
    with contextlib.suppress(ValueError):
        return str(ipaddress.ip_address(text))
    raise argparse.ArgumentTypeError(f"{text!r} is not an IP address")
