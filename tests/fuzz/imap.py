"""What an IMAP server may say, from its greeting to the end of IDLE: named errors come out of it, and values that the journal takes.

An input is the whole of what the server says, `TAG` for the letters of imaplib's tags; its first octet chooses the account.
"""

import random
import socket
from dataclasses import dataclass, replace
from imaplib import Int2AP

from imapclient import IMAPClient
from imapclient.imap4 import IMAP4WithTimeout

from mailbot.edge.imap import Account, Imap
from mailbot.edge.imap.login import connect
from mailbot.errors import PermanentError, TransientError

FIRST = 4096  # imaplib draws the letters from here on

_DATE = b'INTERNALDATE "18-Nov-2026 11:00:00 +0300"'
_CAN = b"* CAPABILITY IMAP4rev1 IDLE MOVE UIDPLUS\r\n#"
_BEGIN = (
    b"* OK ready\r\n" + _CAN,
    b"#",
    _CAN,
    b"* 2 EXISTS\r\n* OK [UIDVALIDITY 1763] valid\r\n* OK [UIDNEXT 8] next\r\n#",
    b"* SEARCH 5 7\r\n#",
)
_SIZES = b"* 1 FETCH (UID 5 RFC822.SIZE 9)\r\n* 2 FETCH (RFC822.SIZE 3 UID 7)\r\n#"
_BODIES = b"* 1 FETCH (UID 5 %b BODY[] {9}\r\nA: b\r\n\r\nc)\r\n* 2 FETCH (UID 7 FLAGS () BODY[] NIL)\r\n#" % _DATE
_LOOK = (*_BEGIN, _SIZES, _BODIES)
_IDLE = (b"+ idling\r\n* 3 EXISTS\r\n* 2 EXPUNGE\r\n#", b"* OK [UIDVALIDITY 1763] valid\r\n#", b"* BYE\r\n#")
_MOVE = (b'* LIST () "/" Handled\r\n#', b"#")


def _said(account: int, *answers: bytes) -> bytes:
    """All answers of a server, `#` for the tagged yes."""
    return str(account).encode() + b"".join(one.replace(b"#", b"TAG%d OK done\r\n" % number) for number, one in enumerate(answers))


SEEDS = [
    _said(0, *_LOOK, *_IDLE),
    _said(0, *_BEGIN, _SIZES, _BODIES.replace(b"{9}\r\nA: b\r\n\r\nc", b'"A: b"').replace(b"NIL", b"{0}\r\n"), *_IDLE),
    _said(1, *_LOOK, *_MOVE, *_IDLE),
    _said(1, *_LOOK, _MOVE[0], b"TAG8 NO [OVERQUOTA] full (0.001 + 0.000 secs).\r\n"),
    _said(1, *_LOOK, b"#", b"#", b"* OK [COPYUID 1 5,7 1,2] done\r\n#", *_IDLE).replace(b" MOVE", b""),
    _said(2, *_LOOK, b"* 1 FETCH (FLAGS (\\Deleted))\r\n#", b"* VANISHED 5\r\n#", *_IDLE),
    _said(3, b"* OK\r\n* CAPABILITY IMAP4rev1 AUTH=XOAUTH2\r\n#", b"+\r\n+ eyJzdGF0dXMiOiI0MDEifQ==\r\nTAG1 NO no\r\n"),
    _said(3, b"* OK\r\n* CAPABILITY IMAP4rev1 AUTH=OAUTHBEARER\r\n#", b"+\r\n#", *_LOOK[2:], *_IDLE),
    _said(4, *_LOOK, *_IDLE),
    _said(0, b"* PREAUTH in\r\n" + _CAN, *_LOOK[1:]),
    _said(0, *_BEGIN[:3], b"TAG3 NO [NONEXISTENT] no such folder\r\n"),
    _said(0, _BEGIN[0], b"TAG1 NO [UNAVAILABLE] later\r\n"),
    _said(0, *_BEGIN[:3], b"#"),
    b"0* BYE busy\r\n",
]
WORDS = [b"TAG", b"OK", b"NO", b"BAD", b"BYE", b"PREAUTH", b"CAPABILITY", b"IDLE", b"AUTH=OAUTHBEARER", b"UIDVALIDITY", b"SEARCH", b"FETCH"]
WORDS += [
    b"UID",
    b"RFC822.SIZE",
    b"BODY[]",
    b"INTERNALDATE",
    b"EXISTS",
    b"EXPUNGE",
    b"NIL",
    b"{9}\r\n",
    b"(",
    b")",
    b"\r\n",
    b'"',
    b"ENVELOPE",
]


@dataclass
class _Tokens:
    name: str = "support"

    def token(self, refused: str = "") -> str:
        return f"{refused}x"


KEEP = Account("127.0.0.1", 143, "none", "anna", "pw", "INBOX", "keep")
ACCOUNTS = (
    KEEP,
    replace(KEEP, done="move:Handled"),
    replace(KEEP, done="delete"),
    replace(KEEP, tokens=_Tokens()),
    replace(KEEP, idle=False),
)


class _Protocol(IMAP4WithTimeout):
    """The library's own, at the end of a socket pair where all that the server will say waits already."""

    def __init__(self, said: bytes) -> None:
        self.said = said
        super().__init__("127.0.0.1", 143, None)

    def _create_socket(self, timeout: float | None = None) -> socket.socket:
        near, self.far = socket.socketpair()
        self.far.sendall(self.said)
        self.far.shutdown(socket.SHUT_WR)
        near.settimeout(10)
        return near

    def shutdown(self) -> None:
        self.far.close()
        super().shutdown()


class _Client(IMAPClient):
    def __init__(self, said: bytes) -> None:
        self.said = said
        super().__init__("127.0.0.1", ssl=False)

    def _create_IMAP4(self) -> _Protocol:  # noqa: N802 -- IMAPClient's name
        return _Protocol(self.said)


class _Scripted(Imap):
    def __init__(self, account: Account, said: bytes) -> None:
        super().__init__(account)
        self.said = said

    def _connect(self) -> IMAPClient:
        return connect(self.account, self._dial)

    def _dial(self, _account: Account) -> IMAPClient:
        random.seed(0)
        letters = Int2AP(random.randint(FIRST, 65535))
        random.seed(0)
        client = _Client(self.said.replace(b"TAG", letters))
        client.normalise_times = False
        client._imap.debug = 0
        return client


def understand(octets: bytes) -> None:
    """A look into the mailbox, as the daemon takes it."""
    box = _Scripted(ACCOUNTS[int.from_bytes(octets[:1]) % 48 % len(ACCOUNTS)], octets[1:])
    try:
        look(box)
    except (TransientError, PermanentError) as error:
        assert str(error).isprintable(), "one line for a person"
    finally:
        box.close()


def look(box: Imap) -> None:
    """Select, search, fetch, finish, idle, and the next select."""
    assert 0 < box.select() < 2**32, "RFC 9051 section 9: nz-number"
    uids = box.uids_above(0)
    assert all(0 < uid < 2**32 for uid in uids)
    for batch in box.fetch(uids[:1000]):
        for one in batch:
            assert type(one.octets) is bytes
            assert one.uid in uids
            assert one.received_at.utcoffset() is not None
    box.finish(uids[:1000])
    box.idle()
    if not box.is_deaf and box.waits_at is not None:
        box.has_spoken()
    box.select()
