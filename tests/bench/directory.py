"""What a directory that is far away costs: look-ups from the cache and past it, and the time added to a message."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from pathlib import Path

from postclerk import bootstrap, config
from postclerk.adapters.counters import ReadOnlyCounters
from postclerk.adapters.directory import CachedSource
from postclerk.adapters.directory_ldap import LdapDirectory
from postclerk.adapters.resolver import DnsResolver
from postclerk.adapters.signatures import MailVerifier
from postclerk.adapters.standing import StoreStanding
from postclerk.collect import Envelope
from postclerk.judge import Judge, Outside
from postclerk.settings import Dns, Ldap
from tests.stack.slapd import SUFFIX, PrivateSlapd

PEOPLE = 3000

RULES = """\
site: {hostname: mx.uni.example, domains: [uni.example]}
directory: [%s]
rules: {sender: {dns: false}, return_address: {}, recipients: {per_message: 100000, per_hour: 100000, per_day: 100000}}
"""


def measured(folder: Path) -> dict[str, float]:
    """The numbers, by what they are; look-ups a second and milliseconds a message."""
    folder.mkdir()
    people = "".join(_entry(number) for number in range(PEOPLE))
    members = "".join(f"member: uid=u{number},{SUFFIX}\n" for number in range(PEOPLE))
    everybody = f"dn: cn=everybody,{SUFFIX}\nobjectClass: groupOfNames\nobjectClass: mailThing\ncn: everybody\n"
    with PrivateSlapd(folder, f"{people}{everybody}mail: everybody@uni.example\n{members}") as server:
        numbers = _look_ups(Ldap.model_validate({"url": [server.url], "base": SUFFIX}))
        listed = ", ".join(f"{{login: u{number}, addresses: [u{number}@uni.example]}}" for number in range(PEOPLE))
        (folder / "people.yaml").write_text(f"people: [{listed}]\n")
        ldap = f"{{ldap: {{url: ['{server.url}'], base: '{SUFFIX}'}}}}"
        for name, entry in (("file", "{file: people.yaml}"), ("LDAP", ldap)):
            judge = _judge(folder, entry)
            numbers[f"{name}, first message of each of 500 people"] = _median(
                500, lambda number, j=judge: _judged(j, number)
            )
            numbers[f"{name}, their next messages"] = _median(500, lambda number, j=judge: _judged(j, number))
        judge = _judge(folder, ldap)
        everybody = "everybody@uni.example"
        for name in ("cold", "warm"):
            numbers[f"LDAP, a list of {PEOPLE}, {name}"] = _median(1, lambda _number, j=judge: _judged(j, 1, everybody))
    return numbers


def _entry(number: int) -> str:
    return (
        f"dn: uid=u{number},{SUFFIX}\nobjectClass: inetOrgPerson\nuid: u{number}\ncn: u{number}\nsn: u{number}\n"
        f"mail: u{number}@uni.example\n\n"
    )


def _look_ups(settings: Ldap) -> dict[str, float]:
    source = CachedSource(LdapDirectory(settings, Path(), ["uni.example"]), settings, ["uni.example"])

    def per_second() -> float:
        began = time.perf_counter()
        for number in range(2000):
            assert source.person(f"u{number}") is not None
        return 2000 / (time.perf_counter() - began)

    return {"look-ups a second, past the cache": per_second(), "look-ups a second, from the cache": per_second()}


def _judge(folder: Path, entry: str) -> Judge:
    rules = folder / "rules.yaml"
    rules.write_text(RULES % entry)
    read = config.load(rules)
    resolver = DnsResolver(Dns())
    outside = Outside(
        bootstrap.directories(read),
        StoreStanding(None, None, read.settings.zone),
        ReadOnlyCounters(None),
        resolver,
        MailVerifier(resolver),
    )
    return Judge(read.settings, outside)


def _judged(judge: Judge, number: int, to: str = "") -> None:
    envelope = Envelope(
        "192.0.2.1", f"u{number}", f"<u{number}@uni.example>", [f"<{to or f'u{number + 1000}@uni.example'}>"]
    )
    verdict = judge.open(envelope, 1_000_000.0).at_data()
    assert not verdict.action.refuses, verdict


def _median(count: int, step: Callable[[int], None]) -> float:
    times = []
    for number in range(count):
        began = time.perf_counter()
        step(number)
        times.append((time.perf_counter() - began) * 1000)
    return statistics.median(times)
