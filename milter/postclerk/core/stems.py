"""Stems: words by what they begin with, in their own script and, for Russian and Kazakh ones, in Latin letters.

A stem of the words is looked up by each beginning of a word. Its forms in Latin letters are too many to be written out:
there the word is followed letter by letter through a tree of the stems.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from typing import Generic, TypeVar

LATIN_OF = {
    letter: tuple(written.split("|"))
    for letter, written in {
        "а": "a", "б": "b", "в": "v|w", "г": "gh|g", "д": "d", "е": "ye|je|e", "ж": "zh|j", "з": "z", "и": "i|y|j",
        "к": "k|q|c", "л": "l", "м": "m", "н": "ng|n", "о": "o", "п": "p", "р": "r", "с": "s", "т": "t", "у": "u|y|w",
        "ф": "f", "х": "kh|h|x", "ц": "ts|tc|tz|cz|c", "ч": "ch|c", "ш": "sh|s", "щ": "shch|sch|sh|s", "ъ": "",
        "ы": "y|i", "ь": "'|", "э": "e", "ю": "yu|iu|ju|u", "я": "ya|ia|ja|a",
    }.items()
}  # fmt: skip
"""How people write a Cyrillic letter with Latin ones, in Russian and in Kazakh."""

_LATIN_WORDS = re.compile(
    "|".join((
        "algis", "asildig", "basin", "basta", "batirma", "birey", "bron[csz]", "colleg", "compan", "concurs", "element",
        "istek", "kirdi[gk]", "kurma", "makul", "parol[ei]", "rahmet", "recent", "sayis[ai]", "server", "stat[iu]",
        "tarif",
    ))
)  # fmt: skip
"""English and Turkish words that look like Russian or Kazakh ones in Latin letters, by their beginnings."""

T = TypeVar("T")


class _Node(Generic[T]):
    """A place in the tree of stems: by what Latin letters it goes on, and what the stems say that end here."""

    __slots__ = ("_next", "goes_on", "said")

    def __init__(self) -> None:
        self._next: dict[str, _Node[T]] = {}
        self.goes_on: dict[str, list[tuple[str, _Node[T]]]] = {}
        """By the first Latin letter, or none where a letter may be left out: all that are written, and where to."""
        self.said: list[tuple[bool, T]] = []

    def next(self, letter: str) -> _Node[T]:
        """The place behind one more letter of a stem."""
        if letter not in self._next:
            self._next[letter] = _Node()
            for written in LATIN_OF.get(letter, (letter,)):
                self.goes_on.setdefault(written[:1], []).append((written, self._next[letter]))
        return self._next[letter]


class Stems(Generic[T]):
    """What words say, by folded stems (see core.lexicon): `=stem` is that word alone."""

    def __init__(self) -> None:
        self._written: defaultdict[str, list[tuple[bool, T]]] = defaultdict(list)
        self._longest = 0
        self._in_latin: _Node[T] = _Node()

    def add(self, stem: str, says: T, *, shortest_in_latin: int) -> None:
        """Notes what a stem says, from so many letters also where it is written in Latin ones."""
        word = stem.removeprefix("=")
        entry = (word != stem, says)
        self._written[word].append(entry)
        self._longest = max(self._longest, len(word))
        if len(word) >= shortest_in_latin and any("а" <= char <= "я" for char in word):
            node = self._in_latin
            for char in word:
                node = node.next(char)
            node.said.append(entry)

    def said_by(self, word: str) -> set[T]:
        """What a folded word says; nothing for most words."""
        said = set()
        for end in range(1, min(len(word), self._longest) + 1):
            for alone, says in self._written.get(word[:end], ()):
                if not alone or end == len(word):
                    said.add(says)
        if word[0].isascii() and not _LATIN_WORDS.match(word):
            said.update(self._followed(word))
        return said

    def _followed(self, word: str) -> Iterator[T]:
        """What a word in Latin letters says."""
        open_ends = [(self._in_latin, 0)]
        while open_ends:
            node, at = open_ends.pop()
            for alone, says in node.said:
                if not alone or at == len(word):
                    yield says
            for letter in {word[at : at + 1], ""}:
                for written, following in node.goes_on.get(letter, ()):
                    if word.startswith(written, at):
                        open_ends.append((following, at + len(written)))
