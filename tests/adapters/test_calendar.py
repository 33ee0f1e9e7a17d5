"""The site's working days: the country's holidays, observed and moved, and what rules.yaml adds to them."""

from __future__ import annotations

import datetime
import os
import subprocess
import sys
import warnings
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from postclerk import bootstrap
from postclerk.adapters import calendar
from postclerk.adapters.calendar import SiteCalendar
from postclerk.settings import Calendar, Settings, Site
from postclerk.sourcefile import Mistakes
from tests.conftest import PEOPLE, SITE


def _settings(country: str = "KZ", zone: str = "Asia/Almaty", **options: Any) -> Settings:
    site = Site.model_construct(country=country, time_zone=zone)
    return Settings.model_construct(site=site, calendar=Calendar.model_validate(options))


def _worked(made: SiteCalendar, days: str, unit: str = "") -> str:
    """Of the days from FIRST/LAST, x for each that is worked and - for each that is off."""
    first, last = map(datetime.date.fromisoformat, days.split("/"))
    worked = made.work_time(unit).working_days(first, last + datetime.timedelta(1))
    return "".join(
        "x" if first + datetime.timedelta(number) in worked else "-" for number in range((last - first).days + 1)
    )


@pytest.mark.parametrize(
    ("country", "days", "worked"),
    [
        pytest.param("KZ", "2024-04-29/2024-05-12", "xx-xxx-x---x--", id="kz-a-saturday-worked"),
        pytest.param("KZ", "2013-12-27/2014-01-08", "xx-xx-----x-x", id="kz-worked-for-a-day-of-the-year-after"),
        pytest.param("KZ", "2024-12-30/2025-01-08", "xx----xx-x", id="kz-a-sunday-worked"),
        pytest.param("KZ", "2025-08-29/2025-09-02", "x---x", id="kz-constitution-day-in-august-and-observed"),
        pytest.param("KZ", "2027-03-15/2027-03-16", "-x", id="kz-constitution-day-in-march"),
        pytest.param("KZ", "2026-05-08/2026-05-12", "x---x", id="kz-victory-day-observed"),
        pytest.param("TR", "2024-10-28/2024-11-04", "x-xxx--x", id="tr-republic-day"),
        pytest.param("RU", "2024-04-26/2024-05-13", "xx----xx--xxx----x", id="ru-may-moved"),
        pytest.param("GB", "2022-12-23/2022-12-28", "x----x", id="gb-christmas-on-a-sunday"),
        pytest.param("SA", "2026-11-19/2026-11-22", "x--x", id="sa-friday-and-saturday-are-off"),
        pytest.param("IR", "2026-11-19/2026-11-22", "x-xx", id="ir-friday-is-off"),
        pytest.param("AE", "2021-12-16/2021-12-20", "x--xx", id="ae-friday-and-saturday-until-2021"),
        pytest.param("AE", "2022-01-06/2022-01-10", "xx--x", id="ae-saturday-and-sunday-since"),
        pytest.param("IN", "1970-01-24/1970-01-27", "---x", id="in-years-that-are-not-known-in-full"),
        pytest.param("", "2024-12-23/2024-12-29", "xxxxx--", id="no-country"),
    ],
)
def test_countries(country: str, days: str, worked: str) -> None:
    """Holidays, those that are observed on another day, and days that are worked for another."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert _worked(SiteCalendar(_settings(country)), days) == worked


@pytest.mark.parametrize(
    ("options", "days", "worked"),
    [
        pytest.param({"add_holidays": ["2026-11-24"]}, "2026-11-23/2026-11-29", "x-xxx--", id="a-day-off"),
        pytest.param({"add_workdays": ["2026-11-28"]}, "2026-11-23/2026-11-29", "xxxxxx-", id="a-saturday-worked"),
        pytest.param({"add_workdays": ["2026-12-16"]}, "2026-12-14/2026-12-18", "xxxxx", id="a-holiday-worked"),
        pytest.param(
            {"add_holidays": ["2024-05-04"]}, "2024-05-03/2024-05-06", "x--x", id="a-moved-day-off-all-the-same"
        ),
        pytest.param({"weekend": ["sun"]}, "2026-11-23/2026-11-29", "xxxxxx-", id="a-week-of-six-days"),
        pytest.param({"weekend": ["Friday", "SAT"]}, "2026-11-23/2026-11-29", "xxxx--x", id="another-weekend"),
        pytest.param({"weekend": []}, "2026-12-14/2026-12-20", "xx-xxxx", id="no-weekend-but-holidays"),
        pytest.param({"weekend": ["sat"]}, "2024-05-03/2024-05-05", "xxx", id="moved-days-of-another-weekend"),
        pytest.param(
            {"short_days": {"2026-11-28": "09:00-13:00"}}, "2026-11-23/2026-11-29", "xxxxxx-", id="a-short-saturday"
        ),
    ],
)
def test_what_the_site_adds(options: dict[str, Any], days: str, worked: str) -> None:
    """The site's own word on a day counts before the country's."""
    assert _worked(SiteCalendar(_settings(**options)), days) == worked


def test_a_region_has_holidays_of_its_own() -> None:
    """Epiphany is a holiday in Bavaria, and not in Berlin."""
    for region, worked in (("BY", "x-x"), ("BE", "xxx"), ("", "xxx")):
        made = SiteCalendar(_settings("DE", "Europe/Berlin", region=region))
        assert _worked(made, "2026-01-05/2026-01-07") == worked
    assert SiteCalendar(_settings("DE", "Europe/Berlin", region="BY")).name() == "DE-BY Europe/Berlin 00:00-24:00"


def test_hours() -> None:
    """The site's hours, a unit's own, and what of these lies within a short day."""
    options = {
        "day": "08:00-17:00",
        "short_days": {"2026-12-31": "09:00-13:00"},
        "units": {"registry": "10:00-18:00", "night desk": "18:00-24:00"},
    }
    made = SiteCalendar(_settings(**options))
    usual, short, off = (datetime.date.fromisoformat(day) for day in ("2026-12-30", "2026-12-31", "2027-01-01"))
    assert [made.hours(day) for day in (usual, short, off)] == [(480, 1020), (540, 780), None]
    assert [made.hours(day, "registry") for day in (usual, short, off)] == [(600, 1080), (600, 780), None]
    assert [made.hours(day, "night desk") for day in (usual, short, off)] == [(1080, 1440), None, None]
    assert made.hours(usual, "library") == (480, 1020)
    assert made.work_time("library") is made.work_time()
    assert [made.name(), made.name("registry"), made.name("library")] == [
        "KZ Asia/Almaty 08:00-17:00",
        "KZ Asia/Almaty 10:00-18:00 registry",
        "KZ Asia/Almaty 08:00-17:00",
    ]
    received = datetime.datetime(2026, 12, 30, 17, tzinfo=ZoneInfo("Asia/Almaty"))
    due = made.work_time("registry").due(received, datetime.timedelta(hours=5))
    assert due.isoformat() == "2027-01-05T11:00:00+05:00"


def test_why_a_day_is_off() -> None:
    """Holidays by name, weekends and the site's own days as such."""
    made = SiteCalendar(_settings(add_holidays=["2024-05-03", "2024-05-09"], add_workdays=["2024-05-07"]))
    days = [datetime.date(2024, 5, number) for number in (3, 4, 5, 6, 7, 8, 9)]
    assert [made.why_off(day) for day in days] == [
        "day off",
        "",
        "weekend",
        "",
        "",
        "Day off (substituted from 2024-05-04)",
        "Victory Day",
    ]


@pytest.mark.parametrize("language", ["kk_KZ.UTF-8", "uk_UA.UTF-8", "C"])
def test_names_do_not_follow_the_environment(language: str) -> None:
    """Whoever starts the program reads the same names."""
    asks = (
        "import datetime; from postclerk.adapters.calendar import SiteCalendar; from postclerk.settings import *;"
        "made = SiteCalendar(Settings.model_construct(site=Site.model_construct(country='KZ')));"
        "print(made.why_off(datetime.date(2024, 5, 9)))"
    )
    ran = subprocess.run(
        [sys.executable, "-c", asks],
        env={**os.environ, "LANGUAGE": language, "LANG": language, "LC_ALL": language},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ran.stdout, ran.stderr) == ("Victory Day\n", "")


@pytest.mark.parametrize(
    ("site", "options", "said"),
    [
        pytest.param(
            "country: QQ",
            "{}",
            "3:3: no holidays are known of a country QQ; leave it out and list them in calendar.add_holidays",
            id="no-country",
        ),
        pytest.param(
            "country: KZ",
            "{region: ALA}",
            "4:12: `region` is 'ALA', but no part of KZ has holidays of its own",
            id="no-regions",
        ),
        pytest.param(
            "name: x",
            "{region: ALA}",
            "4:12: `region` is 'ALA', but site.country is not set",
            id="a-region-of-nothing",
        ),
        pytest.param(
            "country: CH", "{region: Bern}", "4:12: `region` is 'Bern'; of CH allowed are AG, AI, ", id="no-region"
        ),
    ],
)
def test_what_nothing_is_known_of(tmp_path: Path, site: str, options: str, said: str) -> None:
    """A country or region without a calendar is a mistake at its line."""
    rules = tmp_path / "rules.yaml"
    rules.write_text(
        f"site:\n  {{hostname: mx.uni.example, domains: [uni.example],\n  {site}}}\ncalendar: {options}\n"
        "store: sqlite:///postclerk.db\n"
    )
    for read in (bootstrap.read_site, bootstrap.settings_or_defaults):
        with pytest.raises(Mistakes) as caught:
            read(rules)
        assert [said in str(one) for one in caught.value.mistakes] == [True]


def test_old_time_zones_are_warned_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the machine's zones are older than Kazakhstan's change, every due time would err by an hour."""
    (tmp_path / "people.yaml").write_text(PEOPLE)
    rules = tmp_path / "rules.yaml"
    rules.write_text(
        SITE.replace("  name: Exam", "  time_zone: Asia/Almaty\n  name: Exam") + "rules: {recipients: {}}\n"
    )
    assert bootstrap.read_site(rules).config.warnings == []
    monkeypatch.setattr(calendar, "ZoneInfo", lambda _name: ZoneInfo("Asia/Omsk"))
    assert [str(one).removeprefix(str(rules)) for one in bootstrap.read_site(rules).config.warnings] == [
        ":2:3: warning: this machine's time zones are older than March 2024 and err by an hour here; renew its tzdata"
    ]
