"""A verdict in words: replies and headers."""

from __future__ import annotations

import email
import email.policy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postclerk.core.explain import headers, reply
from postclerk.core.needs import Need, Stage
from postclerk.core.rule import Action, Finding, Rule
from postclerk.core.verdict import RULE_FAILED, UNAVAILABLE, Ruling, Verdict, decide

RULE = Rule("postclerk.rules.sample", clause="1.3.2-a", needs=Need.ENVELOPE)
RULE.finding(
    "too-many",
    reason="{count} recipients; at most {limit} are allowed.",
    remedy="Ask for a grant.",
    happened="It happened.",
    todo="Do it.",
    outside="Too many recipients.",
)
RULE.finding("odd", reason="{what} is odd.", remedy="", happened="It happened.", todo="Do it.", enhanced="1.7")
TOO_MANY = Finding("too-many", count=120, limit=50)
SITE: dict[str, Any] = {"incident": "7KQ2M4XD", "explain_url": "https://mail.uni.example/e/"}


def _verdict(*findings: tuple[Finding, Action], stage: Stage = Stage.DATA, monitor: bool = False) -> Verdict:
    return decide([Ruling(RULE, finding, action, monitor, stage) for finding, action in findings], stage)


@pytest.mark.parametrize(
    ("verdict", "inside", "lines"),
    [
        pytest.param(
            _verdict((TOO_MANY, Action.REJECT)),
            True,
            "550-5.7.1 [1.3.2-a] 120 recipients; at most 50 are allowed.\n"
            "550-5.7.1 Ask for a grant.\n"
            "550 5.7.1 Explained in KK EN: https://mail.uni.example/e/7KQ2M4XD",
            id="inside-gets-clause-reason-and-remedy",
        ),
        pytest.param(
            _verdict((TOO_MANY, Action.REJECT)),
            False,
            "550-5.7.1 [1.3.2-a] Too many recipients.\n"
            "550 5.7.1 Explained in KK EN: https://mail.uni.example/e/7KQ2M4XD",
            id="outside-gets-no-limits",
        ),
        pytest.param(
            _verdict((Finding("odd", what="ё" * 200), Action.DEFER)),
            False,
            f"451-4.1.7 [1.3.2-a] {'?' * 117}... is odd.\n"
            "451 4.1.7 Explained in KK EN: https://mail.uni.example/e/7KQ2M4XD",
            id="a-long-detail-is-cut-and-made-ascii",
        ),
        pytest.param(
            _verdict((TOO_MANY, Action.DEFER), (Finding("odd", what="x"), Action.REJECT)),
            True,
            "550-5.1.7 [1.3.2-a] 120 recipients; at most 50 are allowed.\n"
            "550-5.1.7 [1.3.2-a] x is odd.\n"
            "550-5.1.7 Ask for a grant.\n"
            "550 5.1.7 Explained in KK EN: https://mail.uni.example/e/7KQ2M4XD",
            id="all-findings-under-the-sternest-code",
        ),
        pytest.param(
            _verdict((Finding(UNAVAILABLE, what=["sender_domain"]), Action.DEFER)),
            False,
            "451-4.4.3 [1.3.2-a] The server could not look up what it needs to judge this message.\n"
            "451 4.4.3 Explained in KK EN: https://mail.uni.example/e/7KQ2M4XD",
            id="a-fact-that-could-not-be-had",
        ),
        pytest.param(
            _verdict((Finding(RULE_FAILED, error="KeyError"), Action.DEFER)),
            True,
            "451-4.3.0 [1.3.2-a] The server failed while it judged this message.\n"
            "451-4.3.0 Tell the IT department the code below if this goes on.\n"
            "451 4.3.0 Explained in KK EN: https://mail.uni.example/e/7KQ2M4XD",
            id="a-fault-of-ours",
        ),
        pytest.param(
            _verdict((Finding("odd", what="{count} %s {0.__class__}"), Action.REJECT)),
            True,
            "550-5.1.7 [1.3.2-a] {count} %s {0.__class__} is odd.\n"
            "550 5.1.7 Explained in KK EN: https://mail.uni.example/e/7KQ2M4XD",
            id="braces-in-mail-are-only-text",
        ),
    ],
)
def test_replies(verdict: Verdict, inside: bool, lines: str) -> None:
    """A refusal names clause and reason, to our own people the remedy, and ends with the link."""
    said = reply(verdict, inside=inside, languages=["kk", "en"], **SITE)
    assert str(said) == lines


def test_without_pages_the_incident_is_named() -> None:
    """Where no page explains, the reply ends with the id to ask about."""
    said = reply(
        _verdict((TOO_MANY, Action.REJECT)), inside=False, incident="7KQ2M4XD", explain_url="", languages=["en"]
    )
    assert str(said) == "550-5.7.1 [1.3.2-a] Too many recipients.\n550 5.7.1 Incident 7KQ2M4XD."


@pytest.mark.parametrize(
    "verdict",
    [
        pytest.param(_verdict(), id="nothing-found"),
        pytest.param(_verdict((TOO_MANY, Action.HOLD)), id="held"),
        pytest.param(_verdict((TOO_MANY, Action.REJECT), monitor=True), id="monitored"),
    ],
)
def test_what_is_not_refused_has_no_reply(verdict: Verdict) -> None:
    """Only a refusal is replied to."""
    assert reply(verdict, inside=True, languages=["en"], **SITE) is None


def test_only_the_stage_that_refuses_is_told() -> None:
    """A finding of an earlier stage that did not refuse is not among the reasons of the refusal."""
    early = Ruling(RULE, TOO_MANY, Action.TAG, False, Stage.DATA)
    late = Ruling(RULE, Finding("odd", what="x"), Action.REJECT, False, Stage.HEADERS)
    said = reply(decide([early, late], Stage.HEADERS), inside=False, languages=["en"], **SITE)
    assert str(said) == (
        "550-5.1.7 [1.3.2-a] x is odd.\n550 5.1.7 Explained in EN: https://mail.uni.example/e/7KQ2M4XD"
    )


def test_headers_of_what_is_delivered() -> None:
    """Each finding stands in a header of its own, with its reason behind it; one link follows."""
    verdict = _verdict((TOO_MANY, Action.TAG), (Finding("odd", what="Жанна"), Action.HOLD))
    assert headers(verdict, inside=True, **SITE) == [
        ("X-Policy-Action", "tag; rule=sample; clause=1.3.2-a; code=too-many; id=7KQ2M4XD"),
        ("X-Policy-Reason", "120 recipients; at most 50 are allowed."),
        ("X-Policy-Action", "hold; rule=sample; clause=1.3.2-a; code=odd; id=7KQ2M4XD"),
        ("X-Policy-Reason", "=?utf-8?b?0JbQsNC90L3QsCBpcyBvZGQu?="),
        ("X-Policy-Explained", "<https://mail.uni.example/e/7KQ2M4XD>"),
    ]


@pytest.mark.parametrize(
    "verdict",
    [
        pytest.param(_verdict(), id="nothing-found"),
        pytest.param(_verdict((TOO_MANY, Action.TAG), monitor=True), id="monitored"),
        pytest.param(_verdict((TOO_MANY, Action.ACCEPT)), id="nothing-asked-for"),
    ],
)
def test_no_headers_without_an_action(verdict: Verdict) -> None:
    """A monitored finding stands in the journal alone."""
    assert headers(verdict, inside=True, **SITE) == []


@given(st.text(st.characters(), max_size=300))
def test_a_reason_is_one_header_field(what: str) -> None:
    """Whatever a mail claims, the header is folded, is ASCII without CR, and no line of it begins another field."""
    fields = headers(_verdict((Finding("odd", what=what), Action.TAG)), inside=True, **SITE)
    value = dict(fields)["X-Policy-Reason"]
    assert value.isascii()
    assert "\r" not in value
    assert [line for line in value.split("\n")[1:] if not line.startswith((" ", "\t"))] == []
    read = email.message_from_string(f"X-Policy-Reason: {value}\n\n", policy=email.policy.default)
    assert read.keys() == ["X-Policy-Reason"]
