"""A pymilter policy null: what any policy in Python costs at least. It answers DATA and the end of the message, hears
everything that an envelope policy must hear, and adds one header.

Usage: python -m tests.bench.pymilternull SOCKET PROCESSES
"""

from __future__ import annotations

import os
import sys

import Milter
import milter


class Null(Milter.Base):  # type: ignore[misc]
    """Accepts everything."""

    @Milter.noreply
    def connect(self, hostname: str, family: int, hostaddr: object) -> int:
        return int(Milter.CONTINUE)

    @Milter.noreply
    def envfrom(self, path: str, *parameters: str) -> int:
        return int(Milter.CONTINUE)

    @Milter.noreply
    def envrcpt(self, path: str, *parameters: str) -> int:
        return int(Milter.CONTINUE)

    def data(self) -> int:
        return int(Milter.CONTINUE)

    @Milter.noreply
    def header(self, name: str, value: str) -> int:
        return int(Milter.CONTINUE)

    def eom(self) -> int:
        self.addheader("X-Null", "yes")
        return int(Milter.CONTINUE)


def main() -> None:
    """Serves until it is killed."""
    where, processes = sys.argv[1], int(sys.argv[2])
    Milter.factory = Null
    milter.set_connect_callback(Milter.connect_callback)
    milter.set_envfrom_callback(lambda ctx, *words: ctx.getpriv().envfrom_bytes(*words))
    milter.set_envrcpt_callback(lambda ctx, *words: ctx.getpriv().envrcpt_bytes(*words))
    milter.set_header_callback(lambda ctx, name, value: ctx.getpriv().header_bytes(name, value))
    milter.set_eom_callback(lambda ctx: ctx.getpriv().eom())
    milter.set_close_callback(Milter.close_callback)
    milter.register("null", data=lambda ctx: ctx.getpriv().data(), negotiate=Milter.negotiate_callback)
    milter.setconn(where)
    milter.opensocket(True)
    for _ in range(processes - 1):
        if os.fork() == 0:
            break
    milter.main()


if __name__ == "__main__":
    main()
