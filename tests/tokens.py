"""An authorization server on loopback: tokens, devices, sign-in codes, and introspection for mail servers that are shown a token."""

import json
import threading
import time
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

CLIENT, CLIENT_SECRET = "mailbot-of-the-tests", "secret-of-the-client"


@dataclass
class TokenServer:
    """It gives tokens to whoever has a refresh token that holds. `rotates`: a refresh token is good for one use.

    `answers`: what it says instead: a status with a body. `drips`: it sends an octet a twentieth of a second, without end.
    """

    rotates: bool = False
    lasts: Any = 3600
    more: dict[str, Any] = field(default_factory=dict)
    answers: tuple[int, bytes] | None = None
    drips: bool = False
    users: dict[str, str] = field(default_factory=dict)  # by access token
    refresh: dict[str, str] = field(default_factory=dict)  # users by refresh token
    code: str = "code-of-the-page"
    challenge: str = ""
    approved: list[str] = field(
        default_factory=lambda: ["authorization_pending"]
    )  # errors for a device, one each time; then it is told yes
    forms: list[dict[str, str]] = field(default_factory=list)
    shown: list[str] = field(default_factory=list)  # tokens that mail servers asked about
    count: int = 0
    port: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}/{path}"

    def oauth2(self, **changes: Any) -> dict[str, Any]:
        """Its [mailbox.oauth2] for mailbot's configuration."""
        usual = {
            "provider": "custom",
            "client_id": CLIENT,
            "client_secret": CLIENT_SECRET,
            "token_url": self.url("token"),
            "device_url": self.url("device"),
            "scope": "mail",
        }
        return {key: value for key, value in (usual | changes).items() if value is not None}

    def give(self, user: str, expires: bool = True) -> dict[str, Any]:
        """A new grant for a user."""
        self.count += 1
        access, refresh = f"access-{self.count}-of-{user}", f"refresh-{self.count}-of-{user}"
        self.users[access] = self.refresh[refresh] = user
        lasts = {"expires_in": self.lasts} if self.lasts is not None else {}
        return {"token_type": "Bearer", "access_token": access, "refresh_token": refresh} | lasts | self.more

    def forget_tokens(self) -> None:
        """Every access token ends now, whatever was said of it."""
        self.users.clear()

    def revoke(self) -> None:
        """The grants end."""
        self.users.clear()
        self.refresh.clear()

    def token(self, form: dict[str, str]) -> tuple[int, dict[str, Any]]:
        with self._lock:
            if (form.get("client_id"), form.get("client_secret")) != (CLIENT, CLIENT_SECRET):
                return 401, {"error": "invalid_client", "error_description": f"no such client, or not {form.get('client_secret')}"}
            match form.get("grant_type"):
                case "refresh_token":
                    return self._renewed(form["refresh_token"])
                case "authorization_code":
                    proof = urlsafe_b64encode(sha256(form["code_verifier"].encode()).digest()).rstrip(b"=").decode()
                    if form["code"] == self.code and proof == self.challenge:
                        return 200, self.give("anna")
                    return 400, {"error": "invalid_grant", "error_description": "Malformed auth code."}
                case "urn:ietf:params:oauth:grant-type:device_code" if form["device_code"] == "device-code":
                    return (400, {"error": self.approved.pop(0)}) if self.approved else (200, self.give("anna"))
        return 400, {"error": "unsupported_grant_type"}

    def _renewed(self, refresh: str) -> tuple[int, dict[str, Any]]:
        if refresh not in self.refresh:
            return 400, {"error": "invalid_grant", "error_description": f"Token {refresh} has been expired or revoked."}
        user = self.refresh.pop(refresh) if self.rotates else self.refresh[refresh]
        answer = self.give(user)
        if not self.rotates:
            del self.refresh[answer.pop("refresh_token")]
        return 200, answer

    def device(self, form: dict[str, str]) -> tuple[int, dict[str, Any]]:
        if form.get("client_id") != CLIENT:
            return 401, {"error": "invalid_client"}
        told = {"user_code": "WDJB-MJHT", "verification_uri": self.url("type"), "expires_in": 900, "interval": 0}
        return 200, told | {"device_code": "device-code"}

    def holds(self, token: str, user: str) -> bool:
        """Whether a mail server may let that user in with that token."""
        self.shown.append(token)
        return self.users.get(token) == user


@contextmanager
def token_server() -> Iterator[TokenServer]:
    """A running server."""
    made = TokenServer()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            octets = self.rfile.read(int(self.headers["Content-Length"]))
            form = {name: values[0] for name, values in parse_qs(octets.decode()).items()}
            made.forms.append(form)
            if made.drips:
                self._drip()
                return
            answer = {"/token": made.token, "/device": made.device}[self.path]
            status, told = answer(form)
            self._say(*(made.answers or (status, json.dumps(told).encode())))

        def do_GET(self) -> None:
            token = parse_qs(urlsplit(self.path).query).get("access_token", [""])[0]
            made.shown.append(token)
            user = made.users.get(token)
            self._say(200 if user else 401, json.dumps({"active": bool(user), "email": user}).encode())

        def _say(self, status: int, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def _drip(self) -> None:
            self.send_response(200)
            self.end_headers()
            try:
                while True:
                    self.wfile.write(b" ")
                    time.sleep(0.05)
            except OSError:
                return

        def log_message(self, *_words: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield made
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
