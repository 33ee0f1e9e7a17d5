"""What waits for an answer in somebody's own mailbox, read from files: the tracker's engine with no server at all.

Messages are read once and kept as the few facts that the engine needs, in a temporary store, then taken in the order of
their times. Failure modes: OSError; what cannot be read of single messages is told through `trouble`.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from postclerk.adapters import mailboxes
from postclerk.adapters.mailboxes import Stored
from postclerk.adapters.scratch import ScratchBook
from postclerk.core.addresses import plain_key
from postclerk.core.facts import Headers
from postclerk.core.traces import trace
from postclerk.core.tracker import Addressee, Custom, Letter, Post, State, Tracker
from postclerk.core.worktime import WorkTime
from postclerk.mail.answerable import answerable, answers
from postclerk.mail.header import body, header_fields
from postclerk.mail.kind import kind_of, needs_text
from postclerk.mail.letter import read_body
from postclerk.mail.post import filed_at, post, received_at
from postclerk.mail.quotes import quoted_first, said
from postclerk.settings import Tracker as Options

_OWNER = "owner"
_MOST_TEXT = 256 * 1024

Trouble = Callable[[str, str], None]


@dataclass(frozen=True, slots=True)
class Found:
    """One letter to the owner. `state` is a State's value or `overdue`; times are in the site's zone."""

    message_id: str
    author: str
    title: str
    received: datetime.datetime
    due: datetime.datetime
    state: str
    answered_by: str | None
    answered_at: datetime.datetime | None
    worked: datetime.timedelta
    """The working time until it was answered, or until now."""

    def as_json(self) -> dict[str, Any]:
        """As the command prints it."""
        return {
            "message_id": self.message_id,
            "from": self.author,
            "subject": self.title,
            "received": self.received.isoformat(),
            "due": self.due.isoformat(),
            "state": self.state,
            "answered_by": self.answered_by,
            "answered_at": self.answered_at.isoformat() if self.answered_at else None,
            "business_hours": round(self.worked.total_seconds() / 3600, 2),
        }


class Scan:
    """Scans for one owner, who may have several addresses (comparison keys); with a tag (user+tag) they are his too."""

    def __init__(
        self, owners: Collection[str], options: Options, work: WorkTime, at: datetime.datetime, tag_delimiter: str = "+"
    ) -> None:
        self._tag_delimiter = tag_delimiter
        self._owners = frozenset(owners)
        self._options = options
        self._work = work
        self._at = at
        self._within = datetime.timedelta(seconds=options.answer_within)

    def letters(self, path: Path, trouble: Trouble, read: Callable[[int], None]) -> Iterator[Found]:
        """Every letter to the owner at a path, the oldest first; `read` is told of the octets that were read."""
        with ScratchBook(self._elapsed).opened() as book:
            for stored in mailboxes.stored(path, trouble):
                there = self._post(stored, trouble)
                if there is not None:
                    book.put(there)
                read(stored.size)
            custom = Custom(window=self._options.same_subject_for, forward_passes=self._options.forward_passes)
            tracker = Tracker(book.book, self._due, self._acts_for, custom)
            for there in book.posts():
                tracker.take(there, self._writers(there), self._addressees(there))
            for letter in book.all_letters():
                if any(duty.login == _OWNER for duty in letter.duties):
                    yield self._found(letter)

    # -- reading ---------------------------------------------------------------------------------------------------

    def _post(self, stored: Stored, trouble: Trouble) -> Post | None:
        fields = header_fields(stored.data)
        if not fields:
            trouble(stored.place, "this is no message: it has no header")
            return None
        headers = Headers(fields)
        read = None
        if needs_text(headers, None):
            read = read_body(headers, body(stored.data[:_MOST_TEXT]))
        kind = kind_of(headers, None, read)
        waits = answerable(
            headers,
            kind,
            read,
            own=(),
            asking_nothing=not self._options.answers_wait,
            words=self._options.no_answer_words,
            calendar=read.calendar if read else "",
        )
        moment = received_at(headers, self._at)
        if moment is None:
            if headers.first("date") is not None:
                trouble(stored.place, "its date cannot be right; the time at which it was filed is taken")
            moment = filed_at(stored.filed_at, self._at)
        there = post(
            headers, key=stored.place, at=moment.timestamp(), machine=kind.kind.is_machine,
            wants_answer=waits.wants_answer, why=waits.why,
        )  # fmt: skip
        there = self._as_for_owner(there)
        if read is None:
            return there
        if not there.authors.isdisjoint(self._owners):
            return replace(there, quotes=trace(quoted_first(read)))
        return replace(there, said=trace(said(read, answers=answers(headers)))) if there.wants_answer else there

    def _as_for_owner(self, there: Post) -> Post:
        """The post with the owner's addresses without their tags; one that he only gets a copy of waits for others."""
        there = replace(
            there,
            authors=self._untagged(there.authors),
            answer_to=self._untagged(there.answer_to),
            people=self._untagged(there.people),
            to=self._untagged(there.to),
            recipients=self._untagged(there.recipients),
        )
        only_copy = self._owners.isdisjoint(there.to) and not self._owners.isdisjoint(there.people)
        if there.wants_answer and not self._options.copies and only_copy:
            return replace(there, wants_answer=False, why="the owner only gets a copy of it")
        return there

    def _untagged(self, keys: Iterable[str]) -> frozenset[str]:
        return frozenset(
            plain if one not in self._owners and (plain := plain_key(one, self._tag_delimiter)) in self._owners else one
            for one in keys
        )

    # -- who and when ----------------------------------------------------------------------------------------------

    def _writers(self, there: Post) -> tuple[str, ...]:
        """Whoever wrote it may answer what was passed on to him."""
        if not there.authors.isdisjoint(self._owners):
            return (_OWNER,)
        return tuple(sorted(there.authors))

    def _addressees(self, there: Post) -> list[Addressee]:
        mine = sorted(there.people & self._owners - there.authors)
        if there.subject.forwards and not there.authors.isdisjoint(self._owners):
            # Whom the owner passes something on to may answer it.
            return [Addressee(one, one) for one in sorted(there.people - self._owners)]
        return [Addressee(_OWNER, mine[0])] if mine else []

    def _acts_for(self, login: str) -> Collection[str]:
        return self._owners if login == _OWNER else (login,)

    def _due(self, _login: str, at: float) -> float:
        return self._work.due(self._moment(at), self._within).timestamp()

    def _elapsed(self, _login: str, begin: float, end: float) -> float:
        return self._work.elapsed(self._moment(begin), self._moment(end)).total_seconds()

    def _moment(self, at: float) -> datetime.datetime:
        return datetime.datetime.fromtimestamp(at, self._work.zone)

    def _found(self, letter: Letter) -> Found:
        answer, theirs = letter.answer, letter.post
        due = self._moment(next(duty.due for duty in letter.duties if duty.login == _OWNER))
        state = letter.state.value
        if letter.state is State.WAITING and due < self._at:
            state = "overdue"
        received = self._moment(theirs.at)
        answered_at = self._moment(answer.at) if answer else None
        return Found(
            message_id=theirs.ident and f"<{theirs.ident}>",
            author=theirs.author,
            title=theirs.title,
            received=received,
            due=due,
            state=state,
            answered_by=(answer.ident and f"<{answer.ident}>") if answer else None,
            answered_at=answered_at,
            worked=self._work.elapsed(received, answered_at or self._at),
        )
