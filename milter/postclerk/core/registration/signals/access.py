"""Whether it gives what one signs in with: names, passwords, codes."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator

from postclerk.core.lexicon import Sentence
from postclerk.core.registration.letter import Letter
from postclerk.core.registration.signals.newcomer import thanks_for_registering
from postclerk.core.registration.signals.signal import signal


@signal("the subject is about data to sign in with")
def subject_credentials(letter: Letter) -> bool:
    return letter.subject_said.has("credentials") and not letter.subject_said.any("changed", "reset")


_FIELD = re.compile(r"(?:[:=]|\s[\u2013\u2014-])\s*\S+\s*$|[:=]$")


_SHORT = 9
"""Words of a sentence that says little beside a name."""


@signal("it tells your user name for the site")
def gives_username(letter: Letter) -> bool:
    return letter.says(lambda one: one.has("username") and (bool(_FIELD.search(one.text)) or len(one.words) <= _SHORT))


@signal("it tells user name and password")
def gives_credentials(letter: Letter) -> bool:
    if letter.says(lambda one: one.has("reset")):
        return False
    if "password" not in letter.said:
        return _lists_credentials(letter.sentences)
    fields = [one for one in letter.sentences if _FIELD.search(one.text)]
    if letter.subject_said.any("register", "registered") and any(one.has("password") for one in fields):
        return True
    near = itertools.chain(itertools.pairwise(fields), _labels(letter.sentences))
    return letter.says(lambda one: one.has("username", "password")) or any(
        (after.has("password") and (one.any("username", "email") or _USER.match(one.text)))
        or (one.has("password") and after.has("username"))
        for one, after in near
    )


def _lists_credentials(sentences: tuple[Sentence, ...]) -> bool:
    """Whether what one signs in with is announced and two things follow, whatever they are called."""
    return any(
        one.has("credentials") and not one.has("changed") and _FIELD.search(name.text) and _FIELD.search(secret.text)
        for one, name, secret in zip(sentences, sentences[1:], sentences[2:], strict=False)
    )


def _labels(sentences: tuple[Sentence, ...]) -> Iterator[tuple[Sentence, Sentence]]:
    """What stands each on a line of its own with its value on the next, as in tables."""
    for one, value, after, secret in zip(sentences, sentences[1:], sentences[2:], sentences[3:], strict=False):
        if max(len(one.words), len(after.words)) <= _LABEL and not any(" " in said.text for said in (value, secret)):
            yield one, after


_LABEL = 3
"""Words of a label."""


_USER = re.compile(r"\W*(?:user|login|name|пользовател|kullanici|паидаланушы|колданушы)")


@signal("it asks for a first password")
def asks_for_first_password(letter: Letter) -> bool:
    return letter.says(lambda one: one.has("first_password") and not one.any("reset", "changed")) and not (
        letter.subject_said.has("reset") or letter.says(lambda one: one.has("reset", "password"))
    )


@signal("the subject gives a code")
def subject_code(letter: Letter) -> bool:
    return letter.subject_said.has("code") and not letter.subject_said.any("signin", "reset", "trade")


_CODE = re.compile(r"(?<![\w/.:-])(?=[a-z0-9-]*\d)(\d{4,8}|\d{3}[- ]\d{3}|[a-z0-9]{5,8})(?![\w/.:-])", re.ASCII)


_NUMBER = re.compile(r"(?<![\w/.:,-])(\d{4,8}|\d{3}[- ]\d{3})(?![\w/:-])", re.ASCII)


@signal("it gives a code to type in")
def gives_code(letter: Letter) -> bool:
    if "code" not in letter.said:
        return False
    said = (letter.subject_said, *letter.sentences)
    return any(_gives_code(one, after) for one, after in itertools.zip_longest(said, said[1:]))


@signal("a code stands by itself where something is to be confirmed")
def code_stands_alone(letter: Letter) -> bool:
    return not letter.said.isdisjoint(("confirm", "finish")) and any(
        len(one.words) <= 2 and _ALONE.fullmatch(one.text.strip()) for one in letter.sentences
    )


_ALONE = re.compile(r"(?=.*\d)[a-z0-9]{4,8}|\d{3}[- ]\d{3}", re.ASCII)


def _gives_code(one: Sentence, after: Sentence | None) -> bool:
    """Whether a sentence, with the one after it, names the code."""
    if one.has("code") and _CODE.search(one.text):
        return True
    if after is None:
        return False
    if one.has("code") and len(after.words) <= 3:
        return bool(_CODE.search(after.text))
    return after.has("code") and one.any("confirm", "finish") and bool(_NUMBER.search(one.text))


@signal("the code is for an account, an address or a registration")
def code_for_account(letter: Letter) -> bool:
    return letter.says(lambda one: one.has("code") and one.any("confirm", "register", "account", "email")) and not (
        letter.says(lambda one: one.any("signin", "reset", "trade"))
    )


@signal("the subject is about a password to set anew", against=True)
def subject_resets(letter: Letter) -> bool:
    said = letter.subject_said
    if said.has("reset"):
        return True
    if (
        not said.has("password")
        or said.has("first_password")
        or said.has("credentials")
        or letter.remembered(thanks_for_registering)
    ):
        return False
    # A site that makes the password itself sends it so, with the name; a new one it makes who has lost his.
    return any(map(_NEW.match, said.words)) or not letter.remembered(gives_credentials)


_NEW = re.compile(r"new$|новы|yeni|жана")


@signal("it is about a password to set anew", against=True)
def resets(letter: Letter) -> bool:
    return any(one.any("reset", "changed") and one.has("password") and not one.has("offer") for one in letter.beginning)
