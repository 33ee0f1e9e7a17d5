"""The companion of the milter: reads the journal, keeps the clock on what waits for an answer, reminds and flags.

It begins again where it was stopped, and may run on several hosts at once. Its clock may jump: what was told stands in
the store, and what is due is due by the time that it reads now.
"""

from __future__ import annotations

from collections.abc import Callable

from postclerk import events
from postclerk.adapters import absences, duties
from postclerk.adapters.absence_file import AbsenceFile
from postclerk.adapters.store import StoreError
from postclerk.core.ports import Unavailable
from postclerk.desk import Desk
from postclerk.flags import Flagger
from postclerk.reminders import Reminders
from postclerk.tracking import Tracking

_EVERY = 1.0
_AFTER_A_FAULT = 10.0
_LOOK_EVERY = 30.0
_FORGET_EVERY = 86400.0


class Companion:
    """Tracks one site."""

    def __init__(
        self, desk: Desk, tracking: Tracking, reminders: Reminders, flagger: Flagger | None, absent: AbsenceFile | None
    ) -> None:
        self._desk = desk
        self._tracking = tracking
        self._reminders = reminders
        self._flagger = flagger
        self._absent = absent
        self._looked = self._forgot = float("-inf")

    def run(self, finishing: Callable[[float], bool], now: Callable[[], float]) -> None:
        """Works until `finishing`, which waits for some seconds, says that it is time to end."""
        pause = 0.0
        while not finishing(pause):
            try:
                pause = 0.0 if self.step(now()) else _EVERY
            except (StoreError, Unavailable) as fault:
                # What is not read, told or flagged yet stays where it is.
                events.tracker_waits(fault)
                pause = _AFTER_A_FAULT

    def catch_up(self, now: float) -> None:
        """Does all that is to be done at a time, and ends."""
        while self.step(now, look=True):
            pass

    def step(self, now: float, *, look: bool = False) -> bool:
        """Reads what is new, and now and then looks at what has fallen due; returns whether more may be to do at once.
        Raises StoreError, Unavailable."""
        self._tracking.follow_calendar(now)
        if self._absent is not None and (rows := self._absent.changed()) is not None:
            self._tracking.follow_absences(rows, self._absent.state, now)
            self._absent.taken()
        self._tracking.follow_days(now)
        if self._tracking.read_on(now):
            return True
        # A clock that was set back must not keep it from looking for as long.
        if look or not 0 <= now - self._looked < _LOOK_EVERY:
            self._looked = now
            done = self._reminders.write(now)
            if self._flagger is not None:
                done += self._flagger.step(now)
            if not 0 <= now - self._forgot < _FORGET_EVERY:
                self._forgot = now
                assert self._desk.settings.tracker is not None
                before = now - self._desk.settings.tracker.keep
                duties.forget(self._desk.store, before)
                with self._desk.store.write() as connection:
                    absences.forget(connection, before)
            return bool(done)
        return False
