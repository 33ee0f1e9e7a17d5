"""A trace tells that one text quotes another, and keeps next to nothing of either."""

from __future__ import annotations

import base64

import pytest

from postclerk.core.traces import quoted_share, trace

ASKED = """\
Dear colleagues, our department would like to move the written exam in algebra from Monday to Wednesday,
since half of the students are at the olympiad in Astana until Tuesday evening. Is the large hall still free
then, and whom do we have to ask about the projector that stood there last year? If it is taken we could also use
two smaller rooms side by side, provided that one person can look after both of them at the same time."""

IN_OTHER_WORDS = """\
The library opens at nine during the holidays. Books that were lent before the first of June are to be brought back
until the end of the month, or else a fee is due for each day; the reading room on the second floor stays closed.
Theses of earlier years lie in the archive and can be ordered by telephone or at the counter, three at a time."""

RUSSIAN = """\
Уважаемые коллеги, просим перенести письменный экзамен по алгебре с понедельника на среду, так как половина студентов
до вечера вторника находится на олимпиаде в Астане. Свободна ли ещё большая аудитория, и у кого спросить о проекторе?
Если она занята, нам подошли бы и две соседние комнаты поменьше, лишь бы за обеими мог присмотреть один человек."""


@pytest.mark.parametrize(
    ("quotation", "source", "share"),
    [
        pytest.param(ASKED, ASKED, 1.0, id="the-whole"),
        pytest.param(ASKED.replace("\n", " ").replace(" then,", "\nthen,"), ASKED, 1.0, id="other-lines"),
        pytest.param(ASKED.upper(), ASKED, 1.0, id="other-letters"),
        pytest.param(ASKED.split("\n")[1], ASKED, 1.0, id="a-line-of-it"),
        pytest.param(RUSSIAN, RUSSIAN, 1.0, id="cyrillic"),
        pytest.param(ASKED, IN_OTHER_WORDS, 0.0, id="another-text"),
        pytest.param(IN_OTHER_WORDS, RUSSIAN, 0.0, id="another-language"),
        pytest.param("Yes, it is.", ASKED, None, id="too-short-to-tell"),
        pytest.param(ASKED, "Is it?", None, id="a-source-too-short"),
        pytest.param("", "", None, id="nothing"),
    ],
)
def test_what_a_quotation_is_of(quotation: str, source: str, share: float | None) -> None:
    """Its own text, another, or that cannot be told."""
    assert quoted_share(trace(quotation), trace(source)) == share


def test_a_long_text() -> None:
    """Its trace is no longer than that of a page, and what is quoted of it is still known."""
    long = " ".join(f"{ASKED} paragraph {number} {IN_OTHER_WORDS}" for number in range(20))
    assert len(trace(long)) <= 200
    assert quoted_share(trace(long[2000:6000]), trace(long)) == 1.0
    assert quoted_share(trace(long), trace(RUSSIAN)) in (0.0, None)


def test_no_text_can_be_read_out_of_it() -> None:
    """Of a letter's sequences of words one in eight is kept, or thereabouts."""
    letters = [ASKED, IN_OTHER_WORDS, RUSSIAN]
    kept = sum(len(base64.b64decode(trace(one)[1:])) // 3 for one in letters)
    assert 0 < kept < sum(len(one.split()) for one in letters) / 5


@pytest.mark.parametrize("nonsense", ["!", "2", "zAAAA", "2A", "2AAAA=", "2\u0416", "2AA" * 999], ids=repr)
def test_what_is_no_trace(nonsense: str) -> None:
    """It tells nothing, and breaks nothing."""
    assert quoted_share(nonsense, trace(ASKED)) in (None, 0.0)
    assert quoted_share(trace(ASKED), nonsense) in (None, 0.0)


def test_a_lone_surrogate() -> None:
    """What is no text has a trace all the same."""
    assert quoted_share(trace(f"\udcff {ASKED}"), trace(ASKED)) == 1.0
