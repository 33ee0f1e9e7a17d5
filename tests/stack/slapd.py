"""A private LDAP server: OpenLDAP's slapd.

Active Directory cannot run here. What is of it are its names: a schema of our own gives the attributes that Exchange
and Active Directory have, so that their filters can be asked and entries like theirs be found. What only its server
does (values in parts, its own rules of matching) is not here.

Failure modes: StackError with what slapd said, when a program is missing or does not start.
"""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path
from types import TracebackType

from tests.stack.guard import Guard, guarded
from tests.stack.halt import halt
from tests.stack.ports import free_ports, wait_for_port
from tests.stack.postfix import StackError, program

SUFFIX = "dc=uni,dc=example"
ADMIN = f"cn=admin,{SUFFIX}"
PASSWORD = "0123 secret: #1"

_OWN = "1.3.6.1.4.1.4203.666.11.99"  # below OpenLDAP's own arc for experiments

_TEXTS = ("sAMAccountName", "objectCategory", "department", "proxyAddresses", "maySend", "maySendAs")
_DNS = ("publicDelegates", "msExchDelegateListLink", "authOrig", "dLMemSubmitPerms")


def _schema() -> str:
    matching = "EQUALITY caseIgnoreMatch SUBSTR caseIgnoreSubstringsMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.15"
    texts = [f"attributetype ( {_OWN}.1.{number} NAME '{name}' {matching} )" for number, name in enumerate(_TEXTS)]
    dns = [
        f"attributetype ( {_OWN}.2.{number} NAME '{name}' SUP distinguishedName )" for number, name in enumerate(_DNS)
    ]
    exchange = (
        "sAMAccountName $ proxyAddresses $ publicDelegates $ msExchDelegateListLink $ authOrig $ dLMemSubmitPerms"
    )
    return f"""\
{chr(10).join([*texts, *dns])}
objectclass ( {_OWN}.3.1 NAME 'user' SUP inetOrgPerson STRUCTURAL MAY ( {exchange} $ objectCategory $ department ) )
objectclass ( {_OWN}.3.2 NAME 'group' SUP top STRUCTURAL MUST cn MAY ( {exchange} $ mail $ member ) )
objectclass ( {_OWN}.3.3 NAME 'mailThing' SUP top AUXILIARY MAY ( mail $ rfc822MailMember $ maySend $ maySendAs ) )
"""


def certificate(folder: Path, name: str, subject: str = "IP:127.0.0.1") -> Path:
    """A certificate that only who trusts itself trusts; its key lies beside it in NAME.key."""
    made = subprocess.run(
        [
            program("openssl"), "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
            "-days", "30", "-subj", f"/CN={name}", "-addext", f"subjectAltName={subject}",
            "-keyout", str(folder / f"{name}.key"), "-out", str(folder / f"{name}.pem"),
        ],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if made.returncode:
        raise StackError(f"openssl makes no certificate: {made.stderr.strip()}")
    return folder / f"{name}.pem"


class PrivateSlapd:
    """slapd on loopback ports, with the entries of an LDIF text below SUFFIX; use it as a context.

    `url` takes StartTLS too when there is a certificate, and then `tls_url` is for TLS from the beginning. ADMIN may
    read everything, and so may who is anonymous, unless `anonymous` is false. `settings` are further lines of
    slapd.conf, of the server as a whole.
    """

    def __init__(
        self, folder: Path, ldif: str, *, tls: Path | None = None, anonymous: bool = True, settings: str = ""
    ) -> None:
        port, tls_port = free_ports(2)
        self._ports = [port, tls_port] if tls else [port]
        self.url = f"ldap://127.0.0.1:{port}"
        self.tls_url = f"ldaps://127.0.0.1:{tls_port}"
        self._configuration = folder / "slapd.conf"
        self._log = folder / "slapd.log"
        (folder / "data").mkdir()
        (folder / "own.schema").write_text(_schema())
        schemas = [f"/etc/ldap/schema/{name}.schema" for name in ("core", "cosine", "inetorgperson", "nis", "misc")]
        lines = [f"include {path}" for path in (*schemas, folder / "own.schema")]
        if tls:
            lines += [f"TLSCertificateFile {tls}", f"TLSCertificateKeyFile {tls.with_suffix('.key')}"]
        lines += ["modulepath /usr/lib/ldap", "moduleload back_mdb", "sizelimit unlimited", settings]
        lines += ["database mdb", "maxsize 1073741824", f'suffix "{SUFFIX}"', f"directory {folder / 'data'}"]
        lines += [f'rootdn "{ADMIN}"', f'rootpw "{PASSWORD}"', "dbnosync", "index objectClass,uid,mail,member eq"]
        lines += ["index proxyAddresses,sAMAccountName,publicDelegates eq"]
        lines += ["access to * by * read" if anonymous else "access to * by users read by anonymous auth"]
        self._configuration.write_text("\n".join([*lines, ""]))
        self._load(folder, f"dn: {SUFFIX}\nobjectClass: domain\ndc: uni\n\n{ldif}")
        self._process: subprocess.Popen[bytes] | None = None
        self._guard: Guard | None = None

    def _load(self, folder: Path, ldif: str) -> None:
        path = folder / "entries.ldif"
        path.write_text(ldif)
        loaded = subprocess.run(
            [program("slapadd"), "-q", "-f", str(self._configuration), "-l", str(path)],
            capture_output=True,
            text=True,
            check=False,
        )
        if loaded.returncode:
            raise StackError(f"slapadd does not take the entries: {loaded.stderr.strip()}")

    def __enter__(self) -> PrivateSlapd:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, fault: BaseException | None, at: TracebackType | None) -> None:
        self.stop()

    def start(self) -> None:
        """Returns when questions are answered, on the ports of before. Raises StackError."""
        urls = " ".join([f"{self.url}/", f"{self.tls_url}/"][: len(self._ports)])
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                # With any -d it stays in the foreground; 0 lets it say nothing but that it cannot start.
                [program("slapd"), "-f", str(self._configuration), "-h", urls, "-d", "0"],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self._guard = guarded(self._process.pid)
        try:
            for port in self._ports:
                wait_for_port(port)
        except TimeoutError as fault:
            self.stop()
            said = self._log.read_text(errors="replace").strip() or "it said nothing"
            raise StackError(f"slapd does not start: {said}") from fault

    def stop(self) -> None:
        """Ends it; open connections break."""
        if self._process is not None and self._guard is not None:
            self._process.send_signal(signal.SIGTERM)
            self.resume()
            try:
                self._process.wait(timeout=5)
            except subprocess.TimeoutExpired:
                os.killpg(self._process.pid, signal.SIGKILL)
                self._process.wait()
            self._process = None
            self._guard.dismiss()

    def restart(self) -> None:
        """Stops and starts it."""
        self.stop()
        self.start()

    def pause(self) -> None:
        """Lets it hang: connections are taken by the kernel, and nobody answers."""
        assert self._process is not None
        halt(self._process.pid)

    def resume(self) -> None:
        """Lets it go on after pause()."""
        self._signal(signal.SIGCONT)

    def _signal(self, number: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(number)
