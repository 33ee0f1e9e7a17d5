"""The directory of people in YAML and CSV files."""

from __future__ import annotations

from pathlib import Path

import pytest

from postclerk import bootstrap, config
from postclerk.adapters import directory_file
from postclerk.adapters.directory import Directories
from postclerk.core.people import Person
from postclerk.sourcefile import Mistakes

DOMAINS = ["uni.example"]


def _load(folder: Path, **files: str) -> Directories:
    names = {name.replace("_", "."): text for name, text in files.items()}
    for name, text in names.items():
        (folder / name).write_text(text)
    entries = "".join(f"  - file: {name}\n" for name in names)
    (folder / "rules.yaml").write_text(
        f"site: {{hostname: mx.uni.example, domains: [uni.example]}}\ndirectory:\n{entries}"
    )
    return bootstrap.directories(config.load(folder / "rules.yaml"))


def _mistakes(folder: Path, **files: str) -> list[str]:
    with pytest.raises(Mistakes) as caught:
        _load(folder, **files)
    return [str(one).replace(f"{folder}/", "") for one in caught.value.mistakes]


def _mailboxes(directory: Directories, address: str) -> tuple[str, ...] | None:
    found = directory.expand([address]).get(address)
    return found.mailboxes if found else None


YAML = """\
people:
  - login: A.Serik
    name: A. Serik
    addresses: [A.Serik@uni.example, a.serik@example.org]
    aliases: [serik@uni.example]
    may_send_as: [office@uni.example, "*@Conference.example"]
    unit: registry
    superior: b.head
    language: kk
  - login: b.head@uni.example
lists:
  - address: staff@uni.example
    members: [a.serik@uni.example, all-it@uni.example]
    may_send: [b.head]
shared:
  - {address: dean@uni.example, members: [a.serik, B.HEAD], remind: all}
"""

CSV = """\
kind,login,addresses,aliases,may_send_as,unit,superior,language,name,address,members,remind,may_send
list,,,,,,,,,staff@uni.example,a.serik@uni.example all-it@uni.example,,B.Head
person,A.Serik,A.Serik@uni.example; a.serik@example.org,serik@uni.example,office@uni.example *@Conference.example,registry,b.head,kk,A. Serik,,,
,b.head@uni.example,,,,,,,,,,
shared,,,,,,,,,dean@uni.example,"a.serik, B.HEAD",all
"""  # noqa: E501 - rows of a table


@pytest.mark.parametrize(
    "files", [pytest.param({"people_yaml": YAML}, id="yaml"), pytest.param({"people_csv": CSV}, id="csv")]
)
def test_people(tmp_path: Path, files: dict[str, str]) -> None:
    """What belongs to a login: addresses, aliases, what it may send as, and its shared mailboxes."""
    directory = _load(tmp_path, **files)
    assert [directory.person(login) for login in ("a.serik", "b.head", "nobody")] == [
        Person(
            login="a.serik",
            owned=frozenset(
                {
                    "a.serik@uni.example",
                    "a.serik@example.org",
                    "serik@uni.example",
                    "office@uni.example",
                    "dean@uni.example",
                }
            ),
            owned_domains=frozenset({"conference.example"}),
            name="A. Serik",
            mailbox="A.Serik@uni.example",
            unit="registry",
            superior="b.head",
            language="kk",
        ),
        Person(login="b.head", owned=frozenset({"dean@uni.example"})),
        None,
    ]
    assert _mailboxes(directory, "staff@uni.example") == ("a.serik@uni.example", "all-it@uni.example")
    (staff,) = directory.expand(["staff@uni.example"]).values()
    assert staff.listing is not None
    assert staff.listing.may_send == ("b.head",)


def test_lists_in_lists(tmp_path: Path) -> None:
    """Nested lists give their members once, in order; a loop ends where it began; aliases are their mailbox."""
    directory = _load(
        tmp_path,
        people_yaml="""\
people: [{login: a, addresses: [a@uni.example], aliases: [aa@uni.example]}]
lists:
  - {address: one@uni.example, members: [two@uni.example, a@uni.example, x@example.org]}
  - {address: Two@uni.example, members: [three@uni.example, AA@uni.example]}
  - {address: three@uni.example, members: [one@uni.example, y@example.org, three@uni.example]}
  - {address: empty@uni.example}
""",
    )
    expanded = {
        "one@uni.example": ("a@uni.example", "x@example.org", "y@example.org"),
        "two@uni.example": ("a@uni.example", "y@example.org", "x@example.org"),
        "three@uni.example": ("y@example.org", "a@uni.example", "x@example.org"),
        "empty@uni.example": (),
        "aa@uni.example": ("a@uni.example",),
        "a@uni.example": ("a@uni.example",),
        "x@example.org": None,
    }
    assert expanded == {key: _mailboxes(directory, key) for key in expanded}


def test_a_list_of_many(tmp_path: Path) -> None:
    """A chain of a thousand lists, and a list of three thousand members, are expanded."""
    chain = "".join(
        f"  - {{address: l{number}@uni.example, members: [l{number + 1}@uni.example, m{number}@uni.example]}}\n"
        for number in range(1000)
    )
    many = ", ".join(f"r{number}@uni.example" for number in range(3000))
    directory = _load(tmp_path, people_yaml=f"lists:\n{chain}  - {{address: many@uni.example, members: [{many}]}}\n")
    assert len(_mailboxes(directory, "l0@uni.example") or ()) == 1001
    assert len(_mailboxes(directory, "many@uni.example") or ()) == 3000


def test_several_files_are_one_directory(tmp_path: Path) -> None:
    """A shared mailbox in one file belongs to people in another."""
    directory = _load(
        tmp_path,
        people_csv="login,addresses\na,a@uni.example\n",
        more_yaml="shared: [{address: s@uni.example, members: [a]}]\n",
    )
    assert directory.person("a") == Person("a", frozenset({"a@uni.example", "s@uni.example"}), mailbox="a@uni.example")


@pytest.mark.parametrize("text", [pytest.param("", id="empty"), pytest.param("people: []\n", id="no-people")])
def test_nobody(tmp_path: Path, text: str) -> None:
    """An empty file lists nobody."""
    assert _load(tmp_path, people_yaml=text).person("a") is None


@pytest.mark.parametrize(
    ("files", "said"),
    [
        pytest.param(
            {
                "people_yaml": "people:\n  - login: a\n    addresses: [x@uni.example]\n"
                "  - login: b\n    aliases: [X@UNI.example]\n"
            },
            ["people.yaml:5:5: X@UNI.example belongs to two people: a and b"],
            id="two-owners",
        ),
        pytest.param(
            {
                "people_yaml": "people: [{login: a, addresses: [x@uni.example]}]\n",
                "more_csv": "login,addresses\nb,x@uni.example\n",
            },
            ["more.csv:2:2: x@uni.example belongs to two people: a and b"],
            id="two-owners-in-two-files",
        ),
        pytest.param(
            {"people_yaml": "people:\n  - login: a\n  - login: A@uni.example\n"},
            ["people.yaml:3:5: the login A@uni.example is listed twice"],
            id="one-login-twice",
        ),
        pytest.param(
            {"people_csv": "kind,login,may_send_as,address\nlist,,,l@uni.example\nperson,a,nobody,\n"},
            ["people.csv:3:3: 'nobody' is not an address"],
            id="a-right-that-is-no-address-behind-a-list",
        ),
        pytest.param(
            {"people_yaml": "people:\n  - login: a\n    may_send_as: ['*@', 'x@@y']\n"},
            [
                "people.yaml:3:5: 'x@' is not an address: the address has nothing after the @",
                "people.yaml:3:5: 'x@@y' is not an address: this is not an e-mail address",
            ],
            id="rights-that-are-no-addresses",
        ),
        pytest.param(
            {"people_yaml": "people:\n  - name: x\n  - login: ''\n    adresses: []\nliste: []\n"},
            [
                "people.yaml:2:5: `login` is missing",
                "people.yaml:3:5: `login` is empty",
                "people.yaml:4:5: unknown key `adresses`; did you mean `addresses`?",
                "people.yaml:5:1: unknown key `liste`; did you mean `lists`?",
            ],
            id="several-at-once",
        ),
        pytest.param(
            {"people_csv": "kind,login\nrobot,a\nperson,\nlist,\n"},
            [
                "people.csv:2:1: `kind` is robot; allowed are person, list, shared",
                "people.csv:3:2: `login` is missing",
                "people.csv:4:1: `address` is missing",
            ],
            id="rows",
        ),
        pytest.param(
            {"people_yaml": "people: [\n", "more_csv": "login\na,b\n"},
            [
                "more.csv:2:1: 2 cells, but the first line names 1 columns",
                "people.yaml:2:1: this is not YAML: expected the node content, but found '<stream end>'",
            ],
            id="files-that-cannot-be-read",
        ),
    ],
)
def test_mistakes(tmp_path: Path, files: dict[str, str], said: list[str]) -> None:
    """Each mistake is told with the line and column of what is wrong, those of all files at once."""
    assert said == _mistakes(tmp_path, **files)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        pytest.param("nowhere.yaml", "cannot read nowhere.yaml: No such file or directory", id="missing"),
        pytest.param(".", "cannot read .: Is a directory", id="a-folder"),
        pytest.param('"a\\0b"', "cannot read a\0b: embedded null byte", id="a-name-with-nul"),
    ],
)
def test_a_file_that_is_not_there(tmp_path: Path, name: str, said: str) -> None:
    """It is reported at the line of rules.yaml that names it."""
    (tmp_path / "rules.yaml").write_text(
        f"site: {{hostname: mx.uni.example, domains: [uni.example]}}\ndirectory:\n  - file: {name}\n"
    )
    with pytest.raises(Mistakes) as caught:
        bootstrap.directories(config.load(tmp_path / "rules.yaml"))
    assert [str(one) for one in caught.value.mistakes] == [f"{tmp_path}/rules.yaml:3:5: {said}"]


def test_people_of_a_wrong_rules_file(tmp_path: Path) -> None:
    """What is wrong with the people is told together with what is wrong with the rules."""
    (tmp_path / "people.yaml").write_text("peple: []\n")
    path = tmp_path / "rules.yaml"
    path.write_text("sote: {}\ndirectory: [{file: people.yaml}, {file: 5}, x]\n")
    assert [str(one).replace(f"{tmp_path}/", "") for one in directory_file.mistakes_beside(path)] == [
        "people.yaml:1:1: unknown key `peple`; did you mean `people`?",
        "rules.yaml:2:35: cannot read 5: No such file or directory",
    ]
