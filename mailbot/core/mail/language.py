"""In which of our languages a mail is answered."""

# Where mailbot has not the writer's own language: those who mostly read Russian get Russian, all others English.
_READ_RUSSIAN = frozenset(("ru", "uk", "be", "kk", "ky", "tg", "tt", "ba", "uz", "hy"))


def answer_language(language: str | None) -> str | None:
    """`ru` or `en` for the language of a mail (ISO 639-1), None when it is not known."""
    if language is None:
        return None
    return "ru" if language in _READ_RUSSIAN else "en"
