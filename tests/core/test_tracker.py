"""What answers a letter and what does not, whatever the order in which messages come."""

from __future__ import annotations

import itertools

import pytest

from postclerk.adapters.scratch import ScratchBook
from postclerk.core.facts import Headers
from postclerk.core.tracker import Addressee, Bond, Custom, Letter, Post, State, Tracker
from postclerk.mail.post import post

HOUR = 3600.0
SERIK, HEAD, GUEST, OTHER = "a.serik@uni.example", "b.head@uni.example", "guest@example.org", "other@example.org"
OFFICE = "office@uni.example"
SHARES = {"a.serik": {SERIK, OFFICE}, "b.head": {HEAD, OFFICE}, "c.delegate": {"c.delegate@uni.example", SERIK}}
OWNERS = {SERIK: "a.serik", HEAD: "b.head", "c.delegate@uni.example": "c.delegate"}


def message(sender: str, to: str, subject: str, ident: str = "", *, at: float = 0.0, **fields: str) -> Post:
    """A message with these header fields; `at` in hours."""
    named = {"From": sender, "To": to, "Subject": subject, "Message-ID": f"<{ident}>" if ident else "", **fields}
    headers = [(name.replace("_", "-"), f" {value}".encode()) for name, value in named.items() if value]
    return post(Headers(headers), key=f"{ident or subject}@{at}", at=at * HOUR)


class Desk:
    """A tracker with its book; letters are due after a day."""

    def __init__(self, **custom: object) -> None:
        self._book = ScratchBook(lambda _login, begin, end: end - begin)
        self._opened = self._book.opened()
        self.there = self._opened.__enter__()
        self.tracker = Tracker(
            self.there.book,
            lambda _login, at: at + 24 * HOUR,
            lambda login: SHARES.get(login, set()),
            Custom(**custom),  # type: ignore[arg-type]
        )

    def take(self, *posts: Post) -> Desk:
        for one in posts:
            writers = tuple(sorted({OWNERS[who] for who in one.authors if who in OWNERS}))
            to = [Addressee(OWNERS[who], who) for who in sorted(one.people) if who in OWNERS]
            to += [Addressee(login, OFFICE) for login in ("a.serik", "b.head") if OFFICE in one.people]
            self.tracker.take(one, writers, to)
        return self

    def letters(self) -> list[Letter]:
        return list(self.there.all_letters())

    def letter(self, ident: str) -> Letter:
        return next(one for one in self.letters() if one.post.ident == ident)


@pytest.fixture
def desk() -> Desk:
    return Desk()


ASKED = message(GUEST, SERIK, "The exam of May", "asked@example.org")


@pytest.mark.parametrize(
    ("answer", "bond"),
    [
        pytest.param(
            message(SERIK, GUEST, "Re: The exam of May", "a1", at=2, In_Reply_To="<asked@example.org>"),
            Bond.PARENT,
            id="in-reply-to",
        ),
        pytest.param(
            message(SERIK, GUEST, "something else", "a1", at=2, In_Reply_To="<asked@example.org>"),
            Bond.PARENT,
            id="in-reply-to under another subject",
        ),
        pytest.param(
            message(SERIK, GUEST, "Re: The exam of May", "a1", at=2, References="<asked@example.org> <x@y>"),
            Bond.REFERENCE,
            id="references alone",
        ),
        pytest.param(
            message(SERIK, GUEST, "Re: x", "a1", at=2, In_Reply_To="<asked@ example.org>"), Bond.PARENT, id="folded id"
        ),
        pytest.param(message(SERIK, GUEST, "RE: The exam of May", "a1", at=2), Bond.THREAD, id="ids lost"),
        pytest.param(message(SERIK, GUEST, "Ответ: The exam of May", "a1", at=2), Bond.THREAD, id="Russian prefix"),
        pytest.param(message(SERIK, GUEST, "YNT: THE EXAM OF MAY", "a1", at=2), Bond.THREAD, id="Turkish prefix"),
        pytest.param(message(SERIK, GUEST, "Жауап: The exam of May", "a1", at=2), Bond.THREAD, id="Kazakh prefix"),
        pytest.param(
            message(SERIK, GUEST, "HA: The exam of May", "a1", at=2), Bond.THREAD, id="Outlook's Russian prefix"
        ),
        pytest.param(
            message(
                "c.delegate@uni.example", GUEST, "Re: The exam of May", "a1", at=2, In_Reply_To="<asked@example.org>"
            ),
            Bond.PARENT,
            id="a delegate",
        ),
        pytest.param(
            message(SERIK, OTHER, "Re: The exam of May", "a1", at=2, In_Reply_To="<asked@example.org>"),
            None,
            id="to somebody else",
        ),
        pytest.param(
            message(HEAD, GUEST, "Re: The exam of May", "a1", at=2, In_Reply_To="<asked@example.org>"),
            None,
            id="by somebody whose it is not",
        ),
        pytest.param(message(SERIK, GUEST, "The exam", "a1", at=2), None, id="another subject"),
        pytest.param(message(SERIK, OTHER, "Re: The exam of May", "a1", at=2), None, id="same subject, other people"),
        pytest.param(message(SERIK, GUEST, "Re: The exam of May", "a1", at=-2), None, id="ids lost, written before"),
        pytest.param(message(SERIK, GUEST, "Re: The exam of May", "a1", at=24 * 31), None, id="ids lost, long after"),
        pytest.param(
            message(SERIK, GUEST, "Re: x", "a1", at=-2, In_Reply_To="<asked@example.org>"),
            Bond.PARENT,
            id="by id, whatever the dates say",
        ),
        pytest.param(
            message(GUEST, SERIK, "Re: The exam of May", "a1", at=2, In_Reply_To="<asked@example.org>"),
            None,
            id="asked again",
        ),
    ],
)
@pytest.mark.parametrize("answer_first", [False, True], ids=["in order", "answer first"])
def test_what_answers(desk: Desk, answer: Post, bond: Bond | None, answer_first: bool) -> None:
    """Ids pair, and without them the same people with the same subject soon after; in whatever order they come."""
    desk.take(*((answer, ASKED) if answer_first else (ASKED, answer)))
    letter = desk.letter("asked@example.org")
    assert (letter.answer.bond if letter.answer else None) == bond
    assert letter.state is (State.ANSWERED if bond else State.WAITING)


def test_an_automatic_reply_answers_nothing(desk: Desk) -> None:
    """It was not written by who is to answer."""
    reply = message(SERIK, GUEST, "Re: The exam of May", "auto", at=1, In_Reply_To="<asked@example.org>")
    import dataclasses

    desk.take(ASKED, dataclasses.replace(reply, machine=True))
    assert desk.letter("asked@example.org").state is State.WAITING


def test_the_reply_to_is_where_an_answer_goes(desk: Desk) -> None:
    """To the sender or to his Reply-To."""
    desk.take(
        message(GUEST, SERIK, "Where", "q", Reply_To=OTHER),
        message(SERIK, OTHER, "Re: Where", "a", at=1, In_Reply_To="<q>"),
    )
    assert desk.letter("q").state is State.ANSWERED


def test_the_first_answer_counts(desk: Desk) -> None:
    """However late the earlier one is heard of."""
    late = message(SERIK, GUEST, "Re: The exam of May", "late", at=5, In_Reply_To="<asked@example.org>")
    early = message(SERIK, GUEST, "Re: The exam of May", "early", at=2, In_Reply_To="<asked@example.org>")
    desk.take(ASKED, late, early)
    answer = desk.letter("asked@example.org").answer
    assert answer is not None
    assert (answer.ident, answer.at) == ("early", 2 * HOUR)


def test_asking_again_is_answered_together(desk: Desk) -> None:
    """Who asks twice in one thread has both answered by one message, with ids and without."""
    again = message(GUEST, SERIK, "Re: The exam of May", "again", at=5, In_Reply_To="<asked@example.org>")
    desk.take(ASKED, again, message(SERIK, GUEST, "Re: The exam of May", "a", at=9))
    assert [one.state for one in desk.letters()] == [State.ANSWERED] * 2


def test_a_subject_of_every_week_is_answered_once(desk: Desk) -> None:
    """New letters under one subject are letters of their own: an answer without ids is to the last of them."""
    weekly = [message(GUEST, SERIK, "Weekly report", f"w{week}", at=week * 168) for week in range(3)]
    desk.take(*weekly, message(SERIK, GUEST, "Re: Weekly report", "a", at=2 * 168 + 3))
    assert [one.state for one in desk.letters()] == [State.WAITING, State.WAITING, State.ANSWERED]


def test_a_shared_mailbox_is_answered_by_any_of_its_members(desk: Desk) -> None:
    """Both are to answer, one does."""
    desk.take(
        message(GUEST, OFFICE, "Opening hours?", "q"), message(HEAD, GUEST, "Re: x", "a", at=1, In_Reply_To="<q>")
    )
    letter = desk.letter("q")
    assert [duty.login for duty in letter.duties] == ["a.serik", "b.head"]
    assert letter.state is State.ANSWERED


@pytest.mark.parametrize(("each", "states"), [(False, ["answered"]), (True, ["answered", "waiting"])])
def test_one_message_to_several(each: bool, states: list[str]) -> None:
    """Any of them, or each."""
    desk = Desk(each=each)
    desk.take(
        message(GUEST, f"{SERIK}, {HEAD}", "To both", "q"), message(SERIK, GUEST, "Re: x", "a", at=1, In_Reply_To="<q>")
    )
    assert [one.state.value for one in desk.letters()] == states


FORWARD = message(SERIK, HEAD, "Fwd: The exam of May", "fwd", at=1, References="<asked@example.org>")


@pytest.mark.parametrize("passes", [True, False])
def test_a_forward_passes_on(passes: bool) -> None:
    """The new addressee's answer counts, and it is his to give; the forward itself is no letter of its own then."""
    desk = Desk(forward_passes=passes).take(ASKED, FORWARD)
    waiting = [duty.login for duty in desk.letter("asked@example.org").duties if not duty.passed]
    assert waiting == (["b.head"] if passes else ["a.serik"])
    assert len(desk.letters()) == (1 if passes else 2)
    desk.take(message(HEAD, GUEST, "Re: The exam of May", "a", at=3, In_Reply_To="<fwd>"))
    assert desk.letter("asked@example.org").state is (State.ANSWERED if passes else State.WAITING)


def test_a_forward_without_ids_passes_on(desk: Desk) -> None:
    """By its subject and by who forwards it."""
    desk.take(ASKED, message(SERIK, HEAD, "İLT: The exam of May", "fwd", at=1))
    assert [duty.login for duty in desk.letter("asked@example.org").duties if not duty.passed] == ["b.head"]


def test_who_passed_it_on_may_still_answer(desk: Desk) -> None:
    """His own answer ends it for both."""
    desk.take(ASKED, FORWARD, message(SERIK, GUEST, "Re: x", "a", at=2, In_Reply_To="<asked@example.org>"))
    assert desk.letter("asked@example.org").state is State.ANSWERED


def test_the_same_message_twice_is_one_letter(desk: Desk) -> None:
    """By two hosts, or to two of our people in two transactions."""
    import dataclasses

    one = message(GUEST, f"{SERIK}, {HEAD}", "Hello", "q", Date="Mon, 2 Nov 2026 09:00:00 +0500")
    desk.tracker.take(one, (), [Addressee("a.serik", SERIK)])
    desk.tracker.take(dataclasses.replace(one, key="other"), (), [Addressee("a.serik", SERIK)])
    desk.tracker.take(dataclasses.replace(one, key="third"), (), [Addressee("b.head", HEAD)])
    assert [[duty.login for duty in letter.duties] for letter in desk.letters()] == [["a.serik", "b.head"]]


def test_an_id_that_comes_again_is_another_letter(desk: Desk) -> None:
    """Programs that write one Message-ID for everything do not hide letters."""
    desk.take(message(GUEST, SERIK, "One", "same"), message(GUEST, SERIK, "Two", "same", at=1))
    desk.take(message(SERIK, GUEST, "Re: Two", "a", at=2))
    assert [one.state for one in desk.letters()] == [State.WAITING, State.ANSWERED]


def test_a_letter_without_an_id_is_answered_by_its_subject(desk: Desk) -> None:
    """And two of them are two."""
    desk.take(message(GUEST, SERIK, "No id here"), message(GUEST, SERIK, "Nor here", at=1))
    desk.take(message(SERIK, GUEST, "Re: No id here", "a", at=2))
    assert [one.state for one in desk.letters()] == [State.ANSWERED, State.WAITING]


def test_a_note_to_oneself_waits_for_nobody(desk: Desk) -> None:
    """Who writes to himself knows."""
    assert desk.take(message(SERIK, SERIK, "Milk", "m")).letters() == []


def test_threads_may_loop_and_be_long(desk: Desk) -> None:
    """A message that names itself, and ten thousand references, end like any other."""
    many = " ".join(f"<{number}@x>" for number in range(10_000))
    desk.take(message(GUEST, SERIK, "Loop", "l", In_Reply_To="<l>", References=f"{many} <l>"))
    desk.take(message(SERIK, GUEST, "Re: Loop", "a", at=1, References=f"{many} <l>", In_Reply_To="<l>"))
    assert desk.letter("l").state is State.ANSWERED


@pytest.mark.parametrize("order", list(itertools.permutations(range(4))), ids=str)
def test_order_does_not_matter(order: tuple[int, ...]) -> None:
    """Whatever comes first, the same letters are answered by the same messages."""
    posts = [
        ASKED,
        message(GUEST, SERIK, "Re: The exam of May", "again", at=3, In_Reply_To="<asked@example.org>"),
        message(SERIK, GUEST, "Re: The exam of May", "a1", at=2, In_Reply_To="<asked@example.org>"),
        message(
            SERIK, GUEST, "Re: The exam of May", "a2", at=5, In_Reply_To="<again>", References="<asked@example.org>"
        ),
    ]
    desk = Desk().take(*(posts[number] for number in order))
    found = {one.post.ident: one.answer.ident for one in desk.letters() if one.answer}
    assert found == {"asked@example.org": "a1", "again": "a2"}
