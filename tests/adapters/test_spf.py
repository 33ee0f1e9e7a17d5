"""SPF, asked of a real name server (RFC 7208)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from postclerk.adapters.resolver import DnsResolver
from postclerk.adapters.spf import may_send
from postclerk.core.ports import Unavailable
from postclerk.settings import Dns
from tests.stack.nameserver import PrivateNameServer

CHAIN = "".join(f'step{one} TXT "v=spf1 include:step{one + 1}.example -all"\n' for one in range(12))
VOIDS = " ".join(f"a:gone{one}.example" for one in range(5))

ZONE = f"""\
four TXT "v=spf1 ip4:203.0.113.0/24 -all"
six TXT "v=spf1 ip6:2001:db8::/32 -all"
host TXT "v=spf1 a mx -all"
host A 203.0.113.5
host MX 10 mx.host
mx.host A 203.0.113.6
outer TXT "v=spf1 include:four.example -all"
moved TXT "v=spf1 redirect=four.example"
soft TXT "v=spf1 ~all"
all TXT "v=spf1 +all"
loop TXT "v=spf1 include:loop.example -all"
wrong TXT "v=spf1 ipv4:nonsense -all"
two TXT "v=spf1 +all"
two TXT "v=spf1 -all"
voids TXT "v=spf1 {VOIDS} ip4:203.0.113.5 -all"
long TXT "v=spf1 ip4:203.0.113.5 " "-all"
macro TXT "v=spf1 exists:%{{i}}.allowed.example -all"
203.0.113.5.allowed A 127.0.0.2
none TXT "nothing to see"
split TXT "v=sp" "f1 ip4:203.0.113.5 -all"
{CHAIN}"""


@pytest.fixture(scope="module")
def resolver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DnsResolver]:
    """Our resolver on a name server of its own; `broken.example` is a zone that fails."""
    with PrivateNameServer(tmp_path_factory.mktemp("nsd"), {"example": ZONE, "broken.test": ""}) as running:
        yield DnsResolver(Dns.model_validate({"servers": [running.address], "timeout": "1s"}))


@pytest.mark.parametrize(
    ("domain", "client", "passes"),
    [
        pytest.param("four", "203.0.113.5", True, id="network"),
        pytest.param("four", "198.51.100.1", False, id="another-network"),
        pytest.param("six", "2001:db8::1", True, id="ipv6"),
        pytest.param("six", "IPv6:2001:db8::1", True, id="as-postfix-writes-ipv6"),
        pytest.param("host", "203.0.113.5", True, id="a"),
        pytest.param("host", "203.0.113.6", True, id="mx"),
        pytest.param("outer", "203.0.113.5", True, id="include"),
        pytest.param("moved", "203.0.113.5", True, id="redirect"),
        pytest.param("long", "203.0.113.5", True, id="several-strings"),
        pytest.param("split", "203.0.113.5", True, id="cut-anywhere"),
        pytest.param("macro", "203.0.113.5", True, id="macro"),
        pytest.param("macro", "203.0.113.6", False, id="macro-of-another"),
        pytest.param("all", "198.51.100.1", True, id="everybody"),
        pytest.param("soft", "203.0.113.5", False, id="softfail-proves-nothing"),
        pytest.param("none", "203.0.113.5", False, id="no-record"),
        pytest.param("nowhere", "203.0.113.5", False, id="no-domain"),
        pytest.param("two", "203.0.113.5", False, id="two-records"),
        pytest.param("wrong", "203.0.113.5", False, id="a-wrong-record"),
        pytest.param("loop", "203.0.113.5", False, id="a-loop"),
        pytest.param("step0", "203.0.113.5", False, id="too-many-look-ups"),
        pytest.param("voids", "203.0.113.5", False, id="too-many-that-lead-nowhere"),
    ],
)
def test_spf(resolver: DnsResolver, domain: str, client: str, passes: bool) -> None:
    """Only a clear pass proves something."""
    assert passes is may_send(resolver, client, f"a@{domain}.example", f"{domain}.example")


@pytest.mark.parametrize("domain", ["x" * 64, "a..b", "", "a b.example", "\u0430.example", "x." * 200])
def test_what_is_no_name(resolver: DnsResolver, domain: str) -> None:
    """Nothing is proved, and nothing raised."""
    assert not may_send(resolver, "203.0.113.5", f"a@{domain}", domain)


def test_a_dns_that_fails(resolver: DnsResolver) -> None:
    """It is not known who may send."""
    with pytest.raises(Unavailable):
        may_send(resolver, "203.0.113.5", "a@broken.test", "broken.test")
