"""What a rule's file declares."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pydantic import ValidationError

from postclerk.core.facts import Facts
from postclerk.core.needs import Need, Stage
from postclerk.core.rule import BoundCheck, Finding, Rule, RuleAction, RuleOptions, WhenUnavailable, Words


def _check(facts: Facts, options: RuleOptions) -> Iterator[Finding]:
    yield Finding("found")


def test_a_rules_name_is_its_modules() -> None:
    """Nothing names a rule but its file."""
    rule = Rule("postclerk.rules.sample", clause="1.3.2-a", needs=Need.ENVELOPE)
    assert (rule.name, repr(rule)) == ("sample", "<rule sample (1.3.2-a)>")


def test_a_clause_must_be_in_the_policy() -> None:
    """A rule rests on a clause of the written policy, or it is none."""
    with pytest.raises(ValueError, match=r"^postclerk\.rules\.sample: the policy has no clause 9\.9$"):
        Rule("postclerk.rules.sample", clause="9.9", needs=Need.ENVELOPE)


def test_checks_take_the_rules_needs_unless_they_name_their_own() -> None:
    """`@rule.check` alone and with its own needs and switch."""
    rule = Rule("postclerk.rules.sample", clause="1.3.2-a", needs=Need.HEADERS)
    rule.check(_check)
    rule.check(needs=Need.ENVELOPE, when="dns")(_check)
    assert rule.checks == [BoundCheck(_check, Need.HEADERS), BoundCheck(_check, Need.ENVELOPE, "dns")]


def test_words_for_outside_are_the_reason_unless_given() -> None:
    """A reason without limits serves both."""
    rule = Rule("postclerk.rules.sample", clause="1.3.2-a", needs=Need.HEADERS)
    rule.finding("one", reason="So.", remedy="Not so.", happened="It happened.", todo="Do it.")
    rule.finding(
        "two",
        reason="More than {limit}.",
        remedy="",
        happened="It happened.",
        todo="Do it.",
        outside="Too much.",
        enhanced="1.8",
    )
    assert rule.words == {
        "one": Words("So.", "Not so.", "So.", "7.1", "It happened.", "Do it."),
        "two": Words("More than {limit}.", "", "Too much.", "1.8", "It happened.", "Do it."),
    }


@pytest.mark.parametrize(
    ("needs", "stage"),
    [
        pytest.param(Need.ENVELOPE, Stage.DATA, id="envelope"),
        pytest.param(Need.ENVELOPE | Need.COUNTS | Need.SENDER_DOMAIN, Stage.DATA, id="look-ups"),
        pytest.param(Need.ENVELOPE | Need.HEADERS, Stage.HEADERS, id="headers"),
        pytest.param(Need.ENVELOPE | Need.SIGNATURES, Stage.MESSAGE, id="signatures"),
    ],
)
def test_a_check_runs_as_soon_as_its_facts_are_known(needs: Need, stage: Stage) -> None:
    """Header fields come late, and the body last."""
    assert stage is needs.stage


def test_every_rule_has_these_options() -> None:
    """Without a word in rules.yaml a rule refuses, and what cannot be looked up waits."""
    assert dict(RuleOptions.model_validate(None)) == {
        "action": RuleAction.REJECT,
        "monitor": False,
        "when_unavailable": WhenUnavailable.DEFER,
        "tell_recipients": False,
        "examples": [],
    }


def test_options_do_not_change() -> None:
    """What was read once is in force until the next reading."""
    options = RuleOptions()
    with pytest.raises(ValidationError, match="frozen"):
        options.monitor = True


def test_findings_are_compared_by_what_they_say() -> None:
    """Code and detail make a finding."""
    assert Finding("a", n=1) == Finding("a", n=1)
    assert Finding("a", n=1) != Finding("a", n=2)
    assert Finding("a", n=1) != Finding("b", n=1)
    assert repr(Finding("a", n=1)) == "Finding('a', {'n': 1})"
