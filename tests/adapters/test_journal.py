"""The journal: from a worker's spool to the store, and what is read of both."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from postclerk.adapters import journal, spool
from postclerk.adapters.spool import Filing, Spool
from postclerk.adapters.store import Store, StoreError
from postclerk.core.ports import JournalFull

FOUND = {
    "rule": "sender", "clause": "1.3.2-b", "code": "sender-not-own", "action": "reject", "monitor": True,
    "detail": {"sender": "ж@uni.example", "n": [1, None]},
}  # fmt: skip


def _record(incident: str, at: float = 1000.0, **said: Any) -> dict[str, Any]:
    return {
        "id": incident, "time": at, "queue_id": "4gQ1", "login": "a", "client": "192.0.2.1",
        "envelope_from": "a@uni.example", "recipients": ["b@example.org"], "recipient_count": 1, "size": 9,
        "action": "accept", "stage": "message", "findings": [], "header": {"Subject": "Жанна"},
        "tracked": {"kind": "human"}, "submission": None,
        **said,
    }  # fmt: skip


def _shown(record: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in record.items() if name != "submission"}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A new store in a file."""
    store = Store(f"sqlite:///{tmp_path}/postclerk.db")
    store.migrate()
    yield store
    store.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder for what waits."""
    folder = tmp_path / "spool"
    spool.prepare(folder)
    return folder


def _entries(store: Store, folder: Path | None = None, **asked: Any) -> list[dict[str, Any]]:
    return list(journal.entries(store, spool.pending(folder) if folder else [], **asked))


def test_what_is_written_is_read(store: Store, folder: Path) -> None:
    """A decision is the same before it is filed and after, findings and all."""
    records = [_record("A", findings=[FOUND, {**FOUND, "code": "x", "monitor": False}]), _record("B", 999.0)]
    writer = Spool(folder)
    for record in records:
        writer.write(record)
    waiting = _entries(store, folder)
    Filing(folder, store).file_all()
    assert waiting == [_shown(records[1]), _shown(records[0])]
    assert _entries(store, folder) == [_shown(records[1]), _shown(records[0])]


@pytest.mark.parametrize("filed", [False, True], ids=["waiting", "filed"])
def test_one_is_found_by_either_id(store: Store, folder: Path, filed: bool) -> None:
    """The incident id that a reply names, or Postfix's queue id, leads to the decision."""
    writer = Spool(folder)
    for incident, queue_id in (("A", "4gQ1"), ("B", "4gQ2")):
        writer.write(_record(incident, queue_id=queue_id))
    if filed:
        Filing(folder, store).file_all()
    for either in ("B", "4gQ2"):
        found = journal.entries(store, spool.pending(folder), either_id=either)
        assert [one["id"] for one in found] == ["B"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make files for others")
def test_what_root_makes_belongs_to_the_folders_owner(tmp_path: Path) -> None:
    """A milter that root starts once leaves nothing that the service's own user cannot write."""
    os.chown(tmp_path, 65534, 65534)
    folder = tmp_path / "postclerk.db.spool"
    spool.prepare(folder)
    Spool(folder).write(_record("A"))
    opened = Store(f"sqlite:///{tmp_path}/postclerk.db")
    opened.migrate()
    with opened.write() as connection:
        connection.execute(sa.text("SELECT 1"))
    opened.close()
    made = {path.name: (path.stat().st_uid, path.stat().st_gid) for path in tmp_path.rglob("*")}
    assert set(made.values()) == {(65534, 65534)}
    assert {"postclerk.db", "postclerk.db.lock", "postclerk.db.spool", ".lock"} <= set(made)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_root_follows_no_link_of_the_service(tmp_path: Path) -> None:
    """A link in the service's folder does not lead root to give away somebody else's file."""
    theirs, service = tmp_path / "theirs", tmp_path / "service"
    theirs.write_text("secret")
    service.mkdir()
    os.chown(service, 65534, 65534)
    (service / "postclerk.db.lock").symlink_to(theirs)
    opened = Store(f"sqlite:///{service}/postclerk.db")
    with pytest.raises(StoreError, match="Too many levels of symbolic links"):
        opened.migrate()
    assert theirs.stat().st_uid == 0


def test_a_stray_file_in_the_spool(store: Store, folder: Path) -> None:
    """What is no worker's file is left alone, and filing goes on."""
    (folder / "old-copy.jsonl").write_text("{}")
    Spool(folder).write(_record("A"))
    Filing(folder, store).file_all()
    assert [one["id"] for one in _entries(store, folder)] == ["A"]


def test_filing_again_files_nothing_twice(store: Store, folder: Path) -> None:
    """Whoever files anew, or at the same time, leaves each decision once."""
    writer = Spool(folder)
    filing = Filing(folder, store)
    for incident in "ABC":
        writer.write(_record(incident))
        filing.file_all()
        Filing(folder, store).file_all()
    assert [one["id"] for one in _entries(store, folder)] == ["A", "B", "C"]


@pytest.mark.parametrize(
    ("asked", "ids"),
    [
        pytest.param({}, ["A", "B", "C"], id="all"),
        pytest.param({"since": 2000.0}, ["B", "C"], id="since-exactly"),
        pytest.param({"person": "b"}, ["B"], id="a-person"),
        pytest.param({"rule": "sender"}, ["A", "C"], id="a-rule"),
        pytest.param({"rule": "sender", "since": 2000.5}, ["C"], id="both"),
        pytest.param({"person": "nobody"}, [], id="nobody"),
    ],
)
@pytest.mark.parametrize("filed", [True, False], ids=["filed", "waiting"])
def test_what_is_asked_for(store: Store, folder: Path, asked: dict[str, Any], ids: list[str], filed: bool) -> None:
    """Time, person and rule choose, newest last, filed or not."""
    writer = Spool(folder)
    writer.write(_record("A", 1000.0, findings=[FOUND]))
    writer.write(_record("B", 2000.0, login="b"))
    writer.write(_record("C", 3000.0, findings=[FOUND]))
    if filed:
        Filing(folder, store).file_all()
    assert ids == [one["id"] for one in _entries(store, folder, **asked)]


def test_many_that_wait(store: Store, folder: Path) -> None:
    """A store that was away for long leaves tens of thousands of decisions; all are shown, and all are filed."""
    lines = b"".join(json.dumps(_record(str(number))).encode() + b"\n" for number in range(40_000))
    (folder / f"{_dead_pid()}-1.jsonl").write_bytes(lines)
    assert len(_entries(store, folder)) == 40_000
    Filing(folder, store).file_all()
    assert len(_entries(store, folder)) == 40_000
    assert list(folder.glob("*.jsonl")) == []


def _dead_pid() -> int:
    process = subprocess.Popen(["true"])
    process.wait()
    return process.pid


def test_a_local_programs_attempts_are_one_row(store: Store) -> None:
    """What is submitted again under another queue id is counted as an attempt, in one batch and in several."""
    with store.write() as connection:
        journal.write(connection, [_record("A", submission="s"), _record("B", submission="s")])
    with store.write() as connection:
        journal.write(connection, [_record("C", submission="s"), _record("D", submission="t")])
    assert [one["id"] for one in _entries(store)] == ["A", "D"]
    with store.read() as connection:
        rows = connection.execute(sa.text("SELECT fingerprint, message, attempts FROM submissions ORDER BY 1"))
        assert [tuple(row) for row in rows] == [("s", "A", 3), ("t", "D", 1)]


def test_the_same_message_a_week_later_is_another(store: Store) -> None:
    """A nightly job that says the same each time is a new message when Postfix no longer holds the old one."""
    week = 7 * 86400.0
    with store.write() as connection:
        journal.write(connection, [_record("A", submission="s")])
        journal.write(connection, [_record("B", 1000.0 + week, submission="s")])
        journal.write(connection, [_record("C", 1000.0 + week + 60, submission="s")])
    assert [one["id"] for one in _entries(store)] == ["A", "B"]


def test_old_decisions_are_forgotten(store: Store) -> None:
    """What is older than the time goes with its findings; what is exactly as old stays."""
    with store.write() as connection:
        journal.write(
            connection, [_record("A", 999.9, findings=[FOUND], submission="s"), _record("B", 1000.0, findings=[FOUND])]
        )
    journal.forget(store, 1000.0)
    assert [one["id"] for one in _entries(store)] == ["B"]
    with store.read() as connection:
        counts = [connection.scalar(sa.text(f"SELECT count(*) FROM {name}")) for name in ("findings", "submissions")]
    assert counts == [1, 0]


# -- the spool --------------------------------------------------------------------------------


def test_threads_share_a_file(folder: Path) -> None:
    """What many threads write at once stands there whole, each once."""
    writer = Spool(folder)
    ids = [f"{number:04}" for number in range(500)]
    with ThreadPoolExecutor(16) as threads:
        list(threads.map(lambda incident: writer.write(_record(incident)), ids))
    assert sorted(one["id"] for one in spool.pending(folder)) == ids


WRITER = """\
import json, sys
from pathlib import Path
from postclerk.adapters.spool import Spool
writer = Spool(Path(sys.argv[1]))
record = json.loads(sys.argv[2])
number = 0
while True:
    writer.write({**record, "id": f"{sys.argv[3]}{number}"})
    print(number, flush=True)
    number += 1
"""


def test_what_was_answered_survives_kill_9(store: Store, folder: Path) -> None:
    """Two workers killed in the midst of it: whatever they were told is written stands in the store."""
    workers = [
        subprocess.Popen(
            [sys.executable, "-c", WRITER, folder, json.dumps(_record("x")), name],
            stdout=subprocess.PIPE, text=True,
        )
        for name in "AB"
    ]  # fmt: skip
    filing = Filing(folder, store)
    told: dict[str, int] = {}
    for name, worker in zip("AB", workers, strict=True):
        assert worker.stdout is not None
        for _ in range(200):
            told[name] = int(worker.stdout.readline())
        filing.file_all()
    for name, worker in zip("AB", workers, strict=True):
        worker.send_signal(signal.SIGKILL)
        rest = worker.communicate()[0].split("\n")
        told[name] = max([told[name], *(int(line) for line in rest[:-1] if line)])
    Filing(folder, store).file_all()
    filed = {one["id"] for one in _entries(store)}
    answered = {f"{name}{number}" for name, last in told.items() for number in range(last + 1)}
    assert answered - filed == set()
    assert len(filed - answered) <= 2  # written, and killed before the word reached us
    assert list(folder.glob("*.jsonl")) == []


def test_a_torn_line_is_passed_over(store: Store, folder: Path) -> None:
    """Half a line of a loss of power was never answered for."""
    whole = json.dumps(_record("A")).encode() + b"\n"
    (folder / f"{_dead_pid()}-1.jsonl").write_bytes(whole + b'{"id": "to' + b"\0" * 5 + b"\n" + whole[:20])
    assert [one["id"] for one in spool.pending(folder)] == ["A"]
    Filing(folder, store).file_all()
    assert [one["id"] for one in _entries(store, folder)] == ["A"]


def _failing_sync(_file: int) -> None:
    raise OSError(errno.EIO, "Input/output error")


def test_a_disk_that_does_not_take_it(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is not on the disk is not answered for, nor filed; the next decision is whole again."""
    writer = Spool(folder)
    writer.write(_record("A"))
    with monkeypatch.context() as patched:
        patched.setattr(os, "fdatasync", _failing_sync)
        with pytest.raises(JournalFull, match=r"^cannot write .*/spool: Input/output error$"):
            writer.write(_record("B"))
    writer.write(_record("C"))
    assert [one["id"] for one in spool.pending(folder)] == ["A", "C"]


def test_nothing_is_lost_after_a_fault_that_the_ledger_saw(
    store: Store, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A decision that the ledger read before the disk refused it does not make it pass over the next one."""
    writer, filing = Spool(folder), Filing(folder, store)

    def seen_and_failed(_file: int) -> None:
        filing.file_all()
        raise OSError(errno.EIO, "Input/output error")

    writer.write(_record("A"))
    with monkeypatch.context() as patched:
        patched.setattr(os, "fdatasync", seen_and_failed)
        with pytest.raises(JournalFull):
            writer.write(_record("B"))
    writer.write(_record("C"))
    writer.write(_record("D"))
    filing.file_all()
    assert {"A", "C", "D"} - {one["id"] for one in _entries(store)} == set()


@pytest.mark.skipif(os.geteuid() != 0, reason="a file system of its own needs root")
def test_a_full_disk(tmp_path: Path) -> None:
    """On a disk that is full a decision is not taken, and what was taken before is whole."""
    folder = tmp_path / "small"
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=400k", "tmpfs", folder], check=True)
    try:
        writer, written = Spool(folder), []

        def fill() -> None:
            for number in range(10_000):
                writer.write(_record(str(number), recipients=["r@example.org"] * 100))
                written.append(str(number))

        with pytest.raises(JournalFull, match="No space left on device"):
            fill()
        assert len(written) > 5
        assert written == [one["id"] for one in spool.pending(folder)]
    finally:
        subprocess.run(["umount", "-l", folder], check=True)


def test_a_new_file_is_begun_and_the_old_one_removed(
    store: Store, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file that has grown is left behind, and removed when it is filed; the one in use stays."""
    monkeypatch.setattr(spool, "_ROTATE_AT", 1000)
    writer, filing = Spool(folder), Filing(folder, store)
    for number in range(10):
        writer.write(_record(str(number)))
    assert len(list(folder.glob("*.jsonl"))) > 1
    filing.file_all()
    assert len(list(folder.glob("*.jsonl"))) == 1
    writer.write(_record("last"))
    filing.file_all()
    assert [one["id"] for one in _entries(store, folder)] == [*map(str, range(10)), "last"]


def test_a_store_that_is_away_stops_no_decision(store: Store, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Decisions wait in the spool until the store takes them, up to a bound."""
    writer, filing = Spool(folder), Filing(folder, store)
    with store.write() as connection:
        connection.execute(sa.text("ALTER TABLE messages RENAME TO elsewhere"))
    writer.write(_record("A"))
    with pytest.raises(StoreError):
        filing.file_all()
    with store.write() as connection:
        connection.execute(sa.text("ALTER TABLE elsewhere RENAME TO messages"))
    filing.file_all()
    assert [one["id"] for one in _entries(store)] == ["A"]
    monkeypatch.setattr(spool, "_ROTATE_AT", 10)
    monkeypatch.setattr(spool, "_MOST_WAITING", 10)
    with pytest.raises(JournalFull, match="too much waits for the store"):
        writer.write(_record("B"))
