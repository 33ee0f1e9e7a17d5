"""Sending situations and what comes of them: judged by the rules alone, sent through a real Postfix, and shown in
docs/situations.md, all from this table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from tests.stack.keys import Key

HOME = "университет.example"
"""A domain of the site in letters that are not ASCII."""

OURS = Key("uni.example", "mail")
NOTICES = Key("uni.example", "notices")
LISTS = Key("lists.example.org", "list", ("from", "to", "subject", "date", "list-id"))
SEALER = Key("forwarder.example.net", "arc")
UNKNOWN_SEALER = Key("elsewhere.example.net", "arc")
AUTHOR = Key("example.org", "mail")
SILENT = Key("silent.uni.example", "mail")
"""A key about which the DNS does not answer."""

SAME_SELECTOR = Key("example.org", "notices")
NOT_FROM = Key("uni.example", "notices", ("to", "subject", "date"))

KEYS = (OURS, NOTICES, LISTS, SEALER, UNKNOWN_SEALER, AUTHOR, SAME_SELECTOR)

PEOPLE = f"""\
people:
  - login: a.serik
    addresses: [a.serik@uni.example, әлия@{HOME}]
    aliases: [serik@uni.example]
    may_send_as: [office@uni.example, "*@conference.example"]
    unit: registry
  - {{login: b.head, addresses: [b.head@uni.example], unit: registry}}
  - {{login: assistant, addresses: [assistant@uni.example], may_send_on_behalf: [b.head@uni.example]}}
  - {{login: press, addresses: [press@uni.example], unit: press}}
  - {{login: press.trainee, addresses: [press.trainee@uni.example], unit: press}}
  - {{login: teacher, addresses: [teacher@uni.example], groups: [teachers], unit: faculty}}
  - {{login: registry, addresses: [registry@uni.example, archive@uni.example]}}
  - {{login: portal, addresses: [portal@uni.example]}}
  - {{login: night, addresses: [night@uni.example]}}
  - {{login: moodle, addresses: [noreply@uni.example]}}
  - {{login: c.gone, addresses: [c.gone@uni.example]}}
  - {{login: d.granted, addresses: [d.granted@uni.example]}}
lists:
  - address: everybody@uni.example
    members: [{", ".join(f"s{number}@uni.example" for number in range(60))}]
  - {{address: staff@uni.example, members: [a.serik@uni.example, serik@uni.example, it@uni.example]}}
  - {{address: it@uni.example, members: [b.head@uni.example, staff@uni.example]}}
  - {{address: heads@uni.example, members: [b.head@uni.example], may_send: [b.head, "unit:press"]}}
shared:
  - {{address: dean@uni.example, members: [a.serik]}}
"""

LOGINS = (
    "a.serik", "b.head", "assistant", "press", "press.trainee", "teacher", "registry", "portal", "night", "moodle",
    "c.gone", "d.granted", "unlisted",
)  # fmt: skip


def rules(closed: str, dns: str = "") -> str:
    """The site's rules.yaml; `closed` are hours that are not now, `dns` the server to ask."""
    return f"""\
site:
  name: Example University
  hostname: mx.uni.example
  domains: [uni.example, {HOME}]
  networks: [127.0.0.1, 127.0.0.77]
  time_zone: Asia/Almaty
  languages: [kk, ru, tr, en]
  explain_url: https://mail.uni.example/e/
directory: [{{file: people.yaml}}]
store: sqlite:///postclerk.db
relays: [127.0.0.88]
service_notices:
  - {{name: registry, login: registry, from: [registry@uni.example], per_message: 70}}
  - {{name: alarms, networks: [127.0.0.77], per_message: 70}}
  - {{name: portal, dkim: {{domain: uni.example, selector: notices}}, from: [portal@uni.example], per_message: 70}}
  - {{name: night, login: night, hours: "{closed}", per_message: 70}}
rules:
  sender: {{dns: false}}
  return_address:
    lists: [friends.lists.example.org]
    unsigned_lists: [old.lists.example.org]
    arc_sealers: [forwarder.example.net]
  recipients:
    per_message: 50
    caps:
      - {{unit: press, per_message: 65}}
      - {{login: press.trainee, per_message: 10}}
      - {{group: teachers, per_message: 60}}
  suspension: {{}}
dns: {{servers: ["{dns or "127.0.0.1:9"}"], timeout: 1s}}
milter: {{socket_mode: "0666"}}
"""


GRANTS = (("d.granted", "recipients", "per_message", 60),)
"""Login, rule, option and amount of the grants that the situations need."""

SUSPENDED = ("c.gone",)

INSIDE, ALARMS, RELAY, OUTSIDE = "127.0.0.1", "127.0.0.77", "127.0.0.88", "127.0.0.99"
SERIK, HEAD = "a.serik@uni.example", "b.head@uni.example"


@dataclass(frozen=True, slots=True)
class Situation:
    """Who sends what to whom, and what must come of it. A list of fields may name one twice; without From it is the
    envelope sender. `made` changes the written message: signs it, or spoils it."""

    about: str
    expect: str
    code: str = ""
    login: str | None = None
    client: str = OUTSIDE
    sender: str = SERIK
    to: tuple[str, ...] = (HEAD,)
    fields: tuple[tuple[str, str], ...] = ()
    made: Callable[[bytes], bytes] = field(default=lambda message: message)

    @property
    def who(self) -> str:
        """Who sends, in words."""
        if self.login:
            return f"login {self.login}"
        clients = {INSIDE: "a host inside", ALARMS: "the host of the alarms", RELAY: "a relay"}
        return clients.get(self.client, "outside")

    def message(self) -> bytes:
        """The message as it is sent."""
        names = {name for name, _value in self.fields}
        usual = [("From", self.sender), ("To", "somebody@example.net"), ("Subject", "x"), ("Date", DATE)]
        lines = [f"{name}: {value}" for name, value in self.fields]
        lines += [f"{name}: {value}" for name, value in usual if name not in names and value]
        text = "\r\n".join([*lines, "MIME-Version: 1.0", "Content-Type: text/plain; charset=utf-8", "", "Hello.", ""])
        return self.made(text.encode())


DATE = "Mon, 23 Nov 2026 10:00:00 +0500"


def guests(count: int) -> tuple[str, ...]:
    """That many outside addresses."""
    return tuple(f"guest{number:02}@example.net" for number in range(count))


def own(about: str, expect: str = "accept", code: str = "", *, login: str = "a.serik", **said: object) -> Situation:
    """A situation of somebody who logged in."""
    fields = {name.replace("_", "-"): value for name, value in said.items() if name[0].isupper()}
    rest = {name: value for name, value in said.items() if not name[0].isupper()}
    written = tuple(rest.pop("fields", ())) + tuple((name, str(value)) for name, value in fields.items())  # type: ignore[call-overload]
    return Situation(about, expect, code, login=login, fields=written, **rest)  # type: ignore[arg-type]


def outside(about: str, expect: str = "accept", code: str = "", **said: object) -> Situation:
    """A situation of somebody outside, to one of our people."""
    said.setdefault("sender", "guest@example.org")
    made = own(about, expect, code, **said)  # type: ignore[arg-type]
    return Situation(about, expect, code, None, made.client, made.sender, made.to, made.fields, made.made)


def _spoiled(key: Key) -> Callable[[bytes], bytes]:
    return lambda message: key.sign(message).replace(b"Hello.", b"Hello, send money.")


def _with(field: str, key: Key) -> Callable[[bytes], bytes]:
    return lambda message: field.encode() + b"\r\n" + key.sign(message)


def _longer(message: bytes) -> bytes:
    return OURS.sign(message, length=True) + b"And more.\r\n"


EARLIER, MUCH_LATER = 1_790_000_000, 4_000_000_000
"""Times of signatures, before and after any at which these situations are judged."""

FROM_ALARMS = (
    ("Received", f"from alarms.uni.example (alarms.uni.example [{ALARMS}]) by mx.uni.example; {DATE}"),
    ("X-Originating-IP", f"[{ALARMS}]"),
)
RESENT = (("Resent-From", SERIK), ("From", "Author <author@example.org>"))
FRIENDS = ("List-Id", "Friends <friends.lists.example.org>")
SAW_US = "dkim=pass header.d=uni.example; spf=none"

SITUATIONS = {
    "Whose address it is": (
        own("under one's own address"),
        own("… in other letter case", sender="A.Serik@UNI.Example"),
        own("… with a tag", sender="a.serik+lists@uni.example"),
        own("… an alias", sender="serik@uni.example"),
        own("… that one may send as", sender="office@uni.example"),
        own("… any of a domain that one may send as", sender="news@conference.example"),
        own("… of a shared mailbox that one uses", sender="dean@uni.example"),
        own("… in letters that are not ASCII (SMTPUTF8)", sender=f"әлия@{HOME}"),
        own("… the same with its domain in A-labels", sender=f"әлия@{HOME.encode('idna').decode()}"),
        own("… with a quoted local part", sender='"a.serik"@uni.example'),
        own("a login with its domain", login="a.serik@uni.example"),
        own("a login that no directory lists, under the address equal to it", login="unlisted", sender="unlisted@uni.example"),
        own("… under another", "reject", "sender-not-own", login="unlisted"),
        own("an application with a login of its own", login="moodle", sender="noreply@uni.example"),
        own("another's envelope sender", "reject", "sender-not-own", sender=HEAD, From=SERIK),
        own("another's From", "reject", "address-not-own", From=HEAD),
        own("another's Sender", "reject", "address-not-own", Sender=HEAD),
        own("answers to somewhere else", "reject", "address-not-own", Reply_To="a.serik@example.org"),
        own("a read receipt to another", "reject", "address-not-own", Disposition_Notification_To=HEAD),
        own("errors to another", "reject", "address-not-own", Errors_To=HEAD),
        own("two authors, both oneself, with Sender", fields=(("From", f"{SERIK}, dean@uni.example"), ("Sender", SERIK))),
        own("two authors, one of them another", "reject", "address-not-own", From=f"{SERIK}, {HEAD}", Sender=SERIK),
        own("From twice, the second another's", "reject", "address-not-own", fields=(("From", SERIK), ("From", HEAD))),
        own("a group of authors, one of them another", "reject", "address-not-own", From=f"Office: {SERIK}, {HEAD};"),
        own("From folded between name and address", From=f"A. Serik\r\n <{SERIK}>"),
        own("a name that reads as another's address", "reject", "display-name-claims-address", From=f'"{HEAD}" <{SERIK}>'),
        own(
            "… in an encoded word",
            "reject",
            "display-name-claims-address",
            From=f"=?utf-8?B?Yi5oZWFkQHVuaS5leGFtcGxl?= <{SERIK}>",
        ),
        own("… in a comment", "reject", "display-name-claims-address", From=f"{SERIK} ({HEAD})"),
        own("… with a wide at-sign", "reject", "display-name-claims-address", From=f'"b.head＠uni.example" <{SERIK}>'),
        own("on behalf of a principal", login="assistant", sender="assistant@uni.example", From=HEAD, Sender="assistant@uni.example"),
        own("… without saying so in Sender", "reject", "address-not-own", login="assistant", sender="assistant@uni.example", From=HEAD),
        own("no sender, own From, one recipient: an automatic reply", sender="", From=SERIK),
        own("no sender, two recipients", "reject", "null-sender-misused", sender="", From=SERIK, to=(HEAD, "c@uni.example")),
    ),
    "Mail of others that is passed on": (
        own("signed by its author", fields=RESENT, made=AUTHOR.sign),
        own("not signed", "reject", "resent-unproved", fields=RESENT),
        own("signed, and changed since", "reject", "resent-unproved", fields=RESENT, made=_spoiled(AUTHOR)),
        own("signed, with a Reply-To that was not", "reject", "resent-unproved", fields=RESENT, made=_with(f"Reply-To: <{HEAD}>", Key("example.org", "mail", ("from", "subject")))),
        own("as another", "reject", "address-not-own", fields=(("Resent-From", HEAD), RESENT[1]), made=AUTHOR.sign),
    ),
    "How many, and which lists": (
        own("fifty recipients", to=guests(50)),
        own("fifty-one", "reject", "too-many-recipients", to=guests(51)),
        own("a list of sixty", "reject", "list-too-large", to=("everybody@uni.example",)),
        own("lists in a list, and a member of it: each person once", to=("staff@uni.example", HEAD, *guests(48))),
        own("a list that only some may send to", "reject", "list-closed", to=("heads@uni.example",)),
        own("… by one of them", login="b.head", sender=HEAD, to=("heads@uni.example",)),
        own("… by one of a unit that may", login="press", sender="press@uni.example", to=("heads@uni.example",)),
        outside("… from outside", "reject", "list-closed", to=("heads@uni.example",)),
        own("a unit with a cap of its own", login="press", sender="press@uni.example", to=guests(65)),
        own("… and one of it with another", "reject", "too-many-recipients", login="press.trainee", sender="press.trainee@uni.example", to=guests(11)),
        own("a group with a cap of its own", login="teacher", sender="teacher@uni.example", to=guests(60)),
        own("a grant that raises the cap", login="d.granted", sender="d.granted@uni.example", to=guests(60)),
        own("… for so many and no more", "reject", "too-many-recipients", login="d.granted", sender="d.granted@uni.example", to=guests(61)),
    ),
    "Service notices": (
        own("by its login", login="registry", sender="registry@uni.example", to=guests(60)),
        own("… beyond its own bound", "reject", "service-notice-too-large", login="registry", sender="registry@uni.example", to=guests(71)),
        own("… under another sender", "reject", "too-many-recipients", login="registry", sender="archive@uni.example", to=guests(60)),
        own("… under another From", "reject", "service-notice-sender", login="registry", sender="registry@uni.example", From="archive@uni.example", to=guests(60)),
        own("… outside its hours", "reject", "service-notice-outside-hours", login="night", sender="night@uni.example", to=guests(60)),
        Situation("by its host", "accept", client=ALARMS, sender="alarms@uni.example", to=guests(60)),
        Situation("… to more than it may", "reject", "service-notice-too-large", client=ALARMS, sender="alarms@uni.example", to=guests(71)),
        Situation("by another host, which says that it was that one", "reject", "too-many-recipients", client=INSIDE, sender="alarms@uni.example", to=guests(60), fields=FROM_ALARMS),
        own("by a login that says that it was that one", "reject", "too-many-recipients", to=guests(60), fields=FROM_ALARMS),
        Situation("by another host", "reject", "too-many-recipients", client=INSIDE, sender="alarms@uni.example", to=guests(60)),
        own("by its signature", login="portal", sender="portal@uni.example", to=guests(60), made=NOTICES.sign),
        own("… by another key of the domain", "reject", "service-notice-unproved", login="portal", sender="portal@uni.example", to=guests(60), made=OURS.sign),
        own("… that does not verify", "reject", "service-notice-unproved", login="portal", sender="portal@uni.example", to=guests(60), made=_spoiled(NOTICES)),
        own("… that does not cover all", "reject", "service-notice-unproved", login="portal", sender="portal@uni.example", to=guests(60), made=lambda message: NOTICES.sign(message, length=True)),
        own("… that has expired", "reject", "service-notice-unproved", login="portal", sender="portal@uni.example", to=guests(60), made=lambda message: NOTICES.sign_oddly(message, t=EARLIER - 60, x=EARLIER)),
        own("… that has not yet", login="portal", sender="portal@uni.example", to=guests(60), made=lambda message: NOTICES.sign_oddly(message, x=MUCH_LATER)),
        own("… that does not cover From", "reject", "service-notice-unproved", login="portal", sender="portal@uni.example", to=guests(60), made=NOT_FROM.sign_oddly),
        own("… by the same selector of another domain", "reject", "service-notice-unproved", login="portal", sender="portal@uni.example", to=guests(60), made=SAME_SELECTOR.sign),
        own("… and another's signature above it", login="portal", sender="portal@uni.example", to=guests(60), made=lambda message: AUTHOR.sign(NOTICES.sign(message))),
        own("the signed notice, sent by another", "reject", "too-many-recipients", to=guests(60), made=NOTICES.sign),
        own("everything that one can type", "reject", "too-many-recipients", to=guests(60), X_Service_Notice="yes", Precedence="bulk", X_Policy_Action="accept", Auto_Submitted="auto-generated"),
    ),
    "From outside": (
        outside("under one's own address"),
        outside("our address in From", "reject", "inside-address-forged", From=HEAD),
        outside("our address in Sender", "reject", "inside-address-forged", Sender=HEAD),
        outside("our address as envelope sender", "reject", "inside-address-forged", sender=HEAD, From="guest@example.org"),
        outside("our address in Reply-To alone", Reply_To=HEAD),
        outside("a delivery report, without a sender", sender="", From="mailer-daemon@example.org"),
        outside("our address as a name", "tag", "display-name-disguised", From=f'"{HEAD}" <x@evil.example>'),
        outside("in our name, signed by us", From=HEAD, made=OURS.sign),
        outside("… with a signature that does not verify", "hold", "inside-address-returned", From=HEAD, made=_spoiled(OURS)),
        outside("… with a signature that leaves room for more", "hold", "inside-address-returned", From=HEAD, made=_longer),
        outside("… with a second From above the signed one", "hold", "inside-address-returned", From=HEAD, made=_with(f"From: {SERIK}", OURS)),
        outside("… signed by somebody else", "reject", "inside-address-forged", From=HEAD, made=AUTHOR.sign),
        outside("… with a key about which the DNS is silent", "defer", "unavailable", From=HEAD, made=SILENT.sign),
        outside("… through a mailing list", "hold", "inside-address-returned", From=HEAD, List_Id="<list.example.org>"),
        outside("… through a named list, signed by it", fields=(("From", HEAD), FRIENDS), made=LISTS.sign),
        outside("… through a named list, not signed", "hold", "inside-address-returned", fields=(("From", HEAD), FRIENDS)),
        outside("… through a list that is named as unsigned", From=HEAD, List_Id="<old.lists.example.org>"),
        outside("… with an ARC chain of a named forwarder that saw our signature", From=HEAD, made=lambda message: SEALER.seal(message, SAW_US)),
        outside("… of a named forwarder that saw none", "hold", "inside-address-returned", From=HEAD, made=lambda message: SEALER.seal(message, "dkim=none; spf=pass smtp.mailfrom=uni.example")),
        outside("… of somebody else", "hold", "inside-address-returned", From=HEAD, made=lambda message: UNKNOWN_SEALER.seal(message, SAW_US)),
        outside("… of nobody", "hold", "inside-address-returned", From=HEAD, ARC_Seal="i=1; d=forwarder.example.net; cv=none"),
        outside("in our name, from a relay", client=RELAY, sender="list-bounces@example.org", From=HEAD),
    ),
    "Hosts inside": (
        Situation("a host under its own name", "accept", client=INSIDE, sender="root@db1.uni.example"),
        Situation("a host under an outside address", "reject", "sender-not-own", client=INSIDE, sender="x@example.org"),
    ),
    "Suspended": (
        own("to anybody", "reject", "suspended", login="c.gone", sender="c.gone@uni.example"),
        own("to postmaster", "tag", "suspended", login="c.gone", sender="c.gone@uni.example", to=("postmaster@uni.example",)),
        outside("mail to the suspended", to=("c.gone@uni.example",)),
    ),
}  # fmt: skip

ALL = [(f"{group}: {one.about}", one) for group, those in SITUATIONS.items() for one in those]


def as_markdown() -> str:
    """docs/situations.md."""
    lines = [HEADING]
    for group, those in SITUATIONS.items():
        lines += [f"## {group}", "", "| who | sends | comes to | finding |", "| --- | --- | --- | --- |"]
        lines += [f"| {one.who} | {one.about} | {one.expect} | {one.code} |" for one in those]
        lines.append("")
    return "\n".join(lines)


HEADING = """\
# Sending situations

What the rules make of them, with the defaults and what `tests/situations.py` names: lists, keys, caps, grants. Each row
is judged by the rules alone and sent through a real Postfix by the tests, which also make this page.
"""
