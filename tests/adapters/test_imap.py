"""Flags in the mailboxes of a real Dovecot, by its master user."""

from __future__ import annotations

import dataclasses
import datetime
import imaplib
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from postclerk import bootstrap
from postclerk.adapters.book import StoreBook
from postclerk.adapters.duties import settle
from postclerk.adapters.imap import Flags, ImapError
from postclerk.adapters.store import Store
from postclerk.adapters.tables import duties
from postclerk.core.facts import Headers
from postclerk.core.tracker import Duty, Letter, State
from postclerk.mail.post import post
from postclerk.settings import Imap
from tests.conftest import PEOPLE, SITE
from tests.stack.dovecot import MASTER, PrivateDovecot
from tests.stack.ports import free_ports

SERIK = "a.serik@uni.example"
CYRILLIC, ITS_NAME = "Кіріс & шығыс", '"&BBoEVgRABFYEQQ- &- &BEgESwSTBEsEQQ-"'


@dataclasses.dataclass(frozen=True, slots=True)
class Served:
    """A Dovecot, and a folder with the password of its master user."""

    dovecot: PrivateDovecot
    folder: Path

    def settings(self, **said: Any) -> Imap:
        """How the tracker reaches it."""
        return Imap.model_validate(self.written(**said))

    def written(self, **said: Any) -> dict[str, Any]:
        """The same as rules.yaml says it."""
        shared = {"server": f"127.0.0.1:{self.dovecot.imap_port}", "user": f"{{mailbox}}*{MASTER}", "timeout": "5s"}
        return {**shared, "password_file": "password", **said}

    def change(self, *idents: str, is_set: bool = True, **said: Any) -> tuple[set[str], set[str]]:
        """What the adapter is asked to do in one mailbox: the letters that were there, and those that had the flag."""
        with Flags(self.settings(**said), self.folder).mailbox("a.serik", SERIK) as mailbox:
            before = mailbox.flagged(list(idents)) if is_set else set()
            return mailbox.change(list(idents), is_set=is_set), before

    def flags(self, folder: str = "INBOX") -> dict[str, set[str]]:
        """The flags of each letter there, by its id."""
        found = {}
        session = self.dovecot.imap(SERIK)
        session.select(folder, readonly=True)
        for number in session.search(None, "ALL")[1][0].split():
            _ok, (line,) = session.fetch(number, "(FLAGS)")
            ident = str(self.dovecot.message(session, number.decode())["Message-ID"]).strip("<>")
            found[ident] = {flag.decode() for flag in imaplib.ParseFlags(line)} - {"\\Recent"}
        session.logout()
        return found

    def put(self, ident: str, folder: str = "INBOX", flags: str = "") -> None:
        """A letter lies in a folder."""
        session = self.dovecot.imap(SERIK)
        session.create(folder)
        message = f"From: guest@example.org\r\nMessage-ID: <{ident}>\r\nSubject: x\r\n\r\nx\r\n".encode()
        assert session.append(folder, flags, "", message)[0] == "OK"
        session.logout()


@pytest.fixture(scope="module")
def dovecot() -> Iterator[PrivateDovecot]:
    """One server for all, in a folder that its own user can reach."""
    if os.geteuid():
        pytest.skip("Dovecot's master needs root")
    with tempfile.TemporaryDirectory(prefix="postclerk-test-") as folder:
        Path(folder).chmod(0o755)
        (Path(folder) / "postfix" / "private").mkdir(parents=True)
        server = PrivateDovecot(Path(folder) / "d", Path(folder) / "postfix", imap=free_ports(1)[0], logins={})
        server.start()
        try:
            yield server
        finally:
            server.stop()


@pytest.fixture
def served(dovecot: PrivateDovecot, tmp_path: Path) -> Served:
    """An empty mailbox but for two letters."""
    session = dovecot.imap(SERIK)
    for folder in ("INBOX", ITS_NAME):
        status, count = session.select(folder)
        if status == "OK" and count != [b"0"]:
            session.store("1:*", "+FLAGS", r"(\Deleted)")
            session.expunge()
    session.logout()
    _password(tmp_path, MASTER)
    there = Served(dovecot, tmp_path)
    there.put("one@x.example")
    there.put("two@x.example")
    return there


def _password(folder: Path, text: str) -> None:
    (folder / "password").write_text(f"{text}\n")
    (folder / "password").chmod(0o640)


def test_set_and_removed(served: Served) -> None:
    """On the letters that are named and no other; again makes no difference."""
    for _ in range(2):
        assert served.change("one@x.example") == ({"one@x.example"}, set())
        assert served.flags() == {"one@x.example": {"$Unanswered"}, "two@x.example": set()}
    for _ in range(2):
        assert served.change("one@x.example", is_set=False) == ({"one@x.example"}, set())
        assert served.flags() == {"one@x.example": set(), "two@x.example": set()}


@pytest.mark.parametrize(
    "ident",
    [
        pytest.param("gone@x.example", id="not-there"),
        pytest.param("", id="no-id"),
        pytest.param("хат@x.example", id="not-ascii"),
        pytest.param('a" OR ALL "@x.example', id="a-quotation-mark"),
        pytest.param("a\r\nA1 DELETE INBOX\r\n@x.example", id="a-line-end"),
    ],
)
def test_a_letter_that_is_missing(served: Served, ident: str) -> None:
    """It is not found, and those beside it are."""
    assert served.change(ident, "two@x.example") == ({"two@x.example"}, set())
    assert served.flags() == {"one@x.example": set(), "two@x.example": {"$Unanswered"}}


def test_a_folder_with_a_cyrillic_name(served: Served) -> None:
    """It is looked into as well; one that is not there is passed over."""
    served.put("three@x.example", ITS_NAME)
    folders = ["INBOX", "Nowhere", CYRILLIC]
    assert served.change("one@x.example", "three@x.example", folders=folders)[0] == {"one@x.example", "three@x.example"}
    assert served.flags(ITS_NAME) == {"three@x.example": {"$Unanswered"}}


def test_a_star_of_its_owner(served: Served) -> None:
    """Who had set the star himself is told apart."""
    served.put("three@x.example", flags=r"(\Flagged)")
    found, before = served.change("one@x.example", "three@x.example", keyword="\\Flagged")
    assert (found, before) == ({"one@x.example", "three@x.example"}, {"three@x.example"})


@pytest.mark.parametrize(
    ("said", "password", "told"),
    [
        pytest.param({"server": "127.0.0.1:{closed}"}, MASTER, "Connection refused", id="down"),
        pytest.param({}, "wrong", "Authentication failed", id="wrong-password"),
        pytest.param({"starttls": True}, MASTER, "TLS", id="no-tls-there"),
        pytest.param({"tls": True}, MASTER, "SSL|EOF|reset|time", id="no-tls-at-once"),
        pytest.param({"password_file": "nothing"}, MASTER, "No such file", id="no-password"),
    ],
)
def test_no_mailbox(served: Served, said: dict[str, Any], password: str, told: str) -> None:
    """It is told in one line, and nothing is flagged."""
    _password(served.folder, password)
    said = {name: str(one).format(closed=free_ports(1)[0]) if name == "server" else one for name, one in said.items()}
    with pytest.raises(ImapError, match=told) as fault:
        served.change("one@x.example", **said)
    assert "\n" not in str(fault.value)
    assert served.flags()["one@x.example"] == set()


# -- as the tracker does it --------------------------------------------------------------------------------------------


def _tracked(served: Served, *idents: str, **imap: Any) -> Store:
    """A store in which these letters wait for a.serik, due at noon of Monday, 23 November."""
    site = SITE.replace("  name:", "  time_zone: Asia/Almaty\n  name:")
    (served.folder / "people.yaml").write_text(PEOPLE)
    (served.folder / "rules.yaml").write_text(f"{site}tracker: {{imap: {json.dumps(served.written(**imap))}}}\n")
    store = Store(f"sqlite:///{served.folder}/postclerk.db")
    store.migrate()
    with store.write() as connection:
        for ident in idents:
            there = post(Headers([("Message-ID", f" <{ident}>".encode())]), key=ident, at=_at("20", 12))
            letter = Letter(there, [Duty("a.serik", SERIK, _at("23", 12))], State.WAITING, ident)
            StoreBook(connection, lambda _login, _begin, _end: 0.0).add(letter, [])
    return store


def _at(day: str, hour: int, minute: int = 0) -> float:
    zone = datetime.timezone(datetime.timedelta(hours=5))
    return datetime.datetime(2026, 11, int(day), hour, minute, tzinfo=zone).timestamp()


def _catch_up(served: Served, hour: int, minute: int = 0) -> None:
    with bootstrap.companion(bootstrap.read_site(served.folder / "rules.yaml")) as tracker:
        tracker.catch_up(_at("23", hour, minute))


def test_a_star_of_its_owner_stays(served: Served) -> None:
    """The tracker takes away only what it had set."""
    served.put("three@x.example", flags=r"(\Flagged)")
    store = _tracked(served, "one@x.example", "three@x.example", keyword="\\Flagged")
    _catch_up(served, 13)
    assert served.flags() == {
        "one@x.example": {"\\Flagged"}, "two@x.example": set(), "three@x.example": {"\\Flagged"}
    }  # fmt: skip
    for number in (1, 2):
        settle(store, number, "a.serik", "the reader said so")
    _catch_up(served, 14)
    assert served.flags() == {"one@x.example": set(), "two@x.example": set(), "three@x.example": {"\\Flagged"}}
    store.close()


def test_a_mailbox_that_was_down(served: Served, caplog: pytest.LogCaptureFixture) -> None:
    """The log tells, and five minutes later it is tried again, not before."""
    store = _tracked(served, "one@x.example")
    _password(served.folder, "wrong")
    _catch_up(served, 13)
    assert [line for line in caplog.messages if "flags-wait" in line and "login=a.serik" in line]
    _password(served.folder, MASTER)
    _catch_up(served, 13, 4)
    assert served.flags()["one@x.example"] == set()
    _catch_up(served, 13, 6)
    assert served.flags()["one@x.example"] == {"$Unanswered"}
    store.close()


def test_a_letter_that_comes_late(served: Served) -> None:
    """One that is not in the mailbox is looked for again after an hour."""
    store = _tracked(served, "late@x.example")
    _catch_up(served, 13)
    served.put("late@x.example")
    _catch_up(served, 13, 30)
    assert served.flags()["late@x.example"] == set()
    _catch_up(served, 14, 1)
    assert served.flags()["late@x.example"] == {"$Unanswered"}
    with store.read() as connection:
        assert connection.scalar(sa.select(duties.c.flagged)) == 1
    store.close()


# -- a sudden end ------------------------------------------------------------------------------------------------------

_KILLED = """\
import os, signal, sys
from pathlib import Path
from postclerk import bootstrap
from postclerk.adapters import duties
from postclerk.adapters.imap import Mailbox

rules, at, where = Path(sys.argv[1]), float(sys.argv[2]), sys.argv[3]
change = Mailbox.change

def killed(*args, **said):
    if where == "changed":
        change(*args, **said)
    os.kill(os.getpid(), signal.SIGKILL)

if where == "written":
    duties.flagged = killed  # of two letters not even the first is written down
else:
    Mailbox.change = killed
with bootstrap.companion(bootstrap.read_site(rules)) as tracker:
    tracker.catch_up(at)
"""
"""A tracker that is killed before it changes flags, when it has, and where it begins to write that down."""


def _killed(served: Served, hour: int, where: str) -> None:
    command = [sys.executable, "-c", _KILLED, str(served.folder / "rules.yaml"), str(_at("23", hour)), where]
    ended = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert ended.returncode == -signal.SIGKILL, ended.stderr


_MOMENTS = ["before", "changed", "written"]


@pytest.mark.parametrize("keyword", ["$Unanswered", "\\Flagged"])
@pytest.mark.parametrize("where", _MOMENTS)
@pytest.mark.parametrize("answered", ["at once", "later"])
def test_killed_while_it_flags(served: Served, keyword: str, where: str, answered: str) -> None:
    """Wherever it is killed, what waits bears the flag, what was answered does not, and its owner's star is his."""
    served.put("three@x.example", flags=r"(\Flagged)")
    store = _tracked(served, "one@x.example", "two@x.example", "three@x.example", keyword=keyword)
    _killed(served, 13, where)
    if answered == "later":
        _catch_up(served, 14)
        assert [keyword in served.flags()[f"{name}@x.example"] for name in ("one", "two", "three")] == [True] * 3
    for number in (1, 3):
        settle(store, number, "a.serik", "the reader said so")
    for hour in (15, 16):
        _catch_up(served, hour)
        assert served.flags() == {
            "one@x.example": set(), "two@x.example": {keyword}, "three@x.example": {"\\Flagged"}
        }  # fmt: skip
    store.close()


@pytest.mark.parametrize("where", _MOMENTS)
def test_killed_while_it_takes_flags_away(served: Served, where: str) -> None:
    """They go when it begins again, and a flag that somebody sets after that is let be."""
    store = _tracked(served, "one@x.example", "two@x.example")
    _catch_up(served, 13)
    settle(store, 1, "a.serik", "the reader said so")
    _killed(served, 14, where)
    _catch_up(served, 15)
    assert served.flags() == {"one@x.example": set(), "two@x.example": {"$Unanswered"}}
    served.change("one@x.example")
    _catch_up(served, 16)
    assert served.flags()["one@x.example"] == {"$Unanswered"}
    store.close()
