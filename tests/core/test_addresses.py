"""Addresses of SMTP and of header fields: postclerk.core.addresses."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import FrameType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from postclerk.core.addresses import (
    Address,
    AddressError,
    Mailbox,
    MailboxList,
    claimed_addresses,
    decode_words,
    parse_mailboxes,
    parse_path,
    printable,
)

ACCENTS = "\u0301\u0327"  # out of canonical order, so that normalization has to sort


def found(*mailboxes: tuple[str, str, str], broken: bool = False) -> MailboxList:
    """The list of (display, local, domain)."""
    return MailboxList(tuple(Mailbox(name, Address(local, domain)) for name, local, domain in mailboxes), broken)


PATIENT = settings(deadline=None)  # the first look-up of a codec or of the IDNA tables is slow

# --- Values that properties are tried on ----------------------------------------------------------------------

LETTERS = "abzABZ019йЖßİıé\u0301ｕ＠﹫。♥"
SPECIALS = '<>@,;:."\\()[] \t\r\n'
ODD = "\0\x7f\x85\u00a0\u200b\u202e\u2028\ufeff\udc80\ud800\U0001f600=?_'+-"
PIECES = [*LETTERS, *SPECIALS, *ODD, "=?utf-8?q?", "=?utf-8?b?", "=?x?q?", "?=", "=40", "\r\n ", "<a@b>", "xn--"]

any_text = st.lists(st.sampled_from(PIECES), max_size=30).map("".join) | st.text(
    st.characters(codec=None, exclude_categories=[]), max_size=30
)
locals_ = st.text("abzABZ019йЖßİıé\u0301 .\"\\<>(),;:[]@!#+'", max_size=20)
labels = st.text("abzABZ019éйЖ♥", min_size=1, max_size=8)
domains = st.lists(labels, min_size=1, max_size=4).map(".".join) | st.sampled_from(
    ["[192.0.2.1]", "[IPv6:2001:db8::1]"]
)
addresses = st.builds(Address, locals_, domains | st.just(""))
qualified = st.builds(Address, locals_, domains).filter(lambda address: "@" not in address.local)

# --- Address --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given_domain", "domain"),
    [
        pytest.param("UNI.Example", "uni.example", id="case"),
        pytest.param("uni.example.", "uni.example", id="final dot"),
        pytest.param("", "", id="none"),
        pytest.param("[192.0.2.1]", "[192.0.2.1]", id="literal"),
        pytest.param("[IPv6:2001:DB8::1]", "[ipv6:2001:db8::1]", id="literal, IPv6"),
        pytest.param("қазақ.ҚАЗ", "xn--80aau21bd.xn--80ao21a", id="Kazakh U-labels"),
        pytest.param("XN--80ao21a", "xn--80ao21a", id="A-label"),
        pytest.param("ｕｎｉ。ｅｘａｍｐｌｅ", "uni.example", id="full width"),
        pytest.param("uni\u200b.example", "uni.example", id="zero width"),
        pytest.param("e\u0301cole.example", "xn--cole-9oa.example", id="decomposed"),
        pytest.param("école.example", "xn--cole-9oa.example", id="composed"),
        pytest.param("mail_1.Пример", "mail_1.xn--e1afmkfd", id="underscore beside IDN"),
        pytest.param("I♥.example", "xn--i-n3p.example", id="emoji, which IDNA 2008 refuses"),
        pytest.param("b＠c", "xn--bc-iw3n", id="full-width @ does not become one"),
        pytest.param("é" * 300, "é" * 300, id="too long for any domain"),
    ],
)
def test_a_domain_has_one_form(given_domain: str, domain: str) -> None:
    """However a domain is written, it is compared and printed in one form."""
    assert Address("a", given_domain).domain == domain


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param(Address("A.Serik", "Uni.Example"), Address("a.serik", "uni.example"), id="case"),
        pytest.param(Address("ЖАННА", "қаз"), Address("жанна", "xn--80ao21a"), id="Cyrillic"),
        pytest.param(Address("e\u0301", "x"), Address("É", "x"), id="composition"),
        pytest.param(Address("straße", "x"), Address("STRASSE", "x"), id="sharp s"),
    ],
)
def test_keys_of_one_mailbox_are_equal(one: Address, other: Address) -> None:
    """Addresses that differ by case or composition alone have one key, and yet are printed as written."""
    assert (one.key, one == other) == (other.key, False)


@pytest.mark.parametrize(
    ("address", "text"),
    [
        pytest.param(Address("a.b", "x"), "a.b@x", id="plain"),
        pytest.param(Address("postmaster", ""), "postmaster", id="unqualified"),
        pytest.param(Address("a b", "x"), '"a b"@x', id="blank"),
        pytest.param(Address('a"\\', "x"), r'"a\"\\"@x', id="escapes"),
        pytest.param(Address("a..b", "x"), '"a..b"@x', id="two dots"),
        pytest.param(Address("", "x"), '""@x', id="empty"),
        pytest.param(Address("жанна", "қаз"), "жанна@xn--80ao21a", id="SMTPUTF8"),
        pytest.param(Address("a\n\udc80", "x"), '"a\ufffd\ufffd"@x', id="unprintable"),
    ],
)
def test_an_address_prints_as_rfc_5321_writes_it(address: Address, text: str) -> None:
    """The text of an address is its RFC 5321 form, and printable."""
    assert str(address) == text


@pytest.mark.parametrize(
    ("local", "delimiter", "plain"),
    [
        pytest.param("user+tag", "+", "user", id="tag"),
        pytest.param("user+a+b", "+", "user", id="first counts"),
        pytest.param("user-a+b", "+-", "user", id="several delimiters"),
        pytest.param("user+tag", "", "user+tag", id="no extensions"),
        pytest.param("user+tag", "-", "user+tag", id="another delimiter"),
        pytest.param("+tag", "+", "+tag", id="at the start"),
        pytest.param("+a+b", "+", "+a+b", id="at the start, and again"),
        pytest.param("user+", "+", "user", id="empty tag"),
    ],
)
def test_a_tag_is_taken_off_as_postfix_does(local: str, delimiter: str, plain: str) -> None:
    """Without its tag an address is the one that Postfix delivers to."""
    assert Address(local, "x").without_tag(delimiter) == Address(plain, "x")


@pytest.mark.parametrize(
    ("address", "qualified_address"),
    [
        pytest.param(Address("postmaster", ""), Address("postmaster", "uni.example"), id="unqualified"),
        pytest.param(Address("a", "b"), Address("a", "b"), id="qualified"),
    ],
)
def test_only_an_unqualified_address_takes_a_domain(address: Address, qualified_address: Address) -> None:
    """`at` completes what has no domain, and changes nothing else."""
    assert address.at("Uni.Example") == qualified_address


def test_the_key_of_an_endless_local_part_is_not_normalized() -> None:
    """What is longer than any path is compared as it is: normalizing it could take minutes."""
    assert Address("E" + ACCENTS * 300, "x").key == "e" + ACCENTS * 300 + "@x"


@PATIENT
@given(addresses)
def test_a_key_is_its_own_key(address: Address) -> None:
    """What is made from a key has the same key."""
    local, _, domain = address.key.rpartition("@")
    assert Address(local, domain).key == address.key


@PATIENT
@given(addresses)
def test_a_key_is_blind_to_case(address: Address) -> None:
    """Neither the case of the local part nor that of the domain changes the key."""
    assert Address(address.local.casefold(), address.domain.upper()).key == address.key


# --- Paths ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "path"),
    [
        pytest.param("<>", None, id="null path"),
        pytest.param("", None, id="null path of non_smtpd_milters"),
        pytest.param("<a@b>", Address("a", "b"), id="in brackets"),
        pytest.param("a@b", Address("a", "b"), id="bare"),
        pytest.param("<postmaster>", Address("postmaster", ""), id="unqualified"),
        pytest.param("<@x,@y:a@b>", Address("a", "b"), id="source route"),
        pytest.param("<@[IPv6:::1],@y:a@b>", Address("a", "b"), id="source route by a literal"),
        pytest.param('<"a b"@x>', Address("a b", "x"), id="quoted"),
        pytest.param(r'<"a\"\\@<>"@x>', Address('a"\\@<>', "x"), id="quoted specials"),
        pytest.param('<a."b c".d@x>', Address("a.b c.d", "x"), id="partly quoted"),
        pytest.param('<""@x>', Address("", "x"), id="empty quoted"),
        pytest.param("<a..b.@docomo.ne.jp>", Address("a..b.", "docomo.ne.jp"), id="dots anywhere"),
        pytest.param("<a@[192.0.2.1]>", Address("a", "[192.0.2.1]"), id="literal"),
        pytest.param("<a@b.>", Address("a", "b"), id="final dot"),
        pytest.param("<жанна@қаз>", Address("жанна", "қаз"), id="SMTPUTF8"),
        pytest.param(
            "<SRS0=Ab=1=x.example=" + "u" * 90 + "@y>", Address("SRS0=Ab=1=x.example=" + "u" * 90, "y"), id="SRS"
        ),
    ],
)
def test_a_path_is_read(text: str, path: Address | None) -> None:
    """What SMTP allows as a path, and real senders write, is read; the null path is None."""
    assert parse_path(text) == path


NOT_UTF8 = ("not-utf8", "the address holds bytes that are not UTF-8")
CONTROL = ("control-character", "the address holds a control character")
SYNTAX = ("syntax", "this is not an e-mail address")


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        pytest.param("<\udce0@x>", NOT_UTF8, id="bytes"),
        pytest.param("<a\0@x>", CONTROL, id="NUL"),
        pytest.param('<"a\r\nb"@x>', CONTROL, id="CRLF"),
        pytest.param("<a\x85@x>", CONTROL, id="C1"),
        pytest.param("<\u202emoc@x>", CONTROL, id="right-to-left override"),
        pytest.param("<@x>", ("no-local-part", "the address has nothing before the @"), id="no local part"),
        pytest.param(
            "<@r:@x>", ("no-local-part", "the address has nothing before the @"), id="no local part after a route"
        ),
        pytest.param("<@x,@y>", ("no-local-part", "the address has nothing before the @"), id="route alone"),
        pytest.param("<a@>", ("no-domain", "the address has nothing after the @"), id="no domain"),
        pytest.param("<" + "x" * 511 + "@y>", ("too-long", "the address is longer than 512 octets"), id="too long"),
        pytest.param(
            "<" + "ж" * 256 + "@y>", ("too-long", "the address is longer than 512 octets"), id="too many octets"
        ),
        pytest.param("<a@b", SYNTAX, id="not closed"),
        pytest.param("a@b>", SYNTAX, id="not opened"),
        pytest.param("<<a@b>>", SYNTAX, id="two brackets"),
        pytest.param("< >", SYNTAX, id="blank"),
        pytest.param("<a b@c>", SYNTAX, id="two words"),
        pytest.param("<a@b@c>", SYNTAX, id="two @"),
        pytest.param("<a(c)@b>", SYNTAX, id="comment"),
        pytest.param("Name <a@b>", SYNTAX, id="name"),
        pytest.param('<"a@b>', SYNTAX, id="open quote"),
        pytest.param("<a@b..c>", SYNTAX, id="empty label"),
        pytest.param("<a@[b>", SYNTAX, id="open literal"),
    ],
)
def test_what_is_no_path_is_refused_with_its_reason(text: str, fault: tuple[str, str]) -> None:
    """What is no path raises AddressError with a slug for the program and a sentence for the reader."""
    with pytest.raises(AddressError) as raised:
        parse_path(text)
    assert (raised.value.reason, str(raised.value)) == fault


@PATIENT
@given(any_text)
def test_any_text_is_a_path_or_an_address_error(text: str) -> None:
    """Nothing but AddressError is ever raised, and what is read survives being printed and read again."""
    try:
        path = parse_path(text)
    except AddressError:
        return
    assert parse_path("<>" if path is None else f"<{path}>") == path


@PATIENT
@given(addresses)
def test_an_address_survives_the_way_through_a_path(address: Address) -> None:
    """Printed in brackets and read again, an address is the same."""
    assert parse_path(f"<{address}>") == address


# --- Header fields --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        # RFC 5322 appendix A
        pytest.param("John Doe <jdoe@machine.example>", found(("John Doe", "jdoe", "machine.example")), id="A.1.1"),
        pytest.param(
            '"Joe Q. Public" <john.q.public@example.com>',
            found(("Joe Q. Public", "john.q.public", "example.com")),
            id="A.1.2",
        ),
        pytest.param(
            "Mary Smith <mary@x.test>, jdoe@example.org, Who? <one@y.test>",
            found(("Mary Smith", "mary", "x.test"), ("", "jdoe", "example.org"), ("Who?", "one", "y.test")),
            id="A.1.2 To",
        ),
        pytest.param(
            r'<boss@nil.test>, "Giant; \"Big\" Box" <sysservices@example.net>',
            found(("", "boss", "nil.test"), ('Giant; "Big" Box', "sysservices", "example.net")),
            id="A.1.2 Cc",
        ),
        pytest.param(
            "A Group:Ed Jones <joe@a.test>,joe@where.test,John <jdoe@one.test>;",
            found(("Ed Jones", "joe", "a.test"), ("", "joe", "where.test"), ("John", "jdoe", "one.test")),
            id="A.1.3",
        ),
        pytest.param("Undisclosed recipients:;", found(), id="A.1.3 empty group"),
        pytest.param(
            r"Pete(A nice \) chap) <pete(his account)@silly.test(his host)>",
            found(("Pete (A nice ) chap his account his host)", "pete", "silly.test")),
            id="A.5 comments",
        ),
        pytest.param(
            "A Group(Some people)\r\n     :Chris Jones <c@(Chris's host.)public.example>,\r\n"
            "         joe@example.org,\r\n  John <jdoe@one.test> (my dear friend); (the end of the group)",
            found(
                ("Chris Jones (Chris's host.)", "c", "public.example"),
                ("", "joe", "example.org"),
                ("John (my dear friend)", "jdoe", "one.test"),
            ),
            id="A.5 To",
        ),
        pytest.param("(Empty list)(start)Hidden recipients  :(nobody(that I know))  ;", found(), id="A.5 Cc"),
        pytest.param(
            "Joe Q. Public <john.q.public@example.com>",
            found(("Joe Q. Public", "john.q.public", "example.com")),
            id="A.6.1",
        ),
        pytest.param(
            "Mary Smith <@node.test:mary@example.net>, , jdoe@example.org",
            found(("Mary Smith", "mary", "example.net"), ("", "jdoe", "example.org")),
            id="A.6.1 route and empty element",
        ),
        # RFC 2047 section 8
        pytest.param(
            "=?US-ASCII?Q?Keith_Moore?= <moore@cs.utk.edu>", found(("Keith Moore", "moore", "cs.utk.edu")), id="Moore"
        ),
        pytest.param(
            "=?ISO-8859-1?Q?Andr=E9?= Pirard <PIRARD@vm1.ulg.ac.be>",
            found(("André Pirard", "PIRARD", "vm1.ulg.ac.be")),
            id="Pirard",
        ),
        pytest.param(
            "Nathaniel Borenstein <nsb@thumper.bellcore.com>\r\n (=?iso-8859-8?b?7eXs+SDv4SDs6Oj08A==?=)",
            found(("Nathaniel Borenstein (םולש ןב לטטפנ)", "nsb", "thumper.bellcore.com")),
            id="Borenstein",
        ),
        # what programs write
        pytest.param("a@b", found(("", "a", "b")), id="bare"),
        pytest.param("\ta@b \r\n", found(("", "a", "b")), id="blanks around"),
        pytest.param("Name\r\n\t<a@b>", found(("Name", "a", "b")), id="folded with CRLF and tab"),
        pytest.param("Name\n <a@b>", found(("Name", "a", "b")), id="folded with LF"),
        pytest.param("a@b (Rector)", found(("Rector", "a", "b")), id="comment for a name"),
        pytest.param("(nobody at all)", found(), id="comment alone"),
        pytest.param("(Cron) a@b (Daemon)", found(("Cron Daemon", "a", "b")), id="comments around"),
        pytest.param("  A   B\u00a0 <a@b>", found(("A B", "a", "b")), id="blanks in a name"),
        pytest.param('"" <a@b>', found(("", "a", "b")), id="empty name"),
        pytest.param('"A" "B" C <a@b>', found(("A B C", "a", "b")), id="several quoted strings"),
        pytest.param('"a b"@x', found(("", "a b", "x")), id="quoted local part"),
        pytest.param("a..b.@docomo.ne.jp", found(("", "a..b.", "docomo.ne.jp")), id="dots anywhere"),
        pytest.param("a @ b", found(("", "a", "b")), id="blanks around the @"),
        pytest.param("N <a@[192.0.2.1]>", found(("N", "a", "[192.0.2.1]")), id="literal"),
        pytest.param("Жанна <жанна@қаз>", found(("Жанна", "жанна", "xn--80ao21a")), id="UTF-8 and IDN"),
        pytest.param("a@b, a@b", found(("", "a", "b"), ("", "a", "b")), id="twice"),
        pytest.param("a@b,", found(("", "a", "b")), id="final comma"),
        pytest.param("g:a@b;, c@d", found(("", "a", "b"), ("", "c", "d")), id="after a group"),
        pytest.param("g:;, h:a@b;", found(("", "a", "b")), id="two groups"),
        pytest.param("", found(), id="empty"),
        pytest.param(" , ,", found(), id="commas"),
        pytest.param("a@b <a@b>", found(("a@b", "a", "b")), id="name repeats the address"),
        pytest.param("'A@b' <a@b>", found(("'A@b'", "a", "b")), id="Outlook's quotes"),
        pytest.param("\"'a@b'\" <a@b>", found(("'a@b'", "a", "b")), id="Outlook's quotes, quoted"),
        pytest.param(
            '"a@uni.example" <x@evil.example>', found(("a@uni.example", "x", "evil.example")), id="quoted claim"
        ),
        pytest.param('"=?utf-8?q?=D0=96?=" <a@b>', found(("Ж", "a", "b")), id="quoted encoded word"),
        pytest.param("=?utf-8?q?a=40uni=2Eexample?= <x@y>", found(("a@uni.example", "x", "y")), id="encoded claim"),
        pytest.param(
            "=?koi8-r?B?8M8=?=\r\n =?koi8-r?B?zw==?= <a@b>", found(("Поо", "a", "b")), id="words of one charset"
        ),
    ],
)
def test_what_rfc_5322_and_real_mail_allow_is_read_exactly(value: str, expected: MailboxList) -> None:
    """A value with one meaning yields just its mailboxes, and is not broken."""
    assert parse_mailboxes(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        # RFC 5322 appendix A.6: lawful once, and programs disagree about it
        pytest.param(
            "jdoe@test  . example", found(("", "jdoe", "test.example"), ("", "jdoe", "test")), id="A.6.1 blanks"
        ),
        pytest.param(
            "John Doe <jdoe@machine(comment).  example>",
            found(("", "jdoe", "machine.example"), ("", "jdoe", "machine")),
            id="A.6.3 comment in a domain",
        ),
        pytest.param("Dr. rector@u", found(("", "Dr.rector", "u"), ("", "rector", "u")), id="blank in a local part"),
        pytest.param(
            '"rector@u"@evil',
            found(("", "rector@u", "evil"), ("", "rector", "u"), ("", "u", "evil")),
            id="address in a local part",
        ),
        pytest.param('"rector@u": x@y;', found(("", "rector", "u"), ("", "x", "y")), id="address for a group's name"),
        # two readings
        pytest.param("a@u <x@evil>", found(("a@u", "x", "evil"), ("", "a", "u")), id="address for a name"),
        pytest.param("a@b <a@b> x@y", found(("", "a", "b"), ("", "x", "y")), id="trailing address"),
        pytest.param("<a@b> <c@d>", found(("", "a", "b"), ("", "c", "d")), id="two in brackets"),
        pytest.param("<a@b>c@d", found(("", "a", "b"), ("", "c", "d")), id="glued"),
        pytest.param("<<a@b>>", found(("", "a", "b")), id="double brackets"),
        pytest.param("N <a@b", found(("", "a", "b")), id="not closed"),
        pytest.param("N <a@b, c@d>", found(("", "a", "b"), ("", "c", "d")), id="comma in brackets"),
        pytest.param("a@b>", found(("", "a", "b")), id="not opened"),
        pytest.param("a@b junk", found(("", "a", "b")), id="trailing garbage"),
        pytest.param("a@b;c@d", found(("", "a", "b"), ("", "c", "d")), id="semicolon for a comma"),
        pytest.param("g:a@b;c@d", found(("", "a", "b"), ("", "c", "d")), id="glued to a group"),
        pytest.param("g:a@b", found(("", "a", "b")), id="group not closed"),
        pytest.param("g:h:a@b;;", found(("", "a", "b")), id="group in a group"),
        pytest.param("mailto:a@b", found(("", "a", "b")), id="URL"),
        pytest.param('"open <a@b>, c@d', found(("", "a", "b"), ("", "c", "d")), id="open quote"),
        pytest.param("x@y, (open <a@b>, c@d", found(("", "x", "y"), ("", "a", "b"), ("", "c", "d")), id="open comment"),
        pytest.param("a@b (c@d)) e", found(("", "a", "b"), ("", "c", "d")), id="address in a comment"),
        pytest.param("(a@u)", found(("", "a", "u")), id="address in a comment that is all there is"),
        pytest.param("x@y, (a@u)", found(("", "x", "y"), ("", "a", "u")), id="address in a comment for an element"),
        pytest.param("(=?utf-8?q?a=40u?=)", found(("", "a", "u")), id="encoded address in a comment"),
        pytest.param('"a@b" x "c@d"', found(("", "a", "b"), ("", "c", "d")), id="addresses in quotes"),
        pytest.param("rec(x)tor@u", found(("", "rector", "u"), ("", "tor", "u")), id="comment in a word"),
        pytest.param(
            "=?utf-8?q?rec=74?=(x)or@u",
            found(("", "=?utf-8?q?rec=74?=or", "u"), ("", "or", "u"), ("", "rector", "u")),
            id="comment beside an encoded word",
        ),
        pytest.param('a@"u"', found(("", "a", "u")), id="quoted domain"),
        pytest.param(r"a@u\.example", found(("", "a", "u")), id="escape outside quotes"),
        pytest.param("a@[192.0.2.1", found(("", "a", "192.0.2.1")), id="open literal"),
        pytest.param("N @h <a@b>", found(("N @h", "a", "b"), ("", "N", "h")), id="blank before the @ in a name"),
        pytest.param("@h <a@b>", found(("@h", "a", "b")), id="@ without address in a name"),
        pytest.param("Doe, John <j@x>", found(("", "j", "x")), id="comma in a name"),
        pytest.param("MAILER-DAEMON <>", found(), id="nothing in brackets"),
        pytest.param("root", found(("", "root", "")), id="unqualified"),
        pytest.param("root (Cron)", found(("Cron", "root", "")), id="unqualified with a comment"),
        pytest.param("N <root>", found(("N", "root", "")), id="unqualified in brackets"),
        pytest.param("a@b, root", found(("", "a", "b")), id="word beside an address"),
        # bytes and disguises
        pytest.param("a\0@u", found(("", "a", "u")), id="NUL"),
        pytest.param("x@y\0 a@u", found(("", "x", "y"), ("", "a", "u")), id="NUL between"),
        pytest.param("a@u\rv", found(("", "a", "uv"), ("", "a", "u")), id="bare CR"),
        pytest.param("a@u\r", found(("", "a", "u")), id="bare CR at the end"),
        pytest.param("x@y\nBcc: a@u", found(("", "x", "ybcc"), ("", "a", "u"), ("", "x", "y")), id="injected field"),
        pytest.param(
            "a＠u .v\udc80 <x@y>",
            found(("a＠u .v\ufffd", "x", "y"), ("", "a", "u.v"), ("", "a", "u")),
            id="address over a blank in a name with bytes",
        ),
        pytest.param("\udcd0\udce5\udcea <a@u>", found(("\ufffd\ufffd\ufffd", "a", "u")), id="Latin-1 or cp1251 name"),
        pytest.param("a\udc80@u", found(("", "a\ufffd", "u"), ("", "a", "u")), id="bytes in a local part"),
        pytest.param("a＠u.example", found(("", "a＠u.example", ""), ("", "a", "u.example")), id="full-width @"),
        pytest.param("\u202ea@u", found(("", "\u202ea", "u"), ("", "a", "u")), id="direction override"),
        pytest.param(
            "=?utf-8?q?a=40u?=",
            found(("", "=?utf-8?q?a=40u?=", ""), ("", "a", "u")),
            id="encoded address",
        ),
        pytest.param(
            "=?utf-8?b? <a@u> ?= <x@y>", found(("", "a", "u"), ("", "x", "y")), id="address in what looks encoded"
        ),
    ],
)
def test_a_broken_value_yields_all_that_may_be_read_in_it(value: str, expected: MailboxList) -> None:
    """What is not RFC 5322, or is read differently, is broken and hides no address from who asks for claims."""
    assert parse_mailboxes(value) == MailboxList(expected.mailboxes, broken=True)


@PATIENT
@given(qualified, st.sampled_from(["", "Name", '"A, \\"B\\" (C)"', "=?utf-8?q?=D0=96?=", "J. Doe"]))
def test_an_address_survives_the_way_through_a_header(address: Address, name: str) -> None:
    """Alone or after a name, a printed address is read as itself and is not broken."""
    shown = {'"A, \\"B\\" (C)"': 'A, "B" (C)', "=?utf-8?q?=D0=96?=": "Ж"}.get(name, name)
    expected = MailboxList((Mailbox(shown, address),), broken=False)
    assert parse_mailboxes(f"{name} <{address}>" if name else str(address)) == expected


@PATIENT
@given(any_text)
def test_any_text_yields_printable_mailboxes(text: str) -> None:
    """Nothing is raised for any value, and all that is read can be stored as UTF-8 and printed as an address."""
    for mailbox in parse_mailboxes(text).mailboxes:
        assert (mailbox.display + mailbox.address.key).encode()
        assert str(mailbox.address) == printable(str(mailbox.address))


@PATIENT
@given(any_text)
def test_the_short_way_reads_like_the_long(text: str) -> None:
    """An empty comment in front, which only the tokenizer understands, changes no result."""
    assert parse_mailboxes("()" + text) == parse_mailboxes(text)


@PATIENT
@given(any_text, any_text)
def test_a_broken_value_hides_no_address(before: str, after: str) -> None:
    """An address between blanks is found in every broken value, whatever stands around it."""
    result = parse_mailboxes(f"{before} rector@uni.example {after}")
    assert not result.broken or "rector@uni.example" in {mailbox.address.key for mailbox in result.mailboxes}


# --- Claims of a name -----------------------------------------------------------------------------------------

RECTOR = Address("rector", "uni.example")


@pytest.mark.parametrize(
    ("name", "claims"),
    [
        pytest.param("A. Serik", (), id="name"),
        pytest.param("rector@uni.example", (RECTOR,), id="address"),
        pytest.param("Rector <rector@uni.example>, Office", (RECTOR,), id="in brackets"),
        pytest.param("rector @ uni.example", (RECTOR,), id="blanks"),
        pytest.param("rector＠uni.example", (RECTOR,), id="full-width @"),
        pytest.param("rector﹫uni.example", (RECTOR,), id="small @"),
        pytest.param("ｒｅｃｔｏｒ＠ｕｎｉ．ｅｘａｍｐｌｅ", (RECTOR,), id="full width"),
        pytest.param("r\u200be\u00adctor@\ufeffuni.e\u2060xample", (RECTOR,), id="zero width"),
        pytest.param("rector@uni。example", (RECTOR,), id="ideographic full stop"),
        pytest.param("rector@uni.example，Office", (RECTOR,), id="full-width comma"),
        pytest.param("'rector@uni.example'", (RECTOR,), id="apostrophes"),
        pytest.param("«rector@uni.example»", (RECTOR,), id="guillemets"),
        pytest.param("„rector@uni.example“", (RECTOR,), id="German quotes"),
        pytest.param("rector@uni.example/Office", (RECTOR,), id="slash"),
        pytest.param("rector@uni.example...", (RECTOR,), id="dots"),
        pytest.param("--rector@uni.example--", (Address("--rector", "uni.example"),), id="hyphens"),
        pytest.param("rector@uni.example—Office", (RECTOR,), id="dash"),
        pytest.param("rector@uni.example via x@y", (RECTOR, Address("x", "y")), id="two"),
        pytest.param("a@b a@b", (Address("a", "b"),), id="twice"),
        pytest.param("rector@[192.0.2.1]", (Address("rector", "[192.0.2.1]"),), id="literal"),
        pytest.param("жанна@қаз", (Address("жанна", "xn--80ao21a"),), id="IDN"),
        pytest.param("@uni.example", (), id="no local part"),
        pytest.param("Name, @handle", (), id="handle"),
        pytest.param("Name <@uni.example>", (), id="no local part in brackets"),
        pytest.param("x" * 600 + "@u", (Address("x" * 512, "u"),), id="longer than any path"),
        pytest.param("mail@", (), id="no domain"),
        pytest.param("Meet @ !", (), id="no domain but punctuation"),
    ],
)
def test_a_name_claims_the_addresses_that_a_reader_sees(name: str, claims: tuple[Address, ...]) -> None:
    """What a reader would take for an address in a name is one, however it is spelt."""
    assert claimed_addresses(name) == claims


@PATIENT
@given(any_text)
def test_any_name_has_well_formed_claims(text: str) -> None:
    """Nothing is raised for any name, and what is claimed is a path."""
    for claim in claimed_addresses(text):
        assert parse_path(f"<{claim}>") == claim


# --- Encoded words and printing -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "decoded"),
    [
        # RFC 2047 section 8
        pytest.param("(=?ISO-8859-1?Q?a?=)", "(a)", id="RFC a"),
        pytest.param("(=?ISO-8859-1?Q?a?= b)", "(a b)", id="RFC a b"),
        pytest.param("(=?ISO-8859-1?Q?a?= =?ISO-8859-1?Q?b?=)", "(ab)", id="RFC ab"),
        pytest.param("(=?ISO-8859-1?Q?a?=  =?ISO-8859-1?Q?b?=)", "(ab)", id="RFC ab, two blanks"),
        pytest.param("(=?ISO-8859-1?Q?a?=\r\n    =?ISO-8859-1?Q?b?=)", "(ab)", id="RFC ab, folded"),
        pytest.param("(=?ISO-8859-1?Q?a_b?=)", "(a b)", id="RFC a_b"),
        pytest.param("(=?ISO-8859-1?Q?a?= =?ISO-8859-2?Q?_b?=)", "(a b)", id="RFC two charsets"),
        pytest.param(
            "=?ISO-8859-1?B?SWYgeW91IGNhbiByZWFkIHRoaXMgeW8=?=\r\n "
            "=?ISO-8859-2?B?dSB1bmRlcnN0YW5kIHRoZSBleGFtcGxlLg==?=",
            "If you can read this you understand the example.",
            id="RFC Subject",
        ),
        # what programs write
        pytest.param("no words", "no words", id="none"),
        pytest.param("=?utf-8*kk?q?=D2=9A?=", "Қ", id="language (RFC 2231)"),
        pytest.param("=?windows-1251?B?0OXq8u7w?=", "Ректор", id="cp1251"),
        pytest.param("=?koi8-u?Q?=F0?=", "П", id="koi8-u"),
        pytest.param("=?utf-8?Q?=D0?= =?UTF-8?Q?=96?=", "Ж", id="character cut in two"),
        pytest.param("=?utf-8?B?0A==?= =?utf-8?B?lg==?=", "Ж", id="character cut in two, base64"),
        pytest.param("=?utf-8?B?0JbQlg?=", "ЖЖ", id="padding missing"),
        pytest.param("=?utf-8?B?YQ==Yg==?=", "ab", id="padding in the middle"),
        pytest.param("=?utf-8?B?Y-W*I*=?=", "ab", id="junk in base64"),
        pytest.param("=?utf-8?B?YWJjZ?=", "abc", id="incomplete base64"),
        pytest.param("=?utf-8?B?!?=", "=?utf-8?B?!?=", id="nothing but junk"),
        pytest.param("=?utf-8?B?a@b?=", "=?utf-8?B?a@b?=", id="address for base64"),
        pytest.param("=?utf-8?Q??=", "", id="empty"),
        pytest.param("=?utf-8?Q?Really??=", "Really?", id="question mark inside"),
        pytest.param("=?utf-8?Q?Hello world?=", "Hello world", id="blank inside"),
        pytest.param("  =?utf-8?q?a?= ", "  a ", id="blanks around"),
        pytest.param("=?koi8-r?q?=F0?= =?cp1251?q?=CF?=", "ПП", id="neighbours of two charsets"),
        pytest.param("=?utf-8?q?a =?utf-8?q?b?= c?=", "a =?utf-8?q?b c?=", id="word in a word"),
        pytest.param("x=?utf-8?q?y?=z", "xyz", id="glued"),
        pytest.param("=?utf-8?Q?=?=", "", id="lone equals sign"),
        pytest.param("=?utf-8?q?=FF?=", "\ufffd", id="not of its charset"),
        pytest.param("=?x-none?q?=FF?=", "=?x-none?q?=FF?=", id="unknown charset"),
        pytest.param("=?x-none?q?a=40b?=", "a@b", id="unknown charset, ASCII"),
        pytest.param("=?x-none?q?=FF?= =?utf-8?q?b?=", "=?x-none?q?=FF?= b", id="after an unknown charset"),
        pytest.param("=?punycode?q?=FFa-b?=", "=?punycode?q?=FFa-b?=", id="codec that is no charset"),
        pytest.param("=?zlib?q?=FF?=", "=?zlib?q?=FF?=", id="codec that is no text"),
        pytest.param("=?cp037?q?a@b?=", "a@b", id="ASCII is not read as EBCDIC"),
        pytest.param("=?utf-8?x?a?=", "=?utf-8?x?a?=", id="unknown encoding"),
        pytest.param("=?utf-8?q?a", "=?utf-8?q?a", id="not closed"),
        pytest.param("=?utf-8?q?a=00=0D=0Ab=7F?=", "ab", id="encoded controls"),
        pytest.param("a\0\r\n\tb\x85", "a b", id="controls"),
        pytest.param("\udce0 =?utf-8?q?=D0=96?=", "\ufffd Ж", id="bytes"),
    ],
)
def test_encoded_words_are_read_as_mail_programs_show_them(text: str, decoded: str) -> None:
    """A reader sees the decoded words, and where nothing can be decoded the raw ones."""
    assert decode_words(text) == decoded


@PATIENT
@given(any_text)
def test_decoding_any_text_gives_clean_text(text: str) -> None:
    """Whatever comes in, the result has no control characters and is UTF-8."""
    decoded = decode_words(text)
    assert decoded.encode("utf-8", "strict").decode() == decoded
    assert [char for char in decoded if char < " " or "\x7f" <= char <= "\x9f"] == []


@PATIENT
@given(
    st.sampled_from(
        ["utf-7", "iso-2022-jp", "hz", "big5", "gb18030", "shift_jis", "euc-kr", "johab", "utf-8", "cp1251"]
    ),
    st.binary(max_size=20),
)
def test_decoding_any_bytes_gives_utf8(charset: str, data: bytes) -> None:
    """No charset and no bytes in it raise anything or leave what UTF-8 cannot encode."""
    word = "".join(f"={octet:02X}" for octet in data)
    assert decode_words(f"<=?{charset}?Q?{word}?=>").encode()


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param("Жанна a@b", "Жанна a@b", id="text"),
        pytest.param("a\r\nb\tc\0", "a\ufffd\ufffdb\ufffdc\ufffd", id="controls"),
        pytest.param("\x1b[2J\x9b", "\ufffd[2J\ufffd", id="terminal sequences"),
        pytest.param("\udce0\ud800", "\ufffd\ufffd", id="surrogates"),
        pytest.param("a\u2028b\u2029", "a\ufffdb\ufffd", id="line separators"),
        pytest.param("\u202etxt.exe\u2066", "\ufffdtxt.exe\ufffd", id="direction overrides"),
        pytest.param("\u00a0\u200d\U0001f600", "\u00a0\u200d\U0001f600", id="harmless though not printable"),
    ],
)
def test_what_is_unprintable_becomes_visible(text: str, shown: str) -> None:
    """A log line says what it seems to say."""
    assert printable(text) == shown


@PATIENT
@given(any_text)
def test_any_text_can_be_printed(text: str) -> None:
    """The printable form is one line of UTF-8 of the same length, and its own printable form."""
    shown = printable(text)
    assert len(shown.encode().decode().splitlines()) <= 1
    assert (len(shown), printable(shown)) == (len(text), shown)


# --- Hostile values -------------------------------------------------------------------------------------------

HOSTILE: dict[str, Callable[[int], str]] = {
    "open comments": lambda n: "(" * n,
    "nested comments": lambda n: "(" * (n // 2) + ")" * (n // 2) + "a@b",
    "escaped quotes": lambda n: '"\\"\\' * (n // 4),
    "backslashes": lambda n: "\\" * n,
    "quotes": lambda n: '"' * n + '"',
    "open literals": lambda n: "[a" * (n // 2),
    "mailboxes": lambda n: "<a@b>," * (n // 6),
    "mailboxes, then broken": lambda n: "<a@b>," * (n // 6) + "(",
    "names, then broken": lambda n: "N <a@b> (c)," * (n // 12) + "(",
    "distinct": lambda n: ",".join(f"a@{n}-{i:04}" for i in range(n // 12)) + "(",
    "IDN": lambda n: ",".join(f"a@ж{n}-{i:04}" for i in range(n // 12)) + "(",
    "at signs": lambda n: "@" * n,
    "chain": lambda n: "a@" * (n // 2),
    "long name": lambda n: "a" * n,
    "long local part": lambda n: "a" * n + "@b",
    "dots": lambda n: "a." * (n // 2) + "@b",
    "spaced dots": lambda n: "a ." * (n // 3) + "@b",
    "blanks": lambda n: " " * n + "x",
    "commas": lambda n: "," * n,
    "empty groups": lambda n: "g:;," * (n // 4),
    "route": lambda n: "<" + "@a," * (n // 3) + ":x@y>",
    "open words": lambda n: "=?utf-8?q?" * (n // 10),
    "words": lambda n: "=?utf-8?q?a?= " * (n // 14),
    "open words, closed once": lambda n: "=?utf-8?b?" * (n // 10) + "?=",
    "padding": lambda n: "=?utf-8?b?" + "=" * n + "?=",
    "accents": lambda n: f"e{ACCENTS * (n // 4)}@uni{ACCENTS * (n // 4)}.example",
    "accents in a name": lambda n: f'"e{ACCENTS * (n // 4)}＠uni.example" <x@y> z',
    "NULs": lambda n: "\0" * n + "a@b",
    "folds": lambda n: "\r\n " * (n // 3) + "a@b",
    "line ends": lambda n: "\r\n" * (n // 2),
}


def calls(function: Callable[[str], object], text: str) -> int:
    """How many calls, of Python and of C functions, the function makes for the text."""
    count = 0

    def note(_frame: FrameType, event: str, _arg: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        function(text)
    finally:
        sys.setprofile(before)
    return count


@pytest.mark.parametrize("hostile", [pytest.param(make, id=name) for name, make in HOSTILE.items()])
@pytest.mark.parametrize("function", [parse_mailboxes, claimed_addresses, decode_words])
def test_work_grows_no_faster_than_the_value(function: Callable[[str], object], hostile: Callable[[int], str]) -> None:
    """A value of twice the length takes at most about twice the calls."""
    assert calls(function, hostile(4800)) <= 2.2 * calls(function, hostile(2400)) + 50


@pytest.mark.parametrize("hostile", [pytest.param(make, id=name) for name, make in HOSTILE.items()])
def test_a_hostile_value_is_read_in_the_end(hostile: Callable[[int], str]) -> None:
    """300 KB of the worst are read like 3 KB: as broken or not, with the same kinds of address."""
    small, large = parse_mailboxes(hostile(3_000)), parse_mailboxes(hostile(300_000))
    assert (large.broken, bool(large.mailboxes)) == (small.broken, bool(small.mailboxes))


@settings(deadline=None, max_examples=25)
@given(st.lists(st.sampled_from(PIECES), min_size=1, max_size=4).map("".join))
def test_any_pattern_repeated_is_read_in_the_end(pattern: str) -> None:
    """Twenty thousand of any short pattern neither recurse nor raise, and what is read is again one of its forms."""
    result = parse_mailboxes(pattern * 20_000)
    assert result == parse_mailboxes("()" + pattern * 20_000)
