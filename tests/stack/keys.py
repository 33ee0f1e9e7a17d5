"""Keys that sign mail: DKIM signatures and ARC chains, and the DNS records by which they are verified.

Failure modes: StackError when openssl is missing or fails.
"""

from __future__ import annotations

import base64
import subprocess
from dataclasses import dataclass, field
from functools import lru_cache

import dkim
from dkim.canonicalization import CanonicalizationPolicy
from dkim.crypto import HASH_ALGORITHMS, parse_pem_private_key

from tests.stack.postfix import StackError, program


@lru_cache(maxsize=1)
def _pair() -> tuple[bytes, str]:
    """One RSA key for all names: what differs is where it is published."""
    try:
        made = subprocess.run([program("openssl"), "genrsa", "-traditional", "2048"], capture_output=True, check=True)
        publish = [program("openssl"), "rsa", "-pubout", "-outform", "DER"]
        public = subprocess.run(publish, input=made.stdout, capture_output=True, check=True)
    except subprocess.CalledProcessError as fault:
        raise StackError(f"openssl: {fault.stderr.decode().strip()}") from fault
    return made.stdout, base64.b64encode(public.stdout).decode()


def private_key() -> bytes:
    """The private half, as a file holds it (PEM)."""
    return _pair()[0]


@dataclass(frozen=True, slots=True)
class Key:
    """A key by its name in the DNS."""

    domain: str
    selector: str
    headers: tuple[str, ...] = field(default=("from", "to", "subject", "date", "sender", "reply-to"))

    @property
    def name(self) -> str:
        """Where its public half stands."""
        return f"{self.selector}._domainkey.{self.domain}"

    @property
    def record(self) -> bytes:
        """What stands there."""
        return f"v=DKIM1; k=rsa; p={_pair()[1]}".encode()

    @property
    def zone_line(self) -> str:
        """The same as a line of a zone file; a string in it has at most 255 octets (RFC 1035 3.3)."""
        text = self.record.decode()
        parts = " ".join(f'"{text[start : start + 200]}"' for start in range(0, len(text), 200))
        return f"{self.name}. TXT ( {parts} )\n"

    def sign(self, message: bytes, *, length: bool = False) -> bytes:
        """The message with a signature on top."""
        signature = dkim.sign(
            message,
            self.selector.encode(),
            self.domain.encode(),
            _pair()[0],
            canonicalize=(b"relaxed", b"simple"),
            include_headers=[name.encode() for name in self.headers],
            length=length,
        )
        return bytes(signature + message)

    def sign_oddly(self, message: bytes, **tags: int) -> bytes:
        """The same with further tags, such as `x`, when it expires; and without From, where `headers` does not name
        it."""
        signer = dkim.DKIM(message)
        signer.hasher = HASH_ALGORITHMS[b"rsa-sha256"]
        canonical = CanonicalizationPolicy.from_c_value(b"relaxed/simple")
        digest = base64.b64encode(signer.hasher(canonical.canonicalize_body(signer.body)).digest())
        said = {"v": "1", "a": "rsa-sha256", "c": "relaxed/simple", "d": self.domain, "s": self.selector, **tags}
        fields = [(name.encode(), str(value).encode()) for name, value in said.items()]
        signed = [name.encode() for name in self.headers]
        fields += [(b"h", b":".join(signed)), (b"bh", digest), (b"b", b"0" * 60)]
        made = signer.gen_header(fields, signed, canonical, b"DKIM-Signature", parse_pem_private_key(_pair()[0]))
        return b"DKIM-Signature: " + bytes(made).strip() + b"\r\n" + message

    def seal(self, message: bytes, results: str) -> bytes:
        """The message with an ARC set on top, by which the key's domain says what it saw."""
        seen = f"Authentication-Results: {self.domain}; {results}\r\n".encode() + message
        fields = dkim.arc_sign(
            seen,
            self.selector.encode(),
            self.domain.encode(),
            _pair()[0],
            self.domain.encode(),
            include_headers=[b"from", b"to", b"subject", b"date"],
        )
        return b"".join(fields) + message
