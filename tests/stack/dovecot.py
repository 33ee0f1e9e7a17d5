"""A private Dovecot: SMTP login for Postfix, LMTP delivery of any address, IMAP.

Failure modes: StackError.
"""

from __future__ import annotations

import email
import email.message
import email.policy
import imaplib
import os
import pwd
import re
import shutil
import signal
import subprocess
import time
from pathlib import Path

from tests.stack import dovecot_conf
from tests.stack.guard import guarded
from tests.stack.ports import wait_for_port
from tests.stack.postfix import StackError, program

MASTER = "postmaster-of-the-stack"
"""A master user, who may look into every mailbox."""


def _version() -> tuple[int, int]:
    said = subprocess.run([program("dovecot"), "--version"], capture_output=True, text=True, check=False).stdout
    found = re.match(r"(\d+)\.(\d+)", said)
    if found is None:
        raise StackError(f"dovecot --version says {said!r}")
    return int(found[1]), int(found[2])


class PrivateDovecot:
    """Logins are names without a domain, mailboxes are addresses; `logins` maps a login to its password."""

    def __init__(self, folder: Path, postfix_folder: Path, *, imap: int, logins: dict[str, str]) -> None:
        self.folder = folder
        self.imap_port = imap
        self._logins = logins
        self._process: subprocess.Popen[bytes] | None = None
        for name in ("run", "state", "mail"):
            (folder / name).mkdir(mode=0o755, parents=True, exist_ok=True)
        self._user = pwd.getpwnam("nobody")
        os.chown(folder / "mail", self._user.pw_uid, self._user.pw_gid)
        self._write(postfix_folder / "private")

    def _write(self, postfix_private: Path) -> None:
        users = [f"{name}:{{PLAIN}}{password}\n" for name, password in self._logins.items()]
        (self.folder / "users").write_text("".join(users))
        (self.folder / "masters").write_text(f"{MASTER}:{{PLAIN}}{MASTER}\n")
        configuration = dovecot_conf.written(
            _version(),
            folder=self.folder,
            postfix_private=postfix_private,
            imap_port=self.imap_port,
            user=self._user,
        )
        (self.folder / "dovecot.conf").write_text(configuration)

    def start(self) -> None:
        """Returns when logins, IMAP and LMTP are served. Raises StackError."""
        self._process = subprocess.Popen(
            [program("dovecot"), "-F", "-c", str(self.folder / "dovecot.conf")],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=(self.folder / "stderr").open("wb"),
            start_new_session=True,
        )
        self._guard = guarded(self._process.pid)
        try:
            wait_for_port(self.imap_port)
            # It listens before it can log anybody in; the greeting comes when the socket for logins is there.
            imaplib.IMAP4("127.0.0.1", self.imap_port, timeout=10).logout()
        except (OSError, imaplib.IMAP4.error) as fault:
            said = (self.folder / "stderr").read_text(errors="replace").strip()
            self.stop()
            raise StackError(f"Dovecot does not start: {said or fault}") from fault

    def stop(self) -> None:
        """Ends Dovecot and its processes."""
        if self._process is None:
            return
        for sign in (signal.SIGTERM, signal.SIGKILL):
            try:
                os.killpg(self._process.pid, sign)
                self._process.wait(5)
            except (ProcessLookupError, subprocess.TimeoutExpired):
                continue
        self._process = None
        self._guard.dismiss()

    def imap(self, address: str) -> imaplib.IMAP4:
        """A session in any mailbox, by the master user."""
        session = imaplib.IMAP4("127.0.0.1", self.imap_port)
        session.login(f"{address}*{MASTER}", MASTER)
        session.select("INBOX")
        return session

    def messages(self, address: str) -> list[email.message.EmailMessage]:
        """The mail in an address's mailbox, read by IMAP, oldest first."""
        if not (self.folder / "mail" / address).exists():
            return []
        session = self.imap(address)
        try:
            _ok, found = session.search(None, "ALL")
            numbers = found[0].split()
            return [self.message(session, number.decode()) for number in numbers]
        finally:
            session.logout()

    @staticmethod
    def message(session: imaplib.IMAP4, number: str) -> email.message.EmailMessage:
        """One message of an open mailbox, by its number."""
        _ok, parts = session.fetch(number, "(BODY.PEEK[])")
        data = next(part[1] for part in parts if isinstance(part, tuple))
        return email.message_from_bytes(data, policy=email.policy.default)

    def mailboxes(self) -> list[str]:
        """The addresses that have mail."""
        return sorted({path.parts[-3] for path in (self.folder / "mail").glob("*/[cn][ue][rw]/*")})

    def clear(self) -> None:
        """Removes all mail. Our own people's mailboxes stay: a notice may just be delivered into one."""
        for address in self.mailboxes():
            if not address.endswith("uni.example"):
                shutil.rmtree(self.folder / "mail" / address)
                continue
            session = self.imap(address)
            session.store("1:*", "+FLAGS", r"(\Deleted)")
            session.expunge()
            session.logout()

    def wait_for(self, address: str, count: int = 1, *, seconds: float = 10.0) -> list[email.message.EmailMessage]:
        """The mail in a mailbox as soon as there is that much. Raises TimeoutError."""
        deadline = time.monotonic() + seconds
        while True:
            found = self.messages(address)
            if len(found) >= count:
                return found
            if time.monotonic() > deadline:
                raise TimeoutError(f"{address} has {len(found)} of {count} messages")
            time.sleep(0.05)
