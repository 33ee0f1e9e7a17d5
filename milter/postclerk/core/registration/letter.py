"""What the signals look at: one message, folded and cut into sentences once."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeVar
from urllib.parse import unquote, urlsplit

from postclerk.core.lexicon import Sentence, fold
from postclerk.core.reading import Link
from postclerk.core.registration.words import LEXICON

T = TypeVar("T")

_LONGEST = 6000
"""Characters of the text that are read: mail of this kind is short, and says what it wants at its beginning."""

_MOST_SENTENCES = 120
_MOST_LINKS = 60
_BEGINNING = 6
_NAME = 4
"""Letters from which a word of the sender's name is known again."""

_WORD = re.compile(r"[^\W_]+")

_TOKEN = re.compile(
    r"[0-9a-f]{16,}|(?=[\w~-]*\d)(?=[\w~-]*[a-z])[\w~-]{12,}|(?=\w*[A-Z])(?=\w*[a-z])\w{16,}|eyJ[\w-]{8,}|\d{9,}",
    re.ASCII,
)
_CONFIRMS = re.compile(
    r"confirm|verif|validat|activ|optin|opt[-_]in|register|registr|signup|sign[-_]up|subscri(?!ptions?/manage)|"
    r"onay|dogrula|etkinles|podtver|aktiv|rasta|tirkel|belsend|welcome|onboarding|invite?d?[-_]?accept",
    re.IGNORECASE,
)
_OTHER_PATHS = re.compile(
    r"unsubscri|opt[-_]?out|reset|password|recover|unlock|preferenc|settings|manage|cancel|login[-_]?verif|invite|"
    r"change|delete|consent|export|download",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"https?://\S+", re.IGNORECASE)
_REPLY = re.compile(
    r"^\s*(?:\[[^\]]{1,60}\]\s*)*(re|fwd?|fw|aw|ynt|ilt|ответ|на|пересл|жауап|жіб)\s*(\[\d+\]|\(\d+\))?\s*[:：]",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Letter:
    """One message as far as the signals look at it. Texts are as the reader sees them, without what he quotes."""

    subject: str
    text: str
    links: tuple[Link, ...] = ()
    sender: str = ""
    """The address in From."""
    sender_name: str = ""
    """The name beside it."""
    recipients: tuple[str, ...] = ()
    answers: bool = False
    """It has In-Reply-To or References."""
    list_id: str = ""
    list_post: bool = False
    """It came through a list to which one can write."""
    automatic: bool = False
    """A program says that it sent it (Auto-Submitted, Precedence, X-Auto-Response-Suppress)."""
    quotation: Letter | None = None
    """What it quotes, as a message of its own."""
    by_person: Callable[[], bool] | None = field(default=None, compare=False)
    """Says whether a person wrote it; None where nobody knows."""

    @cached_property
    def subject_said(self) -> Sentence:
        """The subject."""
        return LEXICON.sentence(fold(self.subject[:500]))

    @cached_property
    def subject_topic(self) -> Sentence:
        """The subject without the words by which the sender calls himself: a shop's name tells of no order."""
        own = tuple(word for word in _WORD.findall(fold(f"{self.sender_name} {self.sender}")) if len(word) >= _NAME)
        words = _WORD.findall(fold(self.subject[:500]))
        return in_own_script(LEXICON.sentence(" ".join(word for word in words if not word.startswith(own))))

    @cached_property
    def sentences(self) -> tuple[Sentence, ...]:
        """The text's sentences, from its beginning."""
        # What a link's address says is looked at apart: its words are no sentence of the text.
        text = _ADDRESS.sub(" ", self.text[:_LONGEST])
        return tuple(LEXICON.sentences(fold(text), _MOST_SENTENCES))

    def may_say(self, meanings: frozenset[str]) -> bool:
        """Whether the subject, the text or a link may say one of these; false where none of them does."""
        labels = " ".join(link.text for link in self.links[:_MOST_LINKS])
        return LEXICON.may_say(f"{self.subject[:500]}\n{self.text[:_LONGEST]}\n{labels}", meanings)

    @cached_property
    def telling(self) -> tuple[Sentence, ...]:
        """Those that say something of what this is about; of an ordinary letter there are few."""
        return tuple(one for one in self.sentences if one.meanings)

    @cached_property
    def beginning(self) -> tuple[Sentence, ...]:
        """The first sentences, with the greeting."""
        return self.sentences[:_BEGINNING]

    @cached_property
    def labels(self) -> tuple[Sentence, ...]:
        """What is written on the links, where that is more than an address."""
        texts = (link.text for link in self.links[:_MOST_LINKS] if link.text and "://" not in link.text)
        return tuple(LEXICON.sentence(fold(text[:120])) for text in texts)

    @cached_property
    def said(self) -> frozenset[str]:
        """Everything that is meant anywhere."""
        return frozenset().union(*(one.meanings for one in (self.subject_said, *self.telling)))

    def count(self, says: Callable[[Sentence], bool]) -> int:
        """How many sentences say something."""
        return sum(map(says, self.telling))

    def says(self, says: Callable[[Sentence], bool]) -> bool:
        """Whether a sentence says something."""
        return any(map(says, self.telling))

    @cached_property
    def is_reply(self) -> bool:
        """It answers or passes on a message."""
        return self.answers or bool(_REPLY.match(self.subject))

    @cached_property
    def paths(self) -> tuple[str, ...]:
        """What stands behind the hosts of the links, decoded."""
        return tuple(_path(link.url) for link in self.links[:_MOST_LINKS])

    @cached_property
    def confirming_paths(self) -> tuple[str, ...]:
        """Those that by their words confirm something."""
        return tuple(path for path in self.paths if _CONFIRMS.search(path) and not _OTHER_PATHS.search(path))

    def remembered(self, ask: Callable[[Letter], T]) -> T:
        """What `ask` says of this letter; it is asked once."""
        answers: dict[Any, Any] = self.__dict__.setdefault("_answers", {})
        if ask not in answers:
            answers[ask] = ask(self)
        return answers[ask]  # type: ignore[no-any-return]

    def has_token(self, paths: tuple[str, ...]) -> bool:
        """Whether one of these holds something that nobody could guess."""
        return any(_TOKEN.search(path) for path in paths)

    def names_recipient(self) -> bool:
        """Whether the text or a link holds the address that it was sent to."""
        text = self.text[:_LONGEST].casefold()
        return any(
            one and (one in text or any(one in path.casefold() for path in self.paths)) for one in self.recipients
        )


def in_own_script(sentence: Sentence) -> Sentence:
    """The sentence without Latin words among Cyrillic ones: those are mostly names, and tell of no business."""
    words = [word for word in sentence.words if not word.isascii()]
    if not words or len(words) == len(sentence.words) or not sentence.meanings or sentence.text.isascii():
        return sentence
    if not any("а" <= char <= "я" for char in words[0]):
        return sentence
    return LEXICON.sentence(" ".join(words))


def _path(url: str) -> str:
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        return ""
    if parts.scheme.lower() not in ("http", "https", ""):
        return ""
    return unquote(f"{parts.path}?{parts.query}#{parts.fragment}")[:2000]
