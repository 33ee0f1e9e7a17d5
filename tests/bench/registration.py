"""How well registrations are told from other mail: precision, recall and every mistake, by language.

    python -m tests.bench.registration FOLDER ... [--unseen | --learn]

Each FOLDER holds messages and a `labels.tsv` with the columns file, task, label, language, source, kind, group; rows of
the task `registration` count, one template (group) once. `--unseen` judges each source by weights that were learnt
without it (and without a few others); `--learn` learns from all of it and prints core/registration/weights.py.

Learning is a logistic regression whose weights are drawn towards what experience says (PRIOR), and may not change
their sign: what a few dozen programs did not show, others still may.
"""

from __future__ import annotations

import argparse
import csv
import math
import sys
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from postclerk.core.facts import Headers
from postclerk.core.registration import LIKELY, SURE
from postclerk.core.registration.signals import SIGNALS
from postclerk.core.registration.weights import BASE, WEIGHTS
from postclerk.mail.header import body, header_fields
from postclerk.mail.kind import is_by_person
from postclerk.mail.letter import letter_of, read_body

PRIOR = {
    "subject_confirms_account": 1.5, "subject_confirms": 1.0, "subject_registers": 2.0, "subject_welcomes": 3.0,
    "subject_greets_newcomer": 1.5, "greets_newcomer": 2.0, "shows_first_steps": 1.0, "code_stands_alone": 0.5,
    "confirms_something_else": -3.5, "approved": 1.5, "subject_account_made": 1.5, "subject_credentials": 1.5,
    "subject_code": 1.0, "confirms_account": 1.5, "confirms_email": 1.5, "confirms_subscription": 2.0,

    "address_given": 1.5, "may_sign_in_now": 1.5, "ends": -2.5, "is_of_writer": -3.0,
    "registered": 1.1, "registered_at_once": 1.3, "thanks_for_registering": 2.0, "welcomes": 2.0,
    "gives_username": 1.0, "gives_credentials": 3.0, "asks_for_first_password": 2.0, "perhaps_not_you": 1.5,
    "may_be_ignored": 0.7, "gives_code": 1.0, "code_for_account": 1.5, "expires": 0.3, "click_to_confirm": 1.0,
    "label_confirms": 1.0, "link_confirms": 1.0, "link_speaks_of_confirming": 0.3, "link_with_token": 0.2,
    "names_recipient": 0.2, "from_nobody": 0.3, "is_short": 0.5, "subject_resets": -2.0, "resets": -1.0,
    "subject_changed": -1.5, "changes": -0.7, "changes_address": -4.0, "signs_in": -1.5, "alerts": -1.0,
    "subject_event": -1.5, "event": -1.5, "takes_place": -4.5, "subject_trade": -2.0, "trade": -1.3,
    "subject_numbered": -5.0, "subject_social": -1.5, "social": -0.7, "subject_invites": -2.5, "invites": -0.7,
    "subject_locks": -2.5, "locks": -1.0, "in_danger": -4.0, "journal": -0.7, "another_person": -6.0, "is_reply": -2.0,
    "speaks_to_colleagues": -2.5, "came_through_list": -10.0, "by_person": -6.0, "gives_other_address": -5.0,
    "is_long": -1.0, "speaks_of_nothing_like_it": -1.5,
}  # fmt: skip
"""What a signal weighs as far as nothing was learnt about it."""

_BASE = -4.0
_PULL = 0.01
"""How strongly weights are drawn towards that."""

_POSITIVES_COUNT = 0.62
"""What all registrations count beside all other mail, however many there are."""

_STEPS = 500

_FOLDS = 25
"""How many times `--unseen` learns: where there are more sources, several are left out together."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One message, as its signals show it. A template counts once: its messages share its `share`."""

    file: str
    language: str
    source: str
    kind: str
    group: str
    is_registration: bool
    subject: str
    seen: tuple[int, ...]


def samples(folder: Path) -> list[Sample]:
    """The labelled messages of a folder."""
    with (folder / "labels.tsv").open(newline="", encoding="utf-8") as table:
        rows = [
            row
            for row in csv.DictReader(table, delimiter="\t", quoting=csv.QUOTE_NONE)
            if row["task"] == "registration"
        ]
    return [_sample(folder, row) for row in rows]


def _sample(folder: Path, row: dict[str, str]) -> Sample:
    data = (folder / row["file"]).read_bytes()
    headers = Headers(header_fields(data))
    read = read_body(headers, body(data))
    letter = letter_of(headers, read, by_person=lambda: is_by_person(headers, None, read))
    seen = tuple(number for number, signal in enumerate(SIGNALS) if signal.seen(letter))
    group = row["file"] if row["group"] == "real" else row["group"]
    source = row["source"].partition("/")[0].partition(":")[0]
    label = row["label"] == "registration"
    return Sample(row["file"], row["language"], source, row["kind"], group, label, letter.subject, seen)


def learnt(known: Sequence[Sample]) -> tuple[float, list[float]]:
    """The base and the weights that these messages teach."""
    # Messages that look the same teach the same.
    shares: dict[tuple[tuple[int, ...], bool], float] = defaultdict(float)
    for sample, share in zip(known, _shares(known), strict=True):
        shares[sample.seen, sample.is_registration] += share
    base, weights = _BASE, [PRIOR[signal.name] for signal in SIGNALS]
    prior = list(weights)
    momentum, spread = [0.0] * (len(weights) + 1), [0.0] * (len(weights) + 1)
    for step in range(1, _STEPS + 1):
        slope = [_PULL * (weight - usual) for weight, usual in zip(weights, prior, strict=True)]
        slope.append(0.0)
        for (seen, is_registration), share in shares.items():
            error = (_chance(base, weights, seen) - is_registration) * share
            slope[-1] += error
            for number in seen:
                slope[number] += error
        for number, one in enumerate(slope):
            momentum[number] = 0.9 * momentum[number] + 0.1 * one
            spread[number] = 0.999 * spread[number] + 0.001 * one * one
            change = 0.1 * momentum[number] / (1 - 0.9**step) / (math.sqrt(spread[number] / (1 - 0.999**step)) + 1e-9)
            change *= 1 - step / (_STEPS + 1)
            if number == len(weights):
                base -= change
            else:
                weights[number] -= change
        weights = [
            max(weight, 0.0) if signal.speaks_for else min(weight, 0.0)
            for signal, weight in zip(SIGNALS, weights, strict=True)
        ]
    return base, weights


def _shares(known: Sequence[Sample]) -> list[float]:
    sizes: dict[str, int] = defaultdict(int)
    for one in known:
        sizes[one.group] += 1
    shares = [1 / sizes[one.group] for one in known]
    positive = sum(share for one, share in zip(known, shares, strict=True) if one.is_registration)
    negative = sum(shares) - positive
    weighed = [
        share * (_POSITIVES_COUNT * negative / positive if one.is_registration else 1.0)
        for one, share in zip(known, shares, strict=True)
    ]
    return [share / sum(weighed) for share in weighed]


def _chance(base: float, weights: Sequence[float], seen: Iterable[int]) -> float:
    return 1 / (1 + math.exp(-(base + sum(weights[number] for number in seen))))


def unseen(known: Sequence[Sample]) -> list[float]:
    """Every message's score by weights that were learnt from all other sources."""
    sources = sorted({one.source for one in known})
    fold = {source: number % _FOLDS for number, source in enumerate(sources)}
    scores = [0.0] * len(known)
    for left_out in range(min(_FOLDS, len(sources))):
        base, weights = learnt([one for one in known if fold[one.source] != left_out])
        for number, one in enumerate(known):
            if fold[one.source] == left_out:
                scores[number] = _chance(base, weights, one.seen)
    return scores


@dataclass(slots=True)
class Tally:
    """What became of the templates of one language."""

    found: float = 0.0
    missed: float = 0.0
    false: float = 0.0
    false_and_sure: float = 0.0
    let_be: float = 0.0

    @property
    def precision(self) -> float:
        """Of what is called a registration, how much is one."""
        return self.found / (self.found + self.false) if self.found + self.false else math.nan

    @property
    def recall(self) -> float:
        """Of the registrations, how many are called so."""
        return self.found / (self.found + self.missed) if self.found + self.missed else math.nan


def tallied(known: Sequence[Sample], scores: Sequence[float]) -> tuple[dict[str, Tally], list[tuple[Sample, float]]]:
    """The tally of each language, and the mistakes, one for each template."""
    groups: dict[tuple[str, str, bool], list[tuple[Sample, float]]] = defaultdict(list)
    for one, score in zip(known, scores, strict=True):
        groups[one.language, one.group, one.is_registration].append((one, score))
    tallies: dict[str, Tally] = defaultdict(Tally)
    mistakes = []
    for (language, _group, is_registration), members in groups.items():
        tally = tallies[language]
        called = sum(score >= LIKELY for _one, score in members) / len(members)
        if is_registration:
            tally.found += called
            tally.missed += 1 - called
            mistakes += sorted(members, key=lambda one: one[1])[:1] if called < 1 else []
        else:
            tally.false += called
            tally.let_be += 1 - called
            tally.false_and_sure += sum(score >= SURE for _one, score in members) / len(members)
            mistakes += sorted(members, key=lambda one: -one[1])[:1] if called else []
    return dict(sorted(tallies.items())), mistakes


def main() -> int:
    """Evaluates, or learns."""
    parser = argparse.ArgumentParser(prog="bench registration")
    parser.add_argument("folder", type=Path, nargs="+")
    parser.add_argument("--unseen", action="store_true", help="judge each source by what the others teach")
    parser.add_argument("--learn", action="store_true", help="print the weights that the folders teach")
    options = parser.parse_args()
    known = [one for folder in options.folder for one in samples(folder)]
    if options.learn:
        base, weights = learnt(known)
        print(_module(base, weights))
        return 0
    now = [WEIGHTS[signal.name] for signal in SIGNALS]
    scores = unseen(known) if options.unseen else [_chance(BASE, now, one.seen) for one in known]
    tallies, mistakes = tallied(known, scores)
    print("language  precision  recall   found  missed  false  false and sure  let be")
    for language, one in tallies.items():
        quality = f"{language:8}  {one.precision:9.3f}  {one.recall:6.3f}  {one.found:6.1f}  {one.missed:6.1f}"
        print(f"{quality}  {one.false:5.1f}  {one.false_and_sure:14.1f}  {one.let_be:6.1f}")
    for sample, score in sorted(mistakes, key=lambda one: (one[0].is_registration, one[0].language)):
        what = "missed" if sample.is_registration else "false"
        seen = " ".join(SIGNALS[number].name for number in sample.seen)
        print(f"{what:6} {sample.language} {score:.2f} {sample.group} ({sample.kind}) {sample.subject[:60]!r}: {seen}")
    return 0


def _module(base: float, weights: Sequence[float]) -> str:
    lines = [
        '"""What the signals weigh: learnt by tests/bench/registration.py, which writes this file."""',
        "",
        "from __future__ import annotations",
        "",
        f"BASE = {base:.2f}",
        '"""The logarithm of the odds when nothing is seen."""',
        "",
        "WEIGHTS = {",
        *(f'    "{signal.name}": {weight:.2f},' for signal, weight in zip(SIGNALS, weights, strict=True)),
        "}",
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
