"""What the log says: one function for each event, one vocabulary with the journal.

Lines go to the standard error stream, which systemd keeps; values are made printable, so that no address can forge a
line. A message without findings is in the journal and in Postfix's log, and not here again.
"""

from __future__ import annotations

import logging
import sys
from typing import Any

_log = logging.getLogger("postclerk")


def set_up(*, level: int = logging.INFO) -> None:
    """Sends the log to the standard error stream."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("postclerk[%(process)d]: %(message)s"))
    _log.handlers = [handler]
    _log.setLevel(level)
    _log.propagate = False


def _line(event: str, **values: Any) -> str:
    return f"{event}: " + " ".join(f"{name}={_shown(value)}" for name, value in values.items() if value is not None)


def _shown(value: Any) -> str:
    text = str(value)
    return text if text.isascii() and text.isprintable() and text and not set(text) & set(' "=') else ascii(text)


def decided(record: dict[str, Any]) -> None:
    """A message came to findings and was decided."""
    for finding in record["findings"]:
        _log.info(
            _line(
                "monitored" if finding["monitor"] else record["action"],
                id=record["id"],
                queue_id=record["queue_id"],
                login=record["login"],
                client=record["client"],
                envelope_from=record["envelope_from"],
                recipients=record["recipient_count"],
                rule=finding["rule"],
                clause=finding["clause"],
                code=finding["code"],
            )
        )


def rule_failed(incident: str, rule: str, error: Exception) -> None:
    """A rule raised: a fault of ours, with its traceback."""
    _log.error(_line("rule-failed", id=incident, rule=rule, error=repr(error)), exc_info=error)


def session_failed(incident: str | None, error: Exception) -> None:
    """Something of ours broke outside a rule while a message was judged."""
    _log.error(_line("session-failed", id=incident, error=repr(error)), exc_info=error)


def journal_failed(incident: str, error: Exception) -> None:
    """A decision could not be written down; the message is deferred."""
    _log.error(_line("journal-failed", id=incident, error=error))


def filing_failed(error: Exception) -> None:
    """Decisions wait in the spool because the store does not take them now."""
    _log.error(_line("filing-failed", error=error))


def filing_refused(record: dict[str, Any], error: Exception) -> None:
    """The store cannot take this one decision, whenever it is tried: the log keeps it."""
    _log.error(_line("filing-refused", error=error, record=record))


def counter_failed(incident: str, error: Exception) -> None:
    """What was reserved could not be given back; it counts until its window has passed."""
    _log.warning(_line("counter-failed", id=incident, error=error))


def courier_waits(error: Exception) -> None:
    """What postclerk writes cannot be written or sent now; it stays where it is."""
    _log.warning(_line("courier-waits", error=error))


def not_handed_over(number: int, recipient: str, error: Exception, *, given_up: bool) -> None:
    """Postfix did not take a mail of ours; it is tried again unless it is given up."""
    _log.log(
        logging.ERROR if given_up else logging.WARNING,
        _line("mail-given-up" if given_up else "mail-waits", number=number, recipient=recipient, error=error),
    )


def notice_failed(incident: str, login: str, error: Exception) -> None:
    """A notice could not be written: a fault of ours; nobody is told of this decision."""
    _log.error(_line("notice-failed", id=incident, login=login, error=repr(error)), exc_info=error)


def page_failed(path: str, error: Exception) -> None:
    """A page could not be shown."""
    _log.warning(_line("page-failed", path=path, error=error))


def warden_waits(error: Exception) -> None:
    """Orders about held mail cannot be carried out now."""
    _log.warning(_line("warden-waits", error=error))


def order_done(order: dict[str, Any], outcome: str) -> None:
    """What came of an order about a held message."""
    names = ("queue_id", "incident", "action", "made_by", "why")
    _log.info(_line("order", **{name: order[name] for name in names}, outcome=outcome))


def tracking_failed(incident: str, error: Exception) -> None:
    """The tracker could not take an entry of the journal: a fault of ours; the entry is passed over."""
    _log.error(_line("tracking-failed", id=incident, error=repr(error)), exc_info=error)


def tracker_waits(error: Exception) -> None:
    """The tracker cannot work now; nothing is lost."""
    _log.warning(_line("tracker-waits", error=error))


def reminded(login: str, letters: int, of: str) -> None:
    """Somebody was written to about letters that wait."""
    _log.info(_line(of.removesuffix("_at"), login=login, letters=letters))


def flags_wait(login: str, error: Exception) -> None:
    """A mailbox could not be flagged; it is tried again."""
    _log.warning(_line("flags-wait", login=login, error=error))


def flagged(login: str, letters: int, *, is_set: bool) -> None:
    """Flags were set in a mailbox, or taken away."""
    _log.info(_line("flagged" if is_set else "unflagged", login=login, letters=letters))


def absences_wrong(file: str, error: Exception) -> None:
    """The file of absences cannot be read or is wrong; what it said before stays in force."""
    _log.error(_line("absences-wrong", file=file, error=error))


def suspended(login: str, after: int) -> None:
    """A login was refused too often and is suspended."""
    _log.warning(_line("suspended", login=login, refused=after))


def serving(socket: str, workers: int, rules: str) -> None:
    """The milter takes connections."""
    _log.info(_line("serving", socket=socket, workers=workers, rules=rules))


def serving_pages(where: str) -> None:
    """The pages are served."""
    _log.info(_line("serving-pages", at=where))


def tracking() -> None:
    """The tracker reads the journal."""
    _log.info("tracking")


def reloaded(rules: str) -> None:
    """New rules are in force for new connections."""
    _log.info(_line("reloaded", rules=rules))


def reload_refused(rules: str, mistakes: str) -> None:
    """The new rules are wrong; the old ones stay in force."""
    _log.error(_line("reload-refused", rules=rules) + "; the rules in force stay")
    for mistake in mistakes.splitlines():
        _log.error("reload-refused: %s", mistake)


def warned(warning: str) -> None:
    """Something in rules.yaml that is allowed, but may surprise."""
    _log.warning("%s", warning)


def child_died(kind: str, pid: int, status: str) -> None:
    """A worker or the ledger ended that nobody told to; another takes its place."""
    _log.error(_line(f"{kind}-died", pid=pid, status=status))


def worker_cut_off(pid: int, sessions: int) -> None:
    """A worker was told to stop and still had sessions when its time was over."""
    _log.warning(_line("worker-cut-off", pid=pid, sessions=sessions))


def stopped() -> None:
    """The milter has ended in order."""
    _log.info("stopped")
