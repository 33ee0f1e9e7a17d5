"""The four languages: catalogues (gettext), plural forms, dates, and a site's own words in place of ours.

Messages are written in English in the code and in templates; locale/LANGUAGE.po holds their translations. They are read
when they are first asked for, so there is nothing to compile. The milter itself speaks English only (core.explain).
"""

from __future__ import annotations

import gettext
import importlib.resources
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Literal

from babel import Locale
from babel.dates import format_date, format_datetime, format_interval
from babel.lists import format_list
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal
from babel.units import format_unit

LANGUAGES = {"kk": "Қазақша", "ru": "Русский", "tr": "Türkçe", "en": "English"}
"""What there are catalogues for, by their codes (ISO 639), each by its own name."""

_MINUTES_COUNT = 10
"""From so many hours on, minutes are not worth telling."""


def marked(english: str) -> str:
    """The text itself; marks it for the catalogues where it is translated later."""
    return english


_DAY = "d MMMM y"
_DAYS = {"kk": "y 'жылғы' d MMMM"}
"""Patterns (CLDR) of a day where people do not write it as 24 November 2026."""

Texts = Mapping[str, Mapping[str, Mapping[str, str]]]
"""A site's own words: by language, by `rule.code`, `happened` and `todo`."""


@dataclass(frozen=True, slots=True)
class Language:
    """One language: texts by their English ones."""

    code: str
    texts: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """What it calls itself."""
        return LANGUAGES[self.code]

    def text(self, english: str, /, **values: object) -> str:
        """A text, its placeholders filled in."""
        said = _catalogue(self.code).gettext(english) if english else ""
        return said.format_map(values) if values else said

    def count(self, singular: str, plural: str, number: int, /, **values: object) -> str:
        """A text with a number, in the form that the number asks for; `{n}` is the number."""
        return _catalogue(self.code).ngettext(singular, plural, number).format_map({"n": number, **values})

    def own(self, rule: str, code: str, which: str) -> str | None:
        """The site's own words for a finding, if it has any."""
        return self.texts.get(f"{rule}.{code}", {}).get(which)

    def moment(self, at: datetime) -> str:
        """A date and time as people here write it."""
        return str(format_datetime(at, f"{_DAYS.get(self.code, _DAY)}, HH:mm", locale=Locale.parse(self.code)))

    def hour(self, at: datetime) -> str:
        """A date and time of this year."""
        return str(format_datetime(at, "d MMMM, HH:mm", locale=Locale.parse(self.code)))

    def day(self, on: date) -> str:
        """A date as it stands in a sentence."""
        return str(format_date(on, _DAYS.get(self.code, _DAY), locale=Locale.parse(self.code)))

    def days(self, begins: date, ends: date) -> str:
        """From one date to another."""
        return format_interval(begins, ends, "yMMMd", locale=_locale(self.code))

    def number(self, number: int) -> str:
        """A number, its thousands grouped."""
        return format_decimal(number, locale=self.code)

    def duration(self, duration: timedelta, *, short: bool = False) -> str:
        """Hours, and below ten of them also minutes; in words, or in their abbreviations."""
        minutes = max(0, duration // timedelta(minutes=1))
        if minutes >= _MINUTES_COUNT * 60:
            minutes -= minutes % 60
        return _duration(minutes, self.code, "short" if short else "long")


class Languages:
    """The languages that a site speaks, in its order."""

    def __init__(self, codes: Iterable[str], texts: Texts | None = None) -> None:
        texts = texts or {}
        self.all = tuple(Language(code, texts.get(code, {})) for code in codes)

    @property
    def english(self) -> Language:
        """The language of the IT department's pages."""
        return Language("en")

    def first(self, code: str) -> tuple[Language, ...]:
        """All of them, the reader's own first, where it is one of them."""
        return tuple(sorted(self.all, key=lambda one: one.code != code))

    def accepted(self, header: str, wanted: str = "") -> Language:
        """The one that a reader wants, by name or by what his browser says (RFC 9110 12.5.4)."""
        known = {one.code: one for one in self.all}
        if wanted in known:
            return known[wanted]
        ranked = sorted(_preferences(header), key=lambda one: -one[1])
        return next((known[code] for code, quality in ranked if quality > 0 and code in known), self.all[0])


def _preferences(header: str) -> list[tuple[str, float]]:
    found = []
    for part in header[:500].split(","):
        name, _semicolon, quality = part.partition(";")
        try:
            weight = float(quality.strip().removeprefix("q=")) if quality.strip() else 1.0
        except ValueError:
            weight = 0.0
        found.append((name.strip().lower().partition("-")[0], weight))
    return found


@lru_cache(maxsize=1024)
def _duration(minutes: int, code: str, length: Literal["short", "long"]) -> str:
    hours, rest = divmod(minutes, 60)
    words = []
    if hours:
        words.append(format_unit(hours, "duration-hour", length=length, locale=_locale(code)))
    if rest or not hours:
        words.append(format_unit(rest, "duration-minute", length=length, locale=_locale(code)))
    return format_list(words, style="unit-narrow", locale=_locale(code))


def _locale(code: str) -> Locale:
    """English is written with the day before the month, as the other three are."""
    return Locale.parse("en_GB" if code == "en" else code)


@lru_cache(maxsize=8)
def _catalogue(code: str) -> gettext.NullTranslations:
    if code == "en":
        return gettext.NullTranslations()
    source = importlib.resources.files("postclerk") / "locale" / f"{code}.po"
    compiled = io.BytesIO()
    with source.open("rb") as file:
        write_mo(compiled, read_po(file, locale=code))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)
