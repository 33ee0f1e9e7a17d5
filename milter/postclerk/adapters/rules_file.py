"""Changes rules.yaml as a person would, and keeps what a person wrote: order, comments, quotes (ruamel.yaml's round
trip). The new text takes the file's place in one step, with its owner and mode.

Failure modes: EditError when the file cannot be changed so; OSError. Whether the new text is right is for the caller to
say before it takes the place of the old one.
"""

from __future__ import annotations

import contextlib
import fcntl
import io
import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import YAMLError


class EditError(Exception):
    """The file cannot be changed in this way; the text is one line."""


def change_list(
    path: Path, keys: tuple[str, ...], change: Callable[[list[str]], None], check: Callable[[Path], object]
) -> None:
    """Changes the list of texts behind these keys, once `check` of a file beside it with the new text has raised
    nothing. The list may be missing; the section that it belongs to may not."""
    with _locked(path):
        text = path.read_text(encoding="utf-8")
        yaml = _as_written(text)
        try:
            document = yaml.load(text)
        except YAMLError as fault:
            raise EditError(f"{path} is no YAML that could be changed") from fault
        section = _section(document, keys[:-1], path)
        items = section.get(keys[-1])
        if items is None:
            items = section[keys[-1]] = CommentedSeq()
        if not isinstance(items, list):
            raise EditError(f"`{keys[-1]}` of {path} is no list")
        change(items)
        new = io.StringIO()
        yaml.dump(document, new)
        _replace(path, new.getvalue(), check)


def _as_written(text: str) -> YAML:
    yaml = YAML(typ="rt")
    yaml.preserve_quotes = True
    yaml.width = 4096
    yaml.brace_single_entry_mapping_in_flow_sequence = True
    deep = any(line.lstrip().startswith("- ") and line.startswith(" ") for line in text.splitlines())
    yaml.indent(mapping=2, sequence=4 if deep else 2, offset=2 if deep else 0)
    return yaml


def _section(document: Any, keys: tuple[str, ...], path: Path) -> Any:
    for key in keys:
        inner = document.get(key) if isinstance(document, CommentedMap) else None
        if not isinstance(inner, CommentedMap):
            raise EditError(f"{path} has no section `{'.'.join(keys)}` that this could be written into")
        document = inner
    return document


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    """One change at a time; the lock is on the folder, since the file itself is replaced."""
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def _replace(path: Path, text: str, check: Callable[[Path], object]) -> None:
    target = path.resolve()
    was = target.stat()
    handle, name = tempfile.mkstemp(prefix=f".{target.name}.", suffix=".yaml", dir=target.parent)
    new = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(handle)
        check(new)
        new.chmod(was.st_mode & 0o7777)
        with contextlib.suppress(PermissionError):
            os.chown(new, was.st_uid, was.st_gid)
        new.replace(target)
    finally:
        new.unlink(missing_ok=True)
