"""`postclerk suspend` and `unsuspend`: a login that may not send for a while (1.1.6)."""

from __future__ import annotations

import argparse

from postclerk import clock
from postclerk.commands.common import (
    BadInput,
    Subparsers,
    command,
    print_json,
    printable,
    reading,
    rules_path,
    stored,
    term,
    user,
)  # fmt: skip


def add(commands: Subparsers) -> None:
    """Adds both commands."""
    suspended = command(commands, "suspend", _suspend, "Keeps a login from sending; receiving goes on.")
    suspended.add_argument("login", metavar="LOGIN", help="the login")
    suspended.add_argument("--reason", metavar="TEXT", required=True, help="why")
    suspended.add_argument("--until", metavar="TIME", help="ISO 8601, or a duration such as 7d; open unless given")
    lifted = command(commands, "unsuspend", _unsuspend, "Lets a login send again.")
    lifted.add_argument("login", metavar="LOGIN", help="the login")


def _suspend(options: argparse.Namespace) -> int:
    from postclerk import bootstrap, config

    read = reading(rules_path(options), config.load)
    login, now = _login(options, read.settings.site.domains), clock.now()
    ends = term(options.until, read.settings.zone, now)
    if ends is not None and ends <= now:
        raise BadInput("--until lies in the past")
    if not options.reason.strip():
        raise BadInput("--reason is empty")
    row = {
        "login": login,
        "reason": printable(options.reason.strip()),
        "begins": now,
        "ends": ends,
        "made_at": now,
        "made_by": user(),
        "automatic": 0,
    }
    stored(lambda: bootstrap.change_standing(read, lambda standing, store: standing.suspend(store, row)))
    until = None if ends is None else clock.local(ends, read.settings.zone)
    if options.json:
        print_json({"login": login, "state": "suspended", "until": until.isoformat() if until else None})
    else:
        print(f"{printable(login)} may not send {f'until {until:%Y-%m-%d %H:%M}' if until else 'until this is lifted'}")
        if "suspension" not in {rule.name for rule, _options in read.settings.enabled}:
            print(f"but {read.path} has no rule `suspension`: nothing of it is carried out")
    return 0


def _unsuspend(options: argparse.Namespace) -> int:
    from postclerk import bootstrap, config

    read = reading(rules_path(options), config.load)
    login, by, now = _login(options, read.settings.site.domains), user(), clock.now()
    lifted = stored(
        lambda: bootstrap.change_standing(read, lambda standing, store: standing.unsuspend(store, login, by=by, at=now))
    )
    if not lifted:
        raise BadInput(f"the login {login} is not suspended")
    if options.json:
        print_json({"login": login, "state": "lifted"})
    else:
        print(f"{printable(login)} may send again")
    return 0


def _login(options: argparse.Namespace, domains: list[str]) -> str:
    from postclerk.collect import normal_login

    login = normal_login(options.login, domains)
    if not login:
        raise BadInput("the login is empty")
    return login
