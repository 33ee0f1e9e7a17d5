"""A site whose people are in LDAP and SQL and whose counters are in Redis: what it does while one of these is away."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.demo.scenes import addresses, letter
from tests.stack.redis import PrivateRedis
from tests.stack.slapd import SUFFIX, PrivateSlapd
from tests.stack.whole import Answer, Stack


def _entry(login: str) -> str:
    return (
        f"dn: uid={login},{SUFFIX}\nobjectClass: inetOrgPerson\nuid: {login}\ncn: {login}\nsn: {login}\n"
        f"mail: {login}@uni.example\nmail: {login}.alias@uni.example\n\n"
    )


LDIF = "".join(map(_entry, ("a.serik", "b.head"))) + (
    f"dn: cn=staff,{SUFFIX}\nobjectClass: groupOfNames\nobjectClass: mailThing\ncn: staff\nmail: staff@uni.example\n"
    f"member: uid=a.serik,{SUFFIX}\nmember: uid=b.head,{SUFFIX}\n"
)

RULES = """\
site:
  hostname: mx.uni.example
  domains: [uni.example]
  networks: [127.0.0.1]
directory:
  - ldap: {{url: ["{ldap}"], base: "dc=uni,dc=example", cache_for: 0s, unknown_for: 0s, retry_after: 0s}}
  - sql:
      url: sqlite:///{sql}
      addresses: SELECT address, 'send-as' FROM rights WHERE login = :login
store: sqlite:///postclerk.db
counters: {redis}
rules:
  sender: {{dns: false, when_unavailable: defer}}
  return_address: {{}}
  recipients: {{per_message: 50, per_hour: 60}}
milter: {{socket_mode: "0666"}}
"""


@pytest.fixture(scope="module")
def parts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Stack, PrivateSlapd, PrivateRedis]]:
    """The site with its directory and its counters."""
    sql = tmp_path_factory.mktemp("sql") / "rights.db"
    with sqlite3.connect(sql) as connection:
        connection.executescript(
            "CREATE TABLE rights (login TEXT, address TEXT);"
            "INSERT INTO rights VALUES ('a.serik', 'office@uni.example');"
        )
    folders = [tmp_path_factory.mktemp(name) for name in ("slapd", "redis")]
    with PrivateSlapd(folders[0], LDIF) as ldap, PrivateRedis(folders[1]) as redis:
        rules = RULES.format(ldap=ldap.url, sql=sql, redis=redis.url)
        with Stack(rules=rules, people="people: []\n") as stack:
            yield stack, ldap, redis


def _send(stack: Stack, sender: str, *to: str, login: str = "a.serik") -> Answer:
    return stack.send(letter(sender, "x@example.net", "x"), sender=sender, to=to, login=login)


def test_who_is_known_there(parts: tuple[Stack, PrivateSlapd, PrivateRedis]) -> None:
    """Addresses of LDAP and rights of SQL add up; another's address is refused; a list counts as its members."""
    stack, _ldap, _redis = parts
    assert _send(stack, "a.serik.alias@uni.example", "staff@uni.example").code == 250
    assert _send(stack, "office@uni.example", "b.head@uni.example").code == 250
    assert _send(stack, "b.head@uni.example", "b.head@uni.example").code == 550
    assert [one["recipient_count"] for one in stack.clerk.journal()] == [2, 1, 1]


def _postclerk(stack: Stack, *words: str) -> str:
    command = [sys.executable, "-m", "postclerk.cli", *words, "--rules", str(stack.clerk.rules)]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout


def _check(stack: Stack) -> list[str]:
    return _postclerk(stack, "check").splitlines()


def test_check_says_which_directory_does_not_answer(parts: tuple[Stack, PrivateSlapd, PrivateRedis]) -> None:
    """A directory that is away is a warning at its own line, and no mistake of rules.yaml."""
    stack, ldap, _redis = parts
    assert len(_check(stack)) == 1
    ldap.stop()
    try:
        warning, promise = _check(stack)
    finally:
        ldap.start()
    assert warning.startswith(f"{stack.clerk.rules}:6:5: warning: this directory cannot be used now: ")
    assert promise.endswith("3 rules are on; 0 examples hold")


def test_the_caps_count_there(parts: tuple[Stack, PrivateSlapd, PrivateRedis]) -> None:
    """Fifty and ten are sixty; one more is too many, and what was refused is not counted."""
    stack, _ldap, _redis = parts
    head = "b.head@uni.example"
    assert _send(stack, head, *addresses(50), login="b.head").code == 250
    refused = _send(stack, head, *addresses(11), login="b.head")
    assert (refused.code, "61 recipients within an hour" in refused.text) == (550, True)
    assert _send(stack, head, *addresses(10), login="b.head").code == 250


def test_a_directory_that_is_away(parts: tuple[Stack, PrivateSlapd, PrivateRedis]) -> None:
    """Who was known sends on; who was not waits, and is not taken for nobody."""
    stack, ldap, _redis = parts
    assert _send(stack, "a.serik@uni.example", "b.head@uni.example").code == 250
    ldap.stop()
    try:
        # Each worker keeps what it knows: whichever of the two is asked, it knows a.serik by now or says that it waits.
        answers = {_send(stack, "a.serik@uni.example", "b.head@uni.example").code for _ in range(6)}
        assert 250 in answers <= {250, 451}
        waits = _send(stack, "c.burst@uni.example", "b.head@uni.example", login="c.burst")
        assert (waits.code, "could not look up" in waits.text) == (451, True)
    finally:
        ldap.start()
    assert _send(stack, "c.burst@uni.example", "b.head@uni.example", login="c.burst").code == 250


def test_counters_that_are_away(parts: tuple[Stack, PrivateSlapd, PrivateRedis]) -> None:
    """Mail of our own people waits, mail from outside does not; both go on when the counters are back."""
    stack, _ldap, redis = parts
    redis.stop()
    try:
        assert _send(stack, "a.serik@uni.example", "b.head@uni.example").code == 451
        message = letter("guest@example.org", "a.serik@uni.example", "x")
        assert stack.send(message, sender="guest@example.org", to=["a.serik@uni.example"]).code == 250
    finally:
        redis.start()
    deadline = time.monotonic() + 10
    while _send(stack, "a.serik@uni.example", "b.head@uni.example").code != 250:
        assert time.monotonic() < deadline


def test_a_reload_while_the_directory_is_away(parts: tuple[Stack, PrivateSlapd, PrivateRedis]) -> None:
    """New rules come into force; only who is not known any longer waits."""
    stack, ldap, _redis = parts
    ldap.stop()
    try:
        stack.clerk.reload()
        stack.clerk.wait_for_log("reloaded:")
        assert _send(stack, "a.serik@uni.example", "b.head@uni.example").code == 451
    finally:
        ldap.start()
    assert _send(stack, "a.serik@uni.example", "b.head@uni.example").code == 250


def test_an_offender(tmp_path: Path) -> None:
    """Whoever is refused too often is suspended by the third time, and the next message says so; when that is lifted,
    what led to it does not count again."""
    rules = """\
site: {hostname: mx.uni.example, domains: [uni.example]}
directory: [{file: people.yaml}]
store: sqlite:///postclerk.db
rules: {sender: {dns: false}, suspension: {after: 3, lasts: 2h}}
milter: {socket_mode: "0666"}
"""
    with Stack(rules=rules) as stack:
        for _ in range(3):
            assert "does not belong" in _send(stack, "b.head@uni.example", "b.head@uni.example").text
        stack.clerk.wait_for_log("suspended: login=a.serik")
        refused = _send(stack, "a.serik@uni.example", "b.head@uni.example")
        assert (refused.code, "[1.1.6] The login a.serik may not send mail until 20" in refused.text) == (550, True)
        assert "Write to the helpdesk or postmaster, which stays possible" in refused.text
        assert _send(stack, "a.serik@uni.example", "postmaster@uni.example").code == 250
        said = [
            _postclerk(stack, *words) for words in (("unsuspend", "a.serik"), ("suspended",), ("suspended", "--all"))
        ]
        assert (said[0], said[1]) == ("a.serik may send again\n", "")
        assert said[2].startswith("lifted    a.serik  until 20")
        assert "(3 messages were refused within 24 h; by itself; lifted by " in said[2]
        assert _send(stack, "a.serik@uni.example", "b.head@uni.example").code == 250
        assert _send(stack, "b.head@uni.example", "b.head@uni.example").code == 550
        assert _send(stack, "a.serik@uni.example", "b.head@uni.example").code == 250
        assert _postclerk(stack, "suspended") == ""
