"""The text of an automatic reply as words, numbers, dates, addresses and telephone numbers, in sentences."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from postclerk.mail.absence.words import PLACED, SAID, folded

LONGEST = 6000
"""Characters that are read; what people say of an absence stands at the top."""

_UNSEEN = re.compile("[\u00ad\u034f\u061c\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]")
_CURLY = str.maketrans("’‘`´ʼ\u00a0\u202f\u2009", "'''''   ")

_DASH = "[-\u2010-\u2015\u2212]"
_MONTHDAY = r"(?:3[01]|[12]\d|0?[1-9])"
_TOKEN = re.compile(
    rf"""
      (?P<email> [\w.+-]{{1,64}}@[\w-]{{1,63}}(?:\.[\w-]{{1,63}}){{1,8}} )
    | (?P<url> (?:https?://|www\.)\S+ )
    | (?P<phone> (?:\+|\b00)\d(?:[ ().\u2010-\u2015-]{{0,2}}\d){{6,16}}
               | (?:\b\d[ -]?)?\(\d{{2,5}}\)(?:[ -]{{0,2}}\d){{4,10}} )
    | (?P<iso> (?<!\d)\d{{4}}(?P<i>[-./])\d{{1,2}}(?P=i)\d{{1,2}}(?!\d) )
    | (?P<full> (?<!\d)\d{{1,2}}(?P<f>[./-])[ ]?\d{{1,2}}(?P=f)[ ]?(?:\d{{4}}|\d{{2}})(?![\d@]|[./-]\d{{2}}\b(?![./])) )
    | (?P<clock> \d{{1,2}}:\d{{2}}(?::\d{{2}})?(?:[ ]?[ap]\.?m\b\.?)? | \d{{1,2}}[ ]?[ap]\.?m\b\.? )
    | (?P<part> (?<!\d){_MONTHDAY}(?P<p>[./])(?:1[0-2]|0?[1-9])(?!\d|[%@])(?:\.(?=[ ]?{_DASH}))? )
    | (?P<slashed> (?<![\d/])(?:1[0-2]|0?[1-9])/(?:3[01]|[12]\d)(?![\d/%]) )
    | (?P<dotted> (?<![\d.])\d{{1,2}}\.\d{{2}}(?![\d.]) )
    | (?P<digits> (?<!\d)\d{{1,4}}[ -](?:\d{{2,4}}[ -]){{1,5}}\d{{2,4}}(?!\d) | \d{{5,20}} )
    | (?P<number> \d{{1,4}}(?:st\b|nd\b|rd\b|th\b)? )
    | (?P<word> [^\W\d_]+ )
    | (?P<dash> {_DASH} )
    | (?P<line> \n )
    | (?P<mark> [.!?;,:()/] )
    """,
    re.VERBOSE | re.IGNORECASE,
)
_SUFFIX = re.compile(r"(?:'|-(?=[^\W\d_]{1,6}\b))([^\W\d_]{1,10})\b")
_LONGEST_SENTENCE = 150
"""Tokens that are looked at together; with more, time would grow with their square."""

_NO_ABSENCE = ("right", "straight", "click", "clicks", "step", "steps", "minutes")
"""Before "away"."""

_ABBREVIATIONS = frozenset(
    [
        "dr",
        "mr",
        "mrs",
        "ms",
        "prof",
        "assoc",
        "st",
        "no",
        "tel",
        "ext",
        "doç",
        "yrd",
        "öğr",
        "gör",
        "г",
        "гг",
        "ж",
        "жж",
        "т",
        "тел",
        "ул",
        "доб",
        "вн",
        "проф",
        "доц",
        "им",
        "see",
        "etc",
        "e",
        "i",
    ]
)


@dataclass(slots=True)
class Token:
    """A word, a number and so on; `means` as PLACED has it, `suffix` what is tied to it by an apostrophe or hyphen."""

    kind: str
    text: str
    folded: str
    start: int
    suffix: str = ""
    ordinal: bool = False
    means: frozenset[str] = frozenset()
    says: frozenset[str] = frozenset()

    def numbered(self, name: str) -> int | None:
        """The number in a meaning such as `month8`."""
        found = [int(one.removeprefix(name)) for one in self.means if one.startswith(name) and one != name]
        return min(found, default=None)


@dataclass(slots=True)
class Sentence:
    """A sentence of `text`; `says` is what it speaks of."""

    tokens: list[Token]
    text: str
    signature: bool = False
    says: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        words = [token for token in self.tokens if token.kind == "word"]
        for token, means, says in zip(
            words,
            PLACED.places([word.folded for word in words]),
            SAID.places([word.folded for word in words]),
            strict=True,
        ):
            token.means, token.says = means, says
        for before, token in itertools.pairwise(words):
            if token.folded == "away" and before.folded in _NO_ABSENCE:
                token.says -= {"absent"}
        everything = [
            token.means & {"back", "back_last", "respond", "respond_last", "not"} | token.says for token in words
        ]
        self.says = frozenset[str]().union(*everything)
        for meaning in ("back", "respond"):
            if f"{meaning}_last" in self.says:
                self.says |= {meaning}
        if {"mine", "not_there"} <= self.says:
            self.says |= {"absent"}
        if "absent" not in self.says and is_return(self.tokens):
            self.says |= {"back"}


def is_return(tokens: list[Token]) -> bool:
    """Whether somebody will be at his place: "на работе буду 17-го", "17 Ağustos'ta ofiste olacağım"."""
    means = frozenset[str]().union(*(token.means for token in tokens))
    return {"place", "come"} <= means and not any("absent" in token.says for token in tokens)


def tokens(text: str) -> Iterator[Token]:
    """The tokens of a text; what is none of them is passed over."""
    place = 0
    while found := _TOKEN.search(text, place):
        kind = str(found.lastgroup)
        place = found.end()
        word = found.group()
        token = Token(kind, word, folded(word) if kind == "word" else word, found.start())
        if kind == "slashed":
            token.kind = "part"
        elif kind == "dotted" or word == "24/7" or (kind == "part" and not _is_day_and_month(word)):
            token.kind = "clock"
        if kind in ("number", "word", "full", "iso", "part", "email") and (tied := _SUFFIX.match(text, place)):
            suffix = folded(tied[1])
            hyphen = text[place] == "-"
            if not hyphen or (kind in ("number", "full", "iso", "part") and not _is_month(suffix)):
                token.suffix = suffix
                place = tied.end()
        token.ordinal = kind == "number" and (not word.isdigit() or bool(token.suffix))
        yield token


def _is_month(word: str) -> bool:
    return any(one.startswith("month") and one != "month" for one in PLACED.places([word])[0])


def _is_day_and_month(text: str) -> bool:
    """Whether it is 15.08 rather than half past nine or a version: each with two digits, or the month a likely one."""
    day, month = re.split(r"[./]", text.rstrip("."))
    return len(month) == 2 or "/" in text or len(day) == 2


def sentences(text: str) -> list[Sentence]:
    """The sentences of a text; lines that go on in the next are put together."""
    text = _UNSEEN.sub("", text[:LONGEST]).translate(_CURLY).replace("\r", "")
    found: list[Sentence] = []
    now: list[Token] = []
    everything = list(tokens(text))
    line_start = 0
    for token, after in itertools.zip_longest(everything, everything[1:]):
        if token.kind == "line":
            length = token.start - line_start
            line_start = token.start + 1
            if now and _goes_on(now[-1], length, text[line_start : line_start + 1], after):
                continue
        elif token.kind != "mark" or token.text not in ".!?;" or not _ends(token, now, after, text):
            now.append(token)
            if len(now) < _LONGEST_SENTENCE:
                continue
        if now:
            found.append(Sentence(now, text))
        now = []
    if now:
        found.append(Sentence(now, text))
    _mark_signatures(found)
    return found


def _goes_on(last: Token, length: int, first: str, after: Token | None) -> bool:
    if last.kind == "mark" and last.text == ":":
        return False
    return (
        after is not None
        and after.kind not in ("line", "dash")
        and (
            length >= 60
            or _leads_on(last)
            or (last.text != "," and first.islower())
            or (length >= 40 and first.isdigit())
        )
    )


def _leads_on(last: Token) -> bool:
    """Whether a line cannot end here: "until", "с", "from"."""
    return last.kind == "word" and bool(PLACED.places([last.folded])[0] & {"from", "until", "to", "through"})


def _ends(token: Token, now: list[Token], after: Token | None, text: str) -> bool:
    if token.text != ".":
        return True
    behind = text[token.start + 1 : token.start + 2]
    if behind and not behind.isspace():
        return False
    last = now[-1] if now else None
    if last is None or after is None or after.kind == "line":
        return True
    if last.kind == "word" and (len(last.text) == 1 or last.folded in _ABBREVIATIONS or _is_month(last.folded)):
        return after.text[:1].isupper() and len(last.text) > 4
    if last.kind == "number" and after.kind in ("word", "dash"):
        return not _is_month(after.folded) and after.text[:1].isupper()
    return not after.text[:1].islower()


def _mark_signatures(found: list[Sentence]) -> None:
    """What stands under a closing formula or two dashes, until somebody speaks again."""
    inside = 0
    for sentence in found:
        first = sentence.tokens[0]
        closes = "closing" in sentence.says or (
            len(sentence.tokens) <= 2 and all(t.kind == "dash" for t in sentence.tokens)
        )
        if closes and (first.kind == "dash" or len(sentence.tokens) <= 14):
            inside = 10
        elif sentence.says & {"absent", "contact"} and len(sentence.tokens) > 3:
            inside = 0
        sentence.signature = inside > 0 and not (closes and "absent" in sentence.says)
        inside = max(0, inside - 1)
