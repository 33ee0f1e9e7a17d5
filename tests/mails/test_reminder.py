"""What the tracker writes: whole texts, each language, and what hostile letters can do to it."""

from __future__ import annotations

import datetime
import email
import email.policy
import re
from collections.abc import Callable
from email.message import EmailMessage
from zoneinfo import ZoneInfo

import pytest

from postclerk.core.absence import Absence
from postclerk.languages import LANGUAGES, Languages
from postclerk.mail.absence import absence
from postclerk.mails.absence import reply_template
from postclerk.mails.message import Sender
from postclerk.mails.reminder import Line, escalation, incomplete_absence, reminder

SENDER = Sender("postmaster@uni.example", "Example University", "mx.uni.example")
AT = datetime.datetime(2026, 11, 24, 9, 0, tzinfo=ZoneInfo("Asia/Almaty"))
PAGE = "https://mail.uni.example/e/w?t=abc.def"
EXAM = Line("A Guest <guest@example.org>", "May I see the exam papers?", AT - datetime.timedelta(days=4))
BUDGET = Line("b.head@uni.example", "Your budget", AT - datetime.timedelta(days=3), "A. Serik")
BEGINS, UNTIL = datetime.date(2026, 11, 24), datetime.date(2026, 12, 8)

REMINDER = """\
2 letters are waiting for your answer

The e-mail policy recommends (1.3.3-a): work letters are answered within
24 hours of receipt; weekends and holidays do not count.

The oldest first:
* “May I see the exam papers?” from A Guest <guest@example.org>,
  received 20 November 2026, 09:00
* “(no subject)” from (no sender), received 21 November 2026, 09:00

Say which need no answer or were answered by phone:
https://mail.uni.example/e/w?t=abc.def


Simply answer by e-mail: the mail server notices your answer, and you
need not do anything else.
"""

ESCALATION = """\
1 letter to your staff has waited for a long time

The e-mail policy recommends (1.3.3-a): work letters are answered within
24 hours of receipt; weekends and holidays do not count.

The oldest first:
* “Your budget” from b.head@uni.example for A. Serik, received 21
  November 2026, 09:00


Perhaps somebody is ill or has too much to do. Please have a word with
them, or ask a colleague to answer.
"""

ABSENCE = """\
Your automatic reply could say more

Thank you for setting up an automatic reply. It would help those who
write to you even more if it told them everything that they need to
know.

What it does not say yet:
* until when you are away
* whom to turn to meanwhile, with an address or a telephone number

A text to copy; please check the dates and the address, and change what
you like:

Thank you for your message. I am away from 24 November 2026 to 8
December 2026 and will answer when I am back.

If it cannot wait, please write to name@uni.example.


The e-mail policy recommends (1.3.3-b): on long absence, set an
automatic reply that says until when you are away and whom to turn to
meanwhile.
"""


def _reminder(first: str = "en", *, soon: bool = False, page: str = PAGE, lines: tuple[Line, ...] = ()) -> EmailMessage:
    languages = Languages(LANGUAGES).first(first)
    nothing = Line("", "", AT - datetime.timedelta(days=3))
    content = reminder(lines or (EXAM, nothing), SENDER, "a.serik@uni.example", languages, soon=soon, page=page, at=AT)
    return _read(content)


def _escalation(first: str = "en") -> EmailMessage:
    return _read(escalation([BUDGET], SENDER, "b.head@uni.example", Languages(LANGUAGES).first(first), at=AT))


def _absence(first: str = "en", codes: tuple[str, ...] = ("en",), missing: tuple[str, ...] = ("until", "substitute")
) -> EmailMessage:  # fmt: skip
    languages = Languages(codes).first(first)
    templates = [reply_template(one, BEGINS, UNTIL, "name@uni.example") for one in languages]
    return _read(incomplete_absence(missing, templates, SENDER, "a.serik@uni.example", languages, at=AT))


def _read(content: bytes) -> EmailMessage:
    assert b"\n" not in content.replace(b"\r\n", b"")
    assert max(map(len, content.split(b"\r\n"))) <= 998
    return email.message_from_bytes(content, policy=email.policy.default)  # type: ignore[return-value]


def _part(mail: EmailMessage, kind: str = "text/plain") -> str:
    found: str = next(part for part in mail.walk() if part.get_content_type() == kind).get_content()
    return found.replace("\r\n", "\n")


@pytest.mark.parametrize(
    ("mail", "text"),
    [
        pytest.param(_reminder, REMINDER, id="reminder"),
        pytest.param(_escalation, ESCALATION, id="escalation"),
        pytest.param(_absence, ABSENCE, id="absence"),
    ],
)
def test_whole(mail: Callable[[], EmailMessage], text: str) -> None:
    """What one reads."""
    assert _part(mail()) == text


@pytest.mark.parametrize(
    ("mail", "to"),
    [
        pytest.param(_reminder, "a.serik@uni.example", id="reminder"),
        pytest.param(_escalation, "b.head@uni.example", id="escalation"),
        pytest.param(_absence, "a.serik@uni.example", id="absence"),
    ],
)
def test_its_header(mail: Callable[[], EmailMessage], to: str) -> None:
    """It is automatic and says so, and its subject is its heading."""
    written = mail()
    assert (written["From"], written["To"], written["Date"]) == (
        "Example University <postmaster@uni.example>",
        to,
        "Tue, 24 Nov 2026 09:00:00 +0500",
    )
    assert (written["Auto-Submitted"], written["X-Auto-Response-Suppress"]) == ("auto-generated", "All")
    assert written["Subject"] == _part(written).splitlines()[0]


@pytest.mark.parametrize("code", LANGUAGES)
def test_in_each_language(code: str) -> None:
    """The reader's own alone, in text and HTML; nothing is left in braces, and nothing in English."""
    english = [_part(one).splitlines() for one in (_reminder(), _escalation(), _absence())]
    for mail, there in zip((_reminder(code), _escalation(code), _absence(code, (code,))), english, strict=True):
        text, html = _part(mail), _part(mail, "text/html")
        assert f'<html lang="{code}">' in html
        assert "{" not in text
        assert not re.search(r"%[sd(]", text)
        words = [line for line in there if re.match(r"[A-Z].* .* ", line)]
        assert words
        assert code == "en" or set(words).isdisjoint(text.splitlines())


@pytest.mark.parametrize(
    ("first", "said"),
    [
        pytest.param("ru", ["1 письмо ждёт", "3 письма ждут", "11 писем ждут", "21 письмо ждёт"], id="ru"),
        pytest.param("tr", ["1 ileti", "3 ileti", "11 ileti", "21 ileti"], id="tr"),
        pytest.param("kk", ["1 хат", "3 хат", "11 хат", "21 хат"], id="kk"),
        pytest.param("en", ["1 letter is", "3 letters are", "11 letters are", "21 letters are"], id="en"),
    ],
)
def test_how_many(first: str, said: list[str]) -> None:
    """Each number has its form."""
    for count, begins in zip((1, 3, 11, 21), said, strict=True):
        assert _reminder(first, lines=(EXAM,) * count)["Subject"].startswith(f"{begins} ")


def test_soon() -> None:
    """What is about to fall due is said so."""
    assert _reminder(soon=True)["Subject"] == "2 letters need your answer soon"


def test_without_pages() -> None:
    """A site that serves none links to none."""
    mail = _reminder(page="")
    assert "http" not in _part(mail)
    assert "<a " not in _part(mail, "text/html")


def test_very_many() -> None:
    """The first are listed, the others counted."""
    text = _part(_reminder(lines=(EXAM,) * 1000))
    assert text.startswith("1000 letters are waiting for your answer\n")
    assert (text.count("May I see"), "* and 975 more\n" in text) == (25, True)


@pytest.mark.parametrize(
    "title",
    [
        pytest.param("<script>alert(1)</script>", id="html"),
        pytest.param("{n} {title.__class__} %s {{ 7*7 }}", id="placeholders"),
        pytest.param("a\r\nBcc: x@example.org\r\n\r\nb", id="a-header"),
        pytest.param("\u202egpj.exe \u2066x", id="turned-around"),
        pytest.param("\udcff\udcfe\x00\x1b[2J", id="no-text"),
        pytest.param("х" * 100_000, id="without-end"),
    ],
)
def test_hostile_letters(title: str) -> None:
    """Subjects and names are text on one line, shortened; the mail stays what it was."""
    usual, mail = _reminder(lines=(EXAM,)), _reminder(lines=(Line(title, title, AT, title),))
    assert mail.keys() == usual.keys()
    text, html = _part(mail), _part(mail, "text/html")
    assert not re.search("[\u202e\u2066\x00\x1b\udcff]", text + html)
    assert "<script" not in html
    assert "Bcc:" not in mail
    assert not re.search(r"^Bcc:", text, re.MULTILINE)
    assert "49" not in text
    assert len(text) < 3000
    assert html.count("<li ") == 1


@pytest.mark.parametrize(
    ("missing", "steps"),
    [
        pytest.param(("until",), ["until when you are away"], id="the-term"),
        pytest.param(
            ("substitute",), ["whom to turn to meanwhile, with an address or a telephone number"], id="the-substitute"
        ),
    ],
)
def test_what_is_missing(missing: tuple[str, ...], steps: list[str]) -> None:
    """That alone is asked for."""
    assert re.findall(r"^\* (.*)$", _part(_absence(missing=missing)), re.MULTILINE) == steps


def test_the_text_to_copy() -> None:
    """In each of the site's languages, the reader's first, marked as such for programs that read aloud; what is copied
    from the mail is read back as what it says."""
    mail = _absence("tr", tuple(LANGUAGES))
    html = _part(mail, "text/html")
    assert re.findall(r'<blockquote [^>]*lang="(\w\w)"', html) == ["tr", "kk", "ru", "en"]
    copied = re.sub(r"<[^>]+>", "\n", html.partition("<blockquote")[2].rpartition("</blockquote>")[0])
    assert absence("", copied, AT) == Absence(BEGINS, UNTIL, "name@uni.example")
    assert absence("", _part(mail).partition(":\n\n")[2], AT) == Absence(BEGINS, UNTIL, "name@uni.example")
