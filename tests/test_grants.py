"""`postclerk grant`, `suspend`, `unsuspend`: the IT department's commands, and what `try` makes of them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Ran

Run = Callable[..., Ran]

RULES = """\
site:
  hostname: mx.uni.example
  domains: [uni.example]
  time_zone: Asia/Almaty
directory: [{file: people.yaml}]
store: sqlite:///store/postclerk.db
rules:
  sender: {dns: false}
  return_address: {}
  recipients: {per_message: 3, per_day: 100, caps: [{unit: press, per_message: 5}]}
  suspension: {}
"""

PEOPLE = """\
people:
  - login: a.serik
    name: A. Serik
    addresses: [a.serik@uni.example]
    aliases: [serik@uni.example]
    unit: press
    superior: b.head
  - {login: b.head, addresses: [b.head@uni.example]}
  - {login: it.admin, addresses: [it.admin@uni.example]}
  - {login: it.helper, addresses: [it.helper@uni.example], superior: it.admin}
"""


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A folder with rules.yaml, people.yaml and a message."""
    (tmp_path / "rules.yaml").write_text(RULES)
    (tmp_path / "people.yaml").write_text(PEOPLE)
    (tmp_path / "m.eml").write_text("From: b.head@uni.example\nSubject: x\n\nHello.\n")
    (tmp_path / "store").mkdir()
    return tmp_path


GRANT = ("grant", "add", "--rule", "recipients", "--reason", "a conference", "--approved-by", "rector")


def _try(postclerk: Run, count: int, *, login: str = "b.head") -> dict[str, Any]:
    to = [word for number in range(count) for word in ("--to", f"r{number}@example.org")]
    ran = postclerk("try", "m.eml", "--json", "--login", login, "--from", f"{login}@uni.example", *to)
    said: dict[str, Any] = json.loads(ran.out)
    return said


def test_a_grant(site: Path, postclerk: Run) -> None:
    """It is good for the very next message, for as much as it says, until it is revoked; and it stays written down."""
    assert _try(postclerk, 4)["action"] == "reject"
    ran = postclerk(*GRANT, "--person", "B.Head@uni.example", "--limit", "per_message=6", "--until", "30d")
    assert (ran.status, ran.out, ran.err) == (0, "grant 1 is in force from the next message on\n", "")
    granted = _try(postclerk, 6)
    assert granted["action"] == "accept"
    assert granted["findings"] == [
        {
            "rule": "recipients",
            "clause": "1.3.2-a",
            "code": "too-many-recipients",
            "action": "accept",
            "monitor": False,
            "detail": {"count": 6, "limit": 3, "grant": 1},
        }
    ]
    assert _try(postclerk, 7)["action"] == "reject"
    ran = postclerk("grant", "revoke", "1")
    assert (ran.status, ran.out, ran.err) == (0, "grant 1 is revoked\n", "")
    assert _try(postclerk, 4)["action"] == "reject"
    (shown,) = (json.loads(line) for line in postclerk("grant", "list", "--json").lines)
    assert {name: shown[name] for name in ("number", "state", "person", "unit", "rule", "limit", "reason")} == {
        "number": 1,
        "state": "revoked",
        "person": "b.head",
        "unit": None,
        "rule": "recipients",
        "limit": {"per_message": 6},
        "reason": "a conference",
    }


def test_a_grant_of_a_value(site: Path, postclerk: Run) -> None:
    """A unit may use an address that is not its own, whatever its letter case."""
    words = ("try", "m.eml", "--json", "--login", "a.serik", "--from", "fair@partner.example", "--to", "x@example.org")
    (site / "m.eml").write_text("From: fair@partner.example\n\nx\n")
    assert json.loads(postclerk(*words).out)["action"] == "reject"
    for rule in ("sender", "return_address"):
        ran = postclerk(*GRANT[:3], rule, *GRANT[4:], "--unit", "press", "--value", "Fair@PARTNER.example")
        assert (ran.status, ran.err) == (0, "")
    assert json.loads(postclerk(*words).out)["action"] == "accept"


def test_a_grant_raises_what_is_counted(site: Path, postclerk: Run) -> None:
    """The window that a message would overrun is the one that was raised."""
    (site / "rules.yaml").write_text(RULES.replace("per_message: 3, per_day: 100", "per_message: 50, per_day: 10"))
    assert _try(postclerk, 11)["findings"][0]["code"] == "too-many-in-a-while"
    assert postclerk(*GRANT, "--person", "b.head", "--limit", "per_day=20").status == 0
    assert [_try(postclerk, count)["action"] for count in (11, 20, 21)] == ["accept", "accept", "reject"]


def test_try_says_which_cap_holds_and_why(site: Path, postclerk: Run) -> None:
    """In JSON and in words."""
    said = _try(postclerk, 6, login="a.serik")
    assert said["limits"][:2] == [
        {"rule": "recipients", "option": "per_message", "limit": 5, "because": "unit press", "used": None},
        {"rule": "recipients", "option": "per_hour", "limit": 200, "because": "", "used": 0},
    ]
    words = ("--login", "a.serik", "--from", "a.serik@uni.example", "--to", "x@example.org")
    assert "  recipients: per_message 5, because of unit press" in postclerk("try", "m.eml", *words).lines


@pytest.mark.parametrize(
    ("words", "says"),
    [
        pytest.param(
            [*GRANT, "--person", "nobody", "--limit", "per_day=5"], "no directory knows the login nobody", id="nobody"
        ),
        pytest.param(
            [*GRANT, "--person", "b.head", "--limit", "per_week=5"],
            "the rule recipients has no limit 'per_week'; allowed are per_message, per_hour, per_day",
            id="no-such-limit",
        ),
        pytest.param(
            [*GRANT, "--person", "b.head", "--limit", "per_day=many"],
            "--limit wants per_day=NUMBER, from 1 to 999999999, not 'per_day=many'",
            id="no-number",
        ),
        pytest.param(
            [*GRANT, "--person", "b.head", "--limit", "per_day=0"],
            "--limit wants per_day=NUMBER, from 1 to 999999999, not 'per_day=0'",
            id="nothing",
        ),
        pytest.param(
            [*GRANT, "--person", "b.head", "--limit", "per_day=5", "--until", "2020-01-01"],
            "--until lies in the past",
            id="past",
        ),
        pytest.param(
            [*GRANT, "--person", "b.head", "--limit", "per_day=5", "--until", "soon"],
            "'soon' is neither a time such as 2026-12-31T18:00 nor a duration such as 30d",
            id="no-time",
        ),
        pytest.param(
            ["grant", "add", "--rule", "nothing", "--reason", "x", "--approved-by", "x", "--unit", "x", "--value", "x"],
            "there is no rule nothing; there are recipients, registration, return_address, sender, suspension",
            id="no-rule",
        ),
        pytest.param(
            ["grant", "revoke", "7"],
            "there is no grant 7 that could be revoked; see postclerk grant list",
            id="no-grant",
        ),
        pytest.param(["unsuspend", "b.head"], "the login b.head is not suspended", id="not-suspended"),
        pytest.param(["suspend", "b.head", "--reason", " "], "--reason is empty", id="no-reason"),
        pytest.param(
            ["suspend", "b.head", "--reason", "x", "--until", "2020-01-01T00:00"],
            "--until lies in the past",
            id="suspended-in-the-past",
        ),
        pytest.param(["suspend", " ", "--reason", "x"], "the login is empty", id="no-login"),
    ],
)
def test_bad_use(site: Path, postclerk: Run, words: list[str], says: str) -> None:
    """One clear line, status 2, and nothing is written down."""
    ran = postclerk(*words)
    assert (ran.status, ran.out, ran.err) == (2, "", f"postclerk: {says}\n")
    assert postclerk("grant", "list").out == ""


def test_a_suspension(site: Path, postclerk: Run) -> None:
    """The login's mail is refused until it is lifted."""
    ran = postclerk("suspend", "B.Head", "--reason", "тергеу", "--until", "7d")
    assert (ran.status, ran.err) == (0, "")
    assert ran.out.startswith("b.head may not send until 20")
    refused = _try(postclerk, 1)
    assert (refused["action"], refused["findings"][0]["code"]) == ("reject", "suspended")
    assert refused["findings"][0]["detail"]["reason"] == "тергеу"
    ran = postclerk("unsuspend", "b.head", "--json")
    assert (ran.status, json.loads(ran.out)) == (0, {"login": "b.head", "state": "lifted"})
    assert _try(postclerk, 1)["action"] == "accept"


def test_a_store_that_cannot_be_written(site: Path, postclerk: Run) -> None:
    """It is said in one line."""
    (site / "store").rmdir()
    (site / "store").write_text("")
    ran = postclerk("suspend", "b.head", "--reason", "x")
    assert (ran.status, ran.out, ran.err.count("\n")) == (2, "", 1)


@pytest.mark.parametrize(
    ("person", "approved_by", "status"),
    [
        pytest.param("a.serik", "a.serik", 2, id="by-login"),
        pytest.param("a.serik@uni.example", "A.SERIK", 2, id="in-other-letter-case"),
        pytest.param("a.serik", "A.Serik@uni.example", 2, id="by-address"),
        pytest.param("a.serik", "serik@uni.example", 2, id="by-alias"),
        pytest.param("a.serik", "a.  serik ", 2, id="by-name"),
        pytest.param("a.serik", "b.head", 0, id="by-the-superior"),
        pytest.param("a.serik", "B. Head, order 17", 0, id="by-somebody-in-other-words"),
        pytest.param("b.head", "b.head", 2, id="who-has-no-superior"),
        pytest.param("it.helper", "it.helper", 2, id="of-the-it-department"),
        pytest.param("it.admin", "it.admin", 0, id="of-the-it-department-who-has-no-superior"),
    ],
)
def test_nobody_approves_his_own_grant(site: Path, postclerk: Run, person: str, approved_by: str, status: int) -> None:
    """But one of the IT department whom nobody is set over; whose approval it takes else is said."""
    (site / "rules.yaml").write_text(f"{RULES}web: {{staff: [it.admin@uni.example, it.helper]}}\n")
    words = ["--rule", "recipients", "--limit", "per_day=500", "--reason", "x", "--approved-by", approved_by]
    ran = postclerk("grant", "add", "--person", person, *words)
    assert ran.status == status
    login = person.partition("@")[0]
    whose = {"a.serik": "b.head, the superior", "it.helper": "it.admin, the superior"}.get(login, "a superior")
    assert ran.err == (
        f"postclerk: --approved-by: {login} does not approve a grant for {login}; that is for {whose} (1.1.3)\n"
        if status
        else ""
    )
    assert len(postclerk("grant", "list").lines) == (0 if status else 1)
