"""The digest's pictures, as PNG: the columns of a week, and its median beside those of the weeks before.

They hold no words and no figures, which stand beside them as text, and no background: the colours can be told from
white and from the dark of a mail program at night. Their heights are counted in steps, so equal numbers give equal
pictures, and each is drawn once.
"""

from __future__ import annotations

import io
import logging
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from postclerk.core.digest import Week

if TYPE_CHECKING:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.lines import Line2D

WIDTH, HEIGHT = 304, 88
"""The size in which a picture is shown at most; it holds twice as many pixels each way."""

COLOURS = ("#78869a", "#2c9a6c", "#c9761a", "#4a86d8")
"""What is compared with, what is well, what is late, and what is looked at."""

_MOST_WEEKS = 8
_WIDEST = 30
_DASH = 3
_LEAST = 3
_STEPS = HEIGHT - 4
_SCALE = 2
_SHADES = 16
_SHADE = 256 // _SHADES
_POINTS_PER_INCH = 72


def of_week(week: Week) -> bytes:
    """Four columns, each in the middle of a quarter: received, answered in time, answered late, waiting."""
    return _drawn(_heights((week.received, week.in_time, week.late, week.waiting)), (0, 1, 2, 3))


def of_medians(week: Week) -> bytes:
    """A column a week, at most eight weeks before this one, which comes last; a dash where nothing was answered."""
    medians = [*week.medians_before[-_MOST_WEEKS:], week.median]
    heights = _heights([-1 if one is None else max(1, one // timedelta(minutes=1)) for one in medians])
    return _drawn(heights, (*[0] * (len(heights) - 1), 3))


def weeks_before(week: Week) -> tuple[timedelta | None, ...]:
    """The medians that the picture shows beside this week's."""
    return week.medians_before[-_MOST_WEEKS:]


def _heights(numbers: Sequence[int]) -> tuple[int, ...]:
    """Whole steps; what is more than nothing is seen. -1 stays: there is no number."""
    most = max(*numbers, 1)
    return tuple(max(_LEAST, round(one * _STEPS / most)) if one > 0 else min(0, one) for one in numbers)


@lru_cache(maxsize=4096)
def _drawn(heights: tuple[int, ...], colours: tuple[int, ...]) -> bytes:
    import numpy
    from PIL import Image

    sheet = _sheet()
    slot = WIDTH / len(heights)
    wide = min(_WIDEST, slot * 0.6)
    with sheet.lock:
        for line in sheet.lines:
            line.set_visible(False)
        for number, (line, height) in enumerate(zip(sheet.lines, heights, strict=False)):
            middle = slot * (number + 0.5)
            if height > 0:  # a thick stroke with round ends, of which the lower one lies outside
                line.set_data([middle, middle], [-_WIDEST, height - wide / 2])
                line.set_linewidth(wide)
            else:  # a dash: there is no number
                line.set_data([middle - wide / 3, middle + wide / 3], [_DASH, _DASH])
                line.set_linewidth(_DASH)
            line.set_visible(height != 0)
        sheet.canvas.draw()  # type: ignore[no-untyped-call]
        # What lies below the columns' feet is left off: the first rows are all of the picture.
        pixels = numpy.asarray(sheet.canvas.buffer_rgba())  # type: ignore[no-untyped-call]
        cover = pixels[: HEIGHT * _SCALE, :, 3] // _SHADE
    # Each place has one colour, more of it or less, so a palette does; that takes a third of the time.
    across = numpy.array(colours, dtype=numpy.uint8)[numpy.arange(WIDTH * _SCALE) * len(heights) // (WIDTH * _SCALE)]
    picture = Image.fromarray(cover + across * _SHADES).convert("P")
    picture.putpalette(bytes(part for colour in COLOURS for part in bytes.fromhex(colour[1:]) * _SHADES))
    octets = io.BytesIO()
    shades = bytes(shade * 255 // (_SHADES - 1) for shade in range(_SHADES))
    picture.save(octets, "PNG", transparency=shades * len(COLOURS), compress_level=3)
    return octets.getvalue()


@dataclass(frozen=True, slots=True)
class _Sheet:
    """A canvas that stays, and strokes that move on it: to make them anew would cost ten times as much."""

    canvas: FigureCanvasAgg
    lines: tuple[Line2D, ...]
    lock: threading.Lock


@cache
def _sheet() -> _Sheet:
    # Imported when the first picture is drawn: it takes half a second and 50 MB, which other commands need not spend.
    logging.getLogger("matplotlib").setLevel(logging.ERROR)  # it warns of a cache for fonts, and no letter is drawn
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(
        figsize=(WIDTH / _POINTS_PER_INCH, (HEIGHT + _WIDEST) / _POINTS_PER_INCH), dpi=_POINTS_PER_INCH * _SCALE
    )
    figure.patch.set_alpha(0)
    canvas = FigureCanvasAgg(figure)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_axis_off()
    axes.set_xlim(0, WIDTH)
    axes.set_ylim(-_WIDEST, HEIGHT)
    lines = tuple(axes.plot([], [], solid_capstyle="round")[0] for _ in range(_MOST_WEEKS + 1))
    return _Sheet(canvas, lines, threading.Lock())
