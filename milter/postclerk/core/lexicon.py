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

_KAZAKH = str.maketrans("қғңұүөәһіıøœ", "кгнууоахиioo")
"""Kazakh letters that a Russian keyboard lacks, by those that stand in for them; letters without a decomposition."""

_UNSEEN = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]"
)

_MARKS = re.compile("[\u0300-\u036f\u0483-\u0487\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]")

_TO_CYRILLIC = str.maketrans("aeopcyxkmtbhi", "аеорсухкмтвни")
_TO_LATIN = str.maketrans("аеорсухкмтвнипг", "aeopcyxkmtbhinr")
_MIXED = re.compile(r"\b(?=\w*[a-z])(?=\w*[а-я])\w+")

_LATIN_OF = {
    "а": "a", "б": "b", "в": "[vw]", "г": "gh?", "д": "d", "е": "(?:ye|je|e)", "ж": "(?:zh|j)", "з": "z", "и": "[iyj]",
    "к": "[kqc]", "л": "l", "м": "m", "н": "ng?", "о": "o", "п": "p", "р": "r", "с": "s", "т": "t", "у": "[uyw]",
    "ф": "f", "х": "(?:kh|h|x)", "ц": "(?:ts|tc|tz|cz|c)", "ч": "(?:ch|c)", "ш": "(?:sh|s)", "щ": "(?:shch|sch|sh|s)",
    "ъ": "", "ы": "[yi]", "ь": "'?", "э": "e", "ю": "(?:yu|iu|ju|u)", "я": "(?:ya|ia|ja|a)",
}  # fmt: skip
"""How people write a Cyrillic letter with Latin ones, in Russian and in Kazakh."""

_WORD = re.compile(r"[^\W_]+")
_END = re.compile(r"[.!?;…](?=\s|$)|\n+|:\s*\n")
_E_MAIL = re.compile(r"\b[eе][-\u2010\u2011 ](?=(?:mail|posta|мail|маил|почт|пошт))")


def fold(text: str) -> str:
    """The text as it is compared: small letters without marks, nothing that is not seen, each word in one script."""
    if text.isascii():
        return _E_MAIL.sub("e", text.lower())
    text = unicodedata.normalize("NFKD", _UNSEEN.sub("", text)).casefold()
    text = _MARKS.sub("", text).translate(_KAZAKH)
    return _E_MAIL.sub("e", _MIXED.sub(_in_one_script, text))


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


_Word = tuple[frozenset[str], tuple[int, ...], frozenset[tuple[int, int]]]
"""What a word means, the phrases that it can begin, and the parts of phrases that it can be."""

_NOTHING: frozenset[str] = frozenset()


class Lexicon:
    """Meanings, each with the stems of all languages that express it."""

    def __init__(self, stems: Mapping[str, Iterable[str]]) -> None:
        single: dict[str, list[str]] = {}
        self._phrases: list[tuple[str, int]] = []
        parts: list[tuple[re.Pattern[str], tuple[int, int]]] = []
        for meaning, written in stems.items():
            for stem in written:
                words = [_pattern(word) for word in stem.split()]
                if len(words) == 1:
                    single.setdefault(meaning, []).append(words[0])
                    continue
                number = len(self._phrases)
                self._phrases.append((meaning, len(words)))
                parts += [(re.compile(word), (number, place)) for place, word in enumerate(words)]
        self._single = [(re.compile("|".join(patterns)), meaning) for meaning, patterns in single.items()]
        self._parts = parts
        self._of_word = lru_cache(maxsize=50_000)(self._look_up)

    def _look_up(self, word: str) -> _Word | None:
        """What a word is; nothing for most words."""
        means = frozenset(meaning for pattern, meaning in self._single if pattern.match(word))
        parts = frozenset(part for pattern, part in self._parts if pattern.match(word))
        begins = tuple(sorted(number for number, place in parts if place == 0))
        return (means, begins, parts) if means or parts else None

    def may_say(self, text: str, meanings: frozenset[str]) -> bool:
        """Whether a folded text has a word that means one of these, or all words of a phrase that does; asked of each
        word once, so that a long text costs little."""
        there: set[tuple[int, int]] = set()
        for word in set(_WORD.findall(text)):
            known = self._of_word(word)
            if known is not None:
                if not known[0].isdisjoint(meanings):
                    return True
                there |= known[2]
        return any(
            place == 0
            and self._phrases[number][0] in meanings
            and all((number, step) in there for step in range(1, self._phrases[number][1]))
            for number, place in there
        )

    def sentence(self, text: str) -> Sentence:
        """One sentence; its text is folded already."""
        words = tuple(_WORD.findall(text))
        if not any(map(self._of_word, words)):
            return Sentence(text, words, _NOTHING)
        return Sentence(text, words, frozenset().union(*self.places(words)))

    def places(self, words: Iterable[str]) -> list[frozenset[str]]:
        """What is meant at each of these folded words; a phrase is meant where it begins."""
        known = [*map(self._of_word, words)]
        said = [_NOTHING if word is None else word[0] for word in known]
        for place, word in enumerate(known):
            for number in word[1] if word is not None else ():
                if self._follows(known, place, number):
                    said[place] |= {self._phrases[number][0]}
        return said

    def _follows(self, known: list[_Word | None], place: int, number: int) -> bool:
        length = self._phrases[number][1]
        behind = known[place + 1 : place + length]
        return len(behind) == length - 1 and all(
            word is not None and (number, step) in word[2] for step, word in enumerate(behind, 1)
        )

    def sentences(self, text: str, most: int) -> Iterator[Sentence]:
        """The first sentences of a folded text that have words in them."""
        parts = (part for part in _END.split(text) if part and not part.isspace())
        return map(self.sentence, itertools.islice(parts, most))


def _pattern(stem: str) -> str:
    """A regular expression for the words that begin with a stem."""
    whole = stem.startswith("=")
    folded = fold(stem.removeprefix("="))
    pattern = re.escape(folded)
    if any("а" <= char <= "я" for char in folded):
        pattern = f"(?:{pattern}|{''.join(_LATIN_OF.get(char, re.escape(char)) for char in folded)})"
    return f"{pattern}$" if whole else pattern
