"""What must not outlive us: a shell waits at a pipe that closes when our process is gone, even by kill -9.

The kernel's own means, PR_SET_PDEATHSIG, does not hold for Postfix's master.
"""

from __future__ import annotations

import subprocess


class Guard:
    """Runs a line of shell as soon as our process is gone, unless it is dismissed before."""

    def __init__(self, script: str, *arguments: str) -> None:
        self._shell = subprocess.Popen(
            ["/bin/sh", "-c", f"read -r _ && exit; {script}", "guard", *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def dismiss(self) -> None:
        """Returns when the guard has ended without having done anything."""
        self._shell.communicate(b"\n")


def guarded(leader: int) -> Guard:
    """A guard that ends the process group which a process leads."""
    # dash takes no `--` after `kill -TERM`.
    return Guard('kill -s TERM -- "-$1"; sleep 3; kill -s KILL -- "-$1"', str(leader))
