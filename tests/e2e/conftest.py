"""The stack that the end-to-end tests share."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.stack.whole import Stack


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    """A private Postfix and Dovecot with postclerk, for the tests of one file."""
    if os.geteuid():
        pytest.skip("Postfix's master needs root")
    with Stack() as running:
        yield running
