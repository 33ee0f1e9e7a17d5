"""Held mail on a real hold queue: listed, looked at, released, deleted, asked for, and what becomes of it when nobody
decides.

PICTURES=FOLDER keeps what staff see.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import httpx2
import pytest
from playwright.sync_api import Browser, Page

from tests import browser as browsers
from tests.demo.scenes import HEAD, SERIK, addresses, letter
from tests.stack import site
from tests.stack.whole import OUTSIDE, Answer, Stack

RULES = site.RULES.replace(
    "recipients: {action: reject, per_message: 50,", "registration: {}\n  recipients: {action: hold, per_message: 3,"
)
STAFF = "web: {proxies: [127.0.0.1], user_header: X-Remote-User, staff: [it.admin], per_minute: 1000}\n"
PICTURES = Path(os.environ["PICTURES"]) if os.environ.get("PICTURES") else None
CODE = "Your code is 482913\nIt expires in 10 minutes. Ignore this message if you did not ask for it.\n"


@pytest.fixture
def stack(request: pytest.FixtureRequest) -> Iterator[Stack]:
    """A site that holds much, with its pages."""
    if os.geteuid():
        pytest.skip("Postfix's master needs root")
    rules = RULES.replace('postfix: "$postfix"', f'postfix: "$postfix", {getattr(request, "param", "term: 7d")}')
    with Stack(rules=rules + STAFF, web=True) as running:
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
    assert answer.code == 250, answer.text
    deadline = time.monotonic() + 10
    while answer.queue_id not in _run(stack, "held", "list").stdout + str(
        [json.loads(line)["queue_id"] for line in _run(stack, "held", "list", "--json").stdout.splitlines()]
    ):
        assert time.monotonic() < deadline
        time.sleep(0.2)


@contextlib.contextmanager
def _warden(stack: Stack) -> Iterator[None]:
    """The service that touches the queue."""
    command = [sys.executable, "-m", "postclerk.cli", "held", "serve", "--rules", str(stack.clerk.rules)]
    running = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    try:
        yield
    finally:
        running.terminate()
        running.wait(20)


def test_the_commands(stack: Stack) -> None:
    """list, show, release and delete, by number and by queue id; what is not held is said."""
    first, second = _from_outside(stack), _from_login(stack)
    _wait_until_filed(stack, second)
    listed = [json.loads(line) for line in _run(stack, "held", "list", "--json").stdout.splitlines()]
    assert [(one["queue_id"], one["findings"]) for one in listed] == [
        (first.queue_id, ["perhaps-signing-in"]),
        (second.queue_id, ["too-many-recipients"]),
    ]
    seen = _run(stack, "held", "show", listed[0]["id"]).stdout
    assert "\nSubject: Your verification code\n" in seen
    assert seen.endswith(
        "\n\nYour code is 482913\nIt expires in 10 minutes. Ignore this message if you did not ask for it.\n\n"
    )
    looked = [line for line in _run(stack, "incident", listed[0]["id"]).stdout.splitlines() if "show ordered" in line]
    assert [
        bool(re.fullmatch(r"  show ordered by \S+ [-\d]+ [:\d]+ \[shown [-\d]+ [:\d]+\]", one)) for one in looked
    ] == [True]
    released = _run(stack, "held", "release", listed[0]["id"], "--reason", "her bank")
    assert (released.returncode, released.stdout) == (0, f"{listed[0]['id']}  released\n")
    delivered = stack.dovecot.wait_for(SERIK, 1)
    assert any("perhaps-signing-in" in str(mail["X-Policy-Action"]) for mail in delivered)
    deleted = _run(stack, "held", "delete", second.queue_id, "--reason", "asked by its sender")
    assert (deleted.stdout, stack.postfix.held()) == (f"{listed[1]['id']}  deleted\n", [])
    told = [mail for mail in stack.dovecot.wait_for(SERIK, 4) if str(mail["Subject"]).startswith("Хатыңыз жіберілмеді")]
    assert ["asked by its sender" in _text(mail) for mail in told] == [True]
    gone = _run(stack, "held", "release", second.queue_id, "--reason", "x")
    assert (gone.returncode, gone.stderr) == (2, f"postclerk: no message {second.queue_id} is held\n")
    assert _run(stack, "held", "show", "../../etc/passwd").returncode == 2


def _with_much_in_it() -> bytes:
    """A message of all that a page can show, hostile where it can be."""
    message = EmailMessage()
    message["From"] = "Тіркеу <noreply@forum.example>"
    message["To"] = SERIK
    message["Subject"] = "Your verification code <script>alert(1)</script>"
    message.set_content("plain")
    message.add_alternative(
        "<p>Your code is 482913</p><p>It expires in 10 minutes. Ignore this message if you did not ask for it.</p>"
        '<p>Құрметпен, <a href="https://forum.example/about?from=mail">Forum</a></p>'
        '<img src="https://forum.example/pixel.gif" alt="Logo"><script>document.title = "x"</script>'
        "<blockquote>Please send me a code.</blockquote>",
        subtype="html",
    )
    message.add_attachment(b"%PDF-1.4" + b"x" * 4000, maintype="application", subtype="pdf", filename="Ереже.pdf")
    name = "a-very-long-name-" * 6 + "\u202efdp.exe"
    message.add_attachment(b"MZ" + b"\0" * 70_000, maintype="application", subtype="octet-stream", filename=name)
    return message.as_bytes(policy=message.policy.clone(linesep="\r\n"))


def _open(page: Page, address: str) -> None:
    page.set_extra_http_headers({"X-Remote-User": "it.admin"})
    page.goto(address)


def test_staff_look_at_a_held_message(stack: Stack) -> None:
    """By a button on their page: the warden reads it, and they see what its reader would, and decide; who looked is
    written down, and what was read is gone after an hour."""
    stack.send(_with_much_in_it(), sender="noreply@forum.example", to=[SERIK], client=OUTSIDE)
    _wait_until_filed(stack, _from_login(stack))
    store = stack.clerk.folder / "postclerk.db"
    elsewhere: list[str] = []
    with browsers.chromium() as browser, contextlib.ExitStack() as warden, browsers.page(browser) as page:
        page.on("request", lambda one: elsewhere.append(one.url) if not one.url.startswith(stack.pages) else None)
        _open(page, f"{stack.pages}/staff")
        page.get_by_role("button", name="Show the message").first.click()
        assert "has not been read yet" in page.locator("main").inner_text(), "nobody is there to read it"
        _look(browser, page.url, "held-waits")
        warden.enter_context(_warden(stack))
        text = _once_read(page)
        for said in (
            "Тіркеу <noreply@forum.example>", "Your verification code <script>alert(1)</script>",
            "Your code is 482913", "Forum: https://forum.example/about?from=mail",
            "Ереже.pdf application/pdf, 4.0 kB", "\ufffdfdp.exe application/octet-stream, 70.0 kB",
        ):  # fmt: skip
            assert said in text
        assert "document.title" not in text
        assert page.title() == f"Held message {page.url[-8:]}"
        address = page.url
        _look(browser, address, "held-message")
        _look(browser, f"{stack.pages}/staff", "staff")
        with sqlite3.connect(store, timeout=20) as connection:
            connection.execute("UPDATE shown SET at = at - 3601")
        page.reload()
        assert "kept for an hour, which has passed" in page.locator("main").inner_text()
        deadline = time.monotonic() + 10
        while sqlite3.connect(store, timeout=20).execute("SELECT count(*) FROM shown").fetchone() != (0,):
            assert time.monotonic() < deadline
            time.sleep(0.2)
        page.get_by_role("button", name="Show it again").click()
        assert "Your code is 482913" in _once_read(page)
        page.get_by_label("Why").fill("her own registration")
        page.get_by_role("button", name="Release").click()
        stack.dovecot.wait_for(SERIK, 3)
        page.goto(address)
        assert "is not held any longer" in page.locator("main").inner_text()
        page.goto(f"{stack.pages}/staff")
        page.get_by_label("Why").fill("a virus")
        page.get_by_label("without telling its sender").check()
        page.get_by_role("button", name="Delete").click()
        deadline = time.monotonic() + 10
        while stack.postfix.held():
            assert time.monotonic() < deadline
            time.sleep(0.2)
    assert elsewhere == []
    time.sleep(2)
    assert len(stack.dovecot.messages(SERIK)) == 3, "nobody was told of what was deleted silently"
    found = json.loads(_run(stack, "incident", address[-8:], "--json").stdout)["orders"]
    assert [(one["action"], one["made_by"], one["outcome"]) for one in found] == [
        ("show", "it.admin", "shown"),
        ("show", "it.admin", "shown"),
        ("release", "it.admin", "released"),
    ]


def _once_read(page: Page) -> str:
    """What the page says when the warden has read the message, which takes it a while to begin on a busy machine."""
    again = page.get_by_role("link", name="Look again")
    deadline = time.monotonic() + 60
    while again.count():
        assert time.monotonic() < deadline
        again.click()
    return page.locator("main").inner_text()


def _look(browser: Browser, address: str, name: str) -> None:
    for width in browsers.WIDTHS:
        for scheme in browsers.SCHEMES:
            with browsers.page(browser, width=width, scheme=scheme) as page:
                _open(page, address)
                assert browsers.barriers(page) == []
                assert not browsers.is_too_wide(page)
                browsers.keep(page, PICTURES, f"{name}-{width}-{scheme}")
                for summary in page.locator("summary").all():
                    summary.click()
                assert not browsers.is_too_wide(page)


def test_a_message_that_is_too_large(stack: Stack) -> None:
    """Its beginning is read, and it is said that there is more."""
    large = _with_much_in_it() + b"--x\r\n" + (b"x" * 70 + b"\r\n") * 160_000
    answer = stack.send(large, sender="noreply@forum.example", to=[SERIK], client=OUTSIDE)
    _wait_until_filed(stack, answer)
    with _warden(stack):
        seen = _run(stack, "held", "show", answer.queue_id)
    assert ("Your code is 482913" in seen.stdout, seen.stdout.splitlines()[-1]) == (
        True,
        "There is more of this message than is shown: at most the first 10 MB of it, 16,384 characters of its text, 200"
        " header fields and 100 links.",
    )
    with sqlite3.connect(stack.clerk.folder / "postclerk.db", timeout=20) as connection:
        assert connection.execute("SELECT length(content) FROM shown").fetchall() == [(10 * 1024 * 1024,)]


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
    with _warden(stack):
        mails = stack.dovecot.wait_for(SERIK, 6, seconds=30)
        deadline = time.monotonic() + 10
        while stack.postfix.held():
            assert time.monotonic() < deadline
            time.sleep(0.1)
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
