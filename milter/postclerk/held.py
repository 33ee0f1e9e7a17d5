"""Held mail: what waits in Postfix's hold queue beside what was decided about it, the orders that people give, and what
happens when nobody decides.

Orders are written into the store by whoever may give them; only the warden, which runs as root, touches the queue. It
reads messages as well, and leaves it to whoever shows them to make something of what is read.
Failure modes: StoreError, QueueError; Unavailable when the directory does not say whom to tell.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from postclerk import clock, events
from postclerk.adapters import journal, notices, orders
from postclerk.adapters.hold_queue import HoldQueue, InQueue, QueueError
from postclerk.adapters.orders import Order
from postclerk.adapters.store import StoreError
from postclerk.desk import Desk, language_of
from postclerk.explained import Role
from postclerk.mail.shown import Shown, shown
from postclerk.mails.notice import Told, notice
from postclerk.settings import WhenTermPasses

_SAME_MESSAGE = 3600.0
"""Seconds between a decision and the arrival of a message that may still be the same: short queue ids come again."""

_GONE = "it is not held any longer"
_LOOK_EVERY = 0.2


@dataclass(frozen=True, slots=True)
class Look:
    """What came of an order to see a message: nothing yet, orders.SHOWN, or why not; and what is shown, None once its
    time has passed."""

    outcome: str
    shown: Shown | None


@dataclass(frozen=True, slots=True)
class _Letter:
    """A notice of a message's fate, and the name under which it is written once."""

    mailbox: str
    content: bytes
    once: str


class Hold:
    """What is held on this host."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self.store = desk.store
        self.queue = HoldQueue(desk.settings.held.postfix)

    def listed(self) -> list[dict[str, Any]]:
        """Messages that we held, each the journal's entry with `queued` (InQueue) and `order`, the oldest first."""
        there = {one.queue_id: one for one in self.queue.listed()}
        if not there:
            return []
        since = min(one.arrived for one in there.values()) - _SAME_MESSAGE
        entries = journal.held(self.store, list(there), since)
        queued = ((entry, there[entry["queue_id"]]) for entry in entries)
        found = [{**entry, "queued": one} for entry, one in queued if _is_same(entry, one)]
        ordered = orders.of_incidents(self._desk.store, [one["id"] for one in found])
        return [{**one, "order": ordered.get(one["id"])} for one in found]

    def find(self, either_id: str) -> dict[str, Any] | None:
        """A held message by its incident or queue id."""
        return next((one for one in self.listed() if either_id in (one["id"], one["queue_id"])), None)

    def order(self, entry: dict[str, Any], order: Order, *, why: str, by: str, silently: bool = False) -> bool:
        """Gives an order about a held message; False where one waits already. Whoever sent by his login what is to be
        deleted is told so, and why, unless `silently`."""
        letters = []
        if silently:
            why = f"{why} (without telling its sender)"
        elif order is Order.DELETE and entry["login"] is not None:
            letters = self._letters(entry, [entry["login"]], Role.SENDER, "deleted", why)
        return self._give(entry, order, letters, why=why, by=by)

    def outcome(self, entry: dict[str, Any]) -> str:
        """What came of the newest order to release or delete a message; nothing while it waits."""
        ends = [one for one in orders.of_incident(self.store, entry["id"]) if one["action"] != Order.SHOW.value]
        return str(ends[-1]["outcome"]) if ends else ""

    def look(self, entry: dict[str, Any], by: str, *, within: float) -> Look | None:
        """What somebody ordered to see of a message, waited for so many seconds; None where he ordered nothing."""
        deadline = time.monotonic() + within
        while True:
            order = orders.seen(self.store, entry["id"], by, clock.now())
            if order is None:
                return None
            if order["done_at"] is not None or time.monotonic() > deadline:
                content = order["content"]
                seen = None if content is None else shown(bytes(content))
                return Look(order["outcome"], seen)
            time.sleep(_LOOK_EVERY)

    def _give(self, entry: dict[str, Any], order: Order, letters: list[_Letter], *, why: str, by: str) -> bool:
        with self.store.write() as connection:
            given = orders.give(
                connection, order, queue_id=entry["queue_id"], incident=entry["id"], why=why, by=by, at=clock.now()
            )
            if given:
                self._put(connection, letters)
        return given

    def _put(self, connection: sa.Connection, letters: list[_Letter]) -> None:
        for one in letters:
            self._desk.put(connection, one.mailbox, one.content, clock.now(), once=one.once)

    # -- when nobody decides ---------------------------------------------------------------------------------------

    def end_terms(self) -> int:
        """Ends what is held for longer than its term, by an order; returns how many messages that were."""
        settings = self._desk.settings.held
        ended = 0
        for entry in self.listed():
            if entry["order"] is None and clock.now() - entry["queued"].arrived > settings.term:
                self._end(entry, keep=settings.from_outside is WhenTermPasses.KEEP)
                ended += 1
        return ended

    def _end(self, entry: dict[str, Any], *, keep: bool) -> None:
        why = "nobody decided within the term"
        if entry["login"] is not None:
            # Deleted is only what is explained. Where there is nobody to tell, it stays for the IT department.
            letters = self._letters(entry, [entry["login"]], Role.SENDER, "returned")
            if letters:
                self._give(entry, Order.DELETE, letters, why=why, by="postclerk")
            return
        letters = self._letters(entry, self._readers(entry), Role.RECIPIENT, "kept" if keep else "released")
        if keep:
            with self.store.write() as connection:
                self._put(connection, letters)
        else:
            self._give(entry, Order.RELEASE, letters, why=why, by="postclerk")

    def _readers(self, entry: dict[str, Any]) -> list[str]:
        told = [row["login"] for row in notices.concerned(self._desk.store, entry["id"])]
        return told or self._desk.readers(entry["recipients"])

    def _letters(
        self, entry: dict[str, Any], logins: list[str], role: Role, fate: str, reason: str = ""
    ) -> list[_Letter]:
        """What tells these people of a message's fate; nothing for who has left. Raises Unavailable."""
        desk, letters = self._desk, []
        concerned = notices.concerned(self.store, entry["id"])
        for login in logins:
            person = desk.person(login)
            if person is None:
                continue
            known = [row for row in concerned if row["login"] == login]
            told = Told(
                entry=entry, role=role, times=1, header=known[0]["header"] if known else "", may_ask=False,
                page=desk.links.explanation(entry["id"], login) if known else "", fate=fate, reason=reason,
            )  # fmt: skip
            at = desk.moment(clock.now())
            content = notice(
                told, desk.sender, person.mailbox, language_of(desk.languages, person), at=at, helpdesk=desk.helpdesk
            )
            letters.append(_Letter(person.mailbox, content, f"{fate} {entry['id']} {login}"[:255]))
        return letters


def _is_same(entry: dict[str, Any], queued: InQueue) -> bool:
    return abs(float(entry["time"]) - queued.arrived) < _SAME_MESSAGE


# -- the warden --------------------------------------------------------------------------------------------------------


def keep_watch(hold: Hold, finishing: Callable[[float], bool], every: float = 1.0) -> None:
    """Carries out orders until `finishing`, which waits for some seconds, says that it is time to end."""
    pause = 0.0
    while not finishing(pause):
        pause = every
        try:
            carry_out(hold)
            orders.forget(hold.store, clock.now())
        except (StoreError, QueueError) as fault:
            events.warden_waits(fault)
            pause = 10.0


def carry_out(hold: Hold) -> None:
    """Carries out what is ordered, each order once, and writes down what came of it."""
    if not orders.waiting(hold.store):
        return
    with hold.queue.alone():
        there = {one.queue_id: one for one in hold.queue.listed()}
        for order in orders.waiting(hold.store):
            outcome, content = _outcome(hold, order, there)
            orders.done(hold.store, order["number"], outcome, clock.now(), content)
            if outcome in (orders.RELEASED, orders.DELETED, _GONE):
                notices.forget_header(hold.store, order["incident"])
            events.order_done(order, outcome)


def _outcome(hold: Hold, order: dict[str, Any], there: dict[str, InQueue]) -> tuple[str, bytes | None]:
    """What comes of an order, and what was read where it was to see the message."""
    queue_id = order["queue_id"]
    queued = there.get(queue_id)
    entry = hold.find(queue_id)
    if queued is None or entry is None or entry["id"] != order["incident"]:
        return _GONE, None
    try:
        match order["action"]:
            case Order.SHOW.value:
                return orders.SHOWN, hold.queue.message(queue_id)
            case Order.RELEASE.value:
                hold.queue.release(queue_id)
                return orders.RELEASED, None
            case Order.DELETE.value:
                hold.queue.delete(queue_id)
                return orders.DELETED, None
            case unknown:
                return f"{orders.FAILED}{unknown!r} is no order", None
    except QueueError as fault:
        return f"{orders.FAILED}{fault}", None
