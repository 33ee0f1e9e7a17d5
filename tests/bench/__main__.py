"""`./dev bench`: postclerk beside milters that do nothing, as ratios of one run.

Contenders take turns, round after round, so that a machine whose speed drifts favours none; medians are told.
`--quick` does fewer and shorter rounds. Exit 0 when measured, 2 when it cannot run here.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import platform
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from tests.bench import directory, messages
from tests.bench.contenders import ZONE, Contender, build, contenders, serving
from tests.stack.nameserver import PrivateNameServer
from tests.stack.ports import free_ports, wait_for_port
from tests.stack.postfix import PrivatePostfix, StackError, program

DIRECT_GOAL, POSTFIX_GOAL = 0.30, 0.85
"""Shares of the C null on 2 KB that two workers are to reach: directly, and through Postfix."""


@dataclass(frozen=True, slots=True)
class Effort:
    """How long and how often is measured."""

    rounds: int
    seconds: float
    through_postfix: dict[str, int]


THOROUGH = Effort(3, 2.0, {"2 KB": 3000, "60 KB": 1500, "2 MB": 120})
QUICK = Effort(1, 1.0, {"2 KB": 1000, "2 MB": 40})


def main() -> int:
    """Measures and prints."""
    parser = argparse.ArgumentParser(prog="bench", description="What postclerk costs.")
    parser.add_argument("--quick", action="store_true", help="a minute instead of several")
    parser.add_argument(
        "--only", choices=["direct", "refused", "inet", "postfix", "directory"], help="one of the measurements"
    )
    parser.add_argument("--cores", metavar="N", type=int, help="use only the first N processors")
    parser.add_argument("--json", metavar="FILE", type=Path, help="write the numbers there too")
    options = parser.parse_args()
    for sign in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(sign, signal.default_int_handler)
    effort = QUICK if options.quick else THOROUGH
    if options.cores:
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: options.cores])
    console = Console(width=None if sys.stdout.isatty() else 120, highlight=False)
    os.umask(0o022)
    folder = Path(tempfile.mkdtemp(prefix="postclerk-bench-", dir="/var/tmp"))
    folder.chmod(0o755)
    numbers: dict[str, Any] = {"machine": _machine()}
    try:
        if os.geteuid():
            raise StackError("Postfix's master needs root")
        build(folder)
        console.print(f"{numbers['machine']}\n")
        parts: dict[str, Callable[[Bench], Table]] = {
            "direct": Bench.direct,
            "refused": Bench.refused,
            "inet": Bench.inet,
            "postfix": Bench.postfix,
            "directory": Bench.directory,
        }
        with contextlib.ExitStack() as stack:
            bench = Bench(folder, effort, numbers, stack)
            for name, part in parts.items():
                if options.only in (None, name):
                    console.print(part(bench))
    except StackError as fault:
        print(f"bench: {fault}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    if options.json:
        options.json.write_text(json.dumps(numbers, indent=1))
    return 0


class Bench:
    """The contenders, running, and what is measured of them."""

    def __init__(self, folder: Path, effort: Effort, numbers: dict[str, Any], stack: contextlib.ExitStack) -> None:
        self.folder = folder
        self.effort = effort
        self.numbers = numbers
        self.stack = stack
        self.messages = messages.write(folder)
        (folder / "nsd").mkdir()
        self.dns = stack.enter_context(PrivateNameServer(folder / "nsd", {"example.org": ZONE})).address
        self.contenders = contenders(folder, self.dns)
        for contender in self.contenders:
            stack.callback(contender.stop)
            contender.start(folder / "log")

    def load(self, where: str, message: Path, connections: int, *more: str) -> dict[str, Any]:
        """One run of the load client."""
        command = [str(self.folder / "milterload"), "-s", where, "-f", str(message), "-c", str(connections)]
        limits = ["-d", str(self.effort.seconds), "-k", "20"]
        sent = ["--from", "guest@example.org", "--rcpt", "somebody%d@uni.example", *more]
        answer = subprocess.run([*command, *limits, *sent], capture_output=True, text=True, check=False)
        if not answer.stdout:
            raise StackError(f"the load client failed: {answer.stderr.strip()}")
        result: dict[str, Any] = json.loads(answer.stdout)
        if result["errors"]:
            raise StackError(f"{result['errors']} errors at {where}")
        return result

    def directory(self) -> Table:
        """What a directory that is far away costs."""
        numbers = self.numbers["directory"] = directory.measured(self.folder / "slapd")
        table = _table("A directory that is far away", ["measured"])
        for name, number in numbers.items():
            table.add_row(name, f"{number:,.0f}" if "second" in name else f"{number:.2f} ms")
        return table

    def direct(self) -> Table:
        """Messages a second over the milter protocol, by size and connections."""
        table = _table("Directly, messages a second", [contender.name for contender in self.contenders])
        told = self.numbers["direct"] = {}
        for size, message in self.messages.items():
            for connections in (1, 4, 16):
                rates: dict[str, list[float]] = {contender.name: [] for contender in self.contenders}
                waits: dict[str, list[float]] = {contender.name: [] for contender in self.contenders}
                for _ in range(self.effort.rounds):
                    for contender in self.contenders:
                        run = self.load(contender.unix, message, connections)
                        rates[contender.name].append(run["rate"])
                        waits[contender.name].append(run["p50"])
                goal = DIRECT_GOAL if size == "2 KB" else None
                told[f"{size}, {connections} connections"] = _row(
                    table, f"{size}, {connections} connections", rates, waits, goal
                )
        return table

    def refused(self) -> Table:
        """A refusal at DATA costs the same whatever the message's size: 51 recipients of a login."""
        table = _table("Refused at DATA, messages a second", ["postclerk"])
        ours = self.contenders[-1]
        told = self.numbers["refused"] = {}
        for size in ("2 KB", "2 MB"):
            more = ("-r", "51", "-u", "somebody", "--from", "somebody@uni.example")
            runs = [self.load(ours.unix, self.messages[size], 4, *more) for _ in range(self.effort.rounds)]
            if any(run["accept"] for run in runs):
                raise StackError("what was to be refused was accepted")
            rate = statistics.median(run["rate"] for run in runs)
            told[size] = rate
            table.add_row(size, f"{rate:,.0f}")
        return table

    def inet(self) -> Table:
        """Over TCP nothing stalls: the time of one message at one connection."""
        (port,) = free_ports(1)
        tcp = Contender("tcp", serving(self.folder, self.dns, f"inet:{port}@127.0.0.1"), Path("/"))
        with (self.folder / "log").open("ab") as stderr:
            tcp.process = subprocess.Popen(tcp.command, stdin=subprocess.DEVNULL, stderr=stderr, start_new_session=True)
        self.stack.callback(tcp.stop)
        wait_for_port(port)
        table = _table("One connection, milliseconds a message (median)", ["unix:", "inet:"])
        message = self.messages["2 KB"]
        unix = self.load(self.contenders[-1].unix, message, 1)["p50"]
        inet = self.load(f"inet:127.0.0.1:{port}", message, 1)["p50"]
        self.numbers["inet"] = {"unix": unix, "inet": inet}
        table.add_row("2 KB", f"{unix:.2f}", f"{inet:.2f}")
        return table

    def postfix(self) -> Table:
        """Messages a second through Postfix, 16 sessions, deliveries discarded."""
        ways = {"no milter": "", **{contender.name: contender.unix for contender in self.contenders}}
        servers: dict[str, PrivatePostfix] = {}
        for number, (name, where) in enumerate(ways.items()):
            port, submission = free_ports(2)
            discard = dict.fromkeys(("virtual_transport", "default_transport"), "discard:")
            server = PrivatePostfix(
                self.folder / f"postfix{number}", port=port, submission=submission, smtpd_milters=where, **discard
            )
            servers[name] = server
            self.stack.callback(server.stop)
            server.start()
        table = _table("Through Postfix, messages a second", list(ways), first="C null")
        told = self.numbers["postfix"] = {}
        for size, count in self.effort.through_postfix.items():
            rates: dict[str, list[float]] = {name: [] for name in ways}
            for _ in range(self.effort.rounds):
                for name, server in servers.items():
                    rates[name].append(self._through(server, size, count))
                    server.delete_all()
            goal = POSTFIX_GOAL if size == "2 KB" else None
            told[size] = _row(table, f"{size}, 16 sessions", rates, {}, goal, first="C null")
        return table

    def _through(self, server: PrivatePostfix, size: str, count: int) -> float:
        command = [program("smtp-source"), "-s", "16", "-m", str(count), "-l", str(messages.SIZES[size])]
        addresses = ["-f", "guest@example.org", "-t", "somebody@uni.example", "-M", "client.example.org"]
        began = time.monotonic()
        answer = subprocess.run(
            [*command, *addresses, f"inet:127.0.0.1:{server.port}"], capture_output=True, text=True, check=False
        )
        seconds = time.monotonic() - began
        if answer.returncode or answer.stderr:
            raise StackError(f"smtp-source: {answer.stderr.strip()[-300:]}")
        return count / seconds


def _table(title: str, columns: list[str], first: str | None = None) -> Table:
    table = Table(title=title, title_justify="left", expand=True)
    table.add_column("")
    for column in columns:
        table.add_column(column, justify="right")
    if first or len(columns) > 2:
        table.add_column("share of the C null", justify="right")
    return table


def _row(
    table: Table,
    name: str,
    rates: dict[str, list[float]],
    waits: dict[str, list[float]],
    goal: float | None,
    first: str | None = None,
) -> dict[str, Any]:
    """Adds a row of medians and returns it; the last contender's share of the C null is held against the goal.

    The share is the median of the rounds' own shares, since what drifts between rounds cancels out within one."""
    base = rates[first or next(iter(rates))]
    ours = rates[list(rates)[-1]]
    share = statistics.median(one / other for one, other in zip(ours, base, strict=True))
    verdict = "" if goal is None else f" [green]≥ {goal}[/green]" if share >= goal else f" [red]< {goal}[/red]"
    cells = []
    for contender, values in rates.items():
        wait = f" [dim]{statistics.median(waits[contender]):.2f} ms[/dim]" if contender in waits else ""
        cells.append(f"{statistics.median(values):,.0f}{wait}")
    table.add_row(name, *cells, f"{share:.2f}{verdict}")
    return {**{contender: statistics.median(values) for contender, values in rates.items()}, "share": round(share, 3)}


def _machine() -> str:
    cores = len(os.sched_getaffinity(0))
    postfix = subprocess.run([program("postconf"), "-dh", "mail_version"], capture_output=True, text=True, check=False)
    versions = f"Python {platform.python_version()}, Postfix {postfix.stdout.strip()}"
    return f"{cores} cores, Linux {platform.release()}, {versions}"


if __name__ == "__main__":
    sys.exit(main())
