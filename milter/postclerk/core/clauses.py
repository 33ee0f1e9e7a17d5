"""The written policy's clauses that a machine can carry out, in order; every rule names one of them.

Source: work instruction "Use of e-mail and Internet services on workstations". The letters number the bullets
of 1.3.2 and 1.3.3, which the document leaves unnumbered.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Clause:
    """One clause: its number, what it says in one sentence, and the rules that carry it out."""

    number: str
    says: str
    rules: tuple[str, ...]


CLAUSES: dict[str, Clause] = {
    clause.number: clause
    for clause in (
        Clause("1.1.6", "A user who breaks the instruction may be cut off.", ("suspension",)),
        Clause(
            "1.3.2-a", "A message is not sent to many addresses at once, service notices excepted.", ("recipients",)
        ),
        Clause("1.3.2-b", "Mail is sent under one's own return address.", ("sender", "return_address")),
        Clause("1.3.2-c", "No messages of indecent or unlawful content are sent.", ("content",)),
        Clause("1.3.2-d", "No unsolicited or unverified information is sent.", ("unsolicited",)),
        Clause(
            "1.3.2-e",
            "The work address is not used to subscribe to non-official mailings or to register on outside sites.",
            ("registration",),
        ),
        Clause("1.3.2-f", "No executable or system files are sent or opened, archives included.", ("attachments",)),
        Clause("1.3.2-g", "No attachment is opened without an anti-virus check.", ("antivirus",)),
        Clause(
            "1.3.2-h",
            "Attachments and links from unknown senders are not opened without asking first.",
            ("unknown_sender",),
        ),
    )
}

RULES_OF_THE_POLICY = frozenset(name for clause in CLAUSES.values() for name in clause.rules)
