"""Durations and sizes in plain words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postclerk.core.units import duration_text, parse_duration, parse_size


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


@pytest.mark.parametrize(
    ("text", "octets"),
    [
        pytest.param("20 MB", 20_000_000, id="decimal"),
        pytest.param("512 KiB", 524_288, id="binary"),
        pytest.param("1.5kb", 1500, id="fraction"),
        pytest.param("0B", 0, id="nothing"),
    ],
)
def test_sizes_are_read(text: str, octets: int) -> None:
    """A number and a unit are a size."""
    assert octets == parse_size(text)


@pytest.mark.parametrize("text", ["", "20", "MB", "20 TB", "-1 MB", "20 M B", None, 20])
def test_what_is_no_size_is_refused(text: object) -> None:
    """Anything but a number and a unit is a mistake, said with what is allowed."""
    with pytest.raises(ValueError, match=r"is not a size; write a number and B, KB, MB, GB, KiB, MiB or GiB"):
        parse_size(text)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(3600.0, "1h"), (5400.0, "90m"), (86400.0, "1d"), (1209600.0, "2w"), (0.5, "0.5s"), (61.0, "61s"), (0.0, "0s")],
)
def test_durations_are_written_short(seconds: float, text: str) -> None:
    """The widest unit that divides a duration is used."""
    assert text == duration_text(seconds)


@given(st.integers(0, 10**9))
def test_what_is_written_can_be_read(seconds: int) -> None:
    """A duration that was written is the same when it is read."""
    written = duration_text(float(seconds))
    assert parse_duration(written) == pytest.approx(seconds, rel=1e-5)
