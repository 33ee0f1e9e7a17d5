"""What several tests need: one small site, and a judge of it whose DNS and counters stand still."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from postclerk import bootstrap, config
from postclerk.adapters.signatures import MailVerifier
from postclerk.collect import Envelope
from postclerk.core.facts import Excuse, Grant, Headers, Suspension, Usage, Window
from postclerk.core.ports import Unavailable
from postclerk.core.verdict import Verdict
from postclerk.judge import Case, Judge, Outside
from postclerk.mail.header import body as whole_body
from postclerk.mail.header import header_fields

SITE = """\
site:
  name: Example University
  hostname: mx.uni.example
  domains: [uni.example, staff.uni.example]
  networks: [127.0.0.0/8, 192.0.2.0/24]
  languages: [kk, ru, tr, en]
  explain_url: https://mail.uni.example/e/
  helpdesk: helpdesk@uni.example
relays: [198.51.100.7, lists]
directory: [{file: people.yaml}]
store: sqlite:///postclerk.db
service_notices:
  - {name: registry, login: registry, from: [registry@uni.example], per_message: 4, per_day: 6}
  - {name: alarms, networks: [192.0.2.77], per_message: 4, per_day: 6}
"""

PEOPLE = """\
people:
  - login: a.serik
    name: A. Serik
    addresses: [a.serik@uni.example, aserik@staff.uni.example]
    aliases: [serik@uni.example]
    may_send_as: [office@uni.example, "*@conference.example"]
  - {login: b.head, addresses: [b.head@uni.example]}
  - {login: registry, addresses: [registry@uni.example, archive@uni.example]}
lists:
  - {address: staff@uni.example, members: [a.serik@uni.example, serik@uni.example, it@uni.example]}
  - {address: it@uni.example, members: [b.head@uni.example, registry@uni.example, staff@uni.example]}
shared:
  - {address: dean@uni.example, members: [a.serik]}
"""


def pytest_addoption(parser: pytest.Parser) -> None:
    """For tests that compare whole files."""
    parser.addoption(
        "--rewrite-golden", action="store_true", help="write the golden files anew; look at the difference"
    )


class StillCounters:
    """Counters in which everybody has used the same; they remember what was reserved and given back."""

    def __init__(self, used: int = 0) -> None:
        self.used = used
        self.down = False
        self.reserved: list[tuple[str, int]] = []
        self.released: list[str] = []

    def reserve(
        self, key: str, adding: int, windows: tuple[Window, ...], *, incident: str, at: float, keep_over: bool
    ) -> Usage:
        if self.down:
            raise Unavailable("down")
        usage = Usage((self.used,) * len(windows), windows, adding)
        if keep_over or not usage.overrun():
            self.reserved.append((key, adding))
        return usage

    def release(self, incident: str) -> None:
        self.released.append(incident)


class StillStanding:
    """What a test grants, as (login, rule, option or value, amount; 0 for a value), and whom it suspends."""

    def __init__(self) -> None:
        self.granted: list[tuple[str, str, str, int]] = []
        self.suspended: dict[str, Suspension] = {}
        self.down = False

    def raised(self, login: str, unit: str, at: float) -> dict[tuple[str, str], Grant]:
        if self.down:
            raise Unavailable("down")
        return {
            (rule, option): Grant(number, amount)
            for number, (whose, rule, option, amount) in enumerate(self.granted, 1)
            if amount and whose in (login, f"unit:{unit}")
        }

    def exempted(self, login: str, unit: str, rule: str, excuse: Excuse, at: float) -> int:
        if self.down:
            raise Unavailable("down")
        for number, (whose, which, value, amount) in enumerate(self.granted, 1):
            if not amount and whose in (login, f"unit:{unit}") and which == rule and value in excuse.values:
                return number
        return 0

    def suspension(self, login: str, at: float) -> Suspension | None:
        if self.down:
            raise Unavailable("down")
        return self.suspended.get(login)


class StillDns:
    """A DNS in which all domains receive mail but those that are named, and the clients of `spf` are allowed."""

    dead = frozenset({"dead.example"})
    silent = frozenset({"silent.example"})

    def __init__(self) -> None:
        self.records: dict[str, tuple[bytes, ...]] = {}
        self.spf: dict[str, bytes] = {}

    def receives_mail(self, domain: str) -> bool:
        if domain in self.silent:
            raise Unavailable(domain)
        return domain not in self.dead

    def texts(self, name: str) -> tuple[bytes, ...]:
        if name.partition("._domainkey.")[2] in self.silent:
            raise Unavailable(name)
        return self.records.get(name, ())

    def answers(self, name: str, kind: str) -> tuple[Any, ...]:
        if name in self.silent:
            raise Unavailable(name)
        record = self.spf.get(name) if kind == "TXT" else None
        return (SimpleNamespace(strings=(record,)),) if record else ()


@dataclass
class World:
    """A site on disk and its judge."""

    rules: Path
    judge: Judge
    counters: StillCounters
    standing: StillStanding
    dns: StillDns

    def case(self, **envelope: Any) -> Case:
        """A message whose envelope is known; without a word about it, one inside mail of a.serik."""
        return self.judge.open(Envelope(**{**USUAL, **envelope}), 1_000_000.0)

    def verdict(
        self, *, headers: dict[str, str] | None = None, body: str = "", message: bytes = b"", **envelope: Any
    ) -> Verdict:
        """What a message comes to, from its envelope to its end; given by fields and text, or whole."""
        case = self.case(**envelope)
        verdict = case.at_data()
        if not verdict.action.refuses:
            fields = headers if headers is not None else {"From": case.envelope.sender}
            written = header_fields(message) or [(name, value.encode()) for name, value in fields.items()]
            verdict = case.at_headers(Headers(written))
        octets = whole_body(message) if message else body.replace("\n", "\r\n").encode()
        return verdict if verdict.action.refuses else case.at_end(octets)


USUAL: dict[str, Any] = {"login": "a.serik", "sender": "<a.serik@uni.example>", "recipients": ["<b@example.org>"]}

Build = Callable[..., World]


@pytest.fixture
def world(tmp_path: Path) -> Build:
    """Builds the site with the rules that a test names, as the text below `rules:`."""

    def build(rules: str, *, site: str = SITE, people: str = PEOPLE, used: int = 0) -> World:
        (tmp_path / "people.yaml").write_text(people)
        path = tmp_path / "rules.yaml"
        path.write_text(f"{site}rules:\n{rules}")
        read = config.load(path)
        counters = StillCounters(used)
        standing, dns = StillStanding(), StillDns()
        outside = Outside(bootstrap.directories(read), standing, counters, dns, MailVerifier(dns))
        return World(path, Judge(read.settings, outside), counters, standing, dns)

    return build


@pytest.fixture(scope="session", autouse=True)
def _compiled_once(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Where Python is not to write its caches into the checkout, commands would compile postclerk anew each time."""
    with pytest.MonkeyPatch.context() as patch:
        if sys.dont_write_bytecode:
            patch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
            patch.setenv("PYTHONPYCACHEPREFIX", str(tmp_path_factory.mktemp("pycache")))
        yield


@dataclass
class Ran:
    """What a command left."""

    status: int
    out: str
    err: str
    lines: list[str] = field(init=False)

    def __post_init__(self) -> None:
        self.lines = self.out.splitlines()


@pytest.fixture
def postclerk(tmp_path: Path) -> Callable[..., Ran]:
    """Runs a command in the test's folder."""

    def run(*words: str | Path, stdin: bytes = b"") -> Ran:
        done = subprocess.run(
            [sys.executable, "-m", "postclerk.cli", *map(str, words)],
            cwd=tmp_path, input=stdin, capture_output=True, timeout=60, check=False,
        )  # fmt: skip
        return Ran(done.returncode, done.stdout.decode(), done.stderr.decode())

    return run
