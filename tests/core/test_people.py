"""A list counts as its members."""

from __future__ import annotations

from collections.abc import Collection

import pytest

from postclerk.core import people
from postclerk.core.people import Expansion, Listing, NoAnswer

BOX = Listing("box@uni.example")


class Still:
    """A directory that stands still, and remembers how many it was asked about."""

    def __init__(self, *lists: Listing, answers: int = 10**9) -> None:
        self._there = {one.address: one for one in lists} | {"alias@uni.example": BOX, BOX.address: BOX}
        self._answers = answers
        self.asked: list[int] = []

    def look_up(self, addresses: Collection[str]) -> dict[str, Listing]:
        if sum(self.asked) + len(addresses) > self._answers:
            raise NoAnswer("away")
        self.asked.append(len(addresses))
        return {key: self._there[key] for key in addresses if key in self._there}


def _members(count: int) -> tuple[str, ...]:
    return tuple(f"m{number}@uni.example" for number in range(count))


@pytest.mark.parametrize(
    ("asked", "further", "mailboxes"),
    [
        pytest.param(Listing("a", ()), (), (), id="of-nobody"),
        pytest.param(Listing("a", ("x", "y", "x")), (), ("x", "y"), id="each-once"),
        pytest.param(Listing("a", ("alias@uni.example", "box@uni.example")), (), ("box@uni.example",), id="an-alias"),
        pytest.param(Listing("a", ("b", "x")), (Listing("b", ("x", "y")),), ("x", "y"), id="a-list-in-a-list"),
        pytest.param(Listing("a", ("a", "x")), (Listing("a", ("a", "x")),), ("x",), id="itself"),
        pytest.param(
            Listing("a", ("b", "x")), (Listing("b", ("c",)), Listing("c", ("b", "a", "y"))), ("x", "y"), id="a-loop"
        ),
        pytest.param(
            Listing("a", ("b", "c")), (Listing("b", ("d",)), Listing("c", ("d",)), Listing("d", ("x",))), ("x",),
            id="the-same-list-twice",
        ),
    ],
)  # fmt: skip
def test_members(asked: Listing, further: tuple[Listing, ...], mailboxes: tuple[str, ...]) -> None:
    """Nested lists are their members, and each mailbox counts once."""
    assert people.expand(asked, Still(*further).look_up) == Expansion(mailboxes, asked)


def test_a_mailbox_stands_for_itself() -> None:
    """Whose it is goes with it, and nothing is asked."""
    mailbox = Listing("a", owner="x", sharers=("y", "z"))
    assert people.expand(mailbox, _ask_nobody) == Expansion(("a",), owner="x", sharers=("y", "z"))


def _ask_nobody(_addresses: Collection[str]) -> dict[str, Listing | None]:
    raise AssertionError


def test_how_many_are_counted() -> None:
    """A hundred thousand are counted; of more it is known that they are more, and no more is asked."""
    most = Listing("a", _members(people.MOST_COUNTED))
    assert not people.expand(most, Still().look_up).more
    directory = Still()
    over = people.expand(Listing("a", _members(3 * people.MOST_COUNTED)), directory.look_up)
    assert (over.more, over.unsure) == (True, "")
    assert len(over.mailboxes) == people.MOST_COUNTED + 1
    assert sum(directory.asked) < 1.1 * people.MOST_COUNTED


def test_what_a_directory_does_not_name() -> None:
    """A list, also one in another, with more members than its directory names has too many."""
    cut = Listing("b", ("x",), more=True)
    directory = Still()
    assert people.expand(cut, directory.look_up) == Expansion(("x",), cut, more=True)
    assert directory.asked == []
    assert people.expand(Listing("a", ("b",)), Still(cut).look_up) == Expansion(("x",), Listing("a", ("b",)), more=True)


def test_lists_upon_lists() -> None:
    """However often lists name the same few mailboxes, their members are not read without end."""
    names = [f"l{number}" for number in range(2000)]
    members = _members(5000)
    found = people.expand(Listing("a", tuple(names)), Still(*(Listing(name, members) for name in names)).look_up)
    assert found.more


def test_a_directory_that_falls_silent() -> None:
    """What was looked up by then counts; a few are asked for at first, so that there is something."""
    asked = Listing("a", _members(1000))
    assert people.expand(asked, Still(answers=350).look_up) == Expansion(_members(300), asked, unsure="away")
    assert people.expand(asked, Still(answers=0).look_up) == Expansion((), asked, unsure="away")
