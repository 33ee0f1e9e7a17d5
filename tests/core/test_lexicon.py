"""Words of four languages, however they are written, as meanings."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postclerk.core.lexicon import Lexicon, fold
from postclerk.core.registration.words import LEXICON as WORDS

LEXICON = Lexicon(
    {"confirm": ["confirm", "подтверд", "раста", "onayla"], "register": ["тіркел", "регистрац", "sign up", "=üye"]}
)


@pytest.mark.parametrize(
    ("text", "meanings"),
    [
        pytest.param("Confirmation", {"confirm"}, id="inflected"),
        pytest.param("CONFIRM", {"confirm"}, id="capitals"),
        pytest.param("con\u200bfi\u00adrm", {"confirm"}, id="unseen-letters"),
        pytest.param("cоnfіrm", {"confirm"}, id="cyrillic-letters-within"),
        pytest.param("ｃｏｎｆｉｒｍ", {"confirm"}, id="wide-letters"),
        pytest.param("unconfirmed", set(), id="not-at-the-beginning"),
        pytest.param("Podtverdite registraciyu", {"confirm", "register"}, id="russian-in-latin-letters"),
        pytest.param("registratsiya", {"register"}, id="another-way"),
        pytest.param("Тiркелу", {"register"}, id="latin-i"),
        pytest.param("Тиркелу", {"register"}, id="russian-keyboard"),
        pytest.param("tirkelý", {"register"}, id="kazakh-in-latin-letters"),
        pytest.param("ONAYLAYIN", {"confirm"}, id="turkish"),
        pytest.param("Please sign up", {"register"}, id="phrase"),
        pytest.param("sign here, up there", set(), id="not-a-phrase"),
        pytest.param("uye", {"register"}, id="no-accents"),
        pytest.param("üyelik", set(), id="that-word-alone"),
    ],
)
def test_meanings(text: str, meanings: set[str]) -> None:
    """A sentence means what its words mean."""
    assert LEXICON.sentence(fold(text)).meanings == meanings


def test_sentences() -> None:
    """A text is cut at the ends of sentences and lines, not in the middle of addresses; the number is bounded."""
    text = fold("Hello! See www.a.example/b now. Next\nlast")
    assert [one.text.strip() for one in LEXICON.sentences(text, 10)] == [
        "hello",
        "see www.a.example/b now",
        "next",
        "last",
    ]
    assert len(list(LEXICON.sentences(text, 2))) == 2


_WRITTEN = st.lists(
    st.sampled_from(
        [
            "sign",
            "up,",
            "Sign-up",
            "e",
            "Е",
            "mail",
            "e-posta",
            "posta",
            "confirm.",
            "con\u200bfirm",
            "(Тіркелу)",
            "other",
            "ҚОЛ",
        ]
    ),
    max_size=12,
)


@given(words=_WRITTEN, between=st.sampled_from([" ", "\n", "\u00a0", "  "]))
def test_may_say(words: list[str], between: str) -> None:
    """A text may say whatever its folded words say, in whatever order, however often it is asked."""
    lexicon = Lexicon({"confirm": ["confirm"], "register": ["тіркел", "sign up"], "email": ["email", "eposta"]})
    text = between.join(words)
    folded = fold(text)
    said = {one for one in ("confirm", "register", "email") if lexicon.may_say(text, frozenset({one}))}
    assert said == {one for one in ("confirm", "register", "email") if lexicon.may_say(folded, frozenset({one}))}
    assert said >= lexicon.sentence(folded).meanings


def test_may_say_phrases() -> None:
    """Of a phrase all words must be there; none of one word's meanings is taken for another's."""
    assert LEXICON.may_say("up the hill is a sign", frozenset({"register"}))
    assert not LEXICON.may_say("a sign of the times", frozenset({"register"}))
    assert not LEXICON.may_say("confirm", frozenset({"register"}))


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("Recently the status of the journal changed: the net failed twice.", id="en"),
        pytest.param("Sayısal analiz isteği, kariyer yolculuğu, bir tarif ve restoran listesi.", id="tr"),
        pytest.param("College companies in this category; elements of a shot", id="en-nouns"),
    ],
)
def test_a_word_is_of_its_own_language(text: str) -> None:
    """English and Turkish words are no Russian or Kazakh ones in Latin letters: `recent` is no рецензия."""
    said = WORDS.sentence(fold(text)).meanings
    assert said.isdisjoint(
        {"journal", "deed", "paper", "not", "ignore", "thing", "trade", "colleagues", "event", "reset"}
    )
