"""Postfix's own bounces in the four languages, from the templates that a site copies."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from email.header import decode_header, make_header

import pytest

from tests.demo.scenes import HEAD, SERIK, letter
from tests.stack.postfix import PIECES, program
from tests.stack.whole import Stack

TEMPLATES = PIECES.with_name("bounce.cf")
AT_ONCE = {"maximal_queue_lifetime": "0"}
"""What cannot be delivered at the first try is returned."""

BEGINNINGS = ("ҚАЗАҚША  ", "РУССКИЙ  ", "TÜRKÇE  ", "ENGLISH  ")


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    """A site whose outside mail cannot be delivered."""
    if os.geteuid():
        pytest.skip("Postfix's master needs root")
    with Stack(
        bounce_template_file=str(TEMPLATES), default_transport="lmtp:unix:private/nowhere", **AT_ONCE
    ) as running:
        yield running


def test_postfix_reads_the_templates(stack: Stack) -> None:
    """`postconf -b` shows all of them, with the numbers put in, and complains of nothing."""
    done = subprocess.run(
        [program("postconf"), "-c", str(stack.postfix.config_folder), "-b", str(TEMPLATES)],
        capture_output=True, text=True, check=True, timeout=30,
    )  # fmt: skip
    assert done.stderr == ""
    assert [done.stdout.count(f"\n{one}") for one in BEGINNINGS] == [3, 3, 3, 3]
    assert not re.search(r"\$[a-z]", done.stdout)
    subjects = re.findall(r"^Subject: (.*)$", TEMPLATES.read_text(), re.MULTILINE)
    assert [max(map(len, one.split())) <= 75 for one in subjects] == [True] * 3, "RFC 2047 2"


def test_a_real_bounce(stack: Stack) -> None:
    """What a sender gets is one mail with the four languages, in letters that every program reads."""
    message = letter(SERIK, "nobody@example.org", "to nobody")
    assert stack.send(message, sender=SERIK, to=["nobody@example.org"], login="a.serik").code == 250
    bounce = stack.dovecot.wait_for(SERIK)[0]
    text = bounce.get_body(preferencelist=("plain",)).get_content()
    assert [text.count(one) for one in BEGINNINGS] == [1, 1, 1, 1]
    assert "private/nowhere" in text
    assert str(make_header(decode_header(bounce["Subject"]))).startswith("Хат жеткізілмеді / Письмо не доставлено / ")
    assert max(map(len, text.splitlines())) < 90


def test_a_bounce_of_our_refusal(stack: Stack) -> None:
    """What a local program submits and the policy refuses comes back with the clause."""
    stack.dovecot.clear()
    stack.postfix.sendmail("-f", HEAD, "-t", message=b"From: " + HEAD.encode() + b"\nTo: " + b",".join(
        f"reader{number}@uni.example".encode() for number in range(51)
    ) + b"\n\nx\n")  # fmt: skip
    text = stack.dovecot.wait_for(HEAD)[0].get_body(preferencelist=("plain",)).get_content()
    assert "[1.3.2-a]" in text
