"""Every sending situation through a real Postfix, with keys in a real DNS and grants by the command."""

from __future__ import annotations

import datetime
import subprocess
import sys
from collections.abc import Iterator
from zoneinfo import ZoneInfo

import pytest

from tests import situations
from tests.situations import Situation
from tests.stack.nameserver import PrivateNameServer
from tests.stack.whole import Answer, Stack

ANSWERS = {"accept": 250, "tag": 250, "hold": 250, "defer": 451, "reject": 550}


def _closed() -> str:
    """Two hours of the day that are far from now in the site's time."""
    now = datetime.datetime.now(ZoneInfo("Asia/Almaty"))  # noqa: TID251 - the server's clock is not ours to set
    start = (now.hour + 11) % 24
    return f"{start:02}:00-{(start + 2) % 24:02}:00"


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The situations' site."""
    zones = {situations.SILENT.domain: ""}
    for key in situations.KEYS:
        zone = ".".join(key.domain.split(".")[-2:])
        zones[zone] = zones.get(zone, "") + key.zone_line
    with (
        PrivateNameServer(tmp_path_factory.mktemp("nsd"), zones) as dns,
        Stack(
            rules=situations.rules(_closed(), dns.address),
            people=situations.PEOPLE,
            logins=situations.LOGINS,
            mynetworks=", ".join((situations.INSIDE, situations.ALARMS, situations.RELAY)),
        ) as running,
    ):
        for login, rule, option, amount in situations.GRANTS:
            words = ["--person", login, "--rule", rule, "--limit", f"{option}={amount}"]
            _postclerk(running, "grant", "add", *words, "--reason", "a conference", "--approved-by", "b.head")
        for login in situations.SUSPENDED:
            _postclerk(running, "suspend", login, "--reason", "left")
        yield running


def _postclerk(stack: Stack, *words: str) -> None:
    command = [sys.executable, "-m", "postclerk.cli", *words, "--rules", str(stack.clerk.rules)]
    subprocess.run(command, check=True, capture_output=True)


@pytest.mark.parametrize("one", [pytest.param(one, id=name) for name, one in situations.ALL])
def test_the_answer(stack: Stack, one: Situation) -> None:
    """Postfix answers as the table says, and what is held is held."""
    held = len(stack.postfix.held())
    answer = _send(stack, one)
    assert (answer.code, len(stack.postfix.held()) - held) == (ANSWERS[one.expect], int(one.expect == "hold"))


def _send(stack: Stack, one: Situation) -> Answer:
    return stack.send(one.message(), sender=one.sender, to=one.to, login=one.login, client=one.client)


def test_the_journal(stack: Stack) -> None:
    """The decisions were written down in their order, each with what led to it."""
    entries = stack.clerk.journal()
    said = [
        (one["action"], sorted({found["code"] for found in one["findings"] if found["action"] != "accept"}))
        for one in entries
    ]
    assert said == [(one.expect, [one.code] if one.code else []) for _name, one in situations.ALL]
