"""The commands, run as programs: what they print, and how they end."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from postclerk import cli
from tests.conftest import PEOPLE, SITE, Ran
from tests.test_config import SAMPLE_RULES

RULES = """\
rules:
  sender: {dns: false}
  return_address: {}
  recipients: {per_message: 3}
"""

Run = Callable[..., Ran]


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A site's files in the folder that the commands run in."""
    (tmp_path / "rules.yaml").write_text(SITE + RULES)
    (tmp_path / "people.yaml").write_text(PEOPLE)
    (tmp_path / "m.eml").write_text("From: A. Serik <a.serik@uni.example>\nSubject: x\n\nHello\n")
    return tmp_path


def _one_line(ran: Ran) -> bool:
    return ran.err.count("\n") == 1 and ran.err.endswith("\n") and "Traceback" not in ran.err


# -- check --------------------------------------------------------------------------------


def test_check_is_content(site: Path, postclerk: Run) -> None:
    """Right files: what is on is said, and the status is 0."""
    ran = postclerk("check")
    assert (ran.status, ran.out, ran.err) == (0, "rules.yaml: 3 rules are on; 0 examples hold\n", "")
    ran = postclerk("check", "--json")
    assert (ran.status, ran.out, ran.err) == (0, "", "")


def test_check_reports_all_mistakes(site: Path, postclerk: Run) -> None:
    """Mistakes of all files, in their order, as FILE:LINE:COLUMN; the status is 1."""
    (site / "rules.yaml").write_text(SITE + "rules:\n  sender: {atcion: reject}\nsote: x\n")
    (site / "people.yaml").write_text("people:\n  - {login: a, adresses: []}\n")
    ran = postclerk("check")
    assert (ran.status, ran.lines, ran.err) == (
        1,
        [
            "people.yaml:2:16: unknown key `adresses`; did you mean `addresses`?",
            "rules.yaml:16:12: unknown key `atcion`; did you mean `action`?",
            "rules.yaml:17:1: unknown key `sote`; did you mean `site`?",
        ],
        "",
    )
    ran = postclerk("check", "--json", "--rules", "rules.yaml")
    assert [json.loads(line) for line in ran.lines][1:] == [
        {
            "file": "rules.yaml",
            "line": 16,
            "column": 12,
            "severity": "mistake",
            "message": "unknown key `atcion`; did you mean `action`?",
        },
        {
            "file": "rules.yaml",
            "line": 17,
            "column": 1,
            "severity": "mistake",
            "message": "unknown key `sote`; did you mean `site`?",
        },
    ]


def test_check_looks_at_every_section(site: Path, postclerk: Run) -> None:
    """A mistake in one section does not hide those that only the parts behind the others can tell."""
    text = SITE.replace("store: sqlite:///postclerk.db", "store: nosuch://x")
    assert text != SITE
    (site / "rules.yaml").write_text(text + "counters: memcached://x\nmilter: {workers: 0}\nrules: {sender: {}}\n")
    ran = postclerk("check")
    store, *others = ran.lines
    assert "nosuch" in store
    assert (ran.status, others, ran.err) == (
        1,
        [
            "rules.yaml:15:1: a server's URL begins with redis://, rediss:// or unix://",
            "rules.yaml:16:10: `workers`: it should be greater than or equal to 1",
        ],
        "",
    )


def test_check_runs_the_examples(site: Path, postclerk: Run) -> None:
    """An example that does not hold is a mistake."""
    (site / "rules.yaml").write_text(
        SITE + "rules:\n  recipients:\n    examples: [{login: a, from: a@$domain, to: 51}]\n"
    )
    ran = postclerk("check")
    assert (ran.status, ran.lines, ran.err) == (
        1,
        ["rules.yaml:17:16: the example expects accept; it comes to reject (too-many-recipients)"],
        "",
    )


def test_check_takes_the_contracts_samples(tmp_path: Path, postclerk: Run) -> None:
    """The two files of the design pass."""
    (tmp_path / "rules.yaml").write_text(SAMPLE_RULES)
    (tmp_path / "people.yaml").write_text(SAMPLE_PEOPLE)
    ran = postclerk("check")
    assert (ran.status, ran.lines, ran.err) == (
        0,
        ["rules.yaml: 4 rules are on; 0 examples hold"],
        "",
    )


def test_check_takes_the_shipped_rules(postclerk: Run) -> None:
    """rules.yaml of the repository passes, and its file name is echoed as given."""
    path = Path(__file__).parents[1] / "rules.yaml"
    ran = postclerk("check", "--rules", path)
    assert (ran.status, ran.lines[-1].startswith(f"{path}: 5 rules are on; "), ran.err) == (0, True, "")


SAMPLE_PEOPLE = """\
people:
  - login: a.serik
    name: A. Serik
    addresses: [a.serik@uni.example]     # the first is the mailbox
    may_send_as: [office@uni.example]
    unit: registry
    superior: b.head
    language: kk
lists:
  - address: staff@uni.example
    members: [a.serik@uni.example, all-it@uni.example]
    may_send: [b.head]
shared:
  - {address: office@uni.example, members: [a.serik, b.head], remind: all}
"""
"""As in the design."""


# -- bad use and bad input --------------------------------------------------------------------------------

TRY = ("try", "m.eml", "--from", "a.serik@uni.example", "--to", "b@example.org")


@pytest.mark.parametrize(
    ("words", "says"),
    [
        pytest.param([], "postclerk: the following arguments are required: COMMAND", id="no-command"),
        pytest.param(["frob"], "postclerk: argument COMMAND: invalid choice: 'frob'", id="no-such-command"),
        pytest.param(["check", "--frob"], "postclerk: unrecognized arguments: --frob", id="no-such-option"),
        pytest.param(
            ["check", "--rules", "no\nwhere.yaml"], "postclerk: cannot read no", id="no-such-rules-in-one-line"
        ),
        pytest.param(
            ["check", "--rules", "nowhere.yaml"],
            "postclerk: cannot read nowhere.yaml: No such file or directory",
            id="no-such-rules",
        ),
        pytest.param(["check", "--rules", "."], "postclerk: cannot read .: Is a directory", id="a-folder-as-rules"),
        pytest.param(
            ["try", "nowhere.eml", *TRY[2:]],
            "postclerk: cannot read nowhere.eml: No such file or directory",
            id="no-such-message",
        ),
        pytest.param(["try", "m.eml"], "postclerk try: the following arguments are required: --from, --to", id="bare"),
        pytest.param(
            [*TRY, "--at", "yesterday"],
            "postclerk try: argument --at: 'yesterday' is not a time such as 2026-11-23T09:00:00+05:00",
            id="no-time",
        ),
        pytest.param(
            [*TRY, "--at", "2026-11-23T09:00:00"],
            "postclerk try: argument --at: '2026-11-23T09:00:00' is not a time such as 2026-11-23T09:00:00+05:00",
            id="a-time-without-offset",
        ),
        pytest.param(
            [*TRY, "--client", "mx"], "postclerk try: argument --client: 'mx' is not an IP address", id="no-client"
        ),
        pytest.param(
            ["journal", "--since", "soon"],
            "postclerk journal: argument --since: 'soon' is neither a time",
            id="no-since",
        ),
        pytest.param(
            ["milter", "--workers", "0"],
            "postclerk milter: argument --workers: '0' is not a number from 1 to 64",
            id="no-workers",
        ),
        pytest.param(
            ["milter", "--socket", "frob"],
            "postclerk: 'frob' is not a socket; write unix:PATH, inet:PORT@HOST or inet6:PORT@HOST",
            id="no-socket",
        ),
    ],
)
def test_bad_use(site: Path, postclerk: Run, words: list[str], says: str) -> None:
    """What cannot be worked with is said in one line on the standard error stream; the status is 2."""
    ran = postclerk(*words)
    assert (ran.status, ran.out, ran.err[: len(says)], _one_line(ran)) == (2, "", says, True)


@pytest.mark.parametrize("command", [TRY, ("journal",), ("milter",)], ids=["try", "journal", "milter"])
@pytest.mark.parametrize(
    "store",
    [
        pytest.param("frob", id="no-url"),
        pytest.param("frob://x/y", id="no-such-database"),
        pytest.param("postgresql://db.example/postclerk", id="no-driver"),
        pytest.param("sqlite:////nowhere/at/all.db", id="no-folder"),
        pytest.param("sqlite:///people.yaml", id="no-database"),
        pytest.param("sqlite:///a\\0b.db", id="nul"),
    ],
)
def test_a_store_that_cannot_be_used(site: Path, postclerk: Run, command: tuple[str, ...], store: str) -> None:
    """A store that is none ends a command with one line, if the command needs it."""
    (site / "rules.yaml").write_text(SITE.replace("sqlite:///postclerk.db", f'"{store}"') + RULES)
    ran = postclerk(*command, "--rules", "rules.yaml")
    if command is TRY and ran.status != 2:
        # Where no store is yet nothing was counted; a store that does not answer is what the rule says.
        assert (ran.status in (0, 1), ran.err) == (True, "")
    else:
        assert (ran.status, ran.out, _one_line(ran)) == (2, "", True)


@pytest.mark.parametrize("command", [TRY, ("journal",), ("milter",)], ids=["try", "journal", "milter"])
def test_wrong_rules_stop_every_command(site: Path, postclerk: Run, command: tuple[str, ...]) -> None:
    """The first mistake and how many more there are, in one line."""
    (site / "rules.yaml").write_text(SITE + "sote: x\nstroe: y\n")
    ran = postclerk(*command)
    assert (ran.status, ran.out, ran.err) == (
        2,
        "",
        "postclerk: rules.yaml:15:1: unknown key `sote`; did you mean `site`? (and 1 more: see postclerk check)\n",
    )


def test_without_any_rules(tmp_path: Path, postclerk: Run) -> None:
    """Where no rules.yaml is, the command says where it looked."""
    ran = postclerk("check")
    if not Path("/etc/postclerk/rules.yaml").exists():
        assert (ran.status, ran.out, ran.err) == (
            2,
            "",
            "postclerk: there is no rules.yaml here and no /etc/postclerk/rules.yaml; name one with --rules FILE\n",
        )


# -- try --------------------------------------------------------------------------------


def _try(postclerk: Run, *words: str, message: str = "m.eml", stdin: bytes = b"") -> tuple[int, dict[str, Any]]:
    ran = postclerk("try", message, "--json", *words, stdin=stdin)
    assert (ran.err, len(ran.lines)) == ("", 1)
    said = json.loads(ran.out)
    del said["limits"]
    return ran.status, said


FROM_A = ("--login", "a.serik", "--from", "a.serik@uni.example")
FROM_OUTSIDE = ("--client", "203.0.113.5", "--from", "x@example.org", "--to", "a.serik@uni.example")


def _finding(rule: str, clause: str, code: str, action: str, **detail: Any) -> dict[str, Any]:
    return {"rule": rule, "clause": clause, "code": code, "action": action, "monitor": False, "detail": detail}


def test_try_accepts(site: Path, postclerk: Run) -> None:
    """What is accepted has no reply and no headers; the status is 0, and no store is made."""
    assert _try(postclerk, *FROM_A, "--to", "b@example.org", "--at", "2026-11-23T09:00:00+05:00") == (
        0,
        {"action": "accept", "findings": [], "reply": None, "headers": [], "stage": "message"},
    )
    assert sorted(path.name for path in site.iterdir()) == ["m.eml", "people.yaml", "rules.yaml"]


def test_try_refuses(site: Path, postclerk: Run) -> None:
    """What is refused has its reply in lines without codes; the status is 1."""
    status, said = _try(postclerk, *FROM_A, *(word for n in range(4) for word in ("--to", f"r{n}@example.org")))
    link = said["reply"]["lines"].pop()
    assert link.startswith("Explained in KK RU TR EN: https://mail.uni.example/e/")
    assert len(link.rpartition("/")[2]) == 8
    assert (status, said) == (
        1,
        {
            "action": "reject",
            "findings": [_finding("recipients", "1.3.2-a", "too-many-recipients", "reject", count=4, limit=3)],
            "reply": {
                "code": 550,
                "enhanced": "5.7.1",
                "lines": [
                    "[1.3.2-a] 4 recipients; at most 3 are allowed in one message.",
                    "Send a service notice from its own account, or ask for a grant.",
                ],
            },
            "headers": [],
            "stage": "data",
        },
    )


def test_try_holds(site: Path, postclerk: Run) -> None:
    """What is held is delivered later with its headers; the status is 0."""
    message = b"From: a.serik@uni.example\nList-Id: <l.example.org>\n\n"
    status, said = _try(postclerk, *FROM_OUTSIDE, message="-", stdin=message)
    (action, reason, explained) = said.pop("headers")
    incident = explained[1].rpartition("/")[2].rstrip(">")
    assert (action, reason, explained) == (
        ["X-Policy-Action", f"hold; rule=return_address; clause=1.3.2-b; code=inside-address-returned; id={incident}"],
        [
            "X-Policy-Reason",
            "From claims an address of this site,\n but the message comes from outside through a mailing list.",
        ],
        ["X-Policy-Explained", f"<https://mail.uni.example/e/{incident}>"],
    )
    found = _finding(
        "return_address",
        "1.3.2-b",
        "inside-address-returned",
        "hold",
        field="From",
        address="a.serik@uni.example",
        sign=" through a mailing list",
    )
    assert (status, said) == (0, {"action": "hold", "findings": [found], "reply": None, "stage": "message"})


def test_try_for_people(site: Path, postclerk: Run) -> None:
    """Without --json the decision is told rule by rule, and then the reply as it goes over the wire."""
    ran = postclerk("try", "m.eml", "--login", "b.head", "--from", "b.head@uni.example", "--to", "b@example.org")
    assert (ran.status, ran.lines[:-1], ran.err) == (
        1,
        [
            "reject, decided at the end of the headers",
            "  1.3.2-b  return_address: address-not-own -> reject; field From, address a.serik@uni.example,"
            " who the login b.head",
            "  recipients: per_message 3",
            "  recipients: per_hour 200, 0 used",
            "  recipients: per_day 1000, 0 used",
            "550-5.7.1 [1.3.2-b] The From address a.serik@uni.example does not belong to the login b.head.",
            "550-5.7.1 Use your own address there, or ask for the right to send as this one.",
        ],
        "",
    )


@pytest.mark.parametrize(
    ("message", "action"),
    [
        pytest.param(b"", "accept", id="empty"),
        pytest.param(b"\n", "accept", id="only-a-line-end"),
        pytest.param(b"no header at all\n", "accept", id="no-header"),
        pytest.param(b"\0\0\0", "accept", id="nul"),
        pytest.param(b"From: a.serik@uni.example\0\n\n", "reject", id="nul-in-a-field"),
        pytest.param(b"From: x@example.org\rFrom: a.serik@uni.example\r\n\r\n", "reject", id="a-bare-cr"),
        pytest.param(b"From: x@example.org\nX-Long: " + b"x" * 100_000 + b"\n\n", "accept", id="a-long-field"),
        pytest.param(b"From: " + b"x@example.org, " * 7000 + b"\n\n", "accept", id="a-hundred-kilobytes-of-addresses"),
        pytest.param(b"From: " + b"(" * 100_000 + b" a.serik@uni.example\n\n", "reject", id="deep-comments"),
        pytest.param(b"From: \xff\xfe <x@example.org>\n\n", "accept", id="not-utf-8"),
        pytest.param(b"\xff\xfe: x\nFrom: a.serik@uni.example\n\n", "accept", id="a-name-that-ends-the-header"),
        pytest.param(b"From:\n\ta.serik@uni.example\n\n", "reject", id="a-folded-field"),
        pytest.param(b" leading blank\nFrom: a.serik@uni.example\n\n", "accept", id="continues-nothing"),
        pytest.param(b"X: y\n" * 20_000 + b"From: a.serik@uni.example\n", "reject", id="twenty-thousand-fields"),
    ],
)
def test_odd_messages(site: Path, capsys: pytest.CaptureFixture[str], message: bytes, action: str) -> None:
    """Whatever comes, a decision is printed, and nothing else."""
    (site / "odd.eml").write_bytes(message)
    rules = ("--rules", str(site / "rules.yaml"), "--json")
    status = cli.main(["try", str(site / "odd.eml"), *rules, *FROM_OUTSIDE])
    out, err = capsys.readouterr()
    assert (err, out.count("\n")) == ("", 1)
    said = json.loads(out)
    assert (action, 1 if action == "reject" else 0) == (said["action"], status)
    assert said["stage"] == ("headers" if action == "reject" else "message")


def test_odd_envelopes(site: Path, postclerk: Run) -> None:
    """Addresses and logins that are none are findings, and no faults."""
    odd = (
        "--login",
        "\udcff",
        "--from",
        "\udcff@x",
        "--to",
        "<>x",
        "--to",
        "\udcff",
        "--to",
        "a b",
        "--to",
        "@",
        "--to",
        "x",
    )
    status, said = _try(postclerk, *odd)
    assert (status, said["action"], said["stage"], [one["code"] for one in said["findings"]]) == (
        1,
        "reject",
        "data",
        ["too-many-recipients", "sender-syntax"],
    )


def test_ten_thousand_recipients(site: Path, postclerk: Run) -> None:
    """As many recipients as a command line holds are counted, and told in one line."""
    many = [word for number in range(10_000) for word in ("--to", f"r{number}@example.org")]
    status, said = _try(postclerk, *FROM_A, *many)
    assert (status, said["findings"]) == (
        1,
        [_finding("recipients", "1.3.2-a", "too-many-recipients", "reject", count=10_000, limit=3),
         _finding("recipients", "1.3.2-a", "too-many-in-a-while", "reject",
                  count=10_000, used=0, total=10_000, window="an hour", limit=200),
         _finding("recipients", "1.3.2-a", "too-many-in-a-while", "reject",
                  count=10_000, used=0, total=10_000, window="24 hours", limit=1000)],
    )  # fmt: skip


# -- journal --------------------------------------------------------------------------------


def test_an_id_that_nobody_knows(site: Path, postclerk: Run) -> None:
    """Asked about a message that is not there, the answer is no."""
    ran = postclerk("journal", "--id", "7KQ2M4XD")
    assert (ran.status, ran.out, ran.err) == (1, "", "postclerk: no message has the id 7KQ2M4XD\n")


def test_an_empty_journal(site: Path, postclerk: Run) -> None:
    """Whoever opens the store creates it; nothing decided is nothing printed."""
    for words in (("journal",), ("journal", "--json", "--since", "7d", "--person", "a", "--rule", "sender")):
        ran = postclerk(*words)
        assert (ran.status, ran.out, ran.err) == (0, "", "")
    assert (site / "postclerk.db").stat().st_mode & 0o777 == 0o640
