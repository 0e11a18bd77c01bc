"""Templates to text and HTML: sandboxed Jinja2, strict about names, with Babel's dates, amounts and plural forms."""

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from traceback import extract_tb
from typing import Any
from zoneinfo import ZoneInfo

import nh3
from babel import Locale
from babel.dates import format_date, format_datetime, format_interval
from babel.units import format_unit
from jinja2 import (
    Environment,
    FileSystemLoader,
    StrictUndefined,
    Template,
    TemplateError,
    TemplateNotFound,
    TemplateSyntaxError,
    meta,
    select_autoescape,
)
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup, escape

from mailbot.core.money.price import money_text
from mailbot.errors import ConfigError

_VERSION = re.compile(r"\{#-?\s*version:\s*([\w.]{1,20})")
LANGUAGES = ("ru", "en")
LETTERS = (
    "acknowledgement",
    "repeat",
    "reply",
    "forward",
    "summary",
    "client-summary",
    "notice",
    "confirmation",
    "coverage",
    "estimate",
    "proposal",
    "reminder",
    "answered",
    "returned",
    "promises",
    "alarm",
    "act",
    "act-letter",
)
_SAFE_TAGS = {
    "a",
    "b",
    "blockquote",
    "br",
    "code",
    "div",
    "em",
    "h1",
    "h2",
    "h3",
    "h4",
    "hr",
    "i",
    "li",
    "ol",
    "p",
    "pre",
    "s",
    "span",
    "strong",
    "sub",
    "sup",
    "table",
    "tbody",
    "td",
    "th",
    "thead",
    "tr",
    "u",
    "ul",
}


class Renderer:
    """Renders letters. `folders`: where templates are looked for, the first match wins; the last is the shipped one."""

    def __init__(self, folders: Sequence[Path], timezone: ZoneInfo, currency: str, shared: Mapping[str, Any]) -> None:
        self._environments = {language: _environment(folders, language, timezone, currency, shared) for language in LANGUAGES}
        self._shipped = {language: _environment(folders[-1:], language, timezone, currency, shared) for language in LANGUAGES}
        self._shipped_folder = folders[-1]
        self._subjects = {name for one in self._environments.values() for name in one.list_templates(extensions=("subject",))}

    def render(self, language: str, name: str, context: Mapping[str, Any], shipped: bool = False) -> tuple[str | None, str, str]:
        """(subject or None, text, HTML). A letter continues its ticket's subject unless there is a template for it.

        `shipped`: with the templates that mailbot came with, whatever the desk's own folder has.
        Raises ConfigError naming the template and line: a broken template is the operator's to mend.
        """
        environment = (self._shipped if shipped else self._environments)[language]
        try:
            own = f"{language}/{name}.subject"
            subject = environment.get_template(own).render(context).strip() if own in self._subjects else None
            text = environment.get_template(f"{language}/{name}.txt").render(context)
            html = environment.get_template(f"{language}/{name}.html").render(context)
        except Exception as error:
            raise ConfigError(describe(error, f"{language}/{name}")) from error
        return subject, text.strip("\n") + "\n", html

    @lru_cache(64)  # noqa: B019 -- a desk has one renderer, and templates do not change while it works
    def version(self, language: str, name: str) -> str:
        """Which words a template has, `1-5d3c9a2f`: what its `{# version: 1 #}` says, and a digest of it and all that it includes.

        Raises ConfigError when it cannot be read.
        """
        environment = self._environments[language]
        sources: dict[str, str] = {}
        waiting = [f"{language}/{name}.txt"]
        try:
            while waiting:
                one = waiting.pop()
                sources[one] = source = Path(environment.get_template(one).filename or "").read_text("utf-8")
                waiting += [other for other in meta.find_referenced_templates(environment.parse(source)) if other and other not in sources]
        except Exception as error:
            raise ConfigError(describe(error, f"{language}/{name}")) from error
        declared = _VERSION.search(sources[f"{language}/{name}.txt"])
        digest = sha256("\0".join(sources[one] for one in sorted(sources)).encode()).hexdigest()
        return f"{declared[1] if declared else 0}-{digest[:8]}"

    def problems(self) -> list[str]:
        """What is wrong with the templates, a line each: their syntax, and names that no letter knows; included ones as well."""
        known: set[str] | None = None
        found = []
        for language, environment in self._environments.items():
            there = environment.list_templates(extensions=("txt", "html", "subject"))
            needed = {f"{language}/{letter}.{ending}" for letter in LETTERS for ending in ("txt", "html")}
            for name in sorted(needed.union(name for name in there if name.startswith(f"{language}/"))):
                try:
                    template = environment.get_template(name)
                    if Path(template.filename or "").is_relative_to(self._shipped_folder):
                        continue
                    known = _names(self._shipped) if known is None else known
                    unknown = _names_in(environment, template) - known
                    found += [f"template {name}: knows no {one}; mend it, or remove it to use the shipped one" for one in sorted(unknown)]
                except TemplateError as error:
                    found.append(describe(error, name))
                except UnicodeDecodeError:
                    found.append(f"template {name}: is not UTF-8; save it as UTF-8")
        return found


def _names(environments: Mapping[str, Environment]) -> set[str]:
    """All that templates may speak of: the shipped ones name each of it."""
    return {
        name
        for environment in environments.values()
        for template in environment.list_templates(extensions=("txt", "html", "subject"))
        for name in _names_in(environment, environment.get_template(template))
    }


def _names_in(environment: Environment, template: Template) -> set[str]:
    source = Path(template.filename or "").read_text("utf-8")
    return meta.find_undeclared_variables(environment.parse(source)) - environment.globals.keys()


def describe(error: Exception, name: str) -> str:
    """One line: which template, which line, what is wrong."""
    where = f"{error.name or name}, line {error.lineno}" if isinstance(error, TemplateSyntaxError) else _place(error) or name
    what = f"there is no template {error.name}" if isinstance(error, TemplateNotFound) else str(error).split("\n")[0]
    return f"template {where}: {what}; mend it, or remove it to use the shipped one"


def _place(error: Exception) -> str | None:
    """The template and line where an error arose: Jinja2 puts them into the traceback."""
    frames = [one for one in extract_tb(error.__traceback__) if one.filename.endswith((".txt", ".html"))]
    return f"{'/'.join(Path(frames[-1].filename).parts[-2:])}, line {frames[-1].lineno}" if frames else None


def _environment(
    folders: Sequence[Path], language: str, timezone: ZoneInfo, currency: str, shared: Mapping[str, Any]
) -> ImmutableSandboxedEnvironment:
    environment = ImmutableSandboxedEnvironment(
        loader=FileSystemLoader(folders),
        undefined=StrictUndefined,
        autoescape=select_autoescape(enabled_extensions=("html",), default=False),
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        auto_reload=False,  # what runs is what `check` looked at
    )
    words = _Words(language, timezone, currency)
    environment.filters |= {
        # A desk writes the same moments and amounts to many.
        "when": lru_cache(256)(words.when),
        "on": lru_cache(256)(words.on),
        "by": lru_cache(256)(words.by),
        "days": words.days,
        "day": lru_cache(256)(words.day),
        "weekday": words.weekday,
        "month": words.month,
        "money": lru_cache(256)(words.money),
        "exact": words.exact,
        "minutes": lru_cache(256)(words.minutes),
        "plural": words.plural,
        "paragraphs": paragraphs,
        "sanitized": sanitized,
        "octets": words.octets,
    }
    environment.globals |= dict(shared)
    return environment


# Cases of the weekday that Babel does not know: "во вторник", "не позднее вторника".
_RU_ON = ("в понедельник", "во вторник", "в среду", "в четверг", "в пятницу", "в субботу", "в воскресенье")
_RU_BY = ("понедельника", "вторника", "среды", "четверга", "пятницы", "субботы", "воскресенья")


_DASH = re.compile(r"\s*[–—]\s*")


class _Words:
    """Values in the words of one language."""

    def __init__(self, language: str, timezone: ZoneInfo, currency: str) -> None:
        self.locale = Locale.parse({"en": "en_GB"}.get(language, language))
        self.timezone, self.currency = timezone, currency

    def when(self, moment: datetime) -> str:
        """Monday, 23 November, 18:00."""
        return format_datetime(moment, "EEEE, d MMMM, HH:mm", tzinfo=self.timezone, locale=self.locale)

    def on(self, moment: datetime) -> str:
        """on Monday, 23 November, at 18:00; в понедельник, 23 ноября, в 18:00."""
        local = moment.astimezone(self.timezone)
        day, clock = format_date(local, "d MMMM", locale=self.locale), f"{local:%H:%M}"
        if self.locale.language == "ru":
            return f"{_RU_ON[local.weekday()]}, {day}, в {clock}"
        return f"on {format_date(local, 'EEEE', locale=self.locale)}, {day}, at {clock}"

    def by(self, moment: datetime) -> str:
        """(by) Monday, 23 November, 18:00; (не позднее) понедельника, 23 ноября, 18:00."""
        if self.locale.language != "ru":
            return self.when(moment)
        return (
            f"{_RU_BY[moment.astimezone(self.timezone).weekday()]}, {format_datetime(moment, 'd MMMM, HH:mm', self.timezone, self.locale)}"
        )

    def days(self, first: date, last: date) -> str:
        """16–22 Nov 2026; 30 Nov – 6 Dec 2026."""
        # CLDR's dashes and spaces differ from release to release.
        begin, *end = _DASH.split(format_interval(first, last, "yMMMMd", locale=self.locale), 1)
        return ("–" if begin.isdecimal() else " – ").join((begin, *end))

    def weekday(self, day: date) -> str:
        """Mon."""
        return format_date(day, "EEE", locale=self.locale)

    def day(self, moment: date | datetime) -> str:
        """23 November 2026."""
        if isinstance(moment, datetime):
            moment = moment.astimezone(self.timezone).date()
        return format_date(moment, "long", locale=self.locale)

    def month(self, day: date | str) -> str:
        """October 2026, of a day in it or of 2026-10."""
        if isinstance(day, str):
            day = date.fromisoformat(f"{day}-01")
        return format_date(day, "LLLL y", locale=self.locale)

    def money(self, amount: Decimal | str, currency: str | None = None) -> str:
        """2,000 of a currency; of the desk's when none is given."""
        return money_text(Decimal(amount), currency or self.currency, self.locale.language)

    def exact(self, amount: Decimal, currency: str) -> str:
        """2,000.00 of a currency."""
        return money_text(amount, currency, self.locale.language, exact=True)

    def minutes(self, count: int) -> str:
        """3 hr 15 min; 45 min."""
        hours, minutes = divmod(count, 60)
        parts = [format_unit(hours, "duration-hour", length="short", locale=self.locale)] if hours else []
        if minutes or not hours:
            parts.append(format_unit(minutes, "duration-minute", length="short", locale=self.locale))
        return " ".join(parts)

    def plural(self, count: int, *forms: str) -> str:
        """`5|plural("ticket", "tickets")`, `5|plural("заявка", "заявки", "заявок")`: the forms in the order one, few, many."""
        order = {"one": 0, "few": 1, "many": 2, "other": len(forms) - 1}
        return forms[min(order[self.locale.plural_form(count)], len(forms) - 1)]

    def octets(self, count: int) -> str:
        """12 KB, 3.4 MB."""
        unit, size = ("digital-kilobyte", count / 1024) if count < 1024 * 1024 else ("digital-megabyte", count / 1024 / 1024)
        return format_unit(round(size, 1) if size < 10 else round(size), unit, length="short", locale=self.locale)


def paragraphs(text: str) -> Markup:
    """Plain text as HTML: blank lines part paragraphs, lines that begin with `•` become a list; everything is escaped."""
    blocks = []
    for block in str(text).strip().split("\n\n"):
        lines = [line for line in block.strip().split("\n") if line.strip()]
        bullets = [line for line in lines if line.lstrip().startswith("•")]
        intro = [line for line in lines if not line.lstrip().startswith("•")]
        if intro:
            blocks.append('<p style="margin:0 0 12px">' + "<br>".join(str(escape(line.strip())) for line in intro) + "</p>")
        if bullets:
            items = "".join(f'<li style="margin:0 0 6px">{escape(line.lstrip()[1:].strip())}</li>' for line in bullets)
            blocks.append(f'<ul style="margin:0 0 12px;padding-left:20px">{items}</ul>')
    return Markup("".join(blocks))  # nosec B704  # noqa: S704 -- every piece was escaped above


def sanitized(html: str) -> Markup:
    """A stranger's HTML without scripts, styles, forms and anything that is fetched from outside."""
    clean = nh3.clean(
        html,
        tags=_SAFE_TAGS,
        attributes={"a": {"href"}, "td": {"colspan", "rowspan"}, "th": {"colspan", "rowspan"}},
        url_schemes={"http", "https", "mailto"},
    )
    return Markup(clean)  # nosec B704  # noqa: S704 -- cleaned by nh3
