"""What kind of mail a message is, and whether it wants an answer."""

from __future__ import annotations

import enum
from dataclasses import dataclass


class Kind(enum.Enum):
    """Who wrote a message, a person or which sort of program.

    A challenge and a receipt that it was read are automatic replies, the warning of a delay is a bounce; `LIST` is mail
    through a mailing list, and newsletters; all other mail of programs is a notification.
    """

    HUMAN = "human"
    AUTOREPLY = "autoreply"
    BOUNCE = "bounce"
    LIST = "list"
    NOTIFICATION = "notification"

    @property
    def is_machine(self) -> bool:
        """Whether a program wrote it, so that it answers nothing; what comes through a list may be a person's."""
        return self in (Kind.AUTOREPLY, Kind.BOUNCE, Kind.NOTIFICATION)


@dataclass(frozen=True, slots=True)
class Classified:
    """The kind of a message, and why, in words that a person understands, the weightiest first."""

    kind: Kind
    why: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Answerable:
    """Whether a message wants an answer of the person whom it is for, and why."""

    wants_answer: bool
    why: str
