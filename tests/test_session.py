"""Sessions with Postfix, played by pymilter's test context."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from typing import Any

import Milter
import Milter.testctx
import pytest

from postclerk import clock, session
from postclerk.core.needs import Need
from postclerk.core.ports import JournalFull, Unavailable
from postclerk.core.rule import BoundCheck
from postclerk.core.traces import trace
from postclerk.rules import all_rules
from tests.conftest import Build, World

RULES = "  sender: {dns: false}\n  return_address: {}\n  recipients: {per_message: 3}\n"


OFFERED = tuple(Milter.testctx.TestCtx.default_opts)


class Postfix(Milter.testctx.TestCtx):  # type: ignore[misc]
    """Postfix's side of one connection; what TestCtx lacks is added: tuples as addresses, quarantine, whole fields."""

    def __init__(self) -> None:
        super().__init__()
        self._stage: Any = None
        self.begin()

    def begin(self) -> None:
        self._reply = None
        self.added: list[tuple[str, str]] = []
        self.removed: list[tuple[str, int]] = []
        self.held: list[str] = []

    def getsymval(self, name: str) -> Any:
        return self._macros.get(name)

    def addheader(self, field: str, value: str, _index: int) -> None:
        self.added.append((field, value))

    def chgheader(self, field: str, index: int, value: str) -> None:
        assert value == ""
        self.removed.append((field.lower(), index))

    def quarantine(self, reason: str) -> None:
        self.held.append(reason)

    def connect(self, address: Any) -> None:
        # TestCtx hands out one list for all connections, and what a session writes into it would stay.
        Milter.testctx.TestCtx.default_opts = list(OFFERED)
        self._negotiate()
        self._stage = Milter.M_CONNECT
        assert Milter.connect_callback(self, "client.example", 2, address) in (Milter.CONTINUE, Milter.NOREPLY)

    def send(
        self,
        sender: str,
        recipients: list[str],
        fields: list[tuple[str, str]],
        *,
        login: str | None = None,
        body: bytes = b"Good morning.\r\n",
    ) -> int:
        """One message up to the first answer that ends it."""
        self.begin()
        self._macros = {"{auth_authen}": login} if login else {}
        assert self._priv.envfrom_bytes(sender.encode(), b"SIZE=1000") in (Milter.CONTINUE, Milter.NOREPLY)
        for recipient in recipients:
            assert self._priv.envrcpt_bytes(recipient.encode()) in (Milter.CONTINUE, Milter.NOREPLY)
        self._macros["i"] = "4gQ1"
        answer = int(self._priv.data())
        if answer == Milter.CONTINUE:
            for name, value in fields:
                self._priv.header_bytes(name, b" " + value.encode("utf-8", "surrogateescape"))
            answer = int(self._priv.eoh())
            if answer in (Milter.CONTINUE, Milter.NOREPLY):
                for start in range(0, len(body), 8):
                    assert self._priv.body(body[start : start + 8]) in (Milter.CONTINUE, Milter.NOREPLY)
                answer = int(self._priv.eom())
        return answer


class Journal:
    """A journal in memory, which can be full."""

    def __init__(self) -> None:
        self.records: list[dict[str, Any]] = []
        self.full = False

    def write(self, record: dict[str, Any]) -> None:
        if self.full:
            raise JournalFull("no space left on device")
        self.records.append(record)


class Site:
    """A world with sessions."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.journal = Journal()
        self.messages = session.serve_with(world.judge, self.journal)

    def connect(self, address: Any = ("203.0.113.5", 40000)) -> Postfix:
        postfix = Postfix()
        postfix.connect(address)
        return postfix


@pytest.fixture
def site(world: Build) -> Iterator[Callable[..., Site]]:
    """Builds the small site with sessions on it."""
    before = Milter.factory
    yield lambda rules=RULES, **said: Site(world(rules, **said))
    Milter.factory = before


ME = [("From", "A. Serik <a.serik@uni.example>"), ("Subject", "x")]


def _record(said: dict[str, Any]) -> dict[str, Any]:
    """A record without what differs from run to run."""
    now = clock.now()
    assert now - 60 < said["time"] <= now
    return {name: value for name, value in said.items() if name not in ("id", "time")}


def test_an_accepted_message(site: Callable[..., Site]) -> None:
    """It passes unchanged, is written down, and counts."""
    built = site()
    postfix = built.connect()
    answer = postfix.send("<a.serik@uni.example>", ["<b@example.org>"], ME, login="A.Serik")
    assert (answer, postfix._reply, postfix.added, postfix.removed, postfix.held) == (
        Milter.CONTINUE, None, [], [], [],
    )  # fmt: skip
    assert [_record(one) for one in built.journal.records] == [
        {
            "queue_id": "4gQ1",
            "login": "a.serik",
            "client": "203.0.113.5",
            "envelope_from": "a.serik@uni.example",
            "recipients": ["b@example.org"],
            "recipient_count": 1,
            "size": 1000,
            "action": "accept",
            "stage": "message",
            "findings": [],
            "header": {},
            "tracked": None,
            "submission": None,
            "telling": None,
        }
    ]
    assert (built.world.counters.reserved, built.world.counters.released) == ([("login:a.serik", 1)], [])


def test_a_message_refused_at_data(site: Callable[..., Site]) -> None:
    """The reply names all that is wrong with the envelope; it is written down and gives back what it reserved."""
    built = site()
    postfix = built.connect()
    recipients = [f"<r{number}@example.org>" for number in range(4)]
    answer = postfix.send("<b.head@uni.example>", recipients, ME, login="a.serik")
    (record,) = built.journal.records
    assert (answer, postfix._reply) == (
        Milter.REJECT,
        (
            "550",
            "5.7.1",
            "[1.3.2-a] 4 recipients; at most 3 are allowed in one message.",
            "[1.3.2-b] The envelope sender b.head@uni.example does not belong to the login a.serik.",
            "Send a service notice from its own account, or ask for a grant.",
            "Send under your own address, or ask for the right to send as this one.",
            f"Explained in KK RU TR EN: https://mail.uni.example/e/{record['id']}",
        ),
    )
    assert (record["action"], record["stage"], [one["code"] for one in record["findings"]]) == (
        "reject",
        "data",
        ["too-many-recipients", "sender-not-own"],
    )
    assert built.world.counters.released == [record["id"]]


def test_a_message_refused_at_its_end(site: Callable[..., Site]) -> None:
    """What only the header shows is refused when the message is whole; a percent sign reaches the client as one."""
    built = site()
    postfix = built.connect()
    answer = postfix.send("<x@example.org>", ["<a.serik@uni.example>"], [("From", "a%serik@uni.example")])
    (record,) = built.journal.records
    assert (answer, postfix._reply) == (
        Milter.REJECT,
        (
            "550",
            "5.7.1",
            "[1.3.2-b] From claims an address of this site, but the message comes from outside.",
            f"Explained in KK RU TR EN: https://mail.uni.example/e/{record['id']}",
        ),
    )
    assert (record["action"], record["stage"]) == ("reject", "headers")
    fields = [*ME, ("Reply-To", "a%n@example.org")]
    answer = postfix.send("<a.serik@uni.example>", ["<b@example.org>"], fields, login="a.serik")
    assert postfix._reply[2] == "[1.3.2-b] The Reply-To address a%%n@example.org does not belong to the login a.serik."


def test_a_held_message(site: Callable[..., Site]) -> None:
    """It goes into the hold queue with its headers on it."""
    built = site()
    postfix = built.connect()
    answer = postfix.send("<l@example.org>", ["<b.head@uni.example>"], [*ME, ("List-Id", "<l.example.org>")])
    (record,) = built.journal.records
    assert (answer, postfix.held) == (Milter.CONTINUE, [f"postclerk {record['id']}"])
    assert postfix.added == [
        (
            "X-Policy-Action",
            " hold; rule=return_address; clause=1.3.2-b; code=inside-address-returned; id=" + record["id"],
        ),
        (
            "X-Policy-Reason",
            " From claims an address of this site,\n but the message comes from outside through a mailing list.",
        ),
        ("X-Policy-Explained", f" <https://mail.uni.example/e/{record['id']}>"),
    ]
    postfix.send("<l@example.org>", ["<b.head@uni.example>", "<x@example.org>"], [*ME, ("List-Id", "<l.example.org>")])
    assert postfix.added == []  # somebody outside would read them


def test_forged_fields_are_removed(site: Callable[..., Site]) -> None:
    """Fields that are ours alone are taken out, the last of a name first; others' results stay."""
    built = site()
    postfix = built.connect()
    postfix.send(
        "<x@example.org>",
        ["<b.head@uni.example>"],
        [
            ("From", "x@example.org"),
            ("x-policy-action", "accept"),
            ("X-Policy-Action", "accept"),
            ("X-Policy-Explained", "<https://evil.example/>"),
            ("Authentication-Results", "mx.uni.example; dkim=pass"),
            ("Authentication-Results", "mx.example.org; dkim=pass"),
            ("authentication-results", " (c (d)) MX.uni.example(e) 1; spf=pass"),
            ("Authentication-Results", '"mx.uni.example"; none'),
            ("Authentication-Results", "mx.uni.example.example.org; none"),
        ],
    )
    by_name = {name: [index for other, index in postfix.removed if other == name] for name, _index in postfix.removed}
    assert by_name == {
        "x-policy-action": [2, 1],
        "x-policy-explained": [1],
        "authentication-results": [4, 3, 1],
    }


@pytest.mark.parametrize(
    ("value", "host"),
    [
        pytest.param("mx.uni.example; none", "mx.uni.example", id="plain"),
        pytest.param("mx.uni.example 1; none", "mx.uni.example", id="with-a-version"),
        pytest.param("(a (b) c) MX.Uni.example (d); none", "mx.uni.example", id="comments"),
        pytest.param('"mx.uni.example"; none', "mx.uni.example", id="quoted"),
        pytest.param("\n\tmx.uni.example;\n none", "mx.uni.example", id="folded"),
        pytest.param("(never closed mx.uni.example", "", id="a-comment-without-end"),
        pytest.param(") mx.uni.example", "mx.uni.example", id="an-end-without-a-comment"),
        pytest.param("(\\) x) mx.uni.example; none", "mx.uni.example", id="an-escape-in-a-comment"),
        pytest.param('"mx.\\uni.example"(x); none', "mx.uni.example", id="an-escape-in-quotes"),
        pytest.param('"a;b (c)"; none', "a;b (c)", id="anything-in-quotes"),
        pytest.param("", "", id="empty"),
    ],
)
def test_who_says_it(value: str, host: str) -> None:
    """The authserv-id of an Authentication-Results field (RFC 8601 2.2)."""
    assert host == session.authserv_id(value)


def _failing(facts: Any, options: Any) -> Iterator[Any]:
    raise KeyError("a fault")
    yield


@pytest.mark.parametrize(
    ("on_error", "answer"),
    [pytest.param("defer", Milter.TEMPFAIL, id="defer"), pytest.param("accept", Milter.CONTINUE, id="accept")],
)
def test_a_rule_that_raises(
    site: Callable[..., Site], monkeypatch: pytest.MonkeyPatch, on_error: str, answer: int
) -> None:
    """The message waits at its sender unless the site wants otherwise, and the fault is written down either way."""
    rule = all_rules()["sender"]
    monkeypatch.setattr(rule, "checks", [BoundCheck(_failing, Need.ENVELOPE)])
    built = site("  sender: {dns: false}\n" + f"milter: {{on_error: {on_error}}}\n")
    postfix = built.connect()
    assert postfix.send("<a.serik@uni.example>", ["<b@example.org>"], ME, login="a.serik") == answer
    (record,) = built.journal.records
    assert (record["action"], record["findings"]) == (
        on_error,
        [
            {
                "rule": "sender",
                "clause": "1.3.2-b",
                "code": "rule-failed",
                "action": on_error,
                "monitor": False,
                "detail": {"error": "KeyError"},
            }
        ],
    )
    assert postfix._reply == (
        None
        if on_error == "accept"
        else (
            "451",
            "4.3.0",
            "[1.3.2-b] The server failed while it judged this message.",
            "Tell the IT department the code below if this goes on.",
            f"Explained in KK RU TR EN: https://mail.uni.example/e/{record['id']}",
        )
    )


@pytest.mark.parametrize(
    "place",
    [pytest.param("Collector.facts", id="before-anything-is-known"), pytest.param("Case.at_headers", id="later")],
)
def test_a_fault_of_ours_elsewhere(site: Callable[..., Site], monkeypatch: pytest.MonkeyPatch, place: str) -> None:
    """Whatever breaks, the message waits, with an incident id that stands in the journal."""
    built = site()
    postfix = built.connect()
    monkeypatch.setattr(f"postclerk.judge.{place}", lambda *_words: 1 / 0)
    assert postfix.send("<a.serik@uni.example>", ["<b@example.org>"], ME, login="a.serik") == Milter.TEMPFAIL
    (record,) = built.journal.records
    assert postfix._reply == (
        "451",
        "4.3.0",
        "The server failed while it judged this message; it will be tried again.",
        f"Incident {record['id']}.",
    )
    assert (record["action"], record["findings"]) == ("defer", [])
    assert built.world.counters.released == ([record["id"]] if place.startswith("Case") else [])


@pytest.mark.parametrize("sender", ["<a.serik@uni.example>", "<b.head@uni.example>"], ids=["accepted", "refused"])
def test_a_journal_that_is_full(site: Callable[..., Site], sender: str) -> None:
    """What cannot be written down is not decided: the message waits, and gives back what it reserved."""
    built = site()
    built.journal.full = True
    postfix = built.connect()
    assert postfix.send(sender, ["<b.head@uni.example>"], ME, login="a.serik") == Milter.TEMPFAIL
    (incident,) = built.world.counters.released
    assert postfix._reply == (
        "451",
        "4.3.0",
        "The server cannot write down its decision, so it takes no mail now; the message will be tried again.",
        f"Incident {incident}.",
    )


def test_a_mark_that_fails(site: Callable[..., Site]) -> None:
    """A message that could not be marked is deferred, journalled as that, and gives back what it reserved."""
    built = site()
    postfix = built.connect()

    def fails(*_: object) -> None:
        raise OSError("Postfix went away")

    postfix.chgheader = fails
    fields = [*ME, ("X-Policy-Action", "x")]
    assert postfix.send("<a.serik@uni.example>", ["<b.head@uni.example>"], fields, login="a.serik") == Milter.TEMPFAIL
    (record,) = built.journal.records
    assert record["action"] == "defer"
    assert built.world.counters.released == [record["id"]]


def test_two_messages_in_one_session(site: Callable[..., Site]) -> None:
    """Nothing of the first is left for the second: no login, no recipients, no fields."""
    built = site()
    postfix = built.connect()
    postfix.send("<a.serik@uni.example>", ["<b@example.org>"], [*ME, ("Reply-To", "x@example.org")], login="a.serik")
    postfix.send("<x@example.org>", ["<b.head@uni.example>"], [("From", "x@example.org")])
    assert [(one["login"], one["recipients"], one["action"]) for one in built.journal.records] == [
        ("a.serik", ["b@example.org"], "reject"),
        (None, ["b.head@uni.example"], "accept"),
    ]
    first, second = built.journal.records
    assert first["id"] != second["id"]
    assert built.world.counters.released == [first["id"]]


@pytest.mark.parametrize("how", ["abort", "close", "again"])
def test_a_client_that_goes_away(site: Callable[..., Site], how: str) -> None:
    """A message that nobody finished is not written down, and gives back what it reserved."""
    built = site()
    postfix = built.connect()
    postfix._macros = {"{auth_authen}": "a.serik"}
    postfix._priv.envfrom("<a.serik@uni.example>")
    postfix._priv.envrcpt("<b@example.org>")
    assert postfix._priv.data() == Milter.CONTINUE
    assert built.messages.open == 1
    incident = postfix._priv._case.incident
    if how == "again":
        postfix._priv.envfrom("<a.serik@uni.example>")
    elif how == "abort":
        postfix._priv.abort()
    else:
        postfix._close()
    assert (built.journal.records, built.world.counters.released) == ([], [incident])
    assert built.messages.open == (1 if how == "again" else 0)


def test_counters_that_do_not_take_back(site: Callable[..., Site], monkeypatch: pytest.MonkeyPatch) -> None:
    """Counters that fail while a message is refused do not change its reply."""

    def down(_incident: str) -> None:
        raise Unavailable("down")

    built = site()
    postfix = built.connect()
    monkeypatch.setattr(built.world.counters, "release", down)
    answer = postfix.send("<b.head@uni.example>", ["<b@example.org>"], ME, login="a.serik")
    assert (answer, postfix._reply[0], built.messages.open) == (Milter.REJECT, "550", 0)


def test_mail_of_a_local_program(site: Callable[..., Site]) -> None:
    """Its refusal is one line, and one that is deferred is known again under another queue id."""
    built = site(RULES.replace("recipients: {", "recipients: {action: defer, "))
    postfix = built.connect(("127.0.0.1", 0))
    recipients = [f"r{number}@example.org" for number in range(4)]
    answers = [
        postfix.send("root@uni.example", recipients, [("From", "root@uni.example"), ("Date", date)])
        for date in ("Mon", "Tue")
    ]
    first, second = built.journal.records
    assert answers == [Milter.TEMPFAIL] * 2
    assert postfix._reply == (
        "451",
        "4.7.1",
        "[1.3.2-a] 4 recipients; at most 3 are allowed in one message. Send a service notice from its own account, or"
        f" ask for a grant. Explained in KK RU TR EN: https://mail.uni.example/e/{second['id']}",
    )
    assert first["submission"] is not None
    assert (first["id"] != second["id"], first["submission"]) == (True, second["submission"])


def test_bytes_that_are_no_text(site: Callable[..., Site]) -> None:
    """Bytes that are not UTF-8 in the envelope and the fields are judged and written down printable."""
    built = site()
    postfix = built.connect(None)
    postfix.begin()
    postfix._priv.envfrom_bytes(b"<\xff\xfe@example.org>", b"SIZE=9" + b"9" * 40, b"BODY=\xff")
    postfix._priv.envrcpt_bytes(b"<\xff@uni.example>", b"\xff")
    assert postfix._priv.data() == Milter.REJECT
    (record,) = built.journal.records
    assert (record["envelope_from"], record["recipients"], record["size"], record["client"]) == (
        "\ufffd\ufffd@example.org",
        ["\ufffd@uni.example"],
        None,
        None,
    )


def test_what_the_tracker_needs_is_kept(site: Callable[..., Site]) -> None:
    """With a tracker section the journal keeps the fields that it looks at, decoded, and never others."""
    built = site(RULES + "tracker: {answer_within: 24h}\n")
    postfix = built.connect()
    fields = [
        ("From", "x@example.org"), ("Subject", "=?utf-8?b?0JbQsNC90L3QsA==?="), ("Cc", "\udcff"), ("X-Other", "y"),
        ("Message-ID", "<1@example.org>"), ("Subject", "second"),
    ]  # fmt: skip
    postfix.send("<x@example.org>", ["<b.head@uni.example>"], fields)
    assert [one["header"] for one in built.journal.records] == [
        {"Subject": "Жанна", "Message-ID": "<1@example.org>", "From": "x@example.org", "Cc": "\ufffd"}
    ]


def test_a_subject_under_a_wrong_label_is_kept_as_it_reads(site: Callable[..., Site]) -> None:
    """The subject stands in reminders and digests: it is read in the charset that it really has."""
    built = site(RULES + "tracker: {answer_within: 24h}\n")
    words = base64.b64encode("Собрание кафедры".encode("windows-1251")).decode()
    fields = [("From", "x@example.org"), ("To", "a.serik@uni.example"), ("Subject", f"=?iso-8859-1?b?{words}?=")]
    built.connect().send("<x@example.org>", ["<a.serik@uni.example>"], fields)
    assert [one["header"]["Subject"] for one in built.journal.records] == ["Собрание кафедры"]


def test_of_a_refused_message_nothing_is_kept(site: Callable[..., Site]) -> None:
    """What was not delivered waits for nobody."""
    built = site(RULES + "tracker: {answer_within: 24h}\n")
    postfix = built.connect()
    fields = [("From", "b.head@uni.example"), ("Subject", "secret"), ("Message-ID", "<1@uni.example>")]
    answer = postfix.send("<a.serik@uni.example>", ["<x@example.org>"], fields, login="a.serik")
    assert answer == Milter.REJECT
    assert [(one["header"], one["tracked"]) for one in built.journal.records] == [({}, None)]


def test_of_a_text_only_traces_are_kept(site: Callable[..., Site]) -> None:
    """Of what waits those of its own words, and of what our people write those of what they quote."""
    asked = "Is the large hall still free on Wednesday afternoon, and whom do we have to ask about the projector there?"
    answer = f"Yes, it is free, and I have asked the technicians already.\r\n\r\n> {asked}\r\n"
    built = site(RULES + "tracker: {answer_within: 24h}\n")
    postfix = built.connect()
    mine, theirs = "a.serik@uni.example", "x@example.org"
    fields = [("From", theirs), ("To", mine), ("Subject", "Hall")]
    postfix.send(f"<{theirs}>", [f"<{mine}>"], fields, body=f"{asked}\r\n".encode())
    fields = [("From", mine), ("To", theirs), ("Subject", "Re: Hall")]
    postfix.send(f"<{mine}>", [f"<{theirs}>"], fields, login="a.serik", body=answer.encode())
    there = [one["tracked"] for one in built.journal.records]
    assert [(one["said"], one["quotes"]) for one in there] == [(trace(asked), ""), ("", trace(asked))]
    assert "projector" not in str(built.journal.records)


def test_only_what_is_needed_is_negotiated(site: Callable[..., Site]) -> None:
    """No HELO comes, DATA is answered, bodies come unanswered and only where a rule reads them, and an old Postfix that
    offers less is served too."""
    bodiless = site("  recipients: {}\n").connect()._opts[1]
    assert bodiless & Milter.P_NOBODY
    built = site()
    postfix = built.connect()
    protocol = postfix._opts[1]
    wanted = Milter.P_NR_BODY | Milter.P_NOHELO | Milter.P_NR_RCPT | Milter.P_HDR_LEADSPC
    assert protocol & (wanted | Milter.P_NOBODY) == wanted
    assert protocol & (Milter.P_NR_DATA | Milter.P_NODATA | Milter.P_NOHDRS | Milter.P_NOMAIL) == 0
    old = session.Session(built.world.judge, built.journal, built.messages)
    old._setctx(Postfix())
    offers = [Milter.ADDHDRS, 0, 5, 5]
    assert (old.negotiate(offers), offers) == (Milter.CONTINUE, [Milter.ADDHDRS, 0, 0, 0])
    assert (old.connect("x", 2, ("203.0.113.5", 1)), old.envfrom("<>"), old.envrcpt("<x@y>")) == (Milter.CONTINUE,) * 3


def test_more_forged_fields_than_can_be_removed(site: Callable[..., Site]) -> None:
    """Thousands of changes would bring Postfix's cleanup down: such a message is refused, and written down."""
    built = site()
    postfix = built.connect()
    fields = [("From", "x@example.org"), *[("X-Policy-Action", "a")] * 101]
    assert postfix.send("<x@example.org>", ["<b.head@uni.example>"], fields) == Milter.REJECT
    assert postfix._reply[:2] == ("550", "5.6.0")
    assert postfix.removed == []
    assert [one["action"] for one in built.journal.records] == ["reject"]
