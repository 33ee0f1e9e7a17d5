"""The stack as a whole, and a way to send mail through it."""

from __future__ import annotations

import atexit
import contextlib
import os
import re
import shutil
import smtplib
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from tests.stack import site
from tests.stack.clerk import PrivateClerk
from tests.stack.dovecot import MASTER, PrivateDovecot
from tests.stack.guard import Guard
from tests.stack.ports import free_ports
from tests.stack.postfix import PrivatePostfix

OUTSIDE = "127.0.0.99"
"""The address of a client that is not inside."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the server said to the command at which the transaction ended, all lines of it."""

    code: int
    text: str

    @property
    def lines(self) -> list[str]:
        """The lines, each with its enhanced status code."""
        return self.text.splitlines()

    @property
    def queue_id(self) -> str:
        """The queue id of an accepted message."""
        found = re.search(r"queued as (\w+)", self.text)
        return found[1] if found else ""


class Stack:
    """Postfix, Dovecot and postclerk in a folder of their own. Use it as a context; nothing is left behind."""

    def __init__(
        self,
        *,
        rules: str = site.RULES,
        people: str = site.PEOPLE,
        logins: Iterable[str] = site.LOGINS,
        milter: bool = True,
        web: bool = False,
        **postfix: str,
    ) -> None:
        # Postfix's and Dovecot's own users must reach what is made here, however strict the caller's umask is.
        os.umask(0o022)
        # Not below the checkout: Postfix's and Dovecot's own users must reach it, whoever owns that.
        self.folder = Path(tempfile.mkdtemp(prefix="postclerk-", dir="/var/tmp"))
        self.folder.chmod(0o755)
        with contextlib.ExitStack() as undo:
            undo.callback(shutil.rmtree, self.folder, ignore_errors=True)
            smtp, submission, imap, own, pages = free_ports(5)
            delivery = "lmtp:unix:private/dovecot-lmtp"
            settings = {"virtual_transport": delivery, "default_transport": delivery, "relay_transport": delivery}
            settings |= postfix
            if not milter:
                settings["smtpd_milters"] = ""
            self.postfix = PrivatePostfix(
                self.folder / "postfix", port=smtp, submission=submission, own=own, **settings
            )
            (self.folder / "dovecot").mkdir()
            self.dovecot = PrivateDovecot(
                self.folder / "dovecot",
                self.postfix.queue_folder,
                imap=imap,
                logins={name: site.PASSWORD for login in logins for name in (login, f"{login}@uni.example")},
            )
            (self.folder / "postclerk").mkdir()
            self.clerk = PrivateClerk(self.folder / "postclerk", self.postfix.milter_socket)
            self.pages = f"http://127.0.0.1:{pages}"
            self.clerk.places = {"$own": str(own), "$postfix": str(self.postfix.config_folder), "$imap": str(imap)}
            self.clerk.places["$master"] = MASTER
            master = self.folder / "postclerk" / "master"
            master.write_text(f"{MASTER}\n")
            master.chmod(0o600)
            if web:
                self.clerk.places["https://mail.uni.example"] = self.pages
            self.clerk.configure(rules, people)
            undo.pop_all()
        self._milter = milter
        self._web = pages if web else 0

    def __enter__(self) -> Stack:
        atexit.register(self.stop)
        self._guard = Guard('sleep 4; rm -rf -- "$1"', str(self.folder))
        try:
            if self._milter:
                self.clerk.start()
            if self._web:
                self.clerk.serve_pages(self._web)
            self.postfix.start()
            self.dovecot.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, fault: BaseException | None, at: TracebackType | None) -> None:
        self.stop()

    def stop(self) -> None:
        """Ends every process and removes the folder."""
        atexit.unregister(self.stop)
        self.postfix.stop()
        self.dovecot.stop()
        self.clerk.stop(seconds=10)
        shutil.rmtree(self.folder, ignore_errors=True)
        self._guard.dismiss()

    def connect(self, *, login: str | None = None, client: str = OUTSIDE) -> smtplib.SMTP:
        """An SMTP session after EHLO: with a login on the submission port, or without one from a client's address."""
        port = self.postfix.submission if login else self.postfix.port
        session = smtplib.SMTP("127.0.0.1", port, "client.example.org", timeout=60, source_address=(client, 0))
        session.ehlo()
        if login:
            session.login(login, site.PASSWORD)
        return session

    def send(
        self,
        message: bytes,
        *,
        sender: str,
        to: Iterable[str],
        login: str | None = None,
        client: str = OUTSIDE,
        session: smtplib.SMTP | None = None,
    ) -> Answer:
        """Sends one message and returns the answer to it; a session of the caller's is left open."""
        with contextlib.ExitStack() as stack:
            smtp = session or stack.enter_context(self.connect(login=login, client=client))
            answer = Answer(*_decoded(smtp.mail(sender, [] if sender.isascii() else ["SMTPUTF8"])))
            for recipient in to:
                if answer.code >= 400:
                    break
                answer = Answer(*_decoded(smtp.rcpt(recipient)))
            if answer.code < 400:
                answer = self._data(smtp, message)
            if answer.code >= 400:
                smtp.rset()
            return answer

    @staticmethod
    def _data(smtp: smtplib.SMTP, message: bytes) -> Answer:
        try:
            return Answer(*_decoded(smtp.data(message)))
        except smtplib.SMTPDataError as refused:
            return Answer(*_decoded((refused.smtp_code, refused.smtp_error)))


def _decoded(said: tuple[int, bytes | str]) -> tuple[int, str]:
    code, text = said
    return code, text.decode("utf-8", "replace") if isinstance(text, bytes) else text
