"""What one sentence is about, as far as several signals ask for it."""

from __future__ import annotations

from postclerk.core.lexicon import Sentence
from postclerk.core.registration.letter import in_own_script


def tells_of(sentence: Sentence, *business: str) -> bool:
    """Whether it is about one of these, and not only by a name in Latin letters."""
    return sentence.any(*business) and in_own_script(sentence).any(*business)


def is_other_business(sentence: Sentence) -> bool:
    """What is confirmed or done is nothing that a new account needs."""
    return sentence.any("reset", "changed", "new_address", "locked") or tells_of(sentence, "event", "trade", "journal")


def is_of_another(sentence: Sentence) -> bool:
    """Somebody else registers, or it is for an event."""
    return tells_of(sentence, "other_person", "event")


def registers_paper(sentence: Sentence) -> bool:
    """A document or a request is entered into a register; no person is."""
    if sentence.has("registered_it") and not sentence.any("account", "email", "username", "you", "subscribe"):
        return True
    return sentence.has("registered", "paper") and not sentence.has("account")


def is_of_thing(sentence: Sentence) -> bool:
    """What is registered or confirmed is something that one owns, wrote or bought, and nobody's account."""
    return tells_of(sentence, "thing") and not sentence.any("account", "subscribe")
