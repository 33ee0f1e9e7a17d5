"""What the section `tracker` names is looked at before anything is started: files, passwords, certificates."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from postclerk import bootstrap
from postclerk.sourcefile import Mistakes
from tests.conftest import Ran

SITE = "site: {hostname: mx.uni.example, domains: [uni.example]}\nstore: sqlite:///postclerk.db\n"
IMAP = "tracker:\n  imap:\n    server: 127.0.0.1:143\n    password_file: master\n"
RIGHT = "absences:\n  - {login: a.serik, from: 2026-08-03, until: 2026-08-29, substitute: b.head@uni.example}\n"


@pytest.fixture
def said(tmp_path: Path) -> Callable[[str], list[str]]:
    """What is wrong with a site that has a password, and this text behind its first two lines."""
    (tmp_path / "master").write_text("secret\n")
    (tmp_path / "master").chmod(0o640)

    def read(text: str) -> list[str]:
        (tmp_path / "rules.yaml").write_text(f"{SITE}{text}rules: {{suspension: {{}}}}\n")
        try:
            site = bootstrap.read_site(tmp_path / "rules.yaml")
        except Mistakes as found:
            told = found.mistakes
        else:
            told = site.config.warnings
        return [str(one).replace(f"{tmp_path}/", "") for one in told]

    return read


@pytest.mark.parametrize(
    ("content", "told"),
    [
        pytest.param(RIGHT, [], id="right"),
        pytest.param("", [], id="empty"),
        pytest.param(
            "absences:\n  - {login: a.serik, from: 2026-08-29, until: 2026-08-03}\n",
            ["away.yaml:2:5: `until` lies before `from`"],
            id="from-back-to-front",
        ),
        pytest.param(
            "absences:\n  - {login: a.serik, from: 2026-02-30, until: 20260803}\n",
            [
                "away.yaml:2:22: `from`: '2026-02-30' is not a date such as 2026-11-06",
                "away.yaml:2:40: `until`: '20260803' is not a date such as 2026-11-06",
            ],
            id="no-dates",
        ),
        pytest.param(
            "absences:\n  - {login: a.serik, till: 2026-08-03, from: 2026-08-03}\n",
            [
                "away.yaml:2:5: `until` is missing",
                "away.yaml:2:22: unknown key `till`; did you mean `until`?",
            ],
            id="a-near-key",
        ),
        pytest.param("- a\n", ["away.yaml:1:1: the file must hold keys with values, not a list"], id="a-list"),
    ],
)
def test_the_file_of_absences(said: Callable[[str], list[str]], tmp_path: Path, content: str, told: list[str]) -> None:
    """Its mistakes are told at its own lines."""
    (tmp_path / "away.yaml").write_text(content)
    assert told == said("tracker: {absences: away.yaml}\n")


def test_no_file_of_absences(said: Callable[[str], list[str]]) -> None:
    """That it is not there is told where it is named."""
    assert said("tracker:\n  absences: away.yaml\n") == [
        "rules.yaml:4:3: cannot read away.yaml: No such file or directory"
    ]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        pytest.param(IMAP, [], id="right"),
        pytest.param(
            IMAP.replace("master", "nothing"),
            ["rules.yaml:6:5: cannot read nothing: No such file or directory"],
            id="no-password",
        ),
        pytest.param(
            IMAP.replace("master", "open"),
            ["rules.yaml:6:5: open is open to others; chmod 640 open"],
            id="an-open-one",
        ),
        pytest.param(IMAP.replace("master", "empty"), ["rules.yaml:6:5: empty is empty"], id="an-empty-one"),
        pytest.param(IMAP.replace("master", "bytes"), ["rules.yaml:6:5: bytes is not UTF-8 text"], id="bytes"),
        pytest.param(IMAP.replace("master", "."), ["rules.yaml:6:5: cannot read .: Is a directory"], id="a-folder"),
        pytest.param(
            IMAP + "    tls: true\n    ca_file: nothing\n",
            ["rules.yaml:8:5: cannot read nothing: No such file or directory"],
            id="no-certificates",
        ),
        pytest.param(
            IMAP + "    tls: true\n    ca_file: master\n",
            ["rules.yaml:8:5: master holds no certificates (PEM)"],
            id="a-file-of-something-else",
        ),
        pytest.param(
            IMAP + "    tls: true\n    starttls: true\n    user: postclerk\n",
            [
                "rules.yaml:8:5: TLS is spoken from the beginning (`tls`), or begun later (`starttls`), not both",
                "rules.yaml:9:5: 'postclerk' does not say whose mailbox is opened: it needs {login} or {mailbox}",
            ],
            id="what-does-not-go-together",
        ),
        pytest.param(
            IMAP.replace("127.0.0.1", "imap.uni.example"),
            [
                "rules.yaml:5:5: warning: the password that opens every mailbox goes to imap.uni.example unencrypted;"
                " set `tls` or `starttls`"
            ],
            id="unencrypted",
        ),
        pytest.param(IMAP.replace("127.0.0.1", '"[::1]').replace(":143", ':143"'), [], id="loopback-of-ipv6"),
        pytest.param(IMAP.replace("127.0.0.1", "imap.uni.example") + "    starttls: true\n", [], id="encrypted"),
    ],
)
def test_flags(said: Callable[[str], list[str]], tmp_path: Path, text: str, told: list[str]) -> None:
    """The password is there and for the service alone, certificates can be read, and what is named makes sense."""
    for name, content, mode in (("open", b"secret", 0o644), ("empty", b"\n", 0o600), ("bytes", b"\xff\xfe\x80", 0o600)):
        (tmp_path / name).write_bytes(content)
        (tmp_path / name).chmod(mode)
    there = said(text)
    assert told == [one.replace(str(tmp_path), ".") for one in there]


def test_the_command_tells(tmp_path: Path, postclerk: Callable[..., Ran]) -> None:
    """`postclerk check` prints them all, each at its file, line and column."""
    (tmp_path / "away.yaml").write_text("absences:\n  - {login: a.serik, from: x, until: 2026-08-03}\n")
    (tmp_path / "rules.yaml").write_text(SITE + IMAP + "  absences: away.yaml\n")
    ran = postclerk("check")
    assert (ran.status, ran.err) == (1, "")
    assert ran.lines == [
        "away.yaml:2:22: `from`: 'x' is not a date such as 2026-11-06",
        "rules.yaml:6:5: cannot read master: No such file or directory",
    ]
