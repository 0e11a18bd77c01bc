"""The language of a text, as far as the answer needs it."""

import re

_CYRILLIC = re.compile(r"[\u0400-\u04ff]")
_LATIN = re.compile(r"[A-Za-z\u00c0-\u024f]")


def language_of(text: str) -> str | None:
    """`ru` for a text that is mostly Cyrillic, `en` for one that is mostly Latin, None when there is too little of either.

    Only the first 2,000 characters count: what follows is often an older mail in another language.
    """
    sample = text[:2000]
    cyrillic = 0 if sample.isascii() else len(_CYRILLIC.findall(sample))
    latin = len(_LATIN.findall(sample))
    if cyrillic + latin < 10:
        return None
    # Russian mails are full of Latin product names and addresses: a third of Cyrillic letters is enough.
    return "ru" if cyrillic * 2 >= latin else "en"
