"""`postclerk grant`: exemptions for people and units (1.1.3), good for the very next message, and kept for good."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from postclerk import clock
from postclerk.commands.common import (
    BadInput,
    Parser,
    Subparsers,
    command,
    print_json,
    printable,
    reading,
    rules_path,
    sentence,
    stored,
    term,
    user,
)  # fmt: skip

if TYPE_CHECKING:
    from postclerk.bootstrap import Site
    from postclerk.core.people import Person


def add(commands: Subparsers) -> None:
    """Adds the command."""
    says = "Exempts people and units from a rule, for a while or for good; nothing of it is ever deleted."
    kinds = commands.add_parser("grant", help=says, description=says).add_subparsers(
        metavar="add|list|revoke", required=True, parser_class=Parser
    )
    added = command(kinds, "add", _add, "Writes down a grant.")
    whose = added.add_mutually_exclusive_group(required=True)
    whose.add_argument("--person", metavar="LOGIN", help="the login that it is for")
    whose.add_argument("--unit", metavar="NAME", help="the unit for whose people it is")
    added.add_argument("--rule", metavar="NAME", required=True, help="the rule that it exempts from")
    what = added.add_mutually_exclusive_group(required=True)
    what.add_argument("--limit", metavar="OPTION=N", help="an option of the rule and what it is raised to: per_day=500")
    what.add_argument("--value", metavar="V", help="an address, a domain or another value that the rule then allows")
    added.add_argument("--reason", metavar="TEXT", required=True, help="why")
    added.add_argument("--approved-by", metavar="WHO", required=True, help="who approved it")
    added.add_argument("--from", dest="begins", metavar="TIME", help="since when; now unless given")
    added.add_argument(
        "--until", metavar="TIME", help="until when: ISO 8601, or a duration such as 30d; open unless given"
    )

    listed = command(kinds, "list", _list, "Prints the grants, those that have ended too, oldest first.")
    listed.add_argument("--person", metavar="LOGIN", help="only those of this login")
    listed.add_argument("--unit", metavar="NAME", help="only those of this unit")
    listed.add_argument("--in-force", action="store_true", help="only those that hold now")

    revoked = command(kinds, "revoke", _revoke, "Ends a grant.")
    revoked.add_argument("number", metavar="NUMBER", type=int, help="the grant's number")


def _add(options: argparse.Namespace) -> int:
    from postclerk import bootstrap
    from postclerk.collect import normal_login
    from postclerk.core.ports import Unavailable
    from postclerk.rules import all_rules

    site = reading(rules_path(options), bootstrap.read_site)
    if options.rule not in all_rules():
        raise BadInput(f"there is no rule {options.rule}; there are {', '.join(all_rules())}")
    now = clock.now()
    begins = term(options.begins, site.settings.zone, now) or now
    ends = term(options.until, site.settings.zone, now)
    if ends is not None and ends <= now:
        raise BadInput("--until lies in the past")
    if ends is not None and ends <= begins:
        raise BadInput("--until lies before --from")
    login = normal_login(options.person, site.settings.site.domains)
    if login is not None:
        try:
            person = site.directory.person(login)
        except Unavailable as fault:
            raise BadInput(f"cannot tell whether there is a login {login}: {fault}") from fault
        if person is None or not person.known:
            raise BadInput(f"no directory knows the login {options.person}")
        _check_approval(options.approved_by, person, site)
    elif not options.unit or not options.unit.strip():
        raise BadInput("--person or --unit is empty")
    if options.value is not None and not all_rules()[options.rule].exempts:
        raise BadInput(f"the rule {options.rule} exempts no values")
    raised, amount = _limit(options.limit, all_rules()[options.rule].options.model_fields, options.rule)
    row: dict[str, Any] = {
        "login": login,
        "unit": options.unit,
        "rule": options.rule,
        "option": raised,
        "amount": amount,
        "value": _canonical(options.value),
        "reason": sentence(options.reason, "--reason"),
        "approved_by": sentence(options.approved_by, "--approved-by"),
        "begins": begins,
        "ends": ends,
        "made_at": now,
        "made_by": user(),
    }
    number = stored(
        lambda: bootstrap.change_standing(site.config, lambda standing, store: standing.add_grant(store, row))
    )
    base = getattr(site.settings.rules.get(options.rule), raised or "", None)
    if options.json:
        print_json(_shown({**row, "number": number, "revoked_at": None, "revoked_by": None}, site.settings.zone, now))
    else:
        print(
            f"grant {number} is in force from the next message on"
            if begins <= now
            else f"grant {number} is written down"
        )
        if base is not None and amount is not None and amount <= base:
            print(f"but {raised} is {base} already: it raises nothing")
        if options.rule not in {rule.name for rule, _options in site.settings.enabled}:
            print(f"but the rule {options.rule} is off: there is nothing to exempt from")
        if options.value and options.rule in ("sender", "return_address"):
            other = "return_address" if options.rule == "sender" else "sender"
            print(f"for the same in the {'header' if other == 'return_address' else 'envelope'} grant {other} too")
    return 0


def _check_approval(who: str, person: Person, site: Site) -> None:
    """Nobody approves his own grant, whether by his login, an address or his name. Raises BadInput."""
    from postclerk.collect import normal_login
    from postclerk.core.addresses import whole_address
    from postclerk.core.people import may_approve_his_own
    from postclerk.core.ports import Unavailable

    domains = site.settings.site.domains
    named = " ".join(who.split())
    himself = bool({normal_login(named, domains), named.casefold()} & ({person.login, person.name.casefold()} - {""}))
    address = whole_address(named)
    if not himself and address is not None:
        try:
            there = site.directory.expand([address.key]).get(address.key)
        except Unavailable as fault:
            raise BadInput(f"cannot tell whose address {named} is: {fault}") from fault
        himself = there is not None and there.owner == person.login
    if himself and not may_approve_his_own(
        person, {normal_login(one, domains) or "" for one in site.settings.web.staff}
    ):
        whose = f"that is for {person.superior}, the superior" if person.superior else "that is for a superior"
        raise BadInput(f"--approved-by: {person.login} does not approve a grant for {person.login}; {whose} (1.1.3)")


def _limit(text: str | None, fields: dict[str, Any], rule: str) -> tuple[str | None, int | None]:
    if text is None:
        return None, None
    name, _equals, number = text.partition("=")
    numbers = [field for field, info in fields.items() if info.annotation is int and field.startswith("per_")]
    if not numbers:
        raise BadInput(f"the rule {rule} has no limits that a grant could raise")
    if name not in numbers:
        raise BadInput(f"the rule {rule} has no limit {name!r}; allowed are {', '.join(numbers)}")
    if not (number.isascii() and number.isdecimal() and 0 < len(number) < 10 and int(number)):
        raise BadInput(f"--limit wants {name}=NUMBER, from 1 to 999999999, not {text!r}")
    return name, int(number)


def _canonical(value: str | None) -> str | None:
    """A value as rules compare it: addresses and domains in their one form."""
    if value is None:
        return None
    from postclerk.core.values import canonical_value

    if not value.strip():
        raise BadInput("--value is empty")
    return canonical_value(value.strip())


def _list(options: argparse.Namespace) -> int:
    from postclerk import bootstrap, config
    from postclerk.collect import normal_login

    read = reading(rules_path(options), config.load)
    login = normal_login(options.person, read.settings.site.domains)
    now = clock.now()

    def show() -> None:
        for row in bootstrap.read_standing(read, lambda standing, store: standing.all_grants(store)):
            if login not in (None, row["login"]) or options.unit not in (None, row["unit"]):
                continue
            shown = _shown(row, read.settings.zone, now)
            if options.in_force and shown["state"] != "in force":
                continue
            if options.json:
                print_json(shown)
            else:
                print(printable(_line(shown)))

    stored(show)
    return 0


def _revoke(options: argparse.Namespace) -> int:
    from postclerk import bootstrap, config

    read = reading(rules_path(options), config.load)
    by, now = user(), clock.now()
    if not 0 < options.number < 2**31:
        raise BadInput(f"there is no grant {options.number}")
    ended = stored(
        lambda: bootstrap.change_standing(
            read, lambda standing, store: standing.revoke_grant(store, options.number, by=by, at=now)
        )
    )
    if not ended:
        raise BadInput(f"there is no grant {options.number} that could be revoked; see postclerk grant list")
    if options.json:
        print_json({"number": options.number, "state": "revoked"})
    else:
        print(f"grant {options.number} is revoked")
    return 0


def _shown(row: dict[str, Any], zone: Any, now: float) -> dict[str, Any]:
    def when(seconds: float | None) -> str | None:
        return None if seconds is None else clock.local(seconds, zone).isoformat(timespec="seconds")

    state = "in force"
    if row["revoked_at"] is not None:
        state = "revoked"
    elif row["ends"] is not None and row["ends"] <= now:
        state = "ended"
    elif row["begins"] > now:
        state = "not yet"
    return {
        "number": row["number"],
        "state": state,
        "person": row["login"],
        "unit": row["unit"],
        "rule": row["rule"],
        "limit": {row["option"]: row["amount"]} if row["option"] else None,
        "value": row["value"],
        "reason": row["reason"],
        "approved_by": row["approved_by"],
        "from": when(row["begins"]),
        "until": when(row["ends"]),
        "made": when(row["made_at"]),
        "made_by": row["made_by"],
        "revoked": when(row["revoked_at"]),
        "revoked_by": row["revoked_by"],
    }


def _line(shown: dict[str, Any]) -> str:
    whose = shown["person"] or f"unit {shown['unit']}"
    what = shown["value"] or ", ".join(f"{name} {amount}" for name, amount in (shown["limit"] or {}).items())
    until = f" until {shown['until'][:16].replace('T', ' ')}" if shown["until"] else ""
    revoked = f" by {shown['revoked_by']}" if shown["revoked"] else ""
    state = f"{shown['state']}{revoked}"
    return (
        f"{shown['number']:4}  {state:9}  {whose}  {shown['rule']}: {what}{until}"
        f"  ({shown['reason']}; approved by {shown['approved_by']})"
    )
