"""The milters that are compared: each is started, listens on a socket, and is ended.

Failure modes: StackError when one cannot be built or does not start.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from tests.stack.postfix import StackError

HERE = Path(__file__).parent
DEFAULT_RULES = HERE.parents[1] / "rules.yaml"


def build(folder: Path) -> None:
    """Compiles the load client and the null milter in C. Raises StackError."""
    compiler = shutil.which("cc")
    if compiler is None:
        raise StackError("there is no C compiler; ./dev setup installs one")
    for name, libraries in (("milterload", ["-lpthread", "-lm"]), ("nullmilter", ["-lmilter", "-lpthread"])):
        command = [compiler, "-O2", "-w", "-o", str(folder / name), str(HERE / f"{name}.c"), *libraries]
        answer = subprocess.run(command, capture_output=True, text=True, check=False)
        if answer.returncode:
            raise StackError(f"{name}.c does not compile: {answer.stderr.strip()}")


@dataclass(slots=True)
class Contender:
    """One milter: how it is called in the tables, and how it is started on a socket."""

    name: str
    command: list[str]
    path: Path
    process: subprocess.Popen[bytes] | None = None

    @property
    def unix(self) -> str:
        """Where it listens, as the load client and Postfix write it."""
        return f"unix:{self.path}"

    def start(self, log: Path) -> None:
        """Returns when it takes connections. Raises StackError."""
        with log.open("ab") as stderr:
            self.process = subprocess.Popen(
                self.command, stdin=subprocess.DEVNULL, stdout=stderr, stderr=stderr, start_new_session=True
            )
        deadline = time.monotonic() + 15
        while True:
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
                if probe.connect_ex(str(self.path)) == 0:
                    break
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise StackError(f"{self.name} does not start: {log.read_text(errors='replace')[-500:]}")
            time.sleep(0.05)
        # Postfix's smtpd runs as a user of its own.
        self.path.chmod(0o666)

    def stop(self) -> None:
        """Ends it and its processes."""
        if self.process is None:
            return
        self.process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(15)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.process = None


ZONE = """\
@ MX 10 mx
mx A 127.0.0.1
"""
"""What the DNS says of the domain that the load comes from."""


def contenders(folder: Path, dns: str) -> list[Contender]:
    """The C policy null first: everything is told as a share of it."""
    python = sys.executable
    null, one, two, ours = (folder / f"{name}.sock" for name in ("c", "py1", "py2", "postclerk"))
    return [
        Contender("C null", [str(folder / "nullmilter"), f"unix:{null}", "pol"], null),
        Contender("pymilter null, 1 process", [python, "-m", "tests.bench.pymilternull", f"unix:{one}", "1"], one),
        Contender("pymilter null, 2 processes", [python, "-m", "tests.bench.pymilternull", f"unix:{two}", "2"], two),
        Contender("postclerk, 2 workers", serving(folder, dns, f"unix:{ours}"), ours),
    ]


def serving(folder: Path, dns: str, where: str) -> list[str]:
    """The command that serves postclerk with its default rules, written for this folder and name server."""
    rules = folder / "rules.yaml"
    if not rules.exists():
        rules.write_text(default_rules(folder, dns))
    return [sys.executable, "-m", "postclerk.cli", "milter", "--rules", str(rules), "--socket", where, "--workers", "2"]


def default_rules(folder: Path, dns: str) -> str:
    """rules.yaml as it is shipped, with its store and its DNS here. The load comes from outside, also through Postfix:
    the caps, which do not count it, would end it."""
    text = DEFAULT_RULES.read_text()
    changes = {
        "sqlite:////var/lib/postclerk/postclerk.db": f"sqlite:///{folder}/postclerk.db",
        "networks: [127.0.0.0/8]  ": "networks: []  ",
        "# servers: [127.0.0.1] ": f"servers: ['{dns}'] ",
        'socket_mode: "0660"': 'socket_mode: "0666"',
    }
    for old, new in changes.items():
        if old not in text:
            raise StackError(f"rules.yaml no longer says {old!r}: the benchmark must learn its new form")
        text = text.replace(old, new)
    return text
