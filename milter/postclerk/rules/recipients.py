"""1.3.2-a  A message goes to few addresses at once; service notices are exempt, up to a bound of their own.

Refused: one message to 51 recipients, where 50 are allowed; the message with which a login passes 200 recipients
within an hour, however they are spread over messages; a list of 3,000 members, which counts as its members; a list
that others may send to.
Accepted: the same sent by what rules.yaml names for service notices; mail from outside, at any number.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Self

from pydantic import model_validator

from postclerk.core.facts import Excuse, Facts, Limit, Window
from postclerk.core.needs import Need, Origin
from postclerk.core.rule import Finding, Rule, RuleOptions, Section, option

HOUR, DAY = 3600.0, 86400.0


class Cap(Section):
    """Other caps for some: for a login, a group or a unit."""

    login: str | None = option(None, "The login for which these caps hold.")
    group: str | None = option(None, "The group for whose members they hold.")
    unit: str | None = option(None, "The unit for whose people they hold.")
    per_message: int | None = option(None, "Recipients that one message may have.", ge=1)
    per_hour: int | None = option(None, "Recipients within any hour.", ge=1)
    per_day: int | None = option(None, "Recipients within any 24 hours.", ge=1)

    @model_validator(mode="after")
    def _is_for_one_kind(self) -> Self:
        if sum(one is not None for one in (self.login, self.group, self.unit)) != 1:
            raise ValueError("name one of login, group, unit")
        return self

    def holds_for(self, facts: Facts, kind: str) -> bool:
        """Whether the cap is of a kind, `login`, `group` or `unit`, and is meant for who sends this."""
        meant = getattr(self, kind)
        if meant is None or facts.person is None:
            return False
        match kind:
            case "login":
                name, _at, domain = meant.casefold().rpartition("@")
                return facts.login in (meant.casefold(), name if domain in facts.domains else None)
            case "group":
                return meant.casefold() in {group.casefold() for group in facts.person.groups}
            case _:
                return bool(meant.casefold() == facts.person.unit.casefold())


class Options(RuleOptions):
    """The caps. Each counts distinct recipients, lists as their members; exactly the limit is allowed."""

    per_message: int = option(50, "Recipients that one message may have.", ge=1)
    per_hour: int = option(200, "Recipients that a login, or an inside client, may reach within any hour.", ge=1)
    per_day: int = option(1000, "Recipients that a login, or an inside client, may reach within any 24 hours.", ge=1)
    caps: list[Cap] = option(
        [], "Other caps for some; a login's go before a group's, these before a unit's, the larger of equal ones."
    )


rule = Rule(__name__, clause="1.3.2-a", needs=Need.ENVELOPE, options=Options, exempts="a list to send to")

rule.finding(
    "too-many-recipients",
    reason="{count} recipients; at most {limit} are allowed in one message.",
    remedy="Send a service notice from its own account, or ask for a grant.",
    happened="Your message had {count} recipients. One message may go to {limit} at most.",
    todo="Write to fewer people at once, have it sent as a service notice, or ask for an exemption.",
)
rule.finding(
    "list-too-large",
    reason="{count} recipients, {size} of them on the list {list}; at most {limit} are allowed in one message.",
    remedy="Have it sent as a service notice from its own account, write to a smaller list, or ask for a grant.",
    happened="Your message had {count} recipients, {size} of them on the list {list}. One message may go to"
    " {limit} at most.",
    todo="Write to a smaller list, have it sent as a service notice, or ask for an exemption.",
)
rule.finding(
    "list-not-counted",
    reason="The list {list} has too many members to count them; at most {limit} recipients are allowed in one message.",
    remedy="Have it sent as a service notice from its own account, or write to a smaller list.",
    happened="The list {list} has too many members to count them. One message may go to {limit} recipients at most.",
    todo="Write to a smaller list, or have it sent as a service notice.",
)
rule.finding(
    "list-closed",
    reason="You may not send to the list {list}.",
    remedy="Ask one of those who may send to this list to send it, or ask the IT department for the right.",
    outside="The list does not take mail from you.",
    enhanced="7.2",
    happened="The list {list} does not take mail from you.",
    todo="Ask somebody who may write to this list to send it for you, or ask for the right to write to it.",
)
rule.finding(
    "too-many-in-a-while",
    reason="This message would make {total} recipients within {window}; at most {limit} are allowed.",
    remedy="Send the rest later, send a service notice from its own account, or ask for a grant.",
    happened="With this message you would have reached {total} recipients within {window}. At most {limit} are"
    " allowed.",
    todo="Send the rest later, have it sent as a service notice, or ask for an exemption.",
)
rule.finding(
    "service-notice-too-large",
    reason="{count} recipients; at most {limit} are allowed in one service notice ({notice}).",
    remedy="Ask the IT department to raise the bound of this service notice.",
    happened='The service notice "{notice}" had {count} recipients. It may have {limit} at most.',
    todo="Ask the IT department to raise what this service notice may have.",
)
rule.finding(
    "service-notices-too-many",
    reason="This message would make {total} recipients of service notices ({notice}) within {window}; at most {limit}"
    " are allowed.",
    remedy="Send the rest later, or ask the IT department to raise the bound of this service notice.",
    happened='The service notices "{notice}" would have reached {total} recipients within {window}. At most'
    " {limit} are allowed.",
    todo="Send the rest later, or ask the IT department to raise what these service notices may reach.",
)
rule.finding(
    "service-notice-outside-hours",
    reason="{count} recipients; service notices ({notice}) are sent {hours}, and at most {limit} are allowed else.",
    remedy="Send it within these hours.",
    happened='The service notice "{notice}" with {count} recipients came outside the hours {hours}. Else a'
    " message may go to {limit} at most.",
    todo="Send it within these hours.",
)
rule.finding(
    "service-notice-unproved",
    reason="{count} recipients; no valid signature proves the service notice {notice}, and at most {limit} are allowed"
    " else.",
    remedy="Sign it with the key of this service notice, and change nothing afterwards.",
    happened='Your message had {count} recipients, and it was not signed as the service notice "{notice}".'
    " Without that, a message may go to {limit} at most.",
    todo="Send it through the system that signs these notices, and change nothing afterwards.",
)
rule.finding(
    "service-notice-sender",
    reason="{count} recipients; the From address {address} is none of this service notice ({notice}).",
    remedy="Send it under the notice's own address.",
    happened='The service notice "{notice}" had the sender {address}, which is not one of its own.',
    todo="Send it under the address of this service notice.",
)


def limit_of(facts: Facts, options: Options, name: str) -> Limit:
    """The cap that holds for who sends this: the one that is set for fewest, or what a grant raises it to."""
    limit = _set_limit(facts, options, name)
    grant = facts.raised.get((rule.name, name))
    if grant is None or grant.amount <= limit.value:
        return limit
    return Limit(name, grant.amount, f"grant {grant.number}", grant.number, limit.value)


def _set_limit(facts: Facts, options: Options, name: str) -> Limit:
    for kind in ("login", "group", "unit") if options.caps else ():
        given = [
            (value, str(getattr(cap, kind)))
            for cap in options.caps
            if cap.holds_for(facts, kind) and (value := getattr(cap, name)) is not None
        ]
        if given:
            value, whose = max(given)
            return Limit(name, value, f"{kind} {whose}")
    return Limit(name, getattr(options, name))


@rule.limit
def limits(facts: Facts, options: Options) -> Iterator[Limit]:
    """What holds for who sends this, and why."""
    if facts.notice and not facts.outside_hours:
        because = f"service notice {facts.notice.name}"
        yield Limit("per_message", facts.notice.per_message, because)
        yield Limit("per_day", facts.notice.per_day, because)
    elif facts.inside:
        for name in ("per_message", "per_hour", "per_day"):
            yield limit_of(facts, options, name)


@rule.count
def windows(facts: Facts, options: Options) -> tuple[str, tuple[Window, ...]] | None:
    """Who is counted, and how: a login by itself, an inside client by its address, a service notice by its name."""
    if facts.notice and not facts.outside_hours:
        return f"notice:{facts.notice.name}", (
            Window(DAY, facts.notice.per_day, "24 hours", Limit("per_day", facts.notice.per_day)),
        )
    if not facts.inside:
        return None
    key = f"login:{facts.login}" if facts.login else f"client:{facts.client}"
    hour, day = limit_of(facts, options, "per_hour"), limit_of(facts, options, "per_day")
    return key, (
        Window(HOUR, hour.value, "an hour", hour),
        Window(DAY, day.value, "24 hours", day),
    )


@rule.check(origin=Origin.INSIDE)
def too_many_in_one_message(facts: Facts, options: Options) -> Iterator[Finding]:
    """One message's recipients are within its cap."""
    if facts.claimed_notice is None:
        yield from _in_one_message(facts, options)


def _is_open(facts: Facts, options: Options) -> bool:
    """Whether more must be known: not where those members of a list that could be looked up are too many by
    themselves."""
    return _not_counted(facts, options) is None


@rule.check(
    needs=Need.ENVELOPE | Need.COUNTS | Need.MEMBERS,
    origin=Origin.INSIDE,
    about=lambda facts, options: facts.claimed_notice is None and _is_open(facts, options),
)
def too_many_in_a_while(facts: Facts, options: Options) -> Iterator[Finding]:
    """What a sender reaches within an hour and a day is within the caps, over all of his messages."""
    yield from _in_a_while(facts)


@rule.check(
    needs=Need.ENVELOPE | Need.SIGNATURES,
    when="has_signed_notices",
    origin=Origin.INSIDE,
    about=lambda facts, _options: facts.claimed_notice is not None,
)
def once_proved_in_one_message(facts: Facts, options: Options) -> Iterator[Finding]:
    """The same for what a signature could prove to be a service notice, when it has been looked at."""
    yield from _in_one_message(facts, options)


@rule.check(
    needs=Need.ENVELOPE | Need.COUNTS | Need.MEMBERS | Need.SIGNATURES,
    when="has_signed_notices",
    origin=Origin.INSIDE,
    about=lambda facts, options: facts.claimed_notice is not None and _is_open(facts, options),
)
def once_proved_in_a_while(facts: Facts, options: Options) -> Iterator[Finding]:
    """And its recipients over all of them."""
    yield from _in_a_while(facts)


@rule.check
def list_closed(facts: Facts, options: Options) -> Iterator[Finding]:
    """Whoever writes to a list may do so."""
    if facts.notice is not None:
        return
    for there in facts.lists:
        if there.may_send and not _may_send(facts, there.may_send):
            yield Finding("list-closed", list=there.address, excuse=Excuse(values=(there.address,)))


@rule.check(needs=Need.ENVELOPE | Need.HEADERS, origin=Origin.INSIDE)
def notice_under_another_sender(facts: Facts, options: Options) -> Iterator[Finding]:
    """A service notice that needs to be one shows its own address in From."""
    notice = facts.notice
    if notice is None or not notice.senders or facts.outside_hours:
        return
    if len(facts.recipients) <= limit_of(facts, options, "per_message").value:
        return
    for box in facts.headers.mailboxes("from").mailboxes:
        if box.address.key not in notice.senders:
            detail: dict[str, Any] = {"count": len(facts.recipients), "notice": notice.name}
            yield Finding("service-notice-sender", address=str(box.address), **detail)


def _in_one_message(facts: Facts, options: Options) -> Iterator[Finding]:
    count, notice = len(facts.recipients), facts.notice
    not_counted = _not_counted(facts, options)
    if not_counted is not None:
        yield not_counted
        return
    if notice and not facts.outside_hours:
        if count > notice.per_message:
            yield Finding("service-notice-too-large", count=count, limit=notice.per_message, notice=notice.name)
        return
    limit = limit_of(facts, options, "per_message")
    if count <= limit.value:
        if limit.grant and count > limit.without:
            yield Finding("too-many-recipients", grant=limit.grant, count=count, limit=limit.without)
        return
    detail: dict[str, Any] = {"count": count, "limit": limit.value}
    if limit.because:
        detail["because"] = limit.because
    largest = max(facts.lists, key=lambda one: one.size, default=None)
    if notice:
        yield Finding("service-notice-outside-hours", notice=notice.name, hours=notice.hours, **detail)
    elif facts.claimed_notice is not None:
        yield Finding(
            "service-notice-unproved", by_limit="per_message", wanted=count, notice=facts.claimed_notice.name, **detail
        )
    elif largest is not None and largest.size > limit.value:
        yield Finding(
            "list-too-large", by_limit="per_message", wanted=count, list=largest.address, size=largest.size, **detail
        )
    else:
        yield Finding("too-many-recipients", by_limit="per_message", wanted=count, **detail)


def _not_counted(facts: Facts, options: Options) -> Finding | None:
    """What is found where the members of a list were not all counted, and are too many all the same."""
    uncounted = [one for one in facts.lists if one.more or one.unsure]
    if not uncounted:
        return None
    limit = next(one for one in limits(facts, options) if one.option == "per_message")
    count = len(facts.recipients)
    if count <= limit.value and not any(one.more for one in uncounted):
        return None
    largest = max(uncounted, key=lambda one: (one.more, one.size))
    # A grant might raise the limit above what is known, but not above what nobody counts.
    by_limit = "" if largest.more else "per_message"
    return Finding("list-not-counted", by_limit=by_limit, list=largest.address, count=count, limit=limit.value)


def _in_a_while(facts: Facts) -> Iterator[Finding]:
    if facts.usage is None:
        return
    for window, used in zip(facts.usage.windows, facts.usage.used, strict=True):
        total, limit = used + facts.usage.adding, window.rule or Limit("", window.limit)
        detail: dict[str, Any] = {"count": facts.usage.adding, "used": used, "total": total, "window": window.name}
        if total <= window.limit:
            if limit.grant and total > limit.without:
                yield Finding("too-many-in-a-while", grant=limit.grant, limit=limit.without, **detail)
            continue
        detail["limit"] = window.limit
        if limit.because:
            detail["because"] = limit.because
        if facts.notice and not facts.outside_hours:
            yield Finding("service-notices-too-many", notice=facts.notice.name, **detail)
        else:
            option = window.rule.option if window.rule else ""
            yield Finding("too-many-in-a-while", by_limit=option, wanted=detail["total"], **detail)


def _may_send(facts: Facts, allowed: tuple[str, ...]) -> bool:
    if "inside" in allowed and facts.inside:
        return True
    person = facts.person
    if person is None:
        # From an inside client or from outside: only who logged in can be named.
        return False
    own = {facts.login, f"unit:{person.unit.casefold()}", *(f"group:{group.casefold()}" for group in person.groups)}
    return any((one.casefold() if ":" in one else one) in own for one in allowed)
