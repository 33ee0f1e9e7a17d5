"""Whether it greets somebody new: it welcomes, thanks, approves, shows the first steps."""

from __future__ import annotations

from postclerk.core.lexicon import Sentence
from postclerk.core.registration.letter import Letter
from postclerk.core.registration.signals.business import (
    is_for_something_else,
    is_hired,
    is_paid_for,
    subject_numbered,
)
from postclerk.core.registration.signals.sentences import (
    is_of_another,
    is_of_thing,
    is_other_business,
    registers_paper,
    tells_of,
)
from postclerk.core.registration.signals.signal import signal


@signal("the subject is about registering")
def subject_registers(letter: Letter) -> bool:
    said = letter.subject_said
    return (
        said.any("register", "registered")
        and not (is_of_another(said) or registers_paper(said) or is_of_thing(letter.subject_topic))
        and not said.any("social", "on_record", "ends")
        and not (letter.remembered(subject_numbered) or letter.remembered(is_for_something_else))
    )


def _welcomes(sentence: Sentence) -> bool:
    # What is off for newcomers is offered to who came long ago as well.
    return sentence.has("welcome") and not sentence.has("bonus")


@signal("the subject says welcome")
def subject_welcomes(letter: Letter) -> bool:
    return _welcomes(letter.subject_said) and not any(map(letter.remembered, (is_hired, is_paid_for)))


@signal("the subject greets a newcomer")
def subject_greets_newcomer(letter: Letter) -> bool:
    return letter.subject_said.has("arrived") and not is_other_business(letter.subject_said)


@signal("the subject says that an account is there")
def subject_account_made(letter: Letter) -> bool:
    said = letter.subject_said
    return (
        said.has("account")
        and (said.any("created", "approved", "registered", "confirm") or "new" in said.words)
        and not (said.any("ends", "deleted", "into_account") or tells_of(said, "deed"))
    )


def _registered(sentence: Sentence) -> bool:
    if sentence.any("other_person", "locked", "on_record", "ends", "mine") or tells_of(sentence, "event"):
        return False
    if registers_paper(sentence) or is_of_thing(sentence):
        return False
    if sentence.has("signin") and (
        sentence.has("alert") or not (sentence.has("account") and sentence.any("created", "password"))
    ):
        return False
    if sentence.has("receive"):
        # Why one gets it, as whoever writes to his customers says at the end.
        return False
    if sentence.has("not"):
        # Whoever has not registered, or whoever did if it was not the reader.
        return False
    return sentence.has("registered") or (sentence.has("created", "account") and not sentence.has("into_account"))


@signal("it says that you have registered or made an account")
def registered(letter: Letter) -> bool:
    said = _registered(letter.subject_said) or letter.says(_registered)
    return said and not letter.remembered(is_for_something_else)


@signal("it says so in its subject or its first sentences")
def registered_at_once(letter: Letter) -> bool:
    said = any(map(_registered, (letter.subject_said, *letter.beginning)))
    return said and not letter.remembered(is_for_something_else)


@signal("it says that your address was given to register somewhere")
def address_given(letter: Letter) -> bool:
    return letter.says(
        lambda one: (
            one.has("email", "register")
            and not one.any("receive", "signin", "mine", "ends")
            and not (is_other_business(one) or is_of_another(one))
        )
    )


@signal("it says that your account or registration is approved")
def approved(letter: Letter) -> bool:
    return any(
        one.has("approved")
        and one.any("account", "register")
        and not one.any("reset", "changed", "locked", "signin", "alert", "new_address", "refused", "into_account")
        and not tells_of(one, "event", "trade", "other_person", "deed")
        and not registers_paper(one)
        for one in (letter.subject_said, *letter.beginning)
    )


def _thanks(sentence: Sentence) -> bool:
    return (
        sentence.has("thank")
        and (
            sentence.any("register", "registered", "subscribe")
            or (sentence.has("account") and sentence.any("make", "created"))
        )
        and not tells_of(sentence, "event", "trade")
    )


@signal("it thanks you for registering")
def thanks_for_registering(letter: Letter) -> bool:
    said = _thanks(letter.subject_said) or letter.says(_thanks)
    return said and not letter.remembered(is_for_something_else)


@signal("it says that you can sign in now")
def may_sign_in_now(letter: Letter) -> bool:
    return letter.says(lambda one: one.has("sign_in_now") and not one.any("reset", "changed", "locked"))


@signal("it welcomes you in its first sentences")
def welcomes(letter: Letter) -> bool:
    return any(map(_welcomes, letter.beginning))


@signal("it greets a newcomer in its first sentences")
def greets_newcomer(letter: Letter) -> bool:
    return any(one.has("arrived") and not is_other_business(one) for one in letter.beginning)


_SAID_TO_NEWCOMERS = ("welcome", "arrived", "registered", "register")


@signal("it shows a newcomer what to do first")
def shows_first_steps(letter: Letter) -> bool:
    return not letter.said.isdisjoint(_SAID_TO_NEWCOMERS) and any(
        one.has("begin") for one in (*letter.sentences[:_FIRST], *letter.labels)
    )


_FIRST = 12
"""Sentences in which the first steps are shown."""
