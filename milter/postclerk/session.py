"""pymilter in and out: what Postfix says becomes a case, what was decided becomes replies, headers and holds.

The only importer of Milter. The hot path of the whole suite: nothing is answered before it must be, and what no rule
looks at is negotiated away; header fields are always heard, since forged ones are removed.

Failure modes: whatever breaks here defers the message with an incident id; a decision that cannot be written down is no
decision, and the message is deferred.
"""

from __future__ import annotations

import hashlib
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import Milter
import milter

from postclerk import clock, events
from postclerk.collect import Envelope
from postclerk.core.explain import OUR_HEADERS, RESULTS_HEADER
from postclerk.core.facts import Headers
from postclerk.core.needs import Stage
from postclerk.core.ports import Journal, JournalFull, Unavailable
from postclerk.core.reply import Reply
from postclerk.core.rule import Action
from postclerk.core.verdict import Verdict
from postclerk.judge import Case, Judge, new_incident, record

_PROTOCOL = (
    Milter.P_NOHELO
    | Milter.P_NOUNKNOWN
    | Milter.P_NR_CONN
    | Milter.P_NR_MAIL
    | Milter.P_NR_RCPT
    | Milter.P_NR_HDR
    | Milter.P_NR_EOH
    | Milter.P_NR_BODY
    | Milter.P_HDR_LEADSPC
)
"""Events that are not wanted, and events that are wanted but answered later. DATA is answered: envelope rules decide
there, before the message is transferred. The end of the headers is heard in any case, since libmilter never answers for
a message without fields that comes without it. Fields come with their leading blanks, which signatures cover."""

_ACTIONS = Milter.ADDHDRS | Milter.CHGHDRS | Milter.QUARANTINE

_OURS = tuple(name.lower() for name in OUR_HEADERS)
_FORGEABLE = frozenset([*_OURS, RESULTS_HEADER.lower()])

_LOOPBACK = ("127.0.0.1", "::1")

_MOST_FORGED = 100


_CONTINUE = int(Milter.CONTINUE)


@dataclass(frozen=True, slots=True)
class _Agreed:
    """What is returned for each event that is answered later, and what a field's value comes without."""

    connect: int
    mail: int
    rcpt: int
    header: int
    eoh: int
    body: int
    blank: bytes


@lru_cache(maxsize=64)
def _agreed(protocol: int) -> _Agreed:
    def quiet(flag: int) -> int:
        return int(Milter.NOREPLY) if protocol & flag else _CONTINUE

    return _Agreed(
        connect=quiet(Milter.P_NR_CONN),
        mail=quiet(Milter.P_NR_MAIL),
        rcpt=quiet(Milter.P_NR_RCPT),
        header=quiet(Milter.P_NR_HDR),
        eoh=quiet(Milter.P_NR_EOH),
        body=quiet(Milter.P_NR_BODY),
        blank=b"" if protocol & Milter.P_HDR_LEADSPC else b" ",
    )


class Messages:
    """How many messages are on their way in this process: who drains waits for them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.open = 0

    def count(self, change: int) -> None:
        """One more, or one less."""
        with self._lock:
            self.open += change


def register(name: str) -> None:
    """Hands libmilter the callbacks that are wanted; call it once, before the socket is opened."""
    milter.set_flags(_ACTIONS)
    milter.set_connect_callback(Milter.connect_callback)
    milter.set_envfrom_callback(lambda ctx, *words: ctx.getpriv().envfrom_bytes(*words))
    milter.set_envrcpt_callback(lambda ctx, *words: ctx.getpriv().envrcpt_bytes(*words))
    milter.set_header_callback(lambda ctx, name, value: ctx.getpriv().header_bytes(name, value))
    milter.set_eoh_callback(lambda ctx: ctx.getpriv().eoh())
    milter.set_body_callback(lambda ctx, chunk: ctx.getpriv().body(chunk))
    milter.set_eom_callback(lambda ctx: ctx.getpriv().eom())
    milter.set_abort_callback(lambda ctx: ctx.getpriv().abort())
    milter.set_close_callback(Milter.close_callback)
    milter.register(name, data=lambda ctx: ctx.getpriv().data(), negotiate=Milter.negotiate_callback)


def serve_with(judge: Judge, journal: Journal) -> Messages:
    """Has every connection of this process judged by one judge; returns the count of messages on their way."""
    messages = Messages()
    Milter.factory = lambda: Session(judge, journal, messages)
    return messages


class Session(Milter.Base):  # type: ignore[misc]
    """One connection from Postfix: any number of messages, one after the other."""

    def __init__(
        self, judge: Judge, journal: Journal, messages: Messages, clock: Callable[[], float] = clock.now
    ) -> None:
        self._judge = judge
        self._journal = journal
        self._messages = messages
        self._clock = clock
        self._busy = False
        self._client: str | None = None
        self._local = False
        self._hostname = judge.settings.site.hostname.lower()
        self._case: Case | None = None
        self._envelope = Envelope()
        self._fields: list[tuple[str, bytes]] = []
        self._agreed = _agreed(0)
        self._headers: Headers | None = None
        self._verdict: Verdict | None = None
        self._body: list[bytes] | None = None
        self._room = 0

    # -- what Postfix tells ----------------------------------------------------------------------------------------

    def negotiate(self, opts: list[int]) -> int:
        """Keeps what is needed of what this Postfix offers."""
        offered_actions, offered = opts[0], opts[1]
        self._actions = opts[0] = offered_actions & _ACTIONS
        bodies = 0 if self._judge.reads_bodies else Milter.P_NOBODY
        self._protocol = opts[1] = offered & (_PROTOCOL | bodies)
        self._agreed = _agreed(self._protocol)
        opts[2] = opts[3] = 0
        return _CONTINUE

    def connect(self, hostname: str, family: int, hostaddr: Any) -> int:
        """The SMTP client; mail of a local program comes from port 0 of localhost."""
        address, port = hostaddr[:2] if isinstance(hostaddr, tuple) else (hostaddr, None)
        self._client = address or None
        self._local = port == 0 and address in _LOOPBACK
        return self._agreed.connect

    def envfrom(self, path: str, *parameters: str) -> int:
        """MAIL: a new message begins. The login is known here, and not at every later event."""
        self._abandon()
        self._fields = []
        self._headers = self._verdict = self._body = None
        self._busy = True
        self._messages.count(1)
        size = next((word[5:] for word in parameters if word[:5].upper() == "SIZE="), "")
        try:
            login = self.getsymval("{auth_authen}")
        except UnicodeDecodeError:
            # pymilter reads macros as UTF-8. A login that is none owns nothing, but it is a login.
            login = "\N{REPLACEMENT CHARACTER}"
        self._envelope = Envelope(
            client=self._client,
            login=login or None,
            sender=path,
            size=int(size) if size.isdecimal() and len(size) < 19 else None,
            local=self._local,
        )
        return self._agreed.mail

    def envrcpt(self, path: str, *parameters: str) -> int:
        """RCPT: nothing is decided for a single recipient."""
        self._envelope.recipients.append(path)
        return self._agreed.rcpt

    def data(self) -> int:
        """DATA: the envelope is whole."""
        return self._guarded(self._judge_envelope, Stage.DATA)

    def header_bytes(self, name: str, value: bytes) -> int:
        """One header field, kept as it came."""
        self._fields.append((name, self._agreed.blank + value))
        return self._agreed.header

    def eoh(self) -> int:
        """The header fields are whole: they are judged now, and answered for at the end of the message."""
        answer = self._guarded(self._judge_headers, Stage.HEADERS)
        return self._agreed.eoh if answer == _CONTINUE else answer

    def body(self, chunk: bytes) -> int:
        """A piece of the body, kept where a check has a question about it."""
        if self._body is not None and self._room > 0:
            self._body.append(chunk)
            self._room -= len(chunk)
        return self._agreed.body

    def eom(self) -> int:
        """The message is whole."""
        return self._guarded(self._judge_message, Stage.MESSAGE)

    def abort(self) -> int:
        """The client went away or began anew; nothing was decided."""
        self._abandon()
        return _CONTINUE

    def close(self) -> int:
        """The connection ended."""
        self._abandon()
        return _CONTINUE

    # -- what is decided -------------------------------------------------------------------------------------------

    def _judge_envelope(self) -> int:
        case = self._opened()
        verdict = case.at_data()
        return self._finished(case, verdict) if verdict.action.refuses else _CONTINUE

    def _judge_headers(self) -> int:
        # Without DATA (an MTA that does not tell it, a test) the envelope is judged here.
        verdict = None
        case = self._case
        if case is None:
            case = self._opened()
            verdict = case.at_data()
        self._headers = Headers(self._fields)
        if verdict is None or not verdict.action.refuses:
            verdict = case.at_headers(self._headers)
        self._verdict = verdict
        self._body = None
        if not verdict.action.refuses:
            wanted = case.wanted_of_body
            self._room = sys.maxsize if wanted is None else wanted
            self._body = [] if self._room else None
        return _CONTINUE

    def _judge_message(self) -> int:
        if self._verdict is None:
            self._judge_headers()
        case, verdict, headers = self._case, self._verdict, self._headers
        assert case is not None
        assert verdict is not None
        assert headers is not None
        if not verdict.action.refuses:
            verdict = case.at_end(b"".join(self._body or ()))
        forged = self._forged(headers)
        if len(forged) > _MOST_FORGED:
            # Postfix's cleanup gives up at thousands of changes to one message, and each costs more than the last.
            return self._finished(case, Verdict(Action.REJECT, verdict.rulings, Stage.HEADERS), _too_many_forged())
        if not verdict.action.refuses:
            # Before the decision is written: a change that fails must not stand in the journal as an accepted message.
            self._mark(case, verdict, forged)
        return self._finished(case, verdict)

    def _mark(self, case: Case, verdict: Verdict, forged: list[tuple[str, int]]) -> None:
        # From the last to the first, because numbers close up.
        for name, number in reversed(forged):
            self.chgheader(name, number, "")
        blank = "" if self._agreed.blank else " "
        for name, value in case.headers(verdict):
            # What was proved about a message stands above what came with it (RFC 8601 4.1).
            self.addheader(name, blank + value, 0 if name == RESULTS_HEADER else -1)
        if verdict.action is Action.HOLD:
            self.quarantine(f"postclerk {case.incident}")

    def _opened(self) -> Case:
        self._case = self._judge.open(self._envelope, self._clock())
        return self._case

    def _finished(self, case: Case, verdict: Verdict, reply: Reply | None = None) -> int:
        """Writes the decision down, then tells it."""
        decided = case.record(verdict, self._queue_id())
        if self._envelope.local and verdict.action is Action.DEFER:
            decided["submission"] = self._fingerprint()
        try:
            self._journal.write(decided)
        except JournalFull as fault:
            events.journal_failed(case.incident, fault)
            self._abandon()
            return self._refuse(_cannot_write(case.incident))
        events.decided(decided)
        if not verdict.action.refuses:
            # What it reserved stays counted.
            self._case = None
            self._abandon()
            return _CONTINUE
        self._abandon()
        reply = reply or case.reply(verdict)
        return self._refuse(reply) if reply else int(Milter.TEMPFAIL)

    def _refuse(self, reply: Reply) -> int:
        # A 4xx reply under REJECT, or a 5xx one under TEMPFAIL, would lose its text.
        self.setreply(*reply.for_libmilter(one_line=self._envelope.local))
        return int(Milter.REJECT if reply.code >= 500 else Milter.TEMPFAIL)

    def _guarded(self, step: Callable[[], int], stage: Stage) -> int:
        try:
            return step()
        except Exception as error:  # noqa: BLE001 - the edge: no message is lost or waved through by a fault of ours
            return self._failed(error, stage)

    def _failed(self, error: Exception, stage: Stage) -> int:
        case = self._case
        incident = case.incident if case else new_incident()
        events.session_failed(incident, error)
        deferred = Verdict(Action.DEFER, (), stage)
        try:
            queue_id = self._queue_id()
            known = case.record(deferred, queue_id) if case else None
            self._journal.write(known or record(self._envelope, incident, self._clock(), deferred, queue_id))
        except Exception as fault:  # noqa: BLE001 - the reply and the reservation must not hang on the journal
            events.journal_failed(incident, fault)
        self._abandon()
        return self._refuse(_broken(incident))

    def _abandon(self) -> None:
        """The message is over, or its client went away; what it reserved is given back unless it was accepted."""
        if self._busy:
            self._busy = False
            self._messages.count(-1)
        case, self._case = self._case, None
        if case is not None:
            try:
                case.give_back()
            except Unavailable as fault:
                events.counter_failed(case.incident, fault)

    def _queue_id(self) -> str | None:
        queue_id = self.getsymval("i")
        return str(queue_id) if queue_id else None

    def _forged(self, headers: Headers) -> list[tuple[str, int]]:
        """The fields that only we may set, each with its number among those of its name."""
        if headers.has_none_of(_FORGEABLE):
            return []
        ours = (name for name in _OURS if name in headers)
        found = [(name, number) for name in ours for number in range(1, len(headers.all(name)) + 1)]
        results = headers.all(RESULTS_HEADER.lower())
        named = (number for number, value in enumerate(results, 1) if authserv_id(value) == self._hostname)
        return found + [(RESULTS_HEADER.lower(), number) for number in named]

    def _fingerprint(self) -> str:
        """What stays the same when a local program's mail is submitted again: its envelope and its own header."""
        digest = hashlib.sha256(repr((self._envelope.sender, self._envelope.recipients)).encode())
        for name, value in self._fields:
            if name.lower() not in ("received", "message-id", "date"):
                digest.update(name.encode("utf-8", "surrogateescape") + b":" + value + b"\n")
        return digest.hexdigest()


def authserv_id(value: str) -> str:
    """Who says it in an Authentication-Results field (RFC 8601 2.2), in lower case; comments and folds are skipped."""
    depth, quoted, name = 0, False, ""
    characters = iter(value)
    for char in characters:
        if char == "\\" and (depth or quoted):
            escaped = next(characters, "")
            name += "" if depth else escaped
        elif quoted or depth:
            depth += {"(": 1, ")": -1}.get(char, 0) if depth else 0
            quoted = quoted and char != '"'
            name += char if quoted else ""
        elif char == "(":
            depth = 1
        elif char == '"':
            quoted = True
        elif char == ";" or (char.isspace() and name):
            break
        elif not char.isspace() and char != ")":
            name += char
    return name.lower()


def _cannot_write(incident: str) -> Reply:
    text = "The server cannot write down its decision, so it takes no mail now; the message will be tried again."
    return Reply.of(451, "4.3.0", [text], f"Incident {incident}.")


def _too_many_forged() -> Reply:
    return Reply.of(550, "5.6.0", ["The message carries more header fields of this server's own than can be removed."])


def _broken(incident: str) -> Reply:
    text = "The server failed while it judged this message; it will be tried again."
    return Reply.of(451, "4.3.0", [text], f"Incident {incident}.")
