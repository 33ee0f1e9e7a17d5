"""What kind of mail a message is: by its header, then by its sender and structure, and by its words last.

A person's letter that is taken for a program's waits for ever, so that what is in doubt is a person's.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cached_property

from postclerk.core.facts import Headers
from postclerk.core.kind import Classified, Kind
from postclerk.core.lexicon import Sentence, fold
from postclerk.core.reading import Reading
from postclerk.core.registration import LIKELY, may_be, score
from postclerk.mail.kind_names import (
    AUTO_SUBJECT,
    BOUNCE_FROM,
    BOUNCE_NAME,
    BOUNCE_SUBJECT,
    BOUNCES_GO_TO,
    EVERYBODY,
    LIST_PATH,
    LIST_SENDER,
    NAMES_OF_NOBODY,
    OFFICES,
    POSTMASTER,
)
from postclerk.mail.kind_signs import Signs, answers_automatic_reply, is_program, signs
from postclerk.mail.kind_structure import (
    asks,
    bears_a_telephone,
    is_data,
    is_exact,
    is_numbered,
    is_numbered_issue,
    is_table,
    speaks_of_himself,
    tells_seconds,
    tells_what_was_done,
    tokens_of_links,
)
from postclerk.mail.kind_words import LEXICON
from postclerk.mail.letter import letter_of
from postclerk.mail.quotes import own_words

_PROGRAM = 3.0
"""What the signs must weigh together for a program."""

_REGISTERS = 3.0
"""What it weighs that a text confirms an account or an address."""

_LONGEST = 6000
_MOST_SENTENCES = 120
_MOST_LINKS = 60
_MOST_REASONS = 8
_SHORT = 1200

_URL = re.compile(r"https?://\S+", re.IGNORECASE)


def kind_of(headers: Headers, envelope_sender: str | None, reading: Reading | None) -> Classified:
    """The kind of a message.

    `envelope_sender` is the return path: "" is the null sender, None one that is not known, for which Return-Path is
    looked at. `reading` is its text as its reader sees it, or None where the body was not read. Never raises.
    """
    seen = signs(headers, envelope_sender)
    settled = _settled(seen, headers)
    if settled is not None:
        return settled
    return _weighed(seen, headers, reading)


def is_by_person(headers: Headers, envelope_sender: str | None, reading: Reading) -> bool:
    """Whether a person wrote it so surely that no talk of accounts makes it a program's. See kind_of."""
    seen = signs(headers, envelope_sender)
    if _settled(seen, headers) is not None:
        return False
    return _weigh(seen, headers, reading) is None and seen.machine + _REGISTERS < _PROGRAM


def needs_text(headers: Headers, envelope_sender: str | None) -> bool:
    """Whether the header leaves the kind of a message open, so that its text should be read."""
    return _settled(signs(headers, envelope_sender), headers) is None


# -- What settles it ---------------------------------------------------------------------------------------------------


def _settled(seen: Signs, headers: Headers) -> Classified | None:
    return _report(seen) or _bounce(seen, headers) or _reply(seen) or _list(seen, headers) or _submitted(seen, headers)


def _report(seen: Signs) -> Classified | None:
    """A report by its type (RFC 6522)."""
    match seen.report:
        case "delivery-status":
            return Classified(Kind.BOUNCE, ("it is a report on delivery (RFC 3464)",))
        case "disposition-notification" if BOUNCE_FROM.match(seen.local) or BOUNCE_NAME.search(seen.name):
            return Classified(Kind.BOUNCE, ("a mail server refuses a message after it was delivered (RFC 5429)",))
        case "disposition-notification":
            return Classified(
                Kind.AUTOREPLY, ("it is a receipt that a message was read: a program answers one message (RFC 8098)",)
            )
        case "feedback-report":
            return Classified(Kind.NOTIFICATION, ("it is a complaint that a mail provider passes on (RFC 5965)",))
        case "tlsrpt":
            return Classified(Kind.NOTIFICATION, ("it is a report on encrypted delivery (RFC 8460)",))
    return None


def _bounce(seen: Signs, headers: Headers) -> Classified | None:
    """What came back, by its sender; a person who passes one on is its sender himself."""
    if "x-failed-recipients" in headers and not seen.is_reply:
        return Classified(Kind.BOUNCE, ("it names recipients that it could not reach (X-Failed-Recipients)",))
    if seen.autoreply or _is_person(seen):
        return None
    why = []
    if seen.report == "unnamed":
        why.append("it is a report of no named type")
    if BOUNCE_FROM.match(seen.local):
        why.append(f"a mail server sent it: {seen.local}@")
    elif BOUNCE_NAME.search(seen.name):
        why.append(f"a mail server sent it: {seen.name[:60]}")
    elif POSTMASTER.match(seen.local):
        why.append(f"a mail server sent it: {seen.local}@")
    if BOUNCE_SUBJECT.match(seen.subject):
        why.append("its subject says that something was not delivered")
    if len(why) == 1 and any(BOUNCES_GO_TO.search(box.address.local) for box in headers.mailboxes("to").mailboxes[:3]):
        why.append("it was sent to where bounces go")
    if seen.path == "":
        why += ["its return path is empty"] if seen.sender else ["its return path is empty, and its sender too"] * 2
    if "x-ms-exchange-message-is-ndr" in headers:
        why += ["a mail server says that it is a report on delivery"] * 2
    serves = bool(why) and "mail server" in why[0]
    if len(why) >= 2 or (serves and BOUNCE_FROM.match(seen.local)):
        if AUTO_SUBJECT.match(seen.subject):
            return None
        return Classified(Kind.BOUNCE, tuple(dict.fromkeys(why)))
    return None


def _is_person(seen: Signs) -> bool:
    """Whether a person's mail program wrote it, answering or not."""
    return seen.has_mua and not seen.submitted.startswith("auto") and seen.path != "" and seen.is_reply


def _reply(seen: Signs) -> Classified | None:
    """An automatic reply, by what answered saying so (RFC 3834) and by its subject."""
    why = []
    if seen.submitted == "auto-replied":
        why.append("a program says that it answers by itself (Auto-Submitted: auto-replied)")
    if seen.precedence in ("auto_reply", "auto-reply", "autoreply"):
        why.append("an autoresponder says that it sent it (Precedence: auto_reply)")
    if seen.autoreply and seen.submitted not in ("auto-generated", "auto-notified"):
        why.append(seen.autoreply)
    if AUTO_SUBJECT.match(seen.subject) and not _may_be_own_subject(seen):
        why.append("its subject says that it is an automatic reply")
    return Classified(Kind.AUTOREPLY, tuple(why)) if why and not seen.vendor.startswith("x-square") else None


def _may_be_own_subject(seen: Signs) -> bool:
    """Whether a person may have written a subject that looks like an autoresponder's, which goes before a colon."""
    if seen.submitted == "no" or (seen.has_mua and seen.subject.endswith("?")):
        return True
    answers_by_program = seen.path == "" or (seen.answers and not seen.has_mua)
    return not (answers_by_program or _BEFORE_A_SUBJECT.search(seen.subject))


_BEFORE_A_SUBJECT = re.compile(r"^[^:：]{3,120}[:：]|^\W*auto", re.IGNORECASE)


def _list(seen: Signs, headers: Headers) -> Classified | None:
    """What came through a mailing list, by what its program adds (RFC 2369, 2919)."""
    if "x-list-administrivia" in headers and "yes" in (headers.first("x-list-administrivia") or "").lower():
        return Classified(Kind.NOTIFICATION, ("a mailing list's program wrote it itself (X-List-Administrivia)",))
    why = [seen.manager] if seen.manager else []
    sender = (headers.first("sender") or "")[:500].lower()
    posts = "list-post" in headers or ("list-id" in headers and seen.precedence == "list")
    if "list-id" in headers:
        why.append("it names the mailing list that it came through (List-Id)")
    elif posts:
        why.append("it names the mailing list that it came through (List-Post)")
    if seen.precedence == "list":
        why.append("it calls itself mail of a list (Precedence: list)")
    if LIST_SENDER.search(sender):
        why.append("a mailing list's program is its sender")
    elif seen.path and LIST_PATH.search(seen.path) and not why:
        return Classified(Kind.LIST, ("its return path is a mailing list's",))
    if not why or seen.path == "":
        return None
    if "list-id" in headers and len(why) == 1 and not posts:
        return None  # newsletters have one, and the digests of forums
    if seen.manager or not (seen.vendor or seen.submitted.startswith("auto")):
        return Classified(Kind.LIST, tuple(why))
    return None


def _submitted(seen: Signs, headers: Headers) -> Classified | None:
    """Mail of a program by its own word."""
    if seen.submitted.startswith("auto"):
        if "list-id" not in headers and ("list-unsubscribe" in headers and seen.campaign):
            return None
        return Classified(Kind.NOTIFICATION, (f"a program says that it sent it (Auto-Submitted: {seen.submitted})",))
    if "x-sogo-message-type" in headers:
        return Classified(Kind.NOTIFICATION, ("a calendar wrote it (X-SOGo-Message-Type)",))
    if "x-cron-env" in headers:
        return Classified(Kind.NOTIFICATION, ("cron sent it (X-Cron-Env)",))
    if seen.vendor and not seen.has_mua:
        return Classified(Kind.NOTIFICATION, (f"a program's own header field is there ({seen.vendor})",))
    if seen.campaign and not (seen.has_mua or seen.is_reply):
        return Classified(Kind.LIST, (f"a mailing program's own header field is there ({seen.campaign})",))
    return None


# -- What is weighed ---------------------------------------------------------------------------------------------------


def _weighed(seen: Signs, headers: Headers, reading: Reading | None) -> Classified:
    found = _weigh(seen, headers, reading)
    if found is not None:
        return found
    # The dearest question, and asked only where its answer can make a person's letter a program's.
    if reading is not None and seen.machine + _REGISTERS >= _PROGRAM:
        letter = letter_of(headers, reading)
        if may_be(letter) and score(letter).value >= LIKELY:
            seen.add(_REGISTERS, "it is about an account or an address to confirm", Kind.NOTIFICATION)
    if seen.machine < _PROGRAM:
        why = _reasons(seen, -1.0) or ("nothing says that a program wrote it",)
        return Classified(Kind.HUMAN, why)
    kind = Kind.LIST if seen.toward_list > seen.toward_notice else Kind.NOTIFICATION
    return Classified(kind, _reasons(seen, 1.0))


def _weigh(seen: Signs, headers: Headers, reading: Reading | None) -> Classified | None:
    """Takes down what speaks for a program or a person, or finds that the text settles it."""
    if seen.campaign:
        seen.add(2.0, f"a mailing program's own header field is there ({seen.campaign})", Kind.LIST)
    if "list-id" in headers:
        # What lets nobody leave it is no list: programs number their notices so.
        leaves = "list-unsubscribe" in headers or "list-post" in headers
        seen.add(3.0, "it names the list that it belongs to (List-Id)", Kind.LIST if leaves else Kind.NOTIFICATION)
    if seen.path and LIST_SENDER.search(seen.path):
        seen.add(1.0, "its return path is a mailing list's", Kind.LIST)
    if _answers_go_to_all(headers) and not is_program(seen.local[:200]):
        # Who writes it is told apart from who sends it: a list's program has passed it on.
        passed_on = bool(seen.path) and all(seen.path != box.address.key for box in headers.mailboxes("from").mailboxes)
        seen.add(10.0 if passed_on else 2.0, "answers go to the list that it was written to (Reply-To)", Kind.LIST)
    if _is_tagged_as_list(seen, headers):
        seen.add(5.0, "its subject bears the name of the list that it was written to", Kind.LIST)
    if _is_to_everybody(headers):
        seen.add(5.0 if OFFICES.search(seen.name) else 2.0, "it is written to everybody of a house", Kind.LIST)
    if _is_to_nobody(seen, headers):
        seen.add(1.5, "it is written to nobody by name", Kind.LIST)
    if len(headers.mailboxes("resent-to").mailboxes) > _MANY:
        seen.add(8.0, "it was sent on to many (Resent-To)", Kind.LIST)
    if reading is not None:
        if reading.calendar in _OF_CALENDARS and not seen.is_reply:
            return Classified(Kind.NOTIFICATION, ("a calendar wrote it: an appointment, or an answer to one",))
        found = _Words(seen, headers, reading)
        if found.bounces():
            return Classified(Kind.BOUNCE, tuple(found.why))
        if found.answers_by_itself():
            return Classified(Kind.AUTOREPLY, tuple(found.why))
        found.weigh()
    return None


_OF_CALENDARS = frozenset(("request", "reply", "cancel", "counter", "declinecounter"))
"""Methods of what calendars send themselves (RFC 5546); what is published may be a file that goes with a letter."""


def _is_to_nobody(seen: Signs, headers: Headers) -> bool:
    """Whether those who get it are not named, as where one writes to many in Bcc."""
    to = headers.mailboxes("to").mailboxes
    if any(box.address.key != seen.sender for box in to) or "cc" in headers:
        return False
    return bool(to) or "undisclosed" in (headers.first("to") or "").lower()


def _is_to_everybody(headers: Headers) -> bool:
    """Whether it is written to a group that is called after all who work in a house, as circulars of offices are."""
    to = headers.mailboxes("to").mailboxes
    return len(to) == 1 and bool(EVERYBODY.match(to[0].address.local) or EVERYBODY.match(to[0].display[:100]))


def _is_tagged_as_list(seen: Signs, headers: Headers) -> bool:
    """Whether a list's program has put the list's name before the subject."""
    tag = _TAG.match(seen.subject)
    if tag is None:
        return False
    return any(tag[1].lower() == box.address.local.lower() for box in headers.mailboxes("to").mailboxes[:3])


_TAG = re.compile(r"^\s*(?:\w{2,3}:\s*)?\[([\w.-]{2,40})\]")

_MANY = 10
"""Addresses beyond which nobody sends a letter on to friends."""


def _answers_go_to_all(headers: Headers) -> bool:
    """Whether Reply-To is the address that the message was written to, and none of its author's."""
    back, to = ({box.address.key for box in headers.mailboxes(name).mailboxes} for name in ("reply-to", "to"))
    return bool(back) and back <= to and back.isdisjoint(box.address.key for box in headers.mailboxes("from").mailboxes)


def _reasons(seen: Signs, sign: float) -> tuple[str, ...]:
    found = sorted((one for one in seen.why if one[0] * sign > 0), key=lambda one: -abs(one[0]))
    return tuple(dict.fromkeys(says for _weight, says in found))[:_MOST_REASONS]


_STATUS = re.compile(
    r"\b[45][0-5]\d[ -]#?[45]\.\d{1,3}\.\d{1,3}\b|\bsmtp error\b|\b55[0-4][ -]|final-recipient|diagnostic-code|"
    r"remote host said|"
    r"<[^<>\s@]+@[^<>\s]+>:|action: (?:failed|delayed)|reporting-mta|\bqmail-send\b|user unknown|unknown user|"
    r"no such user|mailbox (?:is )?(?:full|unavailable|not found)|over quota|host or domain name not found|"
    r"recipient address rejected"
)
_EVENT = re.compile(r"\"(?:notification|event)type\"\s*:\s*\"bounce\"", re.IGNORECASE)
"""How Amazon SES tells of a bounce to who has it sent by mail."""
_LEAVES = re.compile(
    r"unsub|optout|opt[-_]out|abmeld|otpis|/u/|listmanage|/(?:stop|remove|leave|off|unlist)(?:[/?#]|$)", re.I
)
_CHOOSES = re.compile(r"preferences|(?:e?mail|notif\w*)[-_/]?settings", re.I)
_ONE_THING = re.compile(r"/\d+(?:[/?#]|$)|[?&][\w-]+=\w|/[A-Z0-9]{5,}/?$")
_TO_ALL = re.compile(
    fold(
        r"^\W*(?:уважаемые|дорогие|добрый день, (?:коллеги|друзья)|құрметті [^\n,!.]{0,40}"
        r"(?:лар|лер|дар|дер|тар|тер|лері|лары|дері|дары)\b|"
        r"(?:değerli|sayın|sevgili) [^\n,!.]{0,40}(?:lar|ler|larımız|lerimiz)\b|"
        r"dear (?:all|[\w ]{0,20}(?:colleagues|members|friends|authors|readers|students|researchers|professors|"
        r"subscribers|customers|users|parents|alumni)))|"
        r"^\W*(?:здравствуйте|добрый день|hello|hi|merhaba)\W{1,3}(?:уважаемые|коллега|friends|everyone|all)\b"
    ),
    re.MULTILINE,
)
_GREETING = 200
_LONG = 3000
_MANY_LINKS = 8
_COUNTED_LINKS = 4
_FEW_LINKS = 6
_PHONE_SIGNATURE = re.compile(
    r"^(?:sent from|отправлено (?:с |из )|mobil(?:den| cihaz)|\S{1,10}'?\S{0,4} gönderildi|von meinem|envoyé de|"
    r"\S{1,12} жіберілді|"
    r"get outlook for|iphone'?umdan|android'?imden)",
    re.IGNORECASE | re.MULTILINE,
)


class _Words:
    """The text of a message, and what it says of the kind."""

    def __init__(self, seen: Signs, headers: Headers, reading: Reading) -> None:
        self.why: list[str] = []
        self._seen = seen
        self._headers = headers
        self._reading = reading
        own, passed_on = own_words(reading.fresh[:_LONGEST])
        self._quotes = bool(reading.quoted) or passed_on
        self._text = _URL.sub(" ", own)
        self._folded = fold(self._text)
        self._sentences = tuple(LEXICON.sentences(self._folded, _MOST_SENTENCES))
        self._said = [one for one in self._sentences if one.meanings]
        self._subject = LEXICON.sentence(fold(seen.subject[:500]))

    def _any(self, *meanings: str, within: Iterable[Sentence] | None = None) -> bool:
        return any(one.any(*meanings) for one in (self._said if within is None else within))

    @cached_property
    def _speaks_of_himself(self) -> bool:
        return speaks_of_himself(self._sentences)

    @cached_property
    def _asks(self) -> bool:
        return asks(self._text)

    @property
    def _is_terse(self) -> bool:
        """It tells something, from no mail program that is known, and neither asks nor quotes."""
        return self._seen.is_bare and not self._asks and len(self._sentences) > 1 and not self._quotes

    @property
    def _beginning(self) -> tuple[Sentence, ...]:
        return self._sentences[:6]

    def bounces(self) -> bool:
        """Whether it is a report on delivery in plain words; who passes one on writes with his own program."""
        seen = self._seen
        if is_data(self._text) and _EVENT.search(self._text[:_SHORT]):
            self.why.append("a service for programs reports that something came back, as data")
            return True
        if seen.has_mua and (seen.is_reply or seen.answers):
            return False
        by_server = bool(BOUNCE_FROM.match(seen.local) or POSTMASTER.match(seen.local) or BOUNCE_NAME.search(seen.name))
        subject = bool(BOUNCE_SUBJECT.match(seen.subject))
        text = self._any("undelivered", within=self._sentences[:10])
        trace = bool(_STATUS.search(self._folded))
        points = (
            2 * by_server
            + 2 * subject
            + text
            + trace
            + (seen.path == "")
            - 2 * seen.has_mua
            - (seen.is_reply and not by_server)
        )
        if points < 3 or not (text or trace or subject):
            return False
        self.why += ["a mail server sent it"] if by_server else []
        self.why += ["its subject says that something was not delivered"] if subject else []
        self.why += ["its text says that something was not delivered"] if text else []
        self.why += ["it gives a mail server's words or codes"] if trace else []
        self.why += ["its return path is empty"] if seen.path == "" else []
        return True

    def answers_by_itself(self) -> bool:
        """Whether an autoresponder wrote it, by its words."""
        seen = self._seen
        begins = self._sentences[:8]
        # What he answers is no word of his own.
        is_question = seen.has_mua and seen.subject.endswith("?")
        subject = () if is_question or answers_automatic_reply(seen.subject) else (self._subject,)
        says_automatic = any(_calls_itself_automatic(one) for one in (*subject, *begins))
        away = self._any("away", within=(*subject, *begins))
        points = 3.0 * says_automatic + 2.0 * (bool(subject) and bool(AUTO_SUBJECT.match(seen.subject)))
        points += 1.5 * any(map(_calls_itself_automatic, subject))
        if away:
            points += 1.0 + self._any("instead")
            # Without a word of his own it may tell about the reader's leave: "Your request was approved".
            points += 1.5 * (self._any("your_message", within=begins) and (seen.answers or self._speaks_of_himself))
        if seen.answers and any(one.any("received") and one.any("your_message", "sent") for one in (*subject, *begins)):
            points += 2.0 + self._any("automatic", within=(*subject, *begins))
        points += 0.5 * (seen.is_reply or seen.answers) + 1.5 * (seen.path == "")
        points += 0.5 * (len(self._text) < _SHORT and not self._quotes)
        points += 1.0 * (seen.precedence in ("bulk", "junk"))
        points += self._any("challenge", within=begins) * (2.0 if self._any("your_message", within=begins) else 0.0)
        points -= 2.0 * seen.has_mua + 1.0 * self._quotes + 1.0 * ("?" in self._text)
        points -= 2.0 * ("list-unsubscribe" in self._headers) + 2.0 * bool(NAMES_OF_NOBODY.search(seen.local))
        if not (says_automatic or away or points >= 3) or points < 3:
            return False
        self.why += ["it says that it is an automatic reply"] if says_automatic else []
        self.why += ["it says that somebody is away"] if away else []
        self.why += ["it answers a message"] if seen.is_reply or seen.answers else []
        self.why = self.why or ["it asks the sender to prove himself before his message is delivered"]
        return True

    def weigh(self) -> None:
        """Takes down what the text says for a program or a person."""
        self._weigh_programs()
        self._weigh_business()
        if not self._quotes:
            self._weigh_links()
        self._weigh_people()

    def _weigh_programs(self) -> None:
        add = self._seen.add
        if any(one.has("automatic", "this_message") or one.has("no_reply", "this_message") for one in self._said):
            add(3.5, "it says that a program sent it, or that it is not to be answered", Kind.NOTIFICATION)
        elif any(one.any("no_reply") and len(one.words) < 25 for one in self._said):
            add(2.0, "it says that it is not to be answered", Kind.NOTIFICATION)
        if self._any("you_receive"):
            add(2.0, "it says why one receives it")
        if self._any("unsubscribe"):
            add(1.8, "it says how to receive no more of it", Kind.LIST)
        elif self._any("preferences"):
            add(1.8, "it says how to choose what one receives")
        if self._any("in_browser"):
            add(2.0, "it offers to be read in a browser", Kind.LIST)
        if self._any("rights"):
            add(1.0, "it speaks of rights or privacy")
        if _TO_ALL.search(self._folded[:_GREETING]):
            add(1.2, "it addresses many at once", Kind.LIST)
        elif self._any("dear_customer", within=self._beginning):
            add(1.0, "it addresses nobody by name")

    def _weigh_business(self) -> None:
        add = self._seen.add
        subject = self._subject
        letters = subject.has("newsletter") + self._any("newsletter", within=self._sentences[:12])
        if letters:
            add(0.9 * letters, "it calls itself a newsletter", Kind.LIST)
        if is_numbered_issue(f"{self._seen.subject}\n{self._text}"):
            add(1.5, "it is the number of a periodical", Kind.LIST)
        calls = subject.has("call") + min(sum(one.has("call") for one in self._said), 3)
        if calls:
            add(1.0 * calls, "it calls on many to take part", Kind.LIST)
        offers = subject.has("promotion") + min(sum(one.has("promotion") for one in self._said), 3)
        if offers:
            add(0.5 * offers, "it offers goods", Kind.LIST)
        happened = subject.any("happened", "account", "job") + min(
            sum(one.any("happened", "account") for one in self._sentences[:10]), 3
        )
        if happened:
            add(0.7 * happened, "it tells what happened to an account, an order or a task", Kind.NOTIFICATION)
        elif (
            self._seen.machine > 0
            and tells_what_was_done((subject, *self._sentences[:3]))
            and not self._speaks_of_himself
        ):
            add(0.4, "it tells what was done, and not by whom", Kind.NOTIFICATION)
        if self._any("settings", within=self._sentences[:15]) and self._reading.links:
            add(1.0, "it asks to follow a link", Kind.NOTIFICATION)
        self._weigh_structure()

    def _weigh_structure(self) -> None:
        """What no person types: data, and a table of names and values."""
        add = self._seen.add
        if is_data(self._text):
            add(4.0, "its text is data and no language", Kind.NOTIFICATION)
        if self._seen.is_bare:
            if is_numbered(self._seen.subject):
                add(0.6, "its subject names a thing by its number", Kind.NOTIFICATION)
            if is_exact(self._text) and not bears_a_telephone(self._text):
                add(0.5, "it gives exact figures", Kind.NOTIFICATION)
            if tells_seconds(self._text):
                add(0.8, "it tells the time to the second", Kind.NOTIFICATION)
            if self._text.lstrip()[:1].islower():
                add(-0.8, "it begins with a small letter")
        few = len(self._reading.links) <= _MANY_LINKS
        if few and self._seen.machine > -1.0 and is_table(self._text):
            add(2.1, "it is a table of names and values", Kind.NOTIFICATION)

    def _weigh_links(self) -> None:
        add = self._seen.add
        links = self._reading.links[:_MOST_LINKS]
        if any(_LEAVES.search(link.url) for link in links):
            add(1.5, "a link lets one receive no more of it", Kind.LIST)
        elif any(_CHOOSES.search(link.url) for link in links):
            add(1.5, "a link lets one choose what one receives")
        web = [link for link in links if link.url[:4].lower() in ("http", "www.")]
        if len(web) > _MANY_LINKS:
            add(1.5, "it has many links", Kind.LIST)
        if any(link.button for link in links):
            add(1.0, "it has a button", Kind.NOTIFICATION)
        own = self._seen.sender.rpartition("@")[2].rpartition(".")[0].rpartition(".")[2]
        tokens = tokens_of_links(web)
        if tokens >= _COUNTED_LINKS:
            add(1.5, "whoever follows its links is counted")
        elif tokens:
            add(1.0, "a link bears a token", Kind.NOTIFICATION)
        if len(own) > 2 and len(self._text) < _LONG:
            to_own = [link.url for link in web if own in link.url[:300].lower()]
            if to_own:
                add(0.7, "its links lead to its sender's site")
            if len(to_own) <= _MANY_LINKS and any(_ONE_THING.search(url.partition("//")[2]) for url in to_own):
                add(0.5, "a link leads to one thing there, by its number", Kind.NOTIFICATION)

    def _weigh_people(self) -> None:
        add = self._seen.add
        if self._quotes:
            add(-2.0, "it quotes what it answers")
        if _PHONE_SIGNATURE.search(self._reading.fresh[-600:]):
            add(-3.0, "somebody wrote it on a telephone")
        if self._asks and not self._reading.links:
            add(-1.0, "it asks something")
        if self._seen.is_bare and self._any("request"):
            add(-0.8, "somebody asks its reader for something")
        if self._seen.machine > 0 and bears_a_telephone(self._text):
            add(-1.0, "somebody signed it with his telephone number")
        if self._seen.machine > 0 and self._speaks_of_himself:
            if len(self._reading.links) < _FEW_LINKS:
                add(-0.8, "somebody writes of himself in it")
        elif self._is_terse and not (self._speaks_of_himself or self._any("request")):
            add(0.4, "nobody speaks of himself in it, nor asks anything")


def _calls_itself_automatic(one: Sentence) -> bool:
    if "automatic" not in one.meanings or one.has("settings"):  # "To respond automatically, click below"
        return False
    if one.any("received", "your_message", "away") and "no_reply" not in one.meanings:
        return True
    # "This message is automatic, do not reply" speaks of an answer, and is none.
    answers = sum(word.startswith(_ANSWER) for word in one.words)
    return answers > ("no_reply" in one.meanings and not any(word.startswith("ответ") for word in one.words))


_ANSWER = ("repl", "respon", "answer", "ответ", "yanit", "cevap", "жауап", "жауаб", "antwort", "repons", "respuesta")
