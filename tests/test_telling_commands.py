"""The commands about requests, held mail and pages: what they print, and how they end on bad input."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from postclerk import bootstrap, config
from postclerk.adapters import journal, requests
from tests.conftest import PEOPLE, SITE, Ran
from tests.web.test_pages import HELD, _record

Run = Callable[..., Ran]


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A site with one request that waits."""
    (tmp_path / "people.yaml").write_text(PEOPLE.replace("b.head@uni.example]}", "b.head@uni.example], superior: x}"))
    (tmp_path / "rules.yaml").write_text(f"{SITE}mail: {{}}\nheld: {{postfix: /nowhere}}\nrules:\n  recipients: {{}}\n")
    read = config.load(tmp_path / "rules.yaml")
    with bootstrap.desk(read, bootstrap.directories(read)) as desk:
        with desk.store.write() as connection:
            journal.write(connection, [_record("SENTSENT"), HELD])
        concern = desk.concern("SENTSENT", "a.serik")
        assert concern is not None
        assert desk.ask(concern, concern.asks[0], "the conference")
    return tmp_path


def test_requests(site: Path, postclerk: Run) -> None:
    """Listed, approved once, and then a grant."""
    (line,) = postclerk("request", "list").lines
    assert line.startswith("    1  ")
    assert line.endswith("a.serik: Up to 60 recipients in one message.  the conference  [waits: the IT department]")
    approved = postclerk("request", "approve", "1", "--answer", "until Friday")
    assert (approved.status, approved.out, approved.err) == (0, "request 1 is approved\n", "")
    assert postclerk("request", "list").out == ""
    assert "[approved: " in postclerk("request", "list", "--all").out
    (grant,) = [json.loads(line) for line in postclerk("grant", "list", "--json").lines]
    assert (grant["person"], grant["state"], "per_message" in str(grant)) == ("a.serik", "in force", True)
    (row,) = [json.loads(line) for line in postclerk("request", "list", "--all", "--json").lines]
    assert (row["number"], row["approved"], row["answer"]) == (1, 1, "until Friday")


def test_an_incident(site: Path, postclerk: Run) -> None:
    """What was decided and why, who was told, what was asked and ordered; by its number or its queue id."""
    postclerk("request", "approve", "1")
    lines = postclerk("incident", "SENTSENT").lines
    assert lines[0].startswith("SENTSENT  ")
    assert "  from a.serik@uni.example, login a.serik, client 192.0.2.1" in lines
    said = "Your message had 60 recipients. One message may go to 50 at most."
    assert f"  1.3.2-a recipients.too-many-recipients (reject): {said}" in lines
    assert "  told a.serik as sender: not yet" in lines
    (asked,) = [line for line in lines if line.startswith("  request 1 of a.serik: Up to 60 recipients")]
    assert "[approved by " in asked
    whole = json.loads(postclerk("incident", "4F1A2B3C4D", "--json").out)
    assert (whole["id"], whole["told"][0]["login"], whole["orders"]) == ("HELDHELD", "a.serik", [])
    gone = postclerk("incident", "ZZZZZZZZ")
    assert (gone.status, gone.err) == (2, "postclerk: the journal holds no decision ZZZZZZZZ\n")


@pytest.mark.parametrize(
    ("words", "says"),
    [
        pytest.param(["request", "approve", "7"], "there is no request 7 that waits", id="no-such-request"),
        pytest.param(["request", "approve", "-1"], "there is no request -1", id="a-negative-number"),
        pytest.param(["request", "decline", "9" * 30], f"there is no request {'9' * 30}", id="a-long-number"),
        pytest.param(["held", "list"], "postqueue: fatal: ", id="no-postfix"),
        pytest.param(["held", "release", "X", "--reason", " "], "--reason is empty", id="no-reason"),
        pytest.param(["web", "--listen", "x"], "--listen wants HOST:PORT or unix:PATH, not 'x'", id="no-place"),
    ],
)  # fmt: skip
def test_bad_input(site: Path, postclerk: Run, words: list[str], says: str) -> None:
    """One line, status 2."""
    ran = postclerk(*words)
    assert (ran.status, ran.err.startswith(f"postclerk: {says}"), ran.err.count("\n")) == (2, True, 1)


def test_a_key_that_is_open_to_others(site: Path, postclerk: Run) -> None:
    """It is no secret any longer: nothing is signed with it."""
    key = site / "postclerk.secret"
    key.chmod(0o644)
    for words in (["web"], ["held", "list"], ["milter"]):
        ran = postclerk(*words)
        assert (ran.status, "is open to others; chmod 600" in ran.err, "Traceback" in ran.err) == (2, True, False)


def test_nothing_is_asked_twice(site: Path) -> None:
    """The same request of the same person stays one."""
    read = config.load(site / "rules.yaml")
    with bootstrap.desk(read, bootstrap.directories(read)) as desk:
        concern = desk.concern("SENTSENT", "a.serik")
        assert concern is not None
        assert not desk.ask(concern, concern.asks[0], "again")
        assert len(requests.listed(desk.store, undecided=False)) == 1
