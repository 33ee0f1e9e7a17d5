"""Held mail: what waits in Postfix's hold queue beside what was decided about it, the orders that people give, and what
happens when nobody decides.

Orders are written into the store by whoever may give them; only the warden, which runs as root, touches the queue.
Failure modes: StoreError, QueueError.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa

from postclerk import clock, events
from postclerk.adapters import journal, notices, orders
from postclerk.adapters.hold_queue import HoldQueue, InQueue, QueueError
from postclerk.adapters.orders import Order
from postclerk.adapters.store import StoreError
from postclerk.desk import Desk, language_of
from postclerk.explained import Role
from postclerk.mails.notice import Told, notice
from postclerk.settings import WhenTermPasses

_SAME_MESSAGE = 3600.0
"""Seconds between a decision and the arrival of a message that may still be the same: short queue ids come again."""


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

    def order(self, entry: dict[str, Any], order: Order, *, why: str, by: str) -> None:
        """Gives an order about a held message."""
        with self._desk.store.write() as connection:
            orders.give(
                connection, order, queue_id=entry["queue_id"], incident=entry["id"], why=why, by=by, at=clock.now()
            )

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
        give = {"queue_id": entry["queue_id"], "incident": entry["id"], "by": "postclerk", "at": clock.now()}
        why = "nobody decided within the term"
        with self._desk.store.write() as connection:
            if entry["login"] is not None:
                # First the mail that tells of it: what is deleted has been explained. Where there is nobody to tell,
                # it stays for the IT department.
                if self._tell(connection, entry, entry["login"], Role.SENDER, "returned"):
                    orders.give(connection, Order.DELETE, why=why, **give)
                return
            for login in self._readers(entry):
                self._tell(connection, entry, login, Role.RECIPIENT, "kept" if keep else "released")
            if not keep:
                orders.give(connection, Order.RELEASE, why=why, **give)

    def _readers(self, entry: dict[str, Any]) -> list[str]:
        told = [row["login"] for row in notices.concerned(self._desk.store, entry["id"])]
        return told or self._desk.readers(entry["recipients"])

    def _tell(self, connection: sa.Connection, entry: dict[str, Any], login: str, role: Role, fate: str) -> bool:
        desk = self._desk
        person = desk.person(login)
        if person is None:
            return False
        known = [row for row in notices.concerned(desk.store, entry["id"]) if row["login"] == login]
        told = Told(
            entry=entry, role=role, times=1, header=known[0]["header"] if known else "", may_ask=False,
            page=desk.links.explanation(entry["id"], login) if known else "", fate=fate,
        )  # fmt: skip
        at = desk.moment(clock.now())
        mail = notice(
            told, desk.sender, person.mailbox, language_of(desk.languages, person), at=at, helpdesk=desk.helpdesk
        )
        desk.put(connection, person.mailbox, mail, clock.now(), once=f"{fate} {entry['id']} {login}"[:255])
        return True


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
        except (StoreError, QueueError) as fault:
            events.warden_waits(fault)
            pause = 10.0


def carry_out(hold: Hold) -> list[tuple[dict[str, Any], str]]:
    """Carries out what is ordered, and writes down what came of it; returns both."""
    waiting = orders.waiting(hold.store)
    if not waiting:
        return []
    there = {one.queue_id: one for one in hold.queue.listed()}
    done = []
    for order in waiting:
        outcome = _outcome(hold, order, there)
        orders.done(hold.store, order["number"], outcome, clock.now())
        if not outcome.startswith(orders.FAILED):
            notices.forget_header(hold.store, order["incident"])
        events.order_done(order, outcome)
        done.append((order, outcome))
    return done


def _outcome(hold: Hold, order: dict[str, Any], there: dict[str, InQueue]) -> str:
    queued = there.get(order["queue_id"])
    entry = hold.find(order["queue_id"])
    if queued is None or entry is None or entry["id"] != order["incident"]:
        return "it is not held any longer"
    try:
        if order["action"] == Order.RELEASE.value:
            hold.queue.release(order["queue_id"])
            return orders.RELEASED
        hold.queue.delete(order["queue_id"])
        return orders.DELETED
    except QueueError as fault:
        return f"{orders.FAILED}{fault}"
