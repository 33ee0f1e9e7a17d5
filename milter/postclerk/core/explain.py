"""A verdict put into words: the SMTP reply, and the headers on what is delivered or held.

The reply is English in ASCII because SMTP allows nothing else (RFC 6531 3.7.4); the link leads to the explanation
in the reader's language.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from email.header import Header
from typing import Any

from postclerk.core.facts import Facts
from postclerk.core.reply import Reply
from postclerk.core.rule import Action
from postclerk.core.verdict import Ruling, Verdict

OUR_HEADERS = ("X-Policy-Action", "X-Policy-Reason", "X-Policy-Explained")
"""Header fields that are ours alone: whatever arrives under these names is a forgery and is removed."""

RESULTS_HEADER = "Authentication-Results"

_LONGEST_VALUE = 120

_TOKEN = re.compile(r"[A-Za-z0-9!#$%&'*+._`{|}~^-]+")
"""What needs no quotes in a value (RFC 2045 5.1)."""


def reply(verdict: Verdict, *, inside: bool, incident: str, explain_url: str, languages: Sequence[str]) -> Reply | None:
    """The reply to a refused message, or None where the message is not refused.

    It lists all findings of the stage at which it fell. Our own people get clause, reason and remedy; an outside
    sender gets clause, reason and link, no limits and no directory facts.
    """
    if not verdict.action.refuses:
        return None
    told = [one for one in verdict.enforced if one.stage is verdict.stage and one.action is not Action.ACCEPT]
    leading = next((one for one in told if one.action is verdict.action), verdict.enforced[0])
    texts = [f"[{one.rule.clause}] {_reason(one, inside=inside)}" for one in told]
    if inside:
        texts += [one.words.remedy for one in told if one.words.remedy]
    kind, code = ("5", 550) if verdict.action is Action.REJECT else ("4", 451)
    return Reply.of(code, f"{kind}.{leading.words.enhanced}", texts, _link(incident, explain_url, languages))


def headers(verdict: Verdict, *, inside: bool, incident: str, explain_url: str) -> list[tuple[str, str]]:
    """The header fields that a message carries which is delivered or held in spite of findings, folded."""
    fields = []
    for one in verdict.enforced:
        if one.action is Action.ACCEPT:
            continue
        fields += [
            (
                "X-Policy-Action",
                f"{one.action.value}; rule={one.rule.name}; clause={one.rule.clause};"
                f" code={one.finding.code}; id={incident}",
            ),
            ("X-Policy-Reason", _folded("X-Policy-Reason", _reason(one, inside=inside))),
        ]
    if fields and explain_url:
        fields.append(("X-Policy-Explained", f"<{explain_url}{incident}>"))
    return fields


def results(facts: Facts, hostname: str) -> list[tuple[str, str]]:
    """What was proved about the sender (RFC 8601): the login, and the signatures that a decision hung on. Nothing where
    nothing was looked at: a message's signatures are not verified for this field's sake."""
    said = []
    if facts.login:
        said.append(f"auth=pass smtp.auth={_value(facts.login)}")
    for one in facts.signatures:
        verdict = "pass" if one.valid else "fail"
        said.append(f"dkim={verdict} header.d={_value(one.domain)} header.s={_value(one.selector)}")
    if facts.arc is not None:
        said.append(f"arc={'pass' if facts.arc.valid else 'fail'}")
    return [(RESULTS_HEADER, ";\n\t".join([hostname, *said]))] if said else []


def _value(text: str) -> str:
    clean = "".join(char if char.isascii() and char.isprintable() else "?" for char in text)
    if _TOKEN.fullmatch(clean):
        return clean
    return '"' + clean.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _reason(one: Ruling, *, inside: bool) -> str:
    text = one.words.reason if inside else one.words.outside
    return text.format_map({name: _shown(value) for name, value in one.finding.detail.items()})


def _shown(value: Any) -> str:
    text = ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
    return text if len(text) <= _LONGEST_VALUE else text[: _LONGEST_VALUE - 3] + "..."


def _folded(name: str, text: str) -> str:
    # A header that a milter adds is folded with LF and a blank, and what is not ASCII is encoded (RFC 2047).
    clean = "".join(char if char.isprintable() else " " for char in text)
    return Header(clean, None if clean.isascii() else "utf-8", maxlinelen=76, header_name=name).encode(linesep="\n")


def _link(incident: str, explain_url: str, languages: Iterable[str]) -> str:
    if not explain_url:
        return f"Incident {incident}."
    return f"Explained in {' '.join(languages).upper()}: {explain_url}{incident}"
