"""The messages that are sent: an ordinary letter, a longer one, and one with a large attachment."""

from __future__ import annotations

import base64
import random
from pathlib import Path

SIZES = {"2 KB": 2_000, "60 KB": 60_000, "2 MB": 2_000_000}

_HEADER = """\
Received: from client.example.org (client.example.org [198.51.100.10])
\tby mx.example.org with ESMTPS id 0123456789; Mon, 23 Nov 2026 10:00:00 +0500
From: Guest <guest@example.org>
To: Somebody <somebody@uni.example>
Subject: An ordinary letter
Date: Mon, 23 Nov 2026 10:00:00 +0500
Message-ID: <ordinary@example.org>
MIME-Version: 1.0
User-Agent: a mail program
"""


def write(folder: Path) -> dict[str, Path]:
    """Writes one message of each size and returns their paths."""
    paths = {}
    for name, size in SIZES.items():
        path = folder / f"{name.replace(' ', '')}.eml"
        path.write_text(_HEADER + (_text(size) if size < 1_000_000 else _attachment(size)))
        paths[name] = path
    return paths


def _text(size: int) -> str:
    line = "The quick brown fox jumps over the lazy dog, and then it does so again.\n"
    return "Content-Type: text/plain; charset=utf-8\n\n" + line * (size // len(line))


def _attachment(size: int) -> str:
    data = base64.encodebytes(random.Random(1).randbytes(size * 3 // 4)).decode()
    return (
        "Content-Type: multipart/mixed; boundary=part\n\n--part\nContent-Type: text/plain\n\nSee the file.\n--part\n"
        'Content-Type: application/octet-stream; name="data.bin"\nContent-Transfer-Encoding: base64\n'
        f'Content-Disposition: attachment; filename="data.bin"\n\n{data}--part--\n'
    )
