"""`postclerk check`: every mistake in rules.yaml and the people files, and whether the rules' examples hold."""

from __future__ import annotations

import argparse

from postclerk.commands.common import Subparsers, command, print_json, printable, reading, rules_path
from postclerk.sourcefile import Mistakes


def add(commands: Subparsers) -> None:
    """Adds the command."""
    says = "Reports every mistake in rules.yaml and the people files, and runs the rules' examples."
    command(commands, "check", run, says)


def run(options: argparse.Namespace) -> int:
    """`postclerk check`"""
    from postclerk import bootstrap, examples

    path = rules_path(options)
    try:
        site = reading(path, bootstrap.read_site)
    except Mistakes as found:
        mistakes = found.mistakes
    else:
        mistakes = [*site.config.warnings, *bootstrap.asked(site)]
    for mistake in mistakes:
        if options.json:
            severity = "warning" if mistake.warning else "mistake"
            row = {"file": mistake.file, "line": mistake.line, "column": mistake.column}
            print_json({**row, "severity": severity, "message": mistake.message})
        else:
            print(printable(str(mistake)))
    if any(not mistake.warning for mistake in mistakes):
        return 1
    if not options.json:
        rules, promises = len(list(site.settings.enabled)), examples.count(site.settings)
        print(f"{path}: {rules} rules are on; {promises} examples hold")
    return 0
