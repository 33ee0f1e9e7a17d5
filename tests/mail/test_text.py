"""What a reader sees of a message's text, and what he does not."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postclerk.core.lexicon import fold
from postclerk.core.reading import Reading
from postclerk.mail.header import body, header_fields
from postclerk.mail.parts import parts
from postclerk.mail.text import plain_text, reading


def _read(text: str) -> Reading:
    octets = text.encode()
    return reading(parts(header_fields(octets), body(octets)))


def _html(text: str) -> Reading:
    return _read(f"Content-Type: text/html; charset=utf-8\n\n{text}")


def test_plain_text() -> None:
    """Lines, links without what ends the sentence, and quotes apart."""
    read = _read("\nHello\n\nsee https://a.example/x?y=1).\n\nOn Monday a@b.example wrote:\n> old https://b.example/\n")
    assert read.fresh == "Hello\nsee https://a.example/x?y=1)."
    assert [link.url for link in read.links] == ["https://a.example/x?y=1", "https://b.example/"]
    assert read.quoted == "old https://b.example/"


def test_html() -> None:
    """Blocks are lines; a link has its text; a button is one; an image is what stands for it."""
    read = _html(
        "<style>p {}</style><script>x()</script><p>One <b>two</b></p><div>three<br>four</div>"
        '<a href="https://a.example/c?t=1&amp;u=2" class="btn">Confirm <i>it</i></a><img alt="Logo"><!-- never -->'
    )
    assert read.fresh == "One two\nthree\nfour\nConfirm it Logo"
    assert [(link.url, link.text, link.button) for link in read.links] == [
        ("https://a.example/c?t=1&u=2", "Confirm it", True)
    ]


@pytest.mark.parametrize(
    "style",
    [
        'style="display:none"',
        'style="DISPLAY : NONE !important"',
        'style="visibility: hidden"',
        'style="font-size:0px"',
        'style="opacity:0"',
        'style="color:#ffffff"',
        'style="color:white;background:#fff"',
        'bgcolor="#000000" style="color:#000"',
        "hidden",
        'style="max-height:0;overflow:hidden"',
        'style="mso-hide:all"',
    ],
)
def test_hidden_text(style: str) -> None:
    """Text that style keeps from the reader is not his text."""
    read = _html(f"<p>Seen</p><div {style}>un<b>seen</b></div>")
    assert (read.fresh, read.hidden) == ("Seen", "unseen")


def test_dark_design_is_no_hiding() -> None:
    """White letters on a dark ground are there to be read."""
    assert _html('<table bgcolor="#222"><tr><td style="color:#fff">Confirm</td></tr></table>').fresh == "Confirm"


ALTERNATIVES = """\
Content-Type: multipart/alternative; boundary=b

--b
Content-Type: text/plain

plain text
--b
Content-Type: text/html

{html}
--b--
"""


def test_alternatives() -> None:
    """HTML counts, as mail programs show it; where it says next to nothing, both do."""
    assert _read(ALTERNATIVES.format(html=f"<p>{'html ' * 20}</p>")).fresh.startswith("html")
    assert _read(ALTERNATIVES.format(html="<img src=x>")).fresh == "plain text"


def test_what_is_attached_is_no_text() -> None:
    """A text file beside the letter is not what the letter says."""
    read = _read(
        "Content-Type: multipart/mixed; boundary=b\n\n--b\n\nSee the file.\n--b\n"
        "Content-Type: text/plain\nContent-Disposition: attachment; filename=a.txt\n\nActivate your account\n--b--\n"
    )
    assert read.fresh == "See the file."


def test_letters_that_are_not_seen() -> None:
    """Zero-width and direction marks between letters are gone."""
    assert _read("\nCon\u200bfi\u00adrm\u202e it\ufeff").fresh == "Confirm it"


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("<p>word</p>" * 500_000, id="5-MB"),
        pytest.param("<div>" * 100_000 + "x", id="deep"),
        pytest.param("<a href=x>" * 200_000, id="links"),
        pytest.param("<" * 3_000_000, id="brackets"),
        pytest.param("<!--" * 700_000, id="comments"),
        pytest.param("&lt;" * 700_000, id="entities"),
        pytest.param("<table><tr><td>" * 60_000, id="tables"),
        pytest.param("<p style='" + "color:" * 500_000 + "'>x", id="style"),
    ],
)
def test_much_html(text: str) -> None:
    """What would keep a parser busy is cut; the time is bounded."""
    began = time.monotonic()
    _html(text)
    assert time.monotonic() - began < 5  # far above what it takes, far below what is quadratic


_LINES = st.lists(
    st.sampled_from(["Please confirm", "> your account", "wrote:", "--", "con\u200bfirm тіркелу", "", "soft ", "a  b"]),
    max_size=30,
)


@given(lines=_LINES, kind=st.sampled_from(["", "; format=flowed", "; charset=koi8-r", "; charset=utf-8"]))
def test_a_glance_misses_nothing(lines: list[str], kind: str) -> None:
    """Whatever is found in a plain text by reading it stands in what a glance sees."""
    octets = f"Content-Type: text/plain{kind}\n\n{NEWLINE.join(lines)}".encode()
    message = parts(header_fields(octets), body(octets))
    seen, read = plain_text(message), reading(message)
    assert seen is not None
    assert set(_WORDS.findall(fold(seen))) >= set(_WORDS.findall(fold(f"{read.fresh} {read.quoted}")))


NEWLINE = "\n"
_WORDS = re.compile(r"\w+")


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("Content-Type: text/html\n\n<p>x", id="html"),
        pytest.param("Content-Type: multipart/mixed; boundary=x\n\n--x\n\na\n--x\n\nb\n--x--", id="two parts"),
        pytest.param("Content-Type: text/plain; name=a.txt\n\nx", id="a file"),
    ],
)
def test_no_glance(text: str) -> None:
    """Only what is nothing but plain text can be told by a glance."""
    assert plain_text(parts(header_fields(text.encode()), body(text.encode()))) is None
