"""What the header of a message says of who wrote it: signs, each with what it weighs for and against a program.

A weight is about the logarithm of the odds; where a sign names the sort of mail that it stands for, that counts too.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache

from postclerk.core.facts import Headers
from postclerk.core.kind import Kind
from postclerk.core.lexicon import LATIN_OF
from postclerk.mail.charsets import header_text
from postclerk.mail.kind_names import (
    AUTO_SUBJECT,
    AUTOREPLY_FIELDS,
    DIGITS_OF_A_NUMBER,
    FIELDS,
    FRAMEWORKS_ID,
    HANDED_ON,
    HANDED_OVER,
    HUMAN_ID,
    LETTERS,
    LIST_MANAGERS,
    LIST_SENDER,
    MUA,
    NAMES_OF_NOBODY,
    NUMBER,
    OFFICES,
    PERSONS_ADDRESS,
    PERSONS_NAME,
    PREFIXES,
    PROGRAM_PATH,
    REPLY,
    ROBOTS,
    ROLES,
    SCRIPT,
    SCRIPT_ID,
    SERVERS_ID,
    SERVICES,
    TO_MANY,
)


@dataclass(slots=True)
class Signs:
    """What the header says, looked at once. `machine` weighs for a program, below zero for a person."""

    submitted: str = ""
    report: str = ""
    precedence: str = ""
    subject: str = ""
    sender: str = ""
    local: str = ""
    name: str = ""
    path: str | None = None
    is_reply: bool = False
    answers: bool = False
    has_program: bool = False
    has_traces: bool = False
    has_unknown: bool = False
    writes_to_many: bool = False
    is_bare: bool = False
    has_mua: bool = False
    autoreply: str = ""
    manager: str = ""
    vendor: str = ""
    campaign: str = ""
    machine: float = 0.0
    toward_list: float = 0.0
    toward_notice: float = 0.0
    why: list[tuple[float, str]] = field(default_factory=list)

    def add(self, weight: float, says: str, kind: Kind | None = None) -> None:
        """Takes a sign down."""
        self.machine += weight
        if kind is Kind.LIST:
            self.toward_list += weight
        elif kind is Kind.NOTIFICATION:
            self.toward_notice += weight
        if says:
            self.why.append((weight, says))


_MUA_FIELDS = {
    "x-originating-ip": 1.5, "thread-index": 1.0, "x-ms-has-attach": 1.5, "x-ms-tnef-correlator": 1.0,
    "accept-language": 1.5, "acceptlanguage": 1.0, "content-language": 0.7, "autocrypt": 3.0, "openpgp": 2.0,
    "disposition-notification-to": 1.5, "x-accept-language": 2.0, "x-universally-unique-identifier": 3.0,
    "x-msmail-priority": 0.7, "x-pgp-agent": 2.0, "cc": 0.7, "x-account-key": 1.0, "x-identity-key": 1.5,
    "x-gm-message-state": 1.0, "x-google-sender-auth": 1.0, "x-forwarded-message-id": 2.0, "x-kmail-identity": 2.0,
    "organization": 1.0, "x-x-sender": 1.0, "x-sender": 0.3, "x-gpg-fingerprint": 2.0, "x-yandex-front": 0.7,
    "x-mailru-sender": 0.5, "x-enigmail-version": 2.0, "thread-topic": 0.7, "x-ymail-osg": 1.0,
    "mail-followup-to": 1.5, "x-operating-system": 1.5,
}  # fmt: skip
"""What the mail programs of people put there, each alone easily imitated or set by servers for everybody's mail."""

_REALLY_SCRIPT = re.compile(r"rcube|roundcube|squirrel|horde|rainloop|snappy|webmail", re.IGNORECASE)


def answers_automatic_reply(subject: str) -> bool:
    """Whether a subject, decoded, answers an automatic reply, as people do who find out that somebody is away."""
    marks = REPLY.match(subject)
    return bool(marks and AUTO_SUBJECT.match(subject[marks.end() :]))


def is_reply_subject(subject: str) -> bool:
    """Whether a subject, decoded, says that a message answers or passes on another."""
    return bool(REPLY.match(subject))


def signs(headers: Headers, envelope_sender: str | None) -> Signs:
    """What the header and the return path (None: not known) say."""
    seen = Signs()
    names = [name.lower() for name, _value in headers.fields[:_MOST_FIELDS]]
    known = set(names)
    seen.submitted = _token(headers, "auto-submitted") if "auto-submitted" in known else ""
    for name in _PRECEDENCES:
        if name in known and not seen.precedence:
            seen.precedence = _token(headers, name)
    seen.subject = header_text((headers.first("subject") or "")[:_LONGEST])
    seen.is_reply = is_reply_subject(seen.subject)
    seen.answers = "in-reply-to" in known or "references" in known
    kind = (headers.first("content-type") or "")[:_LONGEST].lower()
    if kind.startswith("multipart/report"):
        named = _REPORT_TYPE.search(kind)
        seen.report = named[1] if named else "unnamed"
    _addresses(seen, headers, envelope_sender)
    _program(seen, headers, known)
    for name in known & AUTOREPLY_FIELDS.keys():
        if _value(headers, name) not in ("no", "false", "0"):
            seen.autoreply = AUTOREPLY_FIELDS[name]
    for name in known & LIST_MANAGERS.keys():
        seen.manager = LIST_MANAGERS[name]
    for name in known & FIELDS.keys():
        if not (name.startswith("x-php") and _REALLY_SCRIPT.search(_value(headers, name))):
            seen.add(*FIELDS[name])
    for name in known:
        if name.startswith(("x-", "rt-", "managed-by")):
            campaign, vendor = _of_program(name[:80])
            seen.campaign, seen.vendor = max(seen.campaign, campaign), max(seen.vendor, vendor)
    _service(seen, headers)
    _conversation(seen, known, kind)
    if seen.is_bare:
        _named(seen)
        _made(seen, headers, kind)
    return seen


_PRECEDENCES = ("precedence", "x-precedence", "preference")
_MOST_FIELDS = 1000
_LONGEST = 2000
_REPORT_TYPE = re.compile(r"report-type\s*=\s*\"?([\w-]+)")


def _value(headers: Headers, name: str) -> str:
    return (headers.first(name) or "")[:_LONGEST].strip().lower()


def _token(headers: Headers, name: str) -> str:
    """The word with which a value begins; what stands behind it, parameters or a comment, is left out."""
    found = _FIRST_WORD.match((headers.first(name) or "")[:200].lower())
    return found[1] if found else ""


_FIRST_WORD = re.compile(r"\s*([\w-]+)")


def _addresses(seen: Signs, headers: Headers, envelope_sender: str | None) -> None:
    boxes = headers.mailboxes("from").mailboxes
    if boxes:
        seen.sender, seen.local = boxes[0].address.key, boxes[0].address.local.lower()
        seen.name = boxes[0].display
    if envelope_sender is None and "return-path" in headers:
        envelope_sender = (headers.first("return-path") or "")[:_LONGEST]
    if envelope_sender is not None:
        seen.path = envelope_sender.strip().strip("<>").strip().lower()
        if seen.path in ("mailer-daemon", "#@[]", "null"):
            seen.path = ""
    senders = headers.mailboxes("sender").mailboxes
    if senders and senders[0].address.key != seen.sender and _is_program(senders[0].address.local.lower()[:200]):
        seen.add(5.0, "a program sends it in another's name (Sender)", Kind.NOTIFICATION)
    local = seen.local
    if sign := _sign_of(local[:200]):
        seen.add(*sign)
        seen.toward_notice += 1.5 if sign[0] == _NOBODY else 0.0
    _return_path(seen)
    _names_its_site(seen)


def _names_its_site(seen: Signs) -> None:
    """Whether a program or an organisation is named as the sender, and not a person there."""
    labels = seen.sender.rpartition("@")[2][:200].split(".")
    if any(map(ROBOTS.match, labels[:-2])):
        seen.add(1.0, "its sender's machine is a program's, by its name")
    name = _plain(seen.name[:60])
    if len(name) > _SHORTEST and name in labels[:-1]:
        seen.add(1.0, "its sender is named as his site is")
    if _VIA.search(seen.name[:200]):
        seen.add(1.5, "its sender speaks through a program, by its name", Kind.NOTIFICATION)
    tag = _SUBJECT_TAG.match(seen.subject)
    if tag is not None:
        tagged = _plain(tag[1])
        if len(tagged) > _SHORTEST - 1 and tagged in (_plain(seen.local), _plain(".".join(labels)), *labels[:-1]):
            seen.add(1.5, "its subject begins with its sender's name, as programs mark theirs", Kind.NOTIFICATION)


def _plain(name: str) -> str:
    return _NOT_IN_NAMES.sub("", name.lower())


_VIA = re.compile(r"\bvia \w", re.IGNORECASE)
_SUBJECT_TAG = re.compile(r"^\s*\[([^\]\n]{2,60})\]")
_NOT_IN_NAMES = re.compile(r"[\W_]|\b(?:team|support|via \w+)$")
_SHORTEST = 3


def _service(seen: Signs, headers: Headers) -> None:
    """Whether a service for programs sent it, by return path, Message-ID and signature."""
    number = (headers.first("message-id") or "")[-100:].strip("> \t")
    domains = [(seen.path or "").rpartition("@")[2], number.rpartition("@")[2]]
    if "dkim-signature" in headers:
        domains += [found for value in headers.all("dkim-signature")[:3] for found in _SIGNED_FOR.findall(value[:300])]
    for domain in domains:
        if ".".join(domain.lower().rsplit(".", 2)[-2:]) in SERVICES:
            seen.add(1.5, f"a service for programs sent it ({domain[:60]})")
            return


_SIGNED_FOR = re.compile(r"\bd=\s*([\w.-]+)")


_NOBODY = 4.0


@lru_cache(maxsize=4096)
def _sign_of(local: str) -> tuple[float, str, Kind | None] | None:
    """What the local part of a sender's address tells."""
    if NAMES_OF_NOBODY.search(local):
        return _NOBODY, f"nobody reads what is written to its sender, {local}@", None
    if LETTERS.match(local):
        return 2.5, f"its sender sends newsletters, by his name: {local}@", Kind.LIST
    if ROBOTS.match(local):
        return 3.0, f"its sender is a program, by its name: {local}@", Kind.NOTIFICATION
    if ROLES.match(local):
        return 1.2, f"its sender is no single person, by its name: {local}@", None
    if PERSONS_ADDRESS.match(local):
        return -1.0, "its sender's address is made of a person's name", None
    return None


def _is_program(local: str) -> bool:
    """Whether a name is a program's, and no list's."""
    return not LIST_SENDER.search(f"{local}@") and bool(NAMES_OF_NOBODY.search(local) or ROBOTS.match(local))


@lru_cache(maxsize=4096)
def is_persons_name(name: str) -> bool:
    """Whether a sender's name reads as a person's: two to four words with capitals, and none that offices have."""
    if not PERSONS_NAME.fullmatch(name) or OFFICES.search(name):
        return False
    words = [word.strip(".,") for word in name.split()]
    return sum(word[:1].isupper() for word in words) > 1 and not any(word.isupper() and len(word) > 2 for word in words)


def _is_called(local: str, name: str) -> bool:
    """Whether an address holds one of the words of a name, also where that is written in Cyrillic."""
    words = name.lower().translate(_LATIN).split()
    return any(word[:_BEGINNING] in local for word in words if len(word) > _SHORTEST - 1)


_BEGINNING = 4
_LONGEST_NAME = 100
_LATIN = str.maketrans(
    {letter: written[0] for letter, written in LATIN_OF.items() if written[0]}
    | dict(zip("әіңғүұқөһ", "aingyykoh", strict=True))
)


@lru_cache(maxsize=4096)
def _is_script(mailer: str) -> bool:
    return bool(SCRIPT.search(mailer)) and not _REALLY_SCRIPT.search(mailer)


@lru_cache(maxsize=4096)
def _is_mua(mailer: str) -> bool:
    return bool(MUA.search(mailer))


@lru_cache(maxsize=4096)
def _of_program(name: str) -> tuple[str, str]:
    """The name of a field that only mailing programs have, or only others."""
    found = PREFIXES.match(name)
    return (found[1] or "", found[2] or "") if found else ("", "")


def _return_path(seen: Signs) -> None:
    path = seen.path
    if path is None:
        return
    if not path:
        seen.add(3.0, "its return path is empty, so that nobody answers it by program")
    elif NAMES_OF_NOBODY.search(path.partition("@")[0]):
        seen.add(3.0, "nobody reads what goes to its return path")
        seen.toward_notice += 0.5
    elif not HANDED_ON.match(path) and PROGRAM_PATH.search(path):
        seen.add(2.2, "its return path belongs to a program")
    elif path != seen.sender and _is_number(path.partition("@")[0][:200]):
        seen.add(1.5, "its return path is a number")


def _is_number(local: str) -> bool:
    return any(sum(map(str.isdigit, found)) >= DIGITS_OF_A_NUMBER for found in NUMBER.findall(local))


def _program(seen: Signs, headers: Headers, known: set[str]) -> None:
    """Which program wrote it, by its own word, its number of the message and its way to write MIME-Version."""
    for name in ("x-mailer", "user-agent", "x-newsreader", "mime-version"):
        if name not in known:
            continue
        value = (headers.first(name) or "")[:300]
        if name == "mime-version":
            if "apple" in value.lower() or "mac os x" in value.lower():
                seen.has_mua = True
        elif TO_MANY.search(value):
            seen.has_program = seen.writes_to_many = True
        elif _is_script(value):
            seen.has_program = True
        elif _is_mua(value):
            seen.has_mua = True
        elif name == "x-mailer":
            seen.has_unknown = True
        else:
            seen.has_traces = True
    number = (headers.first("message-id") or "")[:500].strip()
    if seen.has_program:
        seen.has_mua = False
        if seen.writes_to_many:
            seen.add(3.0, "a program for mail to many wrote it (X-Mailer)", Kind.LIST)
        else:
            seen.add(3.0, "a program for sending from other programs wrote it (X-Mailer)")
    elif seen.has_unknown and not seen.has_mua:
        seen.add(2.2, "a program wrote it that people are not known to write with (X-Mailer)")
    elif SCRIPT_ID.search(number):
        seen.add(1.5, "its Message-ID is one that programs make")
    elif seen.has_mua:
        seen.add(-2.5, "a person's mail program wrote it")
    elif HUMAN_ID.search(number):
        seen.has_mua = True
        seen.add(-2.0, "its Message-ID is one that a person's mail program makes")


def _named(seen: Signs) -> None:
    """What the sender is called, where no mail program tells who he is."""
    name = seen.name[:_LONGEST_NAME]
    if is_persons_name(name):
        seen.add(-1.2 if _is_called(seen.local, name) else -0.5, "its sender has the name of a person")
    elif OFFICES.search(name):
        if not ROLES.match(seen.local):  # which says the same
            seen.add(1.0, "its sender has the name of an office, a site or a machine")
    elif name and " " not in name:
        seen.add(0.6, "its sender has one name only")


def _made(seen: Signs, headers: Headers, kind: str) -> None:
    """How a message was made that shows no mail program: what libraries and servers leave in it."""
    if kind.startswith("text/html"):
        seen.add(0.5, "it is HTML alone, as scripts send it")
    number = (headers.first("message-id") or "")[:500].strip()
    if FRAMEWORKS_ID.match(number):
        seen.add(1.2, "its Message-ID is one that programs' libraries make")
    elif _JAVA_PARTS.search(kind):
        seen.add(0.8, "its parts are divided as programs' libraries do it")
    elif SERVERS_ID.match(number):
        seen.add(0.7, "a mail server gave it its Message-ID, which people's mail programs do")
    if any(HANDED_OVER.search(value[:_LONGEST]) for value in headers.all("received")[-_FIRST_HOPS:]):
        seen.add(1.0, "a program handed it to the mail server of its own machine (Received)")


_FIRST_HOPS = 3
_JAVA_PARTS = re.compile(r"boundary=\s*\"?----=_part_\d+_-?\d+\.\d+")
_MUA_PARTS = re.compile(
    r"boundary=\s*\"?(?:apple-mail|-{12}\w{24}|_\d{3}_|0{12}[0-9a-f]{16}|----=_nextpart_\d{3}_|--alt--|--tot--|"
    r"----==--bound|=_alternative [0-9a-f]{16}|=_related [0-9a-f]{16}|=_mixed [0-9a-f]{16}|=_zimbra|-=_?sogo)"
)
_SCRIPT_PARTS = re.compile(
    r"boundary=\s*\"?(?:b[123]=?_\w{20,}|-{2,4}_nmp-|--boundary_\d+_[0-9a-f]{8}-|_=_(?:swift|symfony)_)"
)


def _conversation(seen: Signs, known: set[str], kind: str) -> None:
    if not seen.has_program:
        weight = min(sum(_MUA_FIELDS[name] for name in known & _MUA_FIELDS.keys()), 3.0)
        if weight:
            seen.add(-weight, "it has header fields that people's mail programs and webmail put there")
        elif not (seen.has_mua or seen.has_traces or seen.answers or seen.is_reply or _MUA_PARTS.search(kind)):
            seen.is_bare = True
            seen.add(0.9, "nothing in its header comes from a person's mail program")
    if kind.startswith("multipart/signed") and "pgp" in kind:
        seen.add(-2.0, "somebody signed it with a key of his own")
    if _SCRIPT_PARTS.search(kind):
        seen.add(1.0, "its parts are divided as scripts do it")
    if seen.answers:
        seen.add(-1.5, "it belongs to a conversation (In-Reply-To, References)")
    if seen.is_reply:
        seen.add(-3.0 if seen.has_mua else -1.0, "its subject answers or passes on another")
    if seen.precedence in ("bulk", "junk"):
        seen.add(2.0, f"it calls itself one of many (Precedence: {seen.precedence})")
