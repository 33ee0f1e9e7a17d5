"""Queue ids: what is one reaches Postfix's tools, and nothing else."""

from __future__ import annotations

import pytest

from postclerk.adapters.hold_queue import HoldQueue, QueueError, checked


@pytest.mark.parametrize(
    "queue_id", ["4F1A2B3C4D", "ABCDEF", "4jYSQR74qHzD2F7", "4gQ1b2K3Zpz2Ff9G", "4jYVRN4z2Rz2G5hh", "zzzzzzzzzzz2G5hh"]
)
def test_queue_ids(queue_id: str) -> None:
    """Short and long ones."""
    assert checked(queue_id) == queue_id


@pytest.mark.parametrize(
    "queue_id", ["", "ALL", "-", "-r", "4F1A 2B3C", "../x", "4F1A2B3C4D;x", "4F1A2B3C4D\n", "$(id)", "A" * 99]
)
def test_what_is_none(queue_id: str) -> None:
    """`ALL` would be every message there is."""
    with pytest.raises(QueueError):
        checked(queue_id)


def test_without_a_postfix() -> None:
    """It is said in one line."""
    with pytest.raises(QueueError) as fault:
        HoldQueue("/nowhere").listed()
    assert "\n" not in str(fault.value)
