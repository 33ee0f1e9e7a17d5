"""Whose words a text is, as programs in four languages write above what they answer."""

from __future__ import annotations

import pytest

from postclerk.core.facts import Headers
from postclerk.mail.letter import read_body
from postclerk.mail.quotes import quoted_first, said


def reading(text: str, kind: str = "text/plain") -> tuple[str, str]:
    """The words of an answer that are its author's, and those of what it answers."""
    headers = Headers([("Content-Type", f" {kind}; charset=utf-8".encode())])
    read = read_body(headers, text.replace("\n", "\r\n").encode())
    return said(read, answers=True), quoted_first(read)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("Yes.\n\nOn Mon, 2 Nov 2026, A. Guest wrote:\n> Is the hall free?\n> > Which hall?\n", id="marks"),
        pytest.param("Yes.\n\nA. Guest писал(а):\n> Is the hall free?\n>> Which hall?\n", id="marks-run-together"),
        pytest.param("Yes.\n\nAG> Is the hall free?\n>> Which hall?\n", id="initials"),
        pytest.param("Yes.\n\n    Guest> Is the hall free?\n", id="a-name"),
        pytest.param(
            "Yes.\n\n-----Original Message-----\nFrom: A. Guest\nSent: Monday\nTo: Office\nSubject: Hall\n\n"
            "Is the hall free?\n\nFrom: Office\nSent: Sunday\nTo: A. Guest\nSubject: Hall\n\nWhich hall?\n",
            id="outlook-en",
        ),
        pytest.param(
            "Yes.\n\nОт: А. Гость\nОтправлено: понедельник\nКому: Канцелярия\nТема: Зал\n\nIs the hall free?\n",
            id="outlook-ru",
        ),
        pytest.param(
            "Yes.\n\nKimden: A. Konuk\nGönderildi: Pazartesi\nKime: Ofis\nKonu: Salon\n\nIs the hall free?\n",
            id="outlook-tr",
        ),
        pytest.param(
            "Yes.\n\nКімнен: А. Қонақ\nЖіберілді: дүйсенбі\nКімге: Кеңсе\nТақырыбы: Зал\n\nIs the hall free?\n",
            id="outlook-kk",
        ),
    ],
)
def test_plain_text(text: str) -> None:
    """What is answered is told from what was answered before it."""
    own, quoted = reading(text)
    assert own.split("\n")[0] == "Yes."
    assert "hall free" not in own
    assert quoted == "Is the hall free?"


@pytest.mark.parametrize(
    "html",
    [
        pytest.param(
            "<div>Yes.</div><div class=gmail_quote>On Monday A. Guest wrote:<blockquote>Is the hall free?"
            "<blockquote>Which hall?</blockquote></blockquote></div>",
            id="blockquote",
        ),
        pytest.param(
            "<p>Yes.</p><div><p><b>From:</b> A. Guest<br><b>Sent:</b> Monday<br><b>To:</b> Office<br>"
            "<b>Subject:</b> Hall</p></div><p>Is the hall free?</p>",
            id="outlook",
        ),
    ],
)
def test_html(html: str) -> None:
    """The same in HTML."""
    own, quoted = reading(html, "text/html")
    assert own.split("\n")[0] == "Yes."
    assert "hall free" not in own
    assert quoted == "Is the hall free?"


def test_what_is_passed_on_is_said() -> None:
    """A letter that answers nothing says what it passes on; one that answers does not say what it answers."""
    text = b"See below.\r\n\r\nFrom: A. Guest\r\nDate: Monday\r\nSubject: Hall\r\n\r\nIs the hall free?\r\n"
    read = read_body(Headers([("Content-Type", b" text/plain")]), text)
    assert "Is the hall free?" in said(read, answers=False)
    assert said(read, answers=True).strip() == "See below."
