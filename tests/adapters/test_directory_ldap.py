"""The LDAP directory, asked at a real server of its own: OpenLDAP, with the names of Active Directory too."""

from __future__ import annotations

import base64
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from postclerk.adapters import directory_ldap, ldap_pool
from postclerk.adapters.directory import CachedSource, Directories
from postclerk.adapters.directory_ldap import LdapDirectory, mistakes
from postclerk.core.people import Listing, Person
from postclerk.core.ports import Unavailable
from postclerk.settings import Ldap
from tests.stack.ports import free_ports
from tests.stack.slapd import ADMIN, PASSWORD, SUFFIX, PrivateSlapd, certificate

DOMAINS = ["uni.example", "xn--e1afmkfd.example"]
MANY = 3000


def _entry(dn: str, *classes: str, **values: str | list[str]) -> str:
    lines = [f"dn: {dn},{SUFFIX}", *(f"objectClass: {one}" for one in classes)]
    for name, value in values.items():
        for text in [value] if isinstance(value, str) else value:
            lines.append(f"{name}:: {base64.b64encode(text.encode()).decode()}")
    return "\n".join([*lines, "", ""])


def _person(login: str, **values: str | list[str]) -> str:
    return _entry(
        f"uid={login},ou=people", "inetOrgPerson", "mailThing", uid=login, **{"cn": login.title(), "sn": "x", **values}
    )


def _ad_user(name: str, login: str, **values: str | list[str]) -> str:
    values = {"objectCategory": "person", "sn": "x", "displayName": name, "sAMAccountName": login, **values}
    escaped = name.replace(",", "\\,")
    return _entry(f"cn={escaped},ou=ad", "user", cn=name, **values)


def _group(name: str, *members: str, **values: str | list[str]) -> str:
    dns = [f"{one},{SUFFIX}" for one in members]
    return _entry(f"cn={name},ou=groups", "groupOfNames", "mailThing", cn=name, member=dns, **values)


LDIF = "".join(
    [
        *(_entry(f"ou={name}", "organizationalUnit", ou=name) for name in ("people", "groups", "ad", "old")),
        # OpenLDAP's names
        _person(
            "A.Serik",
            cn="Әлия Серік",
            mail=["A.Serik@uni.example", "a.serik@example.org", "no address"],
            ou="registry",
            manager=f"uid=b.head,ou=people,{SUFFIX}",
            preferredLanguage="kk-KZ",
            maySendAs=["Office@uni.example", "*@Conference.example", "nonsense"],
            employeeType="B.Head@uni.example",
            employeeNumber="A.Serik@uni.example",
        ),
        _person("b.head", mail="b.head@uni.example", manager=f"uid=gone,ou=people,{SUFFIX}", preferredLanguage="kaz"),
        _person("no.mail", preferredLanguage="en;q=0.8, kk"),
        _person("twin", mail="twin@uni.example"),
        _entry("uid=twin,ou=old", "inetOrgPerson", uid="twin", cn="Twin", sn="x", mail="twin.old@uni.example"),
        _person("c.one", mail=["c.one@uni.example", "dean@uni.example"]),
        _person("c.two", mail=["dean@uni.example", "c.two@uni.example"]),
        _person("quo*te)(", mail=['"quo te"@uni.example', "st*r@uni.example"]),
        _person("ad min", mail="ad.min@uni.example"),
        _group("registrars", "uid=A.Serik,ou=people", "cn=staff,ou=groups"),
        _group("staff", "cn=registrars,ou=groups", "uid=b.head,ou=people"),
        _group("everybody", "cn=staff,ou=groups"),
        _entry(
            "cn=old-names,ou=groups", "groupOfUniqueNames", "mailThing", cn="old-names", mail="old-names@uni.example",
            uniqueMember=[f"uid=A.Serik,ou=people,{SUFFIX}", f"uid=u1,ou=people,{SUFFIX}#'0101'B"],
        ),
        _entry("cn=shell,ou=groups", "posixGroup", cn="shell", gidNumber="1", memberUid="A.Serik"),
        # Lists
        *(_person(f"u{number}", mail=f"u{number}@uni.example") for number in range(MANY)),
        _group("many", *(f"uid=u{number},ou=people" for number in range(MANY)), mail="many@uni.example"),
        _group(
            "list", "uid=u1,ou=people", "uid=A.Serik,ou=people", "uid=gone,ou=people", "uid=no.mail,ou=people",
            "cn=inner,ou=groups", "cn=Nameless,ou=groups", "cn=far,ou=groups",
            mail=["List@uni.example", "list-alias@uni.example"],
            rfc822MailMember=["Guest@elsewhere.example", "not an address", "u1@uni.example"],
            maySend=[
                f"uid=b.head,ou=people,{SUFFIX}", f"cn=staff,ou=groups,{SUFFIX}", f"uid=gone,ou=people,{SUFFIX}",
                "C.One@uni.example", "unit:registry", "group:Deans", "inside",
            ],
        ),
        _group("inner", "uid=u2,ou=people", "cn=list,ou=groups", mail="inner@uni.example"),
        _group("Nameless", "uid=u3,ou=people", "cn=deepest,ou=groups"),
        _group("deepest", "uid=u4,ou=people", "cn=Nameless,ou=groups"),
        _group("far", "uid=u5,ou=people", mail="far@elsewhere.example"),
        _group("double-1", "uid=u1,ou=people", mail="double@uni.example"),
        _group("double-2", "uid=u2,ou=people", mail="double@uni.example"),
        _group("over-person", "uid=u1,ou=people", "uid=u2,ou=people", mail="over@uni.example"),
        _person("over", mail="over@uni.example"),
        # Active Directory's and Exchange's names
        _ad_user(
            "Serik, Aliya (IT)", "A.Serik", mail="A.Serik@uni.example",
            proxyAddresses=[
                "smtp:serik@uni.example", "SMTP:A.Serik@uni.example", "x500:/o=Uni/cn=serik", "sip:sip@uni.example",
                "smtp:serik@почта.example",
                "smtp:broken", "X400:c=kz;a= ;p=Uni",
            ],
            department="registry", manager=f"cn=Head,ou=ad,{SUFFIX}", preferredLanguage="ru-KZ",
        ),
        _ad_user(
            "Head", "b.head", proxyAddresses=["smtp:head@uni.example", "SMTP:b.head@uni.example"],
            publicDelegates=f"cn=Serik\\, Aliya (IT),ou=ad,{SUFFIX}",
        ),
        _ad_user(
            "Reception", "reception", mail="reception@uni.example",
            msExchDelegateListLink=[f"cn=Serik\\, Aliya (IT),ou=ad,{SUFFIX}", f"cn=Head,ou=ad,{SUFFIX}"],
        ),
        _entry(
            "cn=AD staff,ou=ad", "group", cn="AD staff", mail="ad-staff@uni.example",
            member=[f"cn=Serik\\, Aliya (IT),ou=ad,{SUFFIX}", f"cn=Head,ou=ad,{SUFFIX}"],
            authOrig=f"cn=Head,ou=ad,{SUFFIX}", dLMemSubmitPerms=f"cn=AD all,ou=ad,{SUFFIX}",
        ),
        _entry("cn=AD all,ou=ad", "group", cn="AD all", member=f"cn=AD staff,ou=ad,{SUFFIX}"),
    ]
)  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the certificates and credentials lie."""
    folder = tmp_path_factory.mktemp("slapd")
    certificate(folder, "ca")
    certificate(folder, "other-ca")
    (folder / "server").mkdir()
    _credentials(folder / "credentials.yaml")
    return folder


@pytest.fixture(scope="module")
def server(folder: Path) -> Iterator[PrivateSlapd]:
    """A server with all the entries above."""
    with PrivateSlapd(folder / "server", LDIF, tls=folder / "ca.pem") as running:
        yield running


@pytest.fixture
def small(tmp_path: Path) -> Iterator[PrivateSlapd]:
    """A server for one test, that may be stopped; it has no certificate."""
    people = _entry("ou=people", "organizationalUnit", ou="people") + _person("u1", mail="u1@uni.example")
    with PrivateSlapd(tmp_path, people) as running:
        yield running


def _credentials(path: Path, text: str = f'dn: "{ADMIN}"\npassword: "{PASSWORD}"\n', mode: int = 0o600) -> None:
    path.write_text(text)
    path.chmod(mode)


def _settings(url: str, /, **settings: Any) -> Ldap:
    return Ldap.model_validate({"url": [url], "base": SUFFIX, **settings})


def _directory(server: PrivateSlapd | str, folder: Path = Path(), /, **settings: Any) -> LdapDirectory:
    url = server if isinstance(server, str) else server.url
    return LdapDirectory(_settings(url, **settings), folder, DOMAINS)


def _why_not(directory: LdapDirectory, login: str = "u1") -> str:
    with pytest.raises(Unavailable) as caught:
        directory.person(login)
    assert PASSWORD not in repr(caught.value)
    return str(caught.value)


def _synthetic(name: str) -> str:
    return f"cn={name},ou=groups,{SUFFIX}@.uni.example"


AD = {"kind": "active-directory"}


# --- Persons --------------------------------------------------------------------------------------------------------

SERIK = Person(
    login="a.serik",
    owned=frozenset({"a.serik@uni.example", "a.serik@example.org", "office@uni.example"}),
    owned_domains=frozenset({"conference.example"}),
    name="Әлия Серік",
    mailbox="A.Serik@uni.example",
    unit="registry",
    groups=frozenset({"registrars", "staff", "everybody", "shell", "old-names", "list", "inner"}),
    superior="b.head",
    language="kk",
)


@pytest.mark.parametrize(
    ("settings", "login", "person"),
    [
        pytest.param({"may_send_as": ["maySendAs"]}, "a.serik", SERIK, id="openldap"),
        pytest.param(
            {},
            "b.head",
            Person(
                "b.head",
                frozenset({"b.head@uni.example"}),
                name="B.Head",
                mailbox="b.head@uni.example",
                groups=frozenset({"staff", "registrars", "everybody"}),
            ),
            id="groups-that-hold-each-other-and-a-superior-who-is-gone",
        ),
        pytest.param(
            {},
            "no.mail",
            Person("no.mail", frozenset(), name="No.Mail", groups=frozenset({"list", "inner"}), language="en"),
            id="no-address",
        ),
        pytest.param({}, "nobody", None, id="nobody"),
        pytest.param(
            AD,
            "a.serik",
            Person(
                "a.serik",
                frozenset(
                    {
                        *("a.serik@uni.example", "serik@uni.example", "serik@xn--80a1acny.example"),
                        "reception@uni.example",
                    }
                ),
                on_behalf=frozenset({"b.head@uni.example", "head@uni.example"}),
                name="Serik, Aliya (IT)",
                mailbox="A.Serik@uni.example",
                unit="registry",
                groups=frozenset({"AD staff", "AD all"}),
                superior="b.head",
                language="ru",
            ),
            id="active-directory",
        ),
        pytest.param(
            AD,
            "b.head",
            Person(
                "b.head",
                frozenset({"b.head@uni.example", "head@uni.example", "reception@uni.example"}),
                name="Head",
                mailbox="b.head@uni.example",
                groups=frozenset({"AD staff", "AD all"}),
            ),
            id="the-primary-of-proxyaddresses-is-the-mailbox",
        ),
        pytest.param(
            {
                "person": "employeeNumber={login}@uni.example",
                "groups": "",
                "addresses": ["mail"],
                "superior": "employeeType",
            },
            "a.serik",
            Person(
                "a.serik",
                frozenset({"a.serik@uni.example", "a.serik@example.org"}),
                name="Әлия Серік",
                mailbox="A.Serik@uni.example",
                unit="registry",
                superior="b.head",
                language="kk",
            ),
            id="own-names-and-a-superior-by-login",
        ),
    ],
)
def test_person(server: PrivateSlapd, settings: dict[str, Any], login: str, person: Person | None) -> None:
    """What belongs to a login, by the names of its kind of directory or by those of rules.yaml."""
    found = _directory(server, **settings).person(login)
    assert person == found


def test_two_entries_for_one_login_are_no_answer(server: PrivateSlapd) -> None:
    """Nobody guesses which of them is meant, and neither is nobody."""
    assert "2 entries for the login twin" in _why_not(_directory(server), "twin")


STRANGE = [
    pytest.param("*", id="star"),
    pytest.param("u1*", id="star-behind"),
    pytest.param("u1)(uid=*", id="another-assertion"),
    pytest.param("u1)(|(uid=*))", id="another-filter"),
    pytest.param("\\2a", id="an-escape"),
    pytest.param("u1\\", id="backslash"),
    pytest.param("u1\0", id="nul"),
    pytest.param("\0", id="nul-alone"),
    pytest.param("{dn}", id="placeholder"),
    pytest.param("{login}", id="its-own-placeholder"),
    pytest.param("\uff55\uff11", id="full-width"),
    pytest.param("ád min", id="accent"),
    pytest.param("аd min", id="cyrillic"),
    pytest.param("ad  min", id="blanks"),
    pytest.param("\udcff", id="not-unicode"),
    pytest.param("u1\U0001f600", id="emoji"),
    pytest.param("", id="nothing"),
    pytest.param("(" * 65536, id="64-kilobytes"),
    pytest.param("é" * 600, id="1200-octets"),
]


@pytest.mark.parametrize("text", STRANGE)
def test_strange_names_find_nothing_but_themselves(server: PrivateSlapd, text: str) -> None:
    """Whatever stands in a login or an address is looked for as it stands: it is no part of the filter, and a server
    that would take it for somebody's finds nobody."""
    directory = _directory(server)
    assert directory.person(text) is None
    assert directory.at([text, f"{text}@uni.example"]) == {}
    assert directory.person("u1").login == "u1"  # type: ignore[union-attr]


def test_strange_names_find_themselves(server: PrivateSlapd) -> None:
    """Somebody whose name has what filters are made of is found by it."""
    directory = _directory(server)
    assert directory.person("quo*te)(") == Person(
        "quo*te)(",
        frozenset({"quo te@uni.example", "st*r@uni.example"}),
        name="Quo*Te)(",
        mailbox='"quo te"@uni.example',
    )
    here = Listing("quo te@uni.example", owner="quo*te)(")
    assert directory.at(["quo te@uni.example", "st*r@uni.example"]) == {
        "quo te@uni.example": here,
        "st*r@uni.example": here,
    }


# --- Addresses ------------------------------------------------------------------------------------------------------

LIST_MEMBERS = (
    *("u1@uni.example", "a.serik@uni.example", "inner@uni.example", _synthetic("Nameless"), _synthetic("far")),
    "guest@elsewhere.example",
)


@pytest.mark.parametrize(
    ("settings", "asked", "found"),
    [
        pytest.param({}, "u1@uni.example", Listing("u1@uni.example", owner="u1"), id="mailbox"),
        pytest.param({}, "a.serik@example.org", Listing("a.serik@uni.example", owner="a.serik"), id="alias"),
        pytest.param({}, "nobody@uni.example", None, id="nobody"),
        pytest.param({}, "dean@uni.example", Listing("dean@uni.example", owner="c.two"), id="whose-mailbox-it-is"),
        pytest.param(
            {},
            "over@uni.example",
            Listing("over@uni.example", ("u1@uni.example", "u2@uni.example")),
            id="a-list-stands-for-more-than-a-mailbox",
        ),
        pytest.param({}, "list@uni.example", Listing("list@uni.example", LIST_MEMBERS), id="list"),
        pytest.param(
            {},
            "old-names@uni.example",
            Listing("old-names@uni.example", ("a.serik@uni.example", "u1@uni.example")),
            id="list-of-unique-names",
        ),
        pytest.param({}, "list-alias@uni.example", Listing("list@uni.example", LIST_MEMBERS), id="a-list's-alias"),
        pytest.param(
            {"may_send": ["maySend"]},
            "list@uni.example",
            Listing(
                "list@uni.example",
                LIST_MEMBERS,
                (
                    *("b.head", "group:staff", f"uid=gone,ou=people,{SUFFIX}", "c.one"),
                    *("unit:registry", "group:Deans", "inside"),
                ),
            ),
            id="who-may-send",
        ),
        pytest.param(
            {},
            _synthetic("Nameless"),
            Listing(_synthetic("Nameless"), ("u3@uni.example", _synthetic("deepest"))),
            id="group-without-an-address",
        ),
        pytest.param(
            {},
            f"uid=u1,ou=people,{SUFFIX}@.uni.example",
            Listing("u1@uni.example", owner="u1"),
            id="a-long-list's-member",
        ),
        pytest.param(
            {},
            f"uid=no.mail,ou=people,{SUFFIX}@.uni.example",
            Listing(f"uid=no.mail,ou=people,{SUFFIX}@.uni.example", ()),
            id="… without a mailbox",
        ),
        pytest.param(
            {},
            f"uid=gone,{SUFFIX}@.uni.example",
            Listing(f"uid=gone,{SUFFIX}@.uni.example", ()),
            id="… who is gone",
        ),
        pytest.param(AD, "serik@uni.example", Listing("a.serik@uni.example", owner="a.serik"), id="ad-alias"),
        pytest.param(
            AD,
            "serik@xn--80a1acny.example",
            Listing("a.serik@uni.example", owner="a.serik"),
            id="domain-in-its-own-script",
        ),
        pytest.param(AD, "sip@uni.example", None, id="ad-no-mail-address"),
        pytest.param(
            AD,
            "ad-staff@uni.example",
            Listing("ad-staff@uni.example", ("a.serik@uni.example", "b.head@uni.example"), ("b.head", "group:AD all")),
            id="ad-list",
        ),
    ],
)
def test_at(server: PrivateSlapd, settings: dict[str, Any], asked: str, found: Listing | None) -> None:
    """What stands at an address, whichever of its addresses was asked for."""
    assert found == _directory(server, **settings).at([asked]).get(asked)


def test_every_address_that_was_asked_for_is_answered(server: PrivateSlapd) -> None:
    """More addresses than one filter takes are asked for in several, and each has its answer."""
    keys = [f"u{number}@uni.example" for number in range(10, 300)]
    assert {key: Listing(key, owner=key.partition("@")[0]) for key in keys} == _directory(server).at(
        [*keys, "nobody@uni.example"]
    )


def test_two_lists_at_one_address_are_no_answer(server: PrivateSlapd) -> None:
    """Nobody guesses which of them mail goes to."""
    with pytest.raises(Unavailable, match="2 lists with the address double@uni"):
        _directory(server).at(["double@uni.example"])


def test_long_list(server: PrivateSlapd) -> None:
    """3,000 members by DN take well under a second, and what they are is told with the list."""
    directory = _directory(server)
    started = time.monotonic()
    found = directory.at(["many@uni.example"])
    took = time.monotonic() - started
    keys = tuple(f"u{number}@uni.example" for number in range(MANY))
    assert {"many@uni.example": Listing("many@uni.example", keys)} | {
        key: Listing(key, owner=key.partition("@")[0]) for key in keys
    } == found
    assert took < 2  # 0.3 s where nothing else runs


@pytest.mark.parametrize("cache_for", [pytest.param("5m", id="with-a-cache"), pytest.param("0s", id="without")])
def test_nested_lists(server: PrivateSlapd, cache_for: str) -> None:
    """Nested lists are expanded through the cache, without an address or with one elsewhere too, and loops end."""
    settings = _settings(server.url, cache_for=cache_for, unknown_for=cache_for)
    directory = Directories([CachedSource(LdapDirectory(settings, Path(), DOMAINS), settings, DOMAINS)])
    found = directory.expand(["list@uni.example", "u1@uni.example", "nobody@uni.example"])
    assert found.keys() == {"list@uni.example", "u1@uni.example"}
    assert sorted(found["list@uni.example"].mailboxes) == sorted(
        [*(f"u{number}@uni.example" for number in range(1, 6)), "a.serik@uni.example", "guest@elsewhere.example"]
    )


def test_values_that_come_in_parts(monkeypatch: pytest.MonkeyPatch, server: PrivateSlapd) -> None:
    """Active Directory gives 1,500 members at a time; the others are asked for. OpenLDAP does not do so: what comes
    from it is made into such parts here."""
    whole = [f"cn=m{number}".encode() for number in range(3200)]
    asked: list[str | None] = []

    class Entry(ldap_pool.Entry):
        def __init__(self, dn: str, values: dict[str, list[bytes]]) -> None:
            start = 0
            if asked and asked[-1] is not None:
                start = int(asked[-1].partition("=")[2].removesuffix("-*"))
            end = start + 1500
            last = "*" if end >= len(whole) else str(end - 1)
            super().__init__(dn, {"cn": [b"many"], "member": [], f"member;range={start}-{last}": whole[start:end]})

        def missing(self) -> tuple[str, int] | None:
            part = super().missing()
            asked.append(f"{part[0]};range={part[1]}-*" if part else None)
            return part

    monkeypatch.setattr(ldap_pool, "Entry", Entry)
    dn = f"cn=many,ou=groups,{SUFFIX}"
    found = _directory(server)._pool.ask(lambda connection: connection.read([dn], ["member"]))[dn]
    assert asked == ["member;range=1500-*", "member;range=3000-*", None]
    assert [value.decode() for value in whole] == found.texts("member")


# --- Bounds ---------------------------------------------------------------------------------------------------------


def test_what_is_too_much_is_no_answer(server: PrivateSlapd) -> None:
    """More entries than max_entries are no answer, and not an answer that leaves the others out."""
    with pytest.raises(Unavailable, match="more than 1000"):
        _directory(server, max_entries=1000, address="(|(mail={address})(objectClass=person))").at(["u1@uni.example"])


def test_a_list_too_long_to_be_read_at_once(server: PrivateSlapd) -> None:
    """Its members are asked for in portions, whoever they are; nested lists, aliases and loops as in others."""
    (many,) = Directories([_directory(server, max_entries=1000)]).expand(["many@uni.example"]).values()
    assert (many.mailboxes, many.more, many.unsure) == (tuple(f"u{n}@uni.example" for n in range(MANY)), False, "")
    short, long = (
        Directories([_directory(server, max_entries=most)]).expand(["list@uni.example"])["list@uni.example"]
        for most in (1000, 4)
    )
    assert set(short.mailboxes) == set(long.mailboxes)


def test_a_list_of_more_than_anybody_counts(monkeypatch: pytest.MonkeyPatch, server: PrivateSlapd) -> None:
    """It says so, instead of being no answer."""
    monkeypatch.setattr(directory_ldap, "MOST_COUNTED", 2000)
    (many,) = Directories([_directory(server, max_entries=1000)]).expand(["many@uni.example"]).values()
    assert (len(many.mailboxes), many.more) == (2000, True)


def test_a_server_s_own_bound_is_no_answer(tmp_path: Path) -> None:
    """What the server cuts off is not taken for all there is."""
    people = _entry("ou=people", "organizationalUnit", ou="people") + "".join(_person(f"u{n}") for n in range(5))
    with PrivateSlapd(tmp_path, people, settings="sizelimit 3") as running:
        running_limit = _directory(running, person="(|(uid={login})(objectClass=person))")
        assert "Size limit" in _why_not(running_limit)


def test_questions_at_once(server: PrivateSlapd) -> None:
    """Many threads share few connections, and each has the answer to its own question."""
    directory = _directory(server, at_once=3)
    logins = [f"u{number}" for number in range(200)]
    with ThreadPoolExecutor(12) as threads:
        found = list(threads.map(directory.person, logins))
    assert logins == [person.login for person in found if person]
    assert len(directory._pool._idle) <= 3


def test_everybody(server: PrivateSlapd) -> None:
    """Everybody is told page by page, beyond max_entries too; two people with one address are seen."""
    directory = _directory(server, max_entries=10)
    pairs = list(directory.everybody())
    assert ("a.serik", "a.serik@example.org") in pairs
    assert len(pairs) > MANY
    assert list(Directories([directory]).clashes()) == [("dean@uni.example", "c.one", "c.two")]


# --- TLS and credentials --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tls_url", "settings", "answers"),
    [
        pytest.param(False, {"starttls": True, "ca_file": "ca.pem"}, True, id="starttls"),
        pytest.param(True, {"ca_file": "ca.pem"}, True, id="ldaps"),
        pytest.param(True, {"ca_file": "ca.pem", "starttls": True}, True, id="ldaps-needs-no-starttls"),
        pytest.param(False, {"starttls": True, "ca_file": "other-ca.pem"}, False, id="starttls-wrong-ca"),
        pytest.param(True, {"ca_file": "other-ca.pem"}, False, id="ldaps-wrong-ca"),
        pytest.param(True, {}, False, id="a-ca-that-the-system-does-not-know"),
        pytest.param(True, {"ca_file": "missing.pem"}, False, id="no-ca-file"),
    ],
)
def test_tls(
    server: PrivateSlapd, folder: Path, tls_url: bool, settings: dict[str, Any], answers: bool, monkeypatch: Any
) -> None:
    """Certificates are always checked, whatever the environment says; credentials go to who has a good one."""
    monkeypatch.setenv("LDAPTLS_REQCERT", "never")
    url = server.tls_url if tls_url else server.url
    directory = _directory(url, folder, credentials="credentials.yaml", **settings)
    if answers:
        assert directory.person("u1") is not None
    else:
        assert _why_not(directory).startswith(f"{url}: ")


def test_a_certificate_for_another_name_is_refused(server: PrivateSlapd, folder: Path) -> None:
    """The certificate must be for the host of the URL."""
    url = server.tls_url.replace("127.0.0.1", "localhost")
    assert url in _why_not(_directory(url, folder, ca_file="ca.pem"))


def test_starttls_is_demanded(small: PrivateSlapd, folder: Path) -> None:
    """Where the server cannot begin TLS nothing is asked, nor any password sent."""
    assert _directory(small).person("u1") is not None
    assert _why_not(_directory(small, folder, starttls=True, credentials="credentials.yaml"))


def test_credentials(tmp_path: Path, folder: Path) -> None:
    """A directory that tells nothing to who is anonymous answers who has the password; a new password is taken up."""
    (tmp_path / "server").mkdir()
    people = _entry("ou=people", "organizationalUnit", ou="people") + _person("u1", mail="u1@uni.example")
    with PrivateSlapd(tmp_path / "server", people, anonymous=False) as running:
        assert "Insufficient access" in _why_not(_directory(running))
        assert _directory(running, folder, credentials="credentials.yaml").person("u1") is not None
        file = tmp_path / "credentials.yaml"
        _credentials(file, f'dn: "{ADMIN}"\npassword: not the password\n')
        directory = _directory(running, tmp_path, credentials="credentials.yaml", retry_after="0s")
        said = _why_not(directory)
        assert said == f"{running.url}: the server does not take the credentials: Invalid credentials"
        _credentials(file)
        assert directory.person("u1") is not None


BAD_CREDENTIALS = [
    pytest.param(f'dn: "{ADMIN}"\npassword: "{PASSWORD}"\n', 0o640, "open to others", id="group-reads"),
    pytest.param(f'dn: "{ADMIN}"\npassword: "{PASSWORD}"\n', 0o604, "open to others", id="others-read"),
    pytest.param(f'dn: "{ADMIN}"\n', 0o600, "must have `dn` and `password`", id="no-password"),
    pytest.param(f'password: "{PASSWORD}"\n', 0o600, "must have `dn` and `password`", id="no-dn"),
    pytest.param(f'dn: "{ADMIN}"\npassword: ""\n', 0o600, "is empty", id="empty-password"),
    pytest.param(f'dn: ["{PASSWORD}', 0o600, "is not YAML", id="not-yaml"),
    pytest.param("", 0o600, "must have", id="empty"),
    pytest.param(None, 0o600, "No such file", id="missing"),
]


@pytest.mark.parametrize(("text", "mode", "said"), BAD_CREDENTIALS)
def test_bad_credentials(server: PrivateSlapd, tmp_path: Path, text: str | None, mode: int, said: str) -> None:
    """A credentials file that others can read, or that lacks something, is told beforehand and never used."""
    if text is not None:
        _credentials(tmp_path / "credentials.yaml", text, mode)
    told = mistakes(_settings(server.url, credentials="credentials.yaml"), tmp_path)
    assert len(told) == 1
    assert said in told[0]
    assert PASSWORD not in told[0]
    assert said in _why_not(_directory(server, tmp_path, credentials="credentials.yaml"))


# --- Servers that are down ------------------------------------------------------------------------------------------


def test_a_server_that_is_down_is_left_alone(small: PrivateSlapd) -> None:
    """What cannot be reached is no answer, at once for a while, and then it is tried again."""
    directory = _directory(small, retry_after="3s")
    small.stop()
    assert "Can't contact" in _why_not(directory)
    assert "a moment ago" in _why_not(directory)
    small.start()
    assert "a moment ago" in _why_not(directory)
    time.sleep(3)
    assert directory.person("u1") is not None


def test_a_restart_is_not_noticed(small: PrivateSlapd) -> None:
    """A question on a connection that has broken is asked again on a new one."""
    directory = _directory(small)
    assert directory.person("u1") is not None
    small.restart()
    assert directory.person("u1") is not None


def test_a_server_that_hangs(small: PrivateSlapd) -> None:
    """A question takes no longer than its time, on an open connection or a new one; afterwards it is answered again."""
    directory = _directory(small, timeout="0.3s", retry_after="0s")
    assert directory.person("u1") is not None
    small.pause()
    started = time.monotonic()
    reasons = [_why_not(directory), _why_not(directory)]
    took = time.monotonic() - started
    small.resume()
    assert 0.5 < took < 1.5
    assert all("timed out" in reason for reason in reasons)
    assert directory.person("u1") is not None


STARTTLS_TAKEN = bytes.fromhex("300c02010178070a010004000400")
"""The answer to a first question: success (RFC 4511 4.12)."""


@pytest.mark.parametrize(
    ("scheme", "starttls", "says"),
    [
        pytest.param("ldap", False, b"", id="bind"),
        pytest.param("ldap", True, b"", id="starttls"),
        pytest.param("ldap", True, STARTTLS_TAKEN, id="tls-after-starttls"),
        pytest.param("ldaps", False, b"", id="tls"),
    ],
)
def test_a_server_that_falls_silent(scheme: str, starttls: bool, says: bytes) -> None:
    """Who takes connections and says nothing, or nothing after that TLS may begin, costs no more than the time of a
    question, and no processor's time."""
    with socket.create_server(("127.0.0.1", 0)) as silent, ThreadPoolExecutor(1) as thread:
        url = f"{scheme}://127.0.0.1:{silent.getsockname()[1]}"
        asked = thread.submit(_why_not, _directory(url, timeout="0.5s", starttls=starttls))
        started, used = time.monotonic(), time.process_time()
        taken, _address = silent.accept()
        with taken:
            taken.sendall(says)
            assert url in asked.result(timeout=5)
        assert time.monotonic() - started < 1.5
        assert time.process_time() - used < 0.3


@pytest.mark.parametrize("silent", [pytest.param(False, id="refuses"), pytest.param(True, id="says-nothing")])
def test_the_next_server_is_asked(server: PrivateSlapd, silent: bool) -> None:
    """Where one server is down the next answers, and the first is not waited for again."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1] if silent else free_ports(1)[0]
        directory = _directory(server, url=[f"ldap://127.0.0.1:{port}", server.url], timeout="0.6s")
        assert directory.person("u1") is not None
        directory.close()
        started = time.monotonic()
        assert directory.person("u1") is not None
        assert time.monotonic() - started < 0.25


def test_what_was_known_serves_while_it_is_down(small: PrivateSlapd) -> None:
    """Behind the cache a directory that is down is noticed only by who was not known before."""
    settings = _settings(small.url, cache_for="0s", unknown_for="0s", retry_after="0s")
    source = CachedSource(LdapDirectory(settings, Path(), DOMAINS), settings, DOMAINS)
    known = source.person("u1")
    listed = source.at(["u1@uni.example"])
    assert known is not None
    small.stop()
    assert known == source.person("u1")
    assert listed == source.at(["u1@uni.example"])
    with pytest.raises(Unavailable):
        source.person("u2")


def test_a_lifetime_of_zero(small: PrivateSlapd) -> None:
    """With no time to keep answers each question is asked, and answered."""
    settings = _settings(small.url, cache_for="0s", unknown_for="0s", serve_stale_for="0s", retry_after="0s")
    source = CachedSource(LdapDirectory(settings, Path(), DOMAINS), settings, DOMAINS)
    assert source.person("u1") == source.person("u1") != None  # noqa: E711
    assert source.person("u2") is None
    small.stop()
    for login in ("u1", "u2"):
        with pytest.raises(Unavailable):
            source.person(login)


def test_closed_connections_are_not_used_again(server: PrivateSlapd, monkeypatch: pytest.MonkeyPatch) -> None:
    """After close() the next question opens a connection of its own, in a child process too; so it does after a time
    in which a firewall may have forgotten the old one."""
    directory = _directory(server)
    assert directory.person("u1") is not None
    directory.close()
    child = os.fork()
    if not child:
        os._exit(0 if directory.person("u1") is not None else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert directory.person("u1") is not None
    (before,) = directory._pool._idle
    monkeypatch.setattr(ldap_pool, "_IDLE", 0.0)
    assert directory.person("u1") is not None
    assert before not in directory._pool._idle


# --- Mistakes -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        pytest.param({}, [], id="openldap"),
        pytest.param(AD, [], id="active-directory"),
        pytest.param({"shared": "", "groups": "", "on_behalf": ""}, [], id="filters-that-may-be-left-out"),
        pytest.param({"url": ["ldap.uni.example"]}, ["`url`: 'ldap.uni.example' is not a server"], id="url"),
        pytest.param({"base": "uni.example"}, ["`base`: 'uni.example' is not a DN"], id="base"),
        pytest.param({"ca_file": "missing.pem"}, ["`ca_file`: cannot read"], id="ca-file"),
        pytest.param({"person": "(uid=*)"}, ["`person`: the filter has no {login}"], id="no-placeholder"),
        pytest.param({"person": ""}, ["`person`: the filter has no {login}"], id="no-filter"),
        pytest.param({"groups": "(member=x)"}, ["`groups`: the filter has no {dn} or {login}"], id="neither"),
        pytest.param({"address": "(mail={mail}{address})"}, ["`address`: the filter has {mail};"], id="unknown"),
        pytest.param({"shared": "(a={address}{dn})"}, ["`shared`: the filter has {address};"], id="not-known-there"),
        pytest.param({"person": "(&(uid={login})"}, ["`person`: '(&(uid={login})' is not a filter"], id="parenthesis"),
        pytest.param(
            {"address": "(u id={address})"}, ["`address`: '(u id={address})' is not a filter"], id="attribute"
        ),
        pytest.param({"base": "x", "person": "x", "address": "x"}, ["`base`", "`person`", "`address`"], id="together"),
    ],
)
def test_mistakes(tmp_path: Path, settings: dict[str, Any], said: list[str]) -> None:
    """What is wrong with the settings is told without a server, and told of the right ones that nothing is."""
    told = mistakes(_settings("ldap://ldap.uni.example", **settings), tmp_path)
    assert len(said) == len(told)
    assert all(text.startswith(beginning) for text, beginning in zip(told, said, strict=True))


def test_without_python_ldap() -> None:
    """A site without LDAP needs no python-ldap; one with it is told what is missing."""
    script = f"""
import sys
sys.modules["ldap"] = None
from pathlib import Path
from postclerk.adapters.directory_ldap import LdapDirectory, mistakes
from postclerk.core.ports import Unavailable
from postclerk.settings import Ldap
settings = Ldap(url=["ldap://127.0.0.1"], base="{SUFFIX}")
print(*mistakes(settings, Path()), sep="\\n")
directory = LdapDirectory(settings, Path(), ["uni.example"])
directory.close()
try:
    directory.person("u1")
except Unavailable as fault:
    print(fault)
"""
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert ran.stdout == "python-ldap is not installed: pip install 'postclerk[ldap]'\n" * 2
