"""The demo's scenes: what is sent, how, and what must come of it. The end-to-end tests play the same ones."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from email.message import EmailMessage

from tests.stack.whole import OUTSIDE, Answer, Stack

INSIDE_CLIENT = "127.0.0.1"
Headers = dict[str, str]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a scene: the last answer of the server, and what was delivered to whom with which policy headers."""

    answer: Answer | None
    delivered: dict[str, Headers] = field(default_factory=dict)
    held: int = 0


@dataclass(frozen=True, slots=True)
class Scene:
    """One row of the demo.

    `code` and `says` are expected of the server's last answer, `delivered` maps each mailbox that must have got the
    message to the policy headers that it must bear there; every other mailbox of `watch` must stay empty.
    """

    name: str
    about: str
    play: Callable[[Stack], Answer | None]
    code: int | None
    says: tuple[str, ...] = ()
    delivered: dict[str, tuple[str, ...]] = field(default_factory=dict)
    watch: tuple[str, ...] = ()
    held: int = 0

    @property
    def mailboxes(self) -> tuple[str, ...]:
        """Every mailbox to look into."""
        return tuple(dict.fromkeys((*self.delivered, *self.watch)))

    def failures(self, outcome: Outcome) -> list[str]:
        """What is not as it must be, in words."""
        wrong = []
        code = outcome.answer.code if outcome.answer else None
        if code != self.code:
            wrong.append(f"answered {code} instead of {self.code}")
        text = outcome.answer.text if outcome.answer else ""
        wrong += [f"the answer does not say {part!r}" for part in self.says if part not in text]
        for mailbox in self.mailboxes:
            wrong += self._failures_in(mailbox, outcome)
        if outcome.held != self.held:
            wrong.append(f"{outcome.held} held instead of {self.held}")
        return wrong

    def _failures_in(self, mailbox: str, outcome: Outcome) -> list[str]:
        headers = outcome.delivered.get(mailbox)
        if mailbox not in self.delivered:
            return [f"{mailbox} got it"] if headers is not None else []
        if headers is None:
            return [f"{mailbox} did not get it"]
        shown = [f"{name}: {value}" for name, value in headers.items()]
        expected = self.delivered[mailbox]
        missing = [part for part in expected if not any(part in line for line in shown)]
        if missing or (shown and not expected):
            return [f"{mailbox} has the headers {shown or 'none'}"]
        return []


def letter(sender: str, to: str, subject: str, **fields: str) -> bytes:
    """A short message; a field named with underscores replaces the usual one."""
    message = EmailMessage()
    written = {"From": sender, "To": to, "Subject": subject, "Date": "Mon, 23 Nov 2026 10:00:00 +0500"}
    written.update({name.replace("_", "-"): value for name, value in fields.items()})
    for name, value in written.items():
        message[name] = value
    message.set_content("Good morning,\n\nplease see the subject.\n")
    return message.as_bytes().replace(b"\n", b"\r\n")


def addresses(count: int) -> list[str]:
    """That many outside addresses."""
    return [f"guest{number:02}@example.org" for number in range(1, count + 1)]


SERIK, HEAD, REGISTRY = "a.serik@uni.example", "b.head@uni.example", "registry@uni.example"


def ordinary(stack: Stack) -> Answer:
    message = letter(f"A. Serik <{SERIK}>", HEAD, "ordinary")
    return stack.send(message, sender=SERIK, to=[HEAD], login="a.serik")


def forged_sender(stack: Stack) -> Answer:
    message = letter(f"B. Head <{HEAD}>", REGISTRY, "forged sender")
    return stack.send(message, sender=HEAD, to=[REGISTRY], login="a.serik")


def forged_from_outside(stack: Stack) -> Answer:
    message = letter(f"B. Head <{HEAD}>", SERIK, "forged from outside")
    return stack.send(message, sender=HEAD, to=[SERIK], client=OUTSIDE)


def somebody_elses_from(stack: Stack) -> Answer:
    message = letter(f"B. Head <{HEAD}>", REGISTRY, "somebody else's From")
    return stack.send(message, sender=SERIK, to=[REGISTRY], login="a.serik")


def foreign_reply_to(stack: Stack) -> Answer:
    message = letter(SERIK, HEAD, "foreign Reply-To", Reply_To="a.serik@example.org")
    return stack.send(message, sender=SERIK, to=[HEAD], login="a.serik")


def name_reads_as_another(stack: Stack) -> Answer:
    message = letter(f'"{HEAD}" <{SERIK}>', REGISTRY, "the name is an address")
    return stack.send(message, sender=SERIK, to=[REGISTRY], login="a.serik")


def fifty_one(stack: Stack) -> Answer:
    message = letter(SERIK, "guests:;", "fifty-one recipients")
    return stack.send(message, sender=SERIK, to=addresses(51), login="a.serik")


def service_notice(stack: Stack) -> Answer:
    message = letter(REGISTRY, "guests:;", "the same as a service notice")
    return stack.send(message, sender=REGISTRY, to=addresses(51), login="registry")


def forged_notice(stack: Stack) -> Answer:
    fields = {"X_Service_Notice": "yes", "Precedence": "service-notice", "X_Policy_Action": "accept"}
    message = letter(SERIK, "guests:;", "[service notice] forged", **fields)
    return stack.send(message, sender=SERIK, to=addresses(51), login="a.serik")


def burst(stack: Stack) -> Answer:
    """Four messages to 50 recipients are 200 in the hour; the fifth has one recipient too many."""
    sender = "c.burst@uni.example"
    with stack.connect(login="c.burst") as session:
        for number in range(4):
            message = letter(sender, "guests:;", f"burst {number}")
            answer = stack.send(message, sender=sender, to=addresses(50), session=session)
            if answer.code != 250:
                return answer
        return stack.send(letter(sender, SERIK, "burst, the last"), sender=sender, to=[SERIK], session=session)


REPORT = """\
From: Mail Delivery System <mailer-daemon@example.org>\r
To: a.serik@uni.example\r
Subject: Undelivered mail returned to sender\r
Auto-Submitted: auto-replied\r
MIME-Version: 1.0\r
Content-Type: multipart/report; report-type=delivery-status; boundary=b\r
\r
--b\r
Content-Type: text/plain\r
\r
Your message could not be delivered.\r
--b\r
Content-Type: message/delivery-status\r
\r
Reporting-MTA: dns; mail.example.org\r
\r
Final-Recipient: rfc822; nobody@example.org\r
Action: failed\r
Status: 5.1.1\r
--b--\r
"""


def bounce(stack: Stack) -> Answer:
    return stack.send(REPORT.encode(), sender="", to=[SERIK])


def null_sender_misused(stack: Stack) -> Answer:
    message = letter(SERIK, HEAD, "no sender")
    return stack.send(message, sender="", to=[HEAD, REGISTRY], login="a.serik")


def by_sendmail(stack: Stack) -> None:
    message = letter("root@uni.example", HEAD, "by sendmail").replace(b"\r\n", b"\n")
    stack.postfix.sendmail("-f", "root@uni.example", HEAD, message=message)


def by_sendmail_forged(stack: Stack) -> None:
    """Refused mail of a local program comes back as a bounce of Postfix's own."""
    message = letter("somebody@example.org", HEAD, "by sendmail, forged").replace(b"\r\n", b"\n")
    stack.postfix.sendmail("-f", REGISTRY, HEAD, message=message)


def from_a_printer(stack: Stack) -> Answer:
    message = letter("Scanner <scanner@hall2.uni.example>", SERIK, "a scan")
    return stack.send(message, sender="scanner@hall2.uni.example", to=[SERIK], client=INSIDE_CLIENT)


def returned_by_list(stack: Stack) -> Answer:
    fields = {"List_Id": "Friends <friends.example.org>"}
    message = letter(f"A. Serik <{SERIK}>", "friends@example.org", "back from a list", **fields)
    return stack.send(message, sender="friends-bounces@example.org", to=[HEAD])


def released(stack: Stack) -> None:
    """The postmaster looks at what is held and lets it go."""
    for queue_id in stack.postfix.held():
        stack.postfix.release(queue_id)


def forged_policy_headers(stack: Stack) -> Answer:
    fields = {
        "X_Policy_Action": "accept; rule=none",
        "Authentication_Results": "mx.uni.example; dkim=pass header.d=uni.example",
    }
    message = letter("Guest <guest@example.org>", HEAD, "forged headers", **fields)
    return stack.send(message, sender="guest@example.org", to=[HEAD])


SCENES = (
    Scene(
        "ordinary",
        "a.serik writes to b.head",
        ordinary,
        250,
        delivered={HEAD: ("Authentication-Results: mx.uni.example;\tauth=pass smtp.auth=a.serik",)},
    ),
    Scene(
        "forged-sender",
        "a.serik logs in and sends as b.head",
        forged_sender,
        550,
        ("[1.3.2-b]", "does not belong to the login a.serik", "/e/"),
        watch=(REGISTRY,),
    ),
    Scene(
        "forged-from-outside",
        "an outside client sends as b.head",
        forged_from_outside,
        550,
        ("[1.3.2-b]", "comes from outside"),
        watch=(SERIK,),
    ),
    Scene(
        "somebody-elses-from",
        "a.serik's own sender, b.head in From",
        somebody_elses_from,
        550,
        ("[1.3.2-b] The From address b.head@uni.example",),
        watch=(REGISTRY,),
    ),
    Scene(
        "foreign-reply-to",
        "a.serik has answers sent elsewhere",
        foreign_reply_to,
        550,
        ("[1.3.2-b] The Reply-To address a.serik@example.org",),
        watch=(HEAD,),
    ),
    Scene(
        "name-reads-as-another",
        "a.serik calls himself “b.head@uni.example”",
        name_reads_as_another,
        550,
        ("[1.3.2-b] The name in From reads as the address b.head@uni.example",),
        watch=(REGISTRY,),
    ),
    Scene(
        "fifty-one-recipients",
        "a.serik writes to 51 outside addresses",
        fifty_one,
        550,
        ("[1.3.2-a] 51 recipients; at most 50 are allowed in one message.", "service notice"),
        watch=tuple(addresses(51)),
    ),
    Scene(
        "service-notice",
        "the registry writes to the same 51",
        service_notice,
        250,
        delivered=dict.fromkeys(addresses(51), ()),
    ),
    Scene(
        "forged-notice",
        "a.serik types “service notice” into headers",
        forged_notice,
        550,
        ("[1.3.2-a] 51 recipients",),
        watch=tuple(addresses(51)),
    ),
    Scene(
        "burst",
        "c.burst: 4 × 50 recipients, then one more",
        burst,
        550,
        ("[1.3.2-a] This message would make 201 recipients within an hour; at most 200 are allowed.",),
        delivered=dict.fromkeys(addresses(50), ()),
        watch=(SERIK,),
    ),
    Scene("bounce", "a delivery report from outside, null sender", bounce, 250, delivered={SERIK: ()}),
    Scene(
        "null-sender-misused",
        "a.serik writes to two with the null sender",
        null_sender_misused,
        550,
        ("[1.3.2-b] The null sender",),
        watch=(HEAD, REGISTRY),
    ),
    Scene("sendmail", "a program on the server uses `sendmail`", by_sendmail, None, delivered={HEAD: ()}),
    Scene(
        "sendmail-forged",
        "… with a From that is not ours",
        by_sendmail_forged,
        None,
        delivered={REGISTRY: ()},
        watch=(HEAD,),
    ),
    Scene("printer", "a scanner inside, no login", from_a_printer, 250, delivered={SERIK: ()}),
    Scene(
        "returned-by-list",
        "an outside list returns a.serik's posting",
        returned_by_list,
        250,
        watch=(HEAD,),
        held=1,
    ),
    Scene(
        "released",
        "the postmaster releases what is held",
        released,
        None,
        delivered={
            HEAD: (
                "X-Policy-Action: hold; rule=return_address; clause=1.3.2-b; code=inside-address-returned; id=",
                "X-Policy-Reason: From claims an address of this site",
                "/e/",
            )
        },
        held=-1,
    ),
    Scene(
        "forged-policy-headers",
        "outside mail with forged policy headers",
        forged_policy_headers,
        250,
        delivered={HEAD: ()},
    ),
)


POLICY_FIELDS = ("X-Policy-Action", "X-Policy-Reason", "X-Policy-Explained", "Authentication-Results")


def play(scene: Scene, stack: Stack) -> Outcome:
    """Plays a scene on a stack whose mailboxes are empty, and looks at what came of it."""
    stack.dovecot.clear()
    held_before = len(stack.postfix.held())
    answer = scene.play(stack)
    stack.postfix.wait_until_delivered()
    delivered = {}
    present = set(stack.dovecot.mailboxes())
    for mailbox in scene.mailboxes:
        if mailbox in present:
            # What we write ourselves about it comes a moment later, and is looked at elsewhere.
            ordinary = [one for one in stack.dovecot.messages(mailbox) if "X-Auto-Response-Suppress" not in one]
            for message in ordinary[:1]:
                delivered[mailbox] = {name: str(message[name]) for name in POLICY_FIELDS if name in message}
    return Outcome(answer, delivered, len(stack.postfix.held()) - held_before)
