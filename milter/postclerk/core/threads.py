"""How messages belong together: by their ids (RFC 5322 3.6.4), and by their subjects where a client lost those.

Both become keys, short texts that are equal where two messages may belong together, so that a store finds the few
messages among very many; whether they really do is for whoever compares people and times (core.tracker).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

_LONGEST_VALUE = 64 * 1024
_LONGEST_ID = 500
_MOST_FIRST, _MOST_LAST = 20, 80
"""References that count: the thread's first messages, and those nearest to the message."""

_BRACKETED = re.compile(r"<([^<>]{1,1000})>")
_BARE = re.compile(r"[^\s<>\"(),;]+@[^\s<>\"(),;]+")

_ONE_WORD = re.compile(r"\A\s*([^\s<>]+)\s*\Z")

_REPLY_WORDS = (
    # English and what most programs write whatever the language; German, Nordic, Dutch, Polish, French, Spanish,
    # Italian programs; Russian, Turkish, Kazakh, Ukrainian; Chinese.
    "re", "reply", "aw", "antw", "antwort", "sv", "vs", "odp", "rép", "rif",
    "ответ", "отв", "на", "ha", "нa", "hа", "re на", "відп", "ynt", "yanıt", "yan", "cvp", "cevap", "жауап", "жауабы",
    "回复", "答复", "回覆",
)  # fmt: skip
_FORWARD_WORDS = (
    "fwd", "fw", "forward", "wg", "vb", "doorst", "pd", "rv", "enc",
    "пересл", "пересылка", "переслано", "fwd на", "перенаправлено", "ilt", "i̇lt", "ılt", "iletilen", "ilet",
    "жіберілді", "қайта жіберілді", "жіб", "бағытталды", "转发", "轉寄",
)  # fmt: skip


def _words(words: Iterable[str]) -> str:
    return "|".join(sorted({re.escape(word) for word in words}, key=len, reverse=True))


_PREFIX = re.compile(
    rf"\s*(?:(?P<reply>{_words(_REPLY_WORDS)})|(?P<forward>{_words(_FORWARD_WORDS)}))"
    r"\s*(?:\[\s*\d{1,4}\s*\]|\(\s*\d{1,4}\s*\)|\^\d{1,4})?\s*[:：]\s*",
    re.IGNORECASE,
)
_TAG = re.compile(r"\s*\[[^\[\]\d]{1,40}\]\s*")
"""What a list or a gateway puts before a subject. One with digits is a ticket's number: that tells threads apart."""

_FORWARD_TAIL = re.compile(r"\s*\((?:fwd?|fw)\)\s*$", re.IGNORECASE)
_FORMER = re.compile(
    r"\s*[(\[]\s*(?:was|war|было|раньше|eski(?:den)?|önceki|бұрын(?:ғы)?)\b\s*:?\s*(.+?)[\s)\]]*$", re.IGNORECASE
)
"""What a subject was before somebody changed it."""

_UNSEEN = re.compile("[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]")
_LONGEST_SUBJECT = 300
_MOST_PREFIXES = 20

_LONGEST_INDEX = 1000
_OF_CONVERSATION, _OF_ANSWER = 22, 5
"""Octets of a Thread-Index that say which conversation it is, and those that each answer adds ([MS-OXOMSG] 2.2.1.3)."""


def message_ids(value: str) -> tuple[str, ...]:
    """The message ids in a Message-ID, In-Reply-To or References field, in their order and each once.

    Blanks within an id are taken out, as folding clients put them in; where nothing stands in angle brackets, what
    looks like an id does, or else the only word. Of very many the first and the last are kept.
    """
    value = value[:_LONGEST_VALUE]
    found = _BRACKETED.findall(value) or _BARE.findall(value) or _ONE_WORD.findall(value)
    ids = dict.fromkeys(one for text in found if (one := "".join(text.split())[:_LONGEST_ID]))
    if len(ids) <= _MOST_FIRST + _MOST_LAST:
        return tuple(ids)
    every = list(ids)
    return tuple(every[:_MOST_FIRST] + every[-_MOST_LAST:])


def message_id(value: str) -> str:
    """The id of a message, or nothing; one without brackets or without an @ is taken as it stands."""
    ids = message_ids(value)
    return ids[0] if ids else "".join(value.split()).strip("<>")[:_LONGEST_ID]


@dataclass(frozen=True, slots=True)
class Subject:
    """A subject without what replying and forwarding put before it: `core` is for comparison."""

    core: str
    replies: bool
    """It says that it answers something."""
    forwards: bool
    """The first thing that it says is that it passes something on."""
    former: str = ""
    """The core of the subject that it says it was before."""

    @property
    def is_telling(self) -> bool:
        """Whether it is long enough that two people hardly write it by chance."""
        return len(self.core) >= 8 and " " in self.core


def subject(text: str) -> Subject:
    """Reads a subject, decoded already."""
    former = ""
    if ("(" in text or "[" in text) and (found := _FORMER.search(text[:_LONGEST_SUBJECT])):
        former = _FORMER.sub("", found[1])
        text = text[: found.start()]
    core, replies, forwards = _read(text)
    if replies or not former:
        return Subject(core, replies, forwards)  # who changed it was somebody else before
    return Subject(core, True, forwards, _read(former)[0])


def _read(text: str) -> tuple[str, bool, bool]:
    """A subject's core, and whether it says that it replies, and that it forwards."""
    # One form for what looks the same; the dot above that a Turkish capital leaves behind when it is made small.
    text = unicodedata.normalize("NFKC", _UNSEEN.sub("", text[:_LONGEST_SUBJECT])).strip()
    replies = forwards = False
    first = True
    for _ in range(_MOST_PREFIXES):
        if match := _PREFIX.match(text):
            if match["reply"]:
                replies = True
            elif first:
                forwards = True
            first = False
            text = text[match.end() :]
        elif (match := _TAG.match(text)) and text[match.end() :]:
            text = text[match.end() :]
        else:
            break
    if match := _FORWARD_TAIL.search(text):
        forwards = forwards or first
        text = text[: match.start()]
    core = " ".join(text.casefold().replace("i̇", "i").split()).strip(" .!?…")
    return core, replies, forwards


def thread_index(value: str) -> str:
    """An Outlook's Thread-Index as hexadecimal digits, or nothing where it is none."""
    try:
        octets = base64.b64decode("".join(value[:_LONGEST_INDEX].split()).encode("ascii"), validate=True)
    except (binascii.Error, ValueError):
        return ""
    more = len(octets) - _OF_CONVERSATION
    return octets.hex() if more >= 0 and more % _OF_ANSWER == 0 else ""


def parent_index(index: str) -> str:
    """The Thread-Index of what the message with this one answers, or nothing where it begins a conversation."""
    return index[: -2 * _OF_ANSWER] if len(index) > 2 * _OF_CONVERSATION else ""


def id_key(ident: str) -> str:
    """The key of a message id."""
    return _key("id", ident)


def index_key(index: str) -> str:
    """The key of a Thread-Index."""
    return _key("index", index)


def thread_key(core: str, address: str) -> str:
    """The key of what is written to or from an address (a comparison key) under a subject's core."""
    return _key("thread", core, address)


def passing_key(subject: Subject, login: str) -> str:
    """The key of what somebody passes on under a subject."""
    return _key("pass", subject.core, login)


def fingerprint(*parts: str) -> str:
    """What is the same for one message, however often it comes and by however many hosts."""
    return _key("message", *parts)


def _key(*parts: str) -> str:
    text = "\0".join(parts).encode("utf-8", "surrogateescape")
    return hashlib.blake2b(text, digest_size=12).hexdigest()
