"""Postfix's hold queue, through Postfix's own tools. Anybody may list it; to release, delete or read takes root.

Failure modes: QueueError, with one line for people.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from dataclasses import dataclass

_WITHOUT_Z = "0-9B-DF-HJ-NP-TV-Zb-df-hj-np-tv-y"
_QUEUE_ID = re.compile(f"[0-9A-F]{{6,15}}|[{_WITHOUT_Z}z]{{10,12}}z[{_WITHOUT_Z}]{{1,16}}")
"""Short and long queue ids as Postfix writes them (enable_long_queue_ids): nothing else reaches a tool."""

_TIMEOUT = 60.0
_PATH = "/usr/sbin:/usr/bin:/sbin:/bin"
_LARGEST_HEADER = 64 * 1024


class QueueError(Exception):
    """Postfix's tools are missing, or refuse."""


@dataclass(frozen=True, slots=True)
class InQueue:
    """A message that Postfix holds; `arrived` in seconds since the epoch."""

    queue_id: str
    arrived: float
    size: int
    sender: str
    recipients: tuple[str, ...]


class HoldQueue:
    """The hold queue of one Postfix; `configuration` is its folder, where that is not the usual one."""

    def __init__(self, configuration: str = "") -> None:
        self._options = ["-c", configuration] if configuration else []

    def listed(self) -> list[InQueue]:
        """What is held now, the oldest first."""
        found = []
        for line in self._run("postqueue", "-j").splitlines():
            try:
                said = json.loads(line)
                if said["queue_name"] == "hold":
                    recipients = tuple(one["address"] for one in said["recipients"])
                    found.append(
                        InQueue(
                            said["queue_id"], said["arrival_time"], said["message_size"], said["sender"], recipients
                        )
                    )
            except (ValueError, KeyError, TypeError) as fault:
                raise QueueError(f"postqueue -j said what nobody understands: {line[:100]!r}") from fault
        return sorted(found, key=lambda one: one.arrived)

    def release(self, queue_id: str) -> None:
        """Lets a message go. Root only."""
        self._run("postsuper", "-H", checked(queue_id))
        self._run("postqueue", "-i", queue_id)

    def delete(self, queue_id: str) -> None:
        """Deletes a held message. Root only."""
        self._run("postsuper", "-d", checked(queue_id), "hold")

    def shown(self, queue_id: str) -> str:
        """The header and text of a held message. Root only."""
        return self._run("postcat", "-q", "-hb", checked(queue_id))

    def header(self, queue_id: str) -> str:
        """Its header. Root only."""
        return self._run("postcat", "-q", "-h", checked(queue_id))[:_LARGEST_HEADER]

    def _run(self, tool: str, *arguments: str) -> str:
        program = shutil.which(tool, path=_PATH)
        if program is None:
            raise QueueError(f"there is no {tool} here")
        try:
            done = subprocess.run(  # noqa: S603 - fixed tools, checked ids, no shell
                [program, *self._options, *arguments],
                capture_output=True, timeout=_TIMEOUT, check=False, stdin=subprocess.DEVNULL,
            )  # fmt: skip
        except (OSError, subprocess.TimeoutExpired) as fault:
            raise QueueError(f"{tool} does not answer: {fault}") from fault
        if done.returncode:
            why = done.stderr.decode("utf-8", "replace").strip().splitlines()
            raise QueueError(why[-1] if why else f"{tool} ended with status {done.returncode}")
        return done.stdout.decode("utf-8", "replace")


def checked(queue_id: str) -> str:
    """A queue id that is one. Raises QueueError."""
    if not _QUEUE_ID.fullmatch(queue_id):
        raise QueueError(f"{queue_id!r} is no queue id")
    return queue_id
