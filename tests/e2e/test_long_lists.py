"""Lists in a database that are longer than any cap: through a real Postfix each is decided while the client waits."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator

import pytest

from tests.demo.scenes import letter
from tests.stack.whole import Answer, Stack

HUGE = 100_000

TABLES = f"""\
CREATE TABLE lists (list TEXT, member TEXT);
INSERT INTO lists WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {HUGE})
  SELECT 'all@uni.example', 'm' || i || '@uni.example' FROM n;
INSERT INTO lists SELECT 'more@uni.example', member FROM lists;
INSERT INTO lists VALUES ('more@uni.example', 'one.more@uni.example');
INSERT INTO lists VALUES ('deep@uni.example', 'deeper@uni.example'), ('deeper@uni.example', 'deepest@uni.example');
INSERT INTO lists SELECT 'deepest@uni.example', member FROM lists WHERE list = 'all@uni.example';
INSERT INTO lists VALUES ('loop@uni.example', 'again@uni.example'), ('again@uni.example', 'loop@uni.example');
INSERT INTO lists VALUES ('again@uni.example', 'b.head@uni.example');
CREATE INDEX lists_list ON lists (list);
CREATE TABLE aliases (address TEXT PRIMARY KEY, mailbox TEXT);
"""

RULES = f"""\
site: {{name: Example University, hostname: mx.uni.example, domains: [uni.example], networks: [127.0.0.1]}}
directory:
  - file: people.yaml
  - sql:
      url: sqlite:///lists.db
      addresses: SELECT '' WHERE :login = ''
      members: SELECT list, member FROM lists WHERE list IN :addresses
      mailbox: SELECT address, mailbox FROM aliases WHERE address IN :addresses
store: sqlite:///postclerk.db
service_notices:
  - {{name: registry, login: registry, from: [registry@uni.example], per_message: {HUGE}, per_day: 1000000}}
rules:
  sender: {{dns: false}}
  recipients: {{per_message: 50}}
milter: {{socket_mode: "0666"}}
"""


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    """The site with its lists."""
    with Stack(rules=RULES) as running:
        with sqlite3.connect(running.clerk.folder / "lists.db") as connection:
            connection.executescript(TABLES)
        yield running


def _send(stack: Stack, login: str, to: str) -> Answer:
    sender = f"{login}@uni.example"
    began = time.monotonic()
    answer = stack.send(letter(sender, to, "x"), sender=sender, to=[to], login=login)
    assert time.monotonic() - began < 30  # Postfix's own time limit
    return answer


@pytest.mark.parametrize(
    ("to", "says"),
    [
        pytest.param("all", f"{HUGE} recipients, {HUGE} of them on the list all@uni.example; at most 50", id="direct"),
        pytest.param(
            "deep", f"{HUGE} recipients, {HUGE} of them on the list deep@uni.example; at most 50", id="nested"
        ),
        pytest.param(
            "more", "The list more@uni.example has too many members to count them; at most 50", id="still-more"
        ),
    ],
)
def test_too_large_for_the_caps(stack: Stack, to: str, says: str) -> None:
    """It is refused, with the way out."""
    answer = _send(stack, "a.serik", f"{to}@uni.example")
    assert (answer.code, says in answer.text) == (550, True), answer.text
    assert "Have it sent as a service notice from its own account" in answer.text


@pytest.mark.parametrize(
    ("login", "to", "code", "count"),
    [
        pytest.param("registry", "all", 250, HUGE, id="a-service-notice-that-may"),
        pytest.param("registry", "deep", 250, HUGE, id="… to nested lists"),
        pytest.param("registry", "more", 550, HUGE, id="… to more than anybody counts"),
        pytest.param("a.serik", "loop", 250, 1, id="a-loop-of-lists"),
    ],
)
def test_others(stack: Stack, login: str, to: str, code: int, count: int) -> None:
    """What is allowed so many is accepted, and a loop is the few that are in it."""
    answer = _send(stack, login, f"{to}@uni.example")
    assert answer.code == code, answer.text
    assert stack.clerk.journal()[-1]["recipient_count"] == count
