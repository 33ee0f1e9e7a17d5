"""`postclerk scan`, run as a program: what waits in mailboxes of all forms, and what is wrong with some of them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Ran

Run = Callable[..., Ran]

SERIK, GUEST = "a.serik@uni.example", "guest@example.org"
MONDAY = "Mon, 23 Nov 2026 10:00:00 +0500"
AT = ("--at", "2026-11-25T12:00+05:00")


def message(number: int, *, body: str = "Could you send it?\n", **fields: str | None) -> bytes:
    """A guest's question to a.serik on a Monday, but for these fields."""
    usual = {"From": GUEST, "To": SERIK, "Subject": f"Question {number}", "Date": MONDAY,
             "Message-ID": f"<m{number}@example.org>"}  # fmt: skip
    named = usual | {name.replace("_", "-"): value for name, value in fields.items()}
    head = "".join(f"{name}: {value}\n" for name, value in named.items() if value is not None)
    return f"{head}\n{body}".encode()


def answer(number: int, **fields: str) -> bytes:
    """a.serik's answer to it, an hour later."""
    there = {"From": SERIK, "To": GUEST, "Date": MONDAY.replace("10:", "11:"), "Message_ID": f"<a{number}@uni.example>",
             "Subject": "about it", "In_Reply_To": f"<m{number}@example.org>", **fields}  # fmt: skip
    return message(number, body="Here it is.\n", **there)


def mbox(*messages: bytes, end: bytes = b"\n") -> bytes:
    """An mbox."""
    whole = b"".join(b"From guest@example.org Mon Nov 23 05:00:00 2026\n" + one + b"\n" for one in messages)
    return whole.replace(b"\n", end)


def scanned(ran: Ran) -> dict[str, tuple[str, str | None]]:
    """By id, the state and what answered it."""
    rows = [json.loads(line) for line in ran.lines]
    return {row["message_id"]: (row["state"], row["answered_by"]) for row in rows}


WAITS = ("overdue", None)


def test_json(tmp_path: Path, postclerk: Run) -> None:
    """One object for each letter to the owner, the oldest first, and no other keys."""
    (tmp_path / "box").write_bytes(mbox(message(1), answer(1), message(2, Date="Wed, 25 Nov 2026 11:00:00 +0500")))
    ran = postclerk("scan", "box", "--owner", SERIK, "--json", *AT)
    rows: list[dict[str, Any]] = [
        {"message_id": "<m1@example.org>", "from": GUEST, "subject": "Question 1",
         "received": "2026-11-23T05:00:00+00:00", "due": "2026-11-24T05:00:00+00:00", "state": "answered",
         "answered_by": "<a1@uni.example>", "answered_at": "2026-11-23T06:00:00+00:00", "business_hours": 1.0},
        {"message_id": "<m2@example.org>", "from": GUEST, "subject": "Question 2",
         "received": "2026-11-25T06:00:00+00:00", "due": "2026-11-26T06:00:00+00:00", "state": "waiting",
         "answered_by": None, "answered_at": None, "business_hours": 1.0},
    ]  # fmt: skip
    assert (ran.status, [json.loads(line) for line in ran.lines], ran.err) == (0, rows, "")


@pytest.mark.parametrize("form", ["mbox", "maildir", "eml"])
def test_forms(tmp_path: Path, postclerk: Run, form: str) -> None:
    """An mbox, a Maildir with its subfolders and a folder of .eml say the same."""
    place = tmp_path / "mail"
    if form == "mbox":
        place.write_bytes(mbox(message(1), answer(1), message(2)))
    else:
        names = {"maildir": ("new/1.a", ".Sent/cur/2.b:2,S", "cur/3.c:2,"), "eml": ("1.eml", "sent/2.eml", "3.EML")}
        for name, data in zip(names[form], (message(1), answer(1), message(2)), strict=True):
            file = place / name
            for folder in ("cur", "new", "tmp") if form == "maildir" else (".",):
                (file.parent.parent / folder if form == "maildir" else file.parent).mkdir(parents=True, exist_ok=True)
            file.write_bytes(data)
    ran = postclerk("scan", "mail", "--owner", SERIK, "--json", *AT)
    assert (ran.status, ran.err) == (0, "")
    assert scanned(ran) == {"<m1@example.org>": ("answered", "<a1@uni.example>"), "<m2@example.org>": WAITS}


@pytest.mark.parametrize(
    ("owners", "letter", "state"),
    [
        pytest.param([SERIK], message(1, To="A.SERIK@Uni.Example"), "overdue", id="another case"),
        pytest.param([SERIK], message(1, To="a.serik+exam@uni.example"), "overdue", id="with a tag"),
        pytest.param(["a.serik+exam@uni.example"], message(1, To="a.serik+exam@uni.example"), "overdue", id="own tag"),
        pytest.param([SERIK], message(1, To=GUEST, Cc=SERIK), "no-answer-needed", id="a copy"),
        pytest.param(["serik@почта.example"], message(1, To="serik@xn--80a1acny.example"), "overdue", id="IDN"),
        pytest.param([SERIK, "b.head@uni.example"], message(1, To="b.head@uni.example"), "overdue", id="another's"),
        pytest.param([SERIK], message(1, From=SERIK), None, id="to oneself"),
        pytest.param([SERIK], message(1, To="b.head@uni.example"), None, id="to others"),
    ],
)
def test_owners(tmp_path: Path, postclerk: Run, owners: list[str], letter: bytes, state: str | None) -> None:
    """A letter is the owner's however his address is written; what he gets a copy of waits for others."""
    (tmp_path / "box").write_bytes(mbox(letter))
    ran = postclerk("scan", "box", "--owner", *owners, "--json", *AT)
    assert [one for one, _by in scanned(ran).values()] == ([state] if state else [])


def test_an_answer_under_a_tag(tmp_path: Path, postclerk: Run) -> None:
    """Who writes under a tag of his is still himself."""
    (tmp_path / "box").write_bytes(mbox(message(1), answer(1, From="A.Serik+desk@uni.example")))
    assert scanned(postclerk("scan", "box", "--owner", SERIK, "--json", *AT)) == {
        "<m1@example.org>": ("answered", "<a1@uni.example>")
    }


@pytest.mark.parametrize(
    ("ident", "names"),
    [
        pytest.param("<a b c@example.org>", "<a b c@example.org>", id="blanks"),
        pytest.param("<a b@example.org>", "<ab@example.org>", id="blanks lost"),
        pytest.param("naked@example.org", "<naked@example.org>", id="no brackets"),
        pytest.param("<naked@example.org>", "naked@example.org", id="no brackets in the answer"),
        pytest.param("no-at-sign", "no-at-sign", id="no at sign"),
        pytest.param("<x@y>", " ".join(f"<r{number}@y>" for number in range(10_000)) + " <x@y>", id="10000 ids"),
    ],
)
def test_odd_ids(tmp_path: Path, postclerk: Run, ident: str, names: str) -> None:
    """Ids pair however they are written."""
    (tmp_path / "box").write_bytes(mbox(message(1, Message_ID=ident),
                                        answer(1, In_Reply_To=names.split()[-1] if len(names) > 999 else names,
                                               References=names)))  # fmt: skip
    ran = postclerk("scan", "box", "--owner", SERIK, "--json", *AT)
    assert [state for state, _by in scanned(ran).values()] == ["answered"]


@pytest.mark.parametrize("date", ["Thu, 01 Jan 1970 00:00:00 +0000", "Mon, 23 Nov 2099 10:00:00 +0500", "yesterday"])
def test_dates_that_cannot_be(tmp_path: Path, postclerk: Run, date: str) -> None:
    """They are said; the mailbox's own time counts, and the rest is done."""
    (tmp_path / "box").write_bytes(mbox(message(1, Date=date), message(2)))
    ran = postclerk("scan", "box", "--owner", SERIK, "--json", *AT)
    said = "postclerk: box:1: its date cannot be right; the time at which it was filed is taken\n"
    assert (ran.status, ran.err) == (2, said)
    assert [json.loads(line)["received"] for line in ran.lines] == ["2026-11-23T05:00:00+00:00"] * 2


MULTIPART = message(2, body="--bb\n\nhello?\n--bb\n\nrest\n--bb--\n", Content_Type='multipart/mixed; boundary="bb"')


@pytest.mark.parametrize(
    "whole",
    [
        pytest.param(mbox(message(1), message(2))[:-90], id="in the header"),
        pytest.param(mbox(message(1), message(2))[:-8], id="in the body"),
        pytest.param(mbox(message(1), MULTIPART)[:-9], id="before the last boundary"),
        pytest.param(mbox(message(1), message(2), end=b"\r\n")[:-8], id="CRLF"),
    ],
)
def test_cut_off(tmp_path: Path, postclerk: Run, whole: bytes) -> None:
    """What is not all there is said and passed over."""
    (tmp_path / "box").write_bytes(whole)
    ran = postclerk("scan", "box", "--owner", SERIK, "--json", *AT)
    assert (ran.status, ran.err) == (2, "postclerk: box:2: the mailbox ends in the middle of this message\n")
    assert scanned(ran) == {"<m1@example.org>": WAITS}


def test_lines_that_begin_with_from(tmp_path: Path, postclerk: Run) -> None:
    """A sentence that begins like the line between messages parts none."""
    body = (
        "Hi\n\nFrom now on I ask.\n\nFrom Monday 10:00 to Friday 2026 it is shut.\n\nFrom bob@x.example I know. OK?\n"
    )
    (tmp_path / "box").write_bytes(mbox(message(1, body=body), message(2)))
    ran = postclerk("scan", "box", "--owner", SERIK, "--json", *AT)
    assert (ran.status, ran.err) == (0, "")
    assert scanned(ran) == {"<m1@example.org>": WAITS, "<m2@example.org>": WAITS}


def test_a_folder_with_what_is_no_mail(tmp_path: Path, postclerk: Run) -> None:
    """Links, pipes and other files are passed over; an empty message is said."""
    folder = tmp_path / "mail"
    folder.mkdir()
    (folder / "1.eml").write_bytes(message(1))
    (folder / "2.eml").touch()
    (folder / "notes.txt").write_bytes(message(3))
    (folder / "link.eml").symlink_to(tmp_path / "elsewhere.eml")
    (folder / "round").symlink_to(folder)
    os.mkfifo(folder / "pipe.eml")
    ran = postclerk("scan", "mail", "--owner", SERIK, "--json", *AT)
    assert (ran.status, ran.err) == (2, "postclerk: mail/2.eml: this is no message: it has no header\n")
    assert scanned(ran) == {"<m1@example.org>": WAITS}


@pytest.mark.parametrize(
    ("words", "says"),
    [
        pytest.param(["missing"], "cannot read missing: No such file or directory", id="missing"),
        pytest.param(["pipe"], "cannot read pipe: it is neither a file nor a folder", id="pipe"),
        pytest.param(["/dev/zero"], "cannot read /dev/zero: it is neither a file nor a folder", id="device"),
        pytest.param(["pipe", "--at", "0001-01-01T00:00Z"], "lies beyond the calendar, 1900 to 2199", id="too early"),
        pytest.param(["pipe", "--at", "9999-12-31T23:59-12:00"], "lies beyond the calendar", id="too late"),
        pytest.param(["pipe", "--at", "2026-11-25T12:00"], "is not a time such as", id="no offset"),
        pytest.param(["pipe", "--owner", "a.serik"], "--owner: 'a.serik' is not an address", id="no address"),
    ],
)
def test_bad_use(tmp_path: Path, postclerk: Run, words: list[str], says: str) -> None:
    """One line says what is wrong."""
    os.mkfifo(tmp_path / "pipe")
    ran = postclerk("scan", *words, "--owner", SERIK)
    assert ran.status == 2
    assert says in ran.err
    assert ran.err.count("\n") == 1


def test_interrupted(tmp_path: Path) -> None:
    """Whoever has seen enough leaves nothing behind."""
    (tmp_path / "box").write_bytes(mbox(*(message(number) for number in range(20_000))))
    (tmp_path / "tmp").mkdir()
    command = [sys.executable, "-m", "postclerk.cli", "scan", "box", "--owner", SERIK, "--json", *AT]
    scan = subprocess.Popen(command, cwd=tmp_path, env={**os.environ, "TMPDIR": str(tmp_path / "tmp")},
                            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)  # fmt: skip
    # Long enough to be reading, far from its end.
    time.sleep(2)
    assert scan.poll() is None
    scan.send_signal(signal.SIGINT)
    _out, err = scan.communicate(timeout=30)
    assert b"Traceback" not in err
    assert list((tmp_path / "tmp").iterdir()) == []
