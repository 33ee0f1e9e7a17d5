"""The desk at which people ask and superiors decide: what was told to whom, requests, what an approval brings about.

Everything that belongs together is written in one transaction, the mails about it included.
Failure modes: StoreError, Unavailable when the directory does not answer.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from postclerk import clock
from postclerk.adapters import journal, notices, orders, outbox, requests, standing
from postclerk.adapters.files import make_own_folder
from postclerk.adapters.handover import Signer
from postclerk.adapters.links import Links
from postclerk.adapters.orders import Order
from postclerk.adapters.store import Store
from postclerk.collect import normal_login
from postclerk.config import Config
from postclerk.core.people import Expansion, Person, may_approve_his_own
from postclerk.core.ports import Directory, Unavailable
from postclerk.languages import Language, Languages
from postclerk.mails import request as mails
from postclerk.mails.message import Sender, one_line
from postclerk.settings import Settings

_LONGEST_REASON = 1000


@dataclass(frozen=True, slots=True)
class Concern:
    """A decision as it concerns one of our own people."""

    entry: dict[str, Any]
    login: str
    role: str
    asks: list[dict[str, Any]]


class OwnRequest(Exception):
    """Somebody would approve what he himself asks for."""


class Desk:
    """One site's desk."""

    def __init__(self, config: Config, store: Store, directory: Directory, links: Links) -> None:
        self.settings: Settings = config.settings
        self.store = store
        self.links = links
        self.languages = Languages(self.settings.site.languages, own_texts(self.settings))
        self._config = config
        self._directory = directory
        self._signer = signer(config)

    # -- who and what ----------------------------------------------------------------------------------------------

    @property
    def sender(self) -> Sender:
        """In whose name mails are written."""
        site, mail = self.settings.site, self.settings.mail
        address = (mail.sender if mail else None) or f"postmaster@{site.domains[0]}"
        return Sender(str(address), site.name, site.hostname)

    @property
    def helpdesk(self) -> str:
        """Whom people ask."""
        return str(self.settings.site.helpdesk or f"postmaster@{self.settings.site.domains[0]}")

    def moment(self, at: float) -> datetime.datetime:
        """A time in the site's zone."""
        return clock.local(at, self.settings.zone)

    def person(self, login: str) -> Person | None:
        """A person whom the directory knows and who has a mailbox. Raises Unavailable."""
        found = self._directory.person(login)
        return found if found is not None and found.known and found.mailbox else None

    def readers(self, recipients: list[str]) -> list[str]:
        """The logins of the people whose mailboxes these addresses are. Raises Unavailable."""
        return [one.owner for one in self._directory.expand(recipients).values() if one.owner]

    def expanded(self, recipients: list[str]) -> dict[str, Expansion]:
        """Whom these addresses (comparison keys) stand for. Raises Unavailable."""
        return self._directory.expand(recipients)

    def entry(self, incident: str) -> dict[str, Any] | None:
        """A decision that the journal holds."""
        return journal.entry(self.store, incident)

    def fate(self, incident: str) -> str:
        """What has become of a held message (orders.fate)."""
        return orders.fate(self.store, incident)

    def concern(self, incident: str, login: str) -> Concern | None:
        """A decision as it concerns this person; None where it does not."""
        mine, entry = notices.concerns(self.store, incident, login), self.entry(incident)
        if mine is None or entry is None or entry["id"] != incident:
            return None
        return Concern(entry, login, mine["role"], mine["asks"])

    def put(self, connection: sa.Connection, to: str, content: bytes, at: float, once: str | None = None) -> bool:
        """Puts a mail into the outbox, signed where there is a key; False where one of that `once` is there."""
        signed = self._signer.sign(content) if self._signer else content
        return outbox.put(connection, to, signed, at=at, once=once)

    # -- asking ----------------------------------------------------------------------------------------------------

    def ask(self, concern: Concern, ask: dict[str, Any] | None, reason: str) -> bool:
        """Asks for a grant, or without one for the message's release; False where that was asked before. Raises
        TooManyWait."""
        now = clock.now()
        asker = self.person(concern.login)
        superior = self.superior(asker)
        first = concern.entry["findings"][0]
        row = {
            "incident": concern.entry["id"], "login": concern.login, "kind": "grant" if ask else "release",
            "rule": ask["rule"] if ask else first["rule"], "option": ask.get("option") if ask else None,
            "amount": ask.get("amount") if ask else None, "value": ask.get("value") if ask else None,
            "reason": one_line(reason)[:_LONGEST_REASON], "asked_at": now,
            "decider": superior.login if superior else "",
        }  # fmt: skip

        def write(connection: sa.Connection, number: int) -> None:
            to = superior.mailbox if superior else self.helpdesk
            page = self.links.decision(number, superior.login) if superior else self._page_of_staff(number)
            languages = self.languages.first(superior.language if superior else "")
            who = (asker.name or asker.login) if asker else concern.login
            order = "" if superior else f"postclerk request approve|decline {number}"
            mail = mails.to_decide(row, who, self.sender, to, languages, page, order=order, at=self.moment(now))
            self.put(connection, to, mail, now)

        return requests.ask(self.store, row, write) is not None

    def superior(self, person: Person | None) -> Person | None:
        """Whoever decides for a person; nobody decides for himself."""
        if person is None or not person.superior:
            return None
        superior = self.person(person.superior)
        return superior if superior is not None and superior.login != person.login else None

    def _page_of_staff(self, number: int) -> str:
        return self.links.staff(f"r/{number}") if self.settings.web.staff else ""

    # -- deciding --------------------------------------------------------------------------------------------------

    def may_approve(self, request: dict[str, Any], by: str) -> bool:
        """Whether this user may approve a request. Nobody approves his own, but see people.may_approve_his_own. Raises
        Unavailable."""
        domains = self.settings.site.domains
        if normal_login(by, domains) != request["login"]:
            return True
        asker = self._directory.person(request["login"])
        staff = {normal_login(one, domains) or "" for one in self.settings.web.staff}
        return asker is not None and may_approve_his_own(asker, staff)

    def decide(self, number: int, *, approved: bool, answer: str, by: str) -> bool:
        """Decides a request and carries it out; False where that was done before. Raises OwnRequest, Unavailable."""
        now = clock.now()
        asked = requests.find(self.store, number)
        if approved and asked is not None and not self.may_approve(asked, by):
            raise OwnRequest(f"{by} asked for it: nobody approves what he asks for himself (1.1.3)")

        def write(connection: sa.Connection, request: dict[str, Any]) -> None:
            ends = None
            if approved and request["kind"] == "grant":
                ends = now + self.settings.web.grants_last
                for row in _grants(request, by, now, ends):
                    standing.put_grant(connection, row)
            elif approved:
                self._release(connection, request, by, now)
            self._tell(connection, request, ends, now)

        answer = one_line(answer)[:_LONGEST_REASON]
        done = requests.decide(self.store, number, approved=approved, answer=answer, by=by, at=now, write=write)
        if done and approved:
            make_own_folder(self._config.spool)
            standing.tell(self._config.stamp)
        return done

    def _release(self, connection: sa.Connection, request: dict[str, Any], by: str, now: float) -> None:
        entry = self.entry(request["incident"])
        if entry is not None and entry["queue_id"]:
            why = f"request {request['number']}: {request['reason']}"
            orders.give(
                connection, Order.RELEASE, queue_id=entry["queue_id"], incident=entry["id"], why=why, by=by, at=now
            )

    def _tell(self, connection: sa.Connection, request: dict[str, Any], ends: float | None, now: float) -> None:
        try:
            asker = self.person(request["login"])
        except Unavailable:
            return  # what was decided stands; he sees it on the page
        if asker is not None:
            until = self.moment(ends) if ends is not None else None
            languages = self.languages.first(asker.language)
            gone = request["kind"] == "release" and self.fate(request["incident"]) == orders.DELETED
            mail = mails.decided(
                request, self.sender, asker.mailbox, languages, ends=until, gone=gone, at=self.moment(now)
            )
            self.put(connection, asker.mailbox, mail, now)


def _grants(request: dict[str, Any], by: str, now: float, ends: float) -> list[dict[str, Any]]:
    """The grants that a request comes to: whoever may send as an address may use it in the envelope and the header."""
    rules = ["sender", "return_address"] if request["rule"] in ("sender", "return_address") else [request["rule"]]
    shared = {name: request[name] for name in ("login", "option", "amount", "value", "reason")}
    shared |= {"unit": None, "approved_by": by, "begins": now, "ends": ends, "made_at": now}
    return [{**shared, "rule": rule, "made_by": f"request {request['number']}"} for rule in rules]


def own_texts(settings: Settings) -> dict[str, dict[str, dict[str, str]]]:
    """The site's own words as languages take them."""
    return {
        code: {name: own.model_dump(exclude_none=True) for name, own in texts.items()}
        for code, texts in settings.texts.items()
    }


def language_of(languages: Languages, person: Person | None) -> tuple[Language, ...]:
    """The languages for a person, his own first."""
    return languages.first(person.language if person else "")


def signer(config: Config) -> Signer | None:
    """What signs our own mail, where rules.yaml names a key. Raises OSError, ValueError."""
    mail = config.settings.mail
    if mail is None or mail.dkim is None:
        return None
    return Signer(mail.dkim.domain, mail.dkim.selector, config.folder / mail.dkim.key_file)
