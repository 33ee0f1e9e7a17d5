"""What was decided about each message: rows of the store, written in batches and read newest last.

Failure modes: StoreError.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import sqlalchemy as sa

from postclerk.adapters.store import Store
from postclerk.adapters.tables import findings, messages, notices, submissions
from postclerk.core.rule import Action

_MESSAGE_COLUMNS = [column.name for column in messages.columns if column.name != "seq"]
_AT_ONCE = 500
"""Values in one query: SQLite takes some ten thousands at most."""

_NOT_SHOWN = ("submission", "telling")
"""What a record holds beside the decision itself."""

_ID_AND_TIME = sa.select(messages.c.id, messages.c.time)
_INSERT_MESSAGE = sa.insert(messages)
_INSERT_FINDING = sa.insert(findings)
_INSERT_NOTICE = sa.insert(notices)
_INSERT_SUBMISSION = sa.insert(submissions)
_FILING_LOCK = 0x706F7374
"""The number of a lock that whoever files takes, on all hosts of a PostgreSQL store."""

_QUEUED_FOR = 5 * 86400.0
"""How long Postfix keeps a message that is deferred (maximal_queue_lifetime): the same one later is another."""

_COUNT_ATTEMPT = (
    sa.update(submissions)
    .where(
        submissions.c.fingerprint == sa.bindparam("of"),
        submissions.c.message.in_(sa.select(messages.c.id).where(messages.c.time > sa.bindparam("after"))),
    )
    .values(attempts=submissions.c.attempts + 1)
)
_FORGET_SUBMISSION = sa.delete(submissions).where(submissions.c.fingerprint == sa.bindparam("of"))


def write(connection: sa.Connection, records: list[dict[str, Any]]) -> None:
    """Writes records (see judge.Case.record) within the caller's transaction; those that are written already are
    passed over, since filing may have to begin anew.

    A local program's mail that is deferred once more is the row that it was before, with one attempt more.
    """
    if connection.dialect.name == "postgresql":
        # Rows become visible in the order of their numbers: the tracker reads on from the last that it saw.
        connection.execute(sa.text("SELECT pg_advisory_xact_lock(:one)"), {"one": _FILING_LOCK})
    known = _known(connection, records)
    records = [one for one in records if (one["id"], one["time"]) not in known]
    _insert(connection, [one for one in records if not one["submission"]])
    for one in records:
        if one["submission"] and not _again(connection, one):
            _insert(connection, [one])


def _insert(connection: sa.Connection, records: list[dict[str, Any]]) -> None:
    if not records:
        return
    connection.execute(_INSERT_MESSAGE, [{name: one.get(name) for name in _MESSAGE_COLUMNS} for one in records])
    found = [
        {**finding, "message": one["id"], "monitor": int(finding["monitor"])}
        for one in records
        for finding in one["findings"]
    ]
    if found:
        connection.execute(_INSERT_FINDING, found)
    told = [row for one in records if one.get("telling") for row in _notices_of(one)]
    if told:
        connection.execute(_INSERT_NOTICE, told)


def _notices_of(record: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Whom a decision is to be told to (see core.telling), a row each."""
    telling = record["telling"]
    shared = {name: telling[name] for name in ("role", "rule", "code", "asks", "header")}
    for login in telling["whom"]:
        yield {"incident": record["id"], "time": record["time"], "login": login, **shared}


def _known(connection: sa.Connection, records: list[dict[str, Any]]) -> set[tuple[str, float]]:
    """Which of these the store holds. An id may come again after years: only with its time it is one decision."""
    ids = [one["id"] for one in records]
    return {(row.id, row.time) for row in connection.execute(_ID_AND_TIME.where(messages.c.id.in_(ids)))}


def _again(connection: sa.Connection, record: dict[str, Any]) -> bool:
    """Whether the record is one more attempt of a submission that is written down; the attempt is counted."""
    bounds = {"of": record["submission"], "after": record["time"] - _QUEUED_FOR}
    if connection.execute(_COUNT_ATTEMPT, bounds).rowcount:
        return True
    connection.execute(_FORGET_SUBMISSION, {"of": record["submission"]})
    row = {"fingerprint": record["submission"], "message": record["id"], "attempts": 1}
    connection.execute(_INSERT_SUBMISSION, row)
    return False


def entries(
    store: Store,
    waiting: Iterable[dict[str, Any]],
    *,
    since: float | None = None,
    person: str | None = None,
    rule: str | None = None,
    either_id: str | None = None,
) -> Iterator[dict[str, Any]]:
    """Decisions, newest last, as they were written; those that still wait to be filed at the end. `either_id` is an
    incident id or a queue id. Raises StoreError."""
    # Read what waits first: what is filed meanwhile is then seen twice rather than never, and left out below.
    waiting = list(waiting)
    query = sa.select(messages).order_by(messages.c.time, messages.c.seq)
    if since is not None:
        query = query.where(messages.c.time >= since)
    if person is not None:
        query = query.where(messages.c.login == person)
    if rule is not None:
        query = query.where(messages.c.id.in_(sa.select(findings.c.message).where(findings.c.rule == rule)))
    if either_id is not None:
        query = query.where(sa.or_(messages.c.id == either_id, messages.c.queue_id == either_id))
    with store.read() as connection:
        unfiled = _unfiled(connection, waiting)
        yield from _whole(connection, query)
    for record in unfiled:
        rules = {finding["rule"] for finding in record["findings"]}
        if (
            (since is None or record["time"] >= since)
            and person in (None, record["login"])
            and (rule is None or rule in rules)
            and either_id in (None, record["id"], record["queue_id"])
        ):
            yield {name: value for name, value in record.items() if name not in _NOT_SHOWN}


def _whole(connection: sa.Connection, query: sa.Select[Any]) -> Iterator[dict[str, Any]]:
    """The decisions that a query selects, each with its findings."""
    for batch in connection.execution_options(yield_per=500).execute(query).mappings().partitions():
        rows = [dict(row) for row in batch]
        found = _findings_of(connection, [row["id"] for row in rows])
        for row in rows:
            del row["seq"]
            yield {**row, "findings": found.get(row["id"], [])}


def _unfiled(connection: sa.Connection, waiting: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What of the waiting the store does not hold, oldest first; a submission that is tried again only once."""
    known: set[tuple[str, float]] = set()
    submitted: set[str] = set()
    for start in range(0, len(waiting), _AT_ONCE):
        part = waiting[start : start + _AT_ONCE]
        known |= _known(connection, part)
        fingerprints = [one["submission"] for one in part if one["submission"]]
        submitted |= set(
            connection.scalars(sa.select(submissions.c.fingerprint).where(submissions.c.fingerprint.in_(fingerprints)))
        )
    unfiled = []
    for record in sorted(waiting, key=lambda one: float(one["time"])):
        key = (record["id"], record["time"])
        if key not in known and record["submission"] not in submitted:
            unfiled.append(record)
            known.add(key)
            submitted |= {record["submission"]} - {None}
    return unfiled


def _findings_of(connection: sa.Connection, ids: list[str]) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    query = sa.select(findings).where(findings.c.message.in_(ids)).order_by(findings.c.seq)
    for row in connection.execute(query).mappings():
        finding = {name: row[name] for name in ("rule", "clause", "code", "action", "monitor", "detail")}
        found.setdefault(row["message"], []).append({**finding, "monitor": bool(row["monitor"])})
    return found


def entry(store: Store, incident: str) -> dict[str, Any] | None:
    """The newest decision of an incident id, as filed. Raises StoreError."""
    found = list(_filed(store, sa.select(messages).where(messages.c.id == incident).order_by(messages.c.time)))
    return found[-1] if found else None


def held(store: Store, queue_ids: list[str], since: float) -> list[dict[str, Any]]:
    """Decisions since a time that put one of these messages on hold, the oldest first. Raises StoreError."""
    query = sa.select(messages).where(messages.c.time >= since, messages.c.action == Action.HOLD.value)
    wanted = set(queue_ids)
    return [one for one in _filed(store, query.order_by(messages.c.time)) if one["queue_id"] in wanted]


def _filed(store: Store, query: sa.Select[Any]) -> Iterator[dict[str, Any]]:
    with store.read() as connection:
        yield from _whole(connection, query)


def accepted(store: Store, ids: list[str]) -> set[str]:
    """Which of these messages were accepted. Raises StoreError."""
    kept = [one.value for one in Action if not one.refuses]
    query = sa.select(messages.c.id).where(messages.c.id.in_(ids), messages.c.action.in_(kept))
    with store.read() as connection:
        return set(connection.scalars(query))


def forget(store: Store, before: float) -> None:
    """Removes decisions older than a time (seconds since the epoch). Raises StoreError."""
    old = sa.select(messages.c.id).where(messages.c.time < before)
    with store.write() as connection:
        connection.execute(sa.delete(findings).where(findings.c.message.in_(old)))
        connection.execute(sa.delete(notices).where(notices.c.time < before))
        connection.execute(sa.delete(submissions).where(submissions.c.message.in_(old)))
        connection.execute(sa.delete(messages).where(messages.c.time < before))
