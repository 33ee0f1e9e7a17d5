"""1.3.2-b  The envelope sender is a valid address and belongs to who sends.

Refused: MAIL FROM:<rector@uni.example> after a login as a.serik; an address that is none; an outside domain that
cannot receive mail, since nobody could answer it.
Accepted: one's own address, with a +tag too; a shared mailbox one is a member of; the null sender of delivery
reports and automatic replies, from a login only to one recipient and under the login's own From.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache

from email_validator import EmailNotValidError, validate_email

from postclerk.core.addresses import Address
from postclerk.core.facts import Facts, excuse_for
from postclerk.core.needs import Need, Origin
from postclerk.core.rule import Finding, Rule, RuleOptions, WhenUnavailable, option


class Options(RuleOptions):
    """What makes an envelope sender valid."""

    dns: bool = option(True, "Ask the DNS whether the domain of an outside sender can receive mail.")
    when_unavailable: WhenUnavailable = option(
        WhenUnavailable.ACCEPT, "What happens when the DNS does not answer: defer, accept or hold."
    )
    when_directory_unavailable: WhenUnavailable = option(
        WhenUnavailable.DEFER, "What happens when the directory does not answer: defer, accept or hold."
    )


rule = Rule(
    __name__, clause="1.3.2-b", needs=Need.ENVELOPE, options=Options, exempts="an address or a domain to send as"
)

rule.finding(
    "sender-syntax",
    reason="The envelope sender {sender} cannot be used: {fault}",
    remedy="Correct the e-mail address in your mail program's account settings.",
    enhanced="1.7",
    happened="The sender address {sender} of your message is not written correctly.",
    todo="Correct your e-mail address in the account settings of your mail program.",
)
rule.finding(
    "sender-not-own",
    reason="The envelope sender {sender} does not belong to {who}.",
    remedy="Send under your own address, or ask for the right to send as this one.",
    happened="Your message was sent under the address {sender}, which is not yours.",
    todo="Choose your own address as the sender. If you send for somebody else, ask for the right to use this address.",
)
rule.finding(
    "sender-cannot-receive",
    reason="The domain of the envelope sender {sender} cannot receive mail, so nobody could answer.",
    remedy="Correct the e-mail address in your mail program's account settings.",
    enhanced="1.8",
    happened="The sender address {sender} cannot receive mail, so nobody could answer.",
    todo="Correct your e-mail address in the account settings of your mail program.",
)
rule.finding(
    "null-sender-misused",
    reason="The null sender is for automatic replies: one recipient, and your own address in From.",
    remedy="Send ordinary mail under your own envelope sender.",
    happened="Your message was sent without a sender address. Only automatic replies and reports may be.",
    todo="Set your e-mail address in the account settings of your mail program or device.",
)


@rule.check
def not_an_address(facts: Facts, options: Options) -> Iterator[Finding]:
    """The envelope sender is an address by its syntax (RFC 5321 4.1.2, RFC 6531)."""
    fault = facts.sender_fault
    if not fault and facts.sender is not None and facts.sender.domain:
        fault = syntax_fault(facts.sender, ours=facts.inside and facts.owns(facts.sender))
    if fault:
        yield Finding("sender-syntax", sender=facts.sender_text, fault=fault)


@rule.check(origin=Origin.INSIDE)
def not_own(facts: Facts, options: Options) -> Iterator[Finding]:
    """The envelope sender belongs to the login, or is an inside address from an inside client."""
    if facts.sender is not None and not facts.owns(facts.sender):
        who = f"the login {facts.login}" if facts.login else f"a client inside ({facts.client})"
        yield Finding("sender-not-own", excuse=excuse_for(facts.sender), sender=str(facts.sender), who=who)


@rule.check(needs=Need.ENVELOPE | Need.SENDER_DOMAIN, when="dns", origin=Origin.OUTSIDE)
def cannot_receive(facts: Facts, options: Options) -> Iterator[Finding]:
    """The domain of an outside envelope sender can receive the answer."""
    if facts.sender_domain_receives is False:
        yield Finding("sender-cannot-receive", sender=str(facts.sender))


@rule.check(needs=Need.ENVELOPE | Need.HEADERS, origin=Origin.INSIDE)
def null_sender_misused(facts: Facts, options: Options) -> Iterator[Finding]:
    """The null sender from a login is for a report or an automatic reply of his own (RFC 5321 4.5.5)."""
    if not facts.login or not facts.null_sender:
        return
    written = facts.headers.mailboxes("from")
    own = bool(written.mailboxes) and not written.broken and all(facts.owns(box.address) for box in written.mailboxes)
    if not own or len(facts.recipients) != 1:
        yield Finding("null-sender-misused", recipients=len(facts.recipients))


@lru_cache(maxsize=4096)
def syntax_fault(address: Address, *, ours: bool) -> str:
    """What is wrong with an address, in one sentence; empty when it is valid. The DNS is not asked here.

    Of an address that is `ours` only the local part is judged: the site's domains may be special-use ones (.local).
    """
    text = str(replace(address, domain="example.org") if ours else address)
    try:
        validate_email(text, check_deliverability=False, allow_quoted_local=True, allow_domain_literal=True)
    except EmailNotValidError as fault:
        return str(fault)
    return ""
