"""Worker processes behind one listening socket, the ledger that files for them, and the supervisor that keeps them.

The supervisor opens the socket, forks the workers, and puts another in the place of one that dies. SIGHUP: it reads
the rules again and, when they are right, forks workers that know them and lets the old ones finish their sessions; a
connection keeps the rules it began with. SIGTERM or SIGINT: no new sessions, the open ones finish, then the end.
libmilter takes these signals for "stop at once", so workers are in process groups of their own and are told over a
socket; its other end closes when the supervisor is gone, and then they finish too.

Failure modes: ServerError when the socket cannot be opened; Mistakes and StoreError from loading at the start (at a
reload they are logged, and the old rules stay).
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import socket
import stat
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import milter

from postclerk import events, session
from postclerk.core.ports import Journal
from postclerk.judge import Judge
from postclerk.settings import Settings, milter_socket

_NAME = "postclerk"
_SIGNALS = {signal.SIGHUP, signal.SIGTERM, signal.SIGINT, signal.SIGCHLD}
_STOPPING_SESSIONS_WAIT = 20.0
"""How long a stop waits for idle SMTP sessions; for messages on their way it waits longer."""
_HOUSEKEEPING_EVERY = 86400.0
_RESTART_PAUSE = 1.0


_WORKER, _LEDGER, _COURIER = "worker", "ledger", "courier"
"""The kinds of processes that the supervisor keeps."""

_FINISH, _STOP = b"f", b"s"
"""What a process is told: to finish its sessions, for which there is time, or to stop soon."""

_HEARD_WITHIN = 2.0


class ServerError(Exception):
    """The milter cannot serve."""


class Program(Protocol):
    """One reading of the rules: what the supervisor needs of it."""

    settings: Settings
    rules: str

    def prepare(self) -> None:
        """Brings the store into shape. Raises StoreError."""

    def keep_ledger(self, finishing: Callable[[float], bool]) -> None:
        """Files what the workers decide, in a process of its own, until `finishing`, which waits for some seconds,
        says that they are gone; then once more."""

    @property
    def has_courier(self) -> bool:
        """Whether there is a courier at all."""

    def carry(self, finishing: Callable[[float], bool]) -> None:
        """Tells people and sends mail, in a process of its own, until `finishing` says that it is time to end."""

    def open(self) -> tuple[Judge, Journal]:
        """Opens what a worker judges with; called in the worker."""

    def give_back(self, gone: int | None) -> None:
        """Gives back what a worker that is gone had reserved for messages it never decided; None: what is left over
        from before the start."""

    def forget(self) -> None:
        """Removes what is older than it is to be kept."""


@dataclass(slots=True)
class _Child:
    """A process of ours: a worker, or the ledger or courier of one generation. A word over `control` tells it to
    finish, and so does its end: a supervisor that is gone."""

    pid: int
    control: socket.socket | None
    began: float
    generation: int
    kind: str


class Supervisor:
    """Serves Postfix until it is told to stop."""

    def __init__(self, load: Callable[[], Program], *, where: str | None = None, workers: int | None = None) -> None:
        self._load = load
        self._where = where
        self._count = workers
        self._program = load()
        self._generation = 0
        self._children: dict[int, _Child] = {}
        self._helpers: set[int] = set()
        self._path: Path | None = None
        self._listening = -1
        self._tidied = time.monotonic()

    def run(self) -> None:
        """Serves; returns after a stop in order."""
        signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
        _wait_for_its_turn()
        self._program.prepare()
        self._program.give_back(None)
        where = self._where or self._program.settings.milter.socket
        self._open_socket(where)
        try:
            self._fill()
            events.serving(where, sum(one.kind == _WORKER for one in self._children.values()), self._program.rules)
            _tell_systemd("READY=1")
            self._watch()
        finally:
            self._stop()
        events.stopped()

    # -- the socket ------------------------------------------------------------------------------------------------

    def _open_socket(self, where: str) -> None:
        try:
            kind, _colon, rest = milter_socket(where).partition(":")
        except ValueError as fault:
            raise ServerError(str(fault)) from fault
        session.register(_NAME)
        spoken = where
        if kind in ("unix", "local"):
            self._path = Path(rest)
            _refuse_taken(self._path)
            # libmilter removes its socket when the first worker ends: it is bound under another name and then renamed.
            spoken = f"unix:{rest}.{os.getpid()}"
        before = _open_sockets()
        try:
            milter.setconn(spoken)
            milter.opensocket(True)
        except milter.error as fault:
            raise ServerError(f"cannot listen on {where}: {_why(self._path, fault)}") from fault
        (self._listening,) = _open_sockets() - before
        # Every worker wakes for a connection and one gets it: the others must not wait in accept() for the next, which
        # they might have been told not to take.
        os.set_blocking(self._listening, False)
        if self._path is None:
            # Nagle and delayed acknowledgements would stall each message for 40 ms; accepted sockets inherit this.
            with socket.socket(fileno=os.dup(self._listening)) as listening:
                listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return
        bound = Path(spoken.partition(":")[2])
        bound.chmod(self._program.settings.milter.socket_mode)
        bound.replace(self._path)

    # -- the loop --------------------------------------------------------------------------------------------------

    def _watch(self) -> None:
        while True:
            caught = signal.sigtimedwait(_SIGNALS, 60.0)
            match caught.si_signo if caught else None:
                case signal.SIGTERM | signal.SIGINT:
                    return
                case signal.SIGHUP:
                    self._reload()
            self._reap()
            self._fill()
            if time.monotonic() - self._tidied > _HOUSEKEEPING_EVERY:
                self._tidied = time.monotonic()
                self._help(self._program.forget)

    def _reload(self) -> None:
        _tell_systemd("RELOADING=1")
        try:
            program = self._load()
            program.prepare()
        except OSError as fault:
            events.reload_refused(self._program.rules, f"cannot read {fault.filename}: {fault.strerror}")
        except Exception as fault:  # noqa: BLE001 - whatever is wrong with new rules, the old ones go on
            events.reload_refused(self._program.rules, str(fault))
        else:
            if self._where is None and program.settings.milter.socket != self._program.settings.milter.socket:
                events.warned("milter.socket has changed: that takes a restart")
            self._program = program
            self._generation += 1
            # New workers first: there is always somebody who takes connections.
            self._fill()
            old = [one for one in self._children.values() if one.generation != self._generation and one.kind != _LEDGER]
            self._let_finish(old)
            events.reloaded(program.rules)
        _tell_systemd("READY=1")

    def _fill(self) -> None:
        """Starts what is missing of this generation: its ledger, its courier, its workers."""
        present = [child.kind for child in self._children.values() if child.generation == self._generation]
        if _LEDGER not in present:
            self._start(self._program, self._generation, _LEDGER)
        if _COURIER not in present and self._program.has_courier:
            self._start(self._program, self._generation, _COURIER)
        wanted = self._count or self._program.settings.milter.workers
        for _ in range(wanted - present.count(_WORKER)):
            self._start(self._program, self._generation, _WORKER)

    def _reap(self) -> None:
        for pid, status in _ended():
            self._helpers.discard(pid)
            child = self._children.pop(pid, None)
            if child is None:
                continue
            told = child.control is None
            if child.control is not None:
                child.control.close()
            if not told or status != 0:
                events.child_died(child.kind, pid, _status_text(status))
                self._help(lambda gone=pid: self._program.give_back(gone))  # type: ignore[misc]
                if time.monotonic() - child.began < _RESTART_PAUSE:
                    time.sleep(_RESTART_PAUSE)
        self._release_ledgers()

    def _release_ledgers(self) -> None:
        """A ledger whose generation is past and has no workers left has nothing to wait for."""
        working = {child.generation for child in self._children.values() if child.kind == _WORKER}
        past = [one for one in self._children.values() if one.generation not in working | {self._generation}]
        self._let_finish([child for child in past if child.kind == _LEDGER])

    def _stop(self) -> None:
        _tell_systemd("STOPPING=1")
        # First of all nobody gets in: Postfix is refused at once, instead of waiting for who does not come.
        if self._path is not None:
            self._path.unlink(missing_ok=True)
        os.close(self._listening)
        # No generation is the present one any longer, so ledgers end after their workers.
        self._generation += 1
        self._let_finish([child for child in self._children.values() if child.kind != _LEDGER], _STOP)
        deadline = time.monotonic() + self._program.settings.milter.drain_for + _STOPPING_SESSIONS_WAIT + 5
        while self._children and time.monotonic() < deadline:
            self._reap()
            time.sleep(0.02)
        for pid in self._children:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    @staticmethod
    def _let_finish(children: list[_Child], word: bytes = _FINISH) -> None:
        """Tells processes to finish, and waits until each of them takes no further connections."""
        told = [(child, child.control) for child in children if child.control is not None]
        for _child, control in told:
            with contextlib.suppress(OSError):
                control.sendall(word)
        for child, control in told:
            control.settimeout(_HEARD_WITHIN)
            with contextlib.suppress(OSError):
                control.recv(1)
            control.close()
            child.control = None

    # -- processes -------------------------------------------------------------------------------------------------

    def _start(self, program: Program, generation: int, kind: str) -> None:
        told, control = socket.socketpair()
        pid = os.fork()
        if pid:
            told.close()
            self._children[pid] = _Child(pid, control, time.monotonic(), generation, kind)
            return
        with _forked():
            control.close()
            for sibling in self._children.values():
                if sibling.control is not None:
                    sibling.control.close()
            if kind == _WORKER:
                self._work(program, told)
                return
            # It ends when it is told to, whatever a signal to the whole service says.
            for sign in (signal.SIGHUP, signal.SIGTERM):
                signal.signal(sign, signal.SIG_IGN)
            os.close(self._listening)
            work = program.keep_ledger if kind == _LEDGER else program.carry
            work(lambda seconds: bool(select.select([told], [], [], seconds)[0]))

    def _help(self, task: Callable[[], None]) -> None:
        """Does in a process of its own what could take long or fail."""
        pid = os.fork()
        if pid:
            self._helpers.add(pid)
            return
        with _forked():
            task()

    def _work(self, program: Program, told: socket.socket) -> None:
        judge, journal = program.open()
        messages = session.serve_with(judge, journal)
        finish = threading.Thread(
            target=_finish_when_told,
            args=(told, self._listening, messages, program.settings.milter.drain_for),
            daemon=True,
        )
        finish.start()
        milter.main()


def _wait_for_its_turn() -> None:
    """Has this process and those that it forks wait for their turn when they wake.

    Each event of a message wakes a worker. When it drives one of Postfix's processes off the processor at once, that is
    switched to and fro several times for each message, where a moment later it would have been done.
    """
    with contextlib.suppress(OSError):  # a sandbox may not let it
        if os.sched_getscheduler(0) == os.SCHED_OTHER:  # what somebody set for the service stays
            os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))


def _finish_when_told(told: socket.socket, listening: int, messages: session.Messages, patience: float) -> None:
    """Waits for the word, takes no further connections, lets the open ones end, and ends the process."""
    word = told.recv(1)
    ours = _address(listening)
    # In place of the socket that all workers listen on comes one that nobody connects to; the others keep theirs.
    dead = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    dead.bind("")
    dead.listen(1)
    dead.setblocking(False)
    os.dup2(dead.fileno(), listening)
    with contextlib.suppress(OSError):
        told.sendall(word)
    idle_too = patience if word == _FINISH else min(patience, _STOPPING_SESSIONS_WAIT)
    if _wait_until(lambda: _connections(ours) == 0, idle_too):
        os._exit(0)
    whole = _wait_until(lambda: messages.open == 0, patience)
    events.worker_cut_off(os.getpid(), _connections(ours))
    # What a message that was cut off had reserved is given back by who sees this status.
    os._exit(0 if whole else 1)


def _address(number: int) -> object:
    """Where an open socket is bound, as far as an accepted one shares it with the listening one."""
    with contextlib.suppress(OSError), socket.socket(fileno=os.dup(number)) as one:
        name = one.getsockname()
        return (one.family, name[1]) if isinstance(name, tuple) else name
    return None


def _connections(listened: object) -> int:
    """The connections that came in over a listening socket: also those that were taken a moment ago, of which libmilter
    has told nobody yet."""
    return sum(_address(number) == listened for number in _open_sockets())


def _wait_until(quiet: Callable[[], bool], patience: float) -> bool:
    """Waits until it has been quiet for a moment: an accept() may have been under way when the socket went."""
    deadline = time.monotonic() + patience
    still = 0
    while still < 5:
        if time.monotonic() > deadline:
            return False
        still = still + 1 if quiet() else 0
        time.sleep(0.05)
    return True


@contextlib.contextmanager
def _forked() -> Iterator[None]:
    """The rest of a forked process: in a process group of its own, with signals as usual, and with no way back."""
    try:
        os.setpgid(0, 0)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        yield
    except Exception as error:  # noqa: BLE001 - the edge of the process
        events.session_failed(None, error)
        os._exit(1)
    finally:
        sys.stderr.flush()
        os._exit(0)


def _ended() -> Iterator[tuple[int, int]]:
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if pid == 0:
            return
        yield pid, status


def _status_text(status: int) -> str:
    code = os.waitstatus_to_exitcode(status)
    return f"exit {code}" if code >= 0 else f"signal {signal.Signals(-code).name}"


def _open_sockets() -> set[int]:
    numbers = set()
    for path in Path("/proc/self/fd").iterdir():
        with contextlib.suppress(OSError):
            if stat.S_ISSOCK(os.fstat(int(path.name)).st_mode):
                numbers.add(int(path.name))
    return numbers


def _refuse_taken(path: Path) -> None:
    """A socket that somebody still answers on is not taken away from under him."""
    if not path.parent.is_dir():
        raise ServerError(f"cannot listen on unix:{path}: the folder {path.parent} does not exist")
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        try:
            probe.connect(str(path))
        except OSError:
            return
    raise ServerError(f"cannot listen on unix:{path}: another process answers there")


def _why(path: Path | None, fault: Exception) -> str:
    if path is not None and not os.access(path.parent, os.W_OK):
        return f"the folder {path.parent} is not writable"
    return "the address is taken, or not of this host" if path is None else str(fault)


def _tell_systemd(state: str) -> None:
    """Tells systemd how the service is (sd_notify); nothing where it was not started by systemd."""
    address = os.environ.get("NOTIFY_SOCKET")
    if not address:
        return
    if state == "RELOADING=1":
        state += f"\nMONOTONIC_USEC={time.monotonic_ns() // 1000}"
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
        notify.connect("\0" + address[1:] if address.startswith("@") else address)
        notify.sendall(state.encode())
