"""The pages of the IT department: held mail, and requests that wait. In English, and only behind the site's proxy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from postclerk.adapters import requests
from postclerk.adapters.orders import Order
from postclerk.desk import Desk
from postclerk.held import Hold
from postclerk.languages import Language
from postclerk.mails.message import one_line
from postclerk.mails.request import what
from postclerk.web.readers import staff_of

if TYPE_CHECKING:
    from postclerk.web.app import Pages

_WAIT = 3.0
"""Seconds for which a page waits for the warden to read a message: it looks for orders every second."""


class Staff:
    """What staff see and order."""

    def __init__(self, desk: Desk, pages: Pages, hold: Hold) -> None:
        self._desk = desk
        self._pages = pages
        self._hold = hold

    def overview(self, request: Request, language: Language) -> Response:
        """Requests that wait, and mail that is held."""
        user = staff_of(request, self._desk.settings.web)
        if not user:
            return self._pages.nothing(request, language)
        english = self._desk.languages.english
        waiting = [
            {**one, "what": what(one, english), "moment": self._shown(one["asked_at"])}
            for one in requests.listed(self._desk.store, undecided=True)
        ]
        held = [self._row(one) for one in self._hold.listed()]
        return self._pages.rendered(
            request,
            english,
            "staff.html",
            switch=[],
            user=user,
            waiting=waiting,
            held=held,
            pass_on=self._pass_on(user),
        )

    def message(self, request: Request, language: Language) -> Response:
        """A held message, where this user has ordered to see it."""
        user, english = staff_of(request, self._desk.settings.web), self._desk.languages.english
        if not user:
            return self._pages.nothing(request, language)
        entry = self._hold.find(request.path_params["incident"])
        if entry is None:
            return self._left(request)
        return self._pages.rendered(
            request, english, "held.html", switch=[], one=self._row(entry), pass_on=self._pass_on(user),
            look=self._hold.look(entry, user, within=_WAIT),
        )  # fmt: skip

    def order(self, request: Request, language: Language) -> Response:
        """Has a held message shown, released or deleted."""
        settings = self._desk.settings.web
        user, form = staff_of(request, settings), request.state.form
        if not user or self._desk.links.read("staff", str(form.get("t", ""))) != [user]:
            return self._pages.nothing(request, language)
        action = str(form.get("action", ""))
        if action not in [one.value for one in Order]:
            return self._pages.nothing(request, language)
        entry = self._hold.find(request.path_params["incident"])
        if entry is None:
            return self._left(request)
        order, here = Order(action), f"/staff/held/{entry['id']}"
        why = one_line(str(form.get("why", "")))[:500]
        if order is Order.SHOW:
            self._hold.order(entry, order, why="", by=user)
            return RedirectResponse(here, 303)
        if not why:
            return self._pages.said(
                request, self._desk.languages.english, "Say why: it is written down.", status=400, back=here
            )
        self._hold.order(entry, order, why=why, by=user, silently="silently" in form)
        return RedirectResponse("/staff", 303)

    def _left(self, request: Request) -> Response:
        text = "This message is not held any longer: it was released or deleted."
        return self._pages.said(request, self._desk.languages.english, text, status=404, back="/staff")

    def _row(self, entry: dict[str, Any]) -> dict[str, Any]:
        return {**entry, "moment": self._shown(entry["time"])}

    def _pass_on(self, user: str) -> str:
        return self._desk.links.token("staff", [user])

    def _shown(self, at: float) -> str:
        return f"{self._desk.moment(at):%Y-%m-%d %H:%M}"
