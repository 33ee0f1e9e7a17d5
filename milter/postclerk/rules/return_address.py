"""1.3.2-b  The addresses that a reader sees and answers to belong to who sends.

Refused from a login: From, Sender, Reply-To, Errors-To or a receipt header with somebody else's address; a display
name that reads as another address, `"rector@uni.example" <a.serik@uni.example>`. Refused from outside: an inside
address in the envelope sender, From or Sender.
Accepted: shared mailboxes and addresses that one may send as; from outside a Reply-To with an inside address. Held:
mail from outside in our name that a mailing list may have returned, or that carries a signature of our domain.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from postclerk.core.addresses import claimed_addresses
from postclerk.core.facts import Facts
from postclerk.core.needs import Need
from postclerk.core.rule import Finding, Rule, RuleAction, RuleOptions, option

RETURN_FIELDS = (
    "From",
    "Sender",
    "Reply-To",
    "Errors-To",
    "Return-Receipt-To",
    "Disposition-Notification-To",
)
"""The fields to which an answer, an error report or a receipt may go."""

CLAIMING_FIELDS = ("From", "Sender")
"""The fields by which mail says whose it is (RFC 5322 3.6.2)."""


class Options(RuleOptions):
    """How sternly mail in another's name is met."""

    returned: RuleAction = option(
        RuleAction.HOLD,
        "The sternest action for outside mail in our name with a List-Id, an ARC chain or a signature of our domain.",
    )


rule = Rule(__name__, clause="1.3.2-b", needs=Need.HEADERS, options=Options)

rule.finding(
    "address-not-own",
    reason="The {field} address {address} does not belong to {who}.",
    remedy="Use your own address there, or ask for the right to send as this one.",
)
rule.finding(
    "address-unreadable",
    reason="The {field} field does not hold readable addresses.",
    remedy="Correct the address in your mail program's account settings.",
)
rule.finding(
    "display-name-claims-address",
    reason="The name in {field} reads as the address {address}, which does not belong to {who}.",
    remedy="Write your name there instead of another's address.",
)
rule.finding(
    "inside-address-forged",
    reason="{field} claims the address {address} of this site, but the message comes from outside.",
    remedy="Send with your login through this site's own mail server.",
    outside="{field} claims an address of this site, but the message comes from outside.",
)
rule.finding(
    "inside-address-returned",
    reason="{field} claims the address {address} of this site, but the message comes from outside{sign}.",
    remedy="",
    outside="{field} claims an address of this site, but the message comes from outside{sign}.",
)


@rule.check(needs=Need.ENVELOPE | Need.HEADERS)
def somebody_elses(facts: Facts, options: Options) -> Iterator[Finding]:
    """Every address that an answer could go to belongs to who sends."""
    if not facts.inside:
        return
    who = f"the login {facts.login}" if facts.login else f"a client inside ({facts.client})"
    for field in RETURN_FIELDS:
        written = facts.headers.mailboxes(field.lower())
        foreign = next((box.address for box in written.mailboxes if not facts.owns(box.address)), None)
        if foreign is not None:
            yield Finding("address-not-own", field=field, address=str(foreign), who=who)
        elif written.broken and not written.mailboxes:
            # Otherwise every address that anybody could read out of it is his own: an old program's raw letters.
            yield Finding("address-unreadable", field=field)
        elif facts.login:
            claims = (claim for box in written.mailboxes for claim in claimed_addresses(box.display))
            other = next((claim for claim in claims if not facts.owns(claim)), None)
            if other is not None:
                yield Finding("display-name-claims-address", field=field, address=str(other), who=who)


@rule.check
def ours_from_outside(facts: Facts, options: Options) -> Iterator[Finding]:
    """Mail from outside does not claim to come from an address of the site."""
    if facts.inside:
        return
    claims = []
    if facts.sender is not None and facts.is_inside(facts.sender):
        claims.append(("The envelope sender", facts.sender))
    for field in CLAIMING_FIELDS:
        claimed = facts.claims_to_be_inside(facts.headers.mailboxes(field.lower()).mailboxes)
        if claimed is not None:
            claims.append((field, claimed))
    if not claims:
        return
    sign = sign_of_return(facts)
    for field, address in claims:
        if sign:
            yield Finding(
                "inside-address-returned", limited_by="returned", field=field, address=str(address), sign=sign
            )
        else:
            yield Finding("inside-address-forged", field=field, address=str(address))


def sign_of_return(facts: Facts) -> str:
    """What in the headers suggests that our own user's mail came back through a list or a forwarder, or nothing."""
    if "list-id" in facts.headers:
        return " through a mailing list"
    if "arc-seal" in facts.headers:
        return " with an ARC chain"
    for signature in facts.headers.all("dkim-signature"):
        signer = re.search(r"(?:^|;)\s*d\s*=\s*([^\s;]+)", signature)
        if signer and signer[1].lower() in facts.domains:
            return " with a signature of this site that is not verified"
    return ""
