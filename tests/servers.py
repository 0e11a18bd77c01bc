"""Real servers on loopback for the tests: Dovecot, PostgreSQL, an SMTP server that can misbehave, and a wire that can go silent."""

import asyncio
import contextlib
import os
import pwd
import re
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import threading
import time
import warnings
from base64 import b64decode
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from imapclient import IMAPClient

from tests.tokens import TokenServer

PASSWORD = "pw"


def missing(what: str) -> None:
    """Leave the test out, saying why; where servers are required (as in CI) that is a failure."""
    reason = f"{what} is not installed; tests/servers.sh says how to get it"
    if os.environ.get("MAILBOT_TEST_SERVERS_REQUIRED"):
        pytest.fail(reason)
    pytest.skip(reason)


def until(condition: Callable[[], object], what: str, seconds: float = 60) -> None:
    """Wait for a condition; fail, naming it, when it does not come about."""
    give_up = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > give_up:
            pytest.fail(f"waited {seconds} s in vain: {what}")
        time.sleep(0.02)


def free_port() -> int:
    """A port of loopback where nobody listens now."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def answers(port: int) -> bool:
    """Whether somebody listens on that port of loopback."""
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False


@contextlib.contextmanager
def public_folder(name: str) -> Iterator[Path]:
    """A temporary folder that a server's own user can enter; pytest's are for the tests' user alone."""
    folder = Path(tempfile.mkdtemp(prefix=f"mailbot-{name}-"))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _end(process: subprocess.Popen[bytes], how: signal.Signals) -> None:
    """End a server that the tests started, and wait for it."""
    process.send_signal(how)
    try:
        process.wait(timeout=20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def make_certificate(folder: Path) -> tuple[Path, Path]:
    """A self-made (certificate, key) for loopback."""
    if not shutil.which("openssl"):
        missing("openssl")
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 7 -subj /CN=localhost"
    names = ["-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", str(key), "-out", str(certificate)]
    subprocess.run([*command.split(), *names], check=True, capture_output=True)
    return certificate, key


_DOVECOT = """
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
protocols = imap
listen = 127.0.0.1
ssl = yes
ssl_cert = <{certificate}
ssl_key = <{key}
disable_plaintext_auth = no
auth_failure_delay = 0
mail_location = maildir:{folder}/mail/%u
mail_fsync = never
default_vsz_limit = 1G
mail_max_userip_connections = 50
first_valid_uid = 1
mail_uid = {owner}
default_internal_user = {internal}
default_login_user = {login}
default_internal_group = {group}
{chroot}
{tokens}
{more}
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={owner} gid={owner_group} home={folder}/mail/%u
}}
namespace inbox {{
  inbox = yes
}}
service anvil {{
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service imap-login {{
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {tls_port}
    ssl = yes
  }}
}}
"""
_TOKENS = """
auth_mechanisms = {mechanisms}
passdb {{
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = {folder}/oauth2.conf
}}
"""
_OAUTH2 = """
tokeninfo_url = http://127.0.0.1:{port}/tokeninfo?access_token=
force_introspection = yes
username_attribute = email
active_attribute = active
active_value = true
timeout_msecs = 2000
"""
_NO_CHROOT = "service imap-login {\n  chroot =\n}\nservice anvil {\n  chroot =\n}"


class Dovecot:
    """A private IMAP server: any user name with `PASSWORD`; plain and STARTTLS on `port`, TLS on `tls_port`.

    `tokens`: the port of a token server: then tokens that hold there open a mailbox as well, by the `mechanisms`.
    `more`: lines of its configuration.
    """

    def __init__(
        self, folder: Path, tokens: int | None = None, mechanisms: str = "plain login xoauth2 oauthbearer", more: str = ""
    ) -> None:
        self.folder = folder
        self.program = shutil.which("dovecot") or shutil.which("/usr/sbin/dovecot") or ""
        if not self.program:
            missing("Dovecot")
        self.certificate, key = make_certificate(folder)
        self.port, self.tls_port = free_port(), free_port()
        root = os.geteuid() == 0
        me = pwd.getpwuid(os.geteuid())
        owner = pwd.getpwnam("nobody") if root else me
        (folder / "mail").mkdir()
        os.chown(folder / "mail", owner.pw_uid, owner.pw_gid)
        names = {
            "owner": owner.pw_name,
            "owner_group": owner.pw_gid,
            "internal": "dovecot" if root else me.pw_name,
            "login": "dovenull" if root else me.pw_name,
            "group": "dovecot" if root else me.pw_gid,
            "chroot": "" if root else _NO_CHROOT,
            "tokens": _TOKENS.format(folder=folder, mechanisms=mechanisms) if tokens else "",
            "more": more,
        }
        (folder / "oauth2.conf").write_text(_OAUTH2.format(port=tokens))
        text = _DOVECOT.format(
            folder=folder, certificate=self.certificate, key=key, port=self.port, tls_port=self.tls_port, password=PASSWORD, **names
        )
        (folder / "dovecot.conf").write_text(text)
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the server and wait until it takes connections."""
        self.process = subprocess.Popen(
            [self.program, "-F", "-c", str(self.folder / "dovecot.conf")],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        until(lambda: answers(self.port) and answers(self.tls_port), f"Dovecot starts; its log: {self.folder / 'log'}", 30)

    def stop(self) -> None:
        """Stop the server and wait until it takes no connections."""
        if self.process is not None:
            _end(self.process, signal.SIGTERM)
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)  # sessions outlive the master for a moment
            self.process = None
            until(lambda: not answers(self.port), "Dovecot stops", 30)

    def user(self, name: str) -> "ImapUser":
        """A mailbox of its own; it begins empty."""
        return ImapUser(self, name)


@contextlib.contextmanager
def dovecot_server(tokens: int | None = None, mechanisms: str = "plain login xoauth2 oauthbearer", more: str = "") -> Iterator[Dovecot]:
    """A running Dovecot in a folder of its own."""
    with public_folder("dovecot") as folder:
        server = Dovecot(folder, tokens, mechanisms, more)
        server.start()
        try:
            yield server
        finally:
            server.stop()


@dataclass
class ImapUser:
    """A mailbox as its owner's own mail program sees it."""

    server: Dovecot
    name: str

    def settings(self, **changes: object) -> dict[str, object]:
        """Its [[mailbox]] for mailbot's configuration; a key that is changed to None is left out."""
        usual = {
            "name": "support",
            "kind": "imap",
            "host": "127.0.0.1",
            "port": self.server.port,
            "security": "none",
            "username": self.name,
            "password": PASSWORD,
            "poll_seconds": 1,
        }
        return {key: value for key, value in (usual | changes).items() if value is not None}

    @contextlib.contextmanager
    def client(self, folder: str = "INBOX") -> Iterator[IMAPClient]:
        """Another client of the mailbox, with the folder open for writing."""
        client = IMAPClient("127.0.0.1", self.server.port, ssl=False, timeout=30)
        try:
            client.login(self.name, PASSWORD)
            if not client.folder_exists(folder):
                client.create_folder(folder)
            client.select_folder(folder)
            yield client
        finally:
            client.logout()

    def append(self, *messages: bytes, folder: str = "INBOX", flags: tuple[bytes, ...] = ()) -> None:
        """Let messages arrive."""
        with self.client(folder) as client:
            for octets in messages:
                client.append(folder, octets, flags)

    def uids(self, folder: str = "INBOX") -> list[int]:
        """The UIDs in a folder."""
        with self.client(folder) as client:
            return sorted(client.search("ALL"))

    def flags(self, folder: str = "INBOX") -> dict[int, tuple[bytes, ...]]:
        """Each message's flags, without `\\Recent`, which the server alone sets."""
        with self.client(folder) as client:
            found = client.get_flags(client.search("ALL"))
        return {uid: tuple(flag for flag in flags if flag != rb"\Recent") for uid, flags in found.items()}


class Postgres:
    """A private PostgreSQL cluster, reached by a socket in its folder or by `port` on loopback; `new()` gives an empty database."""

    def __init__(self, folder: Path) -> None:
        programs = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
        found = str(programs[-1]) if programs else shutil.which("initdb")
        if not found:
            missing("PostgreSQL")
        self.folder, self.bin, self.count, self.port = folder, Path(str(found)).parent, 0, free_port()
        self.user: dict[str, object] = {}
        if os.geteuid() == 0:  # initdb and postgres refuse to be run by root
            try:
                account = pwd.getpwnam("postgres")
            except KeyError:
                missing("PostgreSQL's user `postgres`")
            os.chown(folder, account.pw_uid, account.pw_gid)
            self.user = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": [], "cwd": folder}
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Make the cluster when it is not there, start it and wait until it answers."""
        data = self.folder / "data"
        if not data.exists():
            options = ["-U", "mailbot", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"]
            subprocess.run([self.bin / "initdb", "-D", data, *options], check=True, capture_output=True, **self.user)  # type: ignore[call-overload]
        # Without fsync the tests survive no power cut; everything else is as in production.
        options = [
            "-k",
            str(self.folder),
            "-p",
            str(self.port),
            "-c",
            "listen_addresses=127.0.0.1",
            "-c",
            "fsync=off",
            "-c",
            "max_connections=60",
        ]
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen([self.bin / "postgres", "-D", data, *options], stdout=log, stderr=log, **self.user)  # type: ignore[call-overload]
        until(self._answers, f"PostgreSQL starts; its log: {self.folder / 'log'}", 60)

    def stop(self) -> None:
        """Stop it at once, as an administrator does who is in a hurry (connections are cut, nothing is lost)."""
        if self.process is not None:
            _end(self.process, signal.SIGINT)
            self.process = None

    def _answers(self) -> bool:
        with contextlib.suppress(psycopg.OperationalError):
            self._admin("SELECT 1")
            return True
        return False

    def _admin(self, statement: str) -> None:
        with psycopg.connect(
            host=str(self.folder), port=self.port, user="mailbot", dbname="postgres", autocommit=True, connect_timeout=10
        ) as connection:
            connection.execute(statement.encode())

    def read_only(self, url: str, is_so: bool) -> None:
        """Let a database refuse or take writes, and end its sessions, as for a move to another server."""
        name = url.partition("@/")[2].partition("?")[0]
        self._admin(f"ALTER DATABASE {name} SET default_transaction_read_only = {is_so}")
        self._admin(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")  # noqa: S608

    @contextlib.contextmanager
    def new(self) -> Iterator[str]:
        """The URL of an empty database, which is dropped in the end."""
        self.count += 1
        name = f"test{self.count}"
        self._admin(f"CREATE DATABASE {name}")
        yield f"postgresql+psycopg://mailbot@/{name}?host={self.folder}&port={self.port}"
        self._admin(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


@contextlib.contextmanager
def postgres_server() -> Iterator[Postgres]:
    """A running PostgreSQL in a folder of its own."""
    with public_folder("postgresql") as folder:
        server = Postgres(folder)
        server.start()
        try:
            yield server
        finally:
            server.stop()


@dataclass(frozen=True)
class Taken:
    """A mail that the SMTP server has in its hands."""

    sender: str
    recipients: list[str]
    octets: bytes
    at: float = field(default_factory=time.monotonic)


@dataclass
class SmtpServer:
    """A submission server. `ehlo`, `auth`, `mail`, `rcpt`, `data` and `dot` say what it replies instead of yes, the latter by the
    recipient's address ('' for all).

    `hangs_up`: recipients after whose final dot it keeps the mail and closes the connection without an answer; `stalls`: where
    it keeps the mail and never answers. `certificate`: STARTTLS is offered and a login with `PASSWORD` is demanded. `tokens`: a token
    of that server is demanded, by one of the `mechanisms`; `busy`: it cannot look at it; `ends`: what clients said to the error.
    """

    ehlo: str | None = None
    auth: str | None = None
    mail: str | None = None
    rcpt: dict[str, str] = field(default_factory=dict)
    data: str | None = None
    dot: dict[str, str] = field(default_factory=dict)
    hangs_up: set[str] = field(default_factory=set)
    stalls: set[str] = field(default_factory=set)
    certificate: tuple[Path, Path] | None = None
    tokens: TokenServer | None = None
    mechanisms: tuple[str, ...] = ("XOAUTH2", "OAUTHBEARER")
    busy: bool = False
    ends: list[bytes] = field(default_factory=list)
    taken: list[Taken] = field(default_factory=list)
    port: int = field(default_factory=free_port)
    sessions: int = 0
    _controller: Controller | None = None

    def settings(self, **changes: object) -> dict[str, object]:
        """Its [smtp] for mailbot's configuration."""
        return {"kind": "smtp", "host": "127.0.0.1", "port": self.port, "security": "none"} | changes

    def start(self) -> None:
        """Take connections."""
        self._controller = _Controller(self)
        self._controller.start()
        self.sessions = 0  # starting tries a connection of its own

    def stop(self) -> None:
        """Be away."""
        if self._controller is not None:
            self._controller.stop()
            self._controller = None

    def sent_to(self, recipient: str) -> list[bytes]:
        """What it has for a recipient."""
        return [one.octets for one in self.taken if recipient in one.recipients]


class _Controller(Controller):
    def __init__(self, server: SmtpServer) -> None:
        super().__init__(_Handler(server), hostname="127.0.0.1", port=server.port, ready_timeout=30)
        self.server_under_test = server

    def factory(self) -> SMTP:
        options: dict[str, object] = {"data_size_limit": 64 * 1024 * 1024, "hostname": "smtp.test"}
        if certificate := self.server_under_test.certificate:
            context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
            context.load_cert_chain(*certificate)
            options |= {"tls_context": context, "require_starttls": True, "auth_required": True, "authenticator": _authenticate}
        if self.server_under_test.tokens is not None:
            others = {"PLAIN", "LOGIN", "XOAUTH2", "OAUTHBEARER"} - set(self.server_under_test.mechanisms)
            options |= {"auth_required": True, "auth_require_tls": False, "auth_exclude_mechanism": others, "authenticator": _authenticate}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # that a login without TLS is no good idea: on loopback it is one
            return _Smtp(self.handler, server=self.server_under_test, **options)


def _authenticate(_smtp: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, login: LoginPassword) -> AuthResult:
    return AuthResult(success=login.password == PASSWORD.encode(), handled=False)


class _Smtp(SMTP):
    def __init__(self, handler: object, server: SmtpServer, **options: object) -> None:
        super().__init__(handler, **options)
        self.server_under_test = server
        server.sessions += 1

    async def auth_XOAUTH2(self, _server: SMTP, args: list[str]) -> AuthResult:  # noqa: N802 -- aiosmtpd's name
        return await self._let_in(args, "user=(.*)\x01auth=Bearer (.*)\x01\x01")

    async def auth_OAUTHBEARER(self, _server: SMTP, args: list[str]) -> AuthResult:  # noqa: N802 -- the same
        return await self._let_in(args, "n,a=(.*),\x01auth=Bearer (.*)\x01\x01")

    async def _let_in(self, args: list[str], form: str) -> AuthResult:
        server = self.server_under_test
        shown = re.fullmatch(form, b64decode(args[1]).decode())
        assert shown is not None
        assert server.tokens is not None
        if server.busy:
            return AuthResult(success=False, message="454 4.7.0 Temporary authentication failure", handled=False)
        if server.tokens.holds(shown[2], shown[1]):
            return AuthResult(success=True)
        server.ends.append(bytes(await self.challenge_auth('{"status":"401","schemes":"bearer","scope":"mail"}')))  # type: ignore[arg-type]
        return AuthResult(success=False, handled=False)

    async def smtp_EHLO(self, hostname: str) -> None:  # noqa: N802 -- aiosmtpd's name
        await (self.push(self.server_under_test.ehlo) if self.server_under_test.ehlo else super().smtp_EHLO(hostname))

    async def smtp_HELO(self, hostname: str) -> None:  # noqa: N802 -- the same
        await (self.push(self.server_under_test.ehlo) if self.server_under_test.ehlo else super().smtp_HELO(hostname))

    async def smtp_AUTH(self, arg: str) -> None:  # noqa: N802 -- the same
        await (self.push(self.server_under_test.auth) if self.server_under_test.auth else super().smtp_AUTH(arg))

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802 -- aiosmtpd's name
        if self.server_under_test.data:
            await self.push(self.server_under_test.data)
        else:
            await super().smtp_DATA(arg)


class _Handler:
    def __init__(self, server: SmtpServer) -> None:
        self.server = server

    async def handle_MAIL(self, _smtp: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]) -> str:  # noqa: N802
        envelope.mail_from = address
        return self.server.mail or "250 OK"

    async def handle_RCPT(self, _smtp: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]) -> str:  # noqa: N802
        if refusal := self.server.rcpt.get(address) or self.server.rcpt.get(""):
            return refusal
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, smtp: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 -- aiosmtpd's name
        recipient = envelope.rcpt_tos[0]
        if refusal := self.server.dot.get(recipient) or self.server.dot.get(""):
            return refusal
        self.server.taken.append(Taken(envelope.mail_from or "", list(envelope.rcpt_tos), envelope.original_content or b""))
        if recipient in self.server.hangs_up:
            smtp.transport.abort()
        while recipient in self.server.stalls and not smtp.transport.is_closing():
            await asyncio.sleep(0.02)
        return "250 OK"


class Wire:
    """A port that leads to another one until it falls `silent`: then both ends stay connected and hear nothing more.

    `mute`: it falls silent when the client says that; `unwanted`: every connection is cut then.
    `budget`: after so many octets, in both directions together, every connection is cut.
    """

    def __init__(self, target: int) -> None:
        self.target, self.silent = target, False
        self.sessions = 0
        self.mute: bytes | None = None
        self.unwanted: bytes | None = None
        self.budget: int | None = None
        self.carried = 0  # octets that came through, in both directions
        self.sent = 0  # octets towards the server
        self.said = b""  # the last of them, of the newest session
        self.lost = 0  # octets that did not come through, in either direction
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self._ends: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                self._ends.append(near)
                self.sessions, self.said = self.sessions + 1, b""
                if not self.target:
                    continue
                try:
                    far = socket.create_connection(("127.0.0.1", self.target))
                except OSError:
                    near.close()  # the server is away
                    continue
                self._ends.append(far)
                threading.Thread(target=self._carry, args=(near, far, True), daemon=True).start()
                threading.Thread(target=self._carry, args=(far, near, False), daemon=True).start()

    def _carry(self, source: socket.socket, sink: socket.socket, to_server: bool) -> None:
        with contextlib.suppress(OSError):
            while octets := source.recv(65536):
                if to_server:
                    self.sent, self.said = self.sent + len(octets), octets
                    self.silent |= self.mute is not None and self.mute in octets
                    if self.unwanted is not None and self.unwanted in octets:
                        self.cut()
                        return
                if self.budget is not None:
                    octets, self.budget = octets[: self.budget], max(self.budget - len(octets), 0)
                if self.silent:
                    self.lost += len(octets)
                else:
                    sink.sendall(octets)
                    self.carried += len(octets)
                if self.budget == 0:
                    self.cut()
                    return
            if not self.silent:
                sink.shutdown(socket.SHUT_WR)

    def cut(self) -> None:
        """Cut every connection; new ones are carried again."""
        self.budget = None
        ends, self._ends = self._ends, []
        for one in ends:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def close(self) -> None:
        """Close all."""
        for one in [self._listener, *self._ends]:
            one.close()


@contextlib.contextmanager
def wire(target: int) -> Iterator[Wire]:
    """A wire to a port of loopback; 0: to nowhere."""
    made = Wire(target)
    try:
        yield made
    finally:
        made.close()


@contextlib.contextmanager
def silent_server() -> Iterator[Wire]:
    """A server that takes connections and never says a word."""
    with wire(0) as made:
        yield made
