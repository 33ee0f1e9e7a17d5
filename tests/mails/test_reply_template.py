"""The automatic reply that people are offered to copy."""

from __future__ import annotations

import datetime

import pytest

from postclerk.core.absence import Absence
from postclerk.languages import LANGUAGES, Language
from postclerk.mail.absence import absence
from postclerk.mails.absence import reply_template

AT = datetime.datetime(2026, 8, 5, 10, tzinfo=datetime.UTC)
TERMS = [
    (datetime.date(2026, month, 3), datetime.date(2026, month, 3) + datetime.timedelta(days=days))
    for month in range(1, 13)
    for days in (0, 1, 18, 200)
]


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize("substitute", ["office@uni.example", "a.b-c@mail.uni.example"])
def test_our_own_text_is_read_back(code: str, substitute: str) -> None:
    """Every language, every month: first day, last day and substitute are what was put in."""
    for begins, until in TERMS:
        text = reply_template(Language(code), begins, until, substitute)
        assert absence("", text, AT) == Absence(begins, until, substitute), text


@pytest.mark.parametrize("codes", [("kk", "ru", "en"), ("ru", "tr"), ("en", "kk", "tr", "ru")])
def test_several_languages_in_one_reply(codes: tuple[str, ...]) -> None:
    """Copied one below the other they say the same."""
    begins, until = TERMS[-2]
    text = "\n".join(reply_template(Language(code), begins, until, "office@uni.example") for code in codes)
    assert absence("", text, AT) == Absence(begins, until, "office@uni.example")
