"""The MIME tree of ordinary, odd and hostile messages."""

from __future__ import annotations

import time

import pytest

from postclerk.mail.header import body, header_fields
from postclerk.mail.parts import Parts, parts


def _parts(text: str | bytes) -> Parts:
    octets = text.encode() if isinstance(text, str) else text
    return parts(header_fields(octets), body(octets))


MIXED = """\
Content-Type: multipart/mixed; boundary="outer"

preamble
--outer
Content-Type: multipart/alternative; boundary=inner

--inner
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: quoted-printable

=D2=9B
--inner
Content-Type: text/html

<p>hello</p>
--inner--
--outer
Content-Type: application/pdf; name="a.pdf"
Content-Disposition: attachment; filename*=UTF-8''%D2%9B.pdf
Content-Transfer-Encoding: base64

aGVs
bG8=
--outer--
epilogue
"""


def test_a_tree() -> None:
    """The leaves in their order, with what they lie in, their content decoded."""
    plain, html, pdf = _parts(MIXED).leaves
    assert (plain.kind, plain.payload, plain.parameters["charset"]) == ("text/plain", "қ".encode(), "utf-8")
    assert (html.kind, html.raw, html.inside) == (
        "text/html",
        b"<p>hello</p>",
        ("multipart/mixed", "multipart/alternative"),
    )
    assert plain.alternative == html.alternative == 1
    assert (pdf.filename, pdf.payload, pdf.is_attached, pdf.alternative) == ("қ.pdf", b"hello", True, 0)


@pytest.mark.parametrize(
    ("head", "filename"),
    [
        pytest.param('attachment; filename="a b.txt"', "a b.txt", id="quoted"),
        pytest.param("attachment; filename=a.txt", "a.txt", id="bare"),
        pytest.param('attachment; filename="a\\"b.txt"', 'a"b.txt', id="escaped"),
        pytest.param("attachment; filename==?utf-8?b?0pkuZXhl?=", "ҙ.exe", id="encoded-word"),
        pytest.param("attachment; filename*0=long; filename*1=er.txt", "longer.txt", id="continued"),
        pytest.param("attachment; filename*0*=koi8-r''%D0; filename*1*=%D2.txt", "пр.txt", id="continued-and-coded"),
        pytest.param("attachment; filename*=no-such''%D2%9B", "қ", id="unknown-charset"),
        pytest.param("attachment; filename*99999=x", "x", id="a-number-too-high"),
        pytest.param("attachment; FILENAME=A.EXE", "A.EXE", id="capitals"),
    ],
)
def test_file_names(head: str, filename: str) -> None:
    """A name however it is written (RFC 2231, and encoded words, which are wrong there and usual)."""
    (leaf,) = _parts(f"Content-Disposition: {head}\n\nx").leaves
    assert leaf.filename == filename


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        pytest.param("", ["text/plain"], id="nothing"),
        pytest.param("Content-Type: nonsense\n\nx", ["text/plain"], id="no-type"),
        pytest.param("Content-Type: multipart/mixed\n\nx", ["multipart/mixed"], id="no-boundary"),
        pytest.param("Content-Type: multipart/mixed; boundary=a\n\nx", [], id="boundary-that-never-comes"),
        pytest.param("Content-Type: multipart/mixed; boundary=a\n\n--a\n\nx", ["text/plain"], id="no-end"),
        pytest.param("Content-Type: multipart/mixed; boundary=a\n\n--a\n--a--", ["text/plain"], id="empty-part"),
        pytest.param("Content-Type: multipart/mixed; boundary=a\n\n--ab\n\nx\n--a\n\ny", ["text/plain"], id="longer"),
        pytest.param("Content-Type: multipart/mixed; boundary=a\n\nx--a\n\ny", [], id="within-a-line"),
        pytest.param(
            "Content-Type: multipart/digest; boundary=a\n\n--a\nContent-Type: message/rfc822\n\nSubject: x\n\ny\n--a--",
            ["message/rfc822"],
            id="a-message-inside",
        ),
    ],
)  # fmt: skip
def test_odd_trees(text: str, kinds: list[str]) -> None:
    """What is wrong is read as far as it can be."""
    assert [leaf.kind for leaf in _parts(text).leaves] == kinds


def test_bounds() -> None:
    """Depth and number of parts are bounded, and it is said that there was more."""
    deep = "".join(f"Content-Type: multipart/mixed; boundary=b{step}\n\n--b{step}\n" for step in range(10_000))
    many = "Content-Type: multipart/mixed; boundary=b\n\n" + "--b\n\nx\n" * 10_000
    began = time.monotonic()
    assert _parts(deep).cut
    found = _parts(many)
    assert (found.cut, len(found.leaves)) == (True, 499)
    assert time.monotonic() - began < 5  # what grows with the square of the parts takes minutes


@pytest.mark.parametrize("raw", [b"aGVsbG8", b"aGVs!bG8=", b"a", b"\xff\xff", b"aGVsbG8=\r\nfooter of a list"])
def test_bad_base64(raw: bytes) -> None:
    """It is decoded as far as it goes."""
    (leaf,) = _parts(b"Content-Transfer-Encoding: base64\n\n" + raw).leaves
    assert isinstance(leaf.payload, bytes)
