"""How a request is read: its words, of which kind they are, which are names, and where its sentences end."""

import pytest

from mailbot.core.desk.repeats.reading import Reading, Word, in_script, joined, read

MARKS = {"word": "", "number": "#", "place": "@", "not": "!"}


def shown(reading: Reading) -> str:
    """The words with the marks of their kinds, and a stroke between the sentences."""
    sentences = [[word for word in reading.words if word.sentence == number] for number in range(reading.sentences)]
    return " | ".join(" ".join(f"{word.text}{MARKS[word.kind]}" for word in words) for words in sentences)


# Each: a text, and its words behind an empty subject.
WORDS = {
    "nothing": ("", ""),
    "capitals and dots": ("ОТЧЁТ и Ёлка", " | отчет и елка"),
    "articles and particles": ("Move the banner, an old one; не надо ли же бы", " | move banner old one не! надо"),
    "a postscript's mark": ("PS: move it, P.S: now", " | move it now"),
    "articles in quotation marks": ("Write «the old» and 'the new'", " | write the old and new"),
    "articles behind quotation marks": ("Write («the old») on the page", " | write the old on page"),
    "articles behind a mark that stands alone": ('Write " the old "', " | write the old"),
    "articles behind a mark and a stop": ("Write “the old”, the rest", " | write the old rest"),
    "a word twice": ("very very old", " | very very old"),
    "signs between words": ("a red > b + c = 5", " | red ># b +# c =# 5#"),
    "a sign before the words": ("> b", " | b"),
    "what is no word": ("one -- *** two", " | one two"),
    "words with a hyphen and an apostrophe": ("e-mail at five o’clock", " | e-mail at five o'clock"),
    "letters that have several forms": ("ﬁle ｐａｇｅ", " | file page"),
    "half a character": ("move \ud800it", " | move it"),
    "a number": ("page 12", " | page 12#"),
    "groups of three digits": ("12 000 or 1,234,567 or 5\u00a0000 pages", " | 12000# or 1234567# or 5000# pages"),
    "groups of other digits": ("12 00 or 12 0000 pages", " | 12# 00# or 12# 0000# pages"),
    "a unit": ("5 % of 10 €", " | 5%# of 10€#"),
    "a telephone": ("call 8 (495) 123-45-67 or +7 916 111-22-33", " | call 84951234567# or 79161112233#"),
    "a minus": ('from -5 to (–6) and "-7"', " | from -5# to -6# and -7#"),
    "a minus in other marks": ("from “-5” to '-6', [-7], *-8* and _-9_", " | from -5# to -6# -7# -8# and -9#"),
    "a minus before a sum": ("from -$5 to −5", " | from -$5# to -5#"),
    "no minus": ("- 5 and 5- and x-5 and --5", " | 5# and 5# and x-5# and 5#"),
    "a range": ("5–6 or 5-6 or 5−6", " | 5-6# or 5-6# or 5-6#"),
    "a code": ("codes aB3x and AB3X and ab3x", " | codes aB3x# and ab3x# and ab3x#"),
    "a page": ("see https://www.Rose.example/Page/ now", " | see rose.example/Page@ now"),
    "a page without its scheme": ("see WWW.Rose.example and Rose.shop/a/B", " | see rose.example@ and rose.shop/a/B@"),
    "a page of a long domain": ("see Rose.digital/A and rose.photography", " | see rose.digital/A@ and rose.photography@"),
    "a path": ("see /Price/list", " | see /Price/list@"),
    "a file": ("see List.html.", " | see list.html@"),
    "a mailbox": ("ask Anna@Rose.example or mailto:anna@rose.example", " | ask anna@rose.example@ or anna@rose.example@"),
    "a mailbox and where its link leads": ("ask anna@rose.example<mailto:anna@rose.example>, please", " | ask anna@rose.example@ please"),
    "a page and where its link leads": ("see rose.shop http://rose.shop/ now", " | see rose.shop@ now"),
    "two pages": ("see rose.shop tulip.shop", " | see rose.shop@ tulip.shop@"),
    "a denial": ("it is not so, no page, never", " | it is not! so not! page never!"),
    "a Russian denial": ("Не надо, нет", " | не! надо нет!"),
    "denials in one word": ("It doesn't, don’t, won't, can't, shan't", " | it does not! do not! will not! can not! shall not!"),
    "denials without their apostrophe": (
        "it does nt dont wont cant havent cannot",
        " | it does not! do not! will not! can not! have not! can not!",
    ),
    "words that end like a denial": ("an important front", " | important front"),
    "a word that only holds a denial": ("a don't-care page", " | don't-care page"),
    "the other keyboard layout": ("Cnhfybwf", " | страница"),
}


@pytest.mark.parametrize(("text", "expected"), WORDS.values(), ids=WORDS)
def test_words_and_their_kinds(text: str, expected: str) -> None:
    assert shown(read("", text)) == expected


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Move Rose to the shop", ["Rose"]),
        ("Rose is old", []),  # the first word has a capital always
        ("the Rose is old", []),  # an article is dropped
        ("iPhone and McRose", ["iPhone", "McRose"]),
        ("HTML and CSS", ["CSS"]),
        ("MOVE ROSE TO THE iPhone", ["ROSE", "TO", "iPhone"]),
        ("MOVE ROSE TO THE SHOP", []),
        ("Write «your basket, now», please", ["«your", "basket,", "now»,"]),
        ("Write («basket») now", ["(«basket»)"]),
        ('Write "basket" and “order now!” now', ['"basket"', "“order", "now!”"]),
        ("Write «basket» now «order» then", ["«basket»", "«order»"]),
        ("Write «rose.shop http://rose.shop» now", []),  # a place is no name, and ends what is quoted
        ("Write «a b» now", ["«a", "b»"]),
        ("Write « basket » now", ["basket", "now"]),  # which of two lone marks ends it is not known
        ("Ask Rose-Shop of page 5A", ["Rose-Shop"]),
        ("Ask Rose.shop now", []),
    ],
)
def test_a_name_has_a_capital_where_a_usual_word_has_none_or_is_quoted(text: str, names: list[str]) -> None:
    assert [word.raw for word in read("", text).words if word.is_name] == names


WIDE = f"{'word ' * 19}words"  # 100 characters

# Each: a text, and its sentences behind an empty subject.
SENTENCES = {
    "stops": ("Move it. Go! Why? Well… now", " | move it | go | why | well | now"),
    "stops in brackets and quotation marks": ('Move it.) Say "go!" Now', " | move it | say go | now"),
    "a stop in a word": ("see a.b.c d", " | see a.b.c d"),
    "stops alone": ("Move it. ... Go.", " | move it | go"),
    "an initial": ("Ask J. Rose now", " | ask j rose now"),
    "an abbreviation": ("Roses, tulips etc. are old. Go", " | roses tulips etc are old | go"),
    "a title": ("Ask Mr. Rose or (Mrs. Vega) now", " | ask mr rose or mrs vega now"),
    "a Russian abbreviation": ("По 12 руб. за штуку", " | по 12# руб за штуку"),
    "an abbreviation at the end": ("По 12 руб. Заказ новый", " | по 12# руб | заказ новый"),
    "a short abbreviation at the end": ("Отдел им. Заказ новый", " | отдел им | заказ новый"),
    "an abbreviation before a word with a capital within": ("Roses etc. iPhones go", " | roses etc iphones go"),
    "an abbreviation before a code in capitals": ("Roses etc. URL go", " | roses etc | url go"),
    "an abbreviation before a word with one capital": ("Roses etc. Url go", " | roses etc | url go"),
    "paragraphs": ("Move it\n\ngo", " | move it | go"),
    "lines of another system": ("Move it\r\n\r\ngo", " | move it | go"),
    "lines that a program has wrapped": ("Please move the\nbanner to the left\nand go", " | please move banner to left and go"),
    "lines that end before their width": ("Move it\ngo to the left side", " | move it | go to left side"),
    "a word that would just have fitted": ("aaaa bbbb\nccc ddd eeeee", " | aaaa bbbb | ccc ddd eeeee"),
    "a word that would not have fitted": ("aaaa bbbb\ncccc dd eeeee", " | aaaa bbbb cccc dd eeeee"),
    "the widths of another paragraph": (
        "Please move the banner to the left\n\nmove it\nnow go",
        " | please move banner to left | move it now go",
    ),
    "a wide paragraph above": ("go\n\nmove it\nnow go", " | go | move it now go"),
    "a wide paragraph below": ("move it\nnow go\n\nPlease move the banner", " | move it now go | please move banner"),
    "lines of 100 characters": (f"{WIDE}\nnow", f" | {WIDE} now"),
    "lines of 101 characters": (f"{WIDE}s\nnow", f" | {WIDE}s | now"),
    "a line without words": ("Please move\n***\nthe banner", " | please move banner"),
    "characters without a width": ("\u200bMove it\n\n \ufeffgo", " | move it | go"),
    "white space around lines": ("  Please move the  \n\tbanner and go\t", " | please move banner and go"),
    "a list": ("Please move these:\n- roses in the pot\n* tulips", " | please move these | roses in pot | tulips"),
    "a list that counts from one": ("Move:\n1. roses\n2) tulips\n3. pots", " | move | roses | tulips | pots"),
    "a list that counts over blank lines": ("1. roses\n\n2. tulips\n\nnow\n3. pots", " | roses | tulips | now | pots"),
    "a list that counts to ten": ("\n".join(f"{number}. pot" for number in range(1, 12)), " | pot" * 11),
    "a number that only looks like a list's": ("Move:\n14. roses\n15. tulips", " | move | 14# | roses | 15# | tulips"),
    "a list that leaves one out": ("1. roses\n3. tulips\n1. pots", " | roses | 3# | tulips | pots"),
    "a list that begins with two": ("2. roses\n1. tulips", " | 2# | roses | tulips"),
    "greeting and closing": ("Hello!\nMove it now.\nGo!\nThanks, Anna", " | move it now | go"),
    "a signature": ("Move it now.\n\nAnna Petrova\n+7 916 111-22-33", " | move it now"),
}


@pytest.mark.parametrize(("text", "expected"), SENTENCES.values(), ids=SENTENCES)
def test_where_sentences_end(text: str, expected: str) -> None:
    assert shown(read("", text)) == expected


@pytest.mark.parametrize(
    ("subject", "expected"),
    [
        ("Price list", "price list"),
        ("Re: Fwd: Price list", "price list"),
        ("Re: [External] Re: Price list", "price list"),
        ("Third attempt: Price list", "price list"),
        ("Повторно: Цены", "цены"),
        ("(no subject)", ""),
        ("Re: [SPAM] Без темы", ""),
        ("No subject line", "not! subject line"),
        ("Cnhfybwf", "страница"),
        ("12 000", "12000#"),
        ("One. Two.", "one two"),
        ("x" * 299 + "yz", "x" * 299 + "y"),
    ],
)
def test_the_subject_is_the_sentence_before_the_first(subject: str, expected: str) -> None:
    assert shown(read(subject, "Move it.")) == f"{expected} | move it"


def test_a_word_knows_how_it_was_written() -> None:
    words = read("Ёлка!", "Don't move (Rose) -5 = Rose.shop, not > it").words
    assert [word.raw for word in words] == ["Ёлка!", "Don't", "Don't", "move", "(Rose)", "-5", "=", "Rose.shop,", "not", ">", "it"]
    assert words[4] == Word("rose", "(Rose)", "word", 1, True)


@pytest.mark.parametrize(
    ("text", "count", "cut"),
    [
        ("page " * 1499, 1500, False),
        ("page " * 1500, 1500, True),
        ("x" * 20_000, 2, False),
        ("x" * 20_001, 2, True),
        (f"{'x' * 19_999} y", 2, True),
    ],
)
def test_of_a_long_text_the_begin_is_read(text: str, count: int, cut: bool) -> None:
    found = read("Shop", text)
    assert (len(found.words), found.cut) == (count, cut)


def test_two_texts_of_a_mail_are_read_one_after_the_other() -> None:
    one, other = read("Shop", "Move it. Go!"), read("", "See below. Now.")
    both = joined(one, other)
    assert shown(both) == "shop | move it | go | see below | now"
    assert not both.cut


def test_two_long_texts_of_a_mail_are_cut_together() -> None:
    short, half, more, long = (read("", text) for text in ("page", "page " * 750, "page " * 751, "x" * 20_001))
    assert [joined(*both).cut for both in ((half, half), (half, more), (long, short), (short, long))] == [False, True, True, True]
    assert len(joined(half, more).words) == 1500


def test_words_are_read_as_those_of_another_alphabet() -> None:
    reading = read("Shop", "Move Bаsket. Go")
    changed = in_script(reading, {2: "basket", 0: "store"})
    assert shown(changed) == "store | move basket | go"
    assert [word.raw for word in changed.words] == [word.raw for word in reading.words]
    assert changed.words[2].is_name
