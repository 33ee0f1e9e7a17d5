"""What checks look at, the points of an SMTP transaction at which that is known, and whose mail they are about."""

from __future__ import annotations

import enum


class Stage(enum.IntEnum):
    """The three points of an SMTP transaction at which a message can be decided, in their order."""

    DATA = 1
    HEADERS = 2
    MESSAGE = 3


class Origin(enum.Enum):
    """Where a message was sent: with a login or from a client inside, or elsewhere."""

    INSIDE = "inside"
    OUTSIDE = "outside"


class Need(enum.Flag):
    """What a check looks at. Collecting reads nothing that no enabled check needs."""

    ENVELOPE = enum.auto()
    """Client, login, envelope sender and recipients, lists expanded."""
    MEMBERS = enum.auto()
    """All members of the lists that the message goes to; without them, those among the recipients that are known."""
    COUNTS = enum.auto()
    """How many recipients the sender reached in the windows that the rule asks for."""
    SENDER_DOMAIN = enum.auto()
    """Whether the domain of an outside envelope sender can receive mail (DNS)."""
    STANDING = enum.auto()
    """Whether the login is suspended."""
    HEADERS = enum.auto()
    """The header fields of the message."""
    SIGNATURES = enum.auto()
    """Which DKIM signatures and ARC chain of the message are valid; that takes its body, and the DNS."""
    SPF = enum.auto()
    """Whether the client may send for the envelope sender's domain, where no signature proves the sender; the DNS."""
    TEXT = enum.auto()
    """What a reader of the message sees; that takes its body."""
    READERS = enum.auto()
    """The people inside that the message is for."""

    @property
    def stage(self) -> Stage:
        """The first stage at which all of this is known."""
        if self & OF_THE_BODY:
            return Stage.MESSAGE
        return Stage.HEADERS if Need.HEADERS in self else Stage.DATA


NOTHING = Need(0)
"""Made once: to make it anew costs as much as a check."""

OF_THE_BODY = Need.SIGNATURES | Need.TEXT
"""What takes the message's body to know."""
