"""Whom a decision is told to."""

from __future__ import annotations

from typing import Any

import pytest

from postclerk.core.facts import Headers
from tests.conftest import PEOPLE, SITE, Build

MAIL = SITE + "mail: {}\n"
RULES = "  sender: {dns: false}\n  return_address: {}\n  recipients: {per_message: 3}\n  registration: {}\n"
OTHERS: dict[str, Any] = {"login": "a.serik", "sender": "<b.head@uni.example>"}
ACTIVATE = (
    "Thank you for registering! To activate your account: https://forum.example/activate?token=8f1c9a7be02d4c6f\n"
)
FROM_OUTSIDE: dict[str, Any] = {"login": None, "client": "203.0.113.5", "sender": "<noreply@forum.example>"}


def _telling(
    world: Build, *, rules: str = RULES, headers: dict[str, str] | None = None, body: str = "", **envelope: Any
) -> Any:
    case = world(rules, site=MAIL, people=PEOPLE).case(**envelope)
    verdict = case.at_data()
    if not verdict.action.refuses:
        fields = [(name, value.encode()) for name, value in (headers or {"From": case.envelope.sender}).items()]
        verdict = case.at_headers(Headers(fields))
    if not verdict.action.refuses:
        verdict = case.at_end(body.replace("\n", "\r\n").encode())
    return case.record(verdict, None)["telling"]


def test_the_sender_by_his_login(world: Build) -> None:
    """With what he may ask for."""
    telling = _telling(world, **OTHERS)
    assert (telling["whom"], telling["role"], telling["rule"], telling["code"]) == (
        ["a.serik"],
        "sender",
        "sender",
        "sender-not-own",
    )
    assert telling["asks"] == [{"rule": "sender", "value": "b.head@uni.example"}]
    over = _telling(world, recipients=[f"<x{number}@example.org>" for number in range(5)])
    assert over["asks"] == [{"rule": "recipients", "option": "per_message", "amount": 5}]


def test_his_messages_header(world: Build) -> None:
    """As far as it was known when the message fell."""
    fields = {"From": " a.serik@uni.example", "Reply-To": " x@example.net", "Subject": " Hello"}
    assert (
        _telling(world, headers=fields)["header"]
        == "From: a.serik@uni.example\nReply-To: x@example.net\nSubject: Hello"
    )


@pytest.mark.parametrize(
    "envelope",
    [
        pytest.param({}, id="nothing-found"),
        pytest.param({**OTHERS, "login": None, "client": "203.0.113.5"}, id="outside"),
        pytest.param({**OTHERS, "login": None, "client": "192.0.2.9"}, id="no-login"),
        pytest.param({**OTHERS, "login": "unknown"}, id="a-login-that-no-directory-knows"),
        pytest.param({"sender": "<>", "recipients": ["<a@example.org>", "<b@example.org>"]}, id="the-null-sender"),
    ],
)
def test_who_is_not_told(world: Build, envelope: dict[str, Any]) -> None:
    """Nobody outside, nobody whose mailbox is not known, and no program."""
    assert _telling(world, **envelope) is None


def test_automatic_mail_is_not_answered(world: Build) -> None:
    """RFC 3834: a program's mail that was refused makes no further mail; `no` means that a person wrote it."""
    fields = {"From": " a.serik@uni.example", "Reply-To": " x@example.net"}
    assert _telling(world, headers={**fields, "Auto-Submitted": " auto-replied"}) is None
    assert _telling(world, headers={**fields, "Auto-Submitted": " no"}) is not None


def test_monitored_findings_are_not_told(world: Build) -> None:
    """Nothing has happened to the message."""
    assert _telling(world, rules="  sender: {dns: false, monitor: true}\n", **OTHERS) is None


def test_recipients_where_the_rule_says_so(world: Build) -> None:
    """Those inside whose mailbox it is, each once, by whichever address; not where rules.yaml says no."""
    to = ["<Serik@uni.example>", "<a.serik+x@uni.example>", "<b.head@uni.example>", "<x@example.org>"]
    fields = {"From": " noreply@forum.example", "Subject": " Activate your account"}
    telling = _telling(world, headers=fields, body=ACTIVATE, recipients=to, **FROM_OUTSIDE)
    assert (sorted(telling["whom"]), telling["role"]) == (["a.serik", "b.head"], "recipient")
    assert telling["asks"] == [{"rule": "registration", "value": "forum.example"}]
    quiet = RULES.replace("registration: {}", "registration: {tell_recipients: false}")
    assert _telling(world, rules=quiet, headers=fields, body=ACTIVATE, recipients=to, **FROM_OUTSIDE) is None
    assert _telling(world, **{**FROM_OUTSIDE, "sender": "<b.head@uni.example>"}) is None


def test_without_mail_of_our_own(world: Build) -> None:
    """A site that sends nothing writes nothing down for it."""
    case = world(RULES).case(**OTHERS)
    assert case.record(case.at_data(), None)["telling"] is None
