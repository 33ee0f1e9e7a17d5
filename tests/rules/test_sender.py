"""1.3.2-b, the envelope sender: messages and what is found about them."""

from __future__ import annotations

from typing import Any

import pytest

from postclerk.core.needs import Stage
from postclerk.core.rule import Action, Finding
from tests.conftest import Build

OUTSIDE: dict[str, Any] = {"login": None, "client": "203.0.113.5", "recipients": ["<a.serik@uni.example>"]}
INSIDE: dict[str, Any] = {"login": None, "client": "192.0.2.9"}


def _not_own(sender: str, who: str = "the login a.serik") -> list[Finding]:
    return [Finding("sender-not-own", sender=sender, who=who)]


@pytest.mark.parametrize(
    ("message", "findings"),
    [
        pytest.param({}, [], id="ones-own"),
        pytest.param({"sender": "<A.SERIK@Uni.Example>"}, [], id="ones-own-in-capitals"),
        pytest.param({"sender": "<a.serik+tag@uni.example>"}, [], id="ones-own-with-a-tag"),
        pytest.param({"sender": "<aserik@staff.uni.example>"}, [], id="the-second-address"),
        pytest.param({"sender": "<serik@uni.example>"}, [], id="an-alias"),
        pytest.param({"sender": "<office@uni.example>"}, [], id="may-send-as"),
        pytest.param({"sender": "<chair@conference.example>"}, [], id="may-send-as-a-domain"),
        pytest.param({"sender": "<dean@uni.example>"}, [], id="a-shared-mailbox"),
        pytest.param({"sender": "<a.serik>"}, [], id="without-a-domain"),
        pytest.param({"sender": "a.serik@uni.example"}, [], id="without-brackets"),
        pytest.param({"sender": "<b.head@uni.example>"}, _not_own("b.head@uni.example"), id="anothers"),
        pytest.param({"sender": "<a.serik@example.org>"}, _not_own("a.serik@example.org"), id="an-outside-one"),
        pytest.param({"sender": "<staff@uni.example>"}, _not_own("staff@uni.example"), id="a-list-one-is-on"),
        pytest.param(
            {"sender": "<@relay.example:b.head@uni.example>"},
            _not_own("b.head@uni.example"),
            id="behind-a-source-route",
        ),
        pytest.param({"login": "A.Serik@UNI.example"}, [], id="the-login-with-the-sites-domain"),
        pytest.param({"login": "new", "sender": "<new@uni.example>"}, [], id="an-unlisted-login-its-own"),
        pytest.param({"login": "new+one", "sender": "<new+one@uni.example>"}, [], id="an-unlisted-login-with-a-tag"),
        pytest.param(
            {"login": "new", "sender": "<office@uni.example>"},
            _not_own("office@uni.example", "the login new"),
            id="an-unlisted-login-no-more",
        ),
        pytest.param(
            {"login": "a.serik@example.org", "sender": "<a.serik@uni.example>"},
            _not_own("a.serik@uni.example", "the login a.serik@example.org"),
            id="a-login-of-another-domain",
        ),
        pytest.param({**INSIDE, "sender": "<scanner@uni.example>"}, [], id="an-inside-client"),
        pytest.param({**INSIDE, "sender": "<cron@db1.uni.example>"}, [], id="an-inside-clients-host"),
        pytest.param({**INSIDE, "client": "IPv6:::ffff:192.0.2.9", "sender": "<x@uni.example>"}, [], id="ipv4-in-ipv6"),
        pytest.param(
            {**INSIDE, "sender": "<x@example.org>"},
            _not_own("x@example.org", "a client inside (192.0.2.9)"),
            id="an-inside-client-outside-address",
        ),
        pytest.param({**OUTSIDE, "sender": "<x@example.org>"}, [], id="from-outside"),
        pytest.param({**OUTSIDE, "sender": "<a.serik@uni.example>"}, [], id="forgery-is-return_addresss"),
        pytest.param({**OUTSIDE, "sender": "<>"}, [], id="null-sender-from-outside"),
        pytest.param(
            {**OUTSIDE, "sender": "<x@dead.example>"},
            [Finding("sender-cannot-receive", sender="x@dead.example")],
            id="nobody-could-answer",
        ),
        pytest.param(
            {**OUTSIDE, "sender": "<x@silent.example>"},
            [Finding("unavailable", what=["sender_domain"], why="silent.example")],
            id="no-answer-from-the-dns",
        ),
        pytest.param({**OUTSIDE, "client": "198.51.100.7", "sender": "<x@dead.example>"}, [], id="a-relays-client"),
        pytest.param({"login": "Lists", "sender": "<x@example.org>"}, [], id="a-relays-login"),
        pytest.param(
            {**OUTSIDE, "sender": "<x@silent.example"},
            [Finding("sender-syntax", sender="<x@silent.example", fault="this is not an e-mail address")],
            id="no-address",
        ),
        pytest.param(
            {**OUTSIDE, "sender": "<x\udcff@example.org>"},
            [
                Finding(
                    "sender-syntax", sender="<x\ufffd@example.org>", fault="the address holds bytes that are not UTF-8"
                )
            ],
            id="not-utf-8",
        ),
        pytest.param(
            {**OUTSIDE, "sender": "<x@exa_mple.org>"},
            [
                Finding(
                    "sender-syntax",
                    sender="<x@exa_mple.org>",
                    fault="The part after the @-sign contains invalid characters: '_'.",
                )
            ],
            id="no-domain-name",
        ),
        pytest.param({**OUTSIDE, "sender": "<жан@пример.example.org>"}, [], id="internationalized"),
        pytest.param({**OUTSIDE, "sender": "<x@[192.0.2.1]>"}, [], id="a-literal-is-not-looked-up"),
        pytest.param({**OUTSIDE, "sender": f"<{'v' * 100}@example.org>"}, [], id="a-long-return-path"),
    ],
)
def test_envelope_senders(world: Build, message: dict[str, Any], findings: list[Finding]) -> None:
    """The envelope sender is a valid address, belongs to who sends, and can take the answer."""
    verdict = world("  sender: {when_unavailable: hold}\n").verdict(**message)
    assert findings == [one.finding for one in verdict.rulings]


@pytest.mark.parametrize(
    ("message", "headers", "findings"),
    [
        pytest.param({}, {"From": "a.serik@uni.example"}, [], id="an-automatic-reply-of-ones-own"),
        pytest.param({}, {"From": "A <serik@uni.example>"}, [], id="under-an-alias"),
        pytest.param(
            {"recipients": ["<x@example.org>", "<y@example.org>"]},
            {"From": "a.serik@uni.example"},
            [Finding("null-sender-misused", recipients=2)],
            id="to-two",
        ),
        pytest.param(
            {}, {"From": "b.head@uni.example"}, [Finding("null-sender-misused", recipients=1)], id="in-anothers-name"
        ),
        pytest.param(
            {},
            {"From": "a.serik@uni.example, b.head@uni.example"},
            [Finding("null-sender-misused", recipients=1)],
            id="in-anothers-name-too",
        ),
        pytest.param({}, {}, [Finding("null-sender-misused", recipients=1)], id="without-from"),
        pytest.param(
            {}, {"From": "a.serik@uni.example <"}, [Finding("null-sender-misused", recipients=1)], id="from-is-broken"
        ),
        pytest.param({"login": None, "client": "192.0.2.9"}, {}, [], id="an-inside-clients-report"),
    ],
)
def test_null_senders(world: Build, message: dict[str, Any], headers: dict[str, str], findings: list[Finding]) -> None:
    """From a login the null sender goes to one recipient, under the login's own From."""
    verdict = world("  sender: {}\n").verdict(sender="<>", headers=headers, **message)
    assert findings == [one.finding for one in verdict.rulings]


def test_the_dns_can_be_left_alone(world: Build) -> None:
    """With `dns: false` no domain is asked about."""
    verdict = world("  sender: {dns: false}\n").verdict(**OUTSIDE, sender="<x@silent.example>")
    assert [one.finding for one in verdict.rulings] == []


@pytest.mark.parametrize(
    ("message", "action"),
    [
        pytest.param({"recipients": ["<postmaster@uni.example>"]}, Action.TAG, id="postmaster"),
        pytest.param({"recipients": ["<Abuse@staff.uni.example>", "<postmaster>"]}, Action.TAG, id="both"),
        pytest.param({"recipients": ["<helpdesk@uni.example>"]}, Action.TAG, id="the-helpdesk"),
        pytest.param(
            {"recipients": ["<postmaster@uni.example>", "<b@example.org>"]}, Action.REJECT, id="and-somebody-else"
        ),
        pytest.param({"recipients": ["<postmaster@example.org>"]}, Action.REJECT, id="anothers-postmaster"),
    ],
)
def test_postmaster_is_always_written_to(world: Build, message: dict[str, Any], action: Action) -> None:
    """Mail to postmaster, abuse or the helpdesk alone is marked at most (RFC 5321 4.5.1)."""
    verdict = world("  sender: {}\n").verdict(sender="<b.head@uni.example>", **message)
    assert (action, _not_own("b.head@uni.example")) == (verdict.action, [one.finding for one in verdict.rulings])


def test_a_foreign_sender_is_refused_before_the_message(world: Build) -> None:
    """The envelope alone decides: the message is not even transferred."""
    verdict = world("  sender: {}\n").verdict(sender="<b.head@uni.example>")
    assert (verdict.action, verdict.stage) == (Action.REJECT, Stage.DATA)
