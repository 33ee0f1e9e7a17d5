"""Pictures of pages by the system's Chromium, where there is one: what a preview looks like to its reader.

Failure modes: none; a picture that could not be taken is told in one line.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

_NAMES = ("chromium", "chromium-browser", "google-chrome")
_WIDTH, _HEIGHT = 700, 1600
_SECONDS = 60


def take_pictures(pages: Iterable[Path]) -> Iterator[str]:
    """Takes a picture beside each page; yields what went wrong. Without Chromium there are none."""
    browser = next((path for name in _NAMES if (path := shutil.which(name))), None)
    if browser is None:
        return
    for page in pages:
        with tempfile.TemporaryDirectory(prefix="postclerk-picture-") as profile:
            command = [
                browser, "--headless", *_sandbox(), "--disable-gpu", "--no-first-run", "--disable-sync",
                "--disable-background-networking", "--disable-component-update", "--hide-scrollbars",
                f"--user-data-dir={profile}",
                f"--window-size={_WIDTH},{_HEIGHT}", f"--screenshot={page.with_suffix('.png')}",
                page.resolve().as_uri(),
            ]  # fmt: skip
            try:
                done = subprocess.run(command, capture_output=True, timeout=_SECONDS, check=False)  # noqa: S603 - no shell
            except (OSError, subprocess.TimeoutExpired) as fault:
                yield f"{page.with_suffix('.png')}: {fault}"
                continue
            if done.returncode or not page.with_suffix(".png").exists():
                yield f"{page.with_suffix('.png')}: Chromium ended with {done.returncode} and took no picture"


def _sandbox() -> list[str]:
    # Chromium refuses to sandbox what root starts.
    return [] if os.geteuid() else ["--no-sandbox"]
