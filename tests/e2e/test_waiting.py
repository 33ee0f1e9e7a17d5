"""The clock on answers behind a real Postfix: letters come, some are answered, flags and reminders follow."""

from __future__ import annotations

import datetime
from collections.abc import Iterator

import pytest

from tests.demo import letters
from tests.stack import site
from tests.stack.whole import Stack


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    """The stack with the tracker's section in its rules."""
    with Stack(rules=site.RULES + site.TRACKER) as running:
        yield running


def test_a_letter_is_flagged_reminded_of_and_answered(stack: Stack) -> None:
    """What waits beyond its term bears a flag and stands in one reminder; the flag goes with the answer."""
    letters.send_letters(stack)
    letters.answer(stack, 1, "When is the office open?")
    stack.clerk.track(datetime.datetime.now(datetime.UTC))  # noqa: TID251
    assert not any(letters.seen(stack).flags.values())

    later = letters.when_overdue(stack)
    stack.clerk.track(later)
    there = letters.wait_for_reminder(stack)
    assert there.flags == dict(zip(letters.SUBJECTS, letters.FLAGGED, strict=True))
    assert len(there.reminders) == 1
    subject, text = there.reminders[0]
    assert "1" in subject
    assert "May I see the exam papers?" in text
    assert "When is the office open?" not in text

    stack.clerk.track(later + datetime.timedelta(hours=1))
    letters.answer(stack, 0, "May I see the exam papers?")
    stack.clerk.track(later + datetime.timedelta(days=1))
    there = letters.seen(stack)
    assert not any(there.flags.values())
    assert len(there.reminders) == 1
