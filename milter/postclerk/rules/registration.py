"""1.3.2-e  The work address subscribes to no unofficial mailing and registers on no outside site.

Refused or held, by how sure it is: mail from outside that confirms, verifies, activates or welcomes an account with the
work address, gives a code for it, or asks to confirm a subscription; a subscribe command or a confirmation that a
user sends out.
Accepted: all of that from and to official services, where DKIM or SPF proves that it is theirs; notices of accounts
that are there already. Held at most: what claims to come from an official service and is not proved, such as forwarded
mail, and a code that may be for signing in.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property, lru_cache
from typing import Any

from pydantic import field_validator, model_validator

from postclerk.core.facts import Excuse, Facts
from postclerk.core.needs import Need, Origin
from postclerk.core.registration import CEILING, LIKELY, SURE, Letter, Score, may_be, may_be_said, score
from postclerk.core.rule import Finding, Rule, RuleAction, RuleOptions, Section, option
from postclerk.core.values import Domain

STARTER = (
    "egov.kz", "gov.kz", "zan.kz", "enic-kazakhstan.edu.kz", "ncste.kz", "iqaa.kz", "gov.tr", "orcid.org",
    "crossref.org", "elsevier.com", "scopus.com", "clarivate.com", "webofscience.com", "springernature.com",
    "springer.com", "nature.com", "wiley.com", "tandfonline.com", "ieee.org", "acm.org",
    "editorialmanager.com", "manuscriptcentral.com", "elibrary.ru", "dergipark.org.tr", "easychair.org",
    "iso.org", "iec.ch", "astm.org",
)  # fmt: skip
"""Official services to begin with: the state, publishers and citation indexes, conferences, standards."""


class ByCertainty(Section):
    """What a registration leads to, by how sure it is that it is one."""

    sure: RuleAction = option(RuleAction.REJECT, "Where it is sure.")
    likely: RuleAction = option(RuleAction.HOLD, "Where it is likely.")


class Options(RuleOptions):
    """What counts as sure, which services are official, and for whom the rule is off."""

    action: ByCertainty = option(  # type: ignore[assignment]
        ByCertainty(),
        "What a finding leads to by how sure it is: `sure` and `likely`, each reject, defer, hold, tag or off.",
    )
    sure_from: float = option(SURE, "The score, up to 1, from which a registration is sure.", gt=0, le=1)
    likely_from: float = option(LIKELY, "The score from which a registration is likely.", gt=0, le=1)
    unproved: RuleAction = option(
        RuleAction.HOLD,
        "The sternest action for mail that claims an official service and proves nothing, and for codes that may be "
        "for signing in: hold, tag or off.",
    )
    official: list[Domain] = option(list(STARTER), "Domains of official services, with all below them.")
    off_for: list[str] = option([], "Logins, and units as unit:NAME, for whose mail the rule is off.")
    tell_recipients: bool = option(
        True, "Tell our own people, by mail, of a message from outside that was refused or held for them."
    )
    outbound: bool = option(True, "Whether subscribe commands and confirmations that our people send are looked for.")

    @field_validator("action", mode="before")
    @classmethod
    def _one_for_both(cls, value: Any) -> Any:
        return {"sure": value, "likely": value} if isinstance(value, str) else value

    @field_validator("unproved")
    @classmethod
    def _never_refused(cls, value: RuleAction) -> RuleAction:
        if value in (RuleAction.REJECT, RuleAction.DEFER):
            raise ValueError(f"{value.value} would refuse what may be rightful; allowed are hold, tag and off")
        return value

    @model_validator(mode="after")
    def _in_order(self) -> Options:
        if self.likely_from > self.sure_from:
            raise ValueError(f"likely_from {self.likely_from} is above sure_from {self.sure_from}")
        return self

    @property
    def is_off(self) -> bool:
        """See RuleOptions."""
        return self.action.sure is self.action.likely is RuleAction.OFF

    def asks_for(self, finding: Finding) -> tuple[RuleAction, ...]:
        """See RuleOptions."""
        by_certainty = self.action.sure if finding.detail.get("certainty") == "sure" else self.action.likely
        return (by_certainty, getattr(self, finding.limited_by)) if finding.limited_by else (by_certainty,)

    def is_official(self, domain: str) -> bool:
        """Whether a domain is an official service's, or lies below one."""
        return not self._official.isdisjoint(_values(domain))

    @cached_property
    def _official(self) -> frozenset[str]:
        return frozenset(self.official)


rule = Rule(__name__, clause="1.3.2-e", needs=Need.TEXT, options=Options, exempts="a site's domain")

rule.finding(
    "outside-registration",
    reason="This message from {site} registers a work address on an outside site.",
    remedy="Register there with a private address; if the service is official, ask for a grant.",
    outside="This message registers a work address of this site on an outside site or mailing.",
    happened="A message from {site} registers your work address on an outside site.",
    todo="Register there with a private address. If the service is part of your work, ask for an exemption.",
)
rule.finding(
    "perhaps-signing-in",
    reason="This message from {site} gives a code for an account on an outside site.",
    remedy="Ask the IT department to release it if the account is official.",
    outside="This message gives a code for an account on an outside site.",
    happened="A message from {site} brings a code for an account on an outside site.",
    todo="If the account is part of your work, ask for the release of the message.",
)
rule.finding(
    "official-unproved",
    reason="This message claims to come from the official service {site}, and nothing proves it.",
    remedy="Ask the IT department to release it.",
    outside="This message claims to come from an official service, and neither DKIM nor SPF proves it.",
    happened="A message claims to come from the official service {site}, and nothing proves it.",
    todo="If you expected it, ask for its release. Do not enter passwords on pages that it links to.",
)
rule.finding(
    "subscribe-command",
    reason="This message subscribes a work address to an outside mailing list at {address}.",
    remedy="Subscribe with a private address; if the list is official, ask for a grant.",
    happened="Your message would have subscribed your work address to an outside mailing list at {address}.",
    todo="Subscribe with a private address. If the list is part of your work, ask for an exemption.",
)
rule.finding(
    "registration-confirmed",
    reason="This message confirms the registration of a work address to {address}.",
    remedy="Register there with a private address; if the service is official, ask for a grant.",
    happened="Your message would have confirmed the registration of your work address to {address}.",
    todo="Register there with a private address. If the service is part of your work, ask for an exemption.",
)


def _score(facts: Facts) -> Score:
    assert facts.letter is not None
    return facts.letter.remembered(score)


def _site(facts: Facts) -> str:
    """The domain that the message says it comes from."""
    boxes = facts.headers.mailboxes("from").mailboxes
    named = [box.address.domain for box in boxes if box.address.domain]
    return named[0] if named else facts.sender.domain if facts.sender else ""


@lru_cache(maxsize=4096)
def _values(domain: str) -> tuple[str, ...]:
    """What a grant may name to allow a domain: it, or one that it lies below."""
    labels = domain.split(".")
    return tuple(".".join(labels[start:]) for start in range(max(len(labels) - 1, 1)))


# -- Mail from outside -------------------------------------------------------------------------------------------------


def _may_register(facts: Facts, options: Options) -> bool:
    """Where the text is known, it reads like a registration."""
    # Most letters say nothing of the kind, and that is found out sooner than their score.
    words_tell = options.likely_from > CEILING
    if facts.letter is None:
        return not words_tell or facts.plain_text is None or may_be_said(facts.plain_text)
    if words_tell and not facts.letter.remembered(may_be):
        return False
    return _score(facts).value >= options.likely_from


def _is_from_official(facts: Facts, options: Options) -> bool:
    return options.is_official(_site(facts))


@rule.check(
    needs=Need.ENVELOPE | Need.TEXT | Need.READERS,
    origin=Origin.OUTSIDE,
    about=lambda facts, options: _may_register(facts, options) and not _is_from_official(facts, options),
)
def registers_outside(facts: Facts, options: Options) -> Iterator[Finding]:
    """No outside site registers a work address."""
    if _is_off_for_readers(facts, options):
        return
    if _score(facts).may_be_signing_in:
        yield Finding("perhaps-signing-in", limited_by="unproved", **_told(facts, options))
    else:
        yield Finding("outside-registration", **_told(facts, options))


@rule.check(
    needs=Need.ENVELOPE | Need.TEXT | Need.READERS | Need.SIGNATURES | Need.SPF,
    origin=Origin.OUTSIDE,
    about=lambda facts, options: _is_from_official(facts, options) and _may_register(facts, options),
)
def claims_to_be_official(facts: Facts, options: Options) -> Iterator[Finding]:
    """An official service proves by DKIM or SPF that it is the one."""
    if not facts.aligned(_site(facts)) and not _is_off_for_readers(facts, options):
        yield Finding("official-unproved", limited_by="unproved", **_told(facts, options))


def _told(facts: Facts, options: Options) -> dict[str, Any]:
    """What a finding about mail from outside tells, and what excuses it."""
    site, found = _site(facts), _score(facts)
    return {
        "excuse": Excuse(_values(site), of_readers=True),
        "site": site,
        "certainty": "sure" if found.value >= options.sure_from else "likely",
        "score": round(found.value, 3),
        "why": list(found.why[:_MOST_REASONS]),
    }


_MOST_REASONS = 6


def _is_off_for_readers(facts: Facts, options: Options) -> bool:
    off = set(options.off_for)
    return bool(facts.readers) and all(one.login in off or f"unit:{one.unit}" in off for one in facts.readers)


# -- Mail of our own people --------------------------------------------------------------------------------------------

_SUBSCRIBES = re.compile(r"[-+](?:subscribe|join|sub)(?:-[^@]*|=[^@]*)?@|^(?:subscribe|join)[-+.]")
"""Addresses that subscribe whoever writes to them: Mailman, ezmlm, mlmmj, Google Groups and others."""

_CONFIRMS = re.compile(
    r"[-+](?:confirm|subconf|confsub|optin|sc|auth)[-+.=][^@]{6,}@|^(?:confirm|verify|optin)[-+.=][^@]{6,}@"
)
"""Addresses that confirm by a token in them: Mailman `-confirm+TOKEN`, ezmlm `-sc.NUMBER.TOKEN`, mlmmj `+confsub-`."""

_MANAGER = re.compile(
    r"^(?:majordomo|listserv|listproc|sympa|mailserv|listar|ecartis|almanac|smartlist)@|-(?:request|server)@"
)
"""List managers, which take commands by mail."""

_COMMAND = re.compile(
    r"^\W{0,3}(?:(?:quiet|re:)\s+)?(?:sub(?:scribe)?|join|signup|confirm|auth|accept|ok|set\s+\S+\s+mail)\b",
    re.IGNORECASE,
)
_COMMAND_LINES = 10


def _outside(facts: Facts, options: Options) -> list[str]:
    """The recipients outside, but for official services."""
    return [
        one
        for one in facts.recipients
        if (domain := one.rpartition("@")[2]) and domain not in facts.domains and not options.is_official(domain)
    ]


@rule.check(needs=Need.ENVELOPE, when="outbound", origin=Origin.INSIDE)
def writes_to_subscribe(facts: Facts, options: Options) -> Iterator[Finding]:
    """Nobody writes to an address that subscribes him, or confirms that he did."""
    if _is_off_for_sender(facts, options):
        return
    for address in _outside(facts, options):
        if _SUBSCRIBES.search(address):
            yield Finding("subscribe-command", **_sent(address, "sure"))
        elif _CONFIRMS.search(address):
            yield Finding("registration-confirmed", **_sent(address, "sure"))


def _commands_a_manager(facts: Facts, options: Options) -> bool:
    return any(map(_MANAGER.search, _outside(facts, options)))


@rule.check(needs=Need.ENVELOPE | Need.TEXT, when="outbound", origin=Origin.INSIDE, about=_commands_a_manager)
def subscribes_by_command(facts: Facts, options: Options) -> Iterator[Finding]:
    """Nobody sends a list manager the command to subscribe him."""
    letter = facts.letter
    assert letter is not None
    lines = [letter.subject, *[line for line in letter.text.splitlines() if line.strip()][:_COMMAND_LINES]]
    if any(map(_COMMAND.search, lines)) and not _is_off_for_sender(facts, options):
        address = next(one for one in _outside(facts, options) if _MANAGER.search(one))
        yield Finding("subscribe-command", **_sent(address, "sure"))


def _may_confirm(facts: Facts, options: Options) -> bool:
    """An answer, under a subject that speaks of such things, to somebody outside."""
    if not ("in-reply-to" in facts.headers or "references" in facts.headers):
        return False
    subject = facts.headers.first("subject") or ""
    spoken = Letter(subject=subject, text="").subject_said
    return (
        spoken.any("confirm", "register", "registered", "subscribe", "welcome") and len(_outside(facts, options)) == 1
    )


@rule.check(needs=Need.ENVELOPE | Need.TEXT, when="outbound", origin=Origin.INSIDE, about=_may_confirm)
def answers_a_registration(facts: Facts, options: Options) -> Iterator[Finding]:
    """Nobody confirms a registration by answering the message that asks for it."""
    letter = facts.letter
    assert letter is not None
    if (
        letter.quotation is None
        or len(letter.text.split()) > _LONGEST_CONFIRMATION
        or _is_off_for_sender(facts, options)
    ):
        return
    if letter.quotation.remembered(score).value >= options.likely_from:
        yield Finding("registration-confirmed", **_sent(_outside(facts, options)[0], "likely"))


_LONGEST_CONFIRMATION = 40
"""Words of one's own; whoever writes more has something to say beside."""


def _sent(address: str, certainty: str) -> dict[str, Any]:
    """What a finding about mail to outside tells, and what excuses it."""
    domain = address.rpartition("@")[2]
    return {
        "excuse": Excuse((address, *_values(domain))),
        "address": address,
        "site": domain,
        "certainty": certainty,
    }


def _is_off_for_sender(facts: Facts, options: Options) -> bool:
    person = facts.person
    return person is not None and bool({person.login, f"unit:{person.unit}"} & set(options.off_for))
