"""The pages on which people say what became of a letter: who sees which, what a button does, what hostile mail gets."""

from __future__ import annotations

import html
import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from playwright.sync_api import Browser, Route
from starlette.testclient import TestClient

from postclerk import bootstrap, clock, config
from postclerk.adapters.book import StoreBook
from postclerk.adapters.links import Links
from postclerk.adapters.tables import duties, letters
from postclerk.core.facts import Headers
from postclerk.core.tracker import Duty, Letter, State
from postclerk.desk import Desk
from postclerk.held import Hold
from postclerk.languages import LANGUAGES
from postclerk.mail.post import post
from postclerk.web.app import application
from tests import browser as browsers
from tests.conftest import PEOPLE, SITE

PICTURES = Path(os.environ["PICTURES"]) if os.environ.get("PICTURES") else None
RECEIVED = 1_795_000_000.0
EVIL = '<script>alert(1)</script>"><img src=x> \u202etxt.exe'


def _put(desk: Desk, ident: str, title: str, *people: str, due: float = RECEIVED + 86400, author: str = "") -> None:
    """A letter that came and waits for these people."""
    header = {
        "From": author or f"A Guest <{ident}@example.org>",
        "To": ", ".join(f"{one}@uni.example" for one in people),
        "Subject": title,
        "Message-ID": f"<{ident}@example.org>",
    }
    there = post(
        Headers([(name, value.encode()) for name, value in header.items()]), key=ident, at=RECEIVED + len(ident)
    )
    owed = [Duty(one, f"{one}@uni.example", due) for one in people]
    with desk.store.write() as connection:
        book = StoreBook(connection, lambda _login, begin, end: end - begin)
        book.add(Letter(there, owed, State.WAITING, there.fingerprint), [])


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """A site with a letter to a.serik, one to b.head, and one to both; they have the numbers 1, 2, and 3 and 4."""
    (tmp_path / "people.yaml").write_text(PEOPLE)
    (tmp_path / "rules.yaml").write_text(f"{SITE}tracker: {{}}\nweb: {{per_minute: 1000}}\n")
    read = config.load(tmp_path / "rules.yaml")
    with bootstrap.desk(read, bootstrap.directories(read)) as made:
        _put(made, "a", "May I see the exam papers?", "a.serik")
        _put(made, "bb", "Your budget", "b.head")
        _put(made, "ccc", "The timetable", "a.serik", "b.head")
        yield made


@pytest.fixture
def client(desk: Desk) -> TestClient:
    """A reader."""
    return TestClient(application(desk, Hold(desk)), base_url="https://mail.uni.example", follow_redirects=False)


def _path(link: str, language: str = "en") -> str:
    return f"{link.removeprefix('https://mail.uni.example')}&lang={language}"


def _token(link: str) -> str:
    return link.partition("?t=")[2]


def _titles(text: str) -> list[str]:
    return [html.unescape(one) for one in re.findall(r"<h2[^>]*><bdi>(.*?)</bdi></h2>", text)]


def _states(desk: Desk) -> dict[str, tuple[str, str]]:
    """What became of each letter, and why, by its subject."""
    with desk.store.read() as connection:
        rows = connection.execute(sa.select(letters).order_by(letters.c.number)).mappings().all()
    return {row["post"]["title"]: (row["state"], row["why"]) for row in rows}


def _waits(desk: Desk) -> list[int]:
    with desk.store.read() as connection:
        return list(connection.scalars(sa.select(duties.c.number).where(duties.c.waits == 1).order_by(duties.c.number)))


# -- who sees what -------------------------------------------------------------------------


def test_everything_that_waits(client: TestClient, desk: Desk) -> None:
    """One's own letters, the oldest first, each with its own button; nobody else's."""
    said = client.get(_path(desk.links.waiting("a.serik")))
    assert (said.status_code, _titles(said.text)) == (200, ["May I see the exam papers?", "The timetable"])
    assert said.text.count("<form") == 2
    assert "A Guest &lt;a@example.org&gt;" in said.text
    assert "<dd>18 November 2026, 11:06</dd>" in said.text


def test_one_letter(client: TestClient, desk: Desk) -> None:
    """By a link of its own."""
    said = client.get(_path(desk.links.duty(1, "a.serik")))
    assert (said.status_code, _titles(said.text)) == (200, ["May I see the exam papers?"])


@pytest.mark.parametrize(
    ("due", "late"), [pytest.param(RECEIVED, True, id="overdue"), pytest.param(4e9, False, id="in-good-time")]
)
def test_what_is_overdue_says_so(client: TestClient, desk: Desk, due: float, late: bool) -> None:
    """In a word, not by colour alone."""
    _put(desk, "late", "When?", "registry", due=due)
    said = client.get(_path(desk.links.waiting("registry"))).text
    assert (">overdue<" in said) == late


def test_very_many(client: TestClient, desk: Desk) -> None:
    """The oldest hundred are shown, and that there are more is said."""
    for number in range(101):
        _put(desk, f"n{number}", f"Question {number}", "registry")
    said = client.get(_path(desk.links.waiting("registry"))).text
    assert (said.count("<form"), "Only the 100 oldest are shown here." in said) == (100, True)


def test_nothing_waits(client: TestClient, desk: Desk) -> None:
    """It is said, and there is nothing to press."""
    said = client.get(_path(desk.links.waiting("registry"))).text
    assert ("Nothing is waiting for your answer." in said, "<form" in said) == (True, False)


# -- buttons -------------------------------------------------------------------------------


def test_opening_a_page_changes_nothing(client: TestClient, desk: Desk) -> None:
    """Mail scanners open every link, also with what a form would send."""
    before = _states(desk)
    for link in (desk.links.waiting("a.serik"), desk.links.duty(1, "a.serik")):
        for path in (_path(link), f"{_path(link)}&what=unneeded&letter=1", f"{_path(link)}&what=telephone"):
            assert client.get(path).status_code == 200
            assert client.head(path).status_code == 200
    assert _states(desk) == before


@pytest.mark.parametrize(
    ("what", "told", "became"),
    [
        pytest.param("unneeded", "This letter needs no answer", ("no-answer-needed", "the reader said so"), id="none"),
        pytest.param("telephone", "counts as answered", ("answered", "answered by telephone"), id="by-phone"),
    ],
)
def test_a_button_of_one_letter(client: TestClient, desk: Desk, what: str, told: str, became: tuple[str, str]) -> None:
    """Ends what waits, of this letter alone; the page then says so, whatever is pressed again."""
    link = desk.links.duty(1, "a.serik")
    said = client.post("/e/w/1", data={"t": _token(link), "lang": "en", "what": what})
    assert (said.status_code, told in said.text, "<form" in said.text) == (200, True, False)
    assert _states(desk)["May I see the exam papers?"] == became
    assert _waits(desk) == [2, 3, 4]
    for other in ("unneeded", "telephone"):
        again = client.post("/e/w/1", data={"t": _token(link), "lang": "en", "what": other})
        assert (again.status_code, told in again.text) == (200, True)
    assert told in client.get(_path(link)).text
    assert _states(desk)["May I see the exam papers?"] == became


def test_by_phone_was_answered_then(client: TestClient, desk: Desk) -> None:
    """It is kept who says so, and when."""
    before = clock.now()
    client.post("/e/w/1", data={"t": _token(desk.links.duty(1, "a.serik")), "what": "telephone"})
    with desk.store.read() as connection:
        row = connection.execute(sa.select(letters).where(letters.c.number == 1)).mappings().one()
    assert row["answered_login"] == "a.serik"
    assert before <= row["answered_at"] <= clock.now()


def test_a_button_among_all(client: TestClient, desk: Desk) -> None:
    """Leads back to what is left; what waits for several waits for none of them then."""
    link = desk.links.waiting("a.serik")
    said = client.post("/e/w", data={"t": _token(link), "lang": "en", "letter": "3", "what": "unneeded"})
    assert (said.status_code, said.headers["location"]) == (303, f"/e/w?t={_token(link)}&lang=en")
    assert _titles(client.get(said.headers["location"]).text) == ["May I see the exam papers?"]
    assert _waits(desk) == [1, 2]


@pytest.mark.parametrize(
    "form",
    [
        pytest.param({"letter": "2"}, id="another-persons"),
        pytest.param({"letter": "4"}, id="another-persons-share"),
        pytest.param({"letter": "999"}, id="no-such-letter"),
        pytest.param({"letter": "9" * 18}, id="a-large-number"),
        pytest.param({"letter": "9" * 4000}, id="a-number-without-end"),
        pytest.param({"letter": "-1"}, id="a-negative-number"),
        pytest.param({"letter": "\u0661"}, id="another-scripts-digit"),
        pytest.param({"letter": "1", "what": "delete"}, id="no-such-button"),
        pytest.param({"letter": "1", "what": ""}, id="no-button"),
        pytest.param({}, id="no-letter"),
    ],
)
def test_a_form_that_is_none_of_ours(client: TestClient, desk: Desk, form: dict[str, str]) -> None:
    """Nothing changes, and nothing fails."""
    before = _states(desk)
    data = {"t": _token(desk.links.waiting("a.serik")), "what": "unneeded", **form}
    assert client.post("/e/w", data=data).status_code in (303, 404)
    assert (_states(desk), _waits(desk)) == (before, [1, 2, 3, 4])


# -- links ---------------------------------------------------------------------------------


def _foreign(desk: Desk, kind: str) -> str:
    links = desk.links
    return {
        "none": "",
        "forged": links.token("waiting", ["a.serik"])[:-1] + "!",
        "of-another-key": Links("another key of many characters".ljust(64), "", 1e9).token("waiting", ["a.serik"]),
        "another-page": links.token("explanation", ["SENTSENT", "a.serik"]),
        "a-superiors": links.token("decision", [1, "a.serik"]),
        "to-leave-off": links.token("off", ["a.serik", "personal"]),
        "no-list": links.token("waiting", []),
        "very-long": "x" * 9000,
    }[kind]


KINDS = ("none", "forged", "of-another-key", "another-page", "a-superiors", "to-leave-off", "no-list", "very-long")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("path", ["/e/w", "/e/w/1"])
def test_a_link_that_is_not_ours(client: TestClient, desk: Desk, path: str, kind: str) -> None:
    """Shows what a page that is not there shows, and its form changes nothing."""
    token = _foreign(desk, kind)
    nothing = client.get("/e/YYYYYYYY?lang=en").text
    said = client.get(path, params={"lang": "en", "t": token})
    assert (said.status_code, re.sub(r"&amp;t=[^\"]*", "", said.text)) == (404, nothing)
    assert client.post(path, data={"t": token, "letter": "1", "what": "unneeded"}).status_code == 404
    assert _waits(desk) == [1, 2, 3, 4]


@pytest.mark.parametrize(
    ("path", "of"),
    [
        pytest.param("/e/w/2", (1, "a.serik"), id="another-number"),
        pytest.param("/e/w/2", (2, "a.serik"), id="another-persons-letter"),
        pytest.param("/e/w/999", (999, "a.serik"), id="no-such-letter"),
        pytest.param(f"/e/w/{2**70}", (2**70, "a.serik"), id="a-number-without-end"),
    ],
)
def test_a_link_of_another_letter(client: TestClient, desk: Desk, path: str, of: tuple[int, str]) -> None:
    """Opens nothing, and decides nothing."""
    token = _token(desk.links.duty(*of))
    assert client.get(path, params={"t": token}).status_code == 404
    assert client.post(path, data={"t": token, "what": "unneeded"}).status_code == 404
    assert _waits(desk) == [1, 2, 3, 4]


def test_a_link_of_all_opens_no_single_page(client: TestClient, desk: Desk) -> None:
    """And the other way round: each link is for its page."""
    assert client.get("/e/w/1", params={"t": _token(desk.links.waiting("a.serik"))}).status_code == 404
    assert client.get("/e/w", params={"t": _token(desk.links.duty(1, "a.serik"))}).status_code == 404


def test_a_link_ends(client: TestClient, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """After the time that rules.yaml gives it; a mail found years later tells nothing."""
    links = (desk.links.waiting("a.serik"), desk.links.duty(1, "a.serik"))
    lasts = desk.settings.web.links_last
    for later, status in ((lasts - 60, 200), (lasts + 60, 404)):
        then = int(clock.now() + later)
        monkeypatch.setattr("itsdangerous.TimestampSigner.get_timestamp", lambda _self, then=then: then)
        assert [client.get(_path(link)).status_code for link in links] == [status, status]
    assert client.post("/e/w/1", data={"t": _token(links[1]), "what": "unneeded"}).status_code == 404


# -- what is shown -------------------------------------------------------------------------


def test_hostile_letters(client: TestClient, desk: Desk) -> None:
    """Subjects and names are text, whatever they look like, and turn no other text around."""
    _put(desk, "evil", EVIL, "registry", author=f'"{EVIL[:25]}" <x@example.org>')
    _put(desk, "none", "", "registry")
    said = client.get(_path(desk.links.waiting("registry"))).text
    assert (said.count("&lt;script&gt;"), "<script" in said, "<img" in said) == (2, False, False)
    assert "\u202e" not in said
    assert sorted(_titles(said))[0] == "(no subject)"


@pytest.mark.parametrize("code", LANGUAGES)
def test_in_each_language(client: TestClient, desk: Desk, code: str) -> None:
    """With a switch to the others that keeps the link; nothing is left in English; no scripts."""
    link = desk.links.waiting("a.serik")
    said = client.get(_path(link, code)).text
    assert f'<html lang="{code}">' in said
    assert all(f"?lang={other}&amp;t={_token(link)}" in said for other in LANGUAGES if other != code)
    assert ("Waiting for your answer" in said) == (code == "en")
    assert ("No answer needed" in said) == (code == "en")
    assert "<script" not in said
    assert "onclick" not in said


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One for all tests of this file."""
    with browsers.chromium() as running:
        yield running


@pytest.mark.parametrize("code", LANGUAGES)
def test_in_a_browser(client: TestClient, desk: Desk, browser: Browser, code: str) -> None:
    """On a telephone and a large screen, light and dark, nothing keeps anybody out; a button does what it says."""
    _put(desk, "long", f"{'Қазақстан' * 30} {EVIL}", "a.serik", author="x" * 60 + "@" + "long-name." * 15 + "example")
    _put(desk, "soon", "A question for next year", "a.serik", due=4e9)

    def answer(route: Route) -> None:
        asked = route.request
        path = asked.url.removeprefix("https://mail.uni.example")
        kinds = {name: value for name, value in asked.headers.items() if name in ("content-type", "accept-language")}
        said = client.request(asked.method, path, content=asked.post_data_buffer, headers=kinds, follow_redirects=True)
        route.fulfill(status=said.status_code, headers=dict(said.headers), body=said.content)

    for name, link in (("all", desk.links.waiting("a.serik")), ("one", desk.links.duty(1, "a.serik"))):
        for width, scheme in [(width, scheme) for width in browsers.WIDTHS for scheme in browsers.SCHEMES]:
            with browsers.page(browser, width=width, scheme=scheme, language=code) as page:
                page.route("**/*", answer)
                page.goto(link)
                assert browsers.barriers(page) == []
                assert not browsers.is_too_wide(page)
                browsers.keep(page, PICTURES, f"letters-{name}-{code}-{width}-{scheme}")
    with browsers.page(browser, language=code) as page:
        page.route("**/*", answer)
        page.goto(desk.links.waiting("a.serik"))
        before = page.locator("form").count()
        page.locator("button[value=unneeded]").first.click()
        page.wait_for_load_state()
        assert page.locator("form").count() == before - 1
        page.goto(desk.links.duty(1, "a.serik"))
        assert browsers.barriers(page) == []
        assert page.locator("form").count() == 0
