"""1.3.2-a, the caps: messages and what is found about them."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import pytest

from postclerk.core.people import Expansion, Listing, Person
from postclerk.core.rule import Action, Finding
from tests.conftest import SITE, Build

CAPS = "  recipients: {per_message: 3, per_hour: 5, per_day: 8}\n"


def _to(count: int) -> list[str]:
    return [f"<r{number}@example.org>" for number in range(count)]


def _in_a_while(count: int, used: int, window: str, limit: int) -> Finding:
    return Finding("too-many-in-a-while", count=count, used=used, total=used + count, window=window, limit=limit)


def _notices(count: int, used: int, notice: str) -> Finding:
    detail = {"count": count, "used": used, "total": used + count, "window": "24 hours", "limit": 6}
    return Finding("service-notices-too-many", **detail, notice=notice)


@pytest.mark.parametrize(
    ("message", "used", "findings"),
    [
        pytest.param({"recipients": _to(3)}, 0, [], id="exactly-the-limit"),
        pytest.param(
            {"recipients": _to(4)}, 0, [Finding("too-many-recipients", count=4, limit=3)], id="one-over-the-limit"
        ),
        pytest.param({"recipients": _to(3)}, 2, [], id="exactly-the-hours-limit"),
        pytest.param({"recipients": _to(3)}, 3, [_in_a_while(3, 3, "an hour", 5)], id="over-the-hours-limit"),
        pytest.param(
            {"recipients": _to(3)},
            6,
            [_in_a_while(3, 6, "an hour", 5), _in_a_while(3, 6, "24 hours", 8)],
            id="over-both-limits",
        ),
        pytest.param(
            {"recipients": _to(4)},
            2,
            [Finding("too-many-recipients", count=4, limit=3), _in_a_while(4, 2, "an hour", 5)],
            id="over-all-kinds-of-limits",
        ),
        pytest.param(
            {"recipients": ["<a@example.org>", "<A@EXAMPLE.org>", "<a@example.org>", "<b@example.org>"]},
            0,
            [],
            id="one-recipient-said-thrice-is-one",
        ),
        pytest.param(
            {"recipients": ["<b.head@uni.example>", "<b.head+x@uni.example>", "<b.head>", "<a@example.org>"]},
            0,
            [],
            id="one-mailbox-in-three-ways-is-one",
        ),
        pytest.param(
            {"recipients": ["<a@example.org>", "<a+1@example.org>", "<a+2@example.org>", "<a+3@example.org>"]},
            0,
            [Finding("too-many-recipients", count=4, limit=3)],
            id="tags-of-others-are-theirs",
        ),
        pytest.param({"recipients": ["<staff@uni.example>"]}, 0, [], id="a-list-counts-as-its-members-once"),
        pytest.param(
            {"recipients": ["<staff+x@uni.example>", "<x@example.org>"]},
            0,
            [Finding("too-many-recipients", count=4, limit=3)],
            id="a-list-and-one-more",
        ),
        pytest.param(
            {"login": None, "client": "192.0.2.9", "recipients": _to(4)},
            0,
            [Finding("too-many-recipients", count=4, limit=3)],
            id="an-inside-client",
        ),
        pytest.param({"login": None, "client": "203.0.113.5", "recipients": _to(9)}, 9, [], id="outside-mail-never"),
        pytest.param({"login": None, "client": None, "recipients": _to(9)}, 9, [], id="an-unknown-client-is-outside"),
        pytest.param({"login": None, "client": "198.51.100.7", "recipients": _to(9)}, 9, [], id="a-relays-client"),
        pytest.param({"login": "lists", "recipients": _to(9)}, 9, [], id="a-relays-login"),
        pytest.param(
            {"login": "registry", "sender": "<registry@uni.example>", "recipients": _to(4)},
            2,
            [],
            id="a-service-notice",
        ),
        pytest.param(
            {"login": "registry", "sender": "<registry@uni.example>", "recipients": _to(5)},
            2,
            [Finding("service-notice-too-large", count=5, limit=4, notice="registry"), _notices(5, 2, "registry")],
            id="a-service-notice-over-its-own-bounds",
        ),
        pytest.param(
            {"login": "registry", "sender": "<archive@uni.example>", "recipients": _to(4)},
            0,
            [Finding("too-many-recipients", count=4, limit=3)],
            id="the-notices-login-under-another-sender",
        ),
        pytest.param(
            {"sender": "<registry@uni.example>", "recipients": _to(4)},
            0,
            [Finding("too-many-recipients", count=4, limit=3)],
            id="the-notices-sender-from-another-login",
        ),
        pytest.param(
            {"login": None, "client": "203.0.113.5", "sender": "<registry@uni.example>", "recipients": _to(9)},
            9,
            [],
            id="the-notices-sender-from-outside-is-no-notice",
        ),
        pytest.param(
            {"login": None, "client": "192.0.2.77", "sender": "<x@uni.example>", "recipients": _to(4)},
            0,
            [],
            id="a-notice-by-its-network",
        ),
        pytest.param(
            {"client": "192.0.2.77", "recipients": _to(4)},
            0,
            [Finding("too-many-recipients", count=4, limit=3)],
            id="a-login-from-a-notices-network-is-a-login",
        ),
        pytest.param(
            {"sender": "<>", "recipients": _to(4)},
            0,
            [Finding("too-many-recipients", count=4, limit=3)],
            id="the-null-sender-counts",
        ),
    ],
)
def test_messages(world: Build, message: dict[str, Any], used: int, findings: list[Finding]) -> None:
    """A message, and all of a sender's within a window, reach no more recipients than allowed."""
    verdict = world(CAPS, used=used).case(**message).at_data()
    assert findings == [one.finding for one in verdict.rulings]


class Lists:
    """A directory with a list of which so many members are known, and not more."""

    def __init__(self, known: int, **said: Any) -> None:
        self._known, self._said = known, said

    def person(self, login: str) -> Person:
        return Person(login, frozenset({f"{login}@uni.example"}))

    def expand(self, recipients: Collection[str]) -> dict[str, Expansion]:
        mailboxes = tuple(f"m{number}@uni.example" for number in range(self._known))
        there = Expansion(mailboxes, Listing("huge@uni.example", mailboxes), **self._said)
        return {"huge@uni.example": there} if "huge@uni.example" in recipients else {}


def _not_counted(count: int, limit: int) -> Finding:
    return Finding("list-not-counted", list="huge@uni.example", count=count, limit=limit)


AWAY = Finding("unavailable", what=["members"], why="away")
NOTICE = {"login": "registry", "sender": "<registry@uni.example>"}
OUTSIDE = {"login": None, "client": "203.0.113.5", "sender": "<x@example.org>"}


@pytest.mark.parametrize(
    ("directory", "message", "action", "findings"),
    [
        pytest.param(Lists(2, more=True), {}, "reject", [_not_counted(2, 3)], id="more-than-anybody-counts"),
        pytest.param(Lists(2, more=True), NOTICE, "reject", [_not_counted(2, 4)], id="… as a service notice"),
        pytest.param(Lists(2, more=True), OUTSIDE, "accept", [], id="… from outside"),
        pytest.param(
            Lists(4, unsure="away"), {}, "reject", [_not_counted(4, 3)], id="those-that-are-known-are-too-many"
        ),
        pytest.param(Lists(3, unsure="away"), {}, "defer", [AWAY], id="those-that-are-known-are-not-too-many"),
        pytest.param(Lists(4, unsure="away"), NOTICE, "defer", [AWAY], id="… for a service notice"),
        pytest.param(Lists(5, unsure="away"), NOTICE, "reject", [_not_counted(5, 4)], id="… nor for that"),
        pytest.param(Lists(9, unsure="away"), OUTSIDE, "accept", [], id="which-is-nothing-to-mail-from-outside"),
    ],
)
def test_lists_that_were_not_counted(
    world: Build, directory: Lists, message: dict[str, Any], action: str, findings: list[Finding]
) -> None:
    """A list is refused that surely has too many members; where that is not known, the message waits."""
    built = world(CAPS)
    built.judge.collector._directory = directory
    case = built.case(recipients=["<huge@uni.example>"], **message)
    verdict = case.at_data()
    assert (verdict.action.value, [one.finding for one in verdict.rulings]) == (action, findings)
    if action == "reject":
        reply = case.reply(verdict)
        assert reply is not None
        limit = findings[0].detail["limit"]
        assert reply.lines[:2] == (
            "[1.3.2-a] The list huge@uni.example has too many members to count them;"
            f" at most {limit} recipients are allowed in one message.",
            "Have it sent as a service notice from its own account, or write to a smaller list.",
        )


@pytest.mark.parametrize(
    ("known", "action"), [pytest.param(4, "reject", id="too-many"), pytest.param(3, "defer", id="perhaps")]
)
def test_lists_that_were_not_counted_of_what_may_be_a_notice(world: Build, known: int, action: str) -> None:
    """The same is said when it turns out that no signature proves the notice; until then nothing."""
    site = SITE.replace("service_notices:\n", f"service_notices:\n{PORTAL}")
    built = world(CAPS, site=site)
    built.judge.collector._directory = Lists(known, unsure="away")
    envelope = {"sender": "<a.serik@uni.example>", "recipients": ["<huge@uni.example>"]}
    assert built.case(**envelope).at_data().action.value == "accept"
    assert built.verdict(**envelope).action.value == action


PORTAL = (
    "  - {name: portal, dkim: {domain: uni.example, selector: notices}, from: [a.serik@uni.example], per_message: 9}\n"
)


@pytest.mark.parametrize(
    ("message", "counted"),
    [
        pytest.param({"recipients": _to(2)}, [("login:a.serik", 2)], id="a-login"),
        pytest.param({"login": "A.SERIK@uni.example", "recipients": _to(1)}, [("login:a.serik", 1)], id="by-any-name"),
        pytest.param({"login": None, "client": "192.0.2.9"}, [("client:192.0.2.9", 1)], id="an-inside-client"),
        pytest.param(
            {"login": "registry", "sender": "<registry@uni.example>"}, [("notice:registry", 1)], id="a-service-notice"
        ),
        pytest.param({"recipients": ["<it@uni.example>"]}, [("login:a.serik", 3)], id="a-list-as-its-members"),
        pytest.param({"login": None, "client": "203.0.113.5"}, [], id="outside-mail-not"),
        pytest.param({"login": "lists"}, [], id="a-relay-not"),
    ],
)
def test_who_is_counted(world: Build, message: dict[str, Any], counted: list[tuple[str, int]]) -> None:
    """Distinct recipients count for the login, else for the inside client, else not at all."""
    built = world(CAPS)
    built.case(**message).at_data()
    assert counted == built.counters.reserved


@pytest.mark.parametrize(
    ("caps", "used", "kept"),
    [
        pytest.param("action: reject", 5, [], id="a-refused-message-takes-nothing"),
        pytest.param("action: hold", 5, [("login:a.serik", 1)], id="a-held-one-counts"),
        pytest.param("action: reject, monitor: true", 5, [("login:a.serik", 1)], id="a-monitored-one-counts"),
        pytest.param("action: reject", 4, [("login:a.serik", 1)], id="what-fits-counts"),
    ],
)
def test_what_is_refused_does_not_count(world: Build, caps: str, used: int, kept: list[tuple[str, int]]) -> None:
    """Recipients of a message that is accepted or held are counted, whatever is found about it."""
    built = world(f"  recipients: {{per_hour: 5, {caps}}}\n", used=used)
    built.case().at_data()
    assert kept == built.counters.reserved


def test_reservations_are_given_back_once(world: Build) -> None:
    """What a message reserved is given back when it is refused, and not twice."""
    built = world(CAPS)
    case = built.case()
    case.at_data()
    case.give_back()
    case.give_back()
    assert [case.incident] == built.counters.released


def test_counters_that_are_down_are_no_permission(world: Build) -> None:
    """A count that cannot be had is what `when_unavailable` says; the cap of one message still holds."""
    built = world(CAPS)
    built.counters.down = True
    verdict = built.case(recipients=_to(4)).at_data()
    assert verdict.action is Action.REJECT
    assert [one.finding for one in verdict.rulings] == [
        Finding("too-many-recipients", count=4, limit=3),
        Finding("unavailable", what=["counts"], why="down"),
    ]
    assert built.case().at_data().action is Action.DEFER
