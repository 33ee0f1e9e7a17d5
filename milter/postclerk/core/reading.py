"""What a reader of a message sees."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Link:
    """A link as the reader meets it: where it leads, what is written on it, and whether it looks like a button."""

    url: str
    text: str
    button: bool = False


@dataclass(frozen=True, slots=True)
class Reading:
    """The text of a message, a block or line a line, without what nobody sees.

    `fresh` is what its author wrote, `quoted` what he quotes, `quoted_once` that without what was quoted there already;
    `hidden` is text that style keeps from the reader. An image counts as the text that stands for it. `cut` where there
    was more than anybody looks at. `calendar` is the method of an invitation that lies in the message, in lower case,
    or nothing.
    """

    fresh: str
    quoted: str
    hidden: str
    links: tuple[Link, ...]
    cut: bool
    calendar: str = ""
    quoted_once: str = ""
