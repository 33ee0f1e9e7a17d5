"""Hands a mail of our own to Postfix over SMTP, from the null sender; and signs it, where there is a key (dkimpy).

Failure modes: HandoverError, which says whether trying again can help.
"""

from __future__ import annotations

import contextlib
import smtplib
import socket
import ssl
from pathlib import Path

import dkim

_TIMEOUT = 30.0
_SIGNED = ("from", "to", "subject", "date", "message-id", "in-reply-to", "references", "auto-submitted",
           "mime-version", "content-type", "content-transfer-encoding")  # fmt: skip


class HandoverError(Exception):
    """Postfix did not take a mail; the text is one line."""

    def __init__(self, why: str, *, permanent: bool) -> None:
        super().__init__(" ".join(why.split()))
        self.permanent = permanent


def hand_over(where: str, recipient: str, content: bytes, hostname: str) -> None:
    """Returns when Postfix has taken the mail. Raises HandoverError."""
    try:
        with _connected(where, hostname) as smtp:
            smtp.ehlo_or_helo_if_needed()
            options = ["SMTPUTF8"] if not recipient.isascii() and smtp.has_extn("smtputf8") else []
            options += ["BODY=8BITMIME"] if smtp.has_extn("8bitmime") else []
            smtp.sendmail("", [recipient], content, mail_options=options)
    except smtplib.SMTPRecipientsRefused as refused:
        code, text = next(iter(refused.recipients.values()))
        raise HandoverError(f"{code} {_shown(text)}", permanent=code >= 500) from refused
    except smtplib.SMTPResponseException as refused:
        raise HandoverError(
            f"{refused.smtp_code} {_shown(refused.smtp_error)}", permanent=refused.smtp_code >= 500
        ) from (refused)
    except (OSError, smtplib.SMTPException, UnicodeError) as fault:
        raise HandoverError(f"{where}: {fault}", permanent=isinstance(fault, UnicodeError)) from fault


def _connected(where: str, hostname: str) -> smtplib.SMTP:
    host, _colon, port = where.rpartition(":")
    if host != "unix":
        smtp = smtplib.SMTP(host.strip("[]"), int(port), hostname, _TIMEOUT)
        if smtp.has_extn("starttls") and not _is_loopback(smtp):
            smtp.starttls(context=ssl.create_default_context())
        return smtp
    smtp = smtplib.LMTP("", 0, hostname)
    smtp.connect(port, 0)
    return smtp


def _is_loopback(smtp: smtplib.SMTP) -> bool:
    address = smtp.sock.getpeername()[0] if smtp.sock and smtp.sock.family != socket.AF_UNIX else "127."
    return str(address).startswith("127.") or address == "::1"


def _shown(text: bytes | str) -> str:
    return text.decode("utf-8", "replace") if isinstance(text, bytes) else text


class Signer:
    """Signs with one key. Raises OSError, ValueError from the key's file."""

    def __init__(self, domain: str, selector: str, key_file: Path) -> None:
        self._domain = domain.encode()
        self._selector = selector.encode()
        self._key = key_file.read_bytes()
        with contextlib.suppress(dkim.DKIMException):
            self.sign(b"From: a@example.org\r\n\r\n")
            return
        raise ValueError(f"{key_file} is no private key that signs by RSA")

    def sign(self, content: bytes) -> bytes:
        """The mail with its signature on top. From is signed once more than it is there: none can be added."""
        present = {line.split(b":", 1)[0].decode("ascii", "replace").lower() for line in _header_lines(content)}
        names = [name.encode() for name in _SIGNED if name in present]
        signature = dkim.sign(
            content, self._selector, self._domain, self._key, canonicalize=(b"relaxed", b"relaxed"),
            include_headers=[*names, b"from"],
        )  # fmt: skip
        return bytes(signature) + content


def _header_lines(content: bytes) -> list[bytes]:
    head = content.partition(b"\r\n\r\n")[0]
    return [line for line in head.split(b"\r\n") if line[:1] not in (b" ", b"\t")]
