"""A private Redis that keeps nothing.

Failure modes: StackError when redis-server is missing or does not start.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from pathlib import Path
from types import TracebackType

from tests.stack.guard import guarded
from tests.stack.halt import halt
from tests.stack.ports import free_ports
from tests.stack.postfix import StackError, program


class PrivateRedis:
    """redis-server on a loopback port and a socket; use it as a context. What it holds ends with it."""

    def __init__(self, folder: Path, *options: str) -> None:
        (self._port,) = free_ports(1)
        self._folder = folder
        self._options = options
        self._log = folder / "redis.log"
        self.url = f"redis://127.0.0.1:{self._port}"
        self.socket_url = f"unix://{folder}/redis.sock"
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> PrivateRedis:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, fault: BaseException | None, at: TracebackType | None) -> None:
        self.stop()

    def start(self) -> None:
        """Returns when it answers."""
        settings = {
            "bind": "127.0.0.1", "port": str(self._port), "unixsocket": f"{self._folder}/redis.sock",
            "dir": str(self._folder), "logfile": str(self._log), "save": "", "appendonly": "no", "daemonize": "no",
        }  # fmt: skip
        words = [word for name, value in settings.items() for word in (f"--{name}", value)]
        self._process = subprocess.Popen(
            [program("redis-server"), *words, *self._options],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        self._guard = guarded(self._process.pid)
        deadline = time.monotonic() + 10
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                said = self._log.read_text(errors="replace") if self._log.exists() else "nothing"
                raise StackError(f"redis-server does not start: {said.strip()}")
            time.sleep(0.01)

    def stop(self) -> None:
        """Ends it, with all that it holds."""
        if self._process is not None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._process = None
            self._guard.dismiss()

    def restart(self) -> None:
        """Ends it and starts it again, empty, where it was."""
        self.stop()
        self.start()

    def freeze(self) -> None:
        """Lets it take connections and answer nothing, until it is thawed."""
        assert self._process is not None
        halt(self._process.pid)

    def thaw(self) -> None:
        """Lets it go on."""
        self._signal(signal.SIGCONT)

    def _signal(self, number: signal.Signals) -> None:
        assert self._process is not None
        os.killpg(self._process.pid, number)

    def _answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self._port), timeout=1) as probe:
                probe.sendall(b"PING\r\n")
                return probe.recv(7) in (b"+PONG\r\n", b"-NOAUTH")
        except OSError:
            return False
