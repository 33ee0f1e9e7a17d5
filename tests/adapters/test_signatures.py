"""DKIM signatures and ARC chains: what is valid, and what hostile fields make of the one who reads them."""

from __future__ import annotations

import time

import pytest

from postclerk.adapters.signatures import MailVerifier
from postclerk.core.facts import ArcChain, Headers
from postclerk.core.ports import Unavailable
from postclerk.mail.header import body, header_fields
from tests.conftest import StillDns
from tests.stack.keys import Key

KEY = Key("uni.example", "mail")
SEALER, SECOND = Key("forwarder.example.net", "arc"), Key("list.example.org", "arc")
LETTER = b"From: a.serik@uni.example\r\nTo: b@example.org\r\nSubject: x\r\nDate: x\r\n\r\nHello.\r\n"


@pytest.fixture
def dns() -> StillDns:
    """A DNS that knows the keys."""
    still = StillDns()
    still.records = {key.name: (key.record,) for key in (KEY, SEALER, SECOND)}
    return still


def _verified(dns: StillDns, message: bytes) -> list[tuple[str, str, bool]]:
    headers = Headers(header_fields(message))
    found = MailVerifier(dns).signatures(headers, body(message), headers.signatures)
    return [(one.domain, one.selector, one.valid) for one in found]


@pytest.mark.parametrize(
    ("message", "valid"),
    [
        pytest.param(KEY.sign(LETTER), True, id="whole"),
        pytest.param(KEY.sign(LETTER).replace(b"Hello", b"Hullo"), False, id="another-body"),
        pytest.param(KEY.sign(LETTER).replace(b"Subject: x", b"Subject: y"), False, id="another-subject"),
        pytest.param(KEY.sign(LETTER).replace(b"Subject: x", b"Subject:   x  "), True, id="only-blanks"),
        pytest.param(KEY.sign(LETTER).replace(b"\r\n", b"\n"), True, id="stored-with-bare-line-feeds"),
        pytest.param(KEY.sign(LETTER.replace(b"Subject: x", b"Subject: x\r\n  and more")), True, id="folded"),
        pytest.param(b"X-Later: y\r\n" + KEY.sign(LETTER), True, id="a-field-above"),
        pytest.param(b"From: b@uni.example\r\n" + KEY.sign(LETTER), False, id="a-second-from"),
        pytest.param(KEY.sign(LETTER).replace(b"s=mail", b"s=none"), False, id="no-such-key"),
        pytest.param(KEY.sign(LETTER).replace(b"bh=", b"bh=!"), False, id="no-base64"),
        pytest.param(KEY.sign(LETTER).replace(b"v=1", b"v=2"), False, id="no-such-version"),
    ],
)
def test_signatures(dns: StillDns, message: bytes, valid: bool) -> None:
    """A signature is valid when nothing of what it covers has changed."""
    assert [one[2] for one in _verified(dns, message)] == [valid]


def test_a_silent_dns(dns: StillDns) -> None:
    """It is nobody's guilt, and does not matter where another signature is valid."""
    dns.silent = frozenset({"silent.example"})
    silent = Key("silent.example", "x")
    with pytest.raises(Unavailable):
        _verified(dns, silent.sign(LETTER))
    assert _verified(dns, silent.sign(KEY.sign(LETTER))) == [("uni.example", "mail", True)]


@pytest.mark.parametrize(
    "field",
    [
        pytest.param(b"v=1; a=rsa-sha256; d=uni.example; s=mail; h=from; bh=x; b=" + b" " * 90000 + b"!", id="blanks"),
        pytest.param(b"v=1; a=rsa-sha256; d=uni.example; s=mail; h=" + b"from:" * 18000 + b"; b=x", id="names"),
        pytest.param(b"d=uni.example; s=mail; h=from; " * 3000, id="tags"),
        pytest.param(
            b"v=1; a=rsa-sha256; d=uni.example; s=mail; h=from; bh=" + b" \t" * 4000 + b"; b=" + b"A \t" * 1000 + b"!",
            id="just-short-enough",
        ),
    ],
)
def test_hostile_fields(dns: StillDns, field: bytes) -> None:
    """They are not valid, and found to be so in no time."""
    began = time.perf_counter()
    found = _verified(dns, b"DKIM-Signature: " + field + b"\r\n" + LETTER)
    assert not any(valid for _domain, _selector, valid in found)
    assert time.perf_counter() - began < 2


def _chain(dns: StillDns, message: bytes) -> ArcChain:
    return MailVerifier(dns).arc(Headers(header_fields(message)), body(message))


def test_chains(dns: StillDns) -> None:
    """A chain names its sealers, the newest first, and what the first of them saw."""
    once = SEALER.seal(LETTER, "dkim=pass header.d=uni.example; dmarc=pass header.from=Staff.uni.example; spf=pass")
    assert _chain(dns, once) == ArcChain(
        valid=True, sealers=("forwarder.example.net",), passed=frozenset({"uni.example", "staff.uni.example"})
    )
    twice = SECOND.seal(once, "arc=pass; dkim=fail header.d=uni.example")
    assert _chain(dns, twice).sealers == ("list.example.org", "forwarder.example.net")
    assert "uni.example" in _chain(dns, twice).passed


@pytest.mark.parametrize(
    "message",
    [
        pytest.param(LETTER, id="none"),
        pytest.param(
            SEALER.seal(LETTER, "dkim=pass header.d=uni.example").replace(b"Hello", b"Hullo"), id="another-body"
        ),
        pytest.param(
            SEALER.seal(LETTER, "dkim=none").replace(b"dkim=none", b"dkim=pass header.d=uni.example"),
            id="another-result",
        ),
        pytest.param(b"ARC-Seal: i=1; cv=none; d=forwarder.example.net\r\n" + LETTER, id="a-seal-alone"),
        pytest.param(b"ARC-Seal: i=1; cv=none; b=" + b" " * 90000 + b"!\r\n" + LETTER, id="blanks"),
        pytest.param(b"ARC-Seal: i=1\r\n" * 200 + LETTER, id="many"),
        pytest.param(b"ARC-Seal: i=999999999999\r\n" + LETTER, id="a-great-number"),
        pytest.param(
            b"ARC-Seal: i=50\r\nARC-Message-Signature: i=x\r\nARC-Authentication-Results: =\r\n" + LETTER, id="nonsense"
        ),
    ],
)
def test_no_chains(dns: StillDns, message: bytes) -> None:
    """Whatever is not whole is no chain, and takes no time to find out."""
    began = time.perf_counter()
    assert not _chain(dns, message).valid
    assert time.perf_counter() - began < 2
