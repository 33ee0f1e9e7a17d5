"""The text of a message as its reader sees it (core.reading), from its text and HTML parts.

Of alternatives the HTML counts, since that is what mail programs show, and the plain text too where the HTML says next
to nothing. HTML is read by lexbor (selectolax), the parser of a browser; what would keep it busy is cut off before.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from html import unescape

from selectolax.lexbor import LexborHTMLParser, LexborNode

from postclerk.core.reading import Link, Reading
from postclerk.mail.charsets import decoded
from postclerk.mail.parts import Part, Parts

MOST_TEXT = 16 * 1024
"""Characters of a text that are read."""

_MOST_HTML = 1024 * 1024
_MOST_TAGS = 20_000
_DEEPEST = 400
_MOST_LINKS = 500

_BLOCKS = frozenset((
    "address", "article", "aside", "blockquote", "body", "br", "center", "dd", "div", "dl", "dt", "fieldset", "figure",
    "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "main", "nav", "ol", "option", "p",
    "pre", "section", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul",
))  # fmt: skip
_UNREAD = frozenset(
    ("head", "script", "style", "title", "template", "noscript", "object", "iframe", "svg", "math", "meta", "link")
)
_VOID = frozenset(
    ("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr")
)

_HIDES = re.compile(
    r"display:none|visibility:hidden|opacity:0(?:\.0+)?(?:;|$)|font-size:[01](?:\.\d+)?(?:px|pt|em)?(?:;|$|!)|"
    r"max-height:0|mso-hide:all|text-indent:-\d{3,}|(?<![\w-])(?:height|width):0(?:px)?(?:;|$)"
)
_BUTTON = re.compile(r"background(?:-color)?:(?!none|transparent|inherit)|padding:[^;]*\d")
_COLOUR = re.compile(r"(?<![\w-])color:([^;!]+)")
_BACKGROUND = re.compile(r"(?<![\w-])background(?:-color)?:(#?\w+(?:\([^)]*\))?)")

_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)")
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_META = re.compile(rb"<meta[^>]{0,200}charset\s*=\s*[\"']?\s*([\w-]{2,30})", re.IGNORECASE)
_URL = re.compile(r"\b(?:https?://|www\.)[^\s<>\"'«»]{3,2000}", re.IGNORECASE)
_TRAILING = ".,;:!?)]}'\"»”’*_"
_UNSEEN = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]"
)
_BLANKS = re.compile(r"[^\S\n]+")
_QUOTED = re.compile(r"\s*(?:\|?>|[A-ZА-ЯЁӘҒҚҢӨҰҮҺІÇĞİÖŞÜ]\w{0,11}> )")
"""A line that is quoted: behind a mark, before which some programs write whose words they are (`AB> `, `Guido> `)."""

_QUOTE_RULE = re.compile(
    r"-{2,} ?(?:original message|исходное сообщение|пересылаемое сообщение|özgün ileti|orijinal ileti|бастапқы)",
    re.IGNORECASE,
)
_QUOTE_WORDS = ("wrote", "писал", "пишет", "yazd", "жазды")
_QUOTE_HEAD = re.compile(r"(?:wrote|писал|пишет|написал|yazdı|жазды)(?:\(а\)|а)?:?$", re.IGNORECASE)
_LONGEST_HEAD = 250

_SAYS_LITTLE = 80
"""Characters of HTML below which the plain text beside it is read too."""


def reading(message: Parts, *, calendar: str = "") -> Reading:
    """What a reader of this message sees; `calendar` as in Reading."""
    texts = [one for one in message.leaves if is_read(one)]
    pages = [_Html(_text_of(one)) if one.kind == "text/html" else None for one in texts]
    shown = {part.alternative for part, page in zip(texts, pages, strict=True) if page and page.says_something} - {0}
    read = _Read()
    for part, page in zip(texts, pages, strict=True):
        if page is not None:
            read.add_html(page)
        elif part.alternative not in shown:
            read.add_plain(part)
    return read.whole(cut=message.cut, calendar=calendar)


def plain_text(message: Parts) -> str | None:
    """The text of a message that is nothing but plain text, as it came, with what it quotes; None for any other."""
    alone = message.leaves[0] if len(message.leaves) == 1 else None
    return _text_of(alone)[:MOST_TEXT] if alone and alone.kind == "text/plain" and is_read(alone) else None


def is_read(part: Part) -> bool:
    """Whether a part is text that the reader is shown, and no file beside it."""
    return part.kind in ("text/plain", "text/html") and not part.is_attached


def _text_of(part: Part) -> str:
    # A part may be far larger than what is looked at; what it ends with is cut off.
    octets = part.payload[: 2 * _MOST_HTML]
    label = part.parameters.get("charset", "us-ascii")
    if part.kind == "text/html" and "charset" not in part.parameters and (meta := _META.search(octets[:4096])):
        label = meta[1].decode("ascii", "replace")
    text, _guessed = decoded(octets, label)
    return text


class _Read:
    """What was read so far."""

    def __init__(self) -> None:
        self._fresh: list[str] = []
        self._quoted: list[str] = []
        self._once: list[str] = []
        self._hidden: list[str] = []
        self._links: dict[tuple[str, str], Link] = {}
        self._cut = False

    def add_html(self, page: _Html) -> None:
        self._fresh += page.lines
        self._quoted += [*page.quoted, *page.deeper]
        self._once += page.quoted
        self._hidden += page.hidden
        self._add_links(page.links)
        self._cut |= page.cut
        self._add_urls("\n".join([*page.lines, *page.quoted, *page.deeper]))

    def add_plain(self, part: Part) -> None:
        text = _text_of(part)
        self._cut |= len(text) > MOST_TEXT
        text = text[:MOST_TEXT]
        if part.parameters.get("format", "").lower() == "flowed":
            text = _unflowed(text)
        fresh, quoted, once = _without_quotes(text)
        self._fresh += fresh
        self._quoted += quoted
        self._once += once
        self._add_urls(text)

    def _add_urls(self, text: str) -> None:
        if "://" in text or "www." in text.lower():
            self._add_links(Link(found[0].rstrip(_TRAILING), "") for found in _URL.finditer(text))

    def _add_links(self, links: Iterable[Link]) -> None:
        for link in links:
            if len(self._links) < _MOST_LINKS:
                self._links.setdefault((link.url, link.text), link)

    def whole(self, *, cut: bool, calendar: str) -> Reading:
        texts = (_neat(self._fresh), _neat(self._quoted), _neat(self._hidden))
        links = tuple(self._links.values())
        cut = cut or self._cut or sum(map(len, self._fresh)) > MOST_TEXT
        return Reading(*texts, links, cut, calendar, _neat(self._once))


def _neat(lines: list[str]) -> str:
    """Lines without what is not seen, and without blank ones."""
    if not lines:
        return ""
    text = "\n".join(lines)[:MOST_TEXT]
    if not text.isascii():
        text = _UNSEEN.sub("", text)
    return "\n".join(line for one in text.split("\n") if (line := " ".join(one.split())))


def _unflowed(text: str) -> str:
    """Soft line ends joined (RFC 3676 4.2)."""
    return re.sub(r"(?<!^--) \r?\n(?!>)", " ", text)


def _without_quotes(text: str) -> tuple[list[str], list[str], list[str]]:
    """A plain text's own lines, those that it quotes, and of these those that were not quoted before."""
    if not _may_quote(text):
        return text.splitlines(), [], []
    fresh: list[str] = []
    quoted: list[str] = []
    once: list[str] = []
    for line in text.splitlines():
        if ">" in line and (mark := _QUOTED.match(line)):
            words = line[mark.end() :].lstrip("> |")
            quoted.append(words)
            if line.count(">", 0, len(line) - len(words)) == 1:
                once.append(words)
        elif not quoted and _heads_quote(line.strip()):
            continue
        else:
            fresh.append(line)
    return fresh, quoted, once


def _may_quote(text: str) -> bool:
    """Whether it is worth while to look at each line."""
    if ">" in text or "--" in text:
        return True
    lowered = text.lower()
    return any(word in lowered for word in _QUOTE_WORDS)


def _heads_quote(line: str) -> bool:
    """Whether a line only says whose words follow."""
    if line.startswith("--"):
        return bool(_QUOTE_RULE.match(line))
    return len(line) < _LONGEST_HEAD and bool(_QUOTE_HEAD.search(line[-12:]))


class _Html:
    """An HTML text, read."""

    def __init__(self, text: str) -> None:
        self.lines: list[str] = [""]
        self.quoted: list[str] = [""]
        self.deeper: list[str] = [""]
        self.hidden: list[str] = [""]
        self.links: list[Link] = []
        self.cut = False
        self._found: list[tuple[str, list[str], bool]] = []
        tree = LexborHTMLParser(self._bounded(text))
        if tree.body is not None:
            self._read(tree.body)

    @property
    def says_something(self) -> bool:
        """Whether there is more to read than a few words beside images."""
        return sum(map(len, self.lines)) > _SAYS_LITTLE

    def _bounded(self, text: str) -> str:
        """As much as can be read in a bounded time: neither too long, nor too many tags, nor too deep."""
        text = _COMMENT.sub("", text[: 2 * _MOST_HTML])
        if len(text) > _MOST_HTML:
            self.cut = True
            text = text[:_MOST_HTML]
        depth = 0
        for number, tag in enumerate(_TAG.finditer(text)):
            if tag[2].lower() not in _VOID:
                depth += -1 if tag[1] else 1
            if depth > _DEEPEST or number > _MOST_TAGS:
                self.cut = True
                return text[: tag.start()]
        return text

    def _read(self, body: LexborNode) -> None:
        """Walks the tree without recursion; behind a block's children comes its end."""
        waiting: list[tuple[LexborNode | None, _Around]] = [(body, _Around(self.lines, None, ""))]
        while waiting:
            node, around = waiting.pop()
            if node is None:
                around.target.append("")
                continue
            name = node.tag
            if name == "-text":
                around.say(node.text_content or "")
                continue
            if name is None or name in _UNREAD or name.startswith(("-", "!")):
                continue
            within = self._within(node, name, around)
            if name in _BLOCKS:
                within.target.append("")
                waiting.append((None, within))
            waiting.extend((child, within) for child in reversed(list(node.iter(include_text=True))))
        self.links = [Link(url, _BLANKS.sub(" ", "".join(text)).strip(), button) for url, text, button in self._found]

    def _within(self, node: LexborNode, name: str, around: _Around) -> _Around:
        """What surrounds the children of a node; what the node itself shows is said."""
        given = node.attributes
        style = "".join((given.get("style") or "").lower().split())
        background = next(iter(_BACKGROUND.findall(style)), (given.get("bgcolor") or around.background).lower())
        target, label = around.target, around.label
        if target is not self.hidden and ("hidden" in given or self._is_hidden(style, background)):
            target = self.hidden
        elif name == "blockquote" and target is self.lines:
            target = self.quoted
        elif name == "blockquote" and target is self.quoted:
            target = self.deeper
        if name == "a" and given.get("href"):
            label = self._linked(unescape(given["href"] or ""), style, given)
        within = _Around(target, label, background)
        if name == "img":
            within.say(f" {given.get('alt') or ''} ")
        elif name == "input":
            within.say(f" {given.get('value') or ''} ")
        return within

    @staticmethod
    def _is_hidden(style: str, background: str) -> bool:
        if _HIDES.search(style):
            return True
        colour = _COLOUR.search(style)
        return colour is not None and _plain(colour[1]) == (_plain(background) or "white")

    def _linked(self, href: str, style: str, given: dict[str, str | None]) -> list[str] | None:
        """Where the text of a link goes, unless it leads nowhere."""
        url = "".join(href.split())
        if len(self._found) >= _MOST_LINKS or url.lower().startswith(("javascript:", "#", "data:")):
            return None
        described = f"{given.get('class') or ''} {given.get('role') or ''}".lower()
        button = "button" in described or "btn" in described or bool(_BUTTON.search(style))
        text: list[str] = []
        self._found.append((url, text, button))
        return text


@dataclass(frozen=True, slots=True)
class _Around:
    """What a node lies in: where its text goes, the link around it, the background behind it."""

    target: list[str]
    label: list[str] | None
    background: str

    def say(self, text: str) -> None:
        text = text.replace("\n", " ").replace("\r", " ")
        self.target[-1] += text
        if self.label is not None:
            self.label.append(text)


def _plain(colour: str) -> str:
    named = {"#fff": "white", "#ffffff": "white", "#000": "black", "#000000": "black", "rgb(255,255,255)": "white"}
    return named.get(colour.strip(), colour.strip())
