"""What a request's text loses at its begin and end, and what only looks like greeting, signature or disclaimer."""

import pytest

from mailbot.core.desk.repeats.trimming import ungreeted, unsigned

ASKED = "Please move the banner."
PHONE = "\n+7 916 111-22-33"
SIXTY = f"head of {'rose-' * 10}es"  # characters

# Each: what stands below the request, to the end of the text.
SIGNATURES = {
    "a closing, name, position and telephone": "Best regards,\nAnna Petrova\nmanager\n+7 916 111-22-33",
    "a closing and the name in its line": "Best regards, Anna",
    "two closings": "Thanks!\nBest regards,\nAnna",
    "two closings with the names": "Thanks, Anna\n\nSent from my telephone",
    "a closing with a smile": "Thanks ;)",
    "a closing with a dash and the name": "Thanks - Anna",
    "a closing, its stop and the name": "Спасибо. Анна",
    "blank lines between": "Thanks\n\n\nAnna\n\nRose Shop",
    "a page and a mailbox": "Cheers\nwww.rose.example\nask at anna@rose.example if in doubt about any of this or of that",
    "no closing, but a name": "Anna Petrova",
    "a name and a position in its line": "Joyce, reception",
    "a name and a surname that is another word, too": "Carlos Vega",
    "a surname that is an adjective": "Анна Белая",
    "a surname cut to its first letter": "Анна Ж.",
    "an initial below a closing": "Thanks\nAnna P.",
    "four names": "Anna Maria Rose Smith",
    "two people": "Anna & Paul",
    "a name and four lines that tell where he is": f"Anna Petrova{PHONE * 4}",
    "a closing and eight lines that tell where he is": f"Thanks{PHONE * 8}",
    "a position of 60 characters": f"Thanks\n{SIXTY}",
    "a position of seven words": "Thanks\nhead of roses of our big shop",
    "blank lines at the end": "Thanks" + "\n" * 12,
    "a disclaimer": "This message is confidential and meant for its recipient alone.",
    "two disclaimers around a name": "It is intended solely for you.\nAnna\nСообщение конфиденциально и предназначено адресату.",
    "a warning of the sender's server": "CAUTION: this mail originated outside.",
}
KEPT = {
    "a request below the closing": "Thanks\nPlease delete the footer",
    "an order in capitals and quotation marks below the closing": "Thanks\n«PLEASE», faster",
    "an order that only the dictionary knows": "Спасибо\nдобавьте фото",
    "one thing more below the closing": "Thanks\nthe fax too",
    "one thing more in capitals": "Thanks\nThe fax TOO!!!",
    "a sentence below the closing": "Thanks\nThe fax.",
    "a question below the closing": "Thanks\nFax?",
    "a cry below the closing": "Thanks\nFax!",
    "a list below the closing": "Thanks\nFax:\n+7 916 111-22-33",
    "half a sentence below the closing": "Thanks\nThe fax;",
    "a line of 61 characters below the closing": f"Thanks\n{SIXTY}x",
    "eight words below the closing": "Thanks\nhead of roses of our very big shop",
    "a closing that only begins so": "Thanks to the new form we sell more",
    "a word that only begins like a closing": "Cheerston",
    "a name that is written together with the closing": "ThanksAnna",
    "thanks for a thing": "Thanks, Banner",
    "a name with a number": "Thanks, Anna 2",
    "a name and a request": "Thanks, Anna, please call",
    "an order with a name": "Thanks, Add Anna",
    "names that are joined": "Thanks, Anna And Paul",
    "a name in small letters": "Thanks, anna",
    "a name with a small word": "Thanks, Anna roses",
    "a name with a small letter": "Thanks, Anna x.",
    "a Russian name with a noun": "Спасибо, Анна Скидка",
    "five names": "Anna Maria Rose Petrova Smith",
    "a thing": "Banner",
    "a name and five lines": f"Anna Petrova{PHONE * 5}",
    "a closing and nine lines": f"Thanks{PHONE * 9}",
    "a name and a sentence": "Anna Petrova\nShe is new here.",
    "what is announced": "Below it stands:\nThanks",
    "what is announced and stands apart": "Below it stands:\n\nThanks, Kate",
    "what is announced in wide letters": "Below it stands：\nThanks",
    "a name that is announced": "Below it stands:\n\nAnna Petrova",
    "a name that goes on": "Below it stands,\n\nAnna Petrova",
    "a name within a paragraph": "Below it stands\nAnna Petrova",
}


def left(text: str) -> str:
    return "\n".join(unsigned(text.split("\n"))).rstrip("\n")


@pytest.mark.parametrize("below", SIGNATURES.values(), ids=SIGNATURES)
def test_a_signature_is_no_part_of_a_request(below: str) -> None:
    assert left(f"{ASKED}\n{below}") == ASKED
    assert left(f"Hello\n\n{ASKED}\n\n{below}") == f"Hello\n\n{ASKED}"


@pytest.mark.parametrize("below", KEPT.values(), ids=KEPT)
def test_what_only_looks_like_a_signature_stays(below: str) -> None:
    assert left(f"{ASKED}\n{below}") == f"{ASKED}\n{below}"


# Each: a whole text, and what is left of it.
WHOLE = {
    "nothing": ("", ""),
    "thanks alone": ("Thanks", "Thanks"),
    "a name alone": ("Anna Petrova", "Anna Petrova"),
    "only what the telephone wrote": ("Sent from my telephone", ""),
    "what the telephone wrote below thanks": ("Thanks\nSent from my telephone", "Thanks"),
    "a name apart from a sentence without a stop": ("Move the banner\n\nAnna Petrova", "Move the banner"),
    "a name apart after much else": (f"{ASKED}\nThe left one\n\n\nAnna", f"{ASKED}\nThe left one"),
    "a disclaimer in the midst": (f"Hello\nIt is privileged: for the addressee.\n{ASKED}", f"Hello\n{ASKED}"),
    "a closing that is not the last": (f"Thanks\n{ASKED}", f"Thanks\n{ASKED}"),
}


@pytest.mark.parametrize(("text", "expected"), WHOLE.values(), ids=WHOLE)
def test_what_is_left_of_a_text(text: str, expected: str) -> None:
    assert left(text) == expected


# Sentences with a stroke between them.
GREETED = {
    "a greeting": f"Hello!|{ASKED}",
    "a greeting with a smile": f"Hello :)|{ASKED}",
    "a greeting and a name": f"Hello Anna|{ASKED}",
    "a greeting, a comma and a name": f"Hello, Anna!|{ASKED}",
    "a greeting and four names": f"Dear Anna Maria Rose Smith|{ASKED}",
    "a greeting, a title and a name": f"Hello Mr. Vega!|{ASKED}",
    "a greeting, a title and three names": f"Dear «Dr» Vega Smith Orloff|{ASKED}",
    "a greeting and a title in the line of the request": f"Dear Mrs. Vega, {ASKED}",
    "a greeting of many": f"Hi all|{ASKED}",
    "a greeting of many, and not the first one": f"Hello again dear team!|{ASKED}",
    "a greeting in the line of the request": f"Hi, {ASKED}",
    "a greeting and a name in the line of the request": f"Hello Anna, {ASKED}",
    "a greeting of four words in the line of the request": f"Hello my dear Anna Smith, {ASKED}",
    "a name without a comma": f"Hello Anna {ASKED}",
    "a name with a sign": f"Hello Anna! {ASKED}",
    "a name without a comma in small letters": f"hello anna {ASKED}",
    "a name before the greeting": f"Anna, good morning|{ASKED}",
    "a name in small letters before the greeting": f"anna, good morning everyone|{ASKED}",
    "many before the greeting": f"Коллеги, добрый день!|{ASKED}",
    "a name before the greeting of others": f"Anna, good morning, all|{ASKED}",
    "two greetings": f"Hello!|Good morning!|{ASKED}",
    "who writes": f"This is Anna from Rose Shop.|{ASKED}",
    "who writes, of a firm in quotation marks": f"This is Anna from «Rose Shop».|{ASKED}",
    "a greeting and who writes": f"Hello!|My name is Anna.|{ASKED}",
    "who writes, in eight words": f"This is Anna Maria Rose Smith from the Rose Shop.|{ASKED}",
    "a closing": f"{ASKED}|Thanks!",
    "a closing and a name": f"{ASKED}|Thanks!|Anna",
    "a name below a sentence": f"{ASKED}|Anna",
    "two closings": f"{ASKED}|Thanks!|Best regards, Anna",
}


@pytest.mark.parametrize("text", GREETED.values(), ids=GREETED)
def test_greeting_and_closing_are_no_part_of_a_request(text: str) -> None:
    assert ungreeted(text.split("|")) == [ASKED]


# Each: sentences, and what is left of them.
SENTENCES = {
    "nothing": ("", ""),
    "a request": (ASKED, ASKED),
    "thanks alone": ("Thanks!", "Thanks!"),
    "a name alone": ("Anna", "Anna"),
    "a greeting below three sentences": (f"One.|Two.|Three.|Hello!|{ASKED}", f"One.|Two.|Three.|{ASKED}"),
    "a greeting below four sentences": (f"One.|Two.|Three.|Four.|Hello!|{ASKED}", f"One.|Two.|Three.|Four.|Hello!|{ASKED}"),
    "a greeting that is announced": (f"It begins with:|Hello!|{ASKED}", f"It begins with:|Hello!|{ASKED}"),
    "a greeting that is announced in wide letters": (f"It begins with：|Hello!|{ASKED}", f"It begins with：|Hello!|{ASKED}"),
    "the greeting of a mail that is passed on": (f"I repeat my message:|Hello!|{ASKED}", f"I repeat my message:|{ASKED}"),
    "a greeting within a sentence": (f"{ASKED}|Its visitors say hello", f"{ASKED}|Its visitors say hello"),
    "a thing before the greeting": ("Banner, good morning", "Banner, good morning"),
    "a name before no greeting": ("Anna, move it", "Anna, move it"),
    "more than a greeting behind the name": ("Anna, good morning to everyone", "Anna, good morning to everyone"),
    "five words behind the greeting": ("Hello the banner on the left, and the footer", "the banner on the left, and the footer"),
    "an order behind the greeting": ("Hello, remove it, then go", "remove it, then go"),
    "an order in capitals behind the greeting": ("Hello, «REMOVE» it, then go", "«REMOVE» it, then go"),
    "an order that only the dictionary knows": ("Привет, добавьте, пожалуйста, фото", "добавьте, пожалуйста, фото"),
    "a number behind the greeting": ("Hi, page 2, please", "page 2, please"),
    "a request with a comma": ("Hello Anna, move it, please", "move it, please"),
    "a number in brackets behind the greeting": ("Hi, page (2), please", "page (2), please"),
    "a request behind the greeting": ("Hello, the banner fell", "the banner fell"),
    "four words behind the greeting, the first a name": ("Hi Anna move the banner", "move the banner"),
    "three words behind the greeting, the first a name": ("Hi Anna move it", "Anna move it"),
    "a name that no dictionary knows": ("Hi Vega", "Vega"),
    "a title alone": ("Hi Mr", "Mr"),
    "a title and no name": ("Hi Mr banner fell", "Mr banner fell"),
    "a title, a name and an order": ("Hi Mr Vega Stop", "Mr Vega Stop"),
    "a title and four names": ("Dear Dr Vega Smith Orloff Brand", "Dr Vega Smith Orloff Brand"),
    "who writes below a request": (f"{ASKED}|It is me.|This is Anna.|Bye bye.", f"{ASKED}|It is me.|This is Anna.|Bye bye."),
    "what is no name": ("This is Anna with a banner.", "This is Anna with a banner."),
    "more than eight words": ("This is Anna Maria Rose Smith from the Rose Shop Company.",) * 2,
    "a closing below two sentences": (f"{ASKED}|It is old.|Thanks!", f"{ASKED}|It is old."),
    "a name below two sentences": (f"{ASKED}|It is old.|Anna", f"{ASKED}|It is old."),
    "a name that goes on": ("Please show this to|Anna", "Please show this to|Anna"),
    "a name behind a sentence that goes on": (f"{ASKED}|Show this to|Anna", f"{ASKED}|Show this to|Anna"),
    "a closing that is announced": ("Write below it:|Thanks!", "Write below it:|Thanks!"),
    "a closing that is announced in wide letters": ("Write below it：|Thanks!", "Write below it：|Thanks!"),
    "a closing that is announced late": (f"{ASKED}|Write below it:|Thanks!", f"{ASKED}|Write below it:|Thanks!"),
    "a closing within": (f"{ASKED}|Thanks!|The footer, too.", f"{ASKED}|Thanks!|The footer, too."),
}


@pytest.mark.parametrize(("text", "expected"), SENTENCES.values(), ids=SENTENCES)
def test_what_is_left_of_sentences(text: str, expected: str) -> None:
    assert ungreeted(text.split("|")) == [sentence for sentence in expected.split("|") if sentence]
