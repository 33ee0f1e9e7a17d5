"""1.3.2-b, the addresses that a reader sees and answers to: messages and what is found about them."""

from __future__ import annotations

from typing import Any

import pytest

from postclerk.core.needs import Need
from postclerk.core.rule import Action, Finding
from tests.conftest import Build

RULE = "  return_address: {}\n"
ME = "A. Serik <a.serik@uni.example>"
LOGIN = "the login a.serik"


def _not_own(field: str, address: str, who: str = LOGIN) -> list[Finding]:
    return [Finding("address-not-own", field=field, address=address, who=who)]


def _named(address: str, field: str = "From") -> list[Finding]:
    return [Finding("display-name-claims-address", field=field, address=address, who=LOGIN)]


@pytest.mark.parametrize(
    ("headers", "findings"),
    [
        pytest.param({"From": ME}, [], id="ones-own"),
        pytest.param({}, [], id="no-field-at-all"),
        pytest.param({"From": ME, "Reply-To": "office@uni.example, dean@uni.example"}, [], id="what-one-may-use"),
        pytest.param({"From": "Team: a.serik@uni.example, office@uni.example;"}, [], id="a-group-of-ones-own"),
        pytest.param({"From": "b.head@uni.example"}, _not_own("From", "b.head@uni.example"), id="from-anothers"),
        pytest.param({"From": "(b.head@uni.example)"}, _not_own("From", "b.head@uni.example"), id="in-a-comment-alone"),
        pytest.param({"From": ME, "Sender": "x@example.org"}, _not_own("Sender", "x@example.org"), id="sender"),
        pytest.param({"From": ME, "Reply-To": "x@example.org"}, _not_own("Reply-To", "x@example.org"), id="reply-to"),
        pytest.param({"From": ME, "Errors-To": "x@example.org"}, _not_own("Errors-To", "x@example.org"), id="errors"),
        pytest.param(
            {"From": ME, "Return-Receipt-To": "x@example.org"},
            _not_own("Return-Receipt-To", "x@example.org"),
            id="receipts",
        ),
        pytest.param(
            {"From": ME, "Disposition-Notification-To": "x@example.org"},
            _not_own("Disposition-Notification-To", "x@example.org"),
            id="read-receipts",
        ),
        pytest.param({"From": ME, "To": "x@example.org", "Cc": "y@example.org"}, [], id="readers-are-anybody"),
        pytest.param({"From": ME, "X-Reply-To": "x@example.org"}, [], id="other-fields-are-not-read"),
        pytest.param(
            {"From": "b.head@uni.example", "Reply-To": "x@example.org"},
            [*_not_own("From", "b.head@uni.example"), *_not_own("Reply-To", "x@example.org")],
            id="each-field-is-named",
        ),
        pytest.param(
            {"From": "a.serik@uni.example, b.head@uni.example"},
            _not_own("From", "b.head@uni.example"),
            id="two-authors-one-foreign",
        ),
        pytest.param(
            {"From": "Team: b.head@uni.example;"}, _not_own("From", "b.head@uni.example"), id="a-foreigner-in-a-group"
        ),
        pytest.param(
            {"From": "a.serik@uni.example <b.head@uni.example>"},
            _not_own("From", "b.head@uni.example"),
            id="ones-own-address-as-the-name",
        ),
        pytest.param({"From": "a.serik@@"}, [Finding("address-unreadable", field="From")], id="unreadable"),
        pytest.param(
            {"From": "a.serik@uni.example b.head@uni.example"},
            _not_own("From", "b.head@uni.example"),
            id="broken-and-somebody-elses",
        ),
        pytest.param(
            {"From": '"b.head@uni.example" <a.serik@uni.example>'},
            _named("b.head@uni.example"),
            id="a-name-that-claims",
        ),
        pytest.param(
            {"From": "=?utf-8?q?b=2Ehead=40uni=2Eexample?= <a.serik@uni.example>"},
            _named("b.head@uni.example"),
            id="a-name-that-claims-encoded",
        ),
        pytest.param(
            {"From": "a.serik@uni.example (b.head@uni.example)"},
            _named("b.head@uni.example"),
            id="a-comment-that-claims",
        ),
        pytest.param(
            {"From": ME, "Reply-To": '"rector@example.org" <a.serik@uni.example>'},
            _named("rector@example.org", "Reply-To"),
            id="a-name-in-reply-to",
        ),
        pytest.param({"From": '"a.serik@uni.example" <a.serik@uni.example>'}, [], id="a-name-that-repeats-it"),
        pytest.param({"From": '"Serik @ registry" <a.serik@uni.example>'}, _named("Serik@registry"), id="an-at-sign"),
    ],
)
def test_mail_from_a_login(world: Build, headers: dict[str, str], findings: list[Finding]) -> None:
    """Every address that an answer could go to, and every one that a name reads as, belongs to the login."""
    verdict = world(RULE).verdict(headers=headers)
    assert findings == [one.finding for one in verdict.rulings]


@pytest.mark.parametrize(
    ("message", "headers", "findings"),
    [
        pytest.param({}, {"From": "Scanner <scan@uni.example>"}, [], id="any-inside-address"),
        pytest.param({}, {"From": "cron@db1.uni.example"}, [], id="its-host"),
        pytest.param(
            {},
            {"From": "x@example.org"},
            _not_own("From", "x@example.org", "a client inside (192.0.2.9)"),
            id="no-outside-address",
        ),
        pytest.param({}, {"From": '"x@example.org" <scan@uni.example>'}, [], id="its-names-are-its-own-business"),
    ],
)
def test_mail_from_an_inside_client(
    world: Build, message: dict[str, Any], headers: dict[str, str], findings: list[Finding]
) -> None:
    """A client inside uses inside addresses."""
    verdict = world(RULE).verdict(login=None, client="192.0.2.9", sender="<>", headers=headers, **message)
    assert findings == [one.finding for one in verdict.rulings]


def _forged(field: str, address: str = "a.serik@uni.example") -> Finding:
    return Finding("inside-address-forged", field=field, address=address)


def _returned(sign: str, field: str = "From") -> Finding:
    return Finding("inside-address-returned", field=field, address="a.serik@uni.example", sign=sign)


LIST, ARC = " through a mailing list", " with an ARC chain"
SIGNED = " with a signature of this site that does not verify"


@pytest.mark.parametrize(
    ("sender", "headers", "action", "findings"),
    [
        pytest.param("<x@example.org>", {"From": "x@example.org"}, Action.ACCEPT, [], id="others"),
        pytest.param("<x@example.org>", {}, Action.ACCEPT, [], id="no-header"),
        pytest.param("<x@example.org>", {"From": ME}, Action.REJECT, [_forged("From")], id="our-from"),
        pytest.param(
            "<x@example.org>",
            {"From": "x@example.org", "Sender": ME},
            Action.REJECT,
            [_forged("Sender")],
            id="our-sender",
        ),
        pytest.param(
            "<a.serik@uni.example>",
            {"From": "x@example.org"},
            Action.REJECT,
            [_forged("The envelope sender")],
            id="our-envelope-sender",
        ),
        pytest.param(
            "<a.serik@uni.example>",
            {"From": ME},
            Action.REJECT,
            [_forged("The envelope sender"), _forged("From")],
            id="both",
        ),
        pytest.param(
            "<x@example.org>",
            {"From": "x@example.org, a.serik@UNI.example"},
            Action.REJECT,
            [_forged("From")],
            id="behind-another",
        ),
        pytest.param(
            "<x@example.org>",
            {"From": "<a.serik@uni.example> <x@example.org>"},
            Action.REJECT,
            [_forged("From")],
            id="in-a-broken-field",
        ),
        pytest.param("<x@example.org>", {"From": "x@sub.uni.example"}, Action.ACCEPT, [], id="a-subdomain-is-not-ours"),
        pytest.param(
            "<x@example.org>", {"From": "x@example.org", "Reply-To": ME}, Action.ACCEPT, [], id="reply-to-names-ours"
        ),
        pytest.param(
            "<x@example.org>",
            {"From": '"a.serik@uni.example" <x@example.org>'},
            Action.TAG,
            [Finding("display-name-disguised", field="From", address="a.serik@uni.example")],
            id="a-name",
        ),
        pytest.param(
            "<list@example.org>",
            {"From": ME, "List-Id": "<l.example.org>"},
            Action.HOLD,
            [_returned(LIST)],
            id="a-list",
        ),
        pytest.param(
            "<list@example.org>",
            {"From": ME, "ARC-Seal": "i=1; d=example.org"},
            Action.HOLD,
            [_returned(ARC)],
            id="arc",
        ),
        pytest.param(
            "<x@example.org>",
            {"From": ME, "DKIM-Signature": "v=1; a=rsa-sha256;\n d=Uni.Example; s=x"},
            Action.HOLD,
            [_returned(SIGNED)],
            id="our-signature",
        ),
        pytest.param(
            "<x@example.org>",
            {"From": ME, "DKIM-Signature": "v=1; d=example.org; i=d=uni.example"},
            Action.REJECT,
            [_forged("From")],
            id="anothers-signature",
        ),
    ],
)
def test_mail_from_outside(
    world: Build, sender: str, headers: dict[str, str], action: Action, findings: list[Finding]
) -> None:
    """Outside mail does not claim to be ours, unless a list or a forwarder may have returned our own."""
    verdict = world(RULE).verdict(
        login=None, client="203.0.113.5", recipients=["<b.head@uni.example>"], sender=sender, headers=headers
    )
    assert (action, findings) == (verdict.action, [one.finding for one in verdict.rulings])


def test_how_sternly_returned_mail_is_met(world: Build) -> None:
    """`returned` names the sternest action, and never a sterner one than `action`."""
    message: dict[str, Any] = {
        "login": None, "client": "203.0.113.5", "headers": {"From": ME, "List-Id": "<l.example.org>"}
    }  # fmt: skip
    assert [
        world(f"  return_address: {{action: {action}, returned: {returned}}}\n").verdict(**message).action
        for action, returned in (("reject", "tag"), ("reject", "reject"), ("tag", "hold"), ("reject", "off"))
    ] == [Action.TAG, Action.REJECT, Action.TAG, Action.ACCEPT]


def test_a_relay_is_not_judged(world: Build) -> None:
    """What a relay passes on is others' mail."""
    verdict = world(RULE).verdict(login=None, client="198.51.100.7", headers={"From": ME})
    assert [one.finding for one in verdict.rulings] == []


def test_a_person_who_cannot_be_looked_up_is_not_believed(world: Build) -> None:
    """Without the directory nobody knows what belongs to a login."""
    case = world(RULE).case()
    case.facts.person = None
    case.facts.missing = Need.ENVELOPE
    case.at_data()
    verdict = case.at_headers(case.facts.headers)
    assert (verdict.action, [one.finding for one in verdict.rulings]) == (
        Action.DEFER,
        [Finding("unavailable", what=["envelope"], why="")],
    )
