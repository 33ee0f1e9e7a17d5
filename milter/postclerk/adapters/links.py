"""Links that only postclerk can make, and that end: they say which page and for whom (itsdangerous, HMAC).

Whoever has such a link is taken for whom it was mailed to; it opens pages, and what changes anything takes a form as
well, because mail scanners open links. Failure modes: OSError from the key's file; SecretError when it is no secret.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import stat
from pathlib import Path
from typing import Any

from itsdangerous import BadData, URLSafeTimedSerializer

from postclerk.adapters.files import open_own


class SecretError(Exception):
    """The file of the key cannot be used; the text is one line."""


class Links:
    """The pages' addresses, and what a link that comes back says. `explain_url` ends where an incident's id begins."""

    def __init__(self, secret: str, explain_url: str, lasts: float) -> None:
        self._secret = secret
        self._explain_url = explain_url
        self._lasts = lasts

    def explanation(self, incident: str, login: str) -> str:
        """The page of a decision for one of our own people; nothing where there are no pages."""
        return self._link(incident, "explanation", [incident, login])

    def decision(self, number: int, login: str) -> str:
        """The page on which whoever decides answers a request."""
        return self._link(f"r/{number}", "decision", [number, login])

    def waiting(self, login: str) -> str:
        """The page on which somebody sees what waits for his answer."""
        return self._link("w", "waiting", [login])

    def duty(self, number: int, login: str) -> str:
        """The page on which he says what became of one letter."""
        return self._link(f"w/{number}", "duty", [number, login])

    def leave_off(self, login: str, kind: str) -> str:
        """The page on which somebody has no more digests of a kind sent to him."""
        return self._link("off", "off", [login, kind])

    def staff(self, page: str) -> str:
        """A page of the staff's, which takes no token: the site's proxy says who they are."""
        return f"{self._explain_url.removesuffix('e/')}staff/{page}" if self._explain_url.endswith("/e/") else ""

    def _link(self, page: str, purpose: str, value: list[Any]) -> str:
        if not self._explain_url:
            return ""
        return f"{self._explain_url}{page}?t={self.token(purpose, value)}"

    def token(self, purpose: str, value: list[Any]) -> str:
        """What a link or a form of this purpose carries."""
        token = self._signer(purpose).dumps(value)
        return token if isinstance(token, str) else token.decode()

    def read(self, purpose: str, token: str) -> list[Any] | None:
        """What a link of this purpose says; None where it is forged or too old."""
        with contextlib.suppress(BadData):
            value = self._signer(purpose).loads(token[:500], max_age=int(self._lasts))
            return value if isinstance(value, list) else None
        return None

    def _signer(self, purpose: str) -> URLSafeTimedSerializer:
        return URLSafeTimedSerializer(self._secret, salt=f"postclerk {purpose}")


def secret(path: Path) -> str:
    """The key in a file, which is made when there is none. Raises SecretError, OSError."""
    with contextlib.suppress(FileExistsError):
        made = open_own(path, os.O_EXCL | os.O_WRONLY)
        with os.fdopen(made, "w", encoding="ascii") as file:
            os.fchmod(made, 0o600)
            file.write(secrets.token_hex(32) + "\n")
            file.flush()
            os.fsync(made)
    opened = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
    with os.fdopen(opened, encoding="ascii", errors="replace") as file:
        if os.fstat(opened).st_mode & (stat.S_IRWXO | stat.S_IWGRP):
            raise SecretError(f"{path} is open to others; chmod 600 {path}")
        text = file.read(1024).strip()
    if len(text) < 32:
        raise SecretError(f"{path} holds no key of at least 32 characters")
    return text
