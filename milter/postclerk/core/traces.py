"""Traces of a text, by which a quotation is known again although neither text is kept.

A trace is a small sample of the sequences of words in a text, each as 24 bits: enough to tell that one text quotes
another, too few and with too many gaps to make the text up again. The sample is of sequences whose number a power of
two divides, so that two texts sample the same ones, and of long texts a larger power, so that no trace is long.
"""

from __future__ import annotations

import base64
import zlib
from binascii import Error as NotBase64
from operator import add

_LONGEST_TEXT = 8000
_MOST = 48
_LEVELS = range(3, 14)
"""The powers of two: even of a short text one sequence in eight is kept, and fewer than half of its words with it."""

_TO_DENY = 3
_TO_PROVE, _BY_CHANCE = 0.2, 0.1
"""Sequences that a quotation must have before it says that it is of another text; the share that proves whose it is,
and the share that says nothing, as the lines do that a list puts below everything."""

_NO_WORDS = bytes(octet if octet > 127 or chr(octet).isalnum() else 32 for octet in range(256))


def trace(text: str) -> str:
    """The trace of a text; empty where it is too short to have one."""
    words = text[:_LONGEST_TEXT].lower().encode("utf-8", "replace").translate(_NO_WORDS).split()
    # Four words in a row, by the sum of their numbers: this is done for all mail, so loops that run in C.
    one = list(map(zlib.crc32, words))
    two = list(map(add, one, one[1:]))
    numbers = {number & 0xFFFFFF for number in map(add, two, two[2:]) if not number & 7}
    for level in _LEVELS:
        numbers = _sampled(numbers, level)
        if len(numbers) <= _MOST:
            break
    if not numbers:
        return ""
    octets = b"".join(number.to_bytes(3, "big") for number in sorted(numbers)[:_MOST])
    return f"{level:x}" + base64.b64encode(octets).decode("ascii")


def quoted_share(quotation: str, source: str) -> float | None:
    """The share of a quotation (a trace) that is of a source (a trace): 0 where it is of another text, None where the
    traces do not tell."""
    (one, of_quotation), (other, of_source) = _read(quotation), _read(source)
    level = max(one, other)
    wanted, there = _sampled(of_quotation, level), _sampled(of_source, level)
    if not wanted or not there:
        return None
    share = len(wanted & there) / len(wanted)
    if share >= _TO_PROVE:
        return share
    return 0.0 if share < _BY_CHANCE and len(wanted) >= _TO_DENY else None


def _sampled(numbers: set[int], level: int) -> set[int]:
    mask = (1 << level) - 1
    return {number for number in numbers if not number & mask}


def _read(text: str) -> tuple[int, set[int]]:
    """A trace's level and numbers; nothing of what is none."""
    try:
        octets = base64.b64decode(text[1:].encode("ascii"), validate=True)
        level = int(text[:1] or "2", 16)
    except (NotBase64, ValueError):
        return _LEVELS[0], set()
    return level, {int.from_bytes(octets[at : at + 3], "big") for at in range(0, len(octets), 3)}
