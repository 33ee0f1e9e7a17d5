"""The milter as a service: reload, dead workers, a stop, a full disk."""

from __future__ import annotations

import itertools
import os
import signal
import socket
import struct
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.demo.scenes import HEAD, SERIK, letter
from tests.stack import site
from tests.stack.whole import Answer, Stack

ORDINARY = letter(SERIK, HEAD, "ordinary")


@pytest.fixture(autouse=True)
def _rules_as_ever(stack: Stack) -> Iterator[None]:
    yield
    if stack.clerk.rules.read_text() != site.RULES:
        reload_with(stack, site.RULES, "reloaded:")


def reload_with(stack: Stack, rules: str, says: str) -> None:
    """Changes rules.yaml and has it read again."""
    before = stack.clerk.log().count(says)
    stack.clerk.configure(rules, site.PEOPLE)
    stack.clerk.reload()
    stack.clerk.wait_for_log(says, before + 1)


def send_to(stack: Stack, count: int, **how: object) -> Answer:
    """An ordinary letter of a.serik to that many inside addresses."""
    to = [f"reader{number}@uni.example" for number in range(count)]
    how = {"login": "a.serik", **how}
    return stack.send(ORDINARY, sender=SERIK, to=to, **how)  # type: ignore[arg-type]


def test_its_processes_wait_for_their_turn(stack: Stack) -> None:
    """None of them drives one of Postfix's off the processor when it wakes."""
    assert {os.sched_getscheduler(pid) for pid in stack.clerk.children()} == {os.SCHED_BATCH}


STRICTER = site.RULES.replace("per_message: 50", "per_message: 2")


def test_reload_brings_new_rules_into_force(stack: Stack) -> None:
    """After SIGHUP new connections are judged by the new rules, and after another by the old ones again."""
    assert send_to(stack, 3).code == 250
    reload_with(stack, STRICTER, "reloaded:")
    assert send_to(stack, 3).lines[0] == "5.7.1 [1.3.2-a] 3 recipients; at most 2 are allowed in one message."
    reload_with(stack, site.RULES, "reloaded:")
    assert send_to(stack, 3).code == 250


def test_a_connection_keeps_the_rules_it_began_with(stack: Stack) -> None:
    """A session that was open at the reload goes on, by the old rules, and is not cut off."""
    with stack.connect(login="a.serik") as session:
        assert send_to(stack, 1, session=session).code == 250
        reload_with(stack, STRICTER, "reloaded:")
        assert send_to(stack, 3, session=session).code == 250
        assert send_to(stack, 3).code == 550


def test_a_connection_that_has_not_said_a_word_outlives_a_reload(stack: Stack) -> None:
    """A client that is slow to begin is not hung up on: what was taken is served."""
    hello = struct.pack("!IcIII", 13, b"O", 6, 0x1FF, 0x1FFFFF)
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as slow:
        slow.connect(str(stack.clerk.socket))
        reload_with(stack, site.RULES, "reloaded:")
        time.sleep(0.8)
        slow.settimeout(5)
        slow.sendall(hello)
        assert slow.recv(17)[:5] == hello[:5]


def test_wrong_rules_are_refused_and_the_old_ones_stay(stack: Stack) -> None:
    """A reload with mistakes is logged with their places, and nothing changes."""
    reload_with(stack, site.RULES.replace("per_message: 50", "per_message: fifty"), "`per_message` must be a whole")
    assert "the rules in force stay" in stack.clerk.log()
    assert send_to(stack, 3).code == 250


def test_rules_whose_examples_fail_are_refused(stack: Stack) -> None:
    """A set of rules that breaks its own promise is not loaded."""
    example = "\n    examples: [{login: x, from: x@uni.example, to: 9, expect: reject}]\n"
    broken = site.RULES.replace(
        "recipients: {action: reject, per_message: 50, per_hour: 200, per_day: 1000}",
        "recipients:\n    per_message: 50" + example,
    )
    assert broken != site.RULES
    reload_with(stack, broken, "expects reject; it comes to accept")
    assert "the rules in force stay" in stack.clerk.log()
    assert send_to(stack, 3).code == 250


def test_no_connection_is_dropped_by_reloads(stack: Stack) -> None:
    """While mail is sent without a pause, reloads refuse none of it."""
    answers: list[Answer] = []
    done = threading.Event()

    def outside() -> None:
        message = letter("guest@example.org", HEAD, "steady")
        while not done.is_set():
            answers.append(stack.send(message, sender="guest@example.org", to=[HEAD]))

    threads = [threading.Thread(target=outside) for _ in range(4)]
    for thread in threads:
        thread.start()
    try:
        for _ in range(3):
            reload_with(stack, site.RULES, "reloaded:")
            time.sleep(0.3)
    finally:
        done.set()
        for thread in threads:
            thread.join()
    assert len(answers) > 20
    assert [answer for answer in answers if answer.code != 250] == []


def test_a_killed_worker_is_replaced(stack: Stack) -> None:
    """kill -9 of every worker, of the ledger and of the courier costs no more than a 4xx; others take their place."""
    stack.clerk.wait_for_children(4)
    died = stack.clerk.log().count("-died:")
    before = set(stack.clerk.children())
    for pid in before:
        os.kill(pid, signal.SIGKILL)
    stack.clerk.wait_for_log("-died:", died + len(before))
    deadline = time.monotonic() + 15
    while send_to(stack, 1).code != 250:
        assert time.monotonic() < deadline
    assert not before & set(stack.clerk.children())


def test_what_was_answered_survives_kill(stack: Stack) -> None:
    """A decision that Postfix was told is in the journal though every process was killed right after."""
    answer = send_to(stack, 1)
    for pid in stack.clerk.children():
        os.kill(pid, signal.SIGKILL)
    assert answer.queue_id in {entry["queue_id"] for entry in stack.clerk.journal()}
    deadline = time.monotonic() + 15
    while send_to(stack, 1).code != 250:
        assert time.monotonic() < deadline


def test_what_a_dead_worker_reserved_is_given_back(stack: Stack) -> None:
    """A message that was never decided does not count against its sender."""
    stack.clerk.wait_for_children(4)
    died = stack.clerk.log().count("worker-died:")
    session = stack.connect(login="b.head")
    session.mail(HEAD)
    for number in range(50):
        session.rcpt(f"reader{number}@uni.example")
    session.docmd("DATA")
    for pid in stack.clerk.children()[1:]:
        os.kill(pid, signal.SIGKILL)
    session.close()
    stack.clerk.wait_for_log("worker-died:", died + 2)
    message = letter(HEAD, SERIK, "four times fifty")
    to = [f"reader{number}@uni.example" for number in range(50)]
    deadline = time.monotonic() + 15
    codes: list[int] = []
    while codes.count(250) < 4 and time.monotonic() < deadline:
        codes.append(stack.send(message, sender=HEAD, to=to, login="b.head").code)
    assert codes.count(250) == 4
    assert 550 not in codes


def test_a_stop_waits_for_the_message_on_its_way(stack: Stack) -> None:
    """SIGTERM while a message is being sent: it is accepted and journalled, then the milter ends with status 0."""
    session = stack.connect(login="a.serik")
    session.mail(SERIK)
    session.rcpt(HEAD)
    session.docmd("DATA")
    assert stack.clerk._process is not None
    stack.clerk._process.send_signal(signal.SIGTERM)
    time.sleep(0.5)
    session.send(ORDINARY + b"\r\n.\r\n")
    code, _text = session.getreply()
    session.quit()
    assert code == 250
    assert stack.clerk.stop() == 0
    assert "stopped" in stack.clerk.log()
    assert not stack.clerk.socket.exists()
    stack.clerk.start()


def test_without_the_milter_mail_waits_at_its_sender(stack: Stack) -> None:
    """When the milter is down, Postfix answers 4xx."""
    stack.clerk.stop()
    try:
        assert stack.send(ORDINARY, sender=SERIK, to=[HEAD]).code // 100 == 4
    finally:
        stack.clerk.start()
    assert send_to(stack, 1).code == 250


@pytest.fixture
def tiny_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of four megabytes."""
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(tmp_path)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("this machine does not let root mount a file system")
    yield tmp_path
    subprocess.run(["umount", "-l", str(tmp_path)], check=True)


def test_a_full_journal_disk_defers_mail(stack: Stack, tiny_disk: Path) -> None:
    """What cannot be written down is not accepted and not refused for good; when there is room again, mail flows."""
    moved = site.RULES.replace("sqlite:///postclerk.db", f"sqlite:///{tiny_disk}/postclerk.db")
    reload_with(stack, moved, "reloaded:")
    message = letter("guest@example.org", HEAD, "full disk")

    def send() -> Answer:
        return stack.send(message, sender="guest@example.org", to=[HEAD])

    assert send().code == 250
    filler = tiny_disk / "filler"
    with filler.open("wb", buffering=0) as opened, pytest.raises(OSError, match="No space left"):
        opened.writelines(itertools.repeat(b"x" * 4096))
    answers = [send() for _ in range(50)]
    refused = [answer for answer in answers if answer.code != 250]
    assert {answer.code for answer in refused} == {451}
    assert refused[-1].lines[0].startswith("4.3.0 The server cannot write down its decision")
    filler.unlink()
    assert send().code == 250


def test_a_local_program_that_is_deferred_counts_once(stack: Stack) -> None:
    """Mail by `sendmail` that is deferred is tried again and again: one decision, one row, and delivery in the end."""
    lenient = site.RULES.replace("return_address: {action: reject}", "return_address: {action: defer}")
    reload_with(stack, lenient, "reloaded:")
    before = len(stack.clerk.journal())
    seen = stack.clerk.log().count("code=address-not-own")
    message = letter("somebody@example.org", HEAD, "wait for me").replace(b"\r\n", b"\n")
    stack.postfix.sendmail("-f", "root@uni.example", HEAD, message=message)
    for attempts in (1, 2, 3):
        stack.clerk.wait_for_log("code=address-not-own", seen + attempts)
        stack.postfix.retry()
    entries = stack.clerk.journal()[before:]
    assert [(entry["action"], entry["login"], entry["envelope_from"]) for entry in entries] == [
        ("defer", None, "root@uni.example")
    ]
    stack.dovecot.clear()
    reload_with(stack, site.RULES.replace("return_address: {action: reject}", ""), "reloaded:")
    stack.postfix.retry()
    assert [str(mail["Subject"]) for mail in stack.dovecot.wait_for(HEAD)] == ["wait for me"]


def test_monitor_lets_everything_pass_and_writes_it_down(stack: Stack) -> None:
    """Under site.monitor nothing is refused, marked or held, and the journal tells what would have happened."""
    watching = site.RULES.replace("  name: Example University", "  name: Example University\n  monitor: true")
    reload_with(stack, watching, "reloaded:")
    stack.dovecot.clear()
    answer = stack.send(letter(HEAD, HEAD, "watched"), sender=HEAD, to=[HEAD], login="a.serik")
    assert answer.code == 250
    (delivered,) = stack.dovecot.wait_for(HEAD)
    assert [name for name in delivered if name.startswith("X-Policy")] == []
    (entry,) = [entry for entry in stack.clerk.journal() if entry["queue_id"] == answer.queue_id]
    assert [(finding["code"], finding["action"], finding["monitor"]) for finding in entry["findings"]] == [
        ("sender-not-own", "reject", True),
        ("address-not-own", "reject", True),
    ]
    assert entry["action"] == "accept"
