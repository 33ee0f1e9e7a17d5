"""Whether it is about an account that is there already."""

from __future__ import annotations

from postclerk.core.registration.letter import Letter
from postclerk.core.registration.signals.access import gives_credentials
from postclerk.core.registration.signals.signal import signal


@signal("the subject is about something that has changed", against=True)
def subject_changed(letter: Letter) -> bool:
    return letter.subject_said.has("changed")


@signal("it is about an address or a setting that is changed", against=True)
def changes(letter: Letter) -> bool:
    return any(
        one.has("changed") and one.any("email", "account", "password", "signin") and not one.has("offer")
        for one in letter.beginning
    )


@signal("it is about another address for an account that is there", against=True)
def changes_address(letter: Letter) -> bool:
    return letter.subject_said.has("new_address") or any(one.has("new_address") for one in letter.beginning)


@signal("it is about signing in to an account that is there", against=True)
def signs_in(letter: Letter) -> bool:
    said = letter.subject_said
    to_newcomer = said.has("credentials") or letter.remembered(gives_credentials)
    return (said.has("signin") and not to_newcomer) or any(
        one.has("signin") and one.any("alert", "code") for one in letter.sentences
    )


@signal("it reports an attempt, a device or a place", against=True)
def alerts(letter: Letter) -> bool:
    said = letter.subject_said
    return (said.has("alert") and not said.has("register")) or any(
        one.has("alert", "account") for one in letter.beginning
    )


@signal("the subject is about an account that is locked or ends", against=True)
def subject_locks(letter: Letter) -> bool:
    return letter.subject_said.any("locked", "deleted")


@signal("it is about an account that is locked", against=True)
def locks(letter: Letter) -> bool:
    # A link or a request may end as well.
    return any(one.has("locked") and one.any("account", "signin", "password") for one in letter.beginning)


@signal("it is about an account or a subscription that ends or is renewed", against=True)
def ends(letter: Letter) -> bool:
    return any(
        one.has("ends")
        and one.any("account", "subscribe", "register", "registered")
        and not one.any("click", "confirm")
        for one in (letter.subject_said, *letter.beginning)
    )


@signal("it says that an account is in danger that is there", against=True)
def in_danger(letter: Letter) -> bool:
    # As they write who want a password, too.
    said = letter.sentences
    return any(one.has("alert", "account") for one in said) and any(one.has("locked", "account") for one in said)
