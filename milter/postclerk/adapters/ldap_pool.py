"""Connections to an LDAP directory, opened when they are needed, each server in turn, and used again for a while.

Failure modes: Unavailable, for everything that keeps an answer from being had: no server, a time limit, a certificate,
a password, a bound. It never holds a password.
"""

from __future__ import annotations

import os
import re
import stat
import threading
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from postclerk.core.addresses import Address, printable, whole_address
from postclerk.core.ports import Unavailable
from postclerk.settings import Ldap

T = TypeVar("T")

_PAGE = 500
"""Entries of one page (RFC 2696); Active Directory gives at most 1,000."""

_UNDER_WAY = 64
"""Entries that are asked for before the first is there; beyond 100 OpenLDAP hangs up on who is anonymous."""

_IDLE = 60.0
"""Seconds after which a connection is not trusted: firewalls forget it without a word, and a question would run into
its time limit."""


@cache
def library() -> Any:
    """python-ldap, which only sites with LDAP need. Raises Unavailable."""
    try:
        import ldap  # type: ignore[import-untyped]
        import ldap.controls.libldap  # type: ignore[import-untyped]
        import ldap.dn  # type: ignore[import-untyped]
        import ldap.filter  # type: ignore[import-untyped]
    except ImportError as fault:
        raise Unavailable("python-ldap is not installed: pip install 'postclerk[ldap]'") from fault
    return ldap


class Entry:
    """One entry with the attributes that were asked for. One that is `elsewhere` is known by its DN alone: another
    server has it."""

    __slots__ = ("_values", "dn", "elsewhere")

    def __init__(self, dn: str, values: Mapping[str, list[bytes]], *, elsewhere: bool = False) -> None:
        self.dn = dn
        self.elsewhere = elsewhere
        self._values = {name.lower(): found for name, found in values.items()}

    def texts(self, *names: str) -> list[str]:
        """The values of these attributes that are text."""
        found = []
        for name in names:
            for value in self._values.get(name.lower(), ()):
                with suppress(UnicodeDecodeError):
                    found.append(value.decode().strip())
        return found

    def text(self, name: str) -> str:
        """The first value, printable, or nothing."""
        return printable(next(iter(self.texts(name)), ""))

    def addresses(self, names: Iterable[str]) -> list[Address]:
        """The addresses in these attributes, each once; what is none, such as `x500:...` in proxyAddresses, is not."""
        found: dict[str, Address] = {}
        for name in names:
            # Exchange writes SMTP: before the primary address and smtp: before the others.
            for text in sorted(self.texts(name), key=lambda text: not text.startswith("SMTP:")):
                address = whole_address(text[5:] if text[:5].lower() == "smtp:" else text)
                if address is not None:
                    found.setdefault(address.key, address)
        return list(found.values())

    def missing(self) -> tuple[str, int] | None:
        """Of an attribute that Active Directory gave in part: its name, and the value at which it goes on."""
        for part in list(self._values):
            if found := re.fullmatch(r"(.+);range=\d+-(\d+|\*)", part):
                self._values[found[1]] = [*self._values.get(found[1], ()), *self._values.pop(part)]
                if found[2] != "*":
                    return found[1], int(found[2]) + 1
        return None

    def add(self, further: Entry) -> bool:
        """Puts the next part of an attribute to what is there; whether there was one."""
        parts = {name: values for name, values in further._values.items() if ";range=" in name}
        self._values |= parts
        return bool(parts)


def chunks(values: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    return (values[start : start + size] for start in range(0, len(values), size))


@dataclass(frozen=True, slots=True)
class Credentials:
    dn: str = ""
    password: str = ""

    def __repr__(self) -> str:
        return f"Credentials(dn={self.dn!r})"


def read_credentials(path: Path) -> Credentials:
    """What to bind with. The mode is that of the file that is read, not of one that stood there before. Raises
    ValueError in words for people."""
    try:
        # A pipe would let us wait.
        with open(os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK), "rb") as opened:  # noqa: PTH123
            status = os.fstat(opened.fileno())
            if not stat.S_ISREG(status.st_mode):
                raise ValueError(f"{path} is no file")
            if status.st_mode & 0o077:
                raise ValueError(f"{path} is open to others than its owner: chmod 600 {path}")
            text = opened.read(65536).decode("utf-8-sig")
    except OSError as fault:
        raise ValueError(f"cannot read {path}: {fault.strerror}") from fault
    except UnicodeDecodeError:
        raise ValueError(f"{path} is not UTF-8") from None
    try:
        # Every value as the text that was written: a password may be 0123. What the parser says would quote it.
        value = YAML(typ="base", pure=True).load(text)
    except YAMLError:
        raise ValueError(f"{path} is not YAML") from None
    if not isinstance(value, dict) or not all(isinstance(value.get(key), str) for key in ("dn", "password")):
        raise ValueError(f"{path} must have `dn` and `password`")
    # A bind with a DN and no password succeeds as anonymous (RFC 4513 5.1.2).
    if not value["dn"] or not value["password"]:
        raise ValueError(f"`dn` or `password` in {path} is empty")
    return Credentials(value["dn"], value["password"])


def _reason(fault: BaseException) -> str:
    """What python-ldap says, in one short line."""
    told = _told_by(fault)
    parts = [str(told[key]) for key in ("desc", "info") if told.get(key)] or [str(fault)]
    return printable(": ".join(parts))[:200] or "timed out"


def _told_by(fault: BaseException) -> dict[str, Any]:
    """What python-ldap puts into its exceptions; into that of a time limit of its own it puts nothing."""
    return fault.args[0] if fault.args and isinstance(fault.args[0], dict) else {}


class Connection:
    """One connection, for one thread at a time. `deadline`, on the monotonic clock, is when the answer must be there.

    Raises ldap.LDAPError and ValueError, and Unavailable for what exceeds a bound.
    """

    def __init__(self, url: str, settings: Ldap, folder: Path, credentials: Credentials, deadline: float) -> None:
        ldap = library()
        self._ldap_module = ldap
        self.deadline = deadline
        self.used_at = time.monotonic()
        self._ldap = ldap.initialize(url)
        try:
            self._open(url, settings, folder, credentials)
        except BaseException:
            self.close()
            raise

    def _open(self, url: str, settings: Ldap, folder: Path, credentials: Credentials) -> None:
        ldap, connection = self._ldap_module, self._ldap
        for option in (ldap.OPT_NETWORK_TIMEOUT, ldap.OPT_TIMEOUT):
            connection.set_option(option, self._left())
        connection.set_option(ldap.OPT_REFERRALS, 0)
        connection.set_option(ldap.OPT_DEREF, ldap.DEREF_NEVER)
        # Whatever ldap.conf or the environment say.
        connection.set_option(ldap.OPT_X_TLS_REQUIRE_CERT, ldap.OPT_X_TLS_DEMAND)
        if settings.ca_file:
            connection.set_option(ldap.OPT_X_TLS_CACERTFILE, str(folder / settings.ca_file))
        connection.set_option(ldap.OPT_X_TLS_NEWCTX, 0)
        starttls = settings.starttls and url.lower().startswith("ldap:")
        if starttls or url.lower().startswith("ldaps:"):
            # Otherwise libldap 2.5 with GnuTLS waits for a silent server's part of the handshake in a loop without end.
            connection.set_option(ldap.OPT_CONNECT_ASYNC, 1)
        if starttls:
            connection.start_tls_s()
        try:
            self._result(connection.simple_bind(credentials.dn, credentials.password))
        except ldap.LDAPError as fault:
            told = _told_by(fault)
            if told.get("result", -1) < 0:
                raise
            # Not what the server says besides: it could repeat what it was given.
            raise ValueError(f"the server does not take the credentials: {told['desc']}") from None

    def close(self) -> None:
        with suppress(self._ldap_module.LDAPError):
            self._ldap.unbind_ext_s()

    def _left(self) -> float:
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise self._ldap_module.TIMEOUT
        return left

    def _result(self, number: int) -> tuple[list[Entry], Sequence[Any]]:
        _kind, found, _number, controls = self._ldap.result3(number, all=1, timeout=self._left())
        # Without a DN it is a reference to another server (RFC 4511 4.5.3).
        return [Entry(dn, values) for dn, values in found or () if dn is not None], controls

    def pages(self, base: str, wanted: str, attributes: Collection[str], size: int = _PAGE) -> Iterator[list[Entry]]:
        """What a filter finds, page by page. Where a server knows no pages it is all one."""
        ldap = self._ldap_module
        control = ldap.controls.libldap.SimplePagedResultsControl(False, size, "")
        while True:
            number = self._ldap.search_ext(
                base, ldap.SCOPE_SUBTREE, wanted, _asked(attributes), serverctrls=[control], timeout=self._left()
            )
            entries, controls = self._result(number)
            yield [self._whole(entry) for entry in entries]
            control.cookie = next((one.cookie for one in controls if one.controlType == control.controlType), "")
            if not control.cookie:
                return

    def search(self, base: str, wanted: str, attributes: Collection[str], *, most: int) -> list[Entry]:
        """What a filter finds. Raises Unavailable for more than `most` entries."""
        found: list[Entry] = []
        for page in self.pages(base, wanted, attributes, min(_PAGE, most + 1)):
            found += page
            if len(found) > most:
                raise Unavailable(f"the directory has more than {most} entries for one question")
        return found

    def read(self, dns: Sequence[str], attributes: Collection[str]) -> dict[str, Entry]:
        """These entries by the DN that was asked for, as far as they exist; many at the price of a few."""
        ldap = self._ldap_module
        found: dict[str, Entry] = {}
        for chunk in chunks(dns, _UNDER_WAY):
            asked = [
                self._ldap.search_ext(dn, ldap.SCOPE_BASE, "(objectClass=*)", _asked(attributes), timeout=self._left())
                for dn in chunk
            ]
            for dn, number in zip(chunk, asked, strict=True):
                try:
                    entries, _controls = self._result(number)
                except (ldap.NO_SUCH_OBJECT, ldap.INVALID_DN_SYNTAX):
                    continue
                except ldap.REFERRAL:
                    entries = [Entry(dn, {}, elsewhere=True)]
                found.update((dn, entry) for entry in entries)
        return {dn: self._whole(entry) for dn, entry in found.items()}

    def _whole(self, entry: Entry) -> Entry:
        """The entry with all values of what Active Directory gives 1,500 at a time ([MS-ADTS] 3.1.1.3.1.3.3)."""
        while part := entry.missing():
            wanted = [f"{part[0]};range={part[1]}-*"]
            number = self._ldap.search_ext(entry.dn, self._ldap_module.SCOPE_BASE, "(objectClass=*)", wanted)
            if not any(entry.add(further) for further in self._result(number)[0]):
                raise Unavailable(f"the directory keeps back values of {printable(entry.dn)}")
        return entry


def _asked(attributes: Collection[str]) -> list[str]:
    # No attribute at all would be all of them (RFC 4511 4.5.1.8); 1.1 is none.
    return list(dict.fromkeys(one for one in attributes if one)) or ["1.1"]


class Pool:
    """The connections of one directory, at most `at_once`. A server that cannot be reached is left alone for a while;
    when that is so of all of them, there is no answer at once."""

    def __init__(self, settings: Ldap, folder: Path) -> None:
        self._settings = settings
        self._folder = folder
        self._places = threading.BoundedSemaphore(settings.at_once)
        self._lock = threading.Lock()
        self._idle: list[Connection] = []
        self._generation = 0
        self._down_until: dict[str, float] = {}

    def ask(self, question: Callable[[Connection], T]) -> T:
        """The answer to a question, asked once more when its connection turns out to be broken. Raises Unavailable."""
        ldap = library()
        broken = (ldap.SERVER_DOWN, ldap.CONNECT_ERROR, ldap.UNAVAILABLE, ldap.BUSY)
        deadline = time.monotonic() + self._settings.timeout
        if not self._places.acquire(timeout=self._settings.timeout):
            raise Unavailable(f"{self._settings.at_once} questions are under way already")
        try:
            with told():
                try:
                    return self._ask_once(question, deadline)
                except broken:
                    # The others were opened to the same server, and are no better.
                    self.close()
                    return self._ask_once(question, deadline)
        finally:
            self._places.release()

    def _ask_once(self, question: Callable[[Connection], T], deadline: float) -> T:
        connection, generation = self._taken(deadline)
        connection.deadline = deadline
        try:
            answer = question(connection)
        except BaseException:
            # Answers that nobody waits for any longer may still come.
            connection.close()
            raise
        connection.used_at = time.monotonic()
        with self._lock:
            kept = generation == self._generation
            if kept:
                self._idle.append(connection)
        if not kept:
            connection.close()
        return answer

    def _taken(self, deadline: float) -> tuple[Connection, int]:
        now = time.monotonic()
        with self._lock:
            generation = self._generation
            old = [one for one in self._idle if one.used_at < now - _IDLE]
            self._idle = [one for one in self._idle if one.used_at >= now - _IDLE]
            taken = self._idle.pop() if self._idle else None
        for connection in old:
            connection.close()
        return taken or self.open(deadline), generation

    def open(self, deadline: float) -> Connection:
        """A new connection, to the first server that can be reached. Raises Unavailable."""
        now = time.monotonic()
        with self._lock:
            servers = [url for url in self._settings.url if self._down_until.get(url, now) <= now]
        if not servers:
            raise Unavailable("the directory could not be reached a moment ago")
        credentials = self._credentials()
        reasons = []
        for number, url in enumerate(servers):
            now = time.monotonic()
            # What is left of the time is shared out: a server that is silent must not use up the others'.
            until = now + (deadline - now) / (len(servers) - number)
            try:
                return Connection(url, self._settings, self._folder, credentials, until)
            except (library().LDAPError, ValueError) as fault:
                reasons.append(f"{url}: {_reason(fault)}")
                # Where a question had used up its time before, the server may not be to blame.
                if until - now > self._settings.timeout / len(self._settings.url) / 2:
                    with self._lock:
                        self._down_until[url] = time.monotonic() + self._settings.retry_after
        raise Unavailable("; ".join(reasons))

    def _credentials(self) -> Credentials:
        """Read for each connection, so that a password can be changed without a restart."""
        if not self._settings.credentials:
            return Credentials()
        try:
            return read_credentials(self._folder / self._settings.credentials)
        except ValueError as fault:
            raise Unavailable(str(fault)) from fault

    def close(self) -> None:
        with self._lock:
            self._generation += 1
            closed, self._idle = self._idle, []
        for connection in closed:
            connection.close()


@contextmanager
def told() -> Iterator[None]:
    """What python-ldap raises as Unavailable."""
    try:
        yield
    except (library().LDAPError, ValueError) as fault:
        raise Unavailable(f"the directory does not answer: {_reason(fault)}") from fault
