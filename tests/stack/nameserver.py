"""A private name server with authority for some zones.

Failure modes: StackError when nsd is missing or does not start.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import time
from pathlib import Path
from types import TracebackType

from tests.stack.guard import guarded
from tests.stack.postfix import StackError, program


def _question(zone: str) -> bytes:
    """A query for a zone's SOA (RFC 1035 4.1)."""
    name = b"".join(bytes([len(label)]) + label.encode() for label in zone.split(".") if label)
    return b"\0\1\0\0\0\1\0\0\0\0\0\0" + name + b"\0\0\6\0\1"


def _free_port() -> int:
    """A port that is free both for UDP and for TCP."""
    while True:
        with socket.socket() as stream, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagram:
            stream.bind(("127.0.0.1", 0))
            port = int(stream.getsockname()[1])
            with contextlib.suppress(OSError):
                datagram.bind(("127.0.0.1", port))
                return port


def _is_answered(answer: bytes) -> bool:
    """Whether there is an answer in it, and no error."""
    return len(answer) > 12 and answer[3] & 15 == 0 and answer[7] > 0


_HEAD = """\
$ORIGIN {zone}.
$TTL 60
@ SOA ns.{zone}. root.{zone}. 1 3600 600 86400 60
@ NS ns.{zone}.
ns A 127.0.0.1
"""


class PrivateNameServer:
    """nsd on a loopback port; use it as a context. Names outside its zones are refused, not unknown, and about a zone
    without records it fails. `zones` maps each to its records, as lines of a zone file below its SOA and NS."""

    def __init__(self, folder: Path, zones: dict[str, str]) -> None:
        self._port = _free_port()
        self.address = f"127.0.0.1:{self._port}"
        self._configuration = folder / "nsd.conf"
        self._log = folder / "nsd.log"
        self._known = next((zone for zone, records in zones.items() if records), "")
        for zone, records in zones.items():
            if records:
                (folder / zone).write_text(_HEAD.format(zone=zone) + records)
        served = "".join(f"zone:\n  name: {zone}\n  zonefile: {zone}\n" for zone in zones)
        self._configuration.write_text(
            f"""\
server:
  ip-address: 127.0.0.1@{self._port}
  do-ip6: no
  server-count: 1
  username: ""
  chroot: ""
  zonesdir: "{folder}"
  database: ""
  logfile: "{self._log}"
  pidfile: "{folder}/nsd.pid"
  xfrdfile: "{folder}/xfrd.state"
  xfrdir: "{folder}"
  zonelistfile: "{folder}/zone.list"
remote-control:
  control-enable: no
{served}"""
        )
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> PrivateNameServer:
        self._process = subprocess.Popen(
            [program("nsd"), "-d", "-c", str(self._configuration)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        self._guard = guarded(self._process.pid)
        deadline = time.monotonic() + 10
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                said = self._log.read_text(errors="replace") if self._log.exists() else "nothing"
                raise StackError(f"nsd does not start: {said.strip()}")
        return self

    def __exit__(self, kind: type[BaseException] | None, fault: BaseException | None, at: TracebackType | None) -> None:
        self.stop()

    def stop(self) -> None:
        """Ends it and its processes."""
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._process = None
            self._guard.dismiss()

    def _answers(self) -> bool:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.settimeout(0.05)
            probe.connect(("127.0.0.1", self._port))
            try:
                probe.send(_question(self._known))
                # A zone without records fails: then it is enough that somebody answers.
                return _is_answered(probe.recv(512)) or not self._known
            except OSError:
                return False
