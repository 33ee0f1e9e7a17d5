"""The pages on which somebody says what became of a letter: that it needs no answer, or was answered by telephone.

A link in a reminder or digest opens them; nothing changes before a button is pressed, since mail scanners open links.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from postclerk import clock
from postclerk.adapters import duties, weeks
from postclerk.adapters.duties import Waiting
from postclerk.core.tracker import State
from postclerk.desk import Desk
from postclerk.digests import PERSONAL, UNIT
from postclerk.languages import Language
from postclerk.web.readers import token_of

if TYPE_CHECKING:
    from postclerk.web.app import Pages

_MOST_SHOWN = 100
_SAID = {"unneeded": "the reader said so", "telephone": "answered by telephone"}


class Letters:
    """What waits for one of our own people."""

    def __init__(self, desk: Desk, pages: Pages) -> None:
        self._desk = desk
        self._pages = pages

    def all(self, request: Request, language: Language) -> Response:
        """Everything that waits for whom the link was mailed to."""
        said = self._desk.links.read("waiting", token_of(request))
        if said is None or len(said) != 1:
            return self._pages.nothing(request, language)
        login = str(said[0])
        waiting = duties.waiting_for(self._desk.store, login, most=_MOST_SHOWN + 1)
        more = language.text("Only the {n} oldest are shown here.", n=_MOST_SHOWN) if waiting[_MOST_SHOWN:] else ""
        return self._listed(request, language, waiting[:_MOST_SHOWN], "/e/w", more)

    def say_of_one(self, request: Request, language: Language) -> Response:
        """A button on the page of all was pressed."""
        said = self._desk.links.read("waiting", token_of(request))
        number = str(request.state.form.get("letter", ""))
        if said is None or len(said) != 1 or not (number.isascii() and number.isdecimal()) or len(number) > 18:
            return self._pages.nothing(request, language)
        self._settle(int(number), str(said[0]), str(request.state.form.get("what", "")))
        return RedirectResponse(f"/e/w?t={token_of(request)}&lang={language.code}", 303)

    def one(self, request: Request, language: Language) -> Response:
        """One letter, by a link of its own."""
        found = self._found(request)
        if found is None:
            return self._pages.nothing(request, language)
        waiting, state = found
        if state is not State.WAITING:
            return self._done(request, language, state)
        return self._listed(request, language, [waiting], f"/e/w/{waiting.number}")

    def say(self, request: Request, language: Language) -> Response:
        """A button on the page of one letter was pressed."""
        found = self._found(request)
        if found is None:
            return self._pages.nothing(request, language)
        waiting, state = found
        if state is State.WAITING:
            what = str(request.state.form.get("what", ""))
            if not self._settle(waiting.number, waiting.login, what):
                return self._pages.nothing(request, language)
            state = State.UNNEEDED if what == "unneeded" else State.ANSWERED
        return self._done(request, language, state)

    # -- the digest ------------------------------------------------------------------------------------------------

    def leaving(self, request: Request, language: Language) -> Response:
        """Whether the weekly mail is sent, with a button to change that."""
        mine = self._mine(request)
        if mine is None:
            return self._pages.nothing(request, language)
        login, kind = mine
        off = bool(weeks.without(self._desk.store, [login], kind))
        return self._pages.rendered(request, language, "leave_off.html", off=off, unit=kind == UNIT)

    def leave(self, request: Request, language: Language) -> Response:
        """A button was pressed, or a mail program asked for it in one click (RFC 8058)."""
        mine = self._mine(request)
        if mine is None:
            return self._pages.nothing(request, language)
        login, kind = mine
        if str(request.state.form.get("what", "")) == "on":
            weeks.take_up(self._desk.store, login, kind)
        else:
            weeks.leave_off(self._desk.store, login, kind, clock.now())
        return RedirectResponse(f"/e/off?t={token_of(request)}&lang={language.code}", 303)

    def _mine(self, request: Request) -> tuple[str, str] | None:
        said = self._desk.links.read("off", token_of(request))
        if said is None or len(said) != 2 or said[1] not in (PERSONAL, UNIT):
            return None
        return str(said[0]), str(said[1])

    def _listed(
        self, request: Request, language: Language, waiting: list[Waiting], action: str, more: str = ""
    ) -> Response:
        letters = [self._shown(one, language) for one in waiting]
        by_phone = request.query_params.get("what") == "telephone"
        return self._pages.rendered(
            request, language, "letters.html", letters=letters, action=action, more=more, by_phone=by_phone
        )

    def _settle(self, number: int, login: str, what: str) -> bool:
        if what not in _SAID:
            return False
        answered_at = clock.now() if what == "telephone" else None
        return duties.settle(self._desk.store, number, login, _SAID[what], answered_at=answered_at)

    def _found(self, request: Request) -> tuple[Waiting, State] | None:
        number = int(request.path_params["number"])
        said = self._desk.links.read("duty", token_of(request))
        if said is None or len(said) != 2 or said[0] != number or number >= 2**62:
            return None
        return duties.find(self._desk.store, number, str(said[1]))

    def _done(self, request: Request, language: Language, state: State) -> Response:
        if state is State.ANSWERED:
            text = language.text("Thank you. This letter counts as answered.")
        else:
            text = language.text("Thank you. This letter needs no answer, and you will not be reminded of it.")
        return self._pages.said(request, language, text)

    def _shown(self, one: Waiting, language: Language) -> dict[str, Any]:
        return {
            "number": one.number,
            "title": one.post.title or language.text("(no subject)"),
            "author": one.post.author or language.text("(no sender)"),
            "mailbox": one.mailbox,
            "received": language.moment(self._desk.moment(one.post.at)),
            "overdue": one.due <= clock.now(),
            "due": language.moment(self._desk.moment(one.due)),
        }
