"""Whom among our own people a decision is told to, and what they may ask for.

Told are the sender by his login, and, where rules.yaml says so, those inside for whom a message from outside was
refused or held. Nobody outside is ever told, and no address that the message merely claimed (RFC 3834 2, 4).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from postclerk.core.facts import Facts
from postclerk.core.rule import Action
from postclerk.core.verdict import Ruling, Verdict

_MOST_READERS = 20
"""Beyond these a message went to a list, and its readers are not told one by one."""

_LONGEST_HEADER = 16 * 1024


def telling(facts: Facts, verdict: Verdict, tells_recipients: Callable[[Ruling], bool]) -> dict[str, Any] | None:
    """What the journal's companion needs to tell people of a decision, or None where nobody is to be told."""
    if verdict.action not in (Action.REJECT, Action.HOLD):
        return None
    told = [one for one in verdict.enforced if one.action is not Action.ACCEPT]
    leading = next((one for one in told if one.action is verdict.action), None)
    if leading is None:
        return None
    if facts.inside:
        whom = [facts.login] if _may_be_told(facts) and facts.login else []
        role = "sender"
    else:
        wanted = any(map(tells_recipients, told)) and len(facts.reader_logins) <= _MOST_READERS
        whom = list(facts.reader_logins) if wanted else []
        role = "recipient"
    if not whom:
        return None
    return {
        "whom": whom,
        "role": role,
        "rule": leading.rule.name,
        "code": leading.finding.code,
        "asks": [ask for one in told if (ask := _ask(one))],
        "header": _header(facts),
    }


def _may_be_told(facts: Facts) -> bool:
    """Whoever sends by a login that the directory knows; automatic mail is not answered by a program (RFC 3834 2)."""
    submitted = (facts.headers.first("auto-submitted") or "no").strip().lower()
    return facts.person is not None and facts.person.known and not facts.null_sender and submitted.startswith("no")


def _ask(one: Ruling) -> dict[str, Any] | None:
    """The grant that would have let a finding pass."""
    finding = one.finding
    if finding.by_limit and finding.wanted:
        return {"rule": one.rule.name, "option": finding.by_limit, "amount": finding.wanted}
    if finding.excuse is not None:
        return {"rule": one.rule.name, "value": finding.excuse.values[0]}
    return None


def _header(facts: Facts) -> str:
    """The header as it came, as far as it is known when the message falls."""
    lines = (f"{name}:{value.decode('utf-8', 'replace')}" for name, value in facts.headers.fields)
    return "\n".join(lines)[:_LONGEST_HEADER]
