"""Words of four languages, however they are written, as meanings."""

from __future__ import annotations

import pytest

from postclerk.core.lexicon import Lexicon, fold

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
