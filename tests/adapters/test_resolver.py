"""The resolver, asked about zones of a real name server of its own."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from postclerk.adapters.resolver import DnsResolver
from postclerk.core.ports import Unavailable
from postclerk.settings import Dns
from tests.stack.nameserver import PrivateNameServer
from tests.stack.ports import free_ports

ZONE = """\
with-mx MX 10 mx.with-mx
mx.with-mx A 93.184.215.14
only-a A 93.184.215.14
only-private A 10.0.0.1
null-mx MX 0 .
null-mx A 93.184.215.14
no-mail TXT "v=spf1 -all"
no-mail A 93.184.215.14
mx-and-spf MX 10 mx.with-mx
mx-and-spf TXT "v=spf1 -all"
only-txt TXT "nothing else"
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A name server on a port of its own, with the zone above; in front of it nobody else's."""
    with PrivateNameServer(tmp_path_factory.mktemp("nsd"), {"example": ZONE}) as running:
        yield running.address


def _resolver(server: str, **settings: object) -> DnsResolver:
    return DnsResolver(Dns.model_validate({"servers": [server], "timeout": "2s", **settings}))


@pytest.mark.parametrize(
    ("domain", "receives"),
    [
        pytest.param("with-mx.example", True, id="mx"),
        pytest.param("only-a.example", True, id="no-mx-but-an-address"),
        pytest.param("mx-and-spf.example", True, id="mx-counts-more-than-spf"),
        pytest.param("null-mx.example", False, id="null-mx"),
        pytest.param("nowhere.example", False, id="no-such-domain"),
        pytest.param("only-private.example", False, id="only-a-private-address"),
        pytest.param("no-mail.example", False, id="it-sends-no-mail"),
        pytest.param("only-txt.example", False, id="neither-mx-nor-address"),
    ],
)
def test_domains(server: str, domain: str, receives: bool) -> None:
    """A domain receives mail by its MX or its address, unless it says or shows that it does not."""
    assert receives is _resolver(server).receives_mail(domain)


def test_a_refusal_is_no_answer(server: str) -> None:
    """A server that does not want to answer says nothing about the domain."""
    with pytest.raises(Unavailable):
        _resolver(server, timeout="0.5s").receives_mail("elsewhere.org")


def test_nobody_answers() -> None:
    """A dead server costs its time limit once, and then nothing for a while."""
    resolver = _resolver(f"127.0.0.1:{free_ports(1)[0]}", timeout="0.5s")
    began = time.monotonic()
    for _ in range(20):
        with pytest.raises(Unavailable):
            resolver.receives_mail("with-mx.example")
    assert time.monotonic() - began < 5  # twenty times the limit would be ten


def test_a_server_that_is_silent() -> None:
    """A server that takes questions and never answers is waited for no longer than the limit."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", 0))
        resolver = _resolver(f"127.0.0.1:{silent.getsockname()[1]}", timeout="0.5s")
        began = time.monotonic()
        with pytest.raises(Unavailable):
            resolver.receives_mail("with-mx.example")
        assert time.monotonic() - began < 5


class _Counting(DnsResolver):
    """Counts what is really asked, and waits until it may answer."""

    def __init__(self, settings: Dns) -> None:
        super().__init__(settings)
        self.asked: list[str] = []
        self.may_answer = threading.Event()

    def _ask_for_domain(self, domain: str) -> bool:
        self.asked.append(domain)
        self.may_answer.wait(10)
        return super()._ask_for_domain(domain)


def test_many_ask_at_once(server: str) -> None:
    """A hundred threads that ask about one domain ask the server once, and all get its answer."""
    resolver = _Counting(Dns.model_validate({"servers": [server], "timeout": "5s"}))
    with ThreadPoolExecutor(100) as threads:
        answers = [threads.submit(resolver.receives_mail, "with-mx.example") for _ in range(100)]
        resolver.may_answer.set()
        assert [one.result() for one in answers] == [True] * 100
    assert resolver.asked == ["with-mx.example"]


def test_no_more_look_ups_than_allowed(server: str) -> None:
    """Beyond `at_once` a look-up counts as unanswered, so that no flood of names stops the worker."""
    resolver = _Counting(Dns.model_validate({"servers": [server], "at_once": 2}))
    with ThreadPoolExecutor(2) as threads:
        under_way = [threads.submit(resolver.receives_mail, f"{name}.example") for name in ("with-mx", "null-mx")]
        while len(resolver.asked) < 2:
            time.sleep(0.01)
        with pytest.raises(Unavailable, match="2 look-ups are under way already"):
            resolver.receives_mail("only-a.example")
        resolver.may_answer.set()
        assert [one.result() for one in under_way] == [True, False]
    assert resolver.receives_mail("only-a.example") is True


def test_the_cache_forgets_the_oldest(server: str) -> None:
    """No more answers are kept than allowed."""
    resolver = _Counting(Dns.model_validate({"servers": [server], "cache_size": 2}))
    resolver.may_answer.set()
    for domain in ("with-mx.example", "null-mx.example", "with-mx.example", "only-a.example", "with-mx.example"):
        resolver.receives_mail(domain)
    assert resolver.asked == ["with-mx.example", "null-mx.example", "only-a.example", "with-mx.example"]


def test_what_is_no_domain_name(server: str) -> None:
    """A name that cannot be asked about is no proof of anything."""
    for domain in ("a" * 64 + ".example", "x..example", "localhost"):
        with pytest.raises(Unavailable):
            _resolver(server).receives_mail(domain)
