"""What postclerk writes gets to its readers, once: with Postfix away, a courier that is killed, and signed."""

from __future__ import annotations

import os
import signal
import sqlite3
import time
from collections import Counter
from collections.abc import Iterator

import dkim
import pytest

from postclerk.adapters import outbox
from postclerk.adapters.store import Store
from tests.demo.scenes import HEAD, REGISTRY, SERIK, letter
from tests.stack import site
from tests.stack.keys import Key, _pair
from tests.stack.whole import Stack

KEY = Key("uni.example", "notices")
NOWHERE = site.RULES.replace('"127.0.0.1:$own"', '"127.0.0.1:9"')


@pytest.fixture
def stack() -> Iterator[Stack]:
    """A site whose own mail goes nowhere at first."""
    if os.geteuid():
        pytest.skip("Postfix's master needs root")
    with Stack(rules=NOWHERE) as running:
        yield running


def _make_due(stack: Stack) -> None:
    """Lets the time until the next try pass."""
    with sqlite3.connect(stack.clerk.folder / "postclerk.db", timeout=20) as connection:
        connection.execute("UPDATE outbox SET next_at = 0 WHERE next_at IS NOT NULL")


def _refuse(stack: Stack) -> None:
    answer = stack.send(letter(HEAD, REGISTRY, "x"), sender=HEAD, to=[REGISTRY], login="a.serik")
    assert answer.code == 550


def test_postfix_is_away(stack: Stack) -> None:
    """The notice waits, and arrives once when there is somebody to take it, by a restarted service too."""
    _refuse(stack)
    stack.clerk.wait_for_log("mail-waits:")
    assert stack.dovecot.messages(SERIK) == []
    stack.clerk.stop()
    stack.clerk.configure(site.RULES, site.PEOPLE)
    stack.clerk.start()
    _make_due(stack)
    stack.dovecot.wait_for(SERIK)
    time.sleep(2)
    assert len(stack.dovecot.messages(SERIK)) == 1


def test_a_courier_that_is_killed(stack: Stack) -> None:
    """Again and again, in the midst of its work: every mail arrives, at most the one under way at each kill twice."""
    store = Store(f"sqlite:///{stack.clerk.folder}/postclerk.db")
    with store.write() as connection:
        for number in range(150):
            content = f"From: postmaster@uni.example\r\nTo: {SERIK}\r\nMessage-ID: <{number}@uni.example>\r\n\r\nx\r\n"
            outbox.put(connection, SERIK, content.encode(), at=0.0)
    store.close()
    stack.clerk.configure(site.RULES, site.PEOPLE)
    stack.clerk.reload()
    stack.clerk.wait_for_log("reloaded:")
    kills = 0
    deadline = time.monotonic() + 60
    while (arrived := len(stack.dovecot.messages(SERIK))) < 150:
        assert time.monotonic() < deadline, arrived
        if kills < 5 and arrived > 20 * kills:
            kills += 1
            for pid in stack.clerk.children():
                os.kill(pid, signal.SIGKILL)
            # What the dead one had claimed is free after a while; nobody else has claimed anything yet.
            _make_due(stack)
        time.sleep(0.1)
    time.sleep(2)
    counts = Counter(str(mail["Message-ID"]) for mail in stack.dovecot.messages(SERIK))
    assert (len(counts), kills > 1) == (150, True)
    assert sum(counts.values()) - 150 <= kills


def test_signed(tmp_path: object) -> None:
    """Where rules.yaml names a key the notice proves to come from us, From being signed once more than it is there."""
    if os.geteuid():
        pytest.skip("Postfix's master needs root")
    with Stack() as stack:
        (stack.clerk.folder / "notices.pem").write_bytes(_pair()[0])
        named = 'smtp: "127.0.0.1:$own", dkim: {domain: uni.example, selector: notices, key_file: notices.pem}'
        stack.clerk.configure(site.RULES.replace('smtp: "127.0.0.1:$own"', named), site.PEOPLE)
        stack.clerk.reload()
        stack.clerk.wait_for_log("reloaded:")
        _refuse(stack)
        stack.dovecot.wait_for(SERIK)
        (path,) = (stack.folder / "dovecot" / "mail" / SERIK).glob("*/[0-9]*")
        raw = path.read_bytes()
        assert dkim.verify(raw, dnsfunc=lambda name, **_: KEY.record if name == f"{KEY.name}.".encode() else None)
        forged = raw.replace(b"From:", b"From: x@evil.example\r\nFrom:", 1)
        assert not dkim.verify(forged, dnsfunc=lambda _name, **_: KEY.record)
