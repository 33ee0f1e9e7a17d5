"""Every row of the demo, as a test."""

from __future__ import annotations

import pytest

from tests.demo.scenes import SCENES, Scene, play
from tests.stack.whole import Stack


@pytest.mark.parametrize("scene", [pytest.param(scene, id=scene.name) for scene in SCENES])
def test_scene(stack: Stack, scene: Scene) -> None:
    """What is sent comes to the answer, the mailboxes and the headers that the scene promises."""
    assert scene.failures(play(scene, stack)) == []


def test_every_scene_is_journalled(stack: Stack) -> None:
    """Each decision is in the journal under its queue id, and what Postfix accepted was accepted by the journal."""
    stack.dovecot.clear()
    answer = SCENES[0].play(stack)
    assert answer is not None
    entries = [entry for entry in stack.clerk.journal() if entry["queue_id"] == answer.queue_id]
    assert [(entry["action"], entry["login"], entry["envelope_from"], entry["recipients"]) for entry in entries] == [
        ("accept", "a.serik", "a.serik@uni.example", ["b.head@uni.example"])
    ]
