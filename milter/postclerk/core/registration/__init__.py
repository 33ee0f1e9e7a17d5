"""Whether a message registers its reader somewhere: what counted, and how sure that is (1.3.2-e).

A logistic score over the signals of `signals`, with the weights of `weights`: each signal that is seen adds its weight.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from postclerk.core.registration.letter import Letter
from postclerk.core.registration.signals import SIGNALS
from postclerk.core.registration.weights import BASE, WEIGHTS
from postclerk.core.registration.words import LEXICON

__all__ = ["CEILING", "LIKELY", "SURE", "Letter", "Score", "may_be", "may_be_said", "score"]

LIKELY = 0.5
"""The score from which a message is called a registration where rules.yaml does not say otherwise."""

SURE = 0.9
"""The score from which that is called sure."""


@dataclass(frozen=True, slots=True)
class Score:
    """How sure it is that a message is a registration, from 0 to 1, and what counted, the weightiest first."""

    value: float
    why: tuple[str, ...]
    names: frozenset[str]
    """The signals that were seen."""
    may_be_signing_in: bool
    """It gives a code that could as well be for an account that is there already: nothing else tells of a new one."""


def score(letter: Letter) -> Score:
    """The score of one message."""
    seen = [signal for signal in SIGNALS if WEIGHTS[signal.name] and signal.seen(letter)]
    total = BASE + sum(WEIGHTS[signal.name] for signal in seen)
    seen.sort(key=lambda signal: -abs(WEIGHTS[signal.name]))
    why = tuple(signal.says if signal.speaks_for else f"but {signal.says}" for signal in seen)
    names = frozenset(signal.name for signal in seen)
    of_an_old_one = "signs_in" in names or ("confirms_email" not in names and letter.said.isdisjoint(_NEW))
    may_be_signing_in = "gives_code" in names and of_an_old_one
    return Score(1 / (1 + math.exp(-total)), why, names, may_be_signing_in)


def may_be(letter: Letter) -> bool:
    """Whether it is worth while to ask for the score: without any of these words it is below CEILING."""
    return letter.may_say(_NEEDED)


def may_be_said(text: str) -> bool:
    """The same of subject and text as they came, with what is quoted, before anybody has read them."""
    return LEXICON.may_say(text, _NEEDED)


_NEEDED = frozenset((
    "account", "arrived", "code", "confirm", "created", "credentials", "finish", "first_password", "last_step",
    "password", "register", "registered", "sign_in_now", "subscribe", "username", "welcome",
))  # fmt: skip
"""What a registration speaks of: each signal for one asks for one of these, but for those below."""

WITHOUT_WORDS = (
    "may_be_ignored", "expires", "link_confirms", "link_speaks_of_confirming", "link_with_token", "names_recipient",
    "from_nobody", "is_short",
)  # fmt: skip

CEILING = 1 / (
    1 + math.exp(-(BASE + WEIGHTS["speaks_of_nothing_like_it"] + sum(WEIGHTS[name] for name in WITHOUT_WORDS)))
)
"""The highest score of a letter that says none of what is needed."""

_NEW = ("register", "registered", "welcome", "arrived", "subscribe")
"""What is said of accounts that are new, and of none that is there."""
