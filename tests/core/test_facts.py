"""What one message's facts answer."""

from __future__ import annotations

from typing import Any

import pytest

from postclerk.core.addresses import Address, Mailbox, MailboxList, parse_path
from postclerk.core.facts import Facts, Headers, Person, Usage, Window

SERIK = Person(
    "a.serik",
    frozenset({"a.serik@uni.example", "office+desk@uni.example"}),
    frozenset({"conference.example"}),
)
NOBODY = None


def _facts(**said: Any) -> Facts:
    return Facts(
        **{
            "client": "192.0.2.9",
            "login": None,
            "person": None,
            "inside": True,
            "relay": False,
            "sender_text": "",
            "sender": None,
            "sender_fault": "",
            "recipients": (),
            "all_recipients_inside": False,
            "to_helpdesk_only": False,
            "domains": frozenset({"uni.example", "staff.uni.example"}),
            "home_domain": "uni.example",
            "tag_delimiter": "+",
            **said,
        }
    )


def _address(text: str) -> Address:
    address = parse_path(f"<{text}>")
    assert address is not None
    return address


@pytest.mark.parametrize(
    ("who", "address", "own"),
    [
        pytest.param("login", "a.serik@uni.example", True, id="ones-own"),
        pytest.param("login", "A.Serik@UNI.example", True, id="in-any-case"),
        pytest.param("login", "a.serik+lists@uni.example", True, id="with-a-tag"),
        pytest.param("login", "a.serik", True, id="without-a-domain"),
        pytest.param("login", "a.serik+x", True, id="without-a-domain-with-a-tag"),
        pytest.param("login", "office+desk@uni.example", True, id="listed-with-what-would-be-a-tag"),
        pytest.param("login", "office@uni.example", False, id="a-listed-tag-does-not-give-the-rest"),
        pytest.param("login", "anybody@conference.example", True, id="any-of-a-granted-domain"),
        pytest.param("login", "x@sub.conference.example", False, id="a-domain-is-not-its-subdomains"),
        pytest.param("login", "a.serik@staff.uni.example", False, id="the-same-name-in-another-domain"),
        pytest.param("login", "b.head@uni.example", False, id="anothers"),
        pytest.param("login", "a.serik@example.org", False, id="outside"),
        pytest.param("login", "b.head", False, id="anothers-without-a-domain"),
        pytest.param("inside", "root@uni.example", True, id="an-inside-client-any-inside-address"),
        pytest.param("inside", "cron@db1.uni.example", True, id="an-inside-client-its-host"),
        pytest.param("inside", "cron@a.b.uni.example", True, id="an-inside-client-its-host-deeper"),
        pytest.param("inside", "root", True, id="an-inside-client-no-domain"),
        pytest.param("inside", "x@notuni.example", False, id="an-inside-client-a-domain-that-ends-alike"),
        pytest.param("inside", "x@example.org", False, id="an-inside-client-outside-address"),
    ],
)
def test_whose_an_address_is(who: str, address: str, own: bool) -> None:
    """A login has what is listed for it, an inside client what is inside, everybody else what is outside."""
    facts = {
        "login": _facts(login="a.serik", person=SERIK),
        "inside": _facts(),
        "outside": _facts(inside=False),
    }[who]
    assert own is facts.owns(_address(address))


@pytest.mark.parametrize(
    ("used", "over"),
    [
        pytest.param((190, 990), [], id="exactly-the-limit-fits"),
        pytest.param((191, 0), [(0, 191)], id="one-more-does-not"),
        pytest.param((191, 991), [(0, 191), (1, 991)], id="both-windows"),
    ],
)
def test_windows_are_full_at_their_limit(used: tuple[int, ...], over: list[tuple[int, int]]) -> None:
    """What was used and what is added may make up the limit and no more."""
    windows = (Window(3600.0, 200, "an hour"), Window(86400.0, 1000, "24 hours"))
    assert [(windows[number], count) for number, count in over] == Usage(used, windows, 10).overrun()


def test_the_null_sender_is_no_broken_one() -> None:
    """`<>` is the null sender; what cannot be read is none."""
    kinds = (_facts(), _facts(sender_fault="x"), _facts(sender=_address("a@b.c")))
    assert [facts.null_sender for facts in kinds] == [True, False, False]


def test_headers_are_found_in_any_case_and_in_order() -> None:
    """Names are compared without case, values stay as they came, bytes that are no UTF-8 included."""
    headers = Headers([("Subject", b"one"), ("FROM", b"a@b.example"), ("subject", b"\xff")])
    assert headers.all("subject") == ["one", "\udcff"]
    assert headers.first("subject") == "one"
    assert headers.first("to") is None
    assert headers.all("to") == []
    assert ["from" in headers, "to" in headers] == [True, False]


def test_two_fields_of_one_name_both_count() -> None:
    """A forger may send two From fields: the addresses of both are seen."""
    headers = Headers([("From", b"a@uni.example"), ("From", b"B <b@example.org>")])
    assert headers.mailboxes("from") == MailboxList(
        (Mailbox("", _address("a@uni.example")), Mailbox("B", _address("b@example.org"))), broken=False
    )
    assert headers.mailboxes("sender") == MailboxList((), broken=False)


def test_one_broken_field_breaks_the_list() -> None:
    """What a second field hides is not waved through by the first."""
    headers = Headers([("From", b"a@uni.example"), ("From", b"b@@example.org, <")])
    assert headers.mailboxes("from").broken is True


def test_the_first_inside_address_is_the_claim() -> None:
    """An address without a domain claims nothing."""
    boxes = tuple(Mailbox("", _address(text)) for text in ("x", "x@example.org", "a@uni.example", "b@uni.example"))
    facts = _facts(inside=False)
    assert facts.claims_to_be_inside(boxes) == _address("a@uni.example")
    assert facts.claims_to_be_inside(boxes[:2]) is None
