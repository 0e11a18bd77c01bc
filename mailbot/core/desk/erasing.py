"""A person who is erased: where a text names him, and what stands there afterwards."""

import json
import re
from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property
from typing import Any

ERASED = "[erased]"  # stands for a name and for words that are gone
_SEPARATORS = "(?:@|=|%40)"  # as in a mailbox, in a return path that names its recipient (VERP), in a link


def token(number: int) -> str:
    """What stands for the address of the person who was the `number`th to be erased. RFC 2606 section 2: no mail ever goes there."""
    return f"erased-{number}@invalid"


@dataclass(frozen=True)
class Needles:
    """What to look for in texts: an address in lower case, and names as they stand in From; either may be missing."""

    addr: str | None
    names: frozenset[str] = frozenset()

    @cached_property
    def _address(self) -> re.Pattern[str] | None:
        if self.addr is None:
            return None
        local, _, domain = self.addr.rpartition("@")
        name = re.escape(local)
        # joanna@… and anna@….org are other people's; behind a "+" or "-" it is another address as well, unless it is the VERP form.
        before = rf"(?:(?<![\w.+-])|(?<=[+-])(?={name}=))"
        return re.compile(rf"{before}{name}{_SEPARATORS}{re.escape(domain)}(?![\w-]|\.\w)", re.IGNORECASE)

    @cached_property
    def _name(self) -> re.Pattern[str] | None:
        if not self.names:
            return None
        longest_first = sorted(self.names, key=lambda name: (-len(name), name))
        spelled = (r"\s+".join(map(re.escape, name.split())) for name in longest_first)  # a line may end within a name
        return re.compile(rf"(?<!\w)(?:{'|'.join(spelled)})(?!\w)", re.IGNORECASE)

    def found_in(self, text: str) -> bool:
        """Whether the text names the person."""
        return any(pattern is not None and pattern.search(text) for pattern in (self._address, self._name))

    def replaced_in(self, value: Any, token: str) -> Any:
        """The same text, or JSON value, without the person."""
        if isinstance(value, dict):
            return {key: self.replaced_in(one, token) for key, one in value.items()}
        if isinstance(value, list):
            return [self.replaced_in(one, token) for one in value]
        if not isinstance(value, str):
            return value
        value = self._address.sub(token, value) if self._address else value
        return self._name.sub(ERASED, value) if self._name else value

    def hints(self) -> frozenset[str]:
        """Pieces of which one stands in every text that names the person, as text and as JSON spell it.

        A database compares them; its lower() may know ASCII only, so the usual spellings of other letters are among them.
        """
        local, _, domain = (self.addr or "").rpartition("@")
        pieces = {f"{local}{one}{domain}" for one in ("@", "=", "%40")} if self.addr else set()
        for name in self.names:
            word = max(name.split(), key=len)
            pieces |= {word, word.lower(), word.upper(), word.title()}
        return frozenset(pieces | {json.dumps(one)[1:-1] for one in pieces})


def full_names(names: Collection[str]) -> frozenset[str]:
    """Names of two words or more: they mean one person wherever they stand. "Anna" alone means many."""
    return frozenset(name for name in names if len(name.split()) > 1)
