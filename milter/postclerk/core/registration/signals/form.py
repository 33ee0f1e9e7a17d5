"""How long it is, and whether it speaks of the matter at all."""

from __future__ import annotations

from postclerk.core.registration.letter import Letter
from postclerk.core.registration.signals.signal import signal


@signal("it is short")
def is_short(letter: Letter) -> bool:
    return len(letter.text) < 1200 and len(letter.sentences) > 0


@signal("it is a long text", against=True)
def is_long(letter: Letter) -> bool:
    return len(letter.text) > 4000 or len(letter.links) > 25


@signal("it says nothing of accounts, registrations or subscriptions", against=True)
def speaks_of_nothing_like_it(letter: Letter) -> bool:
    return letter.said.isdisjoint(LIKE_IT)


LIKE_IT = (
    "account", "arrived", "confirm", "credentials", "first_password", "register", "registered", "sign_in_now",
    "subscribe", "username", "welcome",
)  # fmt: skip
