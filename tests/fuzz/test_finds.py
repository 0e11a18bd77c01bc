"""What fuzzing has found: octets that once raised what nobody expects. The seeds of every target hold as well."""

from importlib import import_module

import pytest

from mailbot.errors import TransientError
from tests.fuzz import configuration, imap, keys
from tests.fuzz.__main__ import TARGETS
from tests.fuzz.configuration import SMALL
from tests.fuzz.imap import KEEP, _Scripted

_IN = b"* OK\r\n* CAPABILITY IMAP4rev1\r\nTAG0 OK .\r\nTAG1 OK .\r\n* CAPABILITY IDLE\r\nTAG2 OK .\r\n"
_OPEN = _IN + b"* OK [UIDVALIDITY 1] x\r\nTAG3 OK .\r\n"
_FOUND = _OPEN + b"* SEARCH 5\r\nTAG4 OK .\r\n"
_SIZED = _FOUND + b"* 1 FETCH (UID 5 RFC822.SIZE 3)\r\nTAG5 OK .\r\n"

# name: (what the server says, what the log tells of it)
ANSWERS = {
    "no UIDVALIDITY": (_IN + b"TAG3 OK .\r\n", "makes no sense (KeyError: UIDVALIDITY)"),
    "a UIDVALIDITY of 40 bits": (_IN + b"* OK [UIDVALIDITY 999999999999] x\r\nTAG3 OK .\r\n", "999999999999 is no UID"),
    "no capabilities": (_IN.replace(b"* CAPABILITY IDLE\r\n", b""), "makes no sense (AttributeError"),
    "a UID of 40 bits": (_OPEN + b"* SEARCH 999999999999\r\nTAG4 OK .\r\n", "999999999999 is no UID"),
    "a literal of more octets than there are": (_SIZED + b"* 1 FETCH (UID 5 BODY[] {99999999999999999999}\r\n", "makes no sense (OverflowError"),
    "lists in lists without end": (_SIZED + b"* 1 FETCH (UID 5 BODY[] " + b"(" * 5000 + b")" * 5000 + b")\r\nTAG6 OK .\r\n", "makes no sense (RecursionError"),
    "control characters in a refusal": (_IN + b"TAG3 NO a\r\x1b[2Jb\x00\r\n", "a\N{REPLACEMENT CHARACTER}\N{REPLACEMENT CHARACTER}[2Jb"),
    "a refusal with the time that it took": (_IN + b"TAG3 NO [OVERQUOTA] full (0.001 + 0.000 + 0.001 secs).\r\n", "[OVERQUOTA] full; will try again"),
}  # fmt: skip


@pytest.mark.parametrize(("said", "tells"), ANSWERS.values(), ids=ANSWERS)
def test_an_answer_that_makes_no_sense_is_one_line_and_waited_for(said: bytes, tells: str) -> None:
    imap.understand(b"0" + said)
    with pytest.raises(TransientError) as raised:
        imap.look(_Scripted(KEEP, said))
    assert tells in str(raised.value)
    assert str(raised.value).endswith("; will try again")


def fetched(said: bytes) -> list[int]:
    box = _Scripted(KEEP, said)
    box.select()
    found = [one.uid for batch in box.fetch(box.uids_above(0)) for one in batch]
    box.close()
    return found


# name: what the server says of message 5; a whole one of message 6 comes with it
ODD = {
    "a size that is a word": (b"* 1 FETCH (UID 5 RFC822.SIZE many)\r\n", b""),
    "a body that is a number": (b"* 1 FETCH (UID 5 RFC822.SIZE 3)\r\n", b"* 1 FETCH (UID 5 BODY[] 3)\r\n"),
    "a body that is a list": (b"* 1 FETCH (UID 5 RFC822.SIZE 3)\r\n", b"* 1 FETCH (UID 5 BODY[] (a b))\r\n"),
}


@pytest.mark.parametrize(("size", "body"), ODD.values(), ids=ODD)
def test_one_message_that_the_server_garbles_does_not_hold_up_the_others(size: bytes, body: bytes) -> None:
    said = _OPEN + b"* SEARCH 5 6\r\nTAG4 OK .\r\n" + size + b"* 2 FETCH (UID 6 RFC822.SIZE 1)\r\nTAG5 OK .\r\n"
    assert fetched(said + body + b"* 2 FETCH (UID 6 BODY[] x)\r\nTAG6 OK .\r\n* BYE\r\nTAG7 OK .\r\n") == [6]


@pytest.mark.parametrize(
    "date", [b"01-Jan-0001 00:00:00 +1400", b"31-Dec-9999 23:59:59 -1200", b"18-Nov-2026 11:00:00 +6344", b"yesterday"]
)
def test_a_moment_outside_the_calendar_holds_up_no_message(date: bytes) -> None:
    assert fetched(_SIZED + b'* 1 FETCH (UID 5 BODY[] x INTERNALDATE "' + date + b'")\r\nTAG6 OK .\r\n* BYE\r\nTAG7 OK .\r\n') == [5]


CONFIGURATIONS = {
    "NUL in a value": (SMALL.replace(b'"Studio"', b'"a\\u0000b"'), "desk.name: a control character in a text; mend it"),
    "a line break in a key": (SMALL + b'"a\\nb" = 1\n', "smtp.'a\\nb': a control character in a key; mend it"),
    "a line separator in a key": (SMALL + b'"a\\u2028b" = 1\n', "smtp.'a\\u2028b': a control character in a key; mend it"),
    "a number of 9,000 digits": (b"a = " + b"1" * 9000, "a number of too many digits"),
    "a number of more than 64 bits": (
        SMALL + b"[policy]\nwarranty_days = 0x" + b"f" * 5000,
        "policy.warranty_days: a number of more than 64 bits",
    ),
    "lists in lists without end": (b"a = " + b"[" * 9000, "tables and lists in one another without end"),
    "tables in tables without end": (b"a." * 6000 + b"a = 1", "tables and lists in one another without end"),
    "a folder of 5,000 letters": (SMALL.replace(b"[[mailbox]]", b'templates = "%b"\n[[mailbox]]' % (b"a" * 5000)), "is no folder"),
}


@pytest.mark.parametrize(("text", "tells"), CONFIGURATIONS.values(), ids=CONFIGURATIONS)
def test_a_configuration_without_sense_is_told_in_one_line(text: bytes, tells: str) -> None:
    configuration.understand(text)
    with pytest.raises(configuration.ConfigError) as raised:
        configuration._configured(configuration.FILE)
    (line,) = str(raised.value).split("\n")
    assert tells in line


def test_spaces_that_do_not_break_and_several_lines_stay_allowed() -> None:
    configuration.FILE.write_bytes(SMALL + '[studio]\nname = "ООО\u00a0Роза"\naddress = "1 Street\\nTown"\n'.encode())
    assert configuration.load(configuration.FILE).studio.name == "ООО\u00a0Роза"


@pytest.mark.parametrize("name", TARGETS)
def test_the_seeds_hold(name: str) -> None:
    target = import_module(f"tests.fuzz.{name}")
    assert len(target.SEEDS) >= 8
    for octets in target.SEEDS:
        target.understand(octets)


ADDRESS, MESSAGE_ID = keys.GOOD[0], keys.GOOD[3]


@pytest.mark.parametrize("line", [ADDRESS.replace("@", "\n@"), MESSAGE_ID.replace("@", "\n@"), f" {ADDRESS}", f"{MESSAGE_ID}\n"])
def test_what_we_would_not_write_so_is_not_ours(line: str) -> None:
    assert keys.SIGNER.read_address(line) is None
    assert keys.SIGNER.read_message_id(line) is None
