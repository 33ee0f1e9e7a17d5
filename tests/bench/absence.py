"""`./dev bench absence`: how many automatic replies are read right, by language, and the mistakes.

    ./dev bench absence [FILE.toml …]

Without files, the six tables beside this one: what the reader was developed on, and five that were written after it,
one after the other, from the shapes that other software and institutions suggest, the third with hard ones. When they
were read for the first time, 35 of 39, 31 of 35, 22 of 34, 25 of 28 and 18 of 20 replies were right. What failed has
been mended since, and one hand wrote reader and tables, so that only a new table by somebody else can say more. A reply
is right where first day, last day and substitute all are, or where it is rightly taken for none.
"""

from __future__ import annotations

import argparse
import datetime
import sys
import tomllib
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from postclerk.core.absence import Absence
from postclerk.mail.absence import absence

HERE = Path(__file__).parent
OWN = ("me@uni.example",)
TABLES = tuple(HERE / f"absences{which}.toml" for which in ("", "_unseen", "_held_back", "_third", "_fourth", "_fifth"))


@dataclass(frozen=True, slots=True)
class Labelled:
    """An automatic reply, and what its reader takes from it."""

    language: str
    at: datetime.datetime
    subject: str
    text: str
    says: Absence | None

    @property
    def read(self) -> Absence | None:
        """What our reader takes from it."""
        return absence(self.subject, self.text, self.at, OWN)


def labelled(table: Path) -> list[Labelled]:
    """The replies of a table."""
    rows = tomllib.loads(table.read_text(encoding="utf-8"))["reply"]
    return [
        Labelled(
            language=row["language"],
            at=datetime.datetime.combine(row["at"], datetime.time(10), datetime.UTC),
            subject=row.get("subject", "Automatic reply"),
            text=row["text"],
            says=Absence(row.get("from"), row.get("until"), row.get("substitute")) if row.get("absent", True) else None,
        )
        for row in rows
    ]


def main() -> int:
    """Reads and prints."""
    parser = argparse.ArgumentParser(prog="bench absence")
    parser.add_argument("tables", metavar="FILE", type=Path, nargs="*", default=TABLES)
    for table in parser.parse_args().tables:
        print(f"{table.name}\nlanguage  replies  right  absent  first day  last day  substitute")
        replies = labelled(table)
        counts: dict[str, Counter[str]] = {}
        for one in replies:
            count = counts.setdefault(one.language, Counter())
            count["replies"] += 1
            read = one.read
            count["right"] += read == one.says
            count["absent"] += (read is None) == (one.says is None)
            for part in ("begins", "until", "substitute"):
                count[part] += getattr(read, part, None) == getattr(one.says, part, None)
        for language, count in sorted(counts.items()):
            numbers = f"{count['replies']:7}  {count['right']:5}  {count['absent']:6}  {count['begins']:9}"
            print(f"{language:8}  {numbers}  {count['until']:8}  {count['substitute']:10}")
        for one in replies:
            if one.read != one.says:
                print(f"{one.language} {one.text[:110]!r}\n   said {_told(one.says)}\n   read {_told(one.read)}")
        print()
    return 0


def _told(says: Absence | None) -> str:
    return "no absence" if says is None else f"{says.begins} - {says.until}, {says.substitute}"


if __name__ == "__main__":
    sys.exit(main())
