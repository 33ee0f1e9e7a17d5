"""The weekly digest: the letters that wait for somebody's answer, and his week in numbers; the same of a unit.

It is written in its reader's language alone. What letters say of themselves is hostile: it is cut to a length, freed
of what cannot be seen, and shown where it cannot change what stands around it.
"""

from __future__ import annotations

import binascii
import datetime
import hashlib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from email import base64mime
from email.message import EmailMessage, MIMEPart
from functools import lru_cache
from importlib.resources import files
from typing import Any
from urllib.parse import quote

import css_inline
from jinja2 import Environment, StrictUndefined, Template

from postclerk.core.addresses import printable
from postclerk.core.digest import AbsentPerson, PersonalDigest, UnitDigest, WaitingLetter, Week
from postclerk.languages import Language
from postclerk.mails import chart
from postclerk.mails.message import POLICY, Sender, header

_MOST_LETTERS = 25
_MOST_ABSENT = 25
_MOST_OCTETS = 97_000
"""What text, page and pictures may take as they are sent; with the headers the mail stays below 100 KB."""

_MINUTE = datetime.timedelta(minutes=1)
_LONGEST_NAME = 80
_LONGEST_TEXT = 160
_LONGEST_LINK = 600
_BLANK = " \u00a0\u115f\u1160\u2800\u3164\uffa0"
"""Characters that print nothing, and that Unicode yet calls printable."""

_LINK = re.compile(r"https?://[^/?#\s]", re.IGNORECASE)
_WEBSITE = re.compile(r"https://", re.IGNORECASE)
_MESSAGE_ID = re.compile(r"<?([^<>\s@]{1,120}@[^<>\s@]{1,120})>?")
_WHOLE = "!#$%&'()*+,/:;=?@[]~"
"""What stays in a link as it is (RFC 3986); other characters are written by their octets."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that goes with the mail: its name there, its octets, and what it shows, in words."""

    cid: str
    octets: bytes
    says: str


@dataclass(frozen=True, slots=True)
class Row:
    """A letter as it is shown: what leads it and what stands under that, how late it is, and what can be done."""

    title: str
    about: Sequence[str]
    pressing: bool
    mark: str
    link: str
    actions: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class _Page:
    """What a digest says, in the order of its reading; `picture` and `past` are the week's and the medians' one."""

    language: str
    site: str
    days: str
    heading: str
    greeting: str
    leads: Sequence[str]
    preview: str
    week_heading: str
    columns: Sequence[tuple[str, str]]
    picture: Picture | None
    timed: bool
    time_heading: str
    median: str
    past: Picture | None
    past_from: str
    past_to: str
    absent_heading: str
    absent: Sequence[tuple[str, str]]
    absent_advice: str
    letters_heading: str
    letters: Sequence[Row]
    more: str
    advice: str
    footer: str
    leave: tuple[str, str] | None


def personal(
    digest: PersonalDigest, sender: Sender, to: str, language: Language, *, at: datetime.datetime
) -> EmailMessage:
    """The digest of one person."""
    waiting = len(digest.letters) + digest.more
    if waiting:
        heading = language.count(
            "{n} letter is waiting for your answer", "{n} letters are waiting for your answer",
            waiting, n=language.number(waiting),
        )  # fmt: skip
        lead = language.text(
            "These letters still wait for a word from you, the oldest first. A line is often enough: when you will look"
            " into it, or who can help."
        )
    else:
        heading = language.text("Nothing is waiting for your answer")
        lead = language.text("Every letter has its answer. Thank you, and have a good week!")

    def page(most: int) -> _Page:
        return _page(
            digest, sender, language,
            heading=heading,
            leads=[_thanks(digest.numbers, language), lead],
            week_heading=language.text("Your week"),
            letters_heading=language.text("Waiting for you"),
            letters=[_own(one, language, at) for one in digest.letters[:most]],
        )  # fmt: skip

    return _mail(page, digest, sender, to, language, at)


def unit(digest: UnitDigest, sender: Sender, to: str, language: Language, *, at: datetime.datetime) -> EmailMessage:
    """The digest of a unit, for its superior."""
    waiting = len(digest.letters) + digest.more
    name = _short(digest.unit, _LONGEST_NAME)
    if waiting:
        heading = language.count(
            "{unit}: {n} letter is waiting", "{unit}: {n} letters are waiting",
            waiting, n=language.number(waiting), unit=name,
        )  # fmt: skip
    else:
        heading = language.text("{unit}: nothing is waiting", unit=name)
    lead = language.count(
        "Here is the week of {n} person, and what has waited longest for an answer.",
        "Here is the week of {n} people, and what has waited longest for an answer.",
        digest.people, n=language.number(digest.people),
    )  # fmt: skip
    row = _of_unit if digest.shows_letters else _unnamed

    def page(most: int) -> _Page:
        return _page(
            digest, sender, language,
            heading=heading,
            leads=[lead, _answered(digest.numbers, language)],
            week_heading=language.text("The unit's week"),
            letters_heading=language.text("Waiting longest"),
            letters=[row(one, language, at) for one in digest.letters[:most]],
            absent=digest.absent,
        )  # fmt: skip

    return _mail(page, digest, sender, to, language, at)


# -- What it says ------------------------------------------------------------------------------------------------------


def _page(
    digest: PersonalDigest | UnitDigest, sender: Sender, language: Language, *,
    heading: str, leads: Sequence[str], week_heading: str, letters_heading: str, letters: Sequence[Row],
    absent: Sequence[AbsentPerson] = (),
) -> _Page:  # fmt: skip
    text, week = language.text, digest.numbers
    unshown = len(digest.letters) + digest.more - len(letters)
    name = _short(digest.name, _LONGEST_NAME)
    columns = _columns(week, language)
    before = chart.weeks_before(week)
    past = None
    if any(one is not None for one in before):
        past = _picture(chart.of_medians(week), sender, _medians(week, language))
    timed = week.median is not None or past is not None
    busy = timed or any(one > 0 for one in (week.received, week.in_time, week.late, week.waiting))
    away = [_away(one, language) for one in absent[:_MOST_ABSENT]]
    if len(absent) > _MOST_ABSENT:
        others = len(absent) - _MOST_ABSENT
        away.append((language.count("and {n} more", "and {n} more", others, n=language.number(others)), ""))
    leave = _link(digest.unsubscribe)
    return _Page(
        language=language.code,
        site=_short(sender.name, _LONGEST_NAME),
        days=language.days(digest.begins, digest.ends),
        heading=heading,
        greeting=text("Hello, {name}!", name=name) if name else text("Hello!"),
        leads=[one for one in leads if one],
        preview=" · ".join(f"{label}: {number}" for label, number in columns),
        week_heading=week_heading,
        columns=columns,
        picture=_picture(chart.of_week(week), sender, _numbers(week, language)) if busy else None,
        timed=timed,
        time_heading=text("Time to answer (median)"),
        median=language.duration(week.median, short=True) if week.median is not None else "–",
        past=past,
        past_from=language.count("{n} earlier week", "{n} earlier weeks", len(before)),
        past_to=text("last week") if week.median is not None else text("last week: no answers"),
        absent_heading=text("Away without a substitute") if away else "",
        absent=away,
        absent_advice=text(
            "A letter to them finds nobody. An automatic reply that says until when, and who stands in, helps everyone"
            " (1.3.3-b)."
        ),
        letters_heading=letters_heading if letters else "",
        letters=letters,
        more=language.count("and {n} more", "and {n} more", unshown, n=language.number(unshown)) if unshown > 0 else "",
        advice=text(
            "The e-mail policy recommends (1.3.3-a): work letters are answered within 24 hours of receipt; weekends and"
            " holidays do not count."
        ),
        footer=text("This mail comes once a week from a program. Nobody reads what is answered to it."),
        leave=(text("No longer get this mail"), leave) if leave else None,
    )


def _thanks(week: Week, language: Language) -> str:
    """What somebody has done, with thanks; nothing if that is nothing."""
    answered = week.in_time + week.late
    if not answered:
        return ""
    return language.count(
        "Last week you answered {n} letter; in time: {in_time}. Thank you!",
        "Last week you answered {n} letters; in time: {in_time}. Thank you!",
        answered, n=language.number(answered), in_time=language.number(week.in_time),
    )  # fmt: skip


def _answered(week: Week, language: Language) -> str:
    """What a unit has done; nothing if that is nothing."""
    answered = week.in_time + week.late
    if not answered:
        return ""
    return language.count(
        "{n} letter was answered; in time: {in_time}.",
        "{n} letters were answered; in time: {in_time}.",
        answered, n=language.number(answered), in_time=language.number(week.in_time),
    )  # fmt: skip


def _columns(week: Week, language: Language) -> list[tuple[str, str]]:
    labels = (language.text("received"), language.text("in time"), language.text("late"), language.text("waiting"))
    numbers = (week.received, week.in_time, week.late, week.waiting)
    return [(label, language.number(number)) for label, number in zip(labels, numbers, strict=True)]


def _numbers(week: Week, language: Language) -> str:
    return language.text(
        "Letters received: {received}; answered in time: {in_time}; answered late: {late}; waiting: {waiting}.",
        received=language.number(week.received),
        in_time=language.number(week.in_time),
        late=language.number(week.late),
        waiting=language.number(week.waiting),
    )


def _medians(week: Week, language: Language) -> str:
    none = language.text("no answers")

    def said(median: datetime.timedelta | None) -> str:
        return none if median is None else language.duration(median)

    return language.text(
        "Median time to answer last week: {median}. In the weeks before, the oldest first: {before}.",
        median=said(week.median),
        before="; ".join(map(said, chart.weeks_before(week))),
    )


def _away(one: AbsentPerson, language: Language) -> tuple[str, str]:
    """Who is away, and what is known of it."""
    name = _short(one.name, _LONGEST_NAME) or "–"
    if one.silent_days > 0:
        return name, language.count(
            "silent for {n} working day, with no automatic reply",
            "silent for {n} working days, with no automatic reply",
            one.silent_days, n=language.number(one.silent_days),
        )  # fmt: skip
    if one.until is None:
        return name, language.text("away, no end is named")
    return name, language.text("away until {day}", day=language.day(one.until))


def _own(letter: WaitingLetter, language: Language, at: datetime.datetime) -> Row:
    """A letter to its reader."""
    return _row(letter, language, at, whose=[_mailbox(letter, language)])


def _of_unit(letter: WaitingLetter, language: Language, at: datetime.datetime) -> Row:
    """A letter to somebody of a unit."""
    person = _short(letter.person, _LONGEST_NAME)
    whose = language.text("for {person}", person=person) if person else ""
    return _row(letter, language, at, whose=[whose, _mailbox(letter, language)])


def _row(letter: WaitingLetter, language: Language, at: datetime.datetime, *, whose: Sequence[str]) -> Row:
    text = language.text
    program = _mid(letter.message_id)
    web = _link(letter.webmail)
    actions = [
        (text("No answer needed"), _link(letter.unneeded)),
        (text("Answered by phone"), _link(letter.by_phone)),
        (text("Open in mail program"), program if web else ""),
    ]
    return Row(
        title=_short(letter.subject, _LONGEST_TEXT) or text("(no subject)"),
        about=[
            _short(letter.author, _LONGEST_NAME) or text("(no sender)"),
            *filter(None, whose),
            _when(letter.received, language, at),
        ],
        pressing=letter.over > datetime.timedelta(),
        mark=_mark(letter, language, at),
        link=web or program,
        actions=[(label, link) for label, link in actions if link],
    )


def _unnamed(letter: WaitingLetter, language: Language, at: datetime.datetime) -> Row:
    """A letter of which only its addressee is told."""
    whose = _short(letter.person, _LONGEST_NAME) or _short(letter.mailbox, _LONGEST_NAME) or "–"
    since = _in_one_piece(language.text("waiting since {moment}", moment=_when(letter.received, language, at)))
    over = letter.over > datetime.timedelta()
    return Row(title=whose, about=[since], pressing=over, mark=_mark(letter, language, at), link="", actions=())


def _mark(letter: WaitingLetter, language: Language, at: datetime.datetime) -> str:
    if letter.over > datetime.timedelta():
        return language.text("{duration} over", duration=language.duration(max(letter.over, _MINUTE)))
    return language.text("answer by {moment}", moment=_when(letter.due, language, at))


def _mailbox(letter: WaitingLetter, language: Language) -> str:
    mailbox = _short(letter.mailbox, _LONGEST_NAME)
    return language.text("to {mailbox}", mailbox=mailbox) if mailbox else ""


def _when(moment: datetime.datetime, language: Language, at: datetime.datetime) -> str:
    """A moment at the reader's place, in one piece; its year where it is another one."""
    here = moment.astimezone(at.tzinfo)
    said = language.hour(here) if here.year == at.year else language.moment(here)
    return _in_one_piece(said)


def _in_one_piece(text: str) -> str:
    """A text that no line breaks in two."""
    return text.replace(" ", "\u00a0")


# -- What is made safe -------------------------------------------------------------------------------------------------


def _short(text: str, longest: int) -> str:
    """A text from outside as one line of bounded length; empty if there is nothing to see in it."""
    line = printable(" ".join(text[: longest * 4].split()))
    if len(line) > longest:
        line = line[: longest - 1].rstrip() + "…"
    return line if any(char.isprintable() and char not in _BLANK for char in line) else ""


def _link(link: str) -> str:
    """A link of ours that a mail, its header included, may hold; nothing if it is none."""
    if len(link) > _LONGEST_LINK or not _LINK.match(link):
        return ""
    whole = quote(link, safe=_WHOLE, errors="replace")
    return whole if len(whole) <= _LONGEST_LINK else ""


def _mid(message_id: str) -> str:
    """A link to a message by its Message-ID (RFC 2392)."""
    found = _MESSAGE_ID.fullmatch(message_id.strip())
    return "mid:" + quote(found[1], safe="@", errors="replace") if found else ""


# -- The mail ----------------------------------------------------------------------------------------------------------


def _picture(octets: bytes, sender: Sender, says: str) -> Picture:
    return Picture(f"{hashlib.sha256(octets).hexdigest()[:24]}@{sender.hostname}", octets, says)


def _mail(
    page: Callable[[int], _Page], digest: PersonalDigest | UnitDigest, sender: Sender, to: str, language: Language,
    at: datetime.datetime,
) -> EmailMessage:  # fmt: skip
    """The mail with as many letters as it has room for."""
    most = _MOST_LETTERS
    while True:
        shown = page(most)
        text, html = (_encoded(template.render(page=shown)) for template in _templates())
        pictures = [one for one in (shown.picture, shown.past) if one]
        octets = sum(map(_size, (text, html))) + sum(len(one.octets) * 7 // 5 for one in pictures)
        if octets <= _MOST_OCTETS or most == 0:
            break
        most = min(most - 1, most * _MOST_OCTETS // octets)
    mail = header(sender, to, f"{shown.heading} · {shown.days}", [language.code], at=at)
    if shown.leave:
        mail["List-Unsubscribe"] = f"<{shown.leave[1]}>"
        if digest.one_click and _WEBSITE.match(shown.leave[1]):
            mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    plain = _part("text/plain; charset=utf-8", *text)
    related = MIMEPart(POLICY)
    related["Content-Type"] = 'multipart/related; type="text/html"'
    related.set_payload([_part("text/html; charset=utf-8", *html), *map(_attached, pictures)])
    mail["MIME-Version"] = "1.0"
    mail["Content-Type"] = "multipart/alternative"
    mail.set_payload([plain, related])
    return mail


def _part(kind: str, encoding: str, payload: str) -> MIMEPart:
    """A part of the mail, already encoded."""
    part = MIMEPart(POLICY)
    part["Content-Type"] = _field("Content-Type", kind)
    part["Content-Transfer-Encoding"] = _field("Content-Transfer-Encoding", encoding)
    part.set_payload(payload)
    return part


def _attached(picture: Picture) -> MIMEPart:
    part = _part("image/png", "base64", base64mime.body_encode(picture.octets))
    part["Content-Disposition"] = _field("Content-Disposition", "inline")
    part["Content-ID"] = f"<{picture.cid}>"
    return part


@lru_cache(maxsize=32)
def _field(name: str, value: str) -> Any:
    """A header field that all digests have, read once."""
    return SMTP.header_factory(name, value)


def _encoded(text: str) -> tuple[str, str]:
    """A text as it is sent, and how: quoted-printable or base64, whatever is shorter."""
    octets = text.encode(errors="replace")
    quoted = binascii.b2a_qp(octets, istext=True).decode("ascii")
    if len(quoted) < len(octets) * 4 // 3 * 1.03:
        return "quoted-printable", quoted
    return "base64", base64mime.body_encode(octets.replace(b"\n", b"\r\n"))  # RFC 2045 6.8


def _size(encoded: tuple[str, str]) -> int:
    """Its octets in the mail, whose lines end with two."""
    return len(encoded[1]) + encoded[1].count("\n")


@lru_cache(maxsize=1)
def _templates() -> tuple[Template, Template]:
    """The text and the page, whose style sheet is put into its tags once."""
    folder = files("postclerk") / "templates"
    usual = {"trim_blocks": True, "lstrip_blocks": True, "undefined": StrictUndefined}
    page = (folder / "digest.html").read_text(encoding="utf-8")
    style = (folder / "digest.css").read_text(encoding="utf-8")
    inliner = css_inline.CSSInliner(load_remote_stylesheets=False, minify_css=True, extra_css=style)
    # Blocks stand in comments: between rows of a table an HTML parser lets nothing else be.
    blocks = Environment(autoescape=True, block_start_string="<!--%", block_end_string="%-->", **usual)  # type: ignore[arg-type]
    plain = Environment(autoescape=False, **usual)  # type: ignore[arg-type]  # noqa: S701 - it is text
    text = plain.from_string((folder / "digest.txt").read_text(encoding="utf-8"))
    return text, blocks.from_string(inliner.inline(page).replace(' data-css-inline="keep"', ""))


def as_page(mail: EmailMessage) -> str:
    """The page of a mail as a file that needs no other: its pictures stand in it."""
    html = mail.get_body(("html",))
    page: str = html.get_content() if html is not None else ""
    for part in mail.walk():
        cid = str(part.get("Content-ID", "")).strip("<>")
        if cid:
            octets = binascii.b2a_base64(part.get_payload(decode=True) or b"", newline=False).decode("ascii")  # type: ignore[arg-type]
            page = page.replace(f"cid:{cid}", f"data:{part.get_content_type()};base64,{octets}")
    return page
