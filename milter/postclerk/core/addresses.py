"""Mail addresses as SMTP and header fields carry them (RFC 5321, 5322, 6531, 6532, 2047).

Two questions are asked of an address field: *is all of it the sender's own?* and *does any of it claim to be
one of us?* A value that programs read in different ways must pass neither by luck. So nothing here guesses:
what follows the grammar is read as the grammar says; what does not is called broken, and yields every address
that some program might find in it.

A header value becomes tokens and a *shape*, a string with a letter for each token (`_lex`); the grammar is a
regular expression over shapes (`_ITEM`). All this takes time linear in the length of the value: nothing
recurses, no part of an expression can match what another gave up, and Unicode normalization, which takes
CPython quadratic time on a long run of accents, sees pieces of bounded length only.
"""

from __future__ import annotations

import binascii
import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from encodings.aliases import aliases
from functools import lru_cache

import idna

# 64 octets of local part and 256 of path are what RFC 5321 4.5.3.1 wants taken at least; forwarders (SRS) and
# mailing lists (VERP) exceed the first daily. What does not fit into an SMTP command line is no path.
_LONGEST = 512

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_SURROGATE = re.compile(r"[\ud800-\udfff]")
# Line separators and bidirectional overrides make a line of the log read as something that it does not say.
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff\u2028\u2029\u202a-\u202e\u2066-\u2069]")

_REASONS = {
    "not-utf8": "the address holds bytes that are not UTF-8",
    "control-character": "the address holds a control character",
    "too-long": f"the address is longer than {_LONGEST} octets",
    "no-local-part": "the address has nothing before the @",
    "no-domain": "the address has nothing after the @",
    "syntax": "this is not an e-mail address",
}


class AddressError(ValueError):
    """What was given is no path (RFC 5321 4.1.2). `reason` is a stable slug, `str()` says it in words."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason

    def __str__(self) -> str:
        return _REASONS[self.reason]


def printable(text: str) -> str:
    """The text fit for a log line, the journal or JSON: one line that UTF-8 can encode. Never raises.

    Control characters, bidirectional overrides and surrogates (bytes that were not UTF-8) become U+FFFD.
    """
    return text if text.isprintable() else _UNPRINTABLE.sub("\ufffd", text)


def _clean(text: str) -> str:
    """The text as a mail program shows it: no control characters, U+FFFD for bytes that are not UTF-8."""
    if text.isprintable():
        return text
    return _SURROGATE.sub("\ufffd", _CONTROL.sub("", text.replace("\t", " ")))


# --- Addresses ----------------------------------------------------------------------------------------------

_ATOM = r'[^\x00-\x20"(),.:;<>@\[\\\]\x7f]++'
_DOT_ATOM = re.compile(rf"{_ATOM}(?:\.{_ATOM})*")


@dataclass(frozen=True, slots=True)
class Address:
    """One mailbox: `local` as written but without quotes and escapes, `domain` in its one canonical form.

    That is lower case without a final dot, A-labels (RFC 5890) where it is internationalized, `"[192.0.2.1]"`
    for a literal, `""` for an unqualified address. `key` is for comparison: in it local parts that differ by
    case or Unicode composition alone are the same. `==` compares local parts as written.
    """

    local: str
    domain: str
    key: str = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        domain = _domain(self.domain)
        object.__setattr__(self, "domain", domain)
        object.__setattr__(self, "key", f"{_caseless(self.local)}@{domain}")

    def __str__(self) -> str:
        """The printable form; the local part is quoted where RFC 5321 4.1.2 asks for it."""
        local = self.local
        if not _DOT_ATOM.fullmatch(local):
            local = '"' + local.replace("\\", "\\\\").replace('"', '\\"') + '"'
        return printable(f"{local}@{self.domain}" if self.domain else local)

    def without_tag(self, delimiter: str) -> Address:
        """The address without its extension: `user+tag` is `user`, by Postfix's `recipient_delimiter`.

        Every character of `delimiter` is one, and the first in the local part counts. As in Postfix, a local
        part that begins with one has no extension; with an empty `delimiter` none has.
        """
        tag = min((at for at in map(self.local.find, delimiter) if at >= 0), default=0)
        return Address(self.local[:tag], self.domain) if tag else self

    def at(self, domain: str) -> Address:
        """The address, with `domain` if it had none (`<postmaster>`, RFC 5321 4.5.1)."""
        return self if self.domain else Address(self.local, domain)


def plain_key(key: str, delimiter: str) -> str:
    """The key of an address without its tag (see Address.without_tag), by its key."""
    if not delimiter or delimiter not in key:
        return key
    local, _at, domain = key.rpartition("@")
    return Address(local, domain).without_tag(delimiter).key


def _caseless(local: str) -> str:
    """Canonical caseless form (Unicode 3.13, D145), composed; of what is longer than a path by case alone."""
    if local.isascii():
        return local.lower()
    if len(local) > _LONGEST:
        return local.casefold()
    return unicodedata.normalize("NFC", unicodedata.normalize("NFD", local).casefold())


@lru_cache(maxsize=16384)
def _domain(text: str) -> str:
    """The canonical form: UTS 46 mapping and A-labels; of what is longer than a domain can be, lower case."""
    if text.isascii() or text.startswith("[") or len(text) > 255:
        return text.removesuffix(".").lower()
    try:
        mapped = idna.uts46_remap(text, std3_rules=False).removesuffix(".")
    except idna.IDNAError:
        mapped = ""
    if not _DOT_ATOM.fullmatch(mapped):  # not mapped, or into specials, as a full-width @ would be
        mapped = text.lower().removesuffix(".")
    # Not idna.alabel: it refuses labels that registries do sell (emoji), and costs twice as much.
    return ".".join(
        label if label.isascii() else "xn--" + label.encode("punycode").decode("ascii") for label in mapped.split(".")
    )


def are_related(one: str, other: str) -> bool:
    """Whether two domains are the same, or one lies below the other (RFC 7489 3.1.1, but without a list of suffixes:
    nobody signs for a top-level domain)."""
    shorter, longer = sorted((one, other), key=len)
    return shorter == longer or ("." in shorter and longer.endswith(f".{shorter}"))


# --- Tokens and grammar -------------------------------------------------------------------------------------

# In a shape: w word, q quoted string, l domain literal, s blanks, c comment, x what fits nowhere; each of
# < > @ , ; : . stands for itself. A quoted string or comment that never ends is an x to the end of the text: to
# look for the end of each later one again would take quadratic time. (Only quantifiers of single characters are
# possessive: before 3.11.5 CPython mismatches possessive groups.)
_TOKEN = re.compile(
    r"""(?P<w>[^ <>@,;:.()\[\]\\"]++) | (?P<s>[ ]++) | [<>@,;:.] | (?P<c>\([^()\\]*+\)) | \(
      | (?P<q>"[^"\\]*+(?:\\.[^"\\]*+)*") | (?P<l>\[[^\[\]\\]*+\]) | (?P<x>".*|.)""",
    re.DOTALL | re.VERBOSE,
)
_PARENTHESIS = re.compile(r"\\.|[()]", re.DOTALL)
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_FOLD = re.compile(r"\r?\n(?:(?=[ \t])|\Z)")  # RFC 5322 2.2.3, and the end of the field

# Dots may stand anywhere in a local part (`a..b@docomo.ne.jp` is daily mail), but two words need one between.
_LOCAL = r"(?P<local>\.*+[wq](?:\.++[wq])*\.*+)"
_DOMAIN = r"(?P<domain>w(?:\.w)*\.?|l)"
_ROUTE = r"(?:@[wl.@,sc]*+:)?"  # RFC 5321 4.1.1.3, RFC 5322 4.4: to be ignored
_PATH = re.compile(rf"(?P<open><)? {_ROUTE} {_LOCAL} (?:@{_DOMAIN})? (?(open)>)", re.VERBOSE)

# An element of a list (RFC 5322 3.4, 4.4): the opening of a group, a mailbox, or nothing. Blanks and comments
# may stand around an @ but, against RFC 5322 4.4, not within a domain or local part: no mail has them there
# today, and programs disagree where such an address ends. An @ in a name is left to `_mailbox` to judge.
_ITEM = re.compile(
    rf"""(?P<group>[sc]*+[wq][wq.sc]*+) :
      | (?: (?P<name>[wq.sc@]*+) < [sc]*+ {_ROUTE} )? [sc]*+ {_LOCAL} [sc]*+ (?:@[sc]*+{_DOMAIN}[sc]*+)?
        (?(name)>[sc]*+) (?=[,;]|\Z)
      | [sc]*+ (?=[,;]|\Z)""",
    re.VERBOSE,
)
_AFTER_GROUP = re.compile(r"[sc]*+(?=,|\Z)")

# What nearly all mail has, read without tokens: `a@b`, `Name <a@b>`, `"Name" <a@b>`, and lists of them.
_PLAIN = r"([A-Za-z0-9!#$%&'*+/=?^_`{|}~-][A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]*+)@([A-Za-z0-9_-]++(?:\.[A-Za-z0-9_-]++)*)"
_PLAIN_PATH = re.compile(rf"(<)?{_PLAIN}(?(1)>)")
_PLAIN_ITEM = re.compile(
    rf"""[ ]*+ (?: (?: "([^"\\]*+)"[ ]*+ | ([^"(),:;<>@\[\\\]]*+) ) <{_PLAIN}> | {_PLAIN} ) [ ]*+ (?:,|\Z)""",
    re.VERBOSE,
)


def _lex(text: str) -> tuple[str, list[str]]:
    """The shape of the text and, for each of its letters, the token without its quotes and escapes."""
    shape: list[str] = []
    pieces: list[str] = []
    position = 0
    while token := _TOKEN.match(text, position):
        kind, piece = token.lastgroup or token[0], token[0]
        position = token.end()
        if kind == "(":
            end = _comment_end(text, position)
            kind, piece = ("c", text[position - 1 : end]) if end else ("x", text[position:])
            position = end or len(text)
        if kind in "qc":
            piece = _ESCAPE.sub(r"\1", piece[1:-1])
        shape.append(kind)
        pieces.append(piece)
    return "".join(shape), pieces


def _comment_end(text: str, position: int) -> int:
    """Where the comment ends whose text begins at `position`; 0 if it never does."""
    depth = 1
    for match in _PARENTHESIS.finditer(text, position):
        depth += {"(": 1, ")": -1}.get(match[0], 0)
        if not depth:
            return match.end()
    return 0


def _part(match: re.Match[str], group: str, pieces: list[str]) -> str:
    """The tokens that a group of a match on their shape stands for; "" if the group took no part."""
    return "".join(pieces[slice(*match.span(group))])


def parse_path(text: str) -> Address | None:
    """The argument of MAIL FROM or RCPT TO as a milter gets it, in brackets or not (RFC 5321 4.1.2).

    None is the null path: `<>` or nothing at all. Source routes are ignored (4.1.1.3), SMTPUTF8 is understood
    (RFC 6531), `<postmaster>` has the domain "". The limits are wide and structural; whether the address is a
    good one is judged elsewhere. Raises AddressError for what is no path.
    """
    if text in ("", "<>"):
        return None
    if _SURROGATE.search(text):
        raise AddressError("not-utf8")
    if _UNPRINTABLE.search(text):
        raise AddressError("control-character")
    if plain := _PLAIN_PATH.fullmatch(text):
        local, domain = plain[2], plain[3]
    else:
        shape, pieces = _lex(text)
        path = _PATH.fullmatch(shape)
        if not path:
            core = shape[shape.find(":") + 1 :].strip("<>")
            missing = "no-local-part" if core.startswith("@") else "no-domain" if core.endswith("@") else ""
            raise AddressError(missing or "syntax")
        local, domain = _part(path, "local", pieces), _part(path, "domain", pieces)
    if len(f"{local}@{domain}".encode()) > _LONGEST:
        raise AddressError("too-long")
    return Address(local, domain)


def whole_address(text: str) -> Address | None:
    """The address in a piece of data, or None where it is no address with a domain. Never raises."""
    try:
        address = parse_path(text)
    except AddressError:
        return None
    return address if address is not None and address.domain else None


# --- Address fields of a header -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Mailbox:
    """An address of a header field with the name that a reader sees beside it, "" if there is none.

    `display` has its encoded words decoded and its quotes removed; comments follow the name in parentheses, or
    are the name where there is no other: `a@b (Rector)` displays as `Rector`.
    """

    display: str
    address: Address


@dataclass(frozen=True, slots=True)
class MailboxList:
    """What an address field holds; if it is `broken`, all that any program might read out of it."""

    mailboxes: tuple[Mailbox, ...]
    broken: bool


def parse_mailboxes(value: str) -> MailboxList:
    """The mailboxes of a From, Reply-To, To or like field, folded or not (RFC 5322 3.4, 4.4; RFC 6532).

    The members of groups count like others. An empty value holds nothing and is not broken. Never raises.

    Broken is what is not RFC 5322; but not these forms of real mail: dots in names, empty elements, routes,
    dots anywhere in a local part, an unquoted name that repeats the address. Broken is also what programs read
    differently: blanks or comments inside a domain or local part, an address in a quoted local part or in the
    name of a group. A broken value yields the addresses in its quoted strings, comments and encoded words too,
    and one without a domain if it stood in brackets or alone.
    """
    return _parse_short(value) if len(value) <= 512 else _parse(value)


def _parse(value: str) -> MailboxList:
    text = (_FOLD.sub("", value) if "\n" in value else value).replace("\t", " ")
    clean = _clean(text)
    mailboxes, position = _read_plain(clean)
    shape, pieces = _lex(clean[position:])
    others, whole = _read(shape, pieces, alone=not mailboxes)
    mailboxes += others
    if whole and clean == text:
        return MailboxList(tuple(mailboxes), broken=False)
    if position:
        shape, pieces = _lex(clean)  # what was plain, and so never cut into tokens, may hide an address too
    known = {mailbox.address.key for mailbox in mailboxes}
    for address in _salvage(text, shape, pieces):
        if address.key not in known:
            known.add(address.key)
            mailboxes.append(Mailbox("", address))
    return MailboxList(tuple(mailboxes), broken=True)


_parse_short = lru_cache(maxsize=4096)(_parse)


def _read_plain(text: str) -> tuple[list[Mailbox], int]:
    """The mailboxes before the first item that is not plain, and where that begins."""
    mailboxes = []
    position = 0
    while position < len(text) and (item := _PLAIN_ITEM.match(text, position)):
        quoted, name, local, domain, bare_local, bare_domain = item.groups()
        address = Address(local or bare_local, domain or bare_domain)
        mailboxes.append(Mailbox(_display(quoted or name or ""), address))
        position = item.end()
    return mailboxes, position


def _read(shape: str, pieces: list[str], *, alone: bool) -> tuple[list[Mailbox], bool]:
    """The mailboxes before the first thing that is not grammar, and whether all is grammar and clear.

    `alone` says that nothing stands before: then a word may be all there is, and is the local part that it seems.
    """
    mailboxes: list[Mailbox] = []
    clear, in_group, position = True, False, 0
    while position < len(shape):
        item = _ITEM.match(shape, position)
        if not item:
            return mailboxes, False
        position = item.end()
        if item["group"]:
            if in_group or claimed_addresses(_display(_part(item, "group", pieces))):
                return mailboxes, False
            in_group = True
            continue
        if item["local"]:
            if item["name"] is None and not item["domain"] and not (alone and item[0] == shape):
                return mailboxes, False
            mailbox, unmistakable = _mailbox(item, pieces)
            mailboxes.append(mailbox)
            clear = clear and unmistakable
        elif claimed_addresses(_display(" ".join(_comments(item, pieces)))):
            return mailboxes, False  # a comment alone is all that a reader sees: `(rector@uni.example)`
        if shape.startswith(";", position):
            if not in_group or not _AFTER_GROUP.match(shape, position + 1):
                return mailboxes, False
            in_group = False
        position += 1
    return mailboxes, clear and not in_group


def _mailbox(item: re.Match[str], pieces: list[str]) -> tuple[Mailbox, bool]:
    """The mailbox that an item stands for, and whether no program can take another address for it."""
    local, shape = _part(item, "local", pieces), item["name"] or ""
    address = Address(local, _part(item, "domain", pieces))
    tokens = list(zip(item[0], pieces[item.start() : item.end()], strict=True))
    name = _display("".join(" " if kind == "c" else piece for kind, piece in tokens[: len(shape)]))
    comment = _display(" ".join(_comments(item, pieces)))
    unmistakable = bool(address.domain) and "@" not in local and printable(local) == local
    if "@" in shape:
        unmistakable &= {claim.key for claim in claimed_addresses(name)} == {address.key}
    return Mailbox(f"{name} ({comment})" if name and comment else name or comment, address), unmistakable


def _comments(item: re.Match[str], pieces: list[str]) -> list[str]:
    return [piece for kind, piece in zip(item[0], pieces[item.start() : item.end()], strict=True) if kind == "c"]


def _display(text: str) -> str:
    return " ".join(decode_words(text).split())


def _salvage(text: str, shape: str, pieces: list[str]) -> Iterator[Address]:
    """All addresses that lenient readings find.

    The readings: the tokens as RFC 5322 4.4 joins them, without comments and blanks around dots; the bare text;
    each of them decoded; unprintable characters dropped in one, separating words in another.
    """
    tokens = "".join(piece for kind, piece in zip(shape, pieces, strict=True) if kind != "c")
    joined = " ".join(tokens.split()).replace(" .", ".").replace(". ", ".")
    readings = dict.fromkeys((joined, _UNPRINTABLE.sub(" ", text), decode_words(joined), decode_words(text)))
    for claim in dict.fromkeys(claim for reading in readings for claim in _claims(reading)):
        yield Address(*claim)


# --- What a reader takes for an address ---------------------------------------------------------------------

# What shows as nothing (Unicode's Default_Ignorable_Code_Point), and bytes that are no text.
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8\ufffd\ud800-\udfff\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U000e0000-\U000e0fff]"
)
_AT = re.compile("[@\uff20\ufe6b]")
_SEPARATORS = frozenset("@<,;")  # what stands between them is not read across: `Name <@host>`
_RUN = re.compile(
    r'[@<,;]|\[[0-9A-Za-z:.]++\]|[^\s@<>()\[\],;:"\\\x00-\x1f\x7f-\x9f\u00ab\u00bb\u201c-\u201f\u2039\u203a]++'
)
# A domain ends where punctuation begins: a reader sees it in `a@uni.example/Office` and in `a@uni.example...`.
_LABEL = r"[^\x00-,./:-@\[-^`{-\xbf\u2000-\u206f\u3000-\u3003\u3008-\u301f]++"
_HOST = re.compile(rf"\[.*\]|{_LABEL}(?:\.{_LABEL})*")


def claimed_addresses(text: str) -> tuple[Address, ...]:
    """The addresses that a display name reads as; for `"rector@uni.example" <x@evil.example>`. Never raises.

    A reader sees no zero-width characters, takes full-width forms (Unicode's NFKC) for plain ones and reads
    over blanks around the @. A text without an @ is answered at once.
    """
    if not _AT.search(text):
        return ()
    return tuple(Address(*claim) for claim in dict.fromkeys(_claims(text)))


def _claims(text: str) -> Iterator[tuple[str, str]]:
    runs = _RUN.findall(_AT.sub("@", text if text.isascii() else _INVISIBLE.sub("", text)))
    for left, sign, right in dict.fromkeys(zip(runs, runs[1:], runs[2:], strict=False)):
        if sign == "@" and left not in _SEPARATORS and right not in _SEPARATORS:
            parts = _RUN.findall(_compatible(left[-_LONGEST:]))
            local = parts[-1].strip("'`[].@<,;") if parts else ""
            host = _HOST.match(_compatible(right[:_LONGEST]))
            domain = host[0].rstrip("-_") if host else ""
            if local and domain:
                yield local, domain


def _compatible(run: str) -> str:
    return run if run.isascii() else unicodedata.normalize("NFKC", run).replace("\u3002", ".")


# --- Encoded words ------------------------------------------------------------------------------------------

_WORD_START = re.compile(r"=\?([\w.:+-]{1,40})(?:\*[\w-]{0,40})?\?([BbQq])\?", re.ASCII)
_NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/=]++")
# Not the look-up of the codecs module: it would import modules that the mail names, remember every name it did
# not find, and offer codecs that are no charsets (decoding punycode takes quadratic time). Nor charsets in which
# ASCII is not ASCII: the raw word would read as one address and the decoded word as another.
_UNLISTED = {"koi8_u": "koi8_u", "windows_874": "cp874", "iso_8859_8_i": "iso8859_8"}
_NOT_ASCII = re.compile(r".*_codec|rot_13|mbcs|utf_(16|32).*|cp(037|1026|1140|273|424|500)")
UNKNOWN = "unknown"

_CODECS = {
    name: codec
    for alias, codec in (aliases | _UNLISTED).items()
    for name in (alias, codec)
    if not _NOT_ASCII.fullmatch(codec)
}


def decode_words(text: str, read: Callable[[bytes, str], str] | None = None) -> str:
    """A header text with its encoded words decoded (RFC 2047), as generously as mail programs do.

    Neighbours in one charset are decoded together, for programs that cut characters in two. Bytes that are none
    of their charset's become U+FFFD; a word in an unknown charset is left as it is unless it is ASCII. The
    result has no control characters, and UTF-8 can always encode it. Never raises.

    `read` may know better which text some bytes are, given the name of their charset, UNKNOWN for one that nobody
    knows. That is for texts to read: addresses are compared as they are labelled.
    """
    guesses, read = read is not None, read or _as_labelled
    text = _clean(text)
    if "=?" not in text:
        return text
    decoded: list[str] = []
    codec, data, copied, scanned = "", bytearray(), 0, 0
    for start in _WORD_START.finditer(text):
        if start.start() < scanned:
            continue
        end = text.find("?=", start.end())
        if end < 0:
            break
        scanned = end + 2
        content = _word_bytes(start[2], text[start.end() : end])
        charset = _CODECS.get(re.sub("[^a-z0-9]", "_", start[1].lower()))
        if not charset and content:
            charset = "ascii" if content.isascii() else UNKNOWN if guesses else None
        if not charset or content is None:
            continue
        gap = text[copied : start.start()]
        joined = bool(codec) and not gap.strip()  # RFC 2047 6.2: blanks between encoded words do not show
        if not joined or charset != codec:
            decoded += [read(bytes(data), codec or "ascii"), "" if joined else gap]
            data = bytearray()
        data += content
        codec, copied = charset, scanned
    decoded += [read(bytes(data), codec or "ascii"), text[copied:]]
    return _clean("".join(decoded))


def _as_labelled(octets: bytes, charset: str) -> str:
    return octets.decode(charset, "replace")


def _word_bytes(encoding: str, content: str) -> bytes | None:
    """The bytes of an encoded word; junk in base64 is ignored (RFC 2045 6.8), and so is an incomplete end.

    None for what some programs will show as it stands: base64 with an @, or with nothing but junk.
    """
    if encoding in "Qq":
        return binascii.a2b_qp(content.encode(), header=True)
    if "@" in content:
        return None
    # Padding ends a run, in the middle too; what comes after it differs between versions of binascii.
    runs = re.split(b"=+", _NOT_BASE64.sub(b"", content.encode()))
    whole = (run[:-1] if len(run) % 4 == 1 else run for run in runs)
    decoded = b"".join(binascii.a2b_base64(run + b"=" * (-len(run) % 4)) for run in whole)
    return decoded if decoded or not content else None
