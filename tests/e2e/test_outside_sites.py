"""Registrations on outside sites through a real Postfix: signatures and SPF in a real DNS, grants by the command."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.stack import site
from tests.stack.keys import Key
from tests.stack.nameserver import PrivateNameServer
from tests.stack.whole import OUTSIDE, Answer, Stack

SERIK = "a.serik@uni.example"
KEY = Key("egov.example", "mail")
RULE = "  registration: {official: [egov.example]}\nmilter:"

CONFIRM = (
    "Құрметті қолданушы! Тіркелгеніңізге рахмет. Тіркелгіні белсендіру үшін сілтемеге өтіңіз:\n"
    "https://{domain}/activate?token=8f1c9a7be02d4c6f8a55\n"
)


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A site with the rule on, and a DNS in which an official service has a key and a client."""
    if os.geteuid():
        pytest.skip("Postfix's master needs root")
    zone = KEY.zone_line + f'spf.egov.example. TXT "v=spf1 ip4:{OUTSIDE} -all"\n'
    with PrivateNameServer(tmp_path_factory.mktemp("nsd"), {"example": zone}) as dns:
        rules = site.RULES.replace("milter:", RULE) + f"dns: {{servers: ['{dns.address}']}}\n"
        with Stack(rules=rules) as running:
            yield running


def _letter(sender: str, subject: str = "Тіркелгіңізді растаңыз", body: str = "") -> bytes:
    domain = sender.rpartition("@")[2]
    text = body or CONFIRM.format(domain=domain)
    head = f"From: <{sender}>\r\nTo: <{SERIK}>\r\nSubject: {subject}\r\nDate: Mon, 23 Nov 2026 10:00:00 +0500\r\n"
    kind = "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
    return (head + kind + text.replace("\n", "\r\n")).encode()


def _send(stack: Stack, sender: str, message: bytes = b"", *to: str) -> Answer:
    return stack.send(message or _letter(sender), sender=sender, to=to or [SERIK], client=OUTSIDE)


def _held(stack: Stack, answer: Answer) -> bool:
    return answer.queue_id in stack.postfix.held()


def test_a_registration_is_refused(stack: Stack) -> None:
    """Whoever is outside reads the clause and a link, and nothing about our people; the journal has site and score."""
    answer = _send(stack, "noreply@forum.example")
    assert (answer.code, answer.lines[0]) == (
        550,
        "5.7.1 [1.3.2-e] This message registers a work address of this site on an outside site or mailing.",
    )
    detail = stack.clerk.journal()[-1]["findings"][0]["detail"]
    assert (detail["site"], detail["certainty"], detail["why"] != []) == ("forum.example", "sure", True)


def test_what_may_be_for_signing_in_is_held(stack: Stack) -> None:
    """It waits in the hold queue, with its marks."""
    body = "Your code is 482913\nIt expires in 10 minutes. Ignore this message if you did not ask for it.\n"
    answer = _send(stack, "noreply@forum.example", _letter("noreply@forum.example", "Your verification code", body))
    assert (answer.code, _held(stack, answer)) == (250, True)


def test_an_official_service(stack: Stack) -> None:
    """By signature or by SPF it passes; unproved it is held."""
    assert not _held(stack, _send(stack, "noreply@egov.example", KEY.sign(_letter("noreply@egov.example"))))
    assert not _held(stack, _send(stack, "noreply@spf.egov.example"))
    unproved = _send(stack, "noreply@egov.example")
    assert (unproved.code, _held(stack, unproved)) == (250, True)
    outcomes = [(one["action"], [f["code"] for f in one["findings"]]) for one in stack.clerk.journal()[-3:]]
    assert outcomes == [("accept", []), ("accept", []), ("hold", ["official-unproved"])]


def test_a_subscribe_command(stack: Stack) -> None:
    """Our own people are told what to do instead."""
    to = "jokes-subscribe@lists.example.org"
    message = _letter(SERIK, "subscribe", "subscribe\n")
    answer = stack.send(message, sender=SERIK, to=[to], login="a.serik")
    assert (answer.code, answer.lines[0].startswith("5.7.1 [1.3.2-e] This message subscribes a work address")) == (
        550,
        True,
    )


def test_a_grant_for_a_site(stack: Stack) -> None:
    """A grant that names the domain lets its mail pass to that person."""
    command = [sys.executable, "-m", "postclerk.cli", "grant", "add", "--rules", str(stack.clerk.rules)]
    words = [
        "--person",
        "a.serik",
        "--rule",
        "registration",
        "--value",
        "journal.example",
        "--reason",
        "her journal",
        "--approved-by",
        "b.head",
    ]
    assert _send(stack, "noreply@journal.example").code == 550
    subprocess.run([*command, *words], check=True, capture_output=True, timeout=60)
    assert _send(stack, "noreply@journal.example").code == 250
    assert _send(stack, "noreply@journal.example", b"", SERIK, "b.head@uni.example").code == 550


def test_the_report(stack: Stack) -> None:
    """The sites, the most frequent first, with what happened to their mail."""
    command = [
        sys.executable,
        "-m",
        "postclerk.cli",
        "report",
        "registration",
        "--json",
        "--rules",
        str(stack.clerk.rules),
    ]
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=60)
    rows = {row["site"]: row for row in map(json.loads, done.stdout.splitlines())}
    assert (rows["egov.example"]["outcomes"], rows["egov.example"]["official"]) == ({"hold": 1}, True)
    assert rows["journal.example"]["outcomes"] == {"reject": 2, "accept": 1}
    assert rows["forum.example"]["people"] == 1
