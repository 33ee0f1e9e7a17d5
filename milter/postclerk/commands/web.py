"""`postclerk web`: serves the pages that explain decisions and take requests."""

from __future__ import annotations

import argparse

from postclerk.commands.common import BadInput, Subparsers, command, reading, rules_path, stored


def add(commands: Subparsers) -> None:
    """Adds the command."""
    web = command(commands, "web", run, "Serves the pages that explain decisions, behind a reverse proxy.")
    web.add_argument("--listen", metavar="PLACE", help="HOST:PORT or unix:PATH; default: web.listen of rules.yaml")


def run(options: argparse.Namespace) -> int:
    """`postclerk web`"""
    import uvicorn

    from postclerk import bootstrap, events

    events.set_up()
    site = reading(rules_path(options), bootstrap.read_site)
    where = options.listen or site.settings.web.listen
    host, colon, port = where.rpartition(":")
    if not colon or not (host == "unix" or port.isdecimal()):
        raise BadInput(f"--listen wants HOST:PORT or unix:PATH, not {where!r}")

    def serve() -> None:
        with bootstrap.pages(site) as application:
            place = {"uds": port} if host == "unix" else {"host": host.strip("[]"), "port": int(port)}
            events.serving_pages(where)
            uvicorn.run(
                application, **place, access_log=False, server_header=False, proxy_headers=False, log_config=None,
                timeout_keep_alive=5, limit_concurrency=200, timeout_graceful_shutdown=10,
                h11_max_incomplete_event_size=16384,
            )  # fmt: skip

    try:
        stored(serve)
    except OSError as fault:
        raise BadInput(str(fault)) from fault
    return 0
