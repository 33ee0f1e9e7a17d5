"""Findings and actions make one verdict."""

from __future__ import annotations

import pytest

from postclerk.core.needs import Need, Stage
from postclerk.core.rule import Action, Finding, Rule, RuleAction, RuleOptions
from postclerk.core.verdict import Ruling, decide, ruling


class Options(RuleOptions):
    """A rule with a milder action for some findings."""

    milder: RuleAction = RuleAction.HOLD


RULE = Rule("postclerk.rules.sample", clause="1.3.2-b", needs=Need.ENVELOPE, options=Options)
RULE.finding("found", reason="Found {what}.", remedy="Do not.", happened="It happened.", todo="Do it.")


def _ruling(action: Action, *, monitor: bool = False) -> Ruling:
    return Ruling(RULE, Finding("found", what="it"), action, monitor, Stage.DATA)


@pytest.mark.parametrize(
    ("options", "finding", "spared", "monitor", "action", "monitored"),
    [
        pytest.param({}, {}, False, False, Action.REJECT, False, id="the-rules-action"),
        pytest.param({"action": "tag"}, {}, False, False, Action.TAG, False, id="tag"),
        pytest.param({"action": "off"}, {}, False, False, Action.ACCEPT, False, id="off-does-nothing"),
        pytest.param({"monitor": True}, {}, False, False, Action.REJECT, True, id="the-rule-on-monitor"),
        pytest.param({}, {}, False, True, Action.REJECT, True, id="the-site-on-monitor"),
        pytest.param({}, {}, True, False, Action.TAG, False, id="to-postmaster-a-tag-at-most"),
        pytest.param({"action": "off"}, {}, True, False, Action.ACCEPT, False, id="to-postmaster-nothing-is-added"),
        pytest.param({}, {"limited_by": "milder"}, False, False, Action.HOLD, False, id="a-milder-option"),
        pytest.param(
            {"action": "tag"}, {"limited_by": "milder"}, False, False, Action.TAG, False, id="an-option-never-sterner"
        ),
        pytest.param(
            {"milder": "off"}, {"limited_by": "milder"}, False, False, Action.ACCEPT, False, id="an-option-that-is-off"
        ),
    ],
)
def test_rules_yaml_acts(
    options: dict[str, object], finding: dict[str, str], spared: bool, monitor: bool, action: Action, monitored: bool
) -> None:
    """What rules.yaml says makes an action of a finding."""
    found = Finding("found", what="it", **finding)  # type: ignore[arg-type]
    read = Options.model_validate(options)
    made = ruling(RULE, found, read, stage=Stage.HEADERS, spared=spared, monitor=monitor)
    assert made == Ruling(RULE, found, action, monitored, Stage.HEADERS)


@pytest.mark.parametrize(
    ("rulings", "action"),
    [
        pytest.param([], Action.ACCEPT, id="no-finding"),
        pytest.param([_ruling(Action.TAG), _ruling(Action.HOLD)], Action.HOLD, id="hold-over-tag"),
        pytest.param([_ruling(Action.DEFER), _ruling(Action.HOLD)], Action.DEFER, id="defer-over-hold"),
        pytest.param([_ruling(Action.REJECT), _ruling(Action.DEFER)], Action.REJECT, id="reject-over-defer"),
        pytest.param([_ruling(Action.ACCEPT)], Action.ACCEPT, id="a-finding-that-asks-for-nothing"),
        pytest.param([_ruling(Action.REJECT, monitor=True)], Action.ACCEPT, id="monitored-changes-nothing"),
        pytest.param(
            [_ruling(Action.REJECT, monitor=True), _ruling(Action.TAG)], Action.TAG, id="only-what-is-enforced"
        ),
    ],
)
def test_the_sternest_decides(rulings: list[Ruling], action: Action) -> None:
    """accept < tag < hold < defer < reject, over what is not merely monitored."""
    verdict = decide(rulings, Stage.HEADERS)
    assert (verdict.action, verdict.rulings, verdict.stage) == (action, tuple(rulings), Stage.HEADERS)


def test_actions_are_ordered() -> None:
    """accept < tag < hold < defer < reject, and only the last two leave the message with its sender."""
    order = [Action.ACCEPT, Action.TAG, Action.HOLD, Action.DEFER, Action.REJECT]
    assert sorted([*order[2:], *order[:2]]) == order
    assert [action for action in order if action.refuses] == [Action.DEFER, Action.REJECT]


def test_a_finding_as_the_commands_show_it() -> None:
    """The JSON of a finding has the fields that the contract names."""
    assert _ruling(Action.HOLD, monitor=True).as_json() == {
        "rule": "sample",
        "clause": "1.3.2-b",
        "code": "found",
        "action": "hold",
        "monitor": True,
        "detail": {"what": "it"},
    }
