"""Files that the service makes: for nobody else's eyes, since addresses of people are in them, and for whom the folder
belongs to, so that what root starts or looks at does not become root's.

What is there already keeps its owner, and links are not followed: the folder is the service's, and a link in it must
not lead root to a file of others. Failure modes: OSError.
"""

from __future__ import annotations

import os
from pathlib import Path


def open_own(path: Path, flags: int = os.O_RDWR) -> int:
    """Opens a file, made if need be; returns its descriptor."""
    flags |= os.O_CLOEXEC | os.O_NOFOLLOW
    try:
        file = os.open(path, flags | os.O_CREAT | os.O_EXCL, 0o640)
    except FileExistsError:
        if flags & os.O_EXCL:
            raise
        return os.open(path, flags)
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
        os.chown(path, above.st_uid, above.st_gid, follow_symlinks=False)
