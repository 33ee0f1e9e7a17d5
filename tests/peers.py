"""What users of other mail servers read when our site refuses their mail: Exim, OpenSMTPD and Postfix send, private
instances on loopback, and their bounces are written to docs/bounces.md.

    python -m tests.peers FOLDER

FOLDER holds Debian's exim4-daemon-light and opensmtpd, unpacked, since their packages would remove Postfix:
`apt-get download exim4-daemon-light exim4-base opensmtpd` and `dpkg-deb -x FILE FOLDER` for each. Root only, and not
part of the tests.
"""

from __future__ import annotations

import argparse
import email
import email.policy
import os
import re
import shutil
import signal
import smtplib
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from tests.demo.scenes import HEAD, SERIK, letter
from tests.stack.ports import free_ports, wait_for_port
from tests.stack.postfix import PrivatePostfix
from tests.stack.whole import OUTSIDE, Stack

DOCUMENT = Path(__file__).parents[1] / "docs" / "bounces.md"
USER = "user@example.org"

EXIM = """\
primary_hostname = mail.example.org
spool_directory = {folder}/spool
log_file_path = {folder}/log/%s
pid_file_path = {folder}/exim.pid
never_users =
exim_user = Debian-exim
exim_path = {unpacked}/usr/sbin/exim4
exim_group = Debian-exim
tls_advertise_hosts =
qualify_domain = example.org
acl_smtp_rcpt = accept
acl_smtp_data = accept
daemon_smtp_ports = {port}
local_interfaces = 127.0.0.1
keep_environment =
begin routers
here:
  driver = accept
  domains = example.org
  transport = file
there:
  driver = manualroute
  domains = uni.example
  route_list = * 127.0.0.1::{target} byname
  self = send
  transport = out
begin transports
file:
  driver = appendfile
  file = {folder}/mbox/inbox
  user = Debian-exim
out:
  driver = smtp
  interface = {outside}
begin retry
* * F,1h,1m
"""

OPENSMTPD = """\
listen on 127.0.0.1 port {port}
action "out" relay host smtp://127.0.0.1:{target} src {outside} helo mail.example.org
action "here" maildir "{folder}/maildir"
match from any for domain "uni.example" action "out"
match from any for domain "example.org" action "here"
"""

NAMESPACE = """\
set -e
mount --make-rprivate /
mount --bind {folder}/passwd /etc/passwd
mount --bind {folder}/group /etc/group
mount -t tmpfs tmpfs /var/spool
mount -t tmpfs tmpfs /run
mkdir -p -m 711 /var/spool/smtpd
mkdir -p /var/lib/opensmtpd/empty /usr/libexec/opensmtpd
[ ! -d {unpacked}/usr/libexec/opensmtpd ] || mount --bind {unpacked}/usr/libexec/opensmtpd /usr/libexec/opensmtpd
exec {unpacked}/usr/sbin/{command}
"""
"""Paths and users are compiled into these programs: each sees a file system of its own, in which they are there."""

ACCOUNTS = {"Debian-exim": 990, "opensmtpd": 991, "opensmtpq": 992, "user": 993}


def _started(folder: Path, unpacked: Path, command: str) -> subprocess.Popen[bytes]:
    users = "".join(
        f"{name}:x:{number}:{number}::/var/lib/opensmtpd/empty:/bin/false\n" for name, number in ACCOUNTS.items()
    )
    groups = "".join(f"{name}:x:{number}:\n" for name, number in ACCOUNTS.items())
    for name, more in (("passwd", users), ("group", groups)):
        (folder / name).write_text(Path(f"/etc/{name}").read_text() + more)
    script = NAMESPACE.format(folder=folder, unpacked=unpacked, command=command)
    return subprocess.Popen(["unshare", "-m", "sh", "-c", script], start_new_session=True)


def _submit(port: int, message: bytes, to: str) -> None:
    with smtplib.SMTP("127.0.0.1", port, "client.example.org", timeout=30) as smtp:
        smtp.sendmail(USER, [to], message)


def _wait(found: Callable[[], bytes]) -> bytes:
    deadline = time.monotonic() + 30
    while not found():
        if time.monotonic() > deadline:
            raise TimeoutError("no bounce")
        time.sleep(0.2)
    time.sleep(0.3)
    return found()


def exim(unpacked: Path, folder: Path, target: int, message: bytes, to: str) -> bytes:
    """What Exim's user reads."""
    for name in ("spool", "log", "mbox"):
        (folder / name).mkdir()
    subprocess.run(["chown", "-R", "990:990", str(folder)], check=True)
    (port,) = free_ports(1)
    configuration = folder / "exim.conf"
    configuration.write_text(EXIM.format(folder=folder, unpacked=unpacked, port=port, target=target, outside=OUTSIDE))
    process = _started(folder, unpacked, f"exim4 -C {configuration} -bdf -q10s")
    try:
        wait_for_port(port)
        _submit(port, message, to)
        inbox = folder / "mbox" / "inbox"
        return _wait(lambda: inbox.read_bytes() if inbox.exists() else b"").partition(b"\n")[2]
    finally:
        os.killpg(process.pid, signal.SIGKILL)


def opensmtpd(unpacked: Path, folder: Path, target: int, message: bytes, to: str) -> bytes:
    """What OpenSMTPD's user reads; its paths are compiled in, so it gets a file system of its own to look at."""
    (port,) = free_ports(1)
    (folder / "smtpd.conf").write_text(OPENSMTPD.format(folder=folder, port=port, target=target, outside=OUTSIDE))
    (folder / "maildir").mkdir()
    os.chown(folder / "maildir", ACCOUNTS["user"], ACCOUNTS["user"])
    process = _started(folder, unpacked, f"smtpd -d -f {folder}/smtpd.conf")
    try:
        wait_for_port(port)
        _submit(port, message, to)
        new = folder / "maildir" / "new"
        return _wait(lambda: next((one.read_bytes() for one in new.glob("*")), b""))
    finally:
        os.killpg(process.pid, signal.SIGKILL)


def postfix(folder: Path, stack: Stack, message: bytes, to: str) -> bytes:
    """What another Postfix's user reads, in a mailbox of the stack's Dovecot."""
    port, submission, own = free_ports(3)
    (folder / "postfix").mkdir(exist_ok=True)
    other = PrivatePostfix(
        folder / "postfix", port=port, submission=submission, own=own,
        myhostname="mail.example.org", mydomain="example.org", smtpd_milters="", non_smtpd_milters="",
        virtual_mailbox_domains="example.org",
        virtual_transport=f"lmtp:unix:{stack.postfix.queue_folder}/private/dovecot-lmtp",
        default_transport=f"smtp:[127.0.0.1]:{stack.postfix.port}", smtp_bind_address=OUTSIDE,
        relay_transport=f"smtp:[127.0.0.1]:{stack.postfix.port}",
    )  # fmt: skip
    other.start()
    try:
        _submit(port, message, to)
        return stack.dovecot.wait_for(USER, seconds=30)[0].as_bytes()
    finally:
        other.stop()


def shown(bounce: bytes) -> str:
    """What stands above everything else in a mail program."""
    mail = email.message_from_bytes(bounce, policy=email.policy.default)
    text = mail.get_body(preferencelist=("plain",))
    body = text.get_content() if text is not None else ""  # type: ignore[union-attr]
    body = re.sub(r"http://127\.0\.0\.1:\d+", "https://mail.uni.example", body)
    lines = [line.rstrip() for line in body.strip().splitlines()]
    sender = str(mail["From"]).replace(f"@{socket.gethostname()}>", "@mail.example.org>")
    return "\n".join([f"From: {sender}", f"Subject: {mail['Subject']}", "", *lines])


def main() -> int:
    """Writes the document."""
    parser = argparse.ArgumentParser(prog="python -m tests.peers")
    parser.add_argument("unpacked", type=Path)
    options = parser.parse_args()
    message = letter(HEAD, SERIK, "Minutes", Message_ID="<minutes@example.org>")
    parts = [
        "# What others' users read\n",
        "Bounces of other servers whose users' mail this site refused: here a letter from outside that names",
        f"{HEAD} in From. Made by `python -m tests.peers`.\n",
    ]
    with Stack() as stack:
        for name in ("Exim", "OpenSMTPD", "Postfix"):
            folder = Path(tempfile.mkdtemp(prefix="postclerk-peer-", dir="/var/tmp"))
            folder.chmod(0o755)
            try:
                if name == "Postfix":
                    bounce = postfix(folder, stack, message, SERIK)
                else:
                    send = exim if name == "Exim" else opensmtpd
                    bounce = send(options.unpacked.resolve(), folder, stack.postfix.port, message, SERIK)
            finally:
                shutil.rmtree(folder, ignore_errors=True)
            parts.append(f"## {name}\n\n```\n{shown(bounce)}\n```\n")
    DOCUMENT.write_text("\n".join(parts))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
