"""The pages as an ASGI application (Starlette): rendered here, without scripts, one style sheet.

Nothing is changed by opening a page; forms carry the signed link that the reader came by. Who may not see a page gets
the same answer as for one that is not there.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from functools import partial
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.convertors import Convertor, register_url_convertor
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from postclerk import events
from postclerk.adapters import requests
from postclerk.adapters.store import StoreError
from postclerk.core.ports import Unavailable
from postclerk.desk import Concern, Desk, OwnRequest
from postclerk.explained import Role, explained
from postclerk.held import Hold
from postclerk.languages import LANGUAGES, Language, marked
from postclerk.mails.request import what
from postclerk.web.letters import Letters
from postclerk.web.readers import Limiter, address_of, staff_of, token_of
from postclerk.web.staff import Staff

_ID = re.compile(r"[0-9A-Z]{8}")
_CHOICE = re.compile(r"[0-9]{1,3}")
_LARGEST_FORM = 16 * 1024
_SHOWN_ACTIONS = ("reject", "defer", "hold", "tag")

_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none';"
    " base-uri 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "X-Robots-Tag": "noindex",
}


class _Number(Convertor[int]):
    """A number of a request; not Starlette's `int`, which fails on one of thousands of digits."""

    regex = "[0-9]{1,9}"

    def convert(self, value: str) -> int:
        """The number in an address."""
        return int(value)

    def to_string(self, value: int) -> str:
        """The number as an address has it."""
        return str(value)


register_url_convertor("number", _Number())

Page = Callable[[Request, Language], Response]


def application(desk: Desk, hold: Hold) -> Starlette:
    """The pages of one site."""
    pages = Pages(desk)
    staff = Staff(desk, pages, hold)
    letters = Letters(desk, pages)
    answer = pages.answer
    return Starlette(
        routes=[
            Route("/style.css", _style),
            Route("/e/{incident}/ask", answer(pages.ask), methods=["POST"]),
            Route("/e/r/{number:number}", answer(pages.request), methods=["GET"]),
            Route("/e/r/{number:number}", answer(pages.decide), methods=["POST"]),
            Route("/e/off", answer(letters.leaving), methods=["GET"]),
            Route("/e/off", answer(letters.leave), methods=["POST"]),
            Route("/e/w", answer(letters.all), methods=["GET"]),
            Route("/e/w", answer(letters.say_of_one), methods=["POST"]),
            Route("/e/w/{number:number}", answer(letters.one), methods=["GET"]),
            Route("/e/w/{number:number}", answer(letters.say), methods=["POST"]),
            Route("/e/{incident}", answer(pages.explanation), methods=["GET"]),
            Route("/staff", answer(staff.overview), methods=["GET"]),
            Route("/staff/held/{incident}", answer(staff.message), methods=["GET"]),
            Route("/staff/held/{incident}", answer(staff.order), methods=["POST"]),
            # The same pages where the site's proxy says who reads them.
            Route("/staff/e/{incident}", answer(pages.explanation), methods=["GET"]),
            Route("/staff/r/{number:number}", answer(pages.request), methods=["GET"]),
            Route("/staff/r/{number:number}", answer(pages.decide), methods=["POST"]),
            Route("/{rest:path}", answer(pages.nothing), methods=["GET", "POST"]),
        ]
    )


def _style(_request: Request) -> Response:
    style = (files("postclerk") / "templates" / "style.css").read_text(encoding="utf-8")
    return Response(style, media_type="text/css", headers={"Cache-Control": "max-age=3600"})


class Pages:
    """What readers see."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._limiter = Limiter(desk.settings.web.per_minute)
        self._templates = Environment(
            loader=PackageLoader("postclerk"),
            autoescape=select_autoescape(["html"]),
            trim_blocks=True,
            lstrip_blocks=True,
            undefined=StrictUndefined,
        )

    # -- around every page -----------------------------------------------------------------------------------------

    def answer(self, page: Page) -> Callable[[Request], Awaitable[Response]]:
        """A page with what all of them need: a limit, the form read, a language, and an answer when something fails."""

        async def answered(request: Request) -> Response:
            request.state.form = FormData()
            if request.method == "POST":
                length = request.headers.get("content-length", "")
                if not length.isdecimal() or int(length) > _LARGEST_FORM:
                    return Response("too much", 413)
                request.state.form = await request.form(max_files=0, max_fields=10)
            response = await run_in_threadpool(partial(self._answered, page, request))
            response.headers.update(_HEADERS)
            return response

        return answered

    def _answered(self, page: Page, request: Request) -> Response:
        wanted = request.query_params.get("lang", "") or str(request.state.form.get("lang", ""))
        language = self._desk.languages.accepted(request.headers.get("accept-language", ""), wanted)
        if not self._limiter.allows(address_of(request, self._desk.settings.web)):
            text = language.text("Too many pages were opened from your address. Please wait a minute.")
            response = self.said(request, language, text, status=429)
            response.headers["Retry-After"] = "60"
            return response
        try:
            return page(request, language)
        except (StoreError, Unavailable) as fault:
            events.page_failed(request.url.path, fault)
            text = language.text("This page cannot be shown now. Please try again in a few minutes.")
            return self.said(request, language, text, status=503)

    def rendered(
        self, request: Request, language: Language, template: str, status: int = 200, **values: Any
    ) -> Response:
        """A page from its template."""
        token = token_of(request)
        switch = [
            {"code": one.code, "name": LANGUAGES[one.code], "here": one.code == language.code, "token": token}
            for one in self._desk.languages.all
        ]
        shared: dict[str, Any] = {
            "_": language.text,
            "count": language.count,
            "language": language,
            "switch": switch,
            "site": self._desk.settings.site.name,
            "token": token,
        }
        text = self._templates.get_template(template).render({**shared, **values})
        return HTMLResponse(text, status)

    def said(self, request: Request, language: Language, text: str, status: int = 200, back: str = "") -> Response:
        """A page of one sentence."""
        return self.rendered(request, language, "said.html", status, said=text, back=back)

    def nothing(self, request: Request, language: Language) -> Response:
        """There is nothing here, or nothing for this reader."""
        return self.said(request, language, language.text("There is nothing to see here."), status=404)

    # -- the explanation -------------------------------------------------------------------------------------------

    def explanation(self, request: Request, language: Language) -> Response:
        """Why a message was refused or held: all of it for whom it concerns, to others what the reply told."""
        incident = request.path_params["incident"].upper()
        if not _ID.fullmatch(incident):
            return self.nothing(request, language)
        concern = self._concern(request, incident)
        entry = concern.entry if concern else self._desk.entry(incident)
        staff = staff_of(request, self._desk.settings.web)
        if entry is None or not (staff or entry["action"] in _SHOWN_ACTIONS):
            return self.nothing(request, language)
        role = Role(concern.role) if concern else Role.OUTSIDE
        if staff and not concern:
            role = Role.SENDER if entry["login"] else Role.RECIPIENT
        asked = requests.of_incident(self._desk.store, incident, concern.login) if concern else []
        fate = self._desk.fate(incident) if concern or staff else ""
        return self.rendered(
            request,
            language,
            "explanation.html",
            why=explained(entry, role, language, fate),
            entry=entry,
            moment=language.moment(self._desk.moment(entry["time"])),
            whole=bool(concern or staff),
            choices=_choices(concern, asked, fate, language) if concern else [],
            asked=[{**one, "what": what(one, language)} for one in asked],
            helpdesk=self._desk.helpdesk if concern else "",
        )

    def _concern(self, request: Request, incident: str) -> Concern | None:
        said = self._desk.links.read("explanation", token_of(request))
        if said is None or len(said) != 2 or said[0] != incident:
            return None
        return self._desk.concern(incident, str(said[1]))

    def ask(self, request: Request, language: Language) -> Response:
        """Somebody asks for a grant or a release."""
        incident = request.path_params["incident"].upper()
        concern = self._concern(request, incident)
        if concern is None:
            return self.nothing(request, language)
        form = request.state.form
        wanted, reason = str(form.get("what", "")), " ".join(str(form.get("reason", "")).split())
        back = f"/e/{incident}?t={token_of(request)}&lang={language.code}"
        if not reason:
            text = language.text("Please say why you need it: whoever decides has to know.")
            return self.said(request, language, text, status=400, back=back)
        if wanted == "release" and concern.entry["action"] == "hold" and not self._desk.fate(incident):
            ask = None
        elif _CHOICE.fullmatch(wanted) and int(wanted) < len(concern.asks):
            ask = concern.asks[int(wanted)]
        else:
            return self.said(request, language, language.text("Please choose what you ask for."), status=400, back=back)
        try:
            self._desk.ask(concern, ask, reason)
        except requests.TooManyWait:
            text = language.text("Too many of your requests are waiting for an answer. Ask again when one is decided.")
            return self.said(request, language, text, status=409, back=back)
        return RedirectResponse(back, 303)

    # -- decisions -------------------------------------------------------------------------------------------------

    def request(self, request: Request, language: Language) -> Response:
        """A request, with the buttons that decide it."""
        asked, by = self._asked(request)
        if asked is None:
            return self.nothing(request, language)
        person = self._desk.person(asked["login"])
        return self.rendered(
            request,
            language,
            "request.html",
            asked=asked,
            what=what(asked, language),
            who=(person.name or person.login) if person else asked["login"],
            moment=language.moment(self._desk.moment(asked["asked_at"])),
            days=int(self._desk.settings.web.grants_last // 86400),
            here=request.url.path,
            may_approve=self._desk.may_approve(asked, by),
            # Staff may come by a link without one.
            token=self._desk.links.token("staff", [by])
            if staff_of(request, self._desk.settings.web)
            else token_of(request),
        )

    def decide(self, request: Request, language: Language) -> Response:
        """The superior, or one of the staff, approves or declines."""
        asked, by = self._asked(request)
        if asked is None:
            return self.nothing(request, language)
        decision = str(request.state.form.get("decision", ""))
        if decision not in ("approve", "decline"):
            return self.nothing(request, language)
        answer = str(request.state.form.get("answer", ""))
        try:
            done = self._desk.decide(asked["number"], approved=decision == "approve", answer=answer, by=by)
        except OwnRequest:
            said = language.text(marked("You cannot approve what you ask for yourself."))
            return self.said(request, language, said, status=403)
        if not done:
            return self.said(request, language, language.text("This was decided before."), status=409)
        told = marked("Approved. Whoever asked is told by mail.")
        if decision == "decline":
            told = marked("Declined. Whoever asked is told by mail.")
        return self.said(request, language, language.text(told))

    def _asked(self, request: Request) -> tuple[dict[str, Any] | None, str]:
        """The request that a page is about, and who may decide it: whom the link was mailed to, or one of the staff."""
        number = int(request.path_params["number"])
        staff = staff_of(request, self._desk.settings.web)
        said = self._desk.links.read("decision", token_of(request))
        asked = requests.find(self._desk.store, number)
        if asked is None:
            return None, ""
        if staff and (request.method == "GET" or self._desk.links.read("staff", token_of(request)) == [staff]):
            return asked, staff
        if said is not None and said == [number, asked["decider"]] and asked["decider"]:
            return asked, asked["decider"]
        return None, ""


def _choices(concern: Concern, asked: list[dict[str, Any]], fate: str, language: Language) -> list[dict[str, str]]:
    """What may still be asked for, a value for the form and its text each."""
    there = {(one["kind"], one["rule"], one["option"], one["value"]) for one in asked}
    found = []
    if concern.entry["action"] == "hold" and not fate and not any(one["kind"] == "release" for one in asked):
        found.append({"value": "release", "text": what({"kind": "release"}, language)})
    for number, ask in enumerate(concern.asks):
        whole = {"kind": "grant", "option": None, "value": None, "amount": None, **ask}
        if ("grant", ask["rule"], whole["option"], whole["value"]) not in there:
            text = what(whole, language)
            if text not in (one["text"] for one in found):
                found.append({"value": str(number), "text": text})
    return found
