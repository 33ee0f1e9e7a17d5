"""`postclerk due`, run as a program: when an answer is due, and what was skipped."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import Ran

Run = Callable[..., Ran]

RULES = """\
site: {hostname: mx.uni.example, domains: [uni.example], time_zone: Asia/Almaty, country: KZ}
calendar:
  add_holidays: [2026-11-24]
  units: {registry: "09:00-18:00"}
"""


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A site's rules in the folder that the commands run in."""
    (tmp_path / "rules.yaml").write_text(RULES)
    return tmp_path


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        pytest.param(
            ["2024-02-28T15:00+06:00", "2026-11-20T10:00:00Z", "2026-11-20T15:00"],
            [
                ("2024-02-28T15:00:00+06:00", "2024-02-29T15:00:00+06:00", "KZ Asia/Almaty 00:00-24:00"),
                ("2026-11-20T15:00:00+05:00", "2026-11-23T15:00:00+05:00", "KZ Asia/Almaty 00:00-24:00"),
                ("2026-11-20T15:00:00+05:00", "2026-11-23T15:00:00+05:00", "KZ Asia/Almaty 00:00-24:00"),
            ],
            id="several",
        ),
        pytest.param(
            ["2026-11-20T15:00", "--unit", "registry"],
            [("2026-11-20T15:00:00+05:00", "2026-11-26T12:00:00+05:00", "KZ Asia/Almaty 09:00-18:00 registry")],
            id="office-hours-of-a-unit",
        ),
        pytest.param(
            ["2026-11-20"],
            [("2026-11-20T00:00:00+05:00", "2026-11-23T00:00:00+05:00", "KZ Asia/Almaty 00:00-24:00")],
            id="a-whole-friday",
        ),
    ],
)
def test_json(site: Path, postclerk: Run, arguments: list[str], told: list[tuple[str, str, str]]) -> None:
    """One object a line, in the site's own time; a time without an offset is the site's."""
    ran = postclerk("due", "--json", *arguments)
    rows = [dict(zip(("received", "due", "calendar"), row, strict=True)) for row in told]
    assert (ran.status, [json.loads(line) for line in ran.lines], ran.err) == (0, rows, "")


def test_text(site: Path, postclerk: Run) -> None:
    """A line for each time says what was skipped, holidays by their names."""
    ran = postclerk("due", "2024-05-06T15:00", "2024-05-03T15:00", "2026-11-20T15:00", "2026-11-23T15:00")
    assert (ran.status, ran.lines, ran.err) == (
        0,
        [
            "received Mon 2024-05-06 15:00+05:00, due Fri 2024-05-10 15:00+05:00; skipped: Tue 2024-05-07 Defender of"
            " the Fatherland Day, Wed 2024-05-08 Day off (substituted from 2024-05-04), Thu 2024-05-09 Victory Day",
            "received Fri 2024-05-03 15:00+05:00, due Sat 2024-05-04 15:00+05:00",
            "received Fri 2026-11-20 15:00+05:00, due Mon 2026-11-23 15:00+05:00; skipped: weekend",
            "received Mon 2026-11-23 15:00+05:00, due Wed 2026-11-25 15:00+05:00; skipped: Tue 2026-11-24 day off",
        ],
        "",
    )


def test_a_long_term_names_the_first(site: Path, postclerk: Run) -> None:
    """A term of months is still told in a line."""
    (site / "rules.yaml").write_text(RULES + "tracker: {answer_within: 300d}\n")
    ran = postclerk("due", "2024-01-01T00:00")
    assert (ran.status, len(ran.lines), ran.lines[0].endswith(" more"), ran.err) == (0, 1, True, "")
    first = "Mon 2024-01-01 New Year's Day, Tue 2024-01-02 New Year's Day, weekend, Sun 2024-01-07 Orthodox Christmas"
    assert f"; skipped: {first}, " in ran.out


def test_without_rules_the_defaults_serve(tmp_path: Path, postclerk: Run) -> None:
    """No rules.yaml: no country and no zone, 24 hours of working days."""
    if Path("/etc/postclerk/rules.yaml").exists():
        pytest.skip("this machine has a rules.yaml of its own")
    ran = postclerk("due", "--json", "2026-11-20T15:00:00+05:00")
    assert (ran.status, json.loads(ran.out), ran.err) == (
        0,
        {
            "received": "2026-11-20T10:00:00+00:00",
            "due": "2026-11-23T10:00:00+00:00",
            "calendar": "UTC 00:00-24:00",
        },
        "",
    )


@pytest.mark.parametrize(
    ("arguments", "status", "lines", "said"),
    [
        pytest.param(
            ["soon", "2026-11-20T15:00"],
            2,
            1,
            "postclerk: 'soon' is not a time such as 2026-11-23T09:00:00+05:00\n",
            id="no-time",
        ),
        pytest.param(
            ["2026-11-20T15:00", "9999-12-31T23:59:59Z", "0001-01-01T00:00:00+14:00", "\x1b[2J"],
            2,
            1,
            "postclerk: the calendar reaches from 1900 to 2199, not to 9999-12-31T23:59:59+00:00;"
            " the calendar reaches from 1900 to 2199, not to 0001-01-01T00:00:00+14:00;"
            " '\\x1b[2J' is not a time such as 2026-11-23T09:00:00+05:00\n",
            id="times-of-no-calendar",
        ),
        pytest.param(
            ["2026-11-20T15:00", "--unit", "library"],
            2,
            0,
            "postclerk: calendar.units has no 'library': it has registry; other units have the site's hours\n",
            id="no-unit",
        ),
        pytest.param([], 2, 0, "postclerk due: the following arguments are required: TIME", id="nothing"),
        pytest.param(["2026-11-20", "--rules", "no.yaml"], 2, 0, "postclerk: cannot read no.yaml: ", id="no-file"),
    ],
)
def test_bad_input(site: Path, postclerk: Run, arguments: list[str], status: int, lines: int, said: str) -> None:
    """What is no time is said in one line, and the other times are told."""
    ran = postclerk("due", *arguments)
    assert (ran.status, len(ran.lines), ran.err.count("\n")) == (status, lines, 1)
    assert ran.err.startswith(said)


def test_a_mistake_in_the_rules(site: Path, postclerk: Run) -> None:
    """A country that is not known is said as everywhere, and reported by check at its line."""
    (site / "rules.yaml").write_text(RULES.replace("country: KZ", "country: QQ") + "store: sqlite:///postclerk.db\n")
    says = "rules.yaml:1:82: no holidays are known of a country QQ; leave it out and list them in calendar.add_holidays"
    ran = postclerk("due", "2026-11-20")
    assert (ran.status, ran.out, ran.err) == (2, "", f"postclerk: {says}\n")
    ran = postclerk("check")
    assert (ran.status, ran.lines, ran.err) == (1, [says], "")
