"""1.3.2-b  The addresses that a reader sees and answers to belong to who sends.

Refused from a login: From, Sender, Reply-To, Errors-To or a receipt header with somebody else's address; a display
name that reads as another address, `"rector@uni.example" <a.serik@uni.example>`. Refused from outside: an inside
address in the envelope sender, From or Sender.
Accepted: shared mailboxes and addresses that one may send as; a principal's in From with one's own in Sender; signed
mail of others that one passes on (Resent-From); from outside a Reply-To with an inside address, and mail in our name
whose signature proves that it is ours. Held: mail from outside in our name that a mailing list may have returned, or
with a signature of our domain that is not valid. Marked: mail from outside whose name reads as one of our addresses.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from postclerk.core.addresses import Address, Mailbox, are_related, claimed_addresses, parse_mailboxes
from postclerk.core.facts import Facts, excuse_for
from postclerk.core.needs import Need, Origin
from postclerk.core.rule import Finding, Rule, RuleAction, RuleOptions, option
from postclerk.core.values import Domain

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
    """How mail in another's name is met, and what proves that outside mail in our name is ours."""

    returned: RuleAction = option(
        RuleAction.HOLD,
        "The sternest action for outside mail in our name with a List-Id, an ARC chain or a signature of our domain.",
    )
    disguised: RuleAction = option(
        RuleAction.TAG, "The sternest action for outside mail whose From has one of our addresses for a name."
    )
    dkim: bool = option(
        True, "Whether a valid DKIM signature of our domain proves that outside mail in our name is ours."
    )
    lists: list[str] = option(
        [],
        "List-Ids of mailing lists that return our people's mail; a signature or ARC chain of the list must be valid.",
    )
    unsigned_lists: list[str] = option(
        [], "The same for lists that sign nothing: whoever knows such a List-Id can send in our name."
    )
    arc_sealers: list[Domain] = option(
        [], "Domains whose ARC chains are believed when they say that our signature was valid."
    )


rule = Rule(
    __name__, clause="1.3.2-b", needs=Need.HEADERS, options=Options, exempts="an address or a domain to write as"
)

rule.finding(
    "address-not-own",
    reason="The {field} address {address} does not belong to {who}.",
    remedy="Use your own address there, or ask for the right to send as this one.",
    happened="Your message named {address} in the field {field}, which is not your address.",
    todo="Use your own address there. If you write for somebody else, ask for the right to use this address.",
)
rule.finding(
    "address-unreadable",
    reason="The {field} field does not hold readable addresses.",
    remedy="Correct the address in your mail program's account settings.",
    happened="The field {field} of your message held no address that could be read.",
    todo="Correct your e-mail address in the account settings of your mail program.",
)
rule.finding(
    "display-name-claims-address",
    reason="The name in {field} reads as the address {address}, which does not belong to {who}.",
    remedy="Write your name there instead of another's address.",
    happened="The name in the field {field} of your message reads as the address {address}, which is not yours.",
    todo="Write your own name there, and no address.",
)
rule.finding(
    "resent-unproved",
    reason="You pass on a message of {address}, and nothing proves that it is unchanged.",
    remedy="Forward it as an attachment.",
    happened="You passed on a message of {address} as if it came from its author, and nothing proves that it is"
    " unchanged.",
    todo="Forward it as an attachment.",
)
rule.finding(
    "display-name-disguised",
    reason="The name in {field} reads as the address {address} of this site, but the message comes from elsewhere.",
    remedy="",
    happened="The name of the sender reads as the address {address} of our institution, but the message came from"
    " outside.",
    todo="Do not open its links and attachments before you have asked the person whose name it bears.",
)
rule.finding(
    "inside-address-forged",
    reason="{field} claims the address {address} of this site, but the message comes from outside.",
    remedy="Send with your login through this site's own mail server.",
    outside="{field} claims an address of this site, but the message comes from outside.",
    happened="A message from outside claimed to come from {address}, an address of our institution.",
    todo="You need not do anything. If you expected this message, tell the IT department.",
)
rule.finding(
    "inside-address-returned",
    reason="{field} claims the address {address} of this site, but the message comes from outside{sign}.",
    remedy="",
    outside="{field} claims an address of this site, but the message comes from outside{sign}.",
    happened="A message from outside bears our address {address}. Perhaps it was passed on by a mailing list,"
    " perhaps it is forged.",
    todo="If you expected it, ask for its release.",
)


def _who(facts: Facts) -> str:
    return f"the login {facts.login}" if facts.login else f"a client inside ({facts.client})"


# -- Mail of our own people --------------------------------------------------------------------------------------------


@rule.check(needs=Need.ENVELOPE | Need.HEADERS, origin=Origin.INSIDE)
def somebody_elses(facts: Facts, options: Options) -> Iterator[Finding]:
    """Every address that an answer could go to belongs to who sends."""
    if "resent-from" in facts.headers and _others(facts, facts.headers.mailboxes("from").mailboxes):
        yield from _resent(facts)
        return
    sender = facts.headers.mailboxes("sender")
    speaks_for = bool(sender.mailboxes) and not sender.broken and not _others(facts, sender.mailboxes)
    for field in RETURN_FIELDS:
        written = facts.headers.mailboxes(field.lower())
        others = [one for one in _others(facts, written.mailboxes) if not (speaks_for and facts.acts_for(one))]
        if others:
            first = others[0]
            yield Finding("address-not-own", excuse=excuse_for(first), field=field, address=str(first), who=_who(facts))
        elif written.broken and not written.mailboxes:
            # Otherwise every address that anybody could read out of it is his own: an old program's raw letters.
            yield Finding("address-unreadable", field=field)
        elif facts.login:
            claims = (claim for box in written.mailboxes for claim in claimed_addresses(box.display))
            other = next((one for one in claims if not facts.owns(one) and not facts.acts_for(one)), None)
            if other is not None:
                yield Finding("display-name-claims-address", field=field, address=str(other), who=_who(facts))


def _others(facts: Facts, mailboxes: Iterable[Mailbox]) -> list[Address]:
    return [box.address for box in mailboxes if not facts.owns(box.address)]


def _resent(facts: Facts) -> Iterator[Finding]:
    """Mail of others that is passed on as it is (RFC 5322 3.6.6): who passes it on says so under his own address."""
    for field, value in _last_resent(facts):
        written = parse_mailboxes(value)
        others = _others(facts, written.mailboxes)
        if others:
            first = others[0]
            yield Finding("address-not-own", excuse=excuse_for(first), field=field, address=str(first), who=_who(facts))
        elif not written.mailboxes:
            yield Finding("address-unreadable", field=field)
    if not _may_be_proved(facts):
        yield Finding("resent-unproved", address=_original(facts))


def _last_resent(facts: Facts) -> Iterator[tuple[str, str]]:
    """Resent-From and Resent-Sender of whoever passed the message on last, which stand above those before them."""
    seen: set[str] = set()
    for name, value in facts.headers.fields:
        lowered = name.lower()
        if lowered in seen:
            return
        if lowered in ("resent-from", "resent-sender"):
            seen.add(lowered)
            yield name, value.decode("utf-8", "surrogateescape")


def _original(facts: Facts) -> str:
    return ", ".join(str(box.address) for box in facts.headers.mailboxes("from").mailboxes)


def _may_be_proved(facts: Facts) -> bool:
    signers = [one.domain for one in facts.headers.signatures if one.usable]
    return all(
        any(are_related(signer, box.address.domain) for signer in signers)
        for box in facts.headers.mailboxes("from").mailboxes
    )


def _is_resent_and_signed(facts: Facts, _options: Options) -> bool:
    return "resent-from" in facts.headers and not _all_own(facts) and _may_be_proved(facts)


def _all_own(facts: Facts) -> bool:
    return not _others(facts, facts.headers.mailboxes("from").mailboxes)


@rule.check(needs=Need.ENVELOPE | Need.SIGNATURES, origin=Origin.INSIDE, about=_is_resent_and_signed)
def passed_on_changed(facts: Facts, options: Options) -> Iterator[Finding]:
    """What is passed on is what its author signed, in every field to which an answer could go."""
    fields = [field.lower() for field in RETURN_FIELDS if field.lower() in facts.headers]
    domains = {box.address.domain for box in facts.headers.mailboxes("from").mailboxes}
    if not all(facts.proved(domain, *fields) for domain in domains):
        yield Finding("resent-unproved", address=_original(facts))


# -- Mail from outside -------------------------------------------------------------------------------------------------


def _claims(facts: Facts) -> list[tuple[str, Address]]:
    """Where outside mail claims to come from an address of the site, and from which."""
    claims = []
    if facts.sender is not None and facts.is_inside(facts.sender):
        claims.append(("The envelope sender", facts.sender))
    for field in CLAIMING_FIELDS:
        claimed = facts.claims_to_be_inside(facts.headers.mailboxes(field.lower()).mailboxes)
        if claimed is not None:
            claims.append((field, claimed))
    return claims


@rule.check(origin=Origin.OUTSIDE)
def ours_from_outside(facts: Facts, options: Options) -> Iterator[Finding]:
    """Mail from outside does not claim to come from an address of the site."""
    claims = _claims(facts)
    if claims and not sign_of_return(facts):
        for field, address in claims:
            yield Finding("inside-address-forged", field=field, address=str(address))


def _may_be_ours(facts: Facts, _options: Options) -> bool:
    return bool(_claims(facts)) and bool(sign_of_return(facts))


@rule.check(needs=Need.HEADERS | Need.SIGNATURES, origin=Origin.OUTSIDE, about=_may_be_ours)
def returned_from_outside(facts: Facts, options: Options) -> Iterator[Finding]:
    """What came back through a list or a forwarder proves that it is ours."""
    claims = _claims(facts)
    if _is_believed_list(facts, options) or _is_believed_chain(facts, options, claims):
        return
    for field, address in claims:
        fields = ["from", *([field.lower()] if field in CLAIMING_FIELDS else [])]
        if not (options.dkim and facts.proved(address.domain, *fields)):
            yield Finding(
                "inside-address-returned",
                limited_by="returned",
                field=field,
                address=str(address),
                sign=sign_of_return(facts),
            )


def _is_believed_list(facts: Facts, options: Options) -> bool:
    named = facts.headers.list_id
    if not named:
        return False
    if named in {one.lower() for one in options.unsigned_lists}:
        return True
    if named not in {one.lower() for one in options.lists}:
        return False
    sealed = facts.arc is not None and facts.arc.valid and are_related(facts.arc.sealers[0], named)
    return sealed or facts.proved(named, "list-id")


def _is_believed_chain(facts: Facts, options: Options, claims: list[tuple[str, Address]]) -> bool:
    """Every seal of the chain is of somebody who is believed: the first of them could have made up what it saw."""
    chain = facts.arc
    return (
        chain is not None
        and chain.valid
        and set(chain.sealers) <= set(options.arc_sealers)
        and all(any(are_related(domain, address.domain) for domain in chain.passed) for _field, address in claims)
    )


def sign_of_return(facts: Facts) -> str:
    """What in the headers suggests that our own user's mail came back through a list or a forwarder, or nothing."""
    if "list-id" in facts.headers:
        return " through a mailing list"
    if "arc-seal" in facts.headers:
        return " with an ARC chain"
    if any(are_related(one.domain, domain) for one in facts.headers.signatures for domain in facts.domains):
        return " with a signature of this site that does not verify"
    return ""


@rule.check(origin=Origin.OUTSIDE)
def disguised(facts: Facts, options: Options) -> Iterator[Finding]:
    """The name in From of outside mail does not read as an address of the site."""
    for box in facts.headers.mailboxes("from").mailboxes:
        claims = claimed_addresses(box.display)
        claim = next(
            (one for one in claims if one.domain and facts.is_inside(one) and one.key != box.address.key), None
        )
        if claim is not None:
            yield Finding("display-name-disguised", limited_by="disguised", field="From", address=str(claim))
            return
