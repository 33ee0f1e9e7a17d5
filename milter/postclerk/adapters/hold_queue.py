"""Postfix's hold queue, through Postfix's own tools. Anybody may list it; to release, delete or read takes root.

Failure modes: QueueError, with one line for people.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass

from postclerk.mail.shown import LARGEST

_WITHOUT_Z = "0-9B-DF-HJ-NP-TV-Zb-df-hj-np-tv-y"
_QUEUE_ID = re.compile(f"[0-9A-F]{{6,15}}|[{_WITHOUT_Z}z]{{10,12}}z[{_WITHOUT_Z}]{{1,16}}")
"""Short and long queue ids as Postfix writes them (enable_long_queue_ids): nothing else reaches a tool."""

_TIMEOUT = 60.0
_PATH = "/usr/sbin:/usr/bin:/sbin:/bin"


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
        self._folder = configuration or "/etc/postfix"
        self._options = ["-c", configuration] if configuration else []

    @contextlib.contextmanager
    def alone(self) -> Iterator[None]:
        """Waits until nobody else on this host works on the queue within such a block."""
        try:
            folder = os.open(self._folder, os.O_RDONLY | os.O_DIRECTORY)
        except OSError as fault:
            raise QueueError(f"there is no Postfix at {self._folder}: {fault.strerror}") from fault
        try:
            # Whatever becomes of this process, the lock goes with it.
            fcntl.flock(folder, fcntl.LOCK_EX)
            yield
        finally:
            os.close(folder)

    def listed(self) -> list[InQueue]:
        """What is held now, the oldest first."""
        found = []
        for line in self._run("postqueue", "-j").decode("utf-8", "replace").splitlines():
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

    def message(self, queue_id: str) -> bytes:
        """A held message, or its first LARGEST octets. Root only."""
        return self._run("postcat", "-q", "-hb", checked(queue_id), most=LARGEST)

    def _run(self, tool: str, *arguments: str, most: int = -1) -> bytes:
        """What a tool says, or the first octets of it."""
        program = shutil.which(tool, path=_PATH)
        if program is None:
            raise QueueError(f"there is no {tool} here")
        try:
            # A message may be far larger than what is wanted of it.
            with tempfile.TemporaryFile() as said:
                done = subprocess.run(  # noqa: S603 - fixed tools, checked ids, no shell
                    [program, *self._options, *arguments],
                    stdout=said, stderr=subprocess.PIPE, timeout=_TIMEOUT, check=False, stdin=subprocess.DEVNULL,
                )  # fmt: skip
                said.seek(0)
                octets = said.read(most)
        except (OSError, subprocess.TimeoutExpired) as fault:
            raise QueueError(f"{tool} does not answer: {fault}") from fault
        if done.returncode:
            why = done.stderr.decode("utf-8", "replace").strip().splitlines()
            raise QueueError(why[-1] if why else f"{tool} ended with status {done.returncode}")
        return octets


def checked(queue_id: str) -> str:
    """A queue id that is one. Raises QueueError."""
    if not _QUEUE_ID.fullmatch(queue_id):
        raise QueueError(f"{queue_id!r} is no queue id")
    return queue_id
