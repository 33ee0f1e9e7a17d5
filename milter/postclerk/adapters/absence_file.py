"""Absences in a YAML file, beside those that automatic replies tell; read again when it changes.

    absences:
      - {login: a.serik, from: 2026-08-03, until: 2026-08-29, substitute: b.head@uni.example}

Failure modes: Mistakes with the line and column of what is wrong; a file that becomes wrong while the tracker runs
leaves what was known before in force.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import ValidationError, model_validator

from postclerk import events
from postclerk.collect import normal_login
from postclerk.config import mistakes_of
from postclerk.core.rule import Section, option
from postclerk.settings import Day
from postclerk.sourcefile import Mistakes, read

_UNREADABLE = "unreadable"


class AbsenceEntry(Section):
    """Somebody who is away."""

    login: str = option(..., "Whose absence it is.", min_length=1)
    begins: Day = option(..., "The first day.", alias="from")
    until: Day = option(..., "The last day.")
    substitute: str = option("", "The address or telephone number of whom to turn to meanwhile.")

    @model_validator(mode="after")
    def _in_order(self) -> AbsenceEntry:
        if self.until < self.begins:
            raise ValueError("`until` lies before `from`")
        return self


class AbsencesFile(Section):
    """A whole file of absences."""

    absences: list[AbsenceEntry] = option([], "Who is away.")


class AbsenceFile:
    """One file of absences."""

    def __init__(self, path: Path, domains: list[str]) -> None:
        self._path = path
        self._domains = domains
        self.state = ""
        """Tells one content of the file from another."""
        self._settled = ""
        """The state that is taken, or is wrong and logged."""

    def rows(self) -> list[dict[str, Any]]:
        """What the file says. Raises Mistakes, OSError."""
        source = read(self._path)
        try:
            content = AbsencesFile.model_validate(source.value or {})
        except ValidationError as fault:
            raise Mistakes(mistakes_of(fault, source, AbsencesFile)) from fault
        return [
            {
                "login": normal_login(one.login, self._domains) or one.login,
                "begins": one.begins.isoformat(),
                "ends": one.until.isoformat(),
                "substitute": one.substitute.strip().lower() if "@" in one.substitute else one.substitute.strip(),
            }
            for one in content.absences
        ]

    def changed(self) -> list[dict[str, Any]] | None:
        """What the file says, where it has changed since it was last taken; a file that is wrong is logged once."""
        try:
            there = self._path.stat()
            state = f"{there.st_mtime_ns} {there.st_size} {there.st_ino}"
            if state == self._settled:
                return None
            self.state = state
            return self.rows()
        except (OSError, Mistakes) as fault:
            if isinstance(fault, Mistakes) or self._settled != _UNREADABLE:
                events.absences_wrong(str(self._path), fault)
            # What cannot be read is tried each time: its rights may change, and nothing else.
            self._settled = self.state if isinstance(fault, Mistakes) else _UNREADABLE
            return None

    def taken(self) -> None:
        """What it said last is kept by now."""
        self._settled = self.state
