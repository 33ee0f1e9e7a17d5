"""Files that the service makes: for nobody else's eyes, since addresses of people are in them, and for whom the folder
belongs to, so that what root starts or looks at does not become root's.

Failure modes: OSError.
"""

from __future__ import annotations

import os
from pathlib import Path


def open_own(path: Path, flags: int = os.O_RDWR) -> int:
    """Opens a file, made if need be; returns its descriptor."""
    file = os.open(path, flags | os.O_CREAT | os.O_CLOEXEC, 0o640)
    if os.geteuid() == 0:
        folder = path.parent.stat()
        os.fchown(file, folder.st_uid, folder.st_gid)
    return file


def make_own_folder(path: Path) -> None:
    """Makes a folder where there is none."""
    try:
        path.mkdir(mode=0o750)
    except FileExistsError:
        return
    if os.geteuid() == 0:
        above = path.parent.stat()
        os.chown(path, above.st_uid, above.st_gid)
