"""Words by their beginnings, in their own script and in Latin letters."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from postclerk.core.stems import LATIN_OF, Stems

_SHORTEST = 3

_STEMS = st.lists(st.text("ашщциья", min_size=1, max_size=5), min_size=1, max_size=6, unique=True)


def _stems(*written: str) -> Stems[str]:
    stems: Stems[str] = Stems()
    for stem in written:
        stems.add(stem, stem, shortest_in_latin=_SHORTEST)
    return stems


def _as_pattern(stem: str) -> str:
    letters = stem.removeprefix("=")
    latin = "".join(f"(?:{'|'.join(LATIN_OF[letter])})" for letter in letters)
    return f"(?:{letters}{f'|{latin}' if len(letters) >= _SHORTEST else ''}){'$' if letters != stem else ''}"


def test_every_stem_that_a_word_begins_with_speaks() -> None:
    """A short stem and a longer one are both said; a word alone is said by nothing longer."""
    stems = _stems("код", "кодек", "=кода")
    assert stems.said_by("кодекс") == {"код", "кодек"}
    assert stems.said_by("кода") == {"код", "=кода"}
    assert stems.said_by("кодам") == {"код"}
    assert stems.said_by("ко") == set()


def test_short_stems_are_not_read_in_latin_letters() -> None:
    """Short stems would be words of other languages there."""
    stems = _stems("ты", "подтверд")
    assert stems.said_by("ty") == set()
    assert stems.said_by("podtverdite") == {"подтверд"}


def test_words_of_other_languages() -> None:
    """What is an English or Turkish word is not read as a Russian one in Latin letters."""
    assert _stems("парол").said_by("parole") == set()
    assert _stems("парол").said_by("paroly") == {"парол"}


@given(written=_STEMS, alone=st.booleans(), word=st.text("ashcwtzyiji'ашщциья", min_size=1, max_size=10))
def test_reads_as_a_pattern_would(written: list[str], alone: bool, word: str) -> None:
    """The tree finds what a pattern with all spellings of each stem finds."""
    marked = [f"={stem}" if alone and nr % 2 else stem for nr, stem in enumerate(written)]
    assert _stems(*marked).said_by(word) == {stem for stem in marked if re.match(_as_pattern(stem), word)}
