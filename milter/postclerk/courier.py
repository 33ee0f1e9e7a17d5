"""The courier: tells people what was decided about their mail, and hands what postclerk writes to Postfix.

It is a process of its own beside the workers, begins again where it was stopped, and may run on several hosts at once.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa

from postclerk import clock, events
from postclerk.adapters import notices, outbox
from postclerk.adapters.handover import HandoverError, hand_over
from postclerk.adapters.hold_queue import QueueError
from postclerk.adapters.notices import Group
from postclerk.adapters.store import StoreError
from postclerk.core.people import Person
from postclerk.core.ports import Unavailable
from postclerk.desk import Desk, language_of
from postclerk.explained import Role
from postclerk.held import Hold
from postclerk.mails.notice import Told, notice

_EVERY = 1.0
_AFTER_A_FAULT = 10.0
_TERMS_EVERY = 60.0


class Courier:
    """Carries for one site."""

    def __init__(self, desk: Desk, hold: Hold, holder: str) -> None:
        self._desk = desk
        self._hold = hold
        self._looked_at_terms = 0.0
        self._holder = holder
        assert desk.settings.mail is not None
        self._mail = desk.settings.mail

    def carry(self, finishing: Callable[[float], bool]) -> None:
        """Works until `finishing`, which waits for some seconds, says that it is time to end."""
        pause = 0.0
        while not finishing(pause):
            try:
                pause = 0.0 if self.step() else _EVERY
            except (StoreError, Unavailable) as fault:
                # What is to be told and to be sent stays where it is.
                events.courier_waits(fault)
                pause = _AFTER_A_FAULT

    def step(self) -> bool:
        """Writes what is due and sends what waits; returns whether there was anything. Raises StoreError,
        Unavailable."""
        told = notices.due(self._desk.store, clock.now(), self._mail.same_again_after)
        for group in told:
            self._tell(group)
        mails = outbox.claim(self._desk.store, self._holder, clock.now())
        for mail in mails:
            self._send(mail)
        if clock.now() - self._looked_at_terms > min(_TERMS_EVERY, self._desk.settings.held.term / 4):
            self._looked_at_terms = clock.now()
            try:
                self._hold.end_terms()
            except QueueError as fault:
                events.courier_waits(fault)
        return bool(told or mails)

    def _tell(self, group: Group) -> None:
        """Tells one person. Who has left, or has no mailbox, is not told."""
        desk = self._desk
        # Asked and written before the transaction, which others wait for.
        person, entry = desk.person(group.login), desk.entry(group.incident)
        content = self._written(group, person, entry) if person is not None and entry is not None else None

        def write(connection: sa.Connection) -> None:
            if person is not None and content is not None:
                desk.put(connection, person.mailbox, content, clock.now())

        held = entry is not None and entry["action"] == "hold"
        notices.tell(desk.store, group, clock.now(), self._mail.same_again_after, write, keep_header=held)

    def _written(self, group: Group, person: Person, entry: dict[str, Any]) -> bytes | None:
        try:
            return self._content(group, person, entry)
        except Exception as error:  # noqa: BLE001 - one notice that cannot be written must not keep back all others
            events.notice_failed(group.incident, group.login, error)
            return None

    def _content(self, group: Group, person: Person, entry: dict[str, Any]) -> bytes:
        desk = self._desk
        at = desk.moment(clock.now())
        told = Told(
            entry=entry,
            role=Role(group.role),
            times=group.times,
            header=group.header,
            may_ask=bool(group.asks),
            page=desk.links.explanation(group.incident, group.login),
        )
        return notice(
            told, desk.sender, person.mailbox, language_of(desk.languages, person), at=at, helpdesk=desk.helpdesk
        )

    def _send(self, mail: outbox.Mail) -> None:
        try:
            hand_over(self._mail.smtp, mail.recipient, mail.content, self._desk.settings.site.hostname)
        except HandoverError as fault:
            now = clock.now()
            give_up = fault.permanent or now - mail.made_at > self._mail.give_up_after
            outbox.failed(self._desk.store, mail, str(fault), now, give_up=give_up)
            events.not_handed_over(mail.number, mail.recipient, fault, given_up=give_up)
        else:
            outbox.sent(self._desk.store, mail, clock.now())
