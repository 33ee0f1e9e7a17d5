"""Whether something is to be confirmed, and what."""

from __future__ import annotations

from postclerk.core.lexicon import Sentence
from postclerk.core.registration.letter import Letter
from postclerk.core.registration.signals.business import is_paid_for, registers_for_event, subject_numbered
from postclerk.core.registration.signals.sentences import is_of_thing, is_other_business, tells_of
from postclerk.core.registration.signals.signal import signal


@signal("the subject asks to confirm an account, an address or a subscription")
def subject_confirms_account(letter: Letter) -> bool:
    said = letter.subject_said
    return (
        said.any("confirm", "finish")
        and said.any("account", "email", "register", "subscribe")
        and not (said.any("changed", "new_address", "deleted") or _is_confirmed(said))
        and not (is_of_thing(letter.subject_topic) or tells_of(said, "deed"))
        and not (letter.remembered(subject_numbered) or letter.remembered(registers_for_event))
    )


@signal("the subject is about confirming or activating")
def subject_confirms(letter: Letter) -> bool:
    said = letter.subject_said
    return said.any("confirm", "last_step") and not (is_other_business(said) or letter.remembered(subject_numbered))


@signal("a sentence asks to confirm or complete an account or a registration")
def confirms_account(letter: Letter) -> bool:
    return letter.says(
        lambda one: (
            one.any("confirm", "finish")
            and one.any("account", "register")
            and not (one.any("refused", "into_account") or is_other_business(one) or tells_of(one, "deed"))
        )
    )


@signal("a sentence asks to confirm an address")
def confirms_email(letter: Letter) -> bool:
    return letter.says(
        lambda one: (
            one.has("email")
            and one.any("confirm", "yours")
            and not one.any("changed", "reset", "new_address")
            and not (tells_of(one, "trade", "deed") or _is_confirmed(one))
        )
    )


def _is_confirmed(sentence: Sentence) -> bool:
    """Whether an address is confirmed already."""
    return sentence.has("approved", "email") and not sentence.any("account", "register", "click", "code")


@signal("a sentence asks to confirm a subscription")
def confirms_subscription(letter: Letter) -> bool:
    said = letter.says(
        lambda one: one.any("confirm", "finish") and one.has("subscribe") and not one.any("trade", "signin")
    )
    return said and not letter.remembered(is_paid_for)


@signal("it asks to click on something to confirm")
def click_to_confirm(letter: Letter) -> bool:
    return letter.says(
        lambda one: (
            one.has("click")
            and one.any("confirm", "finish")
            and not one.any("reset", "changed", "new_address", "locked")
            and not tells_of(one, "trade", "deed")
        )
    )


@signal("a link or button says to confirm")
def label_confirms(letter: Letter) -> bool:
    return any(
        one.any("confirm", "finish") and not one.any("reset", "changed", "new_address", "trade", "event", "deed")
        for one in letter.labels
    )


@signal("a link confirms something by a token")
def link_confirms(letter: Letter) -> bool:
    return letter.has_token(letter.confirming_paths)


@signal("a link's address speaks of confirming or registering")
def link_speaks_of_confirming(letter: Letter) -> bool:
    return bool(letter.confirming_paths)


@signal("a link holds a token")
def link_with_token(letter: Letter) -> bool:
    return letter.has_token(letter.paths)


_LONG = 25


@signal("it says what to do if it was not you who registered")
def perhaps_not_you(letter: Letter) -> bool:
    return letter.says(
        lambda one: (
            one.any("not", "ignore")
            and len(one.words) <= _LONG
            and (one.any("register", "registered", "subscribe", "created") or one.has("make", "account"))
            and not one.any("changed", "reset", "new_address")
        )
    )


@signal("it says to ignore it if it was not you")
def may_be_ignored(letter: Letter) -> bool:
    return letter.says(lambda one: one.has("ignore"))


@signal("what it asks for has to be done within a time")
def expires(letter: Letter) -> bool:
    return letter.says(lambda one: one.has("expires") and one.any("click", "code", "confirm"))


@signal("what is to be confirmed is no account", against=True)
def confirms_something_else(letter: Letter) -> bool:
    return any(
        one.any("code", "confirm")
        and (tells_of(one, "deed") or one.has("code", "changed"))
        and not one.any("register", "registered", "email")
        for one in (letter.subject_said, *letter.beginning)
    )
