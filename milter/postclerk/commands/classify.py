"""`postclerk classify`: what a message is, with the reasons."""

from __future__ import annotations

import argparse
import datetime
import sys
from typing import TYPE_CHECKING, Any

from postclerk import clock
from postclerk.commands.common import BadInput, Subparsers, command, message, print_json, printable

if TYPE_CHECKING:
    from postclerk.core.facts import Headers
    from postclerk.core.reading import Reading


def add(commands: Subparsers) -> None:
    """Adds the command."""
    classify = command(
        commands,
        "classify",
        run,
        "Says of messages who wrote them, whether they want an answer or register you, and why.",
    )
    classify.add_argument("files", metavar="FILE", nargs="+", help="a message; - reads the standard input")


def run(options: argparse.Namespace) -> int:
    """`postclerk classify`"""
    status = 0
    for name in options.files:
        try:
            data = message(name)
        except BadInput as fault:
            print(printable(f"postclerk: {fault}"), file=sys.stderr)
            status = 2
            continue
        told = {"file": name, **_told(data)}
        if options.json:
            print_json(told)
        else:
            _print(told)
    return status


def _print(told: dict[str, Any]) -> None:
    registration = told["registration"]
    answer = "wants an answer" if told["wants_answer"] else "wants no answer"
    print(printable(f"{told['file']}: {told['kind']}, {answer}: {told['wants_answer_why']}"))
    for reason in told["kind_why"]:
        print(printable(f"  {reason}"))
    if told["absence"]:
        said = ", ".join(f"{name} {value}" for name, value in told["absence"].items() if value)
        print(printable(f"  absence: {said or 'without a term and a substitute'}"))
    print(f"  registration: {registration['verdict']} ({registration['score']:.2f})")
    for reason in registration["why"]:
        print(f"    {reason}")


def _told(data: bytes) -> dict[str, Any]:
    from postclerk.core.facts import Headers
    from postclerk.core.kind import Kind
    from postclerk.mail.answerable import answerable
    from postclerk.mail.header import body, header_fields
    from postclerk.mail.kind import is_by_person, kind_of
    from postclerk.mail.letter import letter_of, read_body

    headers = Headers(header_fields(data))
    read = read_body(headers, body(data))
    classified = kind_of(headers, None, read)
    letter = letter_of(headers, read, by_person=lambda: is_by_person(headers, None, read))
    wanted = answerable(headers, classified, read, own=(), calendar=read.calendar)
    return {
        "kind": classified.kind.value,
        "kind_why": list(classified.why),
        "wants_answer": wanted.wants_answer,
        "wants_answer_why": wanted.why,
        "registration": _registration(letter),
        "absence": _absence(headers, read) if classified.kind is Kind.AUTOREPLY else None,
    }


def _absence(headers: Headers, read: Reading) -> dict[str, str | None] | None:
    """What an automatic reply says of an absence, by the day on which it was written."""
    from postclerk.core.absence import absence_json
    from postclerk.mail.absence import absence
    from postclerk.mail.post import received_at

    now = datetime.datetime.fromtimestamp(clock.now(), datetime.UTC)
    own = {box.address.key for box in headers.mailboxes("from").mailboxes}
    return absence_json(absence(headers.first("subject") or "", read.fresh, received_at(headers, now) or now, own=own))


def _registration(letter: Any) -> dict[str, Any]:
    from postclerk.core.registration import LIKELY, score

    found = score(letter)
    verdict = "registration" if found.value >= LIKELY else "other"
    return {"verdict": verdict, "score": round(found.value, 3), "why": list(found.why)}
