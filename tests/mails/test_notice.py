"""The notice: what its reader and his programs find in it."""

from __future__ import annotations

import datetime
import email
import email.policy
from email.message import EmailMessage
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from postclerk.explained import Role
from postclerk.languages import LANGUAGES, Languages
from postclerk.mails.message import Sender
from postclerk.mails.notice import Told, notice

SENDER = Sender("postmaster@uni.example", 'Example "University"', "mx.uni.example")
AT = datetime.datetime(2026, 11, 24, 9, 0, tzinfo=ZoneInfo("Asia/Almaty"))
FINDING = {
    "rule": "recipients",
    "clause": "1.3.2-a",
    "code": "too-many-recipients",
    "action": "reject",
    "monitor": False,
}
ENTRY: dict[str, Any] = {
    "id": "7KQ2M4XD",
    "time": 1_795_000_000.0,
    "login": "a.serik",
    "action": "reject",
    "envelope_from": "a.serik@uni.example",
    "recipients": [f"guest{number}@example.org" for number in range(51)],
    "findings": [{**FINDING, "detail": {"count": 51, "limit": 50}}],
}
HEADER = "From: A. Serik <a.serik@uni.example>\nSubject: =?utf-8?b?0pvQsNC30LDSmw==?=\nMessage-ID: <x@uni.example>"


def _written(role: Role = Role.SENDER, *, first: str = "en", **values: Any) -> bytes:
    usual = {
        "entry": ENTRY,
        "role": role,
        "times": 1,
        "header": HEADER,
        "may_ask": True,
        "page": "https://x.example/e/1?t=2",
    }
    languages = Languages(LANGUAGES).first(first)
    content = notice(
        Told(**{**usual, **values}), SENDER, "a.serik@uni.example", languages, at=AT, helpdesk="help@uni.example"
    )  # fmt: skip
    assert b"\n" not in content.replace(b"\r\n", b"")
    assert max(map(len, content.split(b"\r\n"))) <= 998
    return content


def _notice(role: Role = Role.SENDER, **values: Any) -> EmailMessage:
    return email.message_from_bytes(_written(role, **values), policy=email.policy.default)  # type: ignore[return-value]


def _text(mail: EmailMessage) -> str:
    return next(part for part in mail.walk() if part.get_content_type() == "text/plain").get_content()  # type: ignore[no-any-return]


def test_its_header() -> None:
    """It is automatic, answers the message that it is about, and is from nobody a program would answer."""
    mail = _notice()
    assert (mail["From"], mail["To"]) == ("Example University <postmaster@uni.example>", "a.serik@uni.example")
    assert mail["Subject"] == "Your message was not sent: қазақ"
    assert (mail["Auto-Submitted"], mail["In-Reply-To"], mail["References"]) == (
        "auto-replied",
        "<x@uni.example>",
        "<x@uni.example>",
    )
    assert (mail["X-Auto-Response-Suppress"], mail["Date"]) == ("All", "Tue, 24 Nov 2026 09:00:00 +0500")


@pytest.mark.parametrize("first", LANGUAGES)
def test_the_readers_language_comes_first(first: str) -> None:
    """And the other three below it, each once; HTML and text say the same."""
    mail = _notice(first=first)
    text = _text(mail)
    places = {code: text.index(f"[{name}]") for code, name in LANGUAGES.items()}
    assert min(places, key=lambda code: places[code]) == first
    html = next(part for part in mail.walk() if part.get_content_type() == "text/html").get_content()
    assert f'<html lang="{first}">' in html
    assert all(f'lang="{code}"' in html and f"&amp;lang={code}" in html for code in LANGUAGES)
    assert len(mail.as_bytes()) < 100_000


def test_the_report_for_programs() -> None:
    """RFC 6522 and 3464: what failed for whom, with clause, remedy and where to ask; and the message's header."""
    mail = _notice()
    assert (mail.get_content_type(), mail.get_param("report-type")) == ("multipart/report", "delivery-status")
    _words, status, header = mail.iter_parts()
    general, *recipients = status.get_payload()
    assert (general["Reporting-MTA"], general["X-Policy-Incident"], general["X-Policy-Clause"]) == (
        "dns; mx.uni.example",
        "7KQ2M4XD",
        "1.3.2-a",
    )
    assert (general["X-Policy-Finding"], general["X-Policy-Grant"]) == (
        "recipients.too-many-recipients",
        "https://x.example/e/1?t=2",
    )
    assert general["X-Policy-Remedy"].strip().startswith("Send a service notice")
    assert (len(recipients), recipients[0]["Final-Recipient"], recipients[0]["Action"], recipients[0]["Status"]) == (
        50,
        "rfc822; guest0@example.org",
        "failed",
        "5.7.1",
    )
    assert "51 recipients; at most 50" in recipients[0]["Diagnostic-Code"]
    assert header.get_content_type() == "text/rfc822-headers"
    assert header.get_content().split() == HEADER.split()


LONG = f"<{'a' * 60}.{'b' * 90}@a-host-with-a-long-name.uni.example>"
PAGE = f"https://mail.uni.example/e/7KQ2M4XD?t={'x' * 150}"


def test_long_words_are_no_text_to_encode() -> None:
    """A program reads ids, addresses and links as they are, however long: on one line, or folded at blanks."""
    recipient = f"{'c' * 64}@{'d' * 60}.example"
    header, entry = f"Message-ID: {LONG}\nSubject: x", {**ENTRY, "recipients": [recipient]}
    written = _written(header=header, page=PAGE, entry=entry).decode()
    for name, value in (("In-Reply-To", LONG), ("References", LONG), ("X-Policy-Grant", PAGE)):
        assert f"\r\n{name}:\r\n {value}\r\n" in written
    assert f"\r\nFinal-Recipient: rfc822;\r\n {recipient}\r\n" in written


@pytest.mark.parametrize(
    ("header", "encoding"),
    [
        pytest.param(HEADER, "7bit", id="ascii"),
        pytest.param("Subject: Қазақ", "quoted-printable", id="not-ascii"),
        pytest.param("Subject: " + "x" * 2000, "quoted-printable", id="long-lines"),
    ],
)
def test_the_header_as_it_came(header: str, encoding: str) -> None:
    """It is encoded only where it must be (RFC 6522 4)."""
    part = list(_notice(header=header).iter_parts())[2]
    assert (part["Content-Transfer-Encoding"], part.get_content().split()) == (encoding, header.split())


def test_without_a_header() -> None:
    """A message that fell at its envelope has none to show."""
    mail = _notice(header="")
    assert [part.get_content_type() for part in mail.iter_parts()] == [
        "multipart/alternative",
        "message/delivery-status",
    ]
    assert (mail["Subject"], mail["In-Reply-To"]) == ("Your message was not sent", None)


def test_to_a_recipient() -> None:
    """He has sent nothing: it is no report, answers nothing, and tells who wrote."""
    mail = _notice(Role.RECIPIENT, entry={**ENTRY, "action": "hold"})
    assert (mail.get_content_type(), mail["Auto-Submitted"], mail["In-Reply-To"]) == (
        "multipart/alternative",
        "auto-generated",
        None,
    )
    text = _text(mail)
    assert "A message to you is being held back" in text
    assert "From: A. Serik <a.serik@uni.example>" in text
    assert "Read more, or ask for its release" in text


def test_a_held_message_is_delayed() -> None:
    """To a program too it is not lost."""
    status = list(
        _notice(
            entry={**ENTRY, "action": "hold", "findings": [{**ENTRY["findings"][0], "action": "hold"}]}
        ).iter_parts()
    )[1]
    assert (status.get_payload()[1]["Action"], status.get_payload()[1]["Status"]) == ("delayed", "4.7.1")


def test_how_often() -> None:
    """What happened before is counted."""
    assert "Before it, the same happened to 2 other messages." in _text(_notice(times=3))


@pytest.mark.parametrize(
    "header",
    [
        pytest.param("Subject: a\nBcc: everybody@example.org\r\nSubject: b", id="more-lines"),
        pytest.param("Subject: =?utf-8?q?a=0D=0ABcc:_x@example.org?=", id="line-end-in-an-encoded-word"),
        pytest.param("Subject: " + "x" * 20_000, id="long"),
        pytest.param("Subject: \u202egnp.exe\u0000\u0007", id="marks-and-controls"),
        pytest.param("Subject: <script>alert(1)</script>", id="html"),
        pytest.param("Subject: =?no-such?b?!!!?=", id="unknown-charset"),
        pytest.param("Message-ID: <a b>\nSubject: x", id="message-id-with-a-blank"),
        pytest.param("Message-ID: <ю@пример.example>\nSubject: x", id="message-id-in-cyrillic"),
        pytest.param("From:\nSubject:\n", id="empty"),
        pytest.param("\udcff", id="no-text"),
    ],
)
def test_hostile_headers(header: str) -> None:
    """What the message says of itself cannot change what we write."""
    mail = _notice(header=header)
    assert mail["Bcc"] is None
    assert mail["In-Reply-To"] is None
    assert len(mail["Subject"]) <= 200
    html = next(part for part in mail.walk() if part.get_content_type() == "text/html").get_content()
    assert ("<script" in html, "\u202e" in html) == (False, False)


def test_recipients_in_other_letters() -> None:
    """In an ASCII report they are written by RFC 6533."""
    status = list(_notice(entry={**ENTRY, "recipients": ["дос@қазақ.example", "a b@x\n"]}).iter_parts())[1]
    finals = [block["Final-Recipient"].strip() for block in status.get_payload()[1:]]
    assert finals == [
        r"utf-8; \x{434}\x{43E}\x{441}@\x{49B}\x{430}\x{437}\x{430}\x{49B}.example",
        "rfc822; ab@x",
    ]
