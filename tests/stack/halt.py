"""Halts a server as if it hung: connections are taken by the kernel, and nobody answers."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path


def halt(pid: int, *, seconds: float = 10.0) -> None:
    """Returns when every thread stands still: a thread may go on for a moment after the signal. Raises TimeoutError."""
    os.kill(pid, signal.SIGSTOP)
    deadline = time.monotonic() + seconds
    while any(_state(task) not in "Tt" for task in Path(f"/proc/{pid}/task").iterdir()):
        if time.monotonic() > deadline:
            raise TimeoutError(f"process {pid} goes on")
        time.sleep(0.005)


def _state(task: Path) -> str:
    # The name before it is in brackets, and may hold anything.
    return (task / "stat").read_text().rpartition(")")[2].split()[0]
