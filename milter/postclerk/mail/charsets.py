"""Octets as text, whatever charset they are labelled with: mail in Cyrillic and Turkish is often labelled wrongly.

The label is believed where the octets can be read by it and come out as text that people write. Else the charsets that
are in use where our mail comes from are tried, and the one whose text reads most naturally wins. A general detector
(charset-normalizer, chardet) knows neither KZ-1048 nor which languages can come, and takes a hundred times as long.
"""

from __future__ import annotations

import codecs
import re

from postclerk.core.addresses import decode_words

_TRIED = ("utf-8", "windows-1251", "koi8-r", "iso-8859-5", "cp866", "windows-1254", "kz1048", "windows-1252")
_SAMPLE = 4096

_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))

_COMMON = frozenset("çğıöşüâîûäßқғңұүөәһі«»—–…№’‘“”•\u00a0°©®™→✓")
_BY_FREQUENCY = {letter: rank for rank, letter in enumerate("оеаинтсрвлкмдпуыягьзбчйхжшюцщэфъё")}
"""Russian letters, the most frequent first; Kazakh is near enough."""

_BALKAN = frozenset("јѕќћњљџѓђ")
"""Serbian and Macedonian letters, at whose places KZ-1048 has Kazakh ones."""

_USUAL_RANK = 10
_TORN = re.compile(r"[а-яёa-z][А-ЯЁ]|[çğıöşü][ÇĞİÖŞÜ]|[a-zA-Z][а-яА-Я]|[а-яА-Я][a-zA-Z]")
"""What stands in no word: a capital behind a small letter, two scripts."""

_STATEFUL = re.compile(r"utf[-_]?(7|16|32)|iso[-_]?2022|hz", re.IGNORECASE)


def decoded(octets: bytes, label: str) -> tuple[str, bool]:
    """The text, and whether the label had to be put aside. What fits no charset is replaced, never raised."""
    for mark, charset in _BOMS:
        if octets.startswith(mark):
            return octets.decode(charset, "replace"), False
    if octets.isascii() and not _STATEFUL.match(label):
        return octets.decode("ascii"), False
    text = _read(octets, label)
    if text is not None and (_is_utf8(label) or _badness(text) < _SUSPICIOUS):
        return text, False
    best, best_text = _SUSPICIOUS * 10, text
    for charset in _TRIED:
        tried = _read(octets, charset)
        if tried is None:
            continue
        if charset == "utf-8":
            # What is UTF-8 by accident is not found in nature.
            return tried, True
        if (badness := _badness(tried)) < best:
            best, best_text = badness, tried
    return best_text if best_text is not None else octets.decode("utf-8", "replace"), True


_SUSPICIOUS = 0.15


def header_text(value: str) -> str:
    """A header's text as its reader is to see it: encoded words and bare octets in the charset they really have."""
    try:
        # What is no UTF-8 came as surrogates.
        value.encode()
    except UnicodeEncodeError:
        value = decoded(value.encode("utf-8", "surrogateescape"), "utf-8")[0]
    return decode_words(value, lambda octets, label: decoded(octets, label)[0])


def _is_utf8(label: str) -> bool:
    try:
        return codecs.lookup(label).name == "utf-8"
    except (LookupError, ValueError):
        return False


def _read(octets: bytes, label: str) -> str | None:
    try:
        return octets.decode(label)
    except (LookupError, ValueError):
        if _is_utf8(label) and len(octets) > 64:
            # A text that was cut, or a few stray octets in it, is still what it says.
            text = octets.decode("utf-8", "replace")
            return text if text.count("\ufffd") * 50 < len(text) else None
        return None


def _badness(text: str) -> float:
    """How little a text looks like Russian, Kazakh, Turkish or another people's: from 0, by letter outside ASCII."""
    sample = [char for char in text[:_SAMPLE].lower() if char > "\x7f"]
    if not sample:
        return 0.0
    ranks = [_BY_FREQUENCY[char] for char in sample if char in _BY_FREQUENCY]
    strange = len(sample) - len(ranks) - sum(char in _COMMON for char in sample)
    strange += 4 * sum(char in _BALKAN for char in sample)
    torn = len(_TORN.findall(text[:_SAMPLE]))
    unusual = max(0.0, sum(ranks) - _USUAL_RANK * len(ranks)) / 20
    return (strange + 2 * torn + unusual) / len(sample)
