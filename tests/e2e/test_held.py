"""Held mail on a real hold queue: listed, released, deleted, asked for, and what becomes of it when nobody decides."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator

import httpx2
import pytest

from tests.demo.scenes import HEAD, SERIK, addresses, letter
from tests.stack import site
from tests.stack.whole import OUTSIDE, Answer, Stack

RULES = site.RULES.replace(
    "recipients: {action: reject, per_message: 50,", "registration: {}\n  recipients: {action: hold, per_message: 3,"
)
CODE = "Your code is 482913\nIt expires in 10 minutes. Ignore this message if you did not ask for it.\n"


@pytest.fixture
def stack(request: pytest.FixtureRequest) -> Iterator[Stack]:
    """A site that holds much, with its pages."""
    if os.geteuid():
        pytest.skip("Postfix's master needs root")
    rules = RULES.replace('postfix: "$postfix"', f'postfix: "$postfix", {getattr(request, "param", "term: 7d")}')
    with Stack(rules=rules, web=True) as running:
        yield running


def _run(stack: Stack, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "postclerk.cli", *words, "--rules", str(stack.clerk.rules)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def _from_outside(stack: Stack) -> Answer:
    message = f"From: noreply@forum.example\r\nTo: {SERIK}\r\nSubject: Your verification code\r\n\r\n{CODE}"
    return stack.send(message.encode(), sender="noreply@forum.example", to=[SERIK], client=OUTSIDE)


def _from_login(stack: Stack) -> Answer:
    return stack.send(letter(SERIK, "readers:;", "x"), sender=SERIK, to=addresses(5), login="a.serik")


def _automatic(stack: Stack) -> Answer:
    message = letter(SERIK, "readers:;", "y").replace(b"Subject:", b"Auto-Submitted: auto-generated\r\nSubject:", 1)
    return stack.send(message, sender=SERIK, to=addresses(5), login="a.serik")


def _text(mail: object) -> str:
    return next(part for part in mail.walk() if part.get_content_type() == "text/plain").get_content()  # type: ignore[attr-defined]


def _wait_until_filed(stack: Stack, answer: Answer) -> None:
    deadline = time.monotonic() + 10
    while answer.queue_id not in _run(stack, "held", "list").stdout + str(
        [json.loads(line)["queue_id"] for line in _run(stack, "held", "list", "--json").stdout.splitlines()]
    ):
        assert time.monotonic() < deadline
        time.sleep(0.2)


def test_the_commands(stack: Stack) -> None:
    """list, show, release and delete, by number and by queue id; what is not held is said."""
    first, second = _from_outside(stack), _from_login(stack)
    _wait_until_filed(stack, second)
    listed = [json.loads(line) for line in _run(stack, "held", "list", "--json").stdout.splitlines()]
    assert [(one["queue_id"], one["findings"]) for one in listed] == [
        (first.queue_id, ["perhaps-signing-in"]),
        (second.queue_id, ["too-many-recipients"]),
    ]
    assert "Your code is 482913" in _run(stack, "held", "show", listed[0]["id"]).stdout
    released = _run(stack, "held", "release", listed[0]["id"], "--reason", "her bank")
    assert (released.returncode, released.stdout) == (0, f"{listed[0]['id']}  released\n")
    delivered = stack.dovecot.wait_for(SERIK, 1)
    assert any("perhaps-signing-in" in str(mail["X-Policy-Action"]) for mail in delivered)
    deleted = _run(stack, "held", "delete", second.queue_id, "--reason", "asked by its sender")
    assert (deleted.stdout, stack.postfix.held()) == (f"{listed[1]['id']}  deleted\n", [])
    gone = _run(stack, "held", "release", second.queue_id, "--reason", "x")
    assert (gone.returncode, gone.stderr) == (2, f"postclerk: no message {second.queue_id} is held\n")
    assert _run(stack, "held", "show", "../../etc/passwd").returncode == 2


def test_a_release_is_asked_for_and_carried_out(stack: Stack) -> None:
    """The recipient is told, asks, his superior approves, the warden releases: nobody else touches the queue."""
    assert _from_outside(stack).code == 250
    told = stack.dovecot.wait_for(SERIK)[0]
    assert (told["Auto-Submitted"], "482913" in told.as_string()) == ("auto-generated", False)
    page = re.search(r"http://\S+/e/(\w{8})\?t=([\w.-]+)", _text(told))
    assert page is not None
    incident, token = page.groups()
    asked = httpx2.post(f"{stack.pages}/e/{incident}/ask", data={"t": token, "what": "release", "reason": "my bank"})
    assert asked.status_code == 303
    link = re.search(r"http://\S+/e/r/(\d+)\?t=([\w.-]+)", _text(stack.dovecot.wait_for(HEAD)[0]))
    assert link is not None
    number, key = link.groups()
    assert httpx2.get(link[0]).status_code == 200
    assert httpx2.post(f"{stack.pages}/e/r/{number}", data={"t": token, "decision": "approve"}).status_code == 404
    approved = httpx2.post(f"{stack.pages}/e/r/{number}", data={"t": key, "decision": "approve"})
    assert approved.status_code == 200
    again = httpx2.post(f"{stack.pages}/e/r/{number}", data={"t": key, "decision": "decline"})
    assert (again.status_code, len(stack.postfix.held())) == (409, 1)
    command = [sys.executable, "-m", "postclerk.cli", "held", "serve", "--rules", str(stack.clerk.rules)]
    warden = subprocess.Popen(command, stderr=subprocess.PIPE)
    try:
        mails = stack.dovecot.wait_for(SERIK, 3)
    finally:
        warden.terminate()
        said = warden.communicate(timeout=20)[1].decode()
    assert warden.returncode == 0
    assert "outcome=released" in said
    assert any("482913" in mail.as_string() for mail in mails)


@pytest.mark.parametrize("stack", ["term: 2s"], indirect=True)
def test_when_nobody_decides(stack: Stack) -> None:
    """From a login, also a program's, it comes back explained and is deleted; from outside its reader is told and it
    is released."""
    assert [send(stack).code for send in (_from_outside, _from_login, _automatic)] == [250] * 3
    command = [sys.executable, "-m", "postclerk.cli", "held", "serve", "--rules", str(stack.clerk.rules)]
    warden = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    try:
        mails = stack.dovecot.wait_for(SERIK, 6, seconds=30)
        deadline = time.monotonic() + 10
        while stack.postfix.held():
            assert time.monotonic() < deadline
            time.sleep(0.1)
    finally:
        warden.terminate()
        warden.wait(20)
    subjects = sorted(str(mail["Subject"]).partition(":")[0] for mail in mails)
    assert subjects == sorted(
        [
            "Сізге жіберілген хат кідіртілді",  # told of at once
            "Хатыңыз кідіртілді",
            "Сізге жіберілген хат өткізілді",  # told of when the term had passed
            "Хатыңыз жіберілмеді",
            "Хатыңыз жіберілмеді",
            "Your verification code",
        ]
    )
    returned = [mail for mail in mails if str(mail["Subject"]).startswith("Хатыңыз жіберілмеді")]
    assert sorted(str(mail["Subject"]) for mail in returned)[1] == "Хатыңыз жіберілмеді: x"
    assert sum("rfc822-headers" in mail.as_string() for mail in returned) == 1, "whose header was kept for this"
    assert not any(box.startswith("guest") or "forum" in box for box in stack.dovecot.mailboxes())


@pytest.mark.parametrize("stack", ["term: 1s, from_outside: keep"], indirect=True)
def test_when_it_is_kept(stack: Stack) -> None:
    """With `keep` the reader is told once, and the message stays where it is."""
    _from_outside(stack)
    stack.dovecot.wait_for(SERIK, 2, seconds=20)
    time.sleep(3)
    assert (len(stack.dovecot.messages(SERIK)), len(stack.postfix.held())) == (2, 1)
