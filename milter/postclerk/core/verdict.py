"""Findings and rules.yaml's actions make one verdict."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from postclerk.core.needs import Stage
from postclerk.core.rule import Action, Finding, Rule, RuleAction, RuleOptions, Words

UNAVAILABLE = "unavailable"
RULE_FAILED = "rule-failed"

GENERAL_WORDS = {
    UNAVAILABLE: Words(
        reason="The server could not look up what it needs to judge this message.",
        remedy="Nothing is wrong with your message; it will be tried again.",
        outside="The server could not look up what it needs to judge this message.",
        enhanced="4.3",
        happened="The server could not look up what it needs to judge your message.",
        todo="Nothing is wrong with your message. Your mail program or the server tries again by itself.",
    ),
    RULE_FAILED: Words(
        reason="The server failed while it judged this message.",
        remedy="Tell the IT department the code below if this goes on.",
        outside="The server failed while it judged this message.",
        enhanced="3.0",
        happened="The server made a mistake while it judged your message.",
        todo="Your mail program or the server tries again by itself. If it goes on, tell the IT department.",
    ),
}
"""Words for findings that any rule can come to: a fact that could not be had, and a fault in the rule itself."""


@dataclass(frozen=True, slots=True)
class Ruling:
    """One finding with what rules.yaml makes of it. Under `monitor` it is written down and changes nothing."""

    rule: Rule
    finding: Finding
    action: Action
    monitor: bool
    stage: Stage

    @property
    def words(self) -> Words:
        """How the finding is put in an SMTP reply."""
        return self.rule.words.get(self.finding.code) or GENERAL_WORDS[self.finding.code]

    def as_json(self) -> dict[str, Any]:
        """The finding as the commands and the journal show it."""
        return {
            "rule": self.rule.name,
            "clause": self.rule.clause,
            "code": self.finding.code,
            "action": self.action.value,
            "monitor": self.monitor,
            "detail": self.finding.detail,
        }


@dataclass(frozen=True, slots=True)
class Verdict:
    """What happens to a message, why, and the stage at which it was decided."""

    action: Action
    rulings: tuple[Ruling, ...]
    stage: Stage

    @property
    def enforced(self) -> tuple[Ruling, ...]:
        """The rulings that are not merely monitored."""
        return tuple(ruling for ruling in self.rulings if not ruling.monitor)


_ACCEPTED = {stage: Verdict(Action.ACCEPT, (), stage) for stage in Stage}
"""Nothing was found, which is said of most messages."""


def ruling(rule: Rule, finding: Finding, options: RuleOptions, *, stage: Stage, spared: bool, monitor: bool) -> Ruling:
    """What rules.yaml makes of one finding.

    `spared` is mail to postmaster, abuse or the helpdesk only, which is marked at most (RFC 5321 4.5.1).
    `monitor` is the whole site's.
    """
    action = min(map(_as_action, options.asks_for(finding)))
    if spared:
        action = min(action, Action.TAG)
    return Ruling(rule, finding, action, options.monitor or monitor, stage)


def _as_action(action: RuleAction) -> Action:
    return Action.ACCEPT if action is RuleAction.OFF else Action(action.value)


def decide(rulings: Iterable[Ruling], stage: Stage) -> Verdict:
    """The sternest of what the rulings ask for; acceptance where none asks for anything."""
    rulings = tuple(rulings)
    if not rulings:
        return _ACCEPTED[stage]
    action = max((ruling.action for ruling in rulings if not ruling.monitor), default=Action.ACCEPT)
    return Verdict(action, rulings, stage)
