"""What an SMTP reply may look like."""

from __future__ import annotations

import Milter
import pytest
from hypothesis import given
from hypothesis import strategies as st

from postclerk.core.reply import Reply, ascii_text

ANY_TEXT = st.text(st.characters(), max_size=1500)


class _Context:
    """libmilter's side of setreply, with the limits that the C library has."""

    def setpriv(self, _session: object) -> None:
        pass

    def setreply(self, *words: str) -> None:
        assert len(words) - 2 <= 32
        assert [word for word in words if len(word) > 980 or "\r" in word or "\n" in word] == []


def _set(reply: Reply, *, one_line: bool = False) -> None:
    session = Milter.Base()
    session._setctx(_Context())
    session.setreply(*reply.for_libmilter(one_line=one_line))


@given(st.lists(ANY_TEXT, min_size=1, max_size=40), ANY_TEXT)
def test_every_line_keeps_to_the_protocol(texts: list[str], last: str) -> None:
    """A line has at most 512 octets with code and CRLF, all printable ASCII, and a reply at most 32 lines."""
    reply = Reply.of(550, "5.7.1", texts, last)
    wire = str(reply).split("\n")
    assert [line for line in wire if len(f"{line}\r\n".encode("ascii")) > 512 or not line.isprintable()] == []
    assert len(wire) <= 32
    assert [line[:3] for line in wire] == ["550"] * len(wire)
    assert [line[3] for line in wire] == ["-"] * (len(wire) - 1) + [" "]


@given(st.lists(ANY_TEXT | st.text("% a", max_size=1500), min_size=1, max_size=40), ANY_TEXT, st.booleans())
def test_libmilter_takes_every_reply(texts: list[str], last: str, one_line: bool) -> None:
    """Every `%` is doubled, and neither pymilter nor libmilter has anything against the lines."""
    reply = Reply.of(451, "4.3.0", texts, last)
    _set(reply, one_line=one_line)
    code, enhanced, *lines = reply.for_libmilter(one_line=one_line)
    assert (code, enhanced) == ("451", "4.3.0")
    assert [line.replace("%%", "") for line in lines if "%" in line.replace("%%", "")] == []
    assert len(lines) == (1 if one_line else len(reply.lines))


@given(st.lists(ANY_TEXT, max_size=40), st.text("abcXYZ0123:/.", min_size=1, max_size=300), st.booleans())
def test_the_last_line_is_never_lost(texts: list[str], last: str, one_line: bool) -> None:
    """The link to the explanation survives however much is said before it."""
    reply = Reply.of(550, "5.7.1", texts, last)
    assert reply.lines[-1] == last
    assert reply.for_libmilter(one_line=one_line)[-1].endswith(last)


@given(ANY_TEXT)
def test_any_text_becomes_ascii(text: str) -> None:
    """What SMTP cannot carry is replaced, and what is ASCII already stays."""
    shown = ascii_text(text)
    assert shown.isascii()
    assert shown == "" or shown.isprintable()
    assert ascii_text(shown) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param("plain 100%", "plain 100%", id="ascii-stays"),
        pytest.param("Müdür Çağrı", "Mudur Cagr?", id="accents-are-dropped"),
        pytest.param("ректор@uni.example", "??????@uni.example", id="other-scripts-are-marked"),
        pytest.param("a\r\n550 forged", "a  550 forged", id="no-line-is-forged"),
        pytest.param("a\x00\x1b[2Jb", "a??[2Jb", id="controls-are-marked"),
        pytest.param("\udcff", "?", id="bytes-that-are-no-text"),
        pytest.param("ﬁle\u00a0x", "file x", id="ligatures-and-hard-blanks"),
    ],
)
def test_text_is_made_plain(text: str, shown: str) -> None:
    """Letters lose their accents; what is no ASCII then is a question mark."""
    assert shown == ascii_text(text)


def test_one_code_on_every_line() -> None:
    """The reply over the wire carries its two codes on each line, and a blank behind the last one's code."""
    reply = Reply.of(550, "5.7.1", ["[1.3.2-a] 120 recipients.", "Ask for a grant."], "Explained in EN: https://x/7KQ2")
    assert str(reply) == (
        "550-5.7.1 [1.3.2-a] 120 recipients.\n550-5.7.1 Ask for a grant.\n550 5.7.1 Explained in EN: https://x/7KQ2"
    )


def test_nothing_is_said_twice() -> None:
    """Two findings with one remedy give the advice once."""
    assert Reply.of(550, "5.7.1", ["a", "b", "a"], "z").lines == ("a", "b", "z")


def test_long_texts_are_folded_between_words() -> None:
    """A text that does not fit into a line goes on in the next."""
    reply = Reply.of(550, "5.7.1", ["word " * 200], "end")
    assert reply.lines == (" ".join(["word"] * 100), " ".join(["word"] * 100), "end")


def test_a_local_submission_gets_one_line() -> None:
    """Mail of a local program is answered in one line, which ends with the link."""
    reply = Reply.of(550, "5.7.1", ["100% wrong.", "x" * 490], "Explained: https://x/7KQ2")
    assert reply.for_libmilter(one_line=True) == (
        "550", "5.7.1", f"100%% wrong. {'x' * 462} Explained: https://x/7KQ2",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("code", "enhanced"),
    [
        pytest.param(550, "4.7.1", id="permanent-code-transient-status"),
        pytest.param(451, "5.7.1", id="transient-code-permanent-status"),
        pytest.param(250, "2.0.0", id="no-refusal"),
        pytest.param(650, "6.0.0", id="no-such-class"),
    ],
)
def test_classes_do_not_mix(code: int, enhanced: str) -> None:
    """A basic code and an enhanced status code of another class make no reply (RFC 3463 2)."""
    with pytest.raises(ValueError, match="are not of one class 4 or 5"):
        Reply(code, enhanced, ("x",))


def test_a_reply_is_shown_without_codes() -> None:
    """The JSON of a reply has its codes once and the bare lines."""
    assert Reply.of(451, "4.3.0", ["a"], "b").as_json() == {"code": 451, "enhanced": "4.3.0", "lines": ["a", "b"]}
