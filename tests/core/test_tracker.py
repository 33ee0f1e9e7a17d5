"""What answers a letter and what does not, whatever the order in which messages come."""

from __future__ import annotations

import base64
import itertools

import pytest

from postclerk.adapters.scratch import ScratchBook
from postclerk.core.facts import Headers
from postclerk.core.traces import trace
from postclerk.core.tracker import Addressee, Bond, Custom, Letter, Post, State, Tracker
from postclerk.mail.post import post

HOUR = 3600.0
SERIK, HEAD, GUEST, OTHER = "a.serik@uni.example", "b.head@uni.example", "guest@example.org", "other@example.org"
OFFICE = "office@uni.example"
SHARES = {"a.serik": {SERIK, OFFICE}, "b.head": {HEAD, OFFICE}, "c.delegate": {"c.delegate@uni.example", SERIK}}
OWNERS = {SERIK: "a.serik", HEAD: "b.head", "c.delegate@uni.example": "c.delegate"}


def message(
    sender: str, to: str, subject: str, ident: str = "", *, at: float = 0.0, said: str = "", quotes: str = "",
    **fields: str,
) -> Post:  # fmt: skip
    """A message with these header fields, and with traces of what it says and quotes; `at` in hours."""
    named = {"From": sender, "To": to, "Subject": subject, "Message-ID": f"<{ident}>" if ident else "", **fields}
    headers = [(name.replace("_", "-"), f" {value}".encode()) for name, value in named.items() if value]
    traces = {"said": trace(said), "quotes": trace(quotes)}
    return post(Headers(headers), key=f"{ident or subject}@{at}", at=at * HOUR, **traces)


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


def test_what_a_letter_answers_is_not_its_answer(desk: Desk) -> None:
    """Two write back and forth within minutes, and the clock of one is late: what came first looks like the last."""
    mine = message(SERIK, GUEST, "Re: The exam of May", "mine", at=0.05, References="<lost@example.org>")
    theirs = message(GUEST, SERIK, "Re: The exam of May", "theirs", at=0, In_Reply_To="<mine>", References="<mine>")
    desk.take(theirs, mine)
    assert desk.letter("theirs").state is State.WAITING
    later = message(SERIK, GUEST, "Re: The exam of May", "later", at=1, In_Reply_To="<theirs>")
    assert desk.take(later).letter("theirs").state is State.ANSWERED


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


# -- what is quoted ----------------------------------------------------------------------------------------------------

HALL = """Is the large hall still free on Wednesday afternoon, and whom do we have to ask about the projector that stood
there last year during the olympiad of the younger students?"""
FEES = """The fees of the second term were paid twice by our accountant by mistake; please tell us which form has to be
filled in so that the second payment is returned to the account of the faculty."""
ELSEWHERE = """The minutes of the last session of the council are attached, with the changes that the secretary had
asked for; whoever finds something missing is asked to say so until the end of the week, and to name the page on which
it should stand. Photographs of the ceremony can be had from the press office on request."""


def answers(*letters: Post, by: Post) -> dict[str, bool]:
    """Which letters a message answers, by their ids; whether it comes first or last must not matter where it counts."""
    return {one.post.ident: one.answer is not None for one in Desk().take(*letters, by).letters()}


@pytest.mark.parametrize(
    ("quotes", "answered"),
    [
        pytest.param(HALL, ["hall"], id="the-first"),
        pytest.param(FEES, ["fees"], id="the-second"),
        pytest.param(f"{HALL}\n{FEES}", ["fees"], id="both"),
        pytest.param(ELSEWHERE, [], id="neither"),
        pytest.param("Yes.", ["fees"], id="too-short-to-tell"),
        pytest.param("", ["fees"], id="nothing"),
    ],
)
def test_the_letter_that_is_quoted_is_answered(quotes: str, answered: list[str]) -> None:
    """Of two of one subject; where nothing is quoted, the last of them, and where something else is, none."""
    letters = [
        message(GUEST, SERIK, "Question", "hall", said=HALL),
        message(GUEST, SERIK, "Question", "fees", at=1, said=FEES),
    ]
    found = answers(*letters, by=message(SERIK, GUEST, "Re: Question", "a", at=3, quotes=quotes))
    assert [ident for ident, is_answered in found.items() if is_answered] == answered


@pytest.mark.parametrize(
    ("subject", "quotes", "is_answered"),
    [
        pytest.param("Re: The exam of May", "", True, id="a-prefix"),
        pytest.param("The exam of May", "", False, id="the-same-subject-again"),
        pytest.param("The exam of May", HALL, True, id="no-prefix-and-quoted"),
        pytest.param("The exam of May", "Yes, it is.", False, id="no-prefix-and-something-quoted"),
        pytest.param("Rooms (was: The exam of May)", "", True, id="changed"),
        pytest.param("Залы (было: Re: The exam of May)", "", True, id="changed-in-Russian"),
        pytest.param("Re: Rooms (was: The exam of May)", "", False, id="changed-before"),
    ],
)
def test_a_subject_that_says_that_it_answers(subject: str, quotes: str, is_answered: bool) -> None:
    """By a prefix, by what it was before, or else by a quotation."""
    asked = message(GUEST, SERIK, "The exam of May", "q", said=HALL)
    assert answers(asked, by=message(SERIK, GUEST, subject, "a", at=2, quotes=quotes)) == {"q": is_answered}


@pytest.mark.parametrize(
    ("to", "fields", "is_answered"),
    [
        pytest.param(GUEST, {}, True, id="to-him"),
        pytest.param(f"{OTHER}, {GUEST}", {}, True, id="to-him-and-another"),
        pytest.param(OTHER, {"Cc": GUEST}, False, id="a-copy"),
        pytest.param(OTHER, {"Cc": GUEST, "quotes": HALL}, True, id="a-copy-that-quotes-him"),
        pytest.param(
            OTHER, {"Cc": GUEST, "References": "<q> <o>", "In_Reply_To": "<o>"}, False, id="a-copy-in-his-thread"
        ),
        pytest.param(GUEST, {"References": "<q> <o>", "In_Reply_To": "<o>"}, True, id="to-him-in-his-thread"),
        pytest.param(
            f"{OTHER}, {GUEST}",
            {"References": "<q> <o>", "In_Reply_To": "<o>"},
            False,
            id="to-several-in-his-thread",
        ),
        pytest.param(OTHER, {"Cc": GUEST, "In_Reply_To": "<q>"}, True, id="a-copy-that-names-his"),
    ],
)
def test_a_copy_answers_nobody(to: str, fields: dict[str, str], is_answered: bool) -> None:
    """What another is told in his thread, unless his letter is named or quoted."""
    asked = message(GUEST, SERIK, "The exam of May", "q", said=HALL)
    answer = message(SERIK, to, "Re: The exam of May", "a", at=2, **fields)  # type: ignore[arg-type]
    for order in ((asked, answer), (answer, asked)):
        assert [one.answer is not None for one in Desk().take(*order).letters()] == [is_answered]


def index(*answers: bytes) -> str:
    """A Thread-Index, with what each answer adds."""
    return base64.b64encode(b"\x01" + b"conversation" + bytes(9) + b"".join(answers)).decode()


@pytest.mark.parametrize(
    ("theirs", "ours", "bond"),
    [
        pytest.param(index(), index(b"5octs"), Bond.PARENT, id="its-answer"),
        pytest.param(index(b"first"), index(b"first", b"other"), Bond.PARENT, id="further-down"),
        pytest.param(index(), index(b"first", b"other"), None, id="the-answer-of-an-answer"),
        pytest.param(index(b"first"), index(b"other"), None, id="beside-it"),
        pytest.param(index(), index(), None, id="the-same"),
        pytest.param("AQ==", "AQ==", None, id="none"),
        pytest.param("!", index(b"first"), None, id="nonsense"),
    ],
)
def test_the_index_of_outlook(theirs: str, ours: str, bond: Bond | None) -> None:
    """It tells the parent whatever the subject is, where the program names none."""
    asked = message(GUEST, SERIK, "The exam of May", "q", Thread_Index=theirs)
    answer = message(SERIK, GUEST, "Something else", "a", at=2, Thread_Index=ours)
    for order in ((asked, answer), (answer, asked)):
        found = Desk().take(*order).letter("q").answer
        assert (found.bond if found else None) == bond
