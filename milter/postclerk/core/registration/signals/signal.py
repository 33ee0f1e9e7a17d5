"""A signal, and the list that each of them is in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from postclerk.core.registration.letter import Letter


@dataclass(frozen=True, slots=True)
class Signal:
    """One thing to see in a message. `speaks_for` tells which way it may weigh."""

    name: str
    says: str
    speaks_for: bool
    seen: Callable[[Letter], bool]


SIGNALS: list[Signal] = []


def signal(says: str, *, against: bool = False) -> Callable[[Callable[[Letter], bool]], Callable[[Letter], bool]]:
    """Lists a function as a signal, named as it is, with what it `says` to a person when it is seen."""

    def add(seen: Callable[[Letter], bool]) -> Callable[[Letter], bool]:
        SIGNALS.append(Signal(seen.__name__, says, not against, seen))
        return seen

    return add
