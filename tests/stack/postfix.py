"""A private Postfix.

Failure modes: StackError with what Postfix said, when a program is missing or does not start.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

from tests.stack.guard import Guard, guarded
from tests.stack.ports import wait_for_port

PIECES = Path(__file__).parents[2] / "postfix" / "main.cf"
"""What a site copies into its main.cf, and what is therefore tried here."""

MASTER_PIECES = PIECES.with_name("master.cf")
"""The same for master.cf."""

_QUEUES = ["active", "bounce", "corrupt", "defer", "deferred", "flush", "hold", "incoming", "private", "saved", "trace"]


class StackError(Exception):
    """A server of the stack cannot be used; the text says what to do."""


def program(name: str) -> str:
    """The path of an installed program. Raises StackError."""
    found = shutil.which(name, path="/usr/sbin:/usr/bin:/sbin:/bin")
    if found is None:
        raise StackError(f"{name} is not installed; ./dev setup installs it")
    return found


class PrivatePostfix:
    """Outside mail comes in on `port` (from any 127.0.0.x but 127.0.0.1, which is inside), logins send on
    `submission`. Everything is delivered to one LMTP server, outside addresses too."""

    def __init__(self, folder: Path, *, port: int, submission: int, own: int = 10026, **settings: str) -> None:
        if os.geteuid():
            raise StackError("Postfix's master needs root")
        self.folder = folder
        self.port = port
        self.submission = submission
        self.own = own
        self.queue_folder = folder / "spool"
        self.config_folder = folder / "etc"
        self.log_file = folder / "log" / "maillog"
        self._guard: Guard | None = None
        self._daemons = self._asked("daemon_directory")
        self._make_folders()
        self._write_main({"mail_owner": "postfix", **settings})
        self._write_master()

    @staticmethod
    def _asked(name: str) -> str:
        answer = subprocess.run([program("postconf"), "-dh", name], capture_output=True, text=True, check=False)
        if answer.returncode:
            raise StackError(f"postconf -d {name}: {answer.stderr.strip()}")
        return answer.stdout.strip()

    def _make_folders(self) -> None:
        for folder in (self.folder, self.config_folder, self.log_file.parent, self.queue_folder):
            folder.mkdir(mode=0o755, exist_ok=True)
        self._owned(self.folder / "lib", 0o700, "postfix", "root")
        for name in _QUEUES:
            self._owned(self.queue_folder / name, 0o700, "postfix", "root")
        self._owned(self.queue_folder / "pid", 0o755, "root", "root")
        self._owned(self.queue_folder / "maildrop", 0o730, "postfix", "postdrop")
        self._owned(self.queue_folder / "public", 0o710, "postfix", "postdrop")
        (self.queue_folder / "postclerk").mkdir(mode=0o755)

    @staticmethod
    def _owned(path: Path, mode: int, user: str, group: str) -> None:
        path.mkdir(exist_ok=True)
        shutil.chown(path, user, group)
        path.chmod(mode)

    @property
    def milter_socket(self) -> Path:
        """Where the milter must listen: the path that postfix/main.cf names, below the queue folder."""
        return self.queue_folder / "postclerk" / "milter.sock"

    def _write_main(self, settings: dict[str, str]) -> None:
        lines = {
            "compatibility_level": "3.6",
            "config_directory": str(self.config_folder),
            "queue_directory": str(self.queue_folder),
            "data_directory": str(self.folder / "lib"),
            "daemon_directory": self._daemons,
            "command_directory": "/usr/sbin",
            "setgid_group": "postdrop",
            "maillog_file": str(self.log_file),
            "maillog_file_prefixes": str(self.folder),
            "myhostname": "mx.uni.example",
            "mydomain": "uni.example",
            "myorigin": "$mydomain",
            "mydestination": "",
            "inet_interfaces": "127.0.0.1",
            "inet_protocols": "ipv4",
            "mynetworks": "127.0.0.1/32",
            "smtpd_relay_restrictions": "permit_mynetworks, permit_sasl_authenticated, reject_unauth_destination",
            "virtual_mailbox_domains": "uni.example",
            "virtual_mailbox_maps": "static:all",
            "virtual_alias_maps": "",
            "alias_maps": "",
            "alias_database": "",
            "local_recipient_maps": "",
            "disable_dns_lookups": "yes",
            "smtpd_peername_lookup": "no",
            "smtpd_client_connection_count_limit": "0",
            "smtpd_error_sleep_time": "0",
            "biff": "no",
            "in_flow_delay": "0",
            "message_size_limit": "52428800",
            "enable_long_queue_ids": "yes",
            **settings,
        }
        text = PIECES.read_text() + "".join(f"{name} = {value}\n" for name, value in lines.items())
        self._write("main.cf", text)

    def _write_master(self) -> None:
        login = "-o smtpd_sasl_auth_enable=yes -o smtpd_sasl_type=dovecot -o smtpd_sasl_path=private/dovecot-auth"
        own = MASTER_PIECES.read_text().replace("127.0.0.1:10026 inet n  -  y", f"127.0.0.1:{self.own} inet n  -  n")
        self._write(
            "master.cf",
            f"""\
{own}
127.0.0.1:{self.port} inet n - n - - smtpd
127.0.0.1:{self.submission} inet n - n - - smtpd {login} -o mynetworks=127.0.0.255/32
pickup    unix  n  -  n  60  1  pickup
cleanup   unix  n  -  n  -   0  cleanup
qmgr      unix  n  -  n  300 1  qmgr
rewrite   unix  -  -  n  -   -  trivial-rewrite
bounce    unix  -  -  n  -   0  bounce
defer     unix  -  -  n  -   0  bounce
trace     unix  -  -  n  -   0  bounce
verify    unix  -  -  n  -   1  verify
flush     unix  n  -  n  1000? 0 flush
proxymap  unix  -  -  n  -   -  proxymap
proxywrite unix - -  n  -   1  proxymap
lmtp      unix  -  -  n  -   -  lmtp
smtp      unix  -  -  n  -   -  smtp
discard   unix  -  -  n  -   -  discard
error     unix  -  -  n  -   -  error
retry     unix  -  -  n  -   -  error
anvil     unix  -  -  n  -   1  anvil
scache    unix  -  -  n  -   1  scache
showq     unix  n  -  n  -   -  showq
postlog   unix-dgram n - n - 1  postlogd
""",
        )

    def _write(self, name: str, text: str) -> None:
        path = self.config_folder / name
        path.write_text(text)
        # Postfix reads a file again and again until it is two seconds old.
        aged = path.stat().st_mtime - 10
        os.utime(path, (aged, aged))

    # -- running -------------------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Returns when mail is taken. Raises StackError."""
        answer = subprocess.run(
            [f"{self._daemons}/master", "-c", str(self.config_folder), "-w"],
            capture_output=True,
            text=True,
            check=False,
            stdin=subprocess.DEVNULL,
            env=self._environment(),
        )
        if answer.returncode:
            said = answer.stderr.strip() or self.log().strip() or "it said nothing"
            raise StackError(f"Postfix does not start: {said}")
        self._guard = guarded(self._master())
        wait_for_port(self.port)

    def _master(self) -> int:
        return int((self.queue_folder / "pid" / "master.pid").read_text())

    def stop(self) -> None:
        """Ends the master and all of its processes."""
        if self._guard is not None:
            self._end()
            self._guard.dismiss()
            self._guard = None

    def _end(self) -> None:
        pid = self._master()
        for sign in (signal.SIGTERM, signal.SIGKILL):
            try:
                # The master leads a process group of its own.
                os.killpg(pid, sign)
            except ProcessLookupError:
                return
            deadline = time.monotonic() + 5
            while time.monotonic() < deadline:
                if not Path(f"/proc/{pid}/exe").exists():
                    return
                time.sleep(0.02)

    def _environment(self) -> dict[str, str]:
        return {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "MAIL_CONFIG": str(self.config_folder), "LC_ALL": "C"}

    def _run(self, name: str, *arguments: str, data: bytes = b"") -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(
            [program(name), *arguments], input=data, capture_output=True, check=False, env=self._environment()
        )

    # -- what a postmaster does ----------------------------------------------------------------------------------------

    def sendmail(self, *arguments: str, message: bytes) -> int:
        """Submits a message as a local program does; returns sendmail's exit status."""
        return self._run("sendmail", "-C", str(self.config_folder), *arguments, data=message).returncode

    def queue(self) -> list[dict[str, Any]]:
        """What is queued, held mail too, as `postqueue -j` tells it."""
        listed = self._run("postqueue", "-c", str(self.config_folder), "-j").stdout
        return [json.loads(line) for line in listed.splitlines()]

    def held(self) -> list[str]:
        """The ids of held messages."""
        return [one["queue_id"] for one in self.queue() if one["queue_name"] == "hold"]

    def release(self, queue_id: str) -> None:
        """Lets a held message go. Raises StackError."""
        answer = self._run("postsuper", "-c", str(self.config_folder), "-H", queue_id)
        if answer.returncode:
            raise StackError(answer.stderr.decode())
        self._run("postqueue", "-c", str(self.config_folder), "-f")

    def delete_all(self) -> None:
        """Empties the queue."""
        self._run("postsuper", "-c", str(self.config_folder), "-d", "ALL")

    def retry(self) -> None:
        """Has everything that is deferred tried now, and what local programs submitted looked at."""
        self._run("postqueue", "-c", str(self.config_folder), "-f")

    def wait_until_delivered(self, *, seconds: float = 15.0) -> None:
        """Returns when nothing but held mail is queued. Raises TimeoutError."""
        deadline = time.monotonic() + seconds
        while any(one["queue_name"] != "hold" for one in self.queue()) or any(
            (self.queue_folder / "maildrop").iterdir()
        ):
            if time.monotonic() > deadline:
                raise TimeoutError(f"still queued: {self.queue()}")
            time.sleep(0.05)

    def log(self) -> str:
        """The mail log."""
        return self.log_file.read_text(errors="replace") if self.log_file.exists() else ""
