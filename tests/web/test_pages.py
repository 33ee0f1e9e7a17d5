"""The pages, asked without a network: who sees what, what a form may do, and what hostile readers get."""

from __future__ import annotations

import email
import re
import threading
from collections.abc import Iterator
from email import policy
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from starlette.testclient import TestClient

from postclerk import bootstrap, clock, config
from postclerk.adapters import journal, orders, requests
from postclerk.adapters.tables import grants, outbox
from postclerk.desk import Desk
from postclerk.held import Hold
from postclerk.web.app import application
from tests.conftest import PEOPLE, SITE

MORE_PEOPLE = PEOPLE.replace(
    "    may_send_as: [office", "    superior: b.head\n    language: ru\n    may_send_as: [office"
)
WEB = "mail: {}\nweb: {proxies: [10.0.0.1], user_header: X-Remote-User, staff: [it.admin], per_minute: 40}\n"
SENT = {"rule": "recipients", "clause": "1.3.2-a", "code": "too-many-recipients", "action": "reject", "monitor": False}
SENT["detail"] = {"count": 60, "limit": 50}  # type: ignore[assignment]
CAME = {"rule": "registration", "clause": "1.3.2-e", "code": "official-unproved", "action": "hold", "monitor": False}
CAME["detail"] = {"site": "egov.example"}  # type: ignore[assignment]


def _record(incident: str, **values: Any) -> dict[str, Any]:
    usual: dict[str, Any] = {
        "id": incident, "time": 1_795_000_000.0, "queue_id": None, "login": "a.serik", "client": "192.0.2.1",
        "envelope_from": "a.serik@uni.example", "recipients": ["x@example.org"], "recipient_count": 60, "size": 1,
        "action": "reject", "stage": "data", "findings": [SENT], "header": {}, "submission": None,
        "telling": {
            "whom": ["a.serik"], "role": "sender", "rule": "recipients", "code": "too-many-recipients", "header": "",
            "asks": [{"rule": "recipients", "option": "per_message", "amount": 60}],
        },
    }  # fmt: skip
    return {**usual, **values}


OUTSIDE = _record("OUTSIDE1", login=None, telling=None, findings=[{**CAME, "action": "reject"}])
HELD = _record(
    "HELDHELD", login=None, action="hold", queue_id="4F1A2B3C4D", findings=[CAME], envelope_from="noreply@egov.example",
    telling={
        "whom": ["a.serik"], "role": "recipient", "rule": "registration", "code": "official-unproved", "header": "",
        "asks": [{"rule": "registration", "value": "egov.example"}],
    },
)  # fmt: skip
SENT_AND_HELD = _record("HELDSENT", action="hold", queue_id="4F1A2B3C4E", findings=[{**SENT, "action": "hold"}])
ACCEPTED = _record("ACCEPTED", action="accept", findings=[], telling=None)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """A site with five decisions."""
    (tmp_path / "people.yaml").write_text(MORE_PEOPLE)
    (tmp_path / "rules.yaml").write_text(f"{SITE}{WEB}rules:\n  recipients: {{}}\n")
    read = config.load(tmp_path / "rules.yaml")
    with bootstrap.desk(read, bootstrap.directories(read)) as made:
        with made.store.write() as connection:
            journal.write(connection, [_record("SENTSENT"), OUTSIDE, HELD, SENT_AND_HELD, ACCEPTED])
        yield made


class Held(Hold):
    """What is held, written down here."""

    rows = (HELD, SENT_AND_HELD)

    def listed(self) -> list[dict[str, Any]]:
        """See Hold."""
        ordered = orders.of_incidents(self.store, [row["id"] for row in self.rows])
        return [{**row, "order": ordered.get(row["id"])} for row in self.rows]


@pytest.fixture
def held(desk: Desk) -> Held:
    """What is held."""
    return Held(desk)


@pytest.fixture
def client(desk: Desk, held: Held) -> TestClient:
    """A reader somewhere outside."""
    return TestClient(application(desk, held), base_url="https://mail.uni.example", follow_redirects=False)


def _token(desk: Desk, incident: str = "SENTSENT", login: str = "a.serik") -> str:
    return desk.links.explanation(incident, login).partition("?t=")[2]


STAFF = {"X-Remote-User": "it.admin"}


def _as(desk: Desk, held: Held, address: str) -> TestClient:
    return TestClient(
        application(desk, held),
        base_url="https://mail.uni.example",
        client=(address, 1),
        follow_redirects=False,
    )


# -- who sees what -------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/e/SENTSENT", "/e/sentsent", "/e/OUTSIDE1", "/e/HELDHELD"])
def test_with_the_number_alone(client: TestClient, path: str) -> None:
    """One reads the clause, and neither addresses nor limits nor a form."""
    said = client.get(path, headers={"accept-language": "en"})
    assert said.status_code == 200
    assert "1.3.2-" in said.text
    assert not re.search(r"uni\.example</d|60|50|egov|<form|x@example", said.text)


@pytest.mark.parametrize(
    "path", ["/e/ACCEPTED", "/e/ZZZZZZZZ", "/e/4F1A2B3C", "/e/x", "/e/", "/", "/e/r/1", "/staff", "/e/..%2fx"]
)
def test_what_is_not_there_looks_like_what_is_forbidden(client: TestClient, path: str) -> None:
    """The same page, with the same status."""
    nothing = client.get("/e/YYYYYYYY")
    said = client.get(path)
    assert (said.status_code, said.text) == (404, nothing.text)


def test_whom_it_concerns(client: TestClient, desk: Desk) -> None:
    """The link that was mailed to him shows all of it."""
    said = client.get(f"/e/SENTSENT?t={_token(desk)}&lang=en").text
    assert "Your message had 60 recipients. One message may go to 50 at most." in said
    assert "Up to 60 recipients in one message." in said


@pytest.mark.parametrize(
    "of",
    [
        pytest.param(("OUTSIDE1", "a.serik"), id="another-decision"),
        pytest.param(("SENTSENT", "b.head"), id="whom-it-does-not-concern"),
        pytest.param(("SENTSENT", "nobody"), id="who-is-unknown"),
    ],
)
def test_a_link_of_somebody_else(client: TestClient, desk: Desk, of: tuple[str, str]) -> None:
    """It shows no more than the number alone."""
    plain = client.get("/e/SENTSENT?lang=en").text
    said = client.get(f"/e/SENTSENT?lang=en&t={_token(desk, *of)}").text
    assert re.sub(r"&amp;t=[\w.-]+", "", said) == plain


# -- asking and deciding -------------------------------------------------------------------


def _ask(client: TestClient, desk: Desk, incident: str = "SENTSENT", **form: str) -> int:
    data = {"t": _token(desk, incident), "what": "0", "reason": "the conference", "lang": "en", **form}
    return client.post(f"/e/{incident}/ask", data=data).status_code


def test_a_request_goes_to_the_superior_once(client: TestClient, desk: Desk) -> None:
    """He gets a mail; asking the same again sends no other."""
    assert [_ask(client, desk), _ask(client, desk)] == [303, 303]
    with desk.store.read() as connection:
        assert connection.scalars(sa.select(outbox.c.recipient)).all() == ["b.head@uni.example"]
    (row,) = requests.listed(desk.store, undecided=True)
    assert (row["login"], row["kind"], row["option"], row["amount"], row["decider"]) == (
        "a.serik",
        "grant",
        "per_message",
        60,
        "b.head",
    )
    assert "It is being decided." in client.get(f"/e/SENTSENT?t={_token(desk)}&lang=en").text


@pytest.mark.parametrize(
    ("form", "status"),
    [
        pytest.param({"t": ""}, 404, id="no-link"),
        pytest.param({"t": "forged"}, 404, id="forged"),
        pytest.param({"reason": "  "}, 400, id="no-reason"),
        pytest.param({"what": "7"}, 400, id="what-is-not-offered"),
        pytest.param({"what": "-1"}, 400, id="a-negative-number"),
        pytest.param({"what": "release"}, 400, id="a-release-of-what-is-not-held"),
        pytest.param({"reason": "x" * 20_000}, 413, id="too-much"),
    ],
)
def test_what_cannot_be_asked(client: TestClient, desk: Desk, form: dict[str, str], status: int) -> None:
    """Nothing is written down."""
    assert _ask(client, desk, **form) == status
    assert requests.listed(desk.store, undecided=False) == []


def _decide(client: TestClient, desk: Desk, number: int = 1, by: str = "b.head", **form: str) -> int:
    token = desk.links.decision(number, by).partition("?t=")[2]
    return client.post(f"/e/r/{number}", data={"t": token, "decision": "approve", **form}).status_code


def test_an_approval_is_a_grant(client: TestClient, desk: Desk) -> None:
    """With who, why and how long; opening the page has decided nothing, and it is decided once."""
    _ask(client, desk)
    assert client.get(desk.links.decision(1, "b.head").replace("https://mail.uni.example", "")).status_code == 200
    with desk.store.read() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(grants)) == 0
    assert [_decide(client, desk), _decide(client, desk, decision="decline")] == [200, 409]
    with desk.store.read() as connection:
        row = connection.execute(sa.select(grants)).mappings().one()
    assert (row["login"], row["rule"], row["option"], row["amount"], row["approved_by"], row["reason"]) == (
        "a.serik",
        "recipients",
        "per_message",
        60,
        "b.head",
        "the conference",
    )
    assert row["ends"] - row["begins"] == 30 * 86400


@pytest.mark.parametrize("by", ["a.serik", "", "registry", "it.admin"])
def test_nobody_else_decides(client: TestClient, desk: Desk, by: str) -> None:
    """Least of all whoever asks."""
    _ask(client, desk)
    assert _decide(client, desk, by=by) == 404
    assert _decide(client, desk, decision="perhaps") == 404
    assert len(requests.listed(desk.store, undecided=True)) == 1


def test_a_decline_is_answered(client: TestClient, desk: Desk) -> None:
    """Whoever asked reads why, and there is no grant."""
    _ask(client, desk)
    assert _decide(client, desk, decision="decline", answer="Use the list") == 200
    assert "Use the list" in client.get(f"/e/SENTSENT?t={_token(desk)}&lang=en").text
    with desk.store.read() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(grants)) == 0


def test_a_release_is_an_order(client: TestClient, desk: Desk) -> None:
    """It waits for the warden, with who ordered it and why."""
    assert _ask(client, desk, "HELDHELD", what="release") == 303
    assert _decide(client, desk) == 200
    (order,) = orders.waiting(desk.store)
    assert (order["queue_id"], order["action"], order["made_by"], order["why"]) == (
        "4F1A2B3C4D",
        "release",
        "b.head",
        "request 1: the conference",
    )


def test_where_there_is_no_superior(client: TestClient, desk: Desk, held: Held) -> None:
    """The IT department is written to, and decides."""
    with desk.store.write() as connection:
        telling = {**_record("X")["telling"], "whom": ["b.head"]}
        journal.write(connection, [_record("HEADHEAD", login="b.head", telling=telling)])
    data = {"t": _token(desk, "HEADHEAD", "b.head"), "what": "0", "reason": "x"}
    assert client.post("/e/HEADHEAD/ask", data=data).status_code == 303
    with desk.store.read() as connection:
        assert connection.scalars(sa.select(outbox.c.recipient)).all() == ["helpdesk@uni.example"]
    assert _decide(client, desk, by="") == 404
    proxy = _as(desk, held, "10.0.0.1")
    page = proxy.get("/staff", headers=STAFF).text
    assert 'href="/staff/r/1?lang=en"' in page
    with desk.store.read() as connection:
        mail = email.message_from_bytes(connection.scalars(sa.select(outbox.c.content)).one(), policy=policy.default)
    text = next(part for part in mail.walk() if part.get_content_type() == "text/plain").get_content()  # type: ignore[attr-defined]
    assert "https://mail.uni.example/staff/r/1?lang=en" in text
    assert "postclerk request approve|decline 1" in text
    form = proxy.get("/staff/r/1?lang=en", headers=STAFF).text
    token = re.search(r'name="t" value="([\w.-]+)"', form)
    assert token is not None
    assert 'action="/staff/r/1"' in form
    assert _as(desk, held, "10.0.0.1").get("/staff/r/1").status_code == 404
    assert proxy.post("/staff/r/1", data={"decision": "approve"}, headers=STAFF).status_code == 404
    decided = proxy.post("/staff/r/1", data={"t": token[1], "decision": "approve"}, headers=STAFF)
    assert decided.status_code == 200


@pytest.mark.parametrize(
    ("superior", "may"), [pytest.param("b.head", False, id="has-a-superior"), pytest.param("", True, id="has-none")]
)
def test_nobody_approves_his_own_request(
    desk: Desk, held: list[dict[str, Any]], tmp_path: Path, superior: str, may: bool
) -> None:
    """Though he is of the IT department, unless nobody is set over him; anybody may take back what he asked for."""
    admin = f"  - {{login: it.admin, addresses: [it.admin@uni.example], superior: '{superior}'}}\n"
    (tmp_path / "people.yaml").write_text(MORE_PEOPLE.replace("people:\n", f"people:\n{admin}"))
    read = config.load(tmp_path / "rules.yaml")
    with desk.store.write() as connection:
        telling = {**_record("X")["telling"], "whom": ["it.admin"]}
        journal.write(connection, [_record("OWNOWNOW", login="it.admin", telling=telling)])
    with bootstrap.desk(read, bootstrap.directories(read)) as again:
        proxy = _as(again, held, "10.0.0.1")
        data = {"t": _token(again, "OWNOWNOW", "it.admin"), "what": "0", "reason": "x"}
        assert proxy.post("/e/OWNOWNOW/ask", data=data).status_code == 303
        page = proxy.get("/staff/r/1?lang=en", headers=STAFF).text
        assert ('value="approve"' in page, "You cannot approve what you ask for yourself." in page) == (may, not may)
        token = re.search(r'name="t" value="([\w.-]+)"', page)
        assert token is not None
        form = {"t": token[1], "lang": "en"}
        answer = proxy.post("/staff/r/1", data={**form, "decision": "approve"}, headers=STAFF)
        assert answer.status_code == (200 if may else 403)
        with again.store.read() as connection:
            assert connection.scalar(sa.select(sa.func.count()).select_from(grants)) == int(may)
        answer = proxy.post("/staff/r/1", data={**form, "decision": "decline"}, headers=STAFF)
        assert answer.status_code == (409 if may else 200)


def _end(desk: Desk, outcome: str) -> None:
    with desk.store.write() as connection:
        orders.give(
            connection, orders.Order.RELEASE, queue_id="4F1A2B3C4D", incident="HELDHELD", why="x", by="y", at=1.0
        )
    orders.done(desk.store, orders.waiting(desk.store)[0]["number"], outcome, 2.0)


@pytest.mark.parametrize(
    ("outcome", "heading", "may_ask"),
    [
        pytest.param("failed: postsuper is away", "A message to you is being held back", True, id="failed"),
        pytest.param("it is not held any longer", "A message to you is being held back", True, id="not-found"),
        pytest.param(orders.RELEASED, "A message to you was let through", False, id="released"),
        pytest.param(orders.DELETED, "A message to you was refused", False, id="deleted"),
    ],
)
def test_what_became_of_held_mail(client: TestClient, desk: Desk, outcome: str, heading: str, may_ask: bool) -> None:
    """Whom it concerns reads that, and cannot ask for a release any longer; nobody else reads more than before."""
    outside = client.get("/e/HELDHELD?lang=en").text
    _end(desk, outcome)
    said = client.get(f"/e/HELDHELD?t={_token(desk, 'HELDHELD')}&lang=en").text
    assert (f"<h1>{heading}</h1>" in said, 'value="release"' in said) == (True, may_ask)
    assert ("ask for its release" in said) == may_ask
    assert _ask(client, desk, "HELDHELD", what="release") == (303 if may_ask else 400)
    assert client.get("/e/HELDHELD?lang=en").text == outside


def test_a_release_that_comes_too_late(client: TestClient, desk: Desk) -> None:
    """Whoever asked is not told that what was deleted meanwhile is on its way."""
    _ask(client, desk, "HELDHELD", what="release")
    _end(desk, orders.DELETED)
    assert _decide(client, desk) == 200
    with desk.store.read() as connection:
        last = connection.scalars(sa.select(outbox.c.content).order_by(outbox.c.seq)).all()[-1]
    text = email.message_from_bytes(last, policy=policy.default).get_body(("plain",)).get_content()  # type: ignore[attr-defined]
    assert ("was deleted before" in text, "is on its way" in text) == (True, False)


def test_who_asks_for_very_much(client: TestClient, desk: Desk) -> None:
    """He is told that he waits for many answers, not that it was asked."""
    for number in range(11):
        with desk.store.write() as connection:
            journal.write(connection, [_record(f"MANYMA{number:02}")])
    statuses = [_ask(client, desk, f"MANYMA{number:02}") for number in range(11)]
    assert statuses == [303] * 10 + [409]


def test_what_people_write_is_one_line_of_text(client: TestClient, desk: Desk) -> None:
    """Neither NUL, which PostgreSQL does not take, nor what turns a terminal or a line around."""
    _ask(client, desk, reason="a\x00\x1b[31m\u202eb\r\nBcc: c")
    assert requests.listed(desk.store, undecided=True)[0]["reason"] == "a\ufffd\ufffd[31m\ufffdb Bcc: c"
    _decide(client, desk, answer="no\x00\x07")
    assert requests.find(desk.store, 1)["answer"] == "no\ufffd\ufffd"  # type: ignore[index]


# -- staff ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "headers"),
    [
        pytest.param("203.0.113.5", STAFF, id="not-through-the-proxy"),
        pytest.param("10.0.0.1", {}, id="nobody"),
        pytest.param("10.0.0.1", {"X-Remote-User": "a.serik"}, id="not-staff"),
        pytest.param("10.0.0.1", {"X-Remote-User": "it.admin, a.serik"}, id="two-in-one"),
        pytest.param("unknown", STAFF, id="no-address"),
    ],
)
def test_the_staffs_page_is_for_staff(desk: Desk, held: Held, address: str, headers: dict[str, str]) -> None:
    """Whoever only says that he is one gets nothing."""
    assert _as(desk, held, address).get("/staff", headers=headers).status_code == 404


def test_staff_read_explanations_whole(desk: Desk, held: Held) -> None:
    """Of any decision, and without a form: they do not ask."""
    proxy = _as(desk, held, "10.0.0.1")
    said = proxy.get("/e/SENTSENT?lang=en", headers=STAFF).text
    assert ("Your message had 60 recipients." in said, "x@example.org" in said, "<form" in said) == (True, True, False)
    assert proxy.get("/e/ACCEPTED", headers=STAFF).status_code == 200
    assert proxy.get("/e/ZZZZZZZZ", headers=STAFF).status_code == 404


def test_staff_release_and_delete(desk: Desk, held: Held) -> None:
    """With a reason, and only from the page itself."""
    proxy = _as(desk, held, "10.0.0.1")
    page = proxy.get("/staff", headers=STAFF).text
    token = re.search(r'name="t" value="([\w.-]+)"', page)
    assert token is not None
    form = {"t": token[1], "action": "release", "why": "a journal"}
    for wrong in ({"t": ""}, {"action": "ALL"}):
        assert proxy.post("/staff/held/HELDHELD", data={**form, **wrong}, headers=STAFF).status_code == 404
    assert proxy.post("/staff/held/HELDHELD", data={**form, "why": ""}, headers=STAFF).status_code == 400
    assert proxy.post("/staff/held/OTHERONE", data=form, headers=STAFF).status_code == 404
    assert orders.waiting(desk.store) == []
    assert proxy.post("/staff/held/HELDHELD", data=form, headers=STAFF).status_code == 303
    assert [(one["action"], one["made_by"], one["why"]) for one in orders.waiting(desk.store)] == [
        ("release", "it.admin", "a journal")
    ]


def _order(proxy: TestClient, incident: str, **form: str) -> int:
    token = re.search(r'name="t" value="([\w.-]+)"', proxy.get("/staff", headers=STAFF).text)
    assert token is not None
    return proxy.post(f"/staff/held/{incident}", data={"t": token[1], **form}, headers=STAFF).status_code


MESSAGE = b"""\
From: =?utf-8?b?0pvQsNC30LDSmw==?= <noreply@egov.example>
To: a.serik@uni.example
Subject: <script>alert(1)</script>
X-Trace: one
Content-Type: multipart/mixed; boundary=x

--x
Content-Type: text/html

<p>Press <a href="https://evil.example/?x=<b>">here</a><img src="https://evil.example/pixel" alt="a picture"></p>
--x
Content-Type: application/pdf; name="<i>.pdf"
Content-Transfer-Encoding: base64

AAAA
--x--
"""


def _read(desk: Desk, outcome: str = orders.SHOWN, content: bytes | None = MESSAGE, at: float | None = None) -> None:
    """What the warden does."""
    for order in orders.waiting(desk.store):
        orders.done(desk.store, order["number"], outcome, at or clock.now(), content)


def test_staff_see_a_held_message(desk: Desk, held: Held) -> None:
    """What they ordered to see, escaped, with nothing that a browser would load, and a form to decide."""
    proxy = _as(desk, held, "10.0.0.1")
    assert "that you look at it is written down" in proxy.get("/staff/held/HELDHELD", headers=STAFF).text
    assert [_order(proxy, "HELDHELD", action="show") for _ in range(2)] == [303, 303]
    assert [(one["action"], one["made_by"], one["why"]) for one in orders.waiting(desk.store)] == [
        ("show", "it.admin", "")
    ]
    _read(desk)
    page = proxy.get("/staff/held/HELDHELD", headers=STAFF).text
    assert "<bdi>қазақ &lt;noreply@egov.example&gt;</bdi>" in page
    assert "<bdi>&lt;script&gt;alert(1)&lt;/script&gt;</bdi>" in page
    assert "Press here a picture" in page
    assert "<code>https://evil.example/?x=&lt;b&gt;</code>" in page
    assert '<bdi>&lt;i&gt;.pdf</bdi> <span class="soft">application/pdf, 3 Bytes</span>' in page
    assert not re.search(r"<script|<img|<i>|href=.?https?://|evil.example/pixel", page)
    assert ('value="release"' in page, page.count("X-Trace")) == (True, 1)


def test_a_page_waits_for_the_warden(desk: Desk, held: Held, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who presses the button sees the message, and need not look again."""
    monkeypatch.setattr("postclerk.web.staff._WAIT", 30.0)
    proxy = _as(desk, held, "10.0.0.1")
    _order(proxy, "HELDHELD", action="show")
    warden = threading.Timer(0.5, _read, [desk])
    warden.start()
    assert "Press here" in proxy.get("/staff/held/HELDHELD", headers=STAFF).text
    warden.join(20)


@pytest.mark.parametrize(
    ("read", "says"),
    [
        pytest.param({"outcome": "failed: there is no postcat here"}, "failed: there is no postcat here", id="failed"),
        pytest.param({"outcome": "it is not held any longer"}, "it is not held any longer", id="not-that-message"),
        pytest.param({"content": MESSAGE, "at": 1.0}, "kept for an hour, which has passed", id="an-hour-ago"),
        pytest.param(None, "has not been read yet", id="no-warden"),
    ],
)
def test_what_cannot_be_seen(
    desk: Desk, held: Held, read: dict[str, Any] | None, says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Plain words say why, and nothing of the message stands there."""
    monkeypatch.setattr("postclerk.web.staff._WAIT", 0.0)
    proxy = _as(desk, held, "10.0.0.1")
    _order(proxy, "HELDHELD", action="show")
    if read is not None:
        _read(desk, **{"content": None, **read})
    page = proxy.get("/staff/held/HELDHELD", headers=STAFF)
    assert (page.status_code, says in page.text, "evil.example" in page.text) == (200, True, False)


def test_nobody_sees_what_another_looked_at(desk: Desk, held: Held, client: TestClient) -> None:
    """Whoever looks is written down, so each looks himself; and only staff do."""
    with desk.store.write() as connection:
        orders.give(
            connection, orders.Order.SHOW, queue_id="4F1A2B3C4D", incident="HELDHELD", why="", by="x.other", at=1.0
        )
    _read(desk)
    proxy = _as(desk, held, "10.0.0.1")
    assert "Press here" not in proxy.get("/staff/held/HELDHELD", headers=STAFF).text
    nothing = client.get("/e/YYYYYYYY")
    for said in (client.get("/staff/held/HELDHELD"), proxy.get("/staff/held/HELDHELD")):
        assert (said.status_code, said.text) == (404, nothing.text)


def test_a_message_that_has_left(desk: Desk, held: Held) -> None:
    """It is said, whatever is to be done with it."""
    proxy = _as(desk, held, "10.0.0.1")
    said = proxy.get("/staff/held/GONEGONE", headers=STAFF)
    assert (said.status_code, "is not held any longer" in said.text) == (404, True)
    assert _order(proxy, "GONEGONE", action="show") == 404


def test_looking_ends_nothing(desk: Desk, held: Held) -> None:
    """A message that somebody looks at, or looked at, can still be released, and is held as before."""
    proxy = _as(desk, held, "10.0.0.1")
    _order(proxy, "HELDHELD", action="show")
    assert held.listed()[0]["order"] is None
    assert _order(proxy, "HELDHELD", action="release", why="a journal") == 303
    assert [one["action"] for one in orders.waiting(desk.store)] == ["show", "release"]
    _read(desk)
    assert (desk.fate("HELDHELD"), held.listed()[0]["order"]["action"]) == ("", "release")


@pytest.mark.parametrize(
    ("incident", "form", "told"),
    [
        pytest.param("HELDSENT", {}, ["a.serik@uni.example"], id="from-a-login"),
        pytest.param("HELDSENT", {"silently": "on"}, [], id="silently"),
        pytest.param("HELDHELD", {}, [], id="from-outside"),
    ],
)
def test_what_staff_delete(desk: Desk, held: Held, incident: str, form: dict[str, str], told: list[str]) -> None:
    """Whoever sent it by his login is told, with the reason; nobody outside is; who kept silent is written down."""
    proxy = _as(desk, held, "10.0.0.1")
    assert _order(proxy, incident, action="delete", why="a <b>phrase", **form) == 303
    assert _order(proxy, incident, action="delete", why="again", **form) == 303
    (order,) = orders.waiting(desk.store)
    with desk.store.read() as connection:
        mails = connection.execute(sa.select(outbox.c.recipient, outbox.c.content)).all()
    assert [mail.recipient for mail in mails] == told
    assert order["why"] == ("a <b>phrase (without telling its sender)" if form else "a <b>phrase")
    for mail in mails:
        parsed = email.message_from_bytes(mail.content, policy=policy.default)
        text = next(part for part in parsed.walk() if part.get_content_type() == "text/plain").get_content()  # type: ignore[attr-defined]
        assert "ИТ-отдел рассмотрел письмо и решил его не отправлять." in text
        assert "Причина: a <b>phrase" in text
        assert "Action: failed" in mail.content.decode()


# -- what surrounds the pages --------------------------------------------------------------


def test_what_is_written_is_escaped(client: TestClient, desk: Desk, held: Held) -> None:
    """Addresses, details and reasons are text, whatever they look like."""
    evil = '<script>alert(1)</script>"><img src=x>'
    finding = {**SENT, "code": "list-closed", "detail": {"list": evil}}
    with desk.store.write() as connection:
        journal.write(connection, [_record("EVILEVIL", envelope_from=evil, recipients=[evil], findings=[finding])])
    said = client.get(f"/e/EVILEVIL?t={_token(desk, 'EVILEVIL')}&lang=en").text
    assert ("&lt;script&gt;" in said, "<script" in said, "<img" in said) == (True, False, False)
    _ask(client, desk, "EVILEVIL", reason=evil)
    page = _as(desk, held, "10.0.0.1").get("/staff", headers=STAFF).text
    assert ("&lt;script&gt;" in page, "<script" in page) == (True, False)


def test_headers(client: TestClient) -> None:
    """No page may be framed, cached, or told to others by its address; nothing is loaded from elsewhere."""
    headers = client.get("/e/SENTSENT").headers
    assert (headers["cache-control"], headers["referrer-policy"], headers["x-frame-options"]) == (
        "no-store",
        "no-referrer",
        "DENY",
    )
    assert "default-src 'none'" in headers["content-security-policy"]
    assert "set-cookie" not in headers
    assert client.get("/style.css").headers["content-type"].startswith("text/css")


def test_a_reader_who_asks_too_much(desk: Desk, held: Held) -> None:
    """He waits; others do not, and an address that he makes up himself is not believed."""
    one, other = _as(desk, held, "203.0.113.5"), _as(desk, held, "203.0.113.6")
    pages = application(desk, held)
    one = TestClient(pages, client=("203.0.113.5", 1))
    other = TestClient(pages, client=("203.0.113.6", 1))
    statuses = {one.get("/e/ZZZZZZZZ", headers={"x-forwarded-for": f"192.0.2.{n}"}).status_code for n in range(40)}
    assert statuses == {404}
    limited = one.get("/e/SENTSENT")
    assert (limited.status_code, limited.headers["retry-after"]) == (429, "60")
    assert other.get("/e/SENTSENT").status_code == 200
    proxy = TestClient(pages, client=("10.0.0.1", 1))
    assert proxy.get("/e/SENTSENT", headers={"x-forwarded-for": "203.0.113.5"}).status_code == 429
    assert proxy.get("/e/SENTSENT", headers={"x-forwarded-for": "203.0.113.5, 203.0.113.7"}).status_code == 200


def test_a_store_that_is_away(client: TestClient, desk: Desk, tmp_path: Path) -> None:
    """A page says so, in the reader's language, and there is no traceback."""
    (tmp_path / "postclerk.db").unlink()
    (tmp_path / "postclerk.db").mkdir()
    desk.store.close()
    said = client.get("/e/SENTSENT", headers={"accept-language": "tr"})
    assert (said.status_code, "Bu sayfa şimdi gösterilemiyor." in said.text) == (503, True)


@pytest.mark.parametrize(
    "path",
    [
        "/e/%00%00%00%00%00%00%00%00",
        "/e/SENTSENT?t=%ff%fe",
        "/e/SENTSENT?lang=%00",
        "/e/r/99999999999999999999",
        "/e/r/" + "9" * 5000,
        "/staff/r/" + "9" * 5000,
        "/e/" + "A" * 5000,
        "/e/SENTSENT?t=" + "x" * 9000,
    ],
)
def test_odd_addresses(client: TestClient, path: str) -> None:
    """They are answered, and nothing fails."""
    assert client.get(path).status_code in (200, 404)
