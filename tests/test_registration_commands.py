"""What the IT department does about registrations: classify a message, list sites, and make one official."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import PEOPLE, SITE, Ran

Run = Callable[..., Ran]

ACTIVATE = """\
From: Forum <noreply@forum.example>
To: a.serik@uni.example
Subject: Activate your account

Thank you for registering! To activate your account follow https://forum.example/activate?token=8f1c9a7be02d4c6f8a55
"""

RULES = """\
rules:
  # what the policy says of outside sites
  registration:
    action: {sure: reject, likely: hold}
    official:
      - egov.example   # the state
      - "journal.example"
"""


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A site's files in the folder that the commands run in."""
    (tmp_path / "rules.yaml").write_text(SITE + RULES)
    (tmp_path / "people.yaml").write_text(PEOPLE)
    (tmp_path / "m.eml").write_text(ACTIVATE)
    return tmp_path


def test_classify(site: Path, postclerk: Run) -> None:
    """Score and reasons; many files in their order; JSON as the contract has it."""
    (site / "other.eml").write_text("From: a@b.example\nSubject: Minutes\n\nHere they are.\n")
    ran = postclerk("classify", "m.eml", "other.eml")
    assert (ran.status, ran.err, ran.lines[0].startswith("m.eml: notification, ")) == (0, "", True)
    assert "    it thanks you for registering" in ran.lines
    other = ran.lines.index("other.eml: human, wants an answer: a person wrote it")
    assert [line for line in ran.lines[other:] if line.startswith("  registration: other (0.0")]
    ran = postclerk("classify", "--json", "m.eml", "-", stdin=b"Subject: x\n\nx\n")
    first, second = map(json.loads, ran.lines)
    assert (first["file"], first["registration"]["verdict"], second["file"]) == ("m.eml", "registration", "-")
    assert (0 <= second["registration"]["score"] < 0.5, first["registration"]["why"] != []) == (True, True)
    told = [(one["kind"], one["wants_answer"], one["absence"]) for one in (first, second)]
    assert told == [("notification", False, None), ("human", True, None)]


@pytest.mark.parametrize(
    "content", [b"", b"\0\xff" * 1000, b"\n", b"From: x\nContent-Type: multipart/mixed; boundary=\n\n"]
)
def test_classify_takes_anything(site: Path, postclerk: Run, content: bytes) -> None:
    """What is no message is classified as other."""
    (site / "odd").write_bytes(content)
    ran = postclerk("classify", "odd", "--json")
    assert (ran.status, ran.err, json.loads(ran.out)["registration"]["verdict"]) == (0, "", "other")


def test_classify_without_a_file(site: Path, postclerk: Run) -> None:
    """A file that is not there is bad input, in one line."""
    ran = postclerk("classify", "nowhere.eml")
    assert (ran.status, ran.err) == (2, "postclerk: cannot read nowhere.eml: No such file or directory\n")


def test_classify_goes_on(site: Path, postclerk: Run) -> None:
    """One file that cannot be read is said; the others are done."""
    (site / "folder").mkdir()
    ran = postclerk("classify", "--json", "nowhere.eml", "m.eml", "folder", "m.eml")
    assert [json.loads(line)["file"] for line in ran.lines] == ["m.eml", "m.eml"]
    assert (ran.status, ran.err.splitlines()) == (
        2,
        [
            "postclerk: cannot read nowhere.eml: No such file or directory",
            "postclerk: cannot read folder: Is a directory",
        ],
    )


def test_official(site: Path, postclerk: Run) -> None:
    """Domains come and go; what else stands in rules.yaml stays as somebody wrote it."""
    before = (site / "rules.yaml").read_text()
    ran = postclerk("official", "add", "Forum.Example", "ұлт.example")
    assert (ran.status, ran.lines[0], ran.err) == (0, "forum.example is official now", "")
    text = (site / "rules.yaml").read_text()
    assert text == before + "      - forum.example\n      - xn--k1ao54a.example\n"
    assert postclerk("official", "list").lines == [
        "egov.example",
        "journal.example",
        "forum.example",
        "xn--k1ao54a.example",
    ]
    assert postclerk("try", "m.eml", "--from", "noreply@forum.example", "--to", "a.serik@uni.example").lines != []
    assert postclerk("official", "remove", "forum.example", "ұлт.example").status == 0
    assert (site / "rules.yaml").read_text() == before


@pytest.mark.parametrize(
    ("words", "says"),
    [
        pytest.param(["add", "no domain"], "'no domain' is not a domain such as journal.example.org", id="no-domain"),
        pytest.param(
            ["add", "a.egov.example"], "a.egov.example is official already: egov.example stands there", id="there"
        ),
        pytest.param(
            ["remove", "forum.example"], "forum.example does not stand among the official services", id="away"
        ),
    ],
)
def test_official_refuses(site: Path, postclerk: Run, words: list[str], says: str) -> None:
    """What cannot be done is said, and the file stays as it is."""
    before = (site / "rules.yaml").read_text()
    ran = postclerk("official", *words)
    assert (ran.status, ran.err, (site / "rules.yaml").read_text()) == (2, f"postclerk: {says}\n", before)


def test_official_without_the_section(site: Path, postclerk: Run) -> None:
    """A rule that is off has no list to write to."""
    (site / "rules.yaml").write_text(SITE + "rules:\n  sender: {dns: false}\n")
    ran = postclerk("official", "add", "forum.example")
    says = "postclerk: rules.yaml has no section `rules.registration` that this could be written into\n"
    assert (ran.status, ran.err) == (2, says)


def test_official_does_not_break_what_is_right(site: Path, postclerk: Run) -> None:
    """Where the examples of rules.yaml would no longer hold, it is not changed."""
    example = (
        "    examples:\n"
        "      - {client: 203.0.113.5, from: noreply@forum.example, to: [a.serik@uni.example], expect: reject,\n"
        "         headers: {Subject: Activate your account},\n"
        "         body: 'Thank you for registering! Activate your account: https://forum.example/activate?t=8f1c9a7be02d'}\n"
    )
    (site / "rules.yaml").write_text(SITE + RULES + example)
    assert postclerk("check").status == 0
    before = (site / "rules.yaml").read_text()
    ran = postclerk("official", "add", "forum.example")
    assert (ran.status, (site / "rules.yaml").read_text(), "Traceback" in ran.err) == (2, before, False)
    assert "the example expects reject; it comes to hold (official-unproved)" in ran.out + ran.err
