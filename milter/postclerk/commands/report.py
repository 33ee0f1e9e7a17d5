"""`postclerk report`: what was found over a time, summed up for those who answer for the policy."""

from __future__ import annotations

import argparse
from collections import Counter
from dataclasses import dataclass, field

from postclerk import clock
from postclerk.commands.common import (
    Subparsers,
    command,
    print_json,
    printable,
    reading,
    rules_path,
    seconds,
    since,
    stored,
)

_OUTCOMES = ("reject", "hold", "tag", "accept")


def add(commands: Subparsers) -> None:
    """Adds the command."""
    report = commands.add_parser("report", help="Sums up what was found.")
    subjects = report.add_subparsers(metavar="SUBJECT", required=True, parser_class=type(report))
    says = "Lists the sites on which work addresses were registered, the most frequent first (1.3.2-e)."
    registration = command(subjects, "registration", _registration, says)
    registration.add_argument(
        "--since", metavar="TIME", type=since, default=None, help="ISO 8601, or a duration: 30d; default: all"
    )


@dataclass(slots=True)
class _Site:
    """What one site sent, or was sent: by what happened to it, to whom, and when it was the last time."""

    outcomes: Counter[str] = field(default_factory=Counter)
    monitored: int = 0
    people: set[str] = field(default_factory=set)
    last: float = 0.0
    highest: float = 0.0

    @property
    def count(self) -> int:
        """How many messages there were."""
        return self.outcomes.total()


def _registration(options: argparse.Namespace) -> int:
    from postclerk import bootstrap, config

    read = reading(rules_path(options), config.load)
    zone = read.settings.zone
    sites: dict[str, _Site] = {}

    def gather() -> None:
        for entry in bootstrap.decisions(read, since=seconds(options.since, zone), rule="registration"):
            _add(sites, entry)

    stored(gather)
    official = getattr(read.settings.rules.get("registration"), "is_official", lambda _domain: False)
    for name, site in sorted(sites.items(), key=lambda item: (-item[1].count, item[0])):
        last = clock.local(site.last, zone)
        told = {outcome: site.outcomes[outcome] for outcome in _OUTCOMES if site.outcomes[outcome]}
        if options.json:
            row = {"site": name, "messages": site.count, "people": len(site.people), "outcomes": told}
            more = {"monitored": site.monitored, "highest_score": site.highest, "last": last.isoformat()}
            print_json({**row, **more, "official": official(name)})
        else:
            outcomes = ", ".join(f"{count} {_WORDS[outcome]}" for outcome, count in told.items())
            note = "; official" if official(name) else ""
            people = f"{len(site.people)} {'person' if len(site.people) == 1 else 'people'}"
            line = f"{site.count:6}  {name or '(no domain)'}  {outcomes}; {people}; last {last:%Y-%m-%d}{note}"
            print(printable(line))
    if not sites and not options.json:
        print("no registrations were found")
    return 0


_WORDS = {"reject": "refused", "hold": "held", "tag": "marked", "accept": "let pass"}


def _add(sites: dict[str, _Site], entry: dict[str, object]) -> None:
    findings = entry["findings"]
    assert isinstance(findings, list)
    for finding in findings:
        if finding["rule"] != "registration" or "site" not in finding["detail"]:
            continue
        site = sites.setdefault(finding["detail"]["site"], _Site())
        action = "accept" if finding["monitor"] else finding["action"]
        site.outcomes["reject" if action == "defer" else action] += 1
        site.monitored += bool(finding["monitor"])
        recipients = entry["recipients"]
        assert isinstance(recipients, list)
        site.people.update([str(entry["login"])] if entry["login"] else map(str, recipients))
        site.last = max(site.last, float(str(entry["time"])))
        site.highest = max(site.highest, float(finding["detail"].get("score", 0)))
        return
