"""Answers of something far away, kept for a while: a directory, the DNS.

Each question is asked once at a time, whoever else waits for its answer. Where there is no answer now, the last one
that there was serves for as long as it may. Failure modes: Unavailable.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from postclerk.core.ports import Unavailable

V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class Lifetimes:
    """How long answers are kept, in seconds."""

    found: float
    nothing: float
    """For an answer that there is nothing."""
    failed: float
    """For the failure itself, so that what is down costs its time limit once and not for each message."""
    stale: float = 0.0
    """How long beyond its time an answer still serves while no new one can be had."""


class _Kept(Generic[V]):
    """An answer, the time until which it is fresh, and the time until which it is better than none."""

    __slots__ = ("answer", "failed", "fresh_until", "serves_until")

    def __init__(self, answer: V | None, fresh_until: float, serves_until: float, *, failed: bool = False) -> None:
        self.answer = answer
        self.fresh_until = fresh_until
        self.serves_until = serves_until
        self.failed = failed


class LookupCache(Generic[V]):
    """Keeps what `ask` answers, by question; what it leaves out of its answer is nothing, and is kept as that.

    `ask` gets the questions that are not known yet, all at once, may answer more than it was asked, and raises
    Unavailable. `patience` is how long, in seconds, one thread waits for what another asks; `at_once` how many may ask.
    """

    def __init__(
        self,
        ask: Callable[[Collection[str]], Mapping[str, V]],
        lifetimes: Lifetimes,
        *,
        size: int,
        at_once: int,
        patience: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._ask = ask
        self._lifetimes = lifetimes
        self._size = size
        self._at_once = at_once
        self._patience = patience
        self._clock = clock
        self._lock = threading.Lock()
        self._kept: OrderedDict[str, _Kept[V]] = OrderedDict()
        self._asked: dict[str, threading.Event] = {}
        self._asking = 0

    def one(self, question: str) -> V | None:
        """The answer to one question. Raises Unavailable."""
        kept = self._kept.get(question)
        if kept is not None and kept.fresh_until > (now := self._clock()):
            return self._served(kept, now)
        return self.get((question,))[question]

    def get(self, questions: Collection[str]) -> dict[str, V | None]:
        """The answers to several questions. Raises Unavailable when one of them has none."""
        answers: dict[str, V | None] = {}
        mine: list[str] = []
        others: dict[str, threading.Event] = {}
        with self._lock:
            now = self._clock()
            for question in dict.fromkeys(questions):
                kept = self._kept.get(question)
                if kept is not None and kept.fresh_until > now:
                    answers[question] = self._served(kept, now)
                elif question in self._asked:
                    others[question] = self._asked[question]
                else:
                    mine.append(question)
            if mine:
                if self._asking >= self._at_once:
                    raise Unavailable(f"{self._at_once} look-ups are under way already")
                self._asking += 1
                done = threading.Event()
                self._asked.update(dict.fromkeys(mine, done))
        if mine:
            answers.update(self._asked_now(mine, done))
        deadline = self._clock() + self._patience
        for question, event in others.items():
            if not event.wait(max(0.0, deadline - self._clock())):
                raise Unavailable("another look-up for the same takes too long")
            with self._lock:
                # With a lifetime of zero it is not fresh any longer, and still the answer to this question.
                kept = self._kept.get(question)
                if kept is None:
                    raise Unavailable("the answer was not kept")
                answers[question] = self._served(kept, self._clock())
        return answers

    def _asked_now(self, questions: list[str], done: threading.Event) -> dict[str, V | None]:
        found: Mapping[str, V] = {}
        failure: Exception | None = None
        try:
            found = self._ask(questions)
        except Exception as fault:  # noqa: BLE001 - told below; those who wait must not wait in vain
            failure = fault
        now = self._clock()
        with self._lock:
            try:
                if failure is None:
                    for question in dict.fromkeys((*questions, *found)):
                        self._keep(question, found.get(question), now)
                    return {question: found.get(question) for question in questions}
                for question in questions:
                    self._keep_failure(question, now)
                if not isinstance(failure, Unavailable):
                    raise failure
                return {question: self._served(self._kept[question], now, failure) for question in questions}
            finally:
                self._asking -= 1
                for question in questions:
                    del self._asked[question]
                done.set()
                while len(self._kept) > self._size:
                    self._kept.popitem(last=False)

    def _keep(self, question: str, answer: V | None, now: float) -> None:
        fresh_until = now + (self._lifetimes.nothing if answer is None else self._lifetimes.found)
        self._kept[question] = _Kept(answer, fresh_until, fresh_until + self._lifetimes.stale)
        self._kept.move_to_end(question)

    def _keep_failure(self, question: str, now: float) -> None:
        again_at = now + self._lifetimes.failed
        kept = self._kept.get(question)
        if kept is not None and not kept.failed and kept.serves_until > now:
            kept.fresh_until = again_at
        else:
            self._kept[question] = _Kept(None, again_at, again_at, failed=True)
            self._kept.move_to_end(question)

    def _served(self, kept: _Kept[V], now: float, fault: Exception | None = None) -> V | None:
        if kept.failed:
            raise Unavailable(str(fault or "there was no answer a moment ago")) from fault
        return kept.answer
