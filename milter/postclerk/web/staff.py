"""The pages of the IT department: held mail, and requests that wait. In English, and only behind the site's proxy."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from postclerk import clock
from postclerk.adapters import orders, requests
from postclerk.adapters.orders import Order
from postclerk.desk import Desk
from postclerk.languages import Language
from postclerk.mails.request import what
from postclerk.web.readers import staff_of

if TYPE_CHECKING:
    from postclerk.web.app import Pages


class Staff:
    """What staff see and order."""

    def __init__(self, desk: Desk, pages: Pages, held: Callable[[], list[dict[str, Any]]]) -> None:
        self._desk = desk
        self._pages = pages
        self._held = held

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
        held = [{**one, "moment": self._shown(one["time"])} for one in self._held()]
        pass_on = self._desk.links.token("staff", [user])
        return self._pages.rendered(
            request, english, "staff.html", switch=[], user=user, waiting=waiting, held=held, pass_on=pass_on
        )

    def order(self, request: Request, language: Language) -> Response:
        """Releases or deletes a held message."""
        settings = self._desk.settings.web
        user, form = staff_of(request, settings), request.state.form
        if not user or self._desk.links.read("staff", str(form.get("t", ""))) != [user]:
            return self._pages.nothing(request, language)
        incident = request.path_params["incident"]
        chosen = next((one for one in self._held() if one["id"] == incident), None)
        why = " ".join(str(form.get("why", "")).split())[:500]
        action = str(form.get("action", ""))
        if chosen is None or action not in ("release", "delete"):
            return self._pages.nothing(request, language)
        if not why:
            return self._pages.said(request, language, "Say why: it is written down.", status=400, back="/staff")
        with self._desk.store.write() as connection:
            orders.give(
                connection, Order(action), queue_id=chosen["queue_id"], incident=incident, why=why, by=user,
                at=clock.now(),
            )  # fmt: skip
        return RedirectResponse("/staff", 303)

    def _shown(self, at: float) -> str:
        return f"{self._desk.moment(at):%Y-%m-%d %H:%M}"
