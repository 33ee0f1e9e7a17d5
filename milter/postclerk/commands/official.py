"""`postclerk official`: the services on which a work address may register (1.3.2-e)."""

from __future__ import annotations

import argparse
from collections.abc import Callable

from postclerk.commands.common import BadInput, Subparsers, command, print_json, reading, rules_path

_KEYS = ("rules", "registration", "official")


def add(commands: Subparsers) -> None:
    """Adds the command."""
    official = commands.add_parser("official", help="Official services, on which one may register with a work address.")
    actions = official.add_subparsers(metavar="ACTION", required=True, parser_class=type(official))
    for name, says in (("add", "Writes domains into rules.yaml."), ("remove", "Takes domains out of rules.yaml.")):
        action = command(actions, name, _add if name == "add" else _remove, says)
        action.add_argument("domains", metavar="DOMAIN", nargs="+", help="a domain; all below it are meant too")
    command(actions, "list", _list, "Prints the domains.")


def _add(options: argparse.Namespace) -> int:
    wanted = [_domain(text) for text in options.domains]

    def change(items: list[str]) -> None:
        for domain in wanted:
            above = next((one for one in map(str, items) if domain == one or domain.endswith(f".{one}")), None)
            if above is not None:
                raise BadInput(f"{domain} is official already{'' if above == domain else f': {above} stands there'}")
            items.append(domain)

    return _changed(options, change, wanted, "is official now")


def _remove(options: argparse.Namespace) -> int:
    unwanted = [_domain(text) for text in options.domains]

    def change(items: list[str]) -> None:
        for domain in unwanted:
            if domain not in items:
                raise BadInput(f"{domain} does not stand among the official services")
            items.remove(domain)

    return _changed(options, change, unwanted, "is no longer official")


def _changed(options: argparse.Namespace, change: Callable[[list[str]], None], domains: list[str], says: str) -> int:
    from postclerk import bootstrap

    path = rules_path(options)
    try:
        reading(path, lambda rules: bootstrap.change_rules(rules, _KEYS, change))
    except bootstrap.EditError as fault:
        raise BadInput(str(fault)) from fault
    if options.json:
        print_json({"rules": str(path), "domains": domains})
    else:
        for domain in domains:
            print(f"{domain} {says}")
        print("systemctl reload postclerk brings it into force")
    return 0


def _list(options: argparse.Namespace) -> int:
    from postclerk import config
    from postclerk.rules import registration

    settings = reading(rules_path(options), config.load).settings
    section = settings.rules.get("registration")
    for domain in section.official if isinstance(section, registration.Options) else ():
        if options.json:
            print_json({"domain": domain})
        else:
            print(domain)
    return 0


def _domain(text: str) -> str:
    from pydantic import TypeAdapter, ValidationError

    from postclerk.core.values import Domain

    try:
        return str(TypeAdapter(Domain).validate_python(text))
    except ValidationError as fault:
        raise BadInput(f"{text!r} is not a domain such as journal.example.org") from fault
