"""1.1.6: whoever is suspended sends nothing until that is lifted."""

from __future__ import annotations

import pytest

from postclerk.core.facts import Suspension
from postclerk.core.rule import Action, Finding
from tests.conftest import Build

RULES = "  suspension: {}\n"


@pytest.mark.parametrize(
    ("until", "term"),
    [
        pytest.param("2026-12-01 09:00", "until 2026-12-01 09:00", id="for-a-while"),
        pytest.param("", "until the IT department lifts this", id="until-it-is-lifted"),
    ],
)
def test_a_suspended_login(world: Build, until: str, term: str) -> None:
    """It is refused before the message is transferred, and told how long this lasts."""
    built = world(RULES)
    built.standing.suspended["a.serik"] = Suspension("account misused", until, automatic=False)
    case = built.case()
    verdict = case.at_data()
    assert (verdict.action, [one.finding for one in verdict.rulings]) == (
        Action.REJECT,
        [Finding("suspended", login="a.serik", term=term, reason="account misused", automatic=False)],
    )
    reply = case.reply(verdict)
    assert reply is not None
    assert reply.lines[:2] == (
        f"[1.1.6] The login a.serik may not send mail {term}.",
        "Write to the helpdesk or postmaster, which stays possible, or call the IT department.",
    )


@pytest.mark.parametrize(
    "envelope",
    [
        pytest.param({"login": "b.head", "sender": "<b.head@uni.example>"}, id="another-login"),
        pytest.param({"login": None, "client": "192.0.2.9", "sender": "<a.serik@uni.example>"}, id="no-login"),
        pytest.param(
            {"login": None, "sender": "<x@example.org>", "recipients": ["<a.serik@uni.example>"]}, id="to-him"
        ),
    ],
)
def test_others(world: Build, envelope: dict[str, object]) -> None:
    """Nobody else is touched, and mail to the suspended arrives."""
    built = world(RULES)
    built.standing.suspended["a.serik"] = Suspension("x", "", automatic=True)
    assert built.case(**envelope).at_data().action is Action.ACCEPT


@pytest.mark.parametrize("to", ["postmaster@uni.example", "abuse@uni.example", "helpdesk@uni.example"])
def test_who_can_tell_why(world: Build, to: str) -> None:
    """Mail to those who must be reachable is marked at most (RFC 5321 4.5.1)."""
    built = world(RULES)
    built.standing.suspended["a.serik"] = Suspension("x", "", automatic=False)
    assert built.case(recipients=[f"<{to}>"]).at_data().action is Action.TAG


def test_nobody_knows(world: Build) -> None:
    """Where the store does not answer, mail waits rather than passing."""
    built = world(RULES)
    built.standing.down = True
    assert built.case().at_data().action is Action.DEFER
