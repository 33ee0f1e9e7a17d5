"""A private PostgreSQL, with a user that needs a password.

Failure modes: StackError when PostgreSQL is missing or does not start.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

from tests.stack.guard import guarded
from tests.stack.ports import free_ports
from tests.stack.postfix import StackError

PASSWORD = "people"


class PrivatePostgreSQL:
    """PostgreSQL on a loopback port, in a folder of its own; use it as a context."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (self.port,) = free_ports(1)
        self.url = f"postgresql+psycopg://clerk:{PASSWORD}@127.0.0.1:{self.port}/postgres"
        self._process: subprocess.Popen[bytes] | None = None
        folder.mkdir(exist_ok=True)
        if os.geteuid() == 0:
            # It refuses to run as root, and must reach its folder.
            user = pwd.getpwnam("postgres")
            os.chown(folder, user.pw_uid, user.pw_gid)
        self._run("initdb", "-D", str(folder / "data"), "--auth-local=trust", "--auth-host=scram-sha-256", "-N")

    def __enter__(self) -> PrivatePostgreSQL:
        self.start()
        self.execute(f"CREATE ROLE clerk LOGIN PASSWORD '{PASSWORD}'")
        return self

    def __exit__(self, kind: type[BaseException] | None, fault: BaseException | None, at: TracebackType | None) -> None:
        self.stop()

    def start(self) -> None:
        """Returns when it answers."""
        settings = {
            "listen_addresses": "127.0.0.1",
            "port": str(self.port),
            "unix_socket_directories": str(self.folder),
            "fsync": "off",
        }
        words = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        self._process = subprocess.Popen(
            [_program("postgres"), "-D", str(self.folder / "data"), *words],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=(self.folder.parent / "postgresql.log").open("ab"),
            start_new_session=True,
            preexec_fn=_as_postgres(),
        )
        self._guard = guarded(self._process.pid)
        deadline = time.monotonic() + 20
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                raise StackError((self.folder.parent / "postgresql.log").read_text(errors="replace").strip())
            time.sleep(0.05)

    def stop(self) -> None:
        """Ends it and its connections."""
        if self._process is None:
            return
        self._process.send_signal(signal.SIGINT)
        self._process.wait()
        self._process = None
        self._guard.dismiss()

    def execute(self, sql: str) -> None:
        """Runs SQL as the superuser."""
        where = ("-h", str(self.folder), "-p", str(self.port), "-d", "postgres")
        self._run("psql", *where, "-v", "ON_ERROR_STOP=1", sql=sql)

    def _answers(self) -> bool:
        command = [_program("pg_isready"), "-h", str(self.folder), "-p", str(self.port)]
        return subprocess.run(command, capture_output=True, check=False).returncode == 0

    def _run(self, name: str, *words: str, sql: str | None = None) -> None:
        done = subprocess.run(
            [_program(name), *words],
            cwd=self.folder,
            input=(sql or "").encode(),
            capture_output=True,
            check=False,
            preexec_fn=_as_postgres(),
        )
        if done.returncode:
            raise StackError(f"{name}: {done.stderr.decode(errors='replace').strip()}")


def _program(name: str) -> str:
    # Debian keeps the servers of each version in a folder of their own, outside PATH.
    newest = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: int(path.parts[4]))
    found = str(newest[-1]) if newest else shutil.which(name)
    if not found:
        raise StackError(f"{name} is missing; ./dev setup installs it")
    return found


def _as_postgres() -> Callable[[], None] | None:
    if os.geteuid() != 0:
        return None
    user = pwd.getpwnam("postgres")

    def change() -> None:
        os.setgroups([])
        os.setgid(user.pw_gid)
        os.setuid(user.pw_uid)

    return change
