"""The digest: whole mails, what hostile letters can do to it, and what readers see of it in a browser.

`./dev test tests/mails/test_digest.py --rewrite-golden` writes the golden files anew; look at what changed then.
PICTURES=FOLDER keeps what the readers see.
"""

from __future__ import annotations

import dataclasses
import datetime
import email
import email.policy
import os
import re
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from postclerk.core.digest import AbsentPerson, PersonalDigest, UnitDigest, WaitingLetter, Week
from postclerk.languages import LANGUAGES, Language
from postclerk.mails.digest import as_page, personal, unit
from postclerk.mails.message import Sender
from tests import browser as browsers
from tests.digests import ALMATY, AT, LETTERS, NAMED, PERSONAL, SENDER, UNIT, part, pictures
from tests.mailprograms import unsupported

GOLDEN = Path(__file__).parent / "golden"
PICTURES = Path(os.environ["PICTURES"]) if "PICTURES" in os.environ else None
EMPTY = dataclasses.replace(PERSONAL, letters=(), more=0, numbers=Week(0, 0, 0, 0, None))


def _read(mail: EmailMessage) -> EmailMessage:
    """The mail as its reader's program gets it."""
    content = mail.as_bytes(policy=email.policy.SMTP)
    assert b"\n" not in content.replace(b"\r\n", b"")
    assert max(map(len, content.split(b"\r\n"))) <= 998
    assert len(content) <= 100_000
    return email.message_from_bytes(content, policy=email.policy.default)  # type: ignore[return-value]


def _personal(digest: PersonalDigest = PERSONAL, code: str = "en", **values: Any) -> EmailMessage:
    changed = dataclasses.replace(digest, **values)
    return _read(personal(changed, SENDER, "a.serik@uni.example", Language(code), at=AT))


def _unit(digest: UnitDigest = UNIT, code: str = "en", **values: Any) -> EmailMessage:
    changed = dataclasses.replace(digest, **values)
    return _read(unit(changed, SENDER, "b.head@uni.example", Language(code), at=AT))


def _letter(**values: Any) -> WaitingLetter:
    return dataclasses.replace(LETTERS[0], **values)


MAILS: dict[str, Callable[[str], EmailMessage]] = {
    "personal": lambda code: _personal(code=code),
    "unit": lambda code: _unit(code=code),
    "unit-named": lambda code: _unit(NAMED, code=code),
    "personal-empty": lambda code: _personal(EMPTY, code=code),
}


# -- Whole mails -------------------------------------------------------------------------------------------------------


def _outline(mail: EmailMessage) -> str:
    """The header and the parts, but for what differs each time or between makers of PNG."""
    lines = [f"{name}: {value}" for name, value in mail.items() if name != "Content-Type"]
    for one in mail.walk():
        depth = "" if one is mail else "  " if one in list(mail.iter_parts()) else "    "
        lines.append(f"{depth}{one.get_content_type()}; {one.get_content_disposition() or 'shown'}")
    return re.sub(r"(Message-ID: <)[^@]+", r"\1fixed", "\n".join(lines)) + "\n"


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize("kind", ["personal", "unit"])
def test_whole_mails(kind: str, code: str, request: pytest.FixtureRequest) -> None:
    """Header, text and page, in every language."""
    mail = MAILS[kind](code)
    html = part(mail, "html")
    for number, cid in enumerate(pictures(mail), 1):
        assert html.count(f'"cid:{cid}"') == 1
        html = html.replace(cid, f"picture{number}@{cid.partition('@')[2]}")
    written = {"txt": f"{_outline(mail)}\n{part(mail, 'plain')}", "html": html}
    for suffix, said in written.items():
        path = GOLDEN / f"digest-{kind}-{code}.{suffix}"
        if request.config.getoption("--rewrite-golden"):
            path.parent.mkdir(exist_ok=True)
            path.write_text(said, encoding="utf-8")
        assert said == path.read_text(encoding="utf-8")


def test_its_header() -> None:
    """It is automatic, and no answer to anything (RFC 3834); its pictures belong to its page (RFC 2387)."""
    mail = _personal()
    assert (mail["Auto-Submitted"], mail["X-Auto-Response-Suppress"], mail["In-Reply-To"]) == (
        "auto-generated",
        "All",
        None,
    )
    assert (mail["Content-Language"], mail["Date"]) == ("en", "Mon, 30 Nov 2026 08:30:00 +0500")
    _text, related = mail.iter_parts()
    assert (mail.get_content_type(), related.get_content_type(), related.get_param("type")) == (
        "multipart/alternative",
        "multipart/related",
        "text/html",
    )


def test_read_before_it_is_sent() -> None:
    """Whoever made it gets from the mail what its reader does."""
    made = personal(PERSONAL, SENDER, "a.serik@uni.example", Language("kk"), at=AT)
    read = _personal(code="kk")
    assert [part(made, kind) for kind in ("plain", "html")] == [part(read, kind) for kind in ("plain", "html")]
    assert pictures(made) == pictures(read)


@pytest.mark.parametrize(
    ("link", "one_click", "header", "post"),
    [
        pytest.param("https://x.example/l?t=1", True, "<https://x.example/l?t=1>", True, id="one-click"),
        pytest.param("https://x.example/l?t=1", False, "<https://x.example/l?t=1>", False, id="a-page-alone"),
        pytest.param("http://x.example/l", True, "<http://x.example/l>", False, id="not-https"),
        pytest.param("", True, None, False, id="may-not-be-left-off"),
        pytest.param('https://x.example/>,<"é\n', False, "<https://x.example/%3E,%3C%22%C3%A9%0A>", False, id="odd"),
        pytest.param("javascript:alert(1)", False, None, False, id="no-link"),
    ],
)
def test_leaving(link: str, one_click: bool, header: str | None, post: bool) -> None:
    """By RFC 2369, and by RFC 8058 where a POST works; the mail has the same link for people."""
    mail = _personal(unsubscribe=link, one_click=one_click)
    assert mail["List-Unsubscribe"] == header
    assert mail["List-Unsubscribe-Post"] == ("List-Unsubscribe=One-Click" if post else None)
    assert ("No longer get this mail" in part(mail, "html")) == (header is not None)
    assert ("No longer get this mail" in part(mail, "plain")) == (header is not None)


# -- What it says ------------------------------------------------------------------------------------------------------


def test_nothing_waits() -> None:
    """Then it says so, in a friendly way, and shows nothing that is not there."""
    mail = _personal(EMPTY)
    text = part(mail, "plain")
    assert mail["Subject"] == "Nothing is waiting for your answer · 23–29 Nov 2026"
    assert "Every letter has its answer." in text
    assert "Waiting for you" not in text
    assert "Time to answer" not in text
    assert pictures(mail) == {}


def test_the_first_week() -> None:
    """Where there is no week before, the median stands alone; where nothing was answered, the weeks before stay."""
    first = _personal(numbers=Week(3, 2, 0, 1, datetime.timedelta(hours=2)))
    assert "Time to answer (median): 2 hrs (last week)" in part(first, "plain")
    assert len(pictures(first)) == 1
    none = _personal(numbers=Week(3, 0, 0, 3, None, (datetime.timedelta(hours=2),)))
    assert "Median time to answer last week: no answers." in part(none, "plain")
    assert "last week: no answers" in part(none, "html")
    assert len(pictures(none)) == 2


@pytest.mark.parametrize(
    ("given", "more", "shown_letters", "said"),
    [
        pytest.param(500, 0, 25, "and 475 more", id="500"),
        pytest.param(25, 0, 25, "", id="just-so-many"),
        pytest.param(26, 1, 25, "and 2 more", id="both"),
        pytest.param(3, 1500, 3, "and 1,500 more", id="counted"),
    ],
)
def test_the_oldest_and_how_many_more(given: int, more: int, shown_letters: int, said: str) -> None:
    """25 letters at most, those that come first; all are counted in the heading."""
    letters = tuple(_letter(subject=f"Letter {number}!") for number in range(given))
    mail = _personal(letters=letters, more=more)
    html = part(mail, "html")
    assert re.findall(r"Letter (\d+)!", html) == [str(number) for number in range(shown_letters)]
    assert re.findall(r"and [\d,]+ more", html) == ([said] if said else [])
    assert mail["Subject"].startswith(f"{given + more:,} letters are waiting")


def test_long_links_leave_room_for_fewer_letters() -> None:
    """The mail keeps its size, and counts those that it does not show."""
    long = "https://x.example/?t=" + "x" * 560
    mail = _personal(letters=(_letter(unneeded=long, by_phone=long, webmail=long),) * 25)
    count = part(mail, "html").count("<h3")
    assert 10 < count < 25
    assert f"and {25 - count} more" in part(mail, "html")


def test_a_unit_without_its_letters() -> None:
    """Of a letter its superior reads whose it is, since when and how long over, whatever else is known."""
    secret = _letter(author="Author-X", subject="Subject-X", mailbox="box@uni.example", person="C. Burst")
    for said in (part(_unit(letters=(secret,)), kind) for kind in ("plain", "html")):
        assert not re.search(r"Author-X|Subject-X|box@uni|c0ffee|webmail|e/w/", said)
        assert "C. Burst" in said
        assert "waiting\u00a0since\u00a020\u00a0November,\u00a009:40" in said
        assert "94 hours over" in said


def test_a_unit_with_its_letters() -> None:
    """Where a setting allows it, he reads them."""
    text = part(_unit(NAMED), "plain")
    assert "Revised manuscript 118: your report" in text
    assert "for C. Burst" in text


def test_who_is_away() -> None:
    """Until when, with no end, silent; many are counted."""
    away = (
        AbsentPerson("A", datetime.date(2027, 1, 11)),
        AbsentPerson("B", None),
        AbsentPerson("C", None, silent_days=1),
        AbsentPerson("", None, silent_days=5),
    )
    text = part(_unit(absent=away), "plain")
    assert re.findall(r"^\* (\w*–?): (\D.*)$", text, re.MULTILINE) == [
        ("A", "away until 11 January 2027"),
        ("B", "away, no end is named"),
        ("C", "silent for 1 working day, with no automatic reply"),
        ("–", "silent for 5 working days, with no automatic reply"),
    ]
    assert "* and 1,975 more" in part(_unit(absent=away * 500), "plain")


@pytest.mark.parametrize(
    ("over", "said"),
    [
        pytest.param(datetime.timedelta(hours=-3), "answer by 21\u00a0November,\u00a009:40", id="not-due"),
        pytest.param(datetime.timedelta(), "answer by 21\u00a0November,\u00a009:40", id="due-now"),
        pytest.param(datetime.timedelta(seconds=20), "1 minute over", id="seconds"),
        pytest.param(datetime.timedelta(minutes=61), "1 hour 1 minute over", id="an-hour"),
        pytest.param(datetime.timedelta(hours=10, minutes=59), "10 hours over", id="hours"),
        pytest.param(datetime.timedelta(days=400), "9,600 hours over", id="for-a-year"),
    ],
)
def test_how_long_over(over: datetime.timedelta, said: str) -> None:
    """In hours of working time; minutes count below ten hours."""
    assert said in part(_personal(letters=(_letter(over=over),)), "plain")


def test_the_readers_clock() -> None:
    """Times are those of the reader's place, with their year where it is another."""
    received = datetime.datetime(2025, 12, 31, 23, 30, tzinfo=datetime.UTC)
    assert "1\u00a0January,\u00a004:30" in part(_personal(letters=(_letter(received=received),)), "plain")
    received = datetime.datetime(2025, 12, 31, 12, 30, tzinfo=ALMATY)
    assert "31\u00a0December\u00a02025,\u00a012:30" in part(_personal(letters=(_letter(received=received),)), "plain")


# -- Hostile letters ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("subject", "said"),
    [
        pytest.param("<script>alert(1)</script>", "<script>alert(1)</script>", id="html"),
        pytest.param("{{ page }} {% for %} <!--% for %-->", "{{ page }} {% for %} <!--% for %-->", id="template"),
        pytest.param("\u202egpj.exe", "\ufffdgpj.exe", id="override"),
        pytest.param("\u2067שלום\u2069 \u200fx", "\ufffdשלום\ufffd \u200fx", id="right-to-left"),
        pytest.param("x" * 10_000, "x" * 159 + "…", id="long"),
        pytest.param("a\u0301\u0301" * 5_000, ("a\u0301\u0301" * 53) + "…", id="accents"),
        pytest.param("\udcff\udc80 a", "\ufffd\ufffd a", id="surrogates"),
        pytest.param("a\r\nBcc: x@example.org\x00\x1b[2J", "a Bcc: x@example.org\ufffd\ufffd[2J", id="controls"),
        pytest.param("", "(no subject)", id="none"),
        pytest.param(" \t\u00a0 ", "(no subject)", id="blank"),
        pytest.param("\u200b\u200d\u2060\ufeff", "(no subject)", id="invisible"),
        pytest.param("\u3164\u2800", "(no subject)", id="printed-as-nothing"),
    ],
)
def test_hostile_subjects(subject: str, said: str) -> None:
    """They are told as far as they can be, on one line, and change nothing around them."""
    mail = _personal(letters=(_letter(subject=subject, author=subject),))
    text = part(mail, "plain")
    assert f"\n1. {said}\n" in text
    assert mail["Bcc"] is None
    html = part(mail, "html")
    assert unsupported(html) == []
    assert re.search("[\u202a-\u202e\u2066-\u2069\ud800-\udfff]", html + text) is None
    assert html.count("<h3") == html.count("</h3>") == 1


def test_hostile_names() -> None:
    """Of people, units and sites."""
    name = '<b onclick="x">"O\'Neil" & Co</b>\r\nBcc: x@example.org\u202e'
    sender = Sender("postmaster@uni.example", name, "mx.uni.example")
    letters = (_letter(author=name, person=name, mailbox=name),)
    away = (AbsentPerson(name, None),)
    digest = dataclasses.replace(NAMED, name=name, unit=name, letters=letters, absent=away)
    mail = _read(unit(digest, sender, "b.head@uni.example", Language("en"), at=AT))
    assert (mail["Bcc"], mail["From"].addresses[0].addr_spec) == (None, "postmaster@uni.example")
    html = part(mail, "html")
    assert unsupported(html) == []
    assert "&lt;b onclick=&#34;x&#34;&gt;" in html


@pytest.mark.parametrize(
    ("link", "href"),
    [
        pytest.param('https://x.example/"onclick="x', "https://x.example/%22onclick=%22x", id="quotes"),
        pytest.param("https://x.example/'<b>", "https://x.example/&#39;%3Cb%3E", id="markup"),
        pytest.param("https://x.example/a b\r\nc", "https://x.example/a%20b%0D%0Ac", id="blanks"),
        pytest.param("https://x.example/қ\udcff", "https://x.example/%D2%9B?", id="not-ascii"),
        pytest.param("javascript:alert(1)", None, id="javascript"),
        pytest.param("data:text/html,x", None, id="data"),
        pytest.param("//x.example/", None, id="no-scheme"),
        pytest.param("https:///x", None, id="no-host"),
        pytest.param("https://x.example/" + "x" * 5_000, None, id="long"),
        pytest.param("https://x.example/" + "қ" * 300, None, id="long-as-octets"),
    ],
)
def test_hostile_links(link: str, href: str | None) -> None:
    """A link is one to a page, whole, or there is none."""
    html = part(_personal(letters=(_letter(unneeded=link, by_phone="", webmail="", message_id=""),)), "html")
    leave, *_ = re.findall(r'<a class="leave soft" href="([^"]*)"', html)
    found = [one for one in re.findall(r'href="([^"]*)"', html) if one != leave]
    assert found == ([href] if href else [])


@pytest.mark.parametrize(
    ("message_id", "href"),
    [
        pytest.param("<a.b@x.example>", "mid:a.b@x.example", id="usual"),
        pytest.param("a/b%c?d@x.example", "mid:a%2Fb%25c%3Fd@x.example", id="reserved"),
        pytest.param('<"a"@[192.0.2.1]>', "mid:%22a%22@%5B192.0.2.1%5D", id="quoted"),
        pytest.param("<a b@x>", None, id="blank"),
        pytest.param("<nothing>", None, id="no-at"),
        pytest.param("<a@b>\r\nBcc: <c@d>", None, id="two-lines"),
        pytest.param("<" + "a" * 5_000 + "@x>", None, id="long"),
    ],
)
def test_the_link_to_the_message(message_id: str, href: str | None) -> None:
    """By its Message-ID (RFC 2392): it is the subject's link, and stands beside it where there is a webmail."""
    html = part(_personal(letters=(_letter(message_id=message_id, webmail=""),)), "html")
    assert re.findall(r'<a class="subject" href="([^"]*)"', html) == ([href] if href else [])
    html = part(_personal(letters=(_letter(message_id=message_id),)), "html")
    assert re.findall(r'<a class="subject" href="(https:[^&]*)', html) == ["https://webmail.uni.example/?_task=mail"]
    assert re.findall(r'href="(mid:[^"]*)">Open in mail program', re.sub(' style="[^"]*"', "", html)) == (
        [href] if href else []
    )


@pytest.mark.parametrize(
    "numbers",
    [
        pytest.param(Week(0, 0, 0, 0, None, (None,) * 8), id="nothing"),
        pytest.param(Week(0, 0, 0, 0, None, (datetime.timedelta(1),)), id="long-ago"),
        pytest.param(Week(10**9, 10**9, 0, 10**9, datetime.timedelta(days=3650)), id="much"),
        pytest.param(Week(-1, -1, -1, -1, -datetime.timedelta(1), (datetime.timedelta(0),)), id="below-nothing"),
        pytest.param(Week(1, 1, 0, 0, datetime.timedelta(0), (datetime.timedelta(1),) * 500), id="for-ten-years"),
    ],
)
def test_odd_numbers(numbers: Week) -> None:
    """No number breaks the mail."""
    for code in LANGUAGES:
        mail = _personal(code=code, numbers=numbers)
        html = part(mail, "html")
        assert unsupported(html) == []
        assert re.findall(r'"cid:([^"]+)"', html) == list(pictures(mail))


# -- What readers see --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", MAILS)
@pytest.mark.parametrize("code", LANGUAGES)
def test_mail_programs_take_it(kind: str, code: str) -> None:
    """Outlook, Gmail and Roundcube support all that the page is made of."""
    assert unsupported(part(MAILS[kind](code), "html")) == []


def test_what_they_would_not_take_is_found() -> None:
    """The tables are no rubber stamp."""
    page = (
        '<body><main><p style="position:absolute;padding:1px;margin:-1px" onclick="x">a</p></main>'
        "<style>p { color: red }</style></body>"
    )
    assert unsupported(page) == [
        "<main>",
        "<p> position: absolute",
        "<p> padding: 1px",
        "<p> margin: -1px",
        "<p onclick>",
        "the sheet 'p { color: red }'",
    ]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium."""
    with browsers.chromium() as running:
        yield running


@pytest.mark.parametrize("kind", MAILS)
@pytest.mark.parametrize("code", LANGUAGES)
def test_in_a_browser(browser: Browser, kind: str, code: str) -> None:
    """On a phone and a desk, by day and by night: nobody scrolls sideways, nothing keeps anybody out, and the pictures
    are there with words for them."""
    html = as_page(MAILS[kind](code))
    each = kind in ("personal", "unit")
    for width in browsers.WIDTHS:
        for scheme in browsers.SCHEMES if each else browsers.SCHEMES[browsers.WIDTHS.index(width) :][:1]:
            with browsers.page(browser, width=width, scheme=scheme, language=code) as page:
                page.set_content(html)
                assert not browsers.is_too_wide(page)
                assert browsers.barriers(page) == []
                images = page.locator("img")
                for number in range(images.count()):
                    image = images.nth(number)
                    assert image.evaluate("one => one.naturalWidth") == 608
                    assert re.search(r"\d|–", image.get_attribute("alt") or "")
                browsers.keep(page, PICTURES, f"digest-{kind}-{code}-{width}-{scheme}")


def test_a_hostile_letter_in_a_browser(browser: Browser) -> None:
    """Words without an end make no page wider, and markup stays text."""
    word = "W" * 5_000
    hostile = _letter(subject=word, author=word, mailbox=word, webmail="")
    markup = _letter(subject="<img src=x onerror=document.title='x'><h3>", author="</p></td></table>")
    mail = _personal(letters=(hostile, markup), name=word)
    with browsers.page(browser, width=360) as page:
        page.set_content(as_page(mail))
        assert not browsers.is_too_wide(page)
        assert page.locator("h3").count() == 2
        assert page.locator("h3").nth(1).inner_text() == "<img src=x onerror=document.title='x'><h3>"
        assert page.title() != "x"
