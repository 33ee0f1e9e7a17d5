"""Durations in plain words."""

from __future__ import annotations

import pytest

from postclerk.core.units import parse_duration


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        pytest.param("90s", 90.0, id="seconds"),
        pytest.param("15m", 900.0, id="minutes"),
        pytest.param("24h", 86400.0, id="hours"),
        pytest.param("7d", 604800.0, id="days"),
        pytest.param("2w", 1209600.0, id="weeks"),
        pytest.param(" 1.5 H ", 5400.0, id="blanks-case-and-fractions"),
    ],
)
def test_durations_are_read(text: str, seconds: float) -> None:
    """A number and a unit are a duration."""
    assert seconds == parse_duration(text)


@pytest.mark.parametrize("text", ["", "15", "m", "-1h", "1h30m", "1 fortnight", "٣h", "1e3s", "9" * 13 + "s", None, 15])
def test_what_is_no_duration_is_refused(text: object) -> None:
    """Anything but a number and a unit is a mistake, said with what is allowed."""
    with pytest.raises(ValueError, match=r"is not a duration; write a number and s, m, h, d or w, such as 15m or 7d"):
        parse_duration(text)
