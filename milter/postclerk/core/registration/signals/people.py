"""Who wrote it, to whom, and about whom."""

from __future__ import annotations

import re

from postclerk.core.addresses import are_related
from postclerk.core.lexicon import Sentence
from postclerk.core.registration.letter import Letter
from postclerk.core.registration.signals.form import LIKE_IT
from postclerk.core.registration.signals.newcomer import thanks_for_registering
from postclerk.core.registration.signals.signal import signal


@signal("the text or a link holds your address")
def names_recipient(letter: Letter) -> bool:
    return letter.names_recipient()


_NOBODY = re.compile(
    r"^(no|do)?[-_.]?(not)?[-_.]?reply|^(accounts?|notif|welcome|signup|hello|register|confirm|verify)", re.I
)


@signal("it comes from an address that nobody reads")
def from_nobody(letter: Letter) -> bool:
    return bool(_NOBODY.search(letter.sender)) or letter.automatic


@signal("whoever wrote it tells what he did or could not do himself", against=True)
def is_of_writer(letter: Letter) -> bool:
    return letter.says(
        lambda one: one.has("mine") and one.any("register", "registered", "account", "signin", "subscribe", "confirm")
    )


_BEGINNING = 12
"""Sentences in which an account is described."""

_WHOSE = re.compile(r"[:=]\s*<?([^\s<>@]+@[\w.-]+\w)>?\W*$")
"""Whose address it is, behind a colon at the end of a line."""


@signal("it gives the address of somebody else", against=True)
def gives_other_address(letter: Letter) -> bool:
    # Addresses of the site itself are for questions, and at the reader's domain he may have several.
    known = {one.rpartition("@")[2] for one in (*letter.recipients, letter.sender)}
    return any(
        one.any("email", "username", "account")
        and (found := _WHOSE.search(one.text))
        and not any(are_related(found[1].rpartition("@")[2], domain) for domain in known)
        for one in letter.sentences[:_BEGINNING]
    )


def _is_about_another(sentence: Sentence) -> bool:
    # An offer for new users is none of them.
    return sentence.has("other_person") and sentence.any("register", "registered", "created", "account", "confirm")


@signal("it tells of somebody else's registration", against=True)
def another_person(letter: Letter) -> bool:
    # Who is thanked for registering is the one who did, whoever has to approve of it.
    if letter.remembered(thanks_for_registering) or any(
        _is_about_the_reader(one, letter.recipients) for one in letter.beginning
    ):
        return False
    return letter.subject_said.has("other_person") or any(map(_is_about_another, letter.beginning))


def _is_about_the_reader(sentence: Sentence, addresses: tuple[str, ...]) -> bool:
    names_reader = sentence.has("for_you") or any(one and one in sentence.text for one in addresses)
    return names_reader and sentence.any("registered", "created", "approved")


@signal("it speaks to colleagues", against=True)
def speaks_to_colleagues(letter: Letter) -> bool:
    return any(one.has("colleagues") for one in letter.beginning[:3])


@signal("it answers or passes on a message", against=True)
def is_reply(letter: Letter) -> bool:
    return letter.is_reply


@signal("a person wrote it", against=True)
def by_person(letter: Letter) -> bool:
    # It takes as long to tell as all the rest, and is asked only of what may be a registration else.
    if letter.by_person is None or letter.automatic or letter.said.isdisjoint(LIKE_IT):
        return False
    return letter.by_person()


@signal("it came through a list that people write to", against=True)
def came_through_list(letter: Letter) -> bool:
    return letter.list_post
