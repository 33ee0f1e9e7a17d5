"""Envelopes as they are collected: addresses are judged as Postfix will route them."""

from __future__ import annotations

import pytest

from postclerk.collect import as_routed
from postclerk.core.addresses import Address
from postclerk.settings import Site

SITE = Site(hostname="mx.uni.example", domains=["uni.example", "second.example"])


@pytest.mark.parametrize(
    ("written", "routed"),
    [
        pytest.param(("all", "uni.example"), "all@uni.example", id="as-it-is"),
        pytest.param(("uni.example!all", ""), "all@uni.example", id="a-bang-path"),
        pytest.param(("all%uni.example", ""), "all@uni.example", id="a-percent-sign"),
        pytest.param(("all%uni.example", "uni.example"), "all@uni.example", id="a-percent-sign-at-our-domain"),
        pytest.param(("uni.example!all", "second.example"), "all@uni.example", id="a-bang-path-at-our-domain"),
        pytest.param(("x%example.org", "uni.example"), "x@example.org", id="through-us-to-outside"),
        pytest.param(("evil.example!x", ""), "x@evil.example", id="a-bang-path-to-outside"),
        pytest.param(("a%b%uni.example", "uni.example"), "a@b", id="wrapped-twice"),
        pytest.param(("rector", ""), "rector@uni.example", id="completed-with-the-first-domain"),
        pytest.param(("all%x", "example.org"), "all%x@example.org", id="others-addresses-are-theirs"),
        pytest.param(("!", "uni.example"), "!@uni.example", id="nothing-to-unwrap"),
    ],
)
def test_addresses_are_routed(written: tuple[str, str], routed: str) -> None:
    """Another form of an address is the address that Postfix makes of it."""
    assert str(as_routed(Address(*written), frozenset(SITE.domains), SITE)) == routed
