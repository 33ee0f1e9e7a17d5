"""What the weekly digests of a large house cost: time and memory for everybody's, from a store of generated letters.

./dev bench digest [--people 20000] [--letters 200000] [--sign]
"""

from __future__ import annotations

import argparse
import datetime
import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from postclerk.adapters.book import as_json
from postclerk.adapters.store import Store
from postclerk.adapters.tables import duties, letters, outbox
from postclerk.core.facts import Headers
from postclerk.mail.post import post

_UNIT = 20
_AT = datetime.datetime(2026, 11, 30, 8, 0, tzinfo=ZoneInfo("Asia/Almaty"))

_RULES = """\
site: {{name: Example University, hostname: mx.uni.example, domains: [uni.example], time_zone: Asia/Almaty,
  country: KZ, languages: [kk, ru, tr, en], explain_url: "https://mail.uni.example/e/"}}
directory: [{{file: people.csv}}]
store: sqlite:///postclerk.db
mail: {mail}
tracker: {{}}
"""


def _site(folder: Path, people: int, *, sign: bool) -> Path:
    languages = ("kk", "ru", "tr", "en")
    lines = ["login,name,addresses,unit,superior,language"]
    for number in range(people):
        head = number - number % _UNIT
        unit = f"unit {head // _UNIT}"
        lines.append(f"p{number},Person {number},p{number}@uni.example,{unit},p{head},{languages[number % 4]}")
    (folder / "people.csv").write_text("\n".join(lines) + "\n")
    mail = "{}"
    if sign:
        from tests.stack import keys

        (folder / "key.pem").write_bytes(keys.private_key())
        mail = "{dkim: {domain: uni.example, selector: postclerk, key_file: key.pem}}"
    (folder / "rules.yaml").write_text(_RULES.format(mail=mail))
    return folder / "rules.yaml"


def _fill(store: Store, people: int, count: int) -> None:
    """Letters of the last eight weeks: as many as asked for wait, and as many were answered."""
    store.migrate()
    chance = random.Random(7)
    now = _AT.timestamp()
    for start in range(0, 2 * count, 10_000):
        rows, theirs = [], []
        for number in range(start + 1, min(start + 10_000, 2 * count) + 1):
            received = now - chance.uniform(2, 56) * 86400
            headers = Headers(
                [("From", f" Guest {number} <guest{number}@example.org>".encode()), ("To", b" p@uni.example"),
                 ("Subject", f" About the matter {number} of {chance.choice(['exams', 'fees', 'rooms'])}".encode()),
                 ("Message-ID", f" <{number}@example.org>".encode())]
            )  # fmt: skip
            took = chance.expovariate(1 / 60_000) if number > count else None
            answered = received + took * 1.4 if took else None
            rows.append({"number": number, "fingerprint": str(number), "received": received, "why": "", "took": took,
                         "post": as_json(post(headers, key=str(number), at=received)), "answered_at": answered,
                         "state": "answered" if took else "waiting", "answered_login": None, "answered_by": None,
                         "bond": None})  # fmt: skip
            login = f"p{number % people}"
            theirs.append({"letter": number, "login": login, "mailbox": f"{login}@uni.example", "passed": 0,
                           "due": received + 86400 * 1.4, "waits": int(not took), "flagged": 0})  # fmt: skip
        with store.write() as connection:
            connection.execute(sa.insert(letters), rows)
            connection.execute(sa.insert(duties), theirs)


def main() -> int:
    """Fills a store, and times the digests of it."""
    parser = argparse.ArgumentParser(prog="bench digest")
    parser.add_argument("--people", type=int, default=20_000)
    parser.add_argument("--letters", type=int, default=200_000)
    parser.add_argument("--sign", action="store_true", help="with a DKIM key")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir="/var/tmp") as scratch:
        folder = Path(scratch)
        rules = _site(folder, options.people, sign=options.sign)
        store = Store(f"sqlite:///{folder}/postclerk.db")
        _fill(store, options.people, options.letters)
        command = [sys.executable, "-m", "postclerk.cli", "digest", "--rules", str(rules), "--at", _AT.isoformat()]
        began = time.monotonic()
        done = subprocess.run([*command, "--json"], stdout=subprocess.PIPE, check=True)
        seconds, used = time.monotonic() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
        kinds = Counter(json.loads(line)["kind"] for line in done.stdout.splitlines())
        with store.read() as connection:
            octets = connection.scalar(sa.select(sa.func.avg(sa.func.length(outbox.c.content))))
        store.close()
    told = ", ".join(f"{count} {kind}" for kind, count in kinds.items())
    cpu = used.ru_utime + used.ru_stime
    print(f"{told} digests in {seconds:.1f} s ({cpu:.1f} s of CPU), {octets:.0f} octets each;")
    print(f"memory at its most: {used.ru_maxrss // 1024} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
