"""The digest's pictures: as high as their numbers, equal for equal ones, small, and seen by day and by night."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
from PIL import Image

from postclerk.core.digest import Week
from postclerk.mails import chart

BACKGROUNDS = ("#ffffff", "#22262c")


def _week(*numbers: int) -> Week:
    return Week(*numbers, median=None)


def _medians(*hours: float | None) -> Week:
    *before, median = (None if one is None else timedelta(hours=one) for one in hours)
    return Week(0, 0, 0, 0, median, tuple(before))


def _columns(picture: bytes, count: int) -> list[tuple[int, str]]:
    """How high each column is, in points, and its colour at the foot."""
    image = Image.open(io.BytesIO(picture)).convert("RGBA")
    columns = []
    for number in range(count):
        middle = round((number + 0.5) * image.width / count)
        solid = [row for row in range(image.height) if image.getpixel((middle, row))[3] == 255]  # type: ignore[index]
        red, green, blue, _alpha = image.getpixel((middle, solid[-1])) if solid else (0, 0, 0, 0)  # type: ignore[misc]
        columns.append(
            (round((image.height - min(solid, default=image.height)) / 2), f"#{red:02x}{green:02x}{blue:02x}")
        )
    return columns


@pytest.mark.parametrize(
    ("week", "heights"),
    [
        pytest.param(_week(26, 19, 3, 4), [84, 61, 10, 13], id="usual"),
        pytest.param(_week(5, 5, 5, 5), [84, 84, 84, 84], id="equal"),
        pytest.param(_week(0, 0, 0, 0), [0, 0, 0, 0], id="nothing"),
        pytest.param(_week(10_000, 1, 0, 5_000), [84, 3, 0, 42], id="one-of-many-is-seen"),
        pytest.param(_week(10**12, 10**12, 0, 10**15), [3, 3, 0, 84], id="huge"),
    ],
)
def test_a_column_is_as_high_as_its_number(week: Week, heights: list[int]) -> None:
    """Beside the highest one, each in its own colour."""
    columns = _columns(chart.of_week(week), 4)
    assert [height for height, _colour in columns] == [pytest.approx(height, abs=1) for height in heights]
    assert [colour for height, colour in columns if height] == [
        colour for height, colour in zip(heights, chart.COLOURS, strict=True) if height
    ]


def test_the_medians() -> None:
    """This week's is the last, in the colour that is looked at; where nothing was answered, there is a dash."""
    columns = _columns(chart.of_medians(_medians(9, None, 6, 3)), 4)
    assert [height for height, _colour in columns] == [pytest.approx(height, abs=1) for height in (84, 4, 56, 28)]
    assert [colour for _height, colour in columns] == [*[chart.COLOURS[0]] * 3, chart.COLOURS[3]]


def test_no_more_than_eight_weeks_before() -> None:
    """Older ones are left off."""
    assert chart.of_medians(_medians(*range(90, 0, -1))) == chart.of_medians(_medians(*range(9, 0, -1)))


def test_equal_numbers_give_equal_pictures() -> None:
    """Drawn once, whatever was drawn in between; the cache has a bound."""
    first = chart.of_week(_week(26, 19, 3, 4))
    chart.of_medians(_medians(1, 2, None, 4, 5, 6, 7, 8, 9))
    assert chart.of_week(_week(26, 19, 3, 4)) is first
    chart._drawn.cache_clear()
    assert chart.of_week(_week(26, 19, 3, 4)) == first
    assert chart._drawn.cache_info().maxsize == 4096


def test_small_and_sharp() -> None:
    """At most 15 KB, with twice the pixels of the place that they fill, and no background."""
    for picture in (chart.of_week(_week(97, 31, 58, 83)), chart.of_medians(_medians(1, 9, 4, 7, 2, 8, 3, 6, 5))):
        assert len(picture) <= 15_000
        image = Image.open(io.BytesIO(picture))
        assert image.size == (chart.WIDTH * 2, chart.HEIGHT * 2)
        assert image.convert("RGBA").getpixel((0, 0))[3] == 0  # type: ignore[index]


def _light(colour: str) -> float:
    """Relative luminance (WCAG 2.1)."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("colour", chart.COLOURS)
@pytest.mark.parametrize("background", BACKGROUNDS)
def test_seen_by_day_and_by_night(colour: str, background: str) -> None:
    """What a picture shows stands out by 3 to 1 (WCAG 2.1, 1.4.11)."""
    low, high = sorted((_light(colour), _light(background)))
    assert (high + 0.05) / (low + 0.05) >= 3
