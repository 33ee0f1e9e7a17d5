"""Flags for what is overdue, in people's mailboxes, and their removal once it is answered.

A mailbox that cannot be opened keeps no other waiting, and is tried again after a while. Failure modes: StoreError.
"""

from __future__ import annotations

from collections.abc import Iterable

from postclerk import events
from postclerk.adapters import duties
from postclerk.adapters.duties import Waiting
from postclerk.adapters.imap import Flags, ImapError, Mailbox
from postclerk.core.ports import Unavailable
from postclerk.desk import Desk

_AGAIN_AFTER = 300.0
_MISSING_AGAIN_AFTER = 3600.0
"""Seconds until a mailbox that was away is tried again, and until a letter that was not in it is looked for again."""


class Flagger:
    """Sets and removes flags of one site."""

    def __init__(self, desk: Desk, flags: Flags) -> None:
        self._desk = desk
        self._flags = flags

    def step(self, now: float) -> int:
        """Brings flags to what they should be at a time; returns how many were changed."""
        store = self._desk.store
        changed = self._change(duties.to_be_unflagged(store, now), now, is_set=False)
        return changed + self._change(duties.to_be_flagged(store, now), now, is_set=True)

    def _change(self, wanted: Iterable[Waiting], now: float, *, is_set: bool) -> int:
        by_login: dict[str, list[Waiting]] = {}
        for one in wanted:
            by_login.setdefault(one.login, []).append(one)
        return sum(self._change_in(login, found, now, is_set=is_set) for login, found in by_login.items())

    def _change_in(self, login: str, found: list[Waiting], now: float, *, is_set: bool) -> int:
        store = self._desk.store
        try:
            person = self._desk.person(login)
            if person is None:
                # Who has left has no mailbox to flag; a flag of ours there is nobody's concern.
                for one in found:
                    duties.flagged(store, one.number, is_set=False)
                duties.flag_later(store, [one.number for one in found], now + _MISSING_AGAIN_AFTER)
                return 0
            with self._flags.mailbox(login, person.mailbox) as mailbox:
                before = self._begin(mailbox, found) if is_set else set()
                there = mailbox.change([one.post.ident for one in found if one.post.ident not in before], is_set=is_set)
        except (ImapError, Unavailable) as fault:
            events.flags_wait(login, fault)
            duties.flag_later(store, [one.number for one in found], now + _AGAIN_AFTER)
            return 0
        changed = [one for one in found if one.post.ident in there]
        for one in changed:
            duties.flagged(store, one.number, is_set=is_set)
        gone = [one.number for one in found if one.post.ident not in there | before]
        for number in gone:
            # Deleted or filed elsewhere by its owner; or it is yet to come.
            duties.flagged(store, number, is_set=False)
        if gone and is_set:
            duties.flag_later(store, gone, now + _MISSING_AGAIN_AFTER)
        if changed:
            events.flagged(login, len(changed), is_set=is_set)
        return len(changed)

    def _begin(self, mailbox: Mailbox, found: list[Waiting]) -> set[str]:
        """Writes down which flags are going to be set, so that after a sudden end they are known for ours; returns the
        ids of the letters that their owner has flagged himself."""
        store = self._desk.store
        anew = [one for one in found if not one.flag_begun]
        before = mailbox.flagged([one.post.ident for one in anew])
        for one in anew:
            if one.post.ident in before:
                duties.flagged_by_owner(store, one.number)
        duties.flag_begun(store, [one.number for one in anew if one.post.ident not in before])
        return before
