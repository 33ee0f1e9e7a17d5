"""How well the kinds of mail are told apart: a table of what was taken for what, by language, with the mistakes.

    python -m tests.bench.kind FOLDER [--headers]

FOLDER holds messages and a `labels.tsv` with the columns file, task, label, language, group and mail_from; rows of the
task `autogen` count, one template (group) once. `--headers` judges by headers alone.
"""

from __future__ import annotations

import argparse
import csv
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from postclerk.core.facts import Headers
from postclerk.core.kind import Kind
from postclerk.mail.header import body, header_fields
from postclerk.mail.kind import kind_of
from postclerk.mail.letter import read_body

KINDS = [kind.value for kind in Kind]


@dataclass(frozen=True, slots=True)
class Sample:
    """One message: what it is, and what it was taken for."""

    file: str
    label: str
    language: str
    group: str
    told: str
    why: tuple[str, ...]


def samples(folder: Path, *, headers_only: bool) -> list[Sample]:
    """The labelled messages of a folder, judged."""
    with (folder / "labels.tsv").open(newline="", encoding="utf-8") as table:
        rows = [
            row for row in csv.DictReader(table, delimiter="\t", quoting=csv.QUOTE_NONE) if row["task"] == "autogen"
        ]
    return [_sample(folder, row, headers_only=headers_only) for row in rows]


def _sample(folder: Path, row: dict[str, str], *, headers_only: bool) -> Sample:
    data = (folder / row["file"]).read_bytes()
    headers = Headers(header_fields(data))
    read = None if headers_only else read_body(headers, body(data))
    found = kind_of(headers, row["mail_from"].strip() or None, read)
    group = row["group"] if row["group"] not in ("", "real") else row["file"]
    return Sample(row["file"], row["label"], row["language"], group, found.kind.value, found.why)


def shares(known: Sequence[Sample]) -> list[float]:
    """What each message counts: the messages of one template together count once."""
    sizes = Counter((one.label, one.language, one.group) for one in known)
    return [1 / sizes[one.label, one.language, one.group] for one in known]


def print_table(known: Sequence[Sample]) -> None:
    """What was taken for what."""
    taken: dict[tuple[str, str], float] = defaultdict(float)
    for one, share in zip(known, shares(known), strict=True):
        taken[one.label, one.told] += share
    print("is, told".ljust(14) + "".join(f"{kind:>14}" for kind in KINDS) + "   right")
    for label in KINDS:
        row = [taken[label, kind] for kind in KINDS]
        right = f"{taken[label, label] / sum(row):8.3f}" if sum(row) else "       -"
        print(f"{label:14}" + "".join(f"{count:14.1f}" for count in row) + right)


def print_right(known: Iterable[Sample], name: str) -> None:
    """How many are right."""
    chosen = list(known)
    right = sum(share for one, share in zip(chosen, shares(chosen), strict=True) if one.told == one.label)
    whole = sum(shares(chosen))
    print(f"{name:14}{right:8.1f} of {whole:6.1f}   {right / whole if whole else 0:.3f}")


def main() -> int:
    """Evaluates."""
    parser = argparse.ArgumentParser(prog="bench kind")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--headers", action="store_true", help="judge by headers alone")
    options = parser.parse_args()
    began = time.perf_counter()
    known = samples(options.folder, headers_only=options.headers)
    took = time.perf_counter() - began
    print_table(known)
    print()
    print_right(known, "all")
    for language in sorted({one.language for one in known}):
        print_right([one for one in known if one.language == language], language)
    print(f"\n{len(known)} messages in {took:.1f} s")
    for one in sorted(known, key=lambda one: (one.label, one.told)):
        if one.told != one.label:
            print(f"{one.label} taken for {one.told}: {one.file} ({one.language}): {'; '.join(one.why)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
