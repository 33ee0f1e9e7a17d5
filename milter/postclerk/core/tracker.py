"""What waits for an answer, and what answers it (1.3.3-a): one message after the other, in whatever order they come.

A *letter* is a message that waits, or might, for one of our own people; a *duty* is that somebody is to answer it.
Every message of ours is looked at as an answer: keys (core.threads) find the letters that it may belong to, and people
and times say whether it does. What is known is in a book, so that a tracker may stop at any point.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from typing import Protocol

from postclerk.core.threads import Subject, id_key, index_key, parent_index, passing_key, thread_key
from postclerk.core.traces import quoted_share

_CLOCKS_DIFFER_BY = 300.0
"""Seconds by which a message may seem older than the one it answers, where no id says that it does."""

_MOST_ADDRESSES = 50


class State(enum.Enum):
    """What became of a letter. That it is overdue is not a state: the clock says so."""

    WAITING = "waiting"
    ANSWERED = "answered"
    UNNEEDED = "no-answer-needed"


class Bond(enum.IntEnum):
    """What says that a message answers a letter, the surest first."""

    PARENT = 1
    """In-Reply-To names it, or the Thread-Index of Outlook."""
    REFERENCE = 2
    """References name it."""
    THREAD = 3
    """The same people, the same subject, soon after."""
    WORD = 4
    """Whose duty it is says that he answered by telephone."""


@dataclass(frozen=True, slots=True)
class Post:
    """One message, as a journal or a mailbox tells of it. Addresses are comparison keys (Address.key)."""

    key: str
    """Where it stands: an incident id, or a place in a file."""
    fingerprint: str
    """The same for one message, however often it comes."""
    at: float
    """When it was received, in seconds since the epoch."""
    ident: str
    """Its Message-ID without brackets, or nothing."""
    parents: tuple[str, ...]
    """The ids in In-Reply-To, or where that is missing the last of References."""
    references: tuple[str, ...]
    title: str
    """The subject as people read it."""
    subject: Subject
    author: str
    """Who wrote it, as people read it."""
    authors: frozenset[str]
    answer_to: frozenset[str]
    """Where an answer may go: From and Reply-To."""
    people: frozenset[str]
    """To and Cc."""
    to: frozenset[str]
    recipients: frozenset[str]
    """Whom it went to: by the envelope where that is known, else `people`."""
    machine: bool = False
    """No human letter: it answers nothing."""
    wants_answer: bool = True
    why: str = ""
    """Why it wants none."""
    index: str = ""
    """Its Thread-Index."""
    said: str = ""
    """The trace of its author's own words (core.traces)."""
    quotes: str = ""
    """The trace of what it quotes of the message that it answers."""


@dataclass(frozen=True, slots=True)
class Addressee:
    """One of our own people that a message is for, and the mailbox (comparison key) that it came to: his own, or one
    that he shares."""

    login: str
    mailbox: str


@dataclass(slots=True)
class Duty:
    """That somebody is to answer a letter until a moment, in seconds since the epoch."""

    login: str
    mailbox: str
    due: float
    passed: bool = False
    """He passed it on: it is no longer his, but his answer counts."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A message that answered a letter."""

    ident: str
    at: float
    login: str
    bond: Bond


@dataclass(slots=True)
class Letter:
    """A message to our own people, and what became of it. `number` is the book's."""

    post: Post
    duties: list[Duty]
    state: State
    fingerprint: str
    """The post's, and where each addressee is to answer, whose letter it is."""
    why: str = ""
    answer: Answer | None = None
    number: int = 0


@dataclass(frozen=True, slots=True)
class Sent:
    """A message of our own people: the post, and the logins whose it is."""

    post: Post
    logins: tuple[str, ...]


class Book(Protocol):
    """What a tracker knows; adapters keep it."""

    def find(self, fingerprint: str) -> Letter | None:
        """The letter of a fingerprint."""

    def letters(self, keys: Collection[str]) -> list[tuple[str, Letter]]:
        """Letters with one of these keys, once for each of them."""

    def sent(self, keys: Collection[str]) -> list[tuple[str, Sent]]:
        """Messages of our own people with one of these keys, once for each of them."""

    def add(self, letter: Letter, keys: Collection[str]) -> None:
        """A new letter."""

    def keep(self, sent: Sent, keys: Collection[str]) -> None:
        """A message of our own people; one that is kept already is not kept again."""

    def change(self, letter: Letter, keys: Collection[str] = ()) -> None:
        """A letter that has changed, and keys that it has now beside its others."""


@dataclass(frozen=True, slots=True)
class Custom:
    """What a site's rules.yaml says of answers."""

    window: float = 30 * 86400.0
    """Seconds after which nothing answers by its subject alone."""
    each: bool = False
    """Each of several addressees is to answer, not any of them."""
    forward_passes: bool = True
    """Who passes a letter on to one of our own people passes the duty on."""


@dataclass(slots=True)
class Tracker:
    """Takes messages as they come. `due` says until when somebody is to answer what came at a time; `acts_for` names
    the addresses for which a login may answer beside its own: mailboxes that it shares, and principals."""

    book: Book
    due: Callable[[str, float], float]
    acts_for: Callable[[str], Collection[str]]
    custom: Custom = field(default_factory=Custom)

    def take(self, post: Post, writers: tuple[str, ...], addressees: Iterable[Addressee]) -> None:
        """One message: `writers` are the logins whose it is, where it is of our own people."""
        passed: set[str] = set()
        addressees = tuple(addressees)
        if writers and not post.machine:
            sent = Sent(post, writers)
            passed = self._settle(sent, addressees)
            self.book.keep(sent, _keys_sought(post))
        there = [one for one in addressees if one.login not in passed and one.mailbox not in post.authors]
        if there:
            self._open(post, there)

    # -- letters ---------------------------------------------------------------------------------------------------

    def _open(self, post: Post, addressees: list[Addressee]) -> None:
        groups = [[one] for one in addressees] if self.custom.each else [addressees]
        for group in groups:
            own = post.fingerprint + (f" {group[0].mailbox}" if self.custom.each else "")
            letter = self.book.find(own)
            duties = [Duty(one.login, one.mailbox, self.due(one.login, post.at)) for one in group]
            if letter is None:
                state = State.WAITING if post.wants_answer else State.UNNEEDED
                letter = Letter(post, duties, state, own, post.why)
                self._look_back(letter)
                self.book.add(letter, _keys_offered(letter))
                continue
            # The same message to other people of ours, by another transaction or host.
            known = {duty.login for duty in letter.duties}
            more = [duty for duty in duties if duty.login not in known]
            if more:
                letter.duties += more
                self._look_back(letter)
                self.book.change(letter, [passing_key(post.subject, duty.login) for duty in more])

    def _look_back(self, letter: Letter) -> None:
        """An answer may have come before the letter: by a host that files faster, or by clocks that differ."""
        for _key, sent in self.book.sent(_keys_offered(letter)):
            bond = self._bond(letter, sent)
            if bond is Bond.THREAD and not (self._is_soon_after(letter, sent.post) and self._names_nothing(sent.post)):
                continue
            if bond is not None and self._may_answer(letter, sent.logins):
                _answered(letter, sent, bond)

    # -- answers ---------------------------------------------------------------------------------------------------

    def _settle(self, sent: Sent, addressees: tuple[Addressee, ...]) -> set[str]:
        """What a message of ours answers, and passes on; the logins to which it does."""
        post = sent.post
        ids = set(_keys_named(post))
        found = self.book.letters([*_keys_sought(post), *(passing_key(post.subject, one) for one in sent.logins)])
        by_id: dict[int, Letter] = {}
        by_subject: dict[int, Letter] = {}
        for key, letter in found:
            (by_id if key in ids else by_subject)[letter.number] = letter
        mine = [one for one in by_id.values() if self._may_answer(one, sent.logins)]
        passed: set[str] = set()
        for letter in mine:
            bond = self._bond(letter, sent)
            if bond is not None:
                _answered(letter, sent, bond)
                self.book.change(letter)
            elif self._passes(letter, sent):
                passed |= self._pass_on(letter, sent, addressees)
        if by_id:
            return passed
        candidates = [one for one in by_subject.values() if self._may_answer(one, sent.logins)]
        for letter in self._by_thread(candidates, sent):
            _answered(letter, sent, Bond.THREAD)
            self.book.change(letter)
        if post.subject.forwards:
            for letter in candidates:
                if letter.state is State.WAITING and self._passes(letter, sent):
                    passed |= self._pass_on(letter, sent, addressees)
        return passed

    def _bond(self, letter: Letter, sent: Sent) -> Bond | None:
        """What bonds a message to a letter as its answer."""
        post, theirs = sent.post, letter.post
        if not post.authors.isdisjoint(theirs.authors):
            return None  # who asks again answers nothing
        if _names(post, theirs):
            read_by = theirs.answer_to if post.subject.forwards else theirs.answer_to | theirs.people
            reaches = not post.recipients.isdisjoint(read_by)
            return Bond.PARENT if reaches or not post.recipients else None
        if not _goes_back(post, theirs):
            return None
        if theirs.ident and theirs.ident in post.references:
            return Bond.REFERENCE if _is_to_author(post, theirs, alone=True) else None
        if not _same_thread(post, theirs):
            return None
        share = _share(post, theirs)
        return Bond.THREAD if share or (share is None and _is_to_author(post, theirs)) else None

    def _by_thread(self, candidates: list[Letter], sent: Sent) -> list[Letter]:
        """What a message answers that names nothing: the letter that it quotes, else the last of its thread to whose
        author it goes; and what that one's author had asked before."""
        post = sent.post
        there = [
            one
            for one in candidates
            if one.answer is None
            and self._is_soon_after(one, post)
            and _goes_back(post, one.post)
            and _same_thread(post, one.post)
        ]
        there.sort(key=lambda one: one.post.at)
        shares = {one.number: _share(post, one.post) for one in there}
        best = max((share for share in shares.values() if share), default=0.0)
        # What is quoted beside it, as a signature is that stands below every letter, is little.
        likely = (
            [one for one in there if (shares[one.number] or 0.0) >= best / 2]
            if best
            else [one for one in there if shares[one.number] is None]
        )
        to_author = [one for one in likely if _is_to_author(post, one.post)]
        if not to_author and not best:
            return []
        last = (to_author or likely)[-1]
        answered = [last]
        for one in reversed(there[: there.index(last)]):
            # Who asks again, under the same subject, is answered with the last that he asked.
            if one.post.authors == last.post.authors and answered[-1].post.subject.replies:
                answered.append(one)
        return answered

    def _is_soon_after(self, letter: Letter, post: Post) -> bool:
        return -_CLOCKS_DIFFER_BY <= post.at - letter.post.at <= self.custom.window

    def _names_nothing(self, post: Post) -> bool:
        """Whether none of a message's ids is that of a letter: its client lost them, or the letter's were changed."""
        return not self.book.letters(_keys_named(post))

    def _may_answer(self, letter: Letter, logins: tuple[str, ...]) -> bool:
        """Whether one of these is whose duty it is, shares the mailbox, or answers for him."""
        if any(duty.login in logins for duty in letter.duties):
            return True
        mailboxes = {duty.mailbox for duty in letter.duties}
        return any(not mailboxes.isdisjoint(self.acts_for(login)) for login in logins)

    # -- passing on ------------------------------------------------------------------------------------------------

    def _passes(self, letter: Letter, sent: Sent) -> bool:
        post, theirs = sent.post, letter.post
        if not self.custom.forward_passes or not post.recipients.isdisjoint(theirs.answer_to):
            return False
        names = bool(theirs.ident) and theirs.ident in (*post.parents, *post.references)
        return names or (post.subject.forwards and post.subject.core == theirs.subject.core)

    def _pass_on(self, letter: Letter, sent: Sent, addressees: tuple[Addressee, ...]) -> set[str]:
        """Whoever it is passed on to is to answer it, until the same moment."""
        known = {duty.login for duty in letter.duties}
        others = [one for one in addressees if one.login not in sent.logins]
        if not others or letter.state is not State.WAITING:
            return set()
        due = min(duty.due for duty in letter.duties)
        for duty in letter.duties:
            duty.passed = duty.passed or duty.login in sent.logins
        letter.duties += [Duty(one.login, one.mailbox, due) for one in others if one.login not in known]
        keys = [passing_key(letter.post.subject, one.login) for one in others]
        # Whoever answers it names what he was sent.
        self.book.change(letter, keys + ([id_key(sent.post.ident)] if sent.post.ident else []))
        return {one.login for one in others}

    def hand_over(self, letter: Letter, duty: Duty, other: Addressee) -> None:
        """Has somebody else answer in place of whose duty it is, as if the letter had come to him."""
        if other.login == duty.login or letter.state is not State.WAITING:
            return
        duty.passed = True
        if all(one.login != other.login for one in letter.duties):
            letter.duties.append(Duty(other.login, other.mailbox, self.due(other.login, letter.post.at)))


def _answered(letter: Letter, sent: Sent, bond: Bond) -> None:
    """The first answer counts."""
    if letter.answer is None or sent.post.at < letter.answer.at:
        letter.answer = Answer(sent.post.ident, sent.post.at, sent.logins[0], bond)
    letter.state = State.ANSWERED


def _names(post: Post, theirs: Post) -> bool:
    """Whether a message says which one it answers, and that it is this one."""
    if theirs.ident and theirs.ident in post.parents:
        return True
    return bool(theirs.index) and theirs.index == parent_index(post.index)


def _is_to_author(post: Post, theirs: Post, *, alone: bool = False) -> bool:
    """Whether a message is to whoever wrote another, himself, or to him `alone`: by a list, which Reply-To may name, it
    reaches him among many, and a copy tells him what another is told."""
    to, him = post.to or post.recipients, theirs.authors | (theirs.answer_to - theirs.people)
    return to <= him if alone else not to.isdisjoint(him)


def _goes_back(post: Post, theirs: Post) -> bool:
    """Whether a message goes to whoever wrote another. What that one itself answers is not its answer, whatever the
    clocks say."""
    if not post.authors.isdisjoint(theirs.authors) or post.recipients.isdisjoint(theirs.answer_to):
        return False
    return not (post.ident and (post.ident in theirs.parents or post.ident in theirs.references))


def _same_thread(post: Post, theirs: Post) -> bool:
    """Whether a message may answer another by its subject: it says that it answers, or it quotes."""
    if theirs.subject.core != post.subject.core and theirs.subject.core != post.subject.former:
        return False
    if post.subject.replies or _share(post, theirs):
        return True
    return bool(post.quotes) and post.subject.is_telling and not post.parents


def _share(post: Post, theirs: Post) -> float | None:
    """How much of what a message quotes is of another; None where that cannot be told."""
    return quoted_share(post.quotes, theirs.said) if post.quotes and theirs.said else None


def _keys_offered(letter: Letter) -> list[str]:
    """Under which keys an answer looks for a letter."""
    post = letter.post
    keys = [id_key(post.ident)] if post.ident else []
    keys += [index_key(post.index)] if post.index else []
    keys += [thread_key(post.subject.core, address) for address in sorted(post.answer_to)[:_MOST_ADDRESSES]]
    return keys + [passing_key(post.subject, duty.login) for duty in letter.duties]


def _keys_named(post: Post) -> list[str]:
    """The keys of what a message names as what it answers."""
    parent = parent_index(post.index)
    keys = [id_key(one) for one in dict.fromkeys((*post.parents, *post.references))]
    return [*keys, index_key(parent)] if parent else keys


def _keys_sought(post: Post) -> list[str]:
    """Under which keys a message looks for the letters that it answers."""
    cores = dict.fromkeys([post.subject.core, post.subject.former] if post.subject.former else [post.subject.core])
    addresses = sorted(post.recipients)[:_MOST_ADDRESSES]
    return [*_keys_named(post), *(thread_key(core, address) for core in cores for address in addresses)]
