"""Flags in people's mailboxes, set by a master user over IMAP (RFC 9051; imaplib).

Failure modes: ImapError, for whatever keeps a mailbox from being opened or changed.
"""

from __future__ import annotations

import base64
import contextlib
import imaplib
import ipaddress
import os
import re
import ssl
import stat
from collections.abc import Iterator
from pathlib import Path

from postclerk.settings import Imap

_LONGEST_PASSWORD = 1024
_PLACEHOLDER = re.compile(r"\{\w+\}")
_QUOTED = re.compile(r'[\x00-\x1f\x7f"\\]')


class ImapError(Exception):
    """A mailbox could not be opened or changed; the text is one line."""


class Flags:
    """The flags of one site's mailboxes."""

    def __init__(self, settings: Imap, folder: Path) -> None:
        self._settings = settings
        self._folder = folder

    @contextlib.contextmanager
    def mailbox(self, login: str, mailbox: str) -> Iterator[Mailbox]:
        """Somebody's mailbox, opened for as long as the block. Raises ImapError."""
        try:
            with self._connected() as connection:
                user = self._settings.user.replace("{login}", login).replace("{mailbox}", mailbox)
                if _QUOTED.search(user) or not user.isascii():
                    raise ImapError(f"{user!a} is no name to log in with")
                connection.login(user, password(self._folder / self._settings.password_file))
                yield Mailbox(connection, self._settings)
        except (imaplib.IMAP4.error, OSError, UnicodeError, ValueError) as fault:
            raise ImapError(" ".join(str(fault).split())[:300] or type(fault).__name__) from fault

    @contextlib.contextmanager
    def _connected(self) -> Iterator[imaplib.IMAP4]:
        settings = self._settings
        host, _colon, port = settings.server.rpartition(":")
        host = host.strip("[]")
        if settings.tls:
            connection: imaplib.IMAP4 = imaplib.IMAP4_SSL(
                host, int(port), ssl_context=self._context(), timeout=settings.timeout
            )
        else:
            connection = imaplib.IMAP4(host, int(port), timeout=settings.timeout)
        try:
            if settings.starttls:
                connection.starttls(self._context())
            yield connection
        finally:
            with contextlib.suppress(imaplib.IMAP4.error, OSError):
                connection.logout()

    def _context(self) -> ssl.SSLContext:
        file = self._settings.ca_file
        return ssl.create_default_context(cafile=str(self._folder / file) if file else None)


class Mailbox:
    """A mailbox that is open."""

    def __init__(self, connection: imaplib.IMAP4, settings: Imap) -> None:
        self._connection = connection
        self._settings = settings

    def flagged(self, idents: list[str]) -> set[str]:
        """Of these ids those that bear the flag. A keyword is nobody's but ours, so that for one nothing is asked."""
        found: set[str] = set()
        if not self._settings.keyword.startswith("\\"):
            return found
        of_all = self._settings.keyword[1:].upper()
        for _folder in self._opened():
            for ident in idents:
                numbers = self._numbers(ident)
                if numbers and self._numbers(ident, of_all) == numbers:
                    found.add(ident)
        return found

    def change(self, idents: list[str], *, is_set: bool) -> set[str]:
        """Sets the flag on the messages of these ids, or takes it away; returns the ids that were found."""
        found: set[str] = set()
        for _folder in self._opened():
            for ident in idents:
                numbers = self._numbers(ident)
                if numbers:
                    change = "+FLAGS.SILENT" if is_set else "-FLAGS.SILENT"
                    status, data = self._connection.uid("STORE", numbers, change, f"({self._settings.keyword})")
                    if status != "OK":
                        raise ImapError(f"the server does not change flags: {data!r}"[:300])
                    found.add(ident)
        return found

    def _opened(self) -> Iterator[str]:
        """The folders, one after the other, each selected; one that is not there is passed over."""
        for folder in self._settings.folders:
            status, _data = self._connection.select(_quoted(folder))
            if status == "OK":
                yield folder

    def _numbers(self, ident: str, *more: str) -> str:
        if not ident or not ident.isascii() or _QUOTED.search(ident):
            return ""
        status, data = self._connection.uid("SEARCH", *more, "HEADER", "Message-ID", f'"{ident}"')
        return ",".join(data[0].decode("ascii").split()) if status == "OK" and data and data[0] else ""


def mistakes(settings: Imap, folder: Path) -> Iterator[tuple[str, str]]:
    """What is wrong with the settings as far as it can be said without the network: a key, and what is the matter."""
    path = folder / settings.password_file
    try:
        password(path)
    except UnicodeError:
        yield "password_file", f"{path} is not UTF-8 text"
    except ValueError as fault:
        yield "password_file", str(fault)
    except OSError as fault:
        yield "password_file", f"cannot read {path}: {fault.strerror}"
    if settings.ca_file:
        path = folder / settings.ca_file
        try:
            ssl.create_default_context(cafile=str(path))
        except ssl.SSLError:
            yield "ca_file", f"{path} holds no certificates (PEM)"
        except OSError as fault:
            yield "ca_file", f"cannot read {path}: {fault.strerror}"
    if settings.tls and settings.starttls:
        yield "starttls", "TLS is spoken from the beginning (`tls`), or begun later (`starttls`), not both"
    if not {"{login}", "{mailbox}"} & set(_PLACEHOLDER.findall(settings.user)):
        yield "user", f"{settings.user!r} does not say whose mailbox is opened: it needs {{login}} or {{mailbox}}"


def warnings(settings: Imap) -> Iterator[tuple[str, str]]:
    """What is dangerous in the settings: a key, and why."""
    host = settings.server.rpartition(":")[0].strip("[]")
    if not (settings.tls or settings.starttls or _is_loopback(host)):
        yield "server", f"the password that opens every mailbox goes to {host} unencrypted; set `tls` or `starttls`"


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _quoted(folder: str) -> str:
    """A folder's name as IMAP carries it: modified UTF-7 for what is not ASCII (RFC 3501 5.1.3)."""
    if folder.isascii():
        text = folder.replace("&", "&-")
    else:
        text = re.sub(r"[^\x20-\x7e]+", lambda run: _shifted(run.group()), folder.replace("&", "&-"))
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _shifted(text: str) -> str:
    encoded = base64.b64encode(text.encode("utf-16-be")).rstrip(b"=").replace(b"/", b",")
    return f"&{encoded.decode('ascii')}-"


def password(path: Path) -> str:
    """A password in a file that others cannot read. Raises OSError, ValueError."""
    opened = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    with os.fdopen(opened, encoding="utf-8") as file:
        if os.fstat(opened).st_mode & (stat.S_IRWXO | stat.S_IWGRP):
            raise ValueError(f"{path} is open to others; chmod 640 {path}")
        text = file.read(_LONGEST_PASSWORD).strip("\r\n")
    if not text:
        raise ValueError(f"{path} is empty")
    return text
