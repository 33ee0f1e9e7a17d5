"""1.3.2-a  A message goes to few addresses at once; service notices are exempt, up to a bound of their own.

Refused: one message to 51 recipients, where 50 are allowed; the message with which a login passes 200 recipients
within an hour, however they are spread over messages; a list of 3,000 members, which counts as its members.
Accepted: the same sent by the login that rules.yaml names for service notices; mail from outside, at any number.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from postclerk.core.facts import Facts, Window
from postclerk.core.needs import Need
from postclerk.core.rule import Finding, Rule, RuleOptions, option

HOUR, DAY = 3600.0, 86400.0


class Options(RuleOptions):
    """The caps. Each counts distinct recipients, lists as their members; exactly the limit is allowed."""

    per_message: int = option(50, "Recipients that one message may have.", ge=1)
    per_hour: int = option(200, "Recipients that a login, or an inside client, may reach within any hour.", ge=1)
    per_day: int = option(1000, "Recipients that a login, or an inside client, may reach within any 24 hours.", ge=1)


rule = Rule(__name__, clause="1.3.2-a", needs=Need.ENVELOPE, options=Options)

rule.finding(
    "too-many-recipients",
    reason="{count} recipients; at most {limit} are allowed in one message.",
    remedy="Send a service notice from its own account, or ask for a grant.",
)
rule.finding(
    "too-many-in-a-while",
    reason="This message would make {total} recipients within {window}; at most {limit} are allowed.",
    remedy="Send the rest later, send a service notice from its own account, or ask for a grant.",
)
rule.finding(
    "service-notice-too-large",
    reason="{count} recipients; at most {limit} are allowed in one service notice ({notice}).",
    remedy="Ask the IT department to raise the bound of this service notice.",
)
rule.finding(
    "service-notices-too-many",
    reason="This message would make {total} recipients of service notices ({notice}) within {window}; at most {limit}"
    " are allowed.",
    remedy="Send the rest later, or ask the IT department to raise the bound of this service notice.",
)


@rule.check
def too_many_in_one_message(facts: Facts, options: Options) -> Iterator[Finding]:
    """One message's recipients are within its cap."""
    count = len(facts.recipients)
    if facts.notice:
        if count > facts.notice.per_message:
            yield Finding(
                "service-notice-too-large", count=count, limit=facts.notice.per_message, notice=facts.notice.name
            )
    elif facts.inside and count > options.per_message:
        yield Finding("too-many-recipients", count=count, limit=options.per_message)


@rule.count
def windows(facts: Facts, options: Options) -> tuple[str, tuple[Window, ...]] | None:
    """Who is counted, and how: a login by itself, an inside client by its address, a service notice by its name."""
    if facts.notice:
        return f"notice:{facts.notice.name}", (Window(DAY, facts.notice.per_day, "24 hours"),)
    if not facts.inside:
        return None
    key = f"login:{facts.login}" if facts.login else f"client:{facts.client}"
    return key, (Window(HOUR, options.per_hour, "an hour"), Window(DAY, options.per_day, "24 hours"))


@rule.check(needs=Need.ENVELOPE | Need.COUNTS)
def too_many_in_a_while(facts: Facts, options: Options) -> Iterator[Finding]:
    """What a sender reaches within an hour and a day is within the caps, over all of his messages."""
    if facts.usage is None:
        return
    for window, used in facts.usage.overrun():
        detail: dict[str, Any] = {
            "count": facts.usage.adding,
            "used": used,
            "total": used + facts.usage.adding,
            "window": window.name,
            "limit": window.limit,
        }
        if facts.notice:
            yield Finding("service-notices-too-many", notice=facts.notice.name, **detail)
        else:
            yield Finding("too-many-in-a-while", **detail)
