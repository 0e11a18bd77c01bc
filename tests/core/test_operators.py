"""What an operator's mail says to the client."""

import pytest

from mailbot.core.desk.operators import LOGO_OCTETS, Command, is_file, read_command, read_reply
from mailbot.core.mail.message import Attachment
from mailbot.core.mail.visible import MARKER

DESK = "support@studio.example"
OPERATORS = ("boss@studio.example",)
REPLIES = {
    "not his signature without its dashes": ("Done.\n\nBest regards,\nPeter Boss\nBoss@studio.example\n+7 999", "Done."),
    "a sentence with the address of the desk for his": (
        "Готово, цена 5000 р., пишите на boss@studio.example, а оплатить нужно до пятницы.\n\nФайлы пришлите на boss@studio.example до пятницы.",
        "Готово, цена 5000 р., пишите на support@studio.example, а оплатить нужно до пятницы.\n\nФайлы пришлите на support@studio.example до пятницы.",
    ),
    "both of two proposals, above the quote": (
        "Вариант 1\n\n---\n\nВариант 2\nзвоните +7 900 000-00-00\n\n---\n\nOn 18/11/2026 12:00, Web Studio wrote:\n> -- ✂ -- internal",
        "Вариант 1\n\n---\n\nВариант 2\nзвоните +7 900 000-00-00",
    ),
    "not a line with his address": ("Done. Next:\nwrite to boss@studio.example\nor call.", "Done. Next:\nor call."),
    "his words": ("It is done.\n\nPlease look.", "It is done.\n\nPlease look."),
    "not his signature": ("It is done.\n-- \nBoss\n+7 999", "It is done."),
    "not his dash": ("It is done.\n—\nBoss", "It is done."),
    "not his telephone's boast": ("It is done.\n\nSent from my iPhone", "It is done."),
    "not his telephone's boast in Russian": ("Готово.\n\nОтправлено с iPhone", "Готово."),
    "not our forward": (f"It is done.\n{MARKER}\nticket 12", "It is done."),
    "not his commands": ("/close\n/time 40m\nIt is done.\n/cause hosting", "It is done."),
    "a path inside a line": ("The page is /about now.", "The page is /about now."),
    "a path of several folders stays": ("See the list:\n  /etc/hosts", "See the list:\n  /etc/hosts"),
    "both of his proposals": (
        "Proposal 1: roses.\n\n---\n\nProposal 2: call +7 900 000-00-00",
        "Proposal 1: roses.\n\n---\n\nProposal 2: call +7 900 000-00-00",
    ),
    "a line for a shell": ("Run this:\n> rose install\nand start again.", "Run this:\n> rose install\nand start again."),
    "not the fields above our forward": (
        f"From: Anna (Studio) <support@studio.example>\nSent: Wed\nTo: Boss\nSubject: [#12] roses\n\n{MARKER} Reply.\nprice class C\n\nDone.",
        "",
    ),
    "not an attribution above our forward": (f"Anna (Studio) skrifaði:\n{MARKER} Reply.\nprice class C", ""),
    "not our forward with a picture of scissors": ("It is done.\n\n-- ✂️ -- Reply.\nprice class C", "It is done."),
    "nothing below our marker, though a quote follows it": (
        f"It is done.\n\n{MARKER} Reply.\n\n\n> quoted\nprice class C\n> more",
        "It is done.",
    ),
    "nothing below our marker, though fields and a quote follow it": (
        f"It is done.\n\n{MARKER} Reply.\nОт: Анна\nТема: розы\n\n> quoted\nprice class C",
        "It is done.",
    ),
    "his answers within our forward below fields": (
        (
            "See below.\n\nFrom: Anna (Studio) <support@studio.example>\nSent: Wednesday, 18 November 2026 12:00\nTo: Boss\nSubject: [#12]\n\n"
            f"> {MARKER} Reply.\n> price class C\nThe roses.\n> more"
        ),
        "See below.\n\nThe roses.",
    ),
    "not our forward, folded": ("It is done.\n\n-- ✂\n-- Reply.\nprice class C", "It is done."),
    "not history alone": ("-----Original Message-----\nFrom: Anna\n\nprice class C", ""),
    "nothing but a command": ("/close", ""),
    "nothing": ("", ""),
}


@pytest.mark.parametrize(("visible", "expected"), REPLIES.values(), ids=REPLIES)
def test_the_client_reads(visible, expected):
    assert read_reply(visible, OPERATORS, DESK).words == expected


def test_command_lines_are_told_apart_and_other_lines_with_a_slash_are_not():
    read = read_reply("/close\n/time 40m\nIt is done.\n/about has a typo", OPERATORS, DESK)
    assert [one.line for one in read.commands] == ["/close", "/time 40m"]
    assert read.words == "It is done.\n/about has a typo"


COMMANDS = {
    "close": ("/close", "close", None),
    "close, as a telephone writes it": ("/Close. ", "close", None),
    "close, indented": ("\u00a0 /close", "close", None),
    "close with a cause": ("/close hosting", "close", "hosting"),
    "reopen": ("/reopen", "reopen", None),
    "cause": ("/cause how-to", "cause", "how-to"),
    "time": ("/time 40m", "time", (40, "")),
    "time with what was done": ("/time 1h 30m mended the form", "time", (90, "mended the form")),
    "time without a unit": ("/time 40 making the form", "time", (40, "making the form")),
    "time in Russian": ("/time 2 ч 5 мин форма", "time", (125, "форма")),
    "hours in words": ("/time 3 hours of calls", "time", (180, "of calls")),
    "hours and minutes in words": ("/time 1 hour 30 minutes", "time", (90, "")),
    "hours in Russian words": ("/estimate 2 часа с текстами", "estimate", (120, "с текстами")),
    "time taken back": ("/time -40m", "time", (-40, "")),
    "note": ("/note call Anna  first", "note", "call Anna  first"),
    "repeat": ("/repeat 12", "repeat", (None, 12)),
    "repeat with a sign": ("/repeat #12", "repeat", (None, 12)),
    "repeat of another ticket": ("/repeat 13 12", "repeat", (13, 12)),
    "split": ("/split", "split", None),
    "split of an entry": ("/split 345", "split", 345),
}


@pytest.mark.parametrize(("line", "name", "value"), COMMANDS.values(), ids=COMMANDS)
def test_a_command_is_read(line, name, value):
    assert read_command(line) == Command(line.strip(), name, value)


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("/reopen now", "'now' is not understood"),
        ("/cause", "a word is missing"),
        ("/note", "a word is missing"),
        ("/time", "write it like 40m"),
        ("/time soon", "write it like 40m"),
        ("/time 0m", "write it like 40m"),
        ("/time 999999", "write it like 40m"),
        ("/repeat", "the number of the ticket that it repeats is missing"),
        ("/repeat twelve", "'twelve' is no number"),
        ("/repeat 1 2 3", "'1 2 3' is no number"),
        ("/repeat ١٢", "'١٢' is no number"),
        ("/split 12345678901", "is no number"),
        ("/coverage", "a word is missing"),
        ("/estimate", "write it like 40m"),
        ("/estimate -3h", "an estimate is longer than nothing"),
        ("/estimate 3 days", "write the time with its unit"),
        ("/urgent perhaps", "is neither yes nor no"),
    ],
)
def test_a_command_that_makes_no_sense_says_why(line, says):
    command = read_command(line)
    assert command is not None
    assert command.name
    assert says in command.wrong


@pytest.mark.parametrize("line", ["/splt 345", "/repeats 12", "/closed", "/times 40m"])
def test_a_line_that_is_nearly_a_command_leaves_in_doubt_what_the_client_should_read(line):
    read = read_reply(f"{line}\nIt is done.", OPERATORS, DESK)
    assert read.doubtful
    assert "is no command" in read.commands[0].wrong


@pytest.mark.parametrize("line", ["/about has a typo", "/time/table is empty", "/ is slow", "/close/", "/etc"])
def test_a_path_is_no_command(line):
    read = read_reply(f"It is done.\n{line}", OPERATORS, DESK)
    assert (read.commands, read.doubtful) == ((), False)
    assert line.strip() in read.words


@pytest.mark.parametrize(
    "around",
    [
        "{}",
        "Hello,\n\n{}",
        "{}\n\nBest regards,\nPeter Boss",
        "Hi Anna,\n\n{}\n\nRegards\nPeter",
        "{}\n\n-- \nPeter Boss\n+7 999",
        "{}\n\nPeter Boss\nboss@studio.example",
        "{}\n\nSent from my iPhone",
        "{}\n\nOn 18/11/2026 12:00, Web Studio wrote:\n> /split\n> Hello",
    ],
    ids=["alone", "a greeting", "a closing", "both", "a signature", "a signature without its dashes", "a telephone's boast", "the quote"],
)
def test_what_stands_around_a_command_is_no_word_for_the_client(around):
    read = read_reply(around.format("/close"), OPERATORS, DESK)
    assert (read.words, [one.line for one in read.commands]) == ("", ["/close"])


def test_a_mail_has_a_bounded_number_of_commands():
    read = read_reply("/close\n" * 5000, OPERATORS, DESK)
    assert len(read.commands) == 21
    assert [bool(one.wrong) for one in read.commands] == [False] * 20 + [True]


def test_what_looks_like_a_signature_far_from_the_end_is_text():
    lines = "Two parts follow.\n--\n" + "\n".join(f"part {number}" for number in range(20))
    assert read_reply(lines, OPERATORS, DESK).words == lines


READ = {
    "yes by itself": ("/urgent", True),
    "yes": ("/urgent yes", True),
    "yes in capitals": ("/urgent YES", True),
    "yes in Russian": ("/urgent Да", True),
    "no": ("/urgent no", False),
    "no in Russian": ("/urgent НЕТ", False),
    "a number with its sign": ("/split #345", 345),
    "the least time": ("/time 1m", (1, "")),
    "the most time": ("/time 1666h40m", (100_000, "")),
    "a time of four words": ("/time 1 h 30 m the new texts of the shop", (90, "the new texts of the shop")),
    "a time of two words": ("/time 40 m and much more of it than that", (40, "and much more of it than that")),
    "a time of three words": ("/time 1h 30 m the texts", (90, "the texts")),
    "the least estimate": ("/estimate 1m of work", (1, "of work")),
    "an estimate with a number among its words": ("/estimate 3h with 3 texts", (180, "with 3 texts")),
    "a stop behind the name": ("/cause: hosting", "hosting"),
}


@pytest.mark.parametrize(("line", "value"), READ.values(), ids=READ)
def test_a_command_has_the_value(line, value):
    command = read_command(line)
    assert command is not None
    assert (command.line, command.wrong, command.value) == (line, "", value)


SAYS = {
    "/cause": "a word is missing behind it",
    "/repeat": "the number of the ticket that it repeats is missing",
    "/estimate -3h": "an estimate is longer than nothing",
    "/time 1666h41m": "time '1666h41m': write it like 40m, 2h or 1h30m; nothing was entered",
    f"/time {'a' * 60}": f"time '{'a' * 50}': write it like 40m, 2h or 1h30m; nothing was entered",
    f"/split {'a' * 60}": f"'{'a' * 50}' is no number",
    f"/urgent {'a' * 60}": f"'{'a' * 50}' is neither yes nor no",
    f"/estimate 3 {'a' * 60}": f"'3 {'a' * 48}': write the time with its unit, like 40m, 2h or 1h30m; nothing was sent",
    "/closd": "is no command; is /close meant?",
}


@pytest.mark.parametrize(("line", "says"), SAYS.items(), ids=[one[:20] for one in SAYS])
def test_a_command_says_in_whole_what_is_wrong(line, says):
    command = read_command(line)
    assert command is not None
    assert (command.line, command.wrong) == (line, says)


LAST = {
    "his only paragraph stays": ("Write to boss@studio.example.", "Write to support@studio.example."),
    "a sentence with his address stays": ("Done.\n\nWrite to BOSS@studio.example!", "Done.\n\nWrite to support@studio.example!"),
    "so does a question": ("Done.\n\nIs it boss@studio.example? ", "Done.\n\nIs it support@studio.example?"),
    "so does a line of six words": (
        "Done.\n\nboss@studio.example is where I am found",
        "Done.\n\nsupport@studio.example is where I am found",
    ),
    "a line of five words is a signature": ("Done.\n\nPeter Boss of Studio: boss@studio.example", "Done."),
    "a signature of two lines goes as one": ("Done.\n\nPeter Boss\nboss@studio.example", "Done."),
}


@pytest.mark.parametrize(("text", "words"), LAST.values(), ids=LAST)
def test_his_own_address_is_not_for_the_client(text, words):
    assert read_reply(text, OPERATORS, DESK).words == words


# Each: the type, whether his text shows it by an id, its size, and whether it goes to the client.
FILES = {
    "a document": ("application/pdf", False, 10, True),
    "a document with an id": ("application/pdf", True, 10, True),
    "a logo": ("image/png", True, LOGO_OCTETS - 1, False),
    "a screenshot in his text": ("image/png", True, LOGO_OCTETS, True),
    "a small picture that is attached": ("image/png", False, 10, True),
    "a visiting card": ("text/vcard", False, 10, False),
    "a visiting card of an older program": ("text/x-vcard", False, 10, False),
    "a visiting card of a directory": ("text/directory", False, 10, False),
}


@pytest.mark.parametrize(("content_type", "has_id", "size", "is_meant"), FILES.values(), ids=FILES)
def test_which_of_his_files_are_for_the_client(content_type: str, has_id: bool, size: int, is_meant: bool) -> None:
    one = Attachment("one", content_type, size, "0" * 64, "logo@studio" if has_id else None, has_id, 0, size, "base64")
    assert is_file(one) is is_meant
