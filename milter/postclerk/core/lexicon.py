"""Words of several languages as meanings: a text becomes sentences, a sentence the set of what its words mean.

Stems stand for all words that begin with them, as the languages here inflect at the end. Two stems with a blank between
them are a phrase, whose words follow each other. Russian and Kazakh stems are also found in Latin letters, Kazakh ones
also where somebody wrote them with the letters of a Russian keyboard, all of them without accents, and through letters
of the other script that look the same. A sign before a stem says more: `=code` is that word alone.
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from postclerk.core.stems import Stems

_KAZAKH = str.maketrans("қғңұүөәһіıøœ", "кгнууоахиioo")
"""Kazakh letters that a Russian keyboard lacks, by those that stand in for them; letters without a decomposition."""

_KAZAKH_LETTER = re.compile(f"[{''.join(map(chr, _KAZAKH))}]")
_LATIN_LETTER = re.compile("[a-z]")

_UNSEEN = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]"
)

_MARKS = re.compile("[\u0300-\u036f\u0483-\u0487\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]")

_TO_CYRILLIC = str.maketrans("aeopcyxkmtbhi", "аеорсухкмтвни")
_TO_LATIN = str.maketrans("аеорсухкмтвнипг", "aeopcyxkmtbhinr")
_MIXED = re.compile(r"\b(?=\w*[a-z])(?=\w*[а-я])\w+")

_SHORTEST_IN_LATIN = 5
"""Letters from which a single Cyrillic stem is looked for in Latin ones: shorter ones are words of other languages."""

_WORD = re.compile(r"[^\W_]+")
_END = re.compile(r"[.!?;…](?=\s|$)|\n+|:\s*\n")
_APART = frozenset("eEеЕ")
"""What may begin a word that is written in two, `e posta`: alone it says nothing, but is never passed over."""

_E_MAIL = re.compile(r"\b[eе][-\u2010\u2011 ](?=(?:mail|posta|мail|маил|почт|пошт))")


def fold(text: str) -> str:
    """The text as it is compared: small letters without marks, nothing that is not seen, each word in one script."""
    if text.isascii():
        return _E_MAIL.sub("e", text.lower())
    text = unicodedata.normalize("NFKD", _UNSEEN.sub("", text)).casefold()
    text = _MARKS.sub("", text)
    # Each is asked for first: it is not there in most texts, and a look is cheaper than a change.
    if _KAZAKH_LETTER.search(text):
        text = text.translate(_KAZAKH)
    if _LATIN_LETTER.search(text):
        text = _MIXED.sub(_in_one_script, text)
    return _E_MAIL.sub("e", text)


def _in_one_script(word: re.Match[str]) -> str:
    text = word.group()
    latin = sum("a" <= char <= "z" for char in text)
    return text.translate(_TO_LATIN if 2 * latin >= len(text) else _TO_CYRILLIC)


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence, heading or line: folded, its words, and what they mean."""

    text: str
    words: tuple[str, ...]
    meanings: frozenset[str]

    def has(self, *meanings: str) -> bool:
        """Whether all of these are said."""
        return self.meanings.issuperset(meanings)

    def any(self, *meanings: str) -> bool:
        """Whether one of these is said."""
        return not self.meanings.isdisjoint(meanings)


_Part = tuple[int, int]
"""The number of a phrase, and a place in it."""

_Word = tuple[frozenset[str], frozenset[_Part], frozenset[_Part]]
"""What a word means, how the phrases that it can begin go on, and the parts of phrases that it can be."""

_NOTHING: frozenset[str] = frozenset()

_MOST_SILENT = 50_000
_LONGEST_SILENT = 40
"""How many words that say nothing are remembered as they are written, and how long they may be."""


class Lexicon:
    """Meanings, each with the stems of all languages that express it."""

    def __init__(self, stems: Mapping[str, Iterable[str]], *, shortest_in_latin: int = _SHORTEST_IN_LATIN) -> None:
        """`shortest_in_latin` is for words that are only looked for where such a one can stand."""
        self._phrases: list[tuple[str, int]] = []
        self._stems: Stems[str | _Part] = Stems()
        for meaning, written in stems.items():
            for stem in map(fold, written):
                words = stem.split()
                if len(words) == 1:
                    self._stems.add(stem, meaning, shortest_in_latin=shortest_in_latin)
                    continue
                number = len(self._phrases)
                self._phrases.append((meaning, len(words)))
                for place, word in enumerate(words):
                    # Beside the others of a phrase it is found however short it is.
                    self._stems.add(word, (number, place), shortest_in_latin=1)
        self._of_word = lru_cache(maxsize=50_000)(self._look_up)
        self._of_written = lru_cache(maxsize=10_000)(self._look_up_written)
        self._silent: set[str] = set()

    def _look_up(self, word: str) -> _Word | None:
        """What a word is; nothing for most words."""
        said = self._stems.said_by(word)
        means = frozenset(one for one in said if isinstance(one, str))
        parts = frozenset(one for one in said if not isinstance(one, str))
        goes_on = frozenset((number, 1) for number, place in parts if place == 0)
        return (means, goes_on, parts) if means or parts else None

    def may_say(self, text: str, meanings: frozenset[str]) -> bool:
        """Whether a text, as it came, has a word that means one of these, or all words of a phrase that does.

        Words that say nothing are known again as they are written, so that most of a text is passed over at once."""
        unknown = set(text.split()) - self._silent
        if not unknown.isdisjoint(_APART):
            unknown = set(fold(text).split()) - self._silent
        there: set[_Part] = set()
        begun: set[_Part] = set()
        for written in unknown:
            for means, goes_on, parts in self._of_written(written):
                if not means.isdisjoint(meanings):
                    return True
                there |= parts
                begun |= goes_on
        return any(
            self._phrases[number][0] in meanings
            and all((number, step) in there for step in range(2, self._phrases[number][1]))
            for number, _ in begun & there
        )

    def _look_up_written(self, written: str) -> tuple[_Word, ...]:
        """What stands between two blanks; mostly one word."""
        known = tuple(word for word in map(self._of_word, _WORD.findall(fold(written))) if word is not None)
        if not known and len(written) < _LONGEST_SILENT and written not in _APART:
            if len(self._silent) >= _MOST_SILENT:
                self._silent.clear()
            self._silent.add(written)
        return known

    def sentence(self, text: str) -> Sentence:
        """One sentence; its text is folded already."""
        words = tuple(_WORD.findall(text))
        known = [*map(self._of_word, words)]
        return Sentence(text, words, frozenset().union(*self._said(known)) if any(known) else _NOTHING)

    def places(self, words: Iterable[str]) -> list[frozenset[str]]:
        """What is meant at each of these folded words; a phrase is meant where it begins."""
        return self._said([*map(self._of_word, words)])

    def _said(self, known: list[_Word | None]) -> list[frozenset[str]]:
        said = [_NOTHING if word is None else word[0] for word in known]
        for place, (word, after) in enumerate(itertools.pairwise(known)):
            if word is not None and after is not None and not word[1].isdisjoint(after[2]):
                begun = word[1] & after[2]
                said[place] |= {self._phrases[one][0] for one, _ in begun if self._ends(known, place + 2, one)}
        return said

    def _ends(self, known: list[_Word | None], place: int, number: int) -> bool:
        """Whether what begins at this place is the rest of a phrase, behind its first two words."""
        behind = known[place : place + self._phrases[number][1] - 2]
        return len(behind) == self._phrases[number][1] - 2 and all(
            word is not None and (number, step) in word[2] for step, word in enumerate(behind, 2)
        )

    def sentences(self, text: str, most: int) -> Iterator[Sentence]:
        """The first sentences of a folded text that have words in them."""
        parts = (part for part in _END.split(text) if part and not part.isspace())
        return map(self.sentence, itertools.islice(parts, most))
