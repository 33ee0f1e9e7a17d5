"""The signals by which a registration is known, each with what it says to a person and what it weighs.

The weights are learnt (see tests/bench/registration.py) from labelled mail of many programs in four languages; a signal
weighs the same in each language. Their sum, with the base, is the logarithm of the odds.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from postclerk.core.addresses import are_related
from postclerk.core.lexicon import Sentence
from postclerk.core.registration.letter import Letter, in_own_script


@dataclass(frozen=True, slots=True)
class Signal:
    """One thing to see in a message. `speaks_for` tells which way it may weigh."""

    name: str
    says: str
    speaks_for: bool
    seen: Callable[[Letter], bool]


SIGNALS: list[Signal] = []


def _signal(says: str, *, against: bool = False) -> Callable[[Callable[[Letter], bool]], Callable[[Letter], bool]]:
    def add(seen: Callable[[Letter], bool]) -> Callable[[Letter], bool]:
        SIGNALS.append(Signal(seen.__name__, says, not against, seen))
        return seen

    return add


def _tells_of(sentence: Sentence, *business: str) -> bool:
    """Whether it is about one of these, and not only by a name in Latin letters."""
    return sentence.any(*business) and in_own_script(sentence).any(*business)


def _is_other_business(sentence: Sentence) -> bool:
    return sentence.any("reset", "changed", "new_address", "locked") or _tells_of(sentence, "event", "trade", "journal")


def _is_of_another(sentence: Sentence) -> bool:
    return _tells_of(sentence, "other_person", "event")


def _registers_paper(sentence: Sentence) -> bool:
    """A document or a request is entered into a register; no person is."""
    if sentence.has("registered_it") and not sentence.any("account", "email", "username", "you", "subscribe"):
        return True
    return sentence.has("registered", "paper") and not sentence.has("account")


def _is_of_thing(sentence: Sentence) -> bool:
    """What is registered or confirmed is something that one owns, wrote or bought, and nobody's account."""
    return _tells_of(sentence, "thing") and not sentence.any("account", "subscribe")


# -- The subject -------------------------------------------------------------------------------------------------------


@_signal("the subject asks to confirm an account, an address or a subscription")
def subject_confirms_account(letter: Letter) -> bool:
    said = letter.subject_said
    return (
        said.any("confirm", "finish")
        and said.any("account", "email", "register", "subscribe")
        and not said.any("changed", "new_address")
        and not (_is_of_thing(letter.subject_topic) or _tells_of(said, "deed"))
        and not letter.remembered(subject_numbered)
    )


@_signal("the subject is about confirming or activating")
def subject_confirms(letter: Letter) -> bool:
    said = letter.subject_said
    return said.any("confirm", "last_step") and not (_is_other_business(said) or letter.remembered(subject_numbered))


@_signal("the subject is about registering")
def subject_registers(letter: Letter) -> bool:
    said = letter.subject_said
    return (
        said.any("register", "registered")
        and not (_is_of_another(said) or _registers_paper(said) or _is_of_thing(letter.subject_topic))
        and not said.any("social", "on_record", "ends")
        and not (letter.remembered(subject_numbered) or letter.remembered(takes_place))
    )


def _welcomes(sentence: Sentence) -> bool:
    # What is off for newcomers is offered to who came long ago as well.
    return sentence.has("welcome") and not sentence.has("bonus")


@_signal("the subject says welcome")
def subject_welcomes(letter: Letter) -> bool:
    return _welcomes(letter.subject_said)


@_signal("the subject greets a newcomer")
def subject_greets_newcomer(letter: Letter) -> bool:
    return letter.subject_said.has("arrived") and not _is_other_business(letter.subject_said)


@_signal("the subject says that an account is there")
def subject_account_made(letter: Letter) -> bool:
    said = letter.subject_said
    return (
        said.has("account")
        and (said.any("created", "approved", "registered", "confirm") or "new" in said.words)
        and not (said.has("ends") or _tells_of(said, "deed"))
    )


@_signal("the subject is about data to sign in with")
def subject_credentials(letter: Letter) -> bool:
    return letter.subject_said.has("credentials") and not letter.subject_said.any("changed", "reset")


@_signal("the subject gives a code")
def subject_code(letter: Letter) -> bool:
    return letter.subject_said.has("code") and not letter.subject_said.any("signin", "reset", "trade")


# -- The text ----------------------------------------------------------------------------------------------------------


@_signal("a sentence asks to confirm or complete an account or a registration")
def confirms_account(letter: Letter) -> bool:
    return letter.says(
        lambda one: (
            one.any("confirm", "finish")
            and one.any("account", "register")
            and not (_is_other_business(one) or _tells_of(one, "deed"))
        )
    )


@_signal("a sentence asks to confirm an address")
def confirms_email(letter: Letter) -> bool:
    return letter.says(
        lambda one: (
            one.has("email")
            and one.any("confirm", "yours")
            and not one.any("changed", "reset", "new_address")
            and not _tells_of(one, "trade", "deed")
        )
    )


@_signal("a sentence asks to confirm a subscription")
def confirms_subscription(letter: Letter) -> bool:
    return letter.says(
        lambda one: one.any("confirm", "finish") and one.has("subscribe") and not one.any("trade", "signin")
    )


def _registered(sentence: Sentence) -> bool:
    if sentence.any("other_person", "locked", "on_record", "ends", "mine") or _tells_of(sentence, "event"):
        return False
    if _registers_paper(sentence) or _is_of_thing(sentence):
        return False
    if sentence.has("signin") and (sentence.has("alert") or not sentence.has("created", "account")):
        return False
    if sentence.has("receive"):
        # Why one gets it, as whoever writes to his customers says at the end.
        return False
    if sentence.has("not"):
        # Whoever has not registered, or whoever did if it was not the reader.
        return False
    return sentence.has("registered") or sentence.has("created", "account")


@_signal("it says that you have registered or made an account")
def registered(letter: Letter) -> bool:
    # Whoever is told when and where is registered for that.
    said = _registered(letter.subject_said) or letter.says(_registered)
    return said and not letter.remembered(takes_place)


@_signal("it says so in its subject or its first sentences")
def registered_at_once(letter: Letter) -> bool:
    said = any(map(_registered, (letter.subject_said, *letter.beginning)))
    return said and not letter.remembered(takes_place)


@_signal("it says that your address was given to register somewhere")
def address_given(letter: Letter) -> bool:
    return letter.says(
        lambda one: (
            one.has("email", "register")
            and not one.any("receive", "signin", "mine", "ends")
            and not (_is_other_business(one) or _is_of_another(one))
        )
    )


@_signal("it says that your account or registration is approved")
def approved(letter: Letter) -> bool:
    return any(
        one.has("approved")
        and one.any("account", "register")
        and not one.any("reset", "changed", "locked", "signin", "alert", "new_address")
        and not _tells_of(one, "event", "trade", "other_person", "deed")
        and not _registers_paper(one)
        for one in (letter.subject_said, *letter.beginning)
    )


def _thanks(sentence: Sentence) -> bool:
    return (
        sentence.has("thank")
        and (
            sentence.any("register", "registered", "subscribe")
            or (sentence.has("account") and sentence.any("make", "created"))
        )
        and not _tells_of(sentence, "event", "trade")
    )


@_signal("it thanks you for registering")
def thanks_for_registering(letter: Letter) -> bool:
    said = _thanks(letter.subject_said) or letter.says(_thanks)
    return said and not letter.remembered(takes_place)


@_signal("it says that you can sign in now")
def may_sign_in_now(letter: Letter) -> bool:
    return letter.says(lambda one: one.has("sign_in_now") and not one.any("reset", "changed", "locked"))


@_signal("it welcomes you in its first sentences")
def welcomes(letter: Letter) -> bool:
    return any(map(_welcomes, letter.beginning))


@_signal("it greets a newcomer in its first sentences")
def greets_newcomer(letter: Letter) -> bool:
    return any(one.has("arrived") and not _is_other_business(one) for one in letter.beginning)


_SAID_TO_NEWCOMERS = ("welcome", "arrived", "registered", "register")


@_signal("it shows a newcomer what to do first")
def shows_first_steps(letter: Letter) -> bool:
    return not letter.said.isdisjoint(_SAID_TO_NEWCOMERS) and any(
        one.has("begin") for one in (*letter.sentences[:_FIRST], *letter.labels)
    )


_FIRST = 12
"""Sentences in which the first steps are shown."""


_FIELD = re.compile(r"(?:[:=]|\s[\u2013\u2014-])\s*\S+\s*$|[:=]$")


_SHORT = 9
"""Words of a sentence that says little beside a name."""


@_signal("it tells your user name for the site")
def gives_username(letter: Letter) -> bool:
    return letter.says(lambda one: one.has("username") and (bool(_FIELD.search(one.text)) or len(one.words) <= _SHORT))


@_signal("it tells user name and password")
def gives_credentials(letter: Letter) -> bool:
    if "password" not in letter.said or letter.says(lambda one: one.has("reset")):
        return False
    fields = [one for one in letter.sentences if _FIELD.search(one.text)]
    near = itertools.chain(itertools.pairwise(fields), _labels(letter.sentences))
    return letter.says(lambda one: one.has("username", "password")) or any(
        (after.has("password") and (one.any("username", "email") or _USER.match(one.text)))
        or (one.has("password") and after.has("username"))
        for one, after in near
    )


def _labels(sentences: tuple[Sentence, ...]) -> Iterator[tuple[Sentence, Sentence]]:
    """What stands each on a line of its own with its value on the next, as in tables."""
    for one, value, after, secret in zip(sentences, sentences[1:], sentences[2:], sentences[3:], strict=False):
        if max(len(one.words), len(after.words)) <= _LABEL and not any(" " in said.text for said in (value, secret)):
            yield one, after


_LABEL = 3
"""Words of a label."""

_USER = re.compile(r"\W*(?:user|login|name|пользовател|kullanici|паидаланушы|колданушы)")


@_signal("it asks for a first password")
def asks_for_first_password(letter: Letter) -> bool:
    return letter.says(lambda one: one.has("first_password") and not one.any("reset", "changed")) and not (
        letter.subject_said.has("reset") or letter.says(lambda one: one.has("reset", "password"))
    )


_LONG = 25


@_signal("it says what to do if it was not you who registered")
def perhaps_not_you(letter: Letter) -> bool:
    return letter.says(
        lambda one: (
            one.any("not", "ignore")
            and len(one.words) <= _LONG
            and (one.any("register", "registered", "subscribe", "created") or one.has("make", "account"))
            and not one.any("changed", "reset", "new_address")
        )
    )


@_signal("it says to ignore it if it was not you")
def may_be_ignored(letter: Letter) -> bool:
    return letter.says(lambda one: one.has("ignore"))


_CODE = re.compile(r"(?<![\w/.:-])(?=[a-z0-9-]*\d)(\d{4,8}|\d{3}[- ]\d{3}|[a-z0-9]{5,8})(?![\w/.:-])", re.ASCII)


_NUMBER = re.compile(r"(?<![\w/.:,-])(\d{4,8}|\d{3}[- ]\d{3})(?![\w/:-])", re.ASCII)


@_signal("it gives a code to type in")
def gives_code(letter: Letter) -> bool:
    if "code" not in letter.said:
        return False
    said = (letter.subject_said, *letter.sentences)
    return any(_gives_code(one, after) for one, after in itertools.zip_longest(said, said[1:]))


@_signal("a code stands by itself where something is to be confirmed")
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


@_signal("the code is for an account, an address or a registration")
def code_for_account(letter: Letter) -> bool:
    return letter.says(lambda one: one.has("code") and one.any("confirm", "register", "account", "email")) and not (
        letter.says(lambda one: one.any("signin", "reset", "trade"))
    )


@_signal("what it asks for has to be done within a time")
def expires(letter: Letter) -> bool:
    return letter.says(lambda one: one.has("expires") and one.any("click", "code", "confirm"))


@_signal("it asks to click on something to confirm")
def click_to_confirm(letter: Letter) -> bool:
    return letter.says(
        lambda one: (
            one.has("click")
            and one.any("confirm", "finish")
            and not one.any("reset", "changed", "new_address", "locked")
            and not _tells_of(one, "trade", "deed")
        )
    )


# -- Links -------------------------------------------------------------------------------------------------------------


@_signal("a link or button says to confirm")
def label_confirms(letter: Letter) -> bool:
    return any(
        one.any("confirm", "finish") and not one.any("reset", "changed", "new_address", "trade", "event", "deed")
        for one in letter.labels
    )


@_signal("a link confirms something by a token")
def link_confirms(letter: Letter) -> bool:
    return letter.has_token(letter.confirming_paths)


@_signal("a link's address speaks of confirming or registering")
def link_speaks_of_confirming(letter: Letter) -> bool:
    return bool(letter.confirming_paths)


@_signal("a link holds a token")
def link_with_token(letter: Letter) -> bool:
    return letter.has_token(letter.paths)


@_signal("the text or a link holds your address")
def names_recipient(letter: Letter) -> bool:
    return letter.names_recipient()


_NOBODY = re.compile(
    r"^(no|do)?[-_.]?(not)?[-_.]?reply|^(accounts?|notif|welcome|signup|hello|register|confirm|verify)", re.I
)


@_signal("it comes from an address that nobody reads")
def from_nobody(letter: Letter) -> bool:
    return bool(_NOBODY.search(letter.sender)) or letter.automatic


@_signal("it is short")
def is_short(letter: Letter) -> bool:
    return len(letter.text) < 1200 and len(letter.sentences) > 0


# -- What speaks against it --------------------------------------------------------------------------------------------


@_signal("the subject is about a password to set anew", against=True)
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


@_signal("it is about a password to set anew", against=True)
def resets(letter: Letter) -> bool:
    return any(one.any("reset", "changed") and one.has("password") and not one.has("offer") for one in letter.beginning)


@_signal("the subject is about something that has changed", against=True)
def subject_changed(letter: Letter) -> bool:
    return letter.subject_said.has("changed")


@_signal("it is about an address or a setting that is changed", against=True)
def changes(letter: Letter) -> bool:
    return any(
        one.has("changed") and one.any("email", "account", "password", "signin") and not one.has("offer")
        for one in letter.beginning
    )


@_signal("it is about another address for an account that is there", against=True)
def changes_address(letter: Letter) -> bool:
    return letter.subject_said.has("new_address") or any(one.has("new_address") for one in letter.beginning)


@_signal("it is about signing in to an account that is there", against=True)
def signs_in(letter: Letter) -> bool:
    said = letter.subject_said
    to_newcomer = said.has("credentials") or letter.remembered(gives_credentials)
    return (said.has("signin") and not to_newcomer) or any(
        one.has("signin") and one.any("alert", "code") for one in letter.sentences
    )


@_signal("what is to be confirmed is no account", against=True)
def confirms_something_else(letter: Letter) -> bool:
    return any(
        one.any("code", "confirm") and _tells_of(one, "deed") and not one.any("register", "registered")
        for one in (letter.subject_said, *letter.beginning)
    )


@_signal("it reports an attempt, a device or a place", against=True)
def alerts(letter: Letter) -> bool:
    return letter.subject_said.has("alert") or any(one.has("alert", "account") for one in letter.beginning)


@_signal("the subject is about an event", against=True)
def subject_event(letter: Letter) -> bool:
    return letter.subject_topic.has("event")


@_signal("it is about an event", against=True)
def event(letter: Letter) -> bool:
    return letter.count(lambda one: _tells_of(one, "event")) >= 2


_DAY = re.compile(
    r"\b\d{1,2}\.? (?:{0})|(?:{0})\w* \d{1,2}\b|\b\d{1,2}\.\d{1,2}\.(?:\d{2}){1,2}\b|\b20\d\d-\d\d-\d\d\b".replace(
        "{0}",
        "jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|янв|фев|март|апр|мая|июн|июл|авг|сент|окт|ноя|дек|"
        "ocak|subat|nisan|haziran|temmuz|agustos|eylul|ekim|kasim|aralik|"
        "кантар|акпан|наурыз|сауир|мамыр|маусым|шилде|тамыз|кыркуйек|кыркуиек|казан|караша|желтоксан",
    )
)
_DEADLINE = re.compile(rf"\b(?:by|before|until|till|до) (?:{_DAY.pattern})")
"""The day until which something can be done, in English and Russian; the others say so behind it, and are not read."""

_DIGIT = re.compile(r"\d")
_HOUR = re.compile(r"(?<![\w.:])(?:[01]?\d|2[0-3])[:.][0-5]\d(?![\w:]|\.\d)|\b\d{1,2} ?[ap]m\b")


@_signal("it says when or where something takes place", against=True)
def takes_place(letter: Letter) -> bool:
    said = letter.sentences
    near = itertools.zip_longest(said, said[1:])
    return any(
        # A day, an hour and most places have digits, and most sentences have none.
        (_DIGIT.search(one.text) or (after and _DIGIT.search(after.text)))
        and not one.any("expires", "signin")
        and not one.has("created", "account")
        and (
            (one.has("happens") and _DIGIT.search(one.text))
            or (
                _DAY.search(_DEADLINE.sub(" ", one.text))
                and (_HOUR.search(_DAY.sub(" ", one.text)) or (after and _HOUR.search(after.text)))
            )
        )
        for one, after in near
    )


@_signal("the subject is about an order, a payment or a delivery", against=True)
def subject_trade(letter: Letter) -> bool:
    return letter.subject_topic.has("trade")


@_signal("it is about orders, payments or deliveries", against=True)
def trade(letter: Letter) -> bool:
    return letter.count(lambda one: _tells_of(one, "trade")) >= 3


@_signal("the subject is about what somebody wrote or did on the site", against=True)
def subject_social(letter: Letter) -> bool:
    return _is_social(letter.subject_topic)


def _is_social(sentence: Sentence) -> bool:
    # Who asks to be registered makes a request as well, and it is no ticket.
    return sentence.any("social", "digest", "export") or (
        sentence.has("ticket") and not sentence.any("register", "approved")
    )


_TRACKED = re.compile(
    r"(?<!\w)[#!]\d{1,7}\b|^\s*\[[\w.-]{1,60}/[\w.-]{1,60}\]|[\[(][a-zA-Z]{2,12}[ -]\d{1,7}[\])]", re.ASCII
)
"""The number of a ticket, an issue or an order, or the name of a store of sources."""


@_signal("the subject names a ticket, an order or a store of sources", against=True)
def subject_numbered(letter: Letter) -> bool:
    return bool(_TRACKED.search(letter.subject[:500]))


@_signal("it is about what somebody wrote or did on the site", against=True)
def social(letter: Letter) -> bool:
    return any(map(_is_social, letter.beginning))


@_signal("the subject invites you", against=True)
def subject_invites(letter: Letter) -> bool:
    return letter.subject_said.has("invite")


@_signal("it invites you", against=True)
def invites(letter: Letter) -> bool:
    return any(one.has("invite") for one in letter.beginning[:3])


@_signal("the subject is about an account that is locked or ends", against=True)
def subject_locks(letter: Letter) -> bool:
    return letter.subject_said.any("locked", "deleted")


@_signal("it is about an account that is locked", against=True)
def locks(letter: Letter) -> bool:
    # A link or a request may end as well.
    return any(one.has("locked") and one.any("account", "signin", "password") for one in letter.beginning)


@_signal("it is about an account or a subscription that ends or is renewed", against=True)
def ends(letter: Letter) -> bool:
    return any(
        one.has("ends")
        and one.any("account", "subscribe", "register", "registered")
        and not one.any("click", "confirm")
        for one in (letter.subject_said, *letter.beginning)
    )


@_signal("whoever wrote it tells what he did or could not do himself", against=True)
def is_of_writer(letter: Letter) -> bool:
    return letter.says(
        lambda one: one.has("mine") and one.any("register", "registered", "account", "signin", "subscribe", "confirm")
    )


@_signal("it says that an account is in danger that is there", against=True)
def in_danger(letter: Letter) -> bool:
    # As they write who want a password, too.
    said = letter.sentences
    return any(one.has("alert", "account") for one in said) and any(one.has("locked", "account") for one in said)


@_signal("it is about a journal's work", against=True)
def journal(letter: Letter) -> bool:
    return letter.subject_said.has("journal") or letter.count(lambda one: one.has("journal")) >= 2


_WHOSE = re.compile(r"[:=]\s*<?([^\s<>@]+@[\w.-]+\w)>?\W*$")
"""Whose address it is, behind a colon at the end of a line."""


@_signal("it gives the address of somebody else", against=True)
def gives_other_address(letter: Letter) -> bool:
    # Addresses of the site itself are for questions, and at the reader's domain he may have several.
    known = {one.rpartition("@")[2] for one in (*letter.recipients, letter.sender)}
    return any(
        one.any("email", "username", "account")
        and (found := _WHOSE.search(one.text))
        and not any(are_related(found[1].rpartition("@")[2], domain) for domain in known)
        for one in letter.sentences[:_FIRST]
    )


def _is_about_another(sentence: Sentence) -> bool:
    # An offer for new users is none of them.
    return sentence.has("other_person") and sentence.any("register", "registered", "created", "account", "confirm")


@_signal("it tells of somebody else's registration", against=True)
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


@_signal("it speaks to colleagues", against=True)
def speaks_to_colleagues(letter: Letter) -> bool:
    return any(one.has("colleagues") for one in letter.beginning[:3])


@_signal("it answers or passes on a message", against=True)
def is_reply(letter: Letter) -> bool:
    return letter.is_reply


@_signal("a person wrote it", against=True)
def by_person(letter: Letter) -> bool:
    # It takes as long to tell as all the rest, and is asked only of what may be a registration else.
    if letter.by_person is None or letter.automatic or letter.said.isdisjoint(_LIKE_IT):
        return False
    return letter.by_person()


@_signal("it came through a list that people write to", against=True)
def came_through_list(letter: Letter) -> bool:
    return letter.list_post


@_signal("it is a long text", against=True)
def is_long(letter: Letter) -> bool:
    return len(letter.text) > 4000 or len(letter.links) > 25


@_signal("it says nothing of accounts, registrations or subscriptions", against=True)
def speaks_of_nothing_like_it(letter: Letter) -> bool:
    return letter.said.isdisjoint(_LIKE_IT)


_LIKE_IT = (
    "account", "arrived", "confirm", "credentials", "first_password", "register", "registered", "sign_in_now",
    "subscribe", "username", "welcome",
)  # fmt: skip
