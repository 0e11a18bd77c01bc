"""What an operator's mail says to the client."""

import pytest

from mailbot.core.desk.operators import read_reply
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
    assert read.commands == ("/close", "/time 40m")
    assert read.words == "It is done.\n/about has a typo"


def test_what_looks_like_a_signature_far_from_the_end_is_text():
    lines = "Two parts follow.\n--\n" + "\n".join(f"part {number}" for number in range(20))
    assert read_reply(lines, OPERATORS, DESK).words == lines
