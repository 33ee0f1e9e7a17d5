"""What mail programs take of a page, by hand and short: what is not in these tables does not belong into a mail.

Sources, read in November 2026: Roundcube's list of elements and attributes (program/lib/Roundcube/rcube_washtml.php);
Google's "CSS Support" for Gmail (developers.google.com/gmail/design/css); Can I email's tables (caniemail.com) for
Outlook on Windows, which shows mail with Word's engine, and for Gmail.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from selectolax.lexbor import LexborHTMLParser

ELEMENTS = frozenset(
    "html head meta title style body div table tbody tr td h1 h2 h3 p span a b br img".split()  # noqa: SIM905
)
"""Roundcube keeps those of the body; the head's are read or left out."""

ATTRIBUTES = {
    "class", "style", "lang", "dir", "width", "align", "valign", "border", "cellpadding", "cellspacing", "href", "src",
    "alt",
    "role",  # Roundcube drops it, and a screen reader there hears of tables; nothing else is lost
    "charset", "name", "content",  # of meta
}  # fmt: skip

EVERYWHERE = {
    "background-color", "border", "border-top", "color", "font-family", "font-size", "font-weight", "height",
    "line-height", "text-align", "text-decoration", "width",
}  # fmt: skip
"""Properties that all of them carry out."""

LOST_IN_WORD = {
    "border-radius": "corners are square",
    "display": "only `none` is known; columns stand in a table that is written for it alone",
    "max-height": "stands beside display: none",
    "max-width": "stands beside a table of fixed width that is written for it alone",
    "overflow": "stands beside display: none",
    "vertical-align": "stands beside a table of its own, with valign",
    "white-space": "a mark may break",
    "word-break": "a long word runs on",
}
"""Properties that Gmail and Roundcube carry out, and what becomes of the page where Word does not."""

ROOM_LOST_IN_WORD = {"div", "span", "a"}
"""Word gives room (padding) in cells alone; around these it may be missing."""

LONGEST_PAGE = 100_000
"""Gmail cuts a page off at 102 KB."""

_DECLARATION = re.compile(r"\s*([a-z-]+)\s*:\s*([^;]+)")
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_SHEET = re.compile(r"<style[^>]*>(.*?)</style>", re.DOTALL)
_RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")


def unsupported(page: str) -> list[str]:
    """What some mail program would not take."""
    return [*_size(page), *_elements(_COMMENT.sub("", page)), *_sheets(page)]


def _size(page: str) -> Iterator[str]:
    if len(page.encode()) > LONGEST_PAGE:
        yield f"the page has {len(page.encode())} octets"


def _elements(page: str) -> Iterator[str]:
    for node in LexborHTMLParser(page).root.traverse():  # type: ignore[union-attr]
        tag = node.tag or ""
        if tag not in ELEMENTS:
            yield f"<{tag}>"
        for name, value in node.attributes.items():
            if name not in ATTRIBUTES:
                yield f"<{tag} {name}>"
            if name == "style":
                yield from (f"<{tag}> {fault}" for fault in _declarations(tag, value or ""))


def _declarations(tag: str, style: str) -> Iterator[str]:
    for name, value in _DECLARATION.findall(style):
        if name == "margin":
            if "-" in value or "auto" in value or (tag in ("span", "a") and value != "0"):
                yield f"{name}: {value}"
        elif name == "padding":
            if tag != "td" and tag not in ROOM_LOST_IN_WORD and value != "0":
                yield f"{name}: {value}"
        elif name not in EVERYWHERE and name not in LOST_IN_WORD:
            yield f"{name}: {value}"
        if "url(" in value or "var(" in value or "!important" in value:
            yield f"{name}: {value}"


def _sheets(page: str) -> Iterator[str]:
    """Sheets hold what depends on the screen, by class, each query in its own: Gmail drops a sheet that it does not
    understand."""
    for sheet in _SHEET.findall(page):
        found = re.fullmatch(
            r"\s*@media \((max-width: \d+px|prefers-color-scheme: dark)\) \{(.*)\}\s*", sheet, re.DOTALL
        )
        if found is None or len(sheet) > 8192:
            yield f"the sheet {sheet[:60]!r}"
            continue
        for selectors, body in _RULE.findall(found[2]):
            if not all(re.fullmatch(r"\.[a-z]+", one.strip()) for one in selectors.split(",")):
                yield f"the selector {selectors.strip()!r}"
            for name, _value in _DECLARATION.findall(body):
                if name not in EVERYWHERE | LOST_IN_WORD.keys() | {"padding", "border-color"}:
                    yield f"the sheet's {name}"
