"""The directory of people in a database: the same on SQLite and on a real PostgreSQL."""

from __future__ import annotations

import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from postclerk import adapters
from postclerk.adapters import directory_sql
from postclerk.adapters.directory import CachedSource, Directories
from postclerk.adapters.directory_file import FileDirectory, PeopleFile, PersonEntry
from postclerk.adapters.directory_sql import SqlDirectory
from postclerk.core.people import Listing, Person
from postclerk.core.ports import Unavailable
from postclerk.settings import Sql
from tests.stack.postgresql import PrivatePostgreSQL

TABLES = """\
CREATE TABLE people (login TEXT, name TEXT, unit TEXT, superior TEXT, language TEXT);
INSERT INTO people VALUES ('a.serik', 'A. Serik', 'registry', 'B.Head@uni.example', 'kk-KZ');
INSERT INTO people VALUES ('b.head', NULL, NULL, NULL, NULL);
INSERT INTO people VALUES ('twin', 'One', NULL, NULL, NULL);
INSERT INTO people VALUES ('twin', 'Other', NULL, NULL, NULL);
INSERT INTO people VALUES ('odd', NULL, NULL, NULL, NULL);
CREATE TABLE addresses (login TEXT, address TEXT, kind TEXT, place INTEGER);
INSERT INTO addresses VALUES ('a.serik', 'A.Serik@uni.example', 'own', 1);
INSERT INTO addresses VALUES ('a.serik', 'serik@uni.example', NULL, 2);
INSERT INTO addresses VALUES ('a.serik', 'office@uni.example', 'send-as', 3);
INSERT INTO addresses VALUES ('a.serik', '*@Conference.example', 'send-as', 4);
INSERT INTO addresses VALUES ('a.serik', 'b.head@uni.example', 'on-behalf', 5);
INSERT INTO addresses VALUES ('a.serik', 'no address', 'own', 6);
INSERT INTO addresses VALUES ('b.head', 'b.head@uni.example', 'own', 1);
INSERT INTO addresses VALUES ('c.other', 'b.head@uni.example', 'own', 1);
INSERT INTO addresses VALUES ('odd', 'odd@uni.example', 'perhaps', 1);
CREATE TABLE belongs (login TEXT, team TEXT);
INSERT INTO belongs VALUES ('a.serik', 'teachers');
INSERT INTO belongs VALUES ('a.serik', NULL);
CREATE TABLE aliases (address TEXT, mailbox TEXT);
INSERT INTO aliases VALUES ('serik@uni.example', 'A.Serik@uni.example');
CREATE TABLE lists (address TEXT, member TEXT);
INSERT INTO lists VALUES ('staff@uni.example', 'serik@uni.example');
INSERT INTO lists VALUES ('staff@uni.example', 'a.serik@uni.example');
INSERT INTO lists VALUES ('staff@uni.example', 'it@uni.example');
INSERT INTO lists VALUES ('it@uni.example', 'b.head@uni.example');
INSERT INTO lists VALUES ('it@uni.example', 'staff@uni.example');
INSERT INTO lists VALUES ('it@uni.example', 'nonsense');
CREATE TABLE senders (address TEXT, who TEXT);
INSERT INTO senders VALUES ('it@uni.example', 'B.Head');
INSERT INTO senders VALUES ('it@uni.example', 'unit:press');
"""

HUGE = 100_000

LONG_LISTS = f"""\
CREATE TABLE members (list TEXT, member TEXT);
INSERT INTO members WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < {HUGE} - 1)
  SELECT 'all@uni.example', 'm' || i || '@uni.example' FROM n;
INSERT INTO members WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < {HUGE} - 1)
  SELECT 'part' || (i / 1000) || '@uni.example', 'd' || i || '@uni.example' FROM n;
INSERT INTO members SELECT DISTINCT 'deep@uni.example', list FROM members WHERE list LIKE 'part%';
INSERT INTO members SELECT 'deep@uni.example', 'loop@uni.example';
INSERT INTO members SELECT 'loop@uni.example', 'deep@uni.example';
INSERT INTO members SELECT 'more@uni.example', member FROM members WHERE list = 'all@uni.example';
INSERT INTO members SELECT 'more@uni.example', 'one.more@uni.example';
INSERT INTO members SELECT 'both@uni.example', list FROM members WHERE list IN ('all@uni.example', 'deep@uni.example')
  GROUP BY list;
CREATE INDEX members_list ON members (list);
"""

QUERIES = {
    "person": "SELECT name, Unit, superior, language FROM people WHERE login = :login",
    "addresses": "SELECT address, kind FROM addresses WHERE login = :login ORDER BY place",
    "groups": "SELECT team FROM belongs WHERE login = :login",
    "mailbox": "SELECT mailbox FROM aliases WHERE address = :address",
    "members": "SELECT member FROM lists WHERE address = :address",
    "may_send": "SELECT who FROM senders WHERE address = :address ORDER BY who",
    "everybody": "SELECT login, address FROM addresses WHERE kind = 'own' ORDER BY place, login",
}

SERIK = Person(
    login="a.serik",
    owned=frozenset({"a.serik@uni.example", "serik@uni.example", "office@uni.example"}),
    owned_domains=frozenset({"conference.example"}),
    on_behalf=frozenset({"b.head@uni.example"}),
    name="A. Serik",
    mailbox="A.Serik@uni.example",
    unit="registry",
    groups=frozenset({"teachers"}),
    superior="b.head",
    language="kk",
)

MANY_AT_ONCE = {
    "mailbox": "SELECT address, mailbox FROM aliases WHERE address IN :addresses",
    "members": "SELECT upper(address), member FROM lists WHERE address IN (:addresses)",
    "may_send": "SELECT address, who FROM senders WHERE address IN :addresses ORDER BY who;",
}

Build = Callable[..., SqlDirectory]


@pytest.fixture(scope="module")
def server() -> Iterator[PrivatePostgreSQL]:
    """PostgreSQL with the tables, in a folder that its own user can reach."""
    with tempfile.TemporaryDirectory(prefix="postclerk-test-") as folder:
        Path(folder).chmod(0o755)
        with PrivatePostgreSQL(Path(folder) / "server") as running:
            running.execute(f"{TABLES} {LONG_LISTS} GRANT SELECT ON ALL TABLES IN SCHEMA public TO clerk; ANALYZE;")
            yield running


@pytest.fixture(params=["sqlite", "postgresql"])
def build(request: pytest.FixtureRequest, tmp_path: Path) -> Build:
    """Builds a directory on either database."""
    if request.param == "sqlite":
        with sqlite3.connect(tmp_path / "people.db") as connection:
            connection.executescript(TABLES)
        url = "sqlite:///people.db"
    else:
        url = request.getfixturevalue("server").url

    def built(**said: Any) -> SqlDirectory:
        return SqlDirectory(Sql.model_validate({"url": url, **QUERIES, **said}), tmp_path, ["uni.example"])

    return built


@pytest.mark.parametrize(
    ("login", "person"),
    [
        pytest.param("a.serik", SERIK, id="all-columns"),
        pytest.param(
            "b.head", Person("b.head", frozenset({"b.head@uni.example"}), mailbox="b.head@uni.example"), id="nulls"
        ),
        pytest.param("nobody", None, id="nobody"),
        pytest.param("' OR 1=1 --", None, id="injection"),
        pytest.param("%", None, id="wildcard"),
        pytest.param("a\0", None, id="nul"),
        pytest.param("x" * 65536, None, id="long"),
        pytest.param("c.other", None, id="addresses-without-a-person"),
    ],
)
def test_people(build: Build, login: str, person: Person | None) -> None:
    """What the queries find is the person, and whatever is typed as a login is only compared."""
    assert build().person(login) == person


def test_a_person_may_be_nothing_but_addresses(build: Build) -> None:
    """Without a query for people whoever has an address is one."""
    directory = build(person="", groups="")
    found = directory.person("c.other")
    assert found is not None
    assert (found.owned, found.unit) == (frozenset({"b.head@uni.example"}), "")
    assert directory.person("nobody") is None


@pytest.mark.parametrize(
    ("login", "says"),
    [pytest.param("twin", "2 people", id="two"), pytest.param("odd", "'perhaps'", id="an-unknown-right")],
)
def test_nobody_guesses(build: Build, login: str, says: str) -> None:
    """What can be understood in two ways is no answer."""
    with pytest.raises(Unavailable, match=says):
        build().person(login)


@pytest.fixture(params=[pytest.param({}, id="one-by-one"), pytest.param(MANY_AT_ONCE, id="many-at-once")])
def asking(request: pytest.FixtureRequest) -> dict[str, str]:
    """The two ways to ask about addresses."""
    asked: dict[str, str] = request.param
    return asked


def test_addresses(build: Build, asking: dict[str, str]) -> None:
    """Aliases lead to mailboxes, lists have members, and whoever is not known is left out."""
    assert build(**asking).at(
        ["serik@uni.example", "it@uni.example", "x@uni.example", "a\0@uni.example", "'@uni.example"]
    ) == {
        "serik@uni.example": Listing("a.serik@uni.example"),
        "it@uni.example": Listing(
            "it@uni.example", ("b.head@uni.example", "staff@uni.example"), ("b.head", "unit:press")
        ),
    }


def test_lists_in_lists(build: Build, asking: dict[str, str]) -> None:
    """Each mailbox once, aliases as what they lead to, a loop ended."""
    (staff,) = Directories([build(**asking)]).expand(["staff@uni.example"]).values()
    assert staff.mailboxes == ("a.serik@uni.example", "b.head@uni.example")


def test_two_people_with_one_address(build: Build) -> None:
    """Both are named."""
    assert list(Directories([build()]).clashes()) == [("b.head@uni.example", "b.head", "c.other")]


def test_two_people_with_one_address_in_two_directories(build: Build) -> None:
    """A clash between a file and a database is one too; one person in both is none."""
    entries = [PersonEntry(login="a.serik", addresses=["A.Serik@uni.example"]), PersonEntry(login="d", addresses=ODD)]
    file = FileDirectory(PeopleFile(people=entries), ["uni.example"])
    sql = build(everybody="SELECT login, address FROM addresses WHERE place = 1")
    assert set(Directories([file, sql]).clashes()) == {
        ("b.head@uni.example", "b.head", "c.other"),
        ("odd@uni.example", "d", "odd"),
    }


ODD = ["ODD@uni.example"]


def test_nothing_can_be_written(build: Build) -> None:
    """Whatever a query says."""
    directory = build(groups="WITH x AS (DELETE FROM belongs RETURNING team) SELECT team FROM x WHERE :login = ''")
    with pytest.raises(Unavailable):
        directory.person("a.serik")
    assert build().person("a.serik") == SERIK


AT_ONCE = {
    "members": "SELECT list, member FROM members WHERE list IN :addresses",
    "mailbox": "SELECT address, mailbox FROM aliases WHERE address IN :addresses",
    "may_send": "",
}
ONE_BY_ONE = {"members": "SELECT member FROM members WHERE list = :address", "may_send": ""}


@pytest.fixture
def long_lists(build: Build, tmp_path: Path) -> Build:
    """The same with lists of a hundred thousand on SQLite too, where each test makes its file."""
    if (tmp_path / "people.db").exists():
        with sqlite3.connect(tmp_path / "people.db") as connection:
            connection.executescript(LONG_LISTS)
    return build


class Clock:
    """A clock that stands still and leaps when it has been looked at so often."""

    def __init__(self, looks: int) -> None:
        self._looks = looks

    def monotonic(self) -> float:
        self._looks -= 1
        return 0.0 if self._looks >= 0 else 1e6


@pytest.mark.parametrize(
    ("asked", "more"),
    [
        pytest.param("all", False, id="direct"),
        pytest.param("deep", False, id="nested-with-a-loop"),
        pytest.param("more", True, id="one-more"),
        pytest.param("both", True, id="too-many-together"),
    ],
)
def test_a_hundred_thousand_members(long_lists: Build, monkeypatch: pytest.MonkeyPatch, asked: str, more: bool) -> None:
    """They are counted in a few seconds, and more than these are known for too many."""
    # What else the machine does is not measured.
    for module in (adapters.directory, directory_sql):
        monkeypatch.setattr(module, "time", Clock(looks=1_000_000))
    began = time.process_time()
    (found,) = Directories([long_lists(timeout="10s", **AT_ONCE)]).expand([f"{asked}@uni.example"]).values()
    assert time.process_time() - began < 8  # 2 s
    assert (found.more, found.unsure) == (more, "")
    assert len(found.mailboxes) == len(set(found.mailboxes))
    assert len(found.mailboxes) >= HUGE if more else len(found.mailboxes) == HUGE


@pytest.mark.parametrize(
    ("module", "looks", "says"),
    [
        pytest.param(adapters.directory, 4, "a list was not looked up within 12 seconds", id="in-all"),
        pytest.param(directory_sql, 1500, "not all addresses were looked up in time", id="in-one-question"),
    ],
)
def test_a_list_that_cannot_be_looked_up_to_its_end(
    long_lists: Build, monkeypatch: pytest.MonkeyPatch, module: ModuleType, looks: int, says: str
) -> None:
    """As many as could be looked up in time are told, and that they are not all."""
    directory = Directories([long_lists(**ONE_BY_ONE)])
    monkeypatch.setattr(module, "time", Clock(looks))
    (found,) = directory.expand(["all@uni.example"]).values()
    assert (found.more, found.unsure) == (False, says)
    assert len(found.mailboxes) == 700


def test_rows_without_end(build: Build) -> None:
    """They are not read to their end, and nobody waits for it."""
    endless = (
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)"
        " SELECT 'huge@uni.example', 'm' || i || '@uni.example' FROM n WHERE 'huge@uni.example' IN :addresses"
    )
    began = time.monotonic()
    (listing,) = build(members=endless, may_send="").at(["huge@uni.example"]).values()
    assert (listing.more, len(listing.members or ())) == (True, HUGE)
    assert time.monotonic() - began < 6


@pytest.mark.parametrize(
    ("selected", "says"),
    [
        pytest.param("who", "must select first the address", id="nobody"),
        pytest.param("who, address", "finds a row for an address that it was not asked about", id="another"),
        pytest.param("NULL, who", "finds a row for an address that it was not asked about", id="null"),
    ],
)
def test_many_at_once_says_whose_a_row_is(build: Build, selected: str, says: str) -> None:
    """Where a query does not select for whom a row is, that is told, and no list is taken to be open to all."""
    directory = build(may_send=f"SELECT {selected} FROM senders WHERE address IN :addresses")
    with pytest.raises(Unavailable, match=says):
        directory.at(["it@uni.example"])


def test_a_query_that_takes_too_long(server: PrivatePostgreSQL, tmp_path: Path) -> None:
    """It is no answer, and the next question is asked all the same."""
    said = {
        "url": server.url,
        **QUERIES,
        "timeout": "1s",
        "groups": "SELECT pg_sleep(5)::text WHERE :login = 'a.serik'",
    }
    directory = SqlDirectory(Sql.model_validate(said), tmp_path, ["uni.example"])
    began = time.monotonic()
    with pytest.raises(Unavailable, match="timeout"):
        directory.person("a.serik")
    assert time.monotonic() - began < 3
    assert directory.person("b.head") is not None


def test_a_server_that_is_down(server: PrivatePostgreSQL, tmp_path: Path) -> None:
    """What was known serves, what was not is no answer and never nobody; and when it is back it answers."""
    said = {"url": server.url, **QUERIES, "retry_after": "1s", "cache_for": "0s", "unknown_for": "0s"}
    settings = Sql.model_validate(said)
    directory = SqlDirectory(settings, tmp_path, ["uni.example"])
    cached = CachedSource(directory, settings, ["uni.example"])
    assert cached.person("a.serik") == SERIK
    server.stop()
    try:
        assert cached.person("a.serik") == SERIK
        with pytest.raises(Unavailable):
            cached.person("b.head")
        with pytest.raises(Unavailable, match="a moment ago"):
            directory.person("b.head")
    finally:
        server.start()
    time.sleep(1.1)
    assert directory.person("b.head") is not None
    server.stop()
    server.start()
    assert directory.person("b.head") is not None  # connections that a restart broke are replaced


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    """It is not made, since nobody would be known in it."""
    directory = SqlDirectory(Sql.model_validate({"url": "sqlite:///none.db", **QUERIES}), tmp_path, ["uni.example"])
    with pytest.raises(Unavailable):
        directory.person("a.serik")
    assert list(tmp_path.iterdir()) == []


def test_no_password_is_told(server: PrivatePostgreSQL, tmp_path: Path) -> None:
    """Nor is it asked for in rules.yaml: the URL can stand in a file of its own."""
    secret = tmp_path / "url"
    secret.write_text(server.url.replace("people@", "wrong-secret@") + "\n")
    secret.chmod(0o600)
    settings = Sql.model_validate({"url_file": "url", **QUERIES})
    assert directory_sql.mistakes(settings, tmp_path) == []
    with pytest.raises(Unavailable) as caught:
        SqlDirectory(settings, tmp_path, ["uni.example"]).person("a.serik")
    assert "wrong-secret" not in str(caught.value)
    secret.write_text(server.url)
    assert SqlDirectory(settings, tmp_path, ["uni.example"]).person("a.serik") == SERIK


@pytest.mark.parametrize(
    ("said", "mistakes"),
    [
        pytest.param({}, [], id="none"),
        pytest.param(
            {"url": "people"},
            ["the URL is no database URL such as postgresql+psycopg://user@host/database"],
            id="url",
        ),
        pytest.param(
            {"groups": "SELECT 1"}, ["`groups` must name what it looks for :login; it names nothing"], id="unbound"
        ),
        pytest.param(
            {"groups": "SELECT :login, :other"},
            ["`groups` must name what it looks for :login; it names :login, :other"],
            id="bound-too-much",
        ),
        pytest.param(MANY_AT_ONCE, [], id="many-at-once"),
        pytest.param(
            {"members": "SELECT :address, :addresses"},
            ["`members` must name what it looks for :address or :addresses; it names :address, :addresses"],
            id="one-and-many",
        ),
        pytest.param({"everybody": "SELECT :login"}, ["`everybody` binds nothing; it names :login"], id="everybody"),
        pytest.param({"groups": "DELETE FROM x WHERE login = :login"}, ["`groups` must be one SELECT"], id="delete"),
        pytest.param(
            {"members": "DELETE FROM x WHERE a IN :addresses"}, ["`members` must be one SELECT"], id="delete-many"
        ),
        pytest.param({"groups": "SELECT :login; DROP TABLE x"}, ["`groups` must be one SELECT"], id="two"),
    ],
)
def test_mistakes(tmp_path: Path, said: dict[str, str], mistakes: list[str]) -> None:
    """What can be told without the database is told before it is asked."""
    settings = Sql.model_validate({"url": "sqlite:///x.db", **QUERIES, **said})
    assert directory_sql.mistakes(settings, tmp_path) == mistakes


@pytest.mark.parametrize(
    ("mode", "says"),
    [
        pytest.param(0o640, "others must not read it", id="others-can-read"),
        pytest.param(None, "cannot read", id="none"),
    ],
)
def test_secrets_in_files(tmp_path: Path, mode: int | None, says: str) -> None:
    """A file with a password is for the service alone."""
    if mode is not None:
        (tmp_path / "url").write_text("sqlite:///x.db")
        (tmp_path / "url").chmod(mode)
    (mistake,) = directory_sql.mistakes(Sql.model_validate({"url_file": "url", **QUERIES}), tmp_path)
    assert says in mistake
