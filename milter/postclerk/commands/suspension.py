"""`postclerk suspend` and `unsuspend`: a login that may not send for a while (1.1.6)."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from postclerk import clock
from postclerk.commands.common import (
    BadInput,
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
    from postclerk.config import Config


def add(commands: Subparsers) -> None:
    """Adds the commands."""
    suspended = command(commands, "suspend", _suspend, "Keeps a login from sending; receiving goes on.")
    suspended.add_argument("login", metavar="LOGIN", help="the login")
    suspended.add_argument("--reason", metavar="TEXT", required=True, help="why")
    suspended.add_argument("--until", metavar="TIME", help="ISO 8601, or a duration such as 7d; open unless given")
    listed = command(commands, "suspended", _suspended, "Prints who is suspended.")
    listed.add_argument("--all", action="store_true", help="those that have ended or were lifted, too")
    lifted = command(commands, "unsuspend", _unsuspend, "Lets a login send again.")
    lifted.add_argument("login", metavar="LOGIN", help="the login")


def _suspend(options: argparse.Namespace) -> int:
    from postclerk import bootstrap, config

    read = reading(rules_path(options), config.load)
    login, now = _login(options, read.settings.site.domains), clock.now()
    ends = term(options.until, read.settings.zone, now)
    if ends is not None and ends <= now:
        raise BadInput("--until lies in the past")
    row = {
        "login": login,
        "reason": sentence(options.reason, "--reason"),
        "begins": now,
        "ends": ends,
        "made_at": now,
        "made_by": user(),
        "automatic": 0,
    }
    stored(lambda: bootstrap.change_standing(read, lambda standing, store: standing.suspend(store, row)))
    until = None if ends is None else clock.local(ends, read.settings.zone)
    enforced = "suspension" in {rule.name for rule, _options in read.settings.enabled}
    if options.json:
        when = until.isoformat() if until else None
        print_json({"login": login, "state": "suspended", "until": when, "enforced": enforced})
    else:
        print(f"{printable(login)} may not send {f'until {until:%Y-%m-%d %H:%M}' if until else 'until this is lifted'}")
        if not enforced:
            print(f"but {read.path} has no rule `suspension`: nothing of it is carried out")
        if not _is_listed(read, login):
            print("note: no directory lists this login; is it written right?")
    return 0


def _is_listed(config: Config, login: str) -> bool:
    """Whether a directory lists the login; true where none answers, since it may."""
    from postclerk import bootstrap
    from postclerk.core.ports import Unavailable
    from postclerk.sourcefile import Mistakes

    try:
        directory = bootstrap.directories(config)
        person = directory.person(login)
    except (Unavailable, Mistakes):
        return True
    return person is not None and person.known


def _suspended(options: argparse.Namespace) -> int:
    from postclerk import bootstrap, config

    read = reading(rules_path(options), config.load)
    now, zone = clock.now(), read.settings.zone

    def when(seconds: float | None) -> str | None:
        return None if seconds is None else clock.local(seconds, zone).isoformat(timespec="seconds")

    def show() -> None:
        for row in bootstrap.read_standing(read, lambda standing, store: standing.all_suspensions(store)):
            ended = row["ends"] is not None and row["ends"] <= now
            state = "lifted" if row["lifted_at"] is not None else "ended" if ended else "in force"
            if state != "in force" and not options.all:
                continue
            shown = {
                "login": row["login"],
                "state": state,
                "reason": row["reason"],
                "from": when(row["begins"]),
                "until": when(row["ends"]),
                "by": row["made_by"],
                "automatic": bool(row["automatic"]),
                "lifted": when(row["lifted_at"]),
                "lifted_by": row["lifted_by"],
            }
            if options.json:
                print_json(shown)
            else:
                until = f"until {shown['until'][:16].replace('T', ' ')}" if shown["until"] else "until it is lifted"
                by = "by itself" if row["automatic"] else f"by {row['made_by']}"
                lifted = f"; lifted by {row['lifted_by']}" if state == "lifted" else ""
                print(printable(f"{state:8}  {row['login']}  {until}  ({row['reason']}; {by}{lifted})"))

    stored(show)
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
        print(f"{printable(login)} may send again{f'; {lifted} suspensions were lifted' if lifted > 1 else ''}")
    return 0


def _login(options: argparse.Namespace, domains: list[str]) -> str:
    from postclerk.collect import normal_login

    login = normal_login(options.login, domains)
    if not login:
        raise BadInput("the login is empty")
    return login
