"""postclerk itself, run as a program."""

from __future__ import annotations

import datetime
import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from tests.stack.guard import guarded
from tests.stack.ports import wait_for_port
from tests.stack.postfix import StackError


class PrivateClerk:
    """The milter with rules of its own, on a socket below Postfix's queue folder."""

    def __init__(self, folder: Path, milter_socket: Path) -> None:
        self.folder = folder
        self.rules = folder / "rules.yaml"
        self.socket = milter_socket
        self.log_file = folder / "log"
        self.places: dict[str, str] = {}
        self._process: subprocess.Popen[bytes] | None = None
        self._pages: subprocess.Popen[bytes] | None = None

    def configure(self, rules: str, people: str) -> None:
        """Writes rules.yaml, with what stands for `places` put in, and people.yaml."""
        for name, place in self.places.items():
            rules = rules.replace(name, place)
        self.rules.write_text(rules)
        (self.folder / "people.yaml").write_text(people)

    def start(self, *, workers: int = 2) -> None:
        """Returns when the milter takes connections. Raises StackError."""
        command = [sys.executable, "-m", "postclerk.cli", "milter", "--rules", str(self.rules)]
        self._process = subprocess.Popen(
            [*command, "--socket", f"unix:{self.socket}", "--workers", str(workers)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=self.log_file.open("ab"),
            start_new_session=True,
        )
        self._guard = guarded(self._process.pid)
        deadline = time.monotonic() + 15
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                raise StackError(f"the milter does not start: {self.log().strip()}")
            time.sleep(0.02)

    def serve_pages(self, port: int) -> None:
        """Returns when the pages are served. Raises StackError."""
        command = [sys.executable, "-m", "postclerk.cli", "web", "--rules", str(self.rules)]
        self._pages = subprocess.Popen(
            [*command, "--listen", f"127.0.0.1:{port}"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=self.log_file.open("ab"),
            start_new_session=True,
        )
        self._pages_guard = guarded(self._pages.pid)
        wait_for_port(port)

    def _answers(self) -> bool:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
            return probe.connect_ex(str(self.socket)) == 0

    def stop(self, *, seconds: float = 40.0) -> int | None:
        """Tells the pages and the supervisor to end and returns its exit status."""
        if self._pages is not None:
            self._pages.terminate()
            self._pages.wait(seconds)
            self._pages = None
            self._pages_guard.dismiss()
        if self._process is None:
            return None
        self._process.terminate()
        try:
            status = self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            for pid in self.children():
                os.kill(pid, signal.SIGKILL)
            self._process.kill()
            status = self._process.wait()
        self._process = None
        self._guard.dismiss()
        return status

    def reload(self) -> None:
        """Has the rules read again."""
        assert self._process is not None
        self._process.send_signal(signal.SIGHUP)

    def children(self) -> list[int]:
        """The processes that the supervisor keeps, the ledger first."""
        assert self._process is not None
        tasks = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children")
        return [int(pid) for pid in tasks.read_text().split()]

    def wait_for_children(self, count: int, *, seconds: float = 30.0) -> None:
        """Returns when the supervisor keeps that many processes and no more. Raises TimeoutError."""
        deadline = time.monotonic() + seconds
        while len(self.children()) != count:
            if time.monotonic() > deadline:
                raise TimeoutError(f"{len(self.children())} processes instead of {count}")
            time.sleep(0.02)

    def wait_for_log(self, text: str, count: int = 1, *, seconds: float = 15.0) -> None:
        """Returns when the log has said it so often. Raises TimeoutError."""
        deadline = time.monotonic() + seconds
        while self.log().count(text) < count:
            if time.monotonic() > deadline:
                raise TimeoutError(f"the log does not say {text!r}: {self.log()}")
            time.sleep(0.02)

    def log(self) -> str:
        """What the milter has said so far."""
        return self.log_file.read_text(errors="replace") if self.log_file.exists() else ""

    def track(self, at: datetime.datetime) -> None:
        """Has the tracker do all that is to be done at a time. Raises StackError."""
        self._do("tracker", at)

    def write_digests(self, at: datetime.datetime) -> None:
        """Has the digests of the week before a time written. Raises StackError."""
        self._do("digest", at)

    def _do(self, what: str, at: datetime.datetime) -> None:
        command = [sys.executable, "-m", "postclerk.cli", what, "--rules", str(self.rules), "--at", at.isoformat()]
        answer = subprocess.run(command, capture_output=True, text=True, check=False)
        with self.log_file.open("a") as log:
            log.write(answer.stderr)
        if answer.returncode:
            raise StackError(f"{what} says {answer.stderr.strip()}")

    def journal(self) -> list[dict[str, Any]]:
        """The decisions, by the command that a postmaster uses."""
        command = [sys.executable, "-m", "postclerk.cli", "journal", "--json", "--rules", str(self.rules)]
        answer = subprocess.run(command, capture_output=True, text=True, check=True)
        return [json.loads(line) for line in answer.stdout.splitlines()]
