"""YAML and CSV files as values that know the line and column they were written at.

Failure modes: a file that cannot be read or is no YAML raises Mistakes; nothing is half read. Aliases are refused,
since a file of a few lines could expand to gigabytes with them, and so are tags, files over MAX_OCTETS, and nesting
deeper than MAX_DEPTH, on which the parser in C would overrun its stack.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.events import AliasEvent, CollectionEndEvent, CollectionStartEvent
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode

MAX_OCTETS = 64 * 1024 * 1024
MAX_DEPTH = 100

_TAGS = frozenset(
    f"tag:yaml.org,2002:{name}"
    for name in ("str", "int", "float", "bool", "null", "timestamp", "merge", "value", "map", "seq")
)
"""What a plain value can be taken for; whoever writes another tag wants something that is not done here."""

Location = tuple[int | str, ...]
"""The way to a value: keys and indexes from the top."""


@dataclass(frozen=True, slots=True, order=True)
class Mistake:
    """What is wrong at one place of a file; line and column count from 1."""

    file: str
    line: int
    column: int
    message: str
    warning: bool = False

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}: {'warning: ' if self.warning else ''}{self.message}"


class Mistakes(Exception):
    """Everything that is wrong with a configuration, in the order of the files."""

    def __init__(self, mistakes: Iterable[Mistake]) -> None:
        self.mistakes = sorted(mistakes)
        super().__init__("\n".join(map(str, self.mistakes)))


class Source:
    """One file: its value, and where each part of it stands."""

    def __init__(self, file: str, value: Any, places: dict[Location, tuple[int, int]]) -> None:
        self.file = file
        self.value = value
        self._places = places

    def has(self, location: Location) -> bool:
        """Whether something is written at this location."""
        return location in self._places

    def mistake(self, location: Location, message: str, *, warning: bool = False) -> Mistake:
        """A mistake at the value that the location leads to, or at the nearest part around it that is written."""
        while location and location not in self._places:
            location = location[:-1]
        line, column = self._places.get(location, (1, 1))
        return Mistake(self.file, line, column, message, warning)


def read(path: Path, shown: str | None = None) -> Source:
    """Reads a .csv file or a YAML file. `shown` is the name that mistakes give it. Raises Mistakes, OSError."""
    name = shown or str(path)
    with path.open("rb") as opened:
        data = opened.read(MAX_OCTETS + 1)
    if len(data) > MAX_OCTETS:
        raise Mistakes([Mistake(name, 1, 1, f"the file is larger than {MAX_OCTETS // 1024**2} MiB")])
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        line = data.count(b"\n", 0, fault.start) + 1
        column = fault.start - data.rfind(b"\n", 0, fault.start)
        raise Mistakes([Mistake(name, line, column, "the file is not UTF-8")]) from fault
    if "\0" in text:
        before = text.partition("\0")[0]
        line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
        raise Mistakes([Mistake(name, line, column, "the file holds a NUL character")])
    return _read_csv(name, text) if path.suffix.lower() == ".csv" else _read_yaml(name, text)


def _read_yaml(name: str, text: str) -> Source:
    try:
        node = _compose(name, text)
    except YAMLError as fault:
        mark = getattr(fault, "problem_mark", None) or getattr(fault, "context_mark", None)
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        problem = getattr(fault, "problem", None) or str(fault).splitlines()[0]
        if problem.startswith("but "):
            problem = f"{fault.context} {problem}"  # type: ignore[attr-defined]
        raise Mistakes([Mistake(name, line, column, f"this is not YAML: {problem}")]) from fault
    reader = _NodeReader(name)
    value = None if node is None else reader.value(node, (), (1, 1))
    if reader.mistakes:
        raise Mistakes(reader.mistakes)
    return Source(name, value, reader.places)


def _compose(name: str, text: str) -> Node | None:
    """The tree of nodes. The parser in C is fast, but knows YAML 1.1 only: what it refuses is read by the other."""
    try:
        _refuse_aliases_and_depth(name, YAML(typ="safe").parse(text))
        node: Node | None = YAML(typ="safe").compose(text)
    except YAMLError:
        _refuse_aliases_and_depth(name, YAML(typ="safe", pure=True).parse(text))
        node = YAML(typ="safe", pure=True).compose(text)
    return node


def _refuse_aliases_and_depth(name: str, events: Iterable[Any]) -> None:
    mistakes: list[Mistake] = []
    depth = 0
    for event in events:
        line, column = event.start_mark.line + 1, event.start_mark.column + 1
        depth += isinstance(event, CollectionStartEvent) - isinstance(event, CollectionEndEvent)
        if depth > MAX_DEPTH:
            message = f"the file is nested more than {MAX_DEPTH} levels deep"
            raise Mistakes([Mistake(name, line, column, message)])
        if isinstance(event, AliasEvent):
            mistakes.append(Mistake(name, line, column, "aliases are not allowed; write the value out"))
    if mistakes:
        raise Mistakes(mistakes)


class _NodeReader:
    """Builds mappings, lists and texts from YAML nodes and keeps their places.

    A scalar stays the text that was written (or None): the declaration of the option says whether `010` is a number.
    """

    def __init__(self, file: str) -> None:
        self.file = file
        self.places: dict[Location, tuple[int, int]] = {}
        self.mistakes: list[Mistake] = []

    def value(self, node: Node, location: Location, place: tuple[int, int]) -> Any:
        self.places.setdefault(location, (node.start_mark.line + 1, node.start_mark.column + 1))
        if str(node.tag) not in _TAGS:
            self.mistakes.append(Mistake(self.file, *place, f"the tag {node.tag} is not allowed"))
        if isinstance(node, ScalarNode):
            return None if str(node.tag).endswith(":null") else node.value
        if isinstance(node, MappingNode):
            return self._mapping(node, location)
        return [
            self.value(item, (*location, index), (item.start_mark.line + 1, item.start_mark.column + 1))
            for index, item in enumerate(node.value)
        ]

    def _mapping(self, node: MappingNode, location: Location) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for key_node, value_node in node.value:
            place = (key_node.start_mark.line + 1, key_node.start_mark.column + 1)
            key = str(key_node.value) if isinstance(key_node, ScalarNode) else ""
            if not key:
                self.mistakes.append(Mistake(self.file, *place, "a key must be a word"))
            elif key in values:
                self.mistakes.append(Mistake(self.file, *place, f"the key `{key}` is written twice"))
            else:
                # A mistake in a value is reported at its key: that is where the reader looks.
                self.places[(*location, key)] = place
                values[key] = self.value(value_node, (*location, key), place)
        return values


def _read_csv(name: str, text: str) -> Source:
    """A table with a header row becomes a list of rows; empty cells are left out."""
    places: dict[Location, tuple[int, int]] = {}
    rows: list[dict[str, str]] = []
    delimiter = ";" if ";" in text.partition("\n")[0] else ","
    reader = csv.reader(text.splitlines(keepends=True), delimiter=delimiter, strict=True)
    try:
        header = [re.sub(r"\s+", "_", cell.strip().lower()) for cell in next(reader, [])]
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            if len(cells) > len(header):
                message = f"{len(cells)} cells, but the first line names {len(header)} columns"
                raise Mistakes([Mistake(name, reader.line_num, 1, message)])
            location = (len(rows),)
            places[location] = (reader.line_num, 1)
            for number, key in enumerate(header, 1):
                places[(*location, key)] = (reader.line_num, number)
            rows.append({key: cell.strip() for key, cell in zip(header, cells, strict=False) if cell.strip()})
    except csv.Error as fault:
        raise Mistakes([Mistake(name, reader.line_num, 1, f"this is not CSV: {fault}")]) from fault
    return Source(name, rows, places)
