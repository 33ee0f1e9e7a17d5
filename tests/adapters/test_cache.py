"""Answers that are kept for a while."""

from __future__ import annotations

import threading
from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor

import pytest

from postclerk.adapters.cache import Lifetimes, LookupCache
from postclerk.core.ports import Unavailable

LIFETIMES = Lifetimes(found=10, nothing=5, failed=2, stale=100)


class Far:
    """Something far away that knows what is upper case, can be down, and remembers what it was asked."""

    def __init__(self) -> None:
        self.now = 0.0
        self.down = False
        self.asked: list[tuple[str, ...]] = []

    def ask(self, questions: Collection[str]) -> dict[str, str]:
        self.asked.append(tuple(questions))
        if self.down:
            raise Unavailable("down")
        return {question: question.lower() for question in questions if question.isupper()}

    def cache(self, lifetimes: Lifetimes = LIFETIMES, **said: float) -> LookupCache[str]:
        settings = {"size": 100, "at_once": 4, "patience": 5.0} | said
        return LookupCache(self.ask, lifetimes, clock=lambda: self.now, **settings)  # type: ignore[arg-type]


def test_answers_are_kept() -> None:
    """What was found for its time, what was not for its own, and both only so long."""
    far = Far()
    cache = far.cache()
    for now, asked in ((0, 2), (4.9, 2), (5.1, 3), (9.9, 3), (10.2, 5)):
        far.now = now
        assert (cache.one("A"), cache.one("x")) == ("a", None)
        assert len(far.asked) == asked, now


def test_questions_are_asked_together() -> None:
    """Only those that are not known, in one go, each once."""
    far = Far()
    cache = far.cache()
    assert cache.one("A") == "a"
    assert cache.get(["A", "B", "x", "B"]) == {"A": "a", "B": "b", "x": None}
    assert far.asked == [("A",), ("B", "x")]


def test_more_than_was_asked_is_kept_too() -> None:
    """A list's members need not be asked for again."""
    asked: list[str] = []

    def ask(questions: Collection[str]) -> dict[str, str]:
        asked.extend(questions)
        return {"list": "a list", "member": "a mailbox"}

    cache: LookupCache[str] = LookupCache(ask, LIFETIMES, size=10, at_once=1, patience=1)
    assert (cache.one("list"), cache.one("member"), asked) == ("a list", "a mailbox", ["list"])


def test_what_is_down_serves_what_was_known() -> None:
    """For as long as it may; what was not known is no answer, and never nothing. It is asked again after a while."""
    far = Far()
    cache = far.cache()
    assert (cache.one("A"), cache.one("x")) == ("a", None)
    far.down, far.now = True, 11
    assert (cache.one("A"), cache.one("x")) == ("a", None)
    with pytest.raises(Unavailable):
        cache.one("B")
    asked = len(far.asked)
    with pytest.raises(Unavailable):
        cache.one("B")
    assert len(far.asked) == asked
    far.now = 111
    with pytest.raises(Unavailable):
        cache.one("A")
    far.down, far.now = False, 114
    assert (cache.one("A"), cache.one("B")) == ("a", "b")


def test_lifetimes_of_zero() -> None:
    """Every question is asked, and every answer is an answer."""
    far = Far()
    cache = far.cache(Lifetimes(0, 0, 0))
    assert [cache.one("A"), cache.one("A"), cache.one("x")] == ["a", "a", None]
    assert len(far.asked) == 3
    far.down = True
    with pytest.raises(Unavailable):
        cache.one("A")


def test_it_has_a_size() -> None:
    """The oldest answers go first."""
    far = Far()
    cache = far.cache(size=2)
    for question in "ABC":
        cache.one(question)
    cache.one("C")
    cache.one("A")
    assert far.asked == [("A",), ("B",), ("C",), ("A",)]


def test_threads_share_an_answer() -> None:
    """A hundred threads that ask the same ask once, also where answers are not kept."""
    may_answer, asked = threading.Event(), []

    def ask(questions: Collection[str]) -> dict[str, str]:
        asked.append(questions)
        may_answer.wait(10)
        return dict.fromkeys(questions, "there")

    cache: LookupCache[str] = LookupCache(ask, LIFETIMES, size=10, at_once=1, patience=10)
    with ThreadPoolExecutor(100) as threads:
        answers = [threads.submit(cache.one, "A") for _ in range(100)]
        may_answer.set()
        assert [one.result() for one in answers] == ["there"] * 100
    assert len(asked) == 1


def test_only_so_many_ask_at_once() -> None:
    """Who comes too many is told at once, and what fails in a way that nobody foresaw wakes those who wait."""
    may_answer, began = threading.Event(), threading.Event()

    def ask(questions: Collection[str]) -> dict[str, str]:
        began.set()
        may_answer.wait(10)
        raise ZeroDivisionError

    cache: LookupCache[str] = LookupCache(ask, LIFETIMES, size=10, at_once=1, patience=10)
    with ThreadPoolExecutor(2) as threads:
        first = threads.submit(cache.one, "A")
        began.wait(10)
        with pytest.raises(Unavailable, match="1 look-ups are under way"):
            cache.one("B")
        second = threads.submit(cache.one, "A")
        may_answer.set()
        with pytest.raises(ZeroDivisionError):
            first.result()
        with pytest.raises((Unavailable, ZeroDivisionError)):
            second.result()


def test_patience_ends() -> None:
    """Nobody waits longer for another's question than he may."""
    may_answer, began = threading.Event(), threading.Event()

    def ask(questions: Collection[str]) -> dict[str, str]:
        began.set()
        may_answer.wait(10)
        return {}

    cache: LookupCache[str] = LookupCache(ask, LIFETIMES, size=10, at_once=1, patience=0.05)
    with ThreadPoolExecutor(1) as threads:
        first = threads.submit(cache.one, "A")
        began.wait(10)
        with pytest.raises(Unavailable, match="takes too long"):
            cache.one("A")
        may_answer.set()
        assert first.result() is None
