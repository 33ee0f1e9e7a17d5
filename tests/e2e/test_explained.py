"""The way of somebody who was refused: the notice in his mailbox, the page, the request, his superior's approval, and
the same message sent again; in a real browser.

PICTURES=FOLDER keeps what the readers see.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from postclerk.languages import LANGUAGES
from tests import browser as browsers
from tests.demo.scenes import HEAD, SERIK, addresses, letter
from tests.stack.whole import Answer, Stack

PICTURES = Path(os.environ["PICTURES"]) if "PICTURES" in os.environ else None


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    """A site that serves its pages."""
    if os.geteuid():
        pytest.skip("Postfix's master needs root")
    with Stack(web=True) as running:
        yield running


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium."""
    with browsers.chromium() as running:
        yield running


def _many(stack: Stack) -> Answer:
    message = letter(SERIK, "readers:;", "Invitation")
    return stack.send(message, sender=SERIK, to=addresses(60), login="a.serik")


def _part(mail: EmailMessage, kind: str) -> str:
    return next(part for part in mail.walk() if part.get_content_type() == kind).get_content()


def _link(mail: EmailMessage) -> str:
    found = re.search(r"http://127\.0\.0\.1:\d+/e/\S+", _part(mail, "text/plain"))
    assert found is not None
    return found[0]


def _look(browser: Browser, address: str, name: str) -> None:
    """Opens a page as different readers do: nothing keeps anybody out, and nobody scrolls sideways."""
    plain, _lang, _code = address.partition("&lang=")
    for code in LANGUAGES:
        for width, scheme in zip(browsers.WIDTHS, browsers.SCHEMES, strict=True):
            with browsers.page(browser, width=width, scheme=scheme, language=code) as page:
                page.goto(plain)
                assert page.locator("html").get_attribute("lang") == code
                assert browsers.barriers(page) == []
                assert not browsers.is_too_wide(page)
                browsers.keep(page, PICTURES, f"{name}-{code}-{width}-{scheme}")


def test_from_the_refusal_to_the_second_try(stack: Stack, browser: Browser) -> None:
    """Refused, read, asked, approved, sent."""
    refused = _many(stack)
    assert (refused.code, stack.pages in refused.lines[-1]) == (550, True)
    notice = stack.dovecot.wait_for(SERIK)[0]
    assert (notice["Auto-Submitted"], notice["Return-Path"], notice.get_content_type()) == (
        "auto-replied",
        "<>",
        "multipart/report",
    )
    assert _part(notice, "text/plain").startswith("[Қазақша]")
    page_of_notice = _link(notice)
    _look(browser, page_of_notice, "explanation")
    for width, scheme in zip(browsers.WIDTHS, browsers.SCHEMES, strict=True):
        with browsers.page(browser, width=width, scheme=scheme) as page:
            page.set_content(_part(notice, "text/html"))
            assert not browsers.is_too_wide(page)
            browsers.keep(page, PICTURES, f"notice-{width}-{scheme}")
    with browsers.page(browser, language="tr-TR") as page:
        page.set_content(_part(notice, "text/html"))
        assert browsers.barriers(page) == []
        page.goto(page_of_notice.partition("&lang")[0])
        assert page.locator("h1").inner_text() == "İletiniz gönderilmedi"
        page.get_by_role("link", name="English").click()
        page.get_by_label("Up to 60 recipients in one message.").check()
        page.get_by_label("Why do you need it?").fill("The alumni conference")
        page.get_by_role("button", name="Ask").click()
        assert "It is being decided." in page.locator("main").inner_text()
    request = stack.dovecot.wait_for(HEAD)[0]
    assert request["Auto-Submitted"] == "auto-generated"
    _look(browser, _link(request), "request")
    assert _many(stack).code == 550, "looking decides nothing"
    with browsers.page(browser) as page:
        page.goto(_link(request) + "&lang=en")
        assert "The alumni conference" in page.locator("main").inner_text()
        page.get_by_role("button", name="Approve").click()
        assert page.locator("h1").inner_text() == "Approved. Whoever asked is told by mail."
        page.goto(_link(request) + "&lang=en")
        assert page.get_by_role("button").count() == 0
    answer = stack.dovecot.wait_for(SERIK, 2)[-1]
    assert "Өтінішіңіз қанағаттандырылды" in _part(answer, "text/plain")
    assert _many(stack).code == 250


def test_what_an_outsider_sees(stack: Stack, browser: Browser) -> None:
    """With the number alone one reads no more than the reply said; what is not there looks like what is not for him."""
    answer = stack.send(letter(HEAD, SERIK, "forged"), sender=HEAD, to=[SERIK])
    address = answer.lines[-1].rpartition(" ")[2]
    _look(browser, address, "outside")
    with browsers.page(browser, language="ru") as page:
        page.goto(address)
        text = page.locator("main").inner_text()
        assert "Ваше письмо не доставлено" in text
        assert (SERIK in text, HEAD in text, page.get_by_role("button").count()) == (False, False, 0)
        page.goto(f"{stack.pages}/e/ZZZZZZZZ")
        unknown = page.content()
        taken = stack.send(letter(SERIK, HEAD, "fine"), sender=SERIK, to=[HEAD], login="a.serik")
        assert taken.code == 250
        page.goto(f"{stack.pages}/e/{stack.clerk.journal()[-1]['id']}")
        assert page.content() == unknown
