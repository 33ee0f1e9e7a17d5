"""1.1.6  Whoever is suspended sends nothing until that is lifted; what is sent to him arrives.

Refused: every message from a login that `postclerk suspend` names, or that broke the instruction too often where
`after` says how often.
Accepted: the same login's mail to postmaster, abuse and the helpdesk, who can tell why.
"""

from __future__ import annotations

from collections.abc import Iterator

from postclerk.core.facts import Facts
from postclerk.core.needs import Need, Origin
from postclerk.core.rule import Finding, Rule, RuleOptions, option
from postclerk.core.values import Duration


class Options(RuleOptions):
    """When a login is suspended without anybody doing it."""

    after: int = option(0, "Refused messages within the window after which a login is suspended; 0: never.", ge=0)
    within: Duration = option(86400.0, "The window in which refused messages are counted.", gt=0)
    lasts: Duration = option(86400.0, "How long a suspension lasts that nobody ordered.", gt=0)


rule = Rule(__name__, clause="1.1.6", needs=Need.STANDING, options=Options, judges_relays=True)

rule.finding(
    "suspended",
    reason="The login {login} may not send mail {term}.",
    remedy="Write to the helpdesk or postmaster, which stays possible, or call the IT department.",
    outside="This account may not send mail.",
    happened="The account {login} may not send mail for now.",
    todo="Call the IT department, or write to the helpdesk or to postmaster: that stays possible.",
)


@rule.check(origin=Origin.INSIDE)
def suspended(facts: Facts, options: Options) -> Iterator[Finding]:
    """The login is not suspended."""
    there = facts.suspension
    if there is not None:
        term = f"until {there.until}" if there.until else "until the IT department lifts this"
        yield Finding("suspended", login=facts.login, term=term, reason=there.reason, automatic=there.automatic)
