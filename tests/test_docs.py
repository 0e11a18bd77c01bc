"""Docs that cannot lie: the sample configuration, the README's commands, and the help."""

import re
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
import typer

from mailbot.cli.main import app
from mailbot.config import Config, OAuth2, Section, grants, load
from mailbot.config.sections import CauseRule

ROOT = Path(__file__).parent.parent
SAMPLE = (ROOT / "config" / "mailbot.toml").read_text("utf-8")
README = (ROOT / "README.md").read_text("utf-8")
EXAMPLES = {
    ("desk", "also"),
    ("desk", "templates"),
    ("desk", "trusted_authserv"),
    ("causes", "rule"),
    ("policy", "urgent"),
}  # a default of nothing shows nobody how to write it
OTHER_WAYS = {"path", "password", "password_env", "password_command", "oauth2"}  # instead of a key that stands there
OTHER_WAYS |= {"endpoint_url", "region", "access_key", "secret_key", "secret_key_file", "secret_key_env", "secret_key_command"}  # with S3


def uncommented() -> str:
    return re.sub(r"^# (?=[a-z_]+ = |\[[a-z_.]+\])", "", SAMPLE, flags=re.MULTILINE)


def models() -> Iterator[tuple[str, type[Section]]]:
    """Each section of the configuration with its model."""
    for name, field in Config.model_fields.items():
        kinds = [field.annotation, *get_args(field.annotation)]
        for model in kinds:
            if isinstance(model, type) and issubclass(model, Section):
                yield name, model


KEYS = [(section, key) for section, model in models() for key in model.model_fields]


class TestTheSampleConfiguration:
    def test_the_sections_are_those_of_the_program(self) -> None:
        assert {section for section, _ in KEYS} == set(tomllib.loads(uncommented())) == set(Config.model_fields) - {"file", "folder"}

    @pytest.mark.parametrize(("section", "key"), KEYS, ids=lambda one: one)
    def test_a_key_stands_in_its_section_with_a_comment(self, section: str, key: str) -> None:
        block = re.search(rf"^\[+{section}\]+.*?(?=^\[|\Z)", uncommented().replace("[money.markup]", "markup ="), re.MULTILINE | re.DOTALL)
        assert block is not None
        wanted = rf"\b{key}\b" if key in OTHER_WAYS else rf"^{key} ="
        assert re.search(wanted, block[0], re.MULTILINE)

    @pytest.mark.parametrize(("section", "key"), [one for one in KEYS if one not in EXAMPLES], ids=lambda one: one)
    def test_what_is_commented_out_is_the_default(self, tmp_path: Path, section: str, key: str) -> None:
        for name, text in (("shipped", SAMPLE), ("uncommented", uncommented())):
            (tmp_path / name).write_text(text, "utf-8")
        shipped, written = (values(load(tmp_path / name), section) for name in ("shipped", "uncommented"))
        assert written[key] == shipped[key]

    @pytest.mark.parametrize(("section", "key"), sorted(EXAMPLES), ids=lambda one: one)
    def test_an_example_says_that_it_is_one(self, section: str, key: str) -> None:
        assert re.search(rf"^# {key} = .* # an example: ", SAMPLE, re.MULTILINE)

    @pytest.mark.parametrize("key", OAuth2.model_fields)
    def test_the_table_of_a_sign_in_names_each_key(self, key: str) -> None:
        lines = re.findall(r"^#   (.*)$", SAMPLE.partition("[smtp]")[0], re.MULTILINE)
        assert set(tomllib.loads("\n".join(lines))["mailbox"]["oauth2"]) <= set(OAuth2.model_fields)
        assert re.search(rf"\b{key}\b", "\n".join(lines))

    @pytest.mark.parametrize("key", CauseRule.model_fields)
    def test_the_example_of_a_rule_has_every_key_and_a_word_on_it(self, key: str) -> None:
        (example,) = tomllib.loads(uncommented())["causes"]["rule"]
        assert key in example
        assert key == "cause" or re.search(rf"^# .*\b{key}: ", SAMPLE, re.MULTILINE)

    def test_a_key_has_a_comment_unless_its_name_says_all(self) -> None:
        plain = {"host", "port", "username", "folder", "poll_seconds", "day", "at", "standard"}
        plain |= {"per_address_per_hour", "per_ticket_per_day", "total_per_hour"}  # their section says it
        lines = re.findall(r"^(?:# )?([a-z_]+) = ([^#\n]*)(#.*)?$", SAMPLE, re.MULTILINE)
        assert len(lines) > 40
        assert {key for key, _, comment in lines if not comment} == plain


def values(config: Config, section: str) -> dict[str, Any]:
    found = getattr(config, section)
    return dict((found[0] if isinstance(found, tuple) else found).model_dump())


def commands() -> Iterator[tuple[str, Any]]:
    """Every command with its full name, groups taken apart."""
    for name, command in typer.main.get_command(app).commands.items():  # type: ignore[attr-defined]
        for inner, leaf in getattr(command, "commands", {}).items():
            yield f"{name} {inner}", leaf
        if not hasattr(command, "commands"):
            yield name, command


COMMANDS = dict(commands())


class TestTheCommands:
    @pytest.mark.parametrize("name", COMMANDS)
    def test_a_command_and_each_of_its_options_has_help(self, name: str) -> None:
        command = COMMANDS[name]
        assert command.help
        assert command.help.strip().endswith((".", ";"))
        for parameter in command.params:
            if parameter.name != "help":
                assert getattr(parameter, "help", None), f"{name} {parameter.name}"

    @pytest.mark.parametrize("name", COMMANDS)
    def test_a_command_stands_in_the_table_of_the_readme(self, name: str) -> None:
        table = README.partition("## Commands")[2].partition("\n## ")[0]
        assert re.search(rf"`{name}( [^`]*)?`", table)

    def test_the_table_names_no_command_that_does_not_exist(self) -> None:
        table = README.partition("| command | does |")[2].partition("\n## ")[0]
        cells = [line.split(" | ")[0] for line in table.splitlines() if line.startswith("| `")]
        named = [spell(shlex.split(one.replace("|", ""))) for cell in cells for one in re.findall(r"`([^`]+)`", cell.replace(r"\|", ""))]
        assert len(named) >= len(COMMANDS)
        assert set(named) == set(COMMANDS)


def spell(words: list[str]) -> str:
    """The command that a line calls: one word or two."""
    return " ".join(words[:2]) if " ".join(words[:2]) in COMMANDS else words[0]


def shell_lines() -> list[str]:
    """The lines of the README's sh blocks, without comments."""
    blocks = re.findall(r"```sh\n(.*?)```", README, re.DOTALL)
    return [line.split(" # ")[0].strip() for block in blocks for line in block.splitlines() if line.strip()]


MAILBOT = re.compile(r"^(?:\S*/)?mailbot (?:--config \S+ )?(.*)$")


class TestTheReadme:
    @pytest.mark.parametrize("line", [line for line in shell_lines() if MAILBOT.match(line)])
    def test_a_line_that_calls_mailbot_names_a_command_with_options_that_it_has(self, line: str) -> None:
        match = MAILBOT.match(line)
        assert match is not None
        words = shlex.split(match[1])
        command = COMMANDS[spell(words)]
        options = {name for parameter in command.params for name in parameter.opts}
        assert {word for word in words if word.startswith("--")} <= options

    def test_the_two_commands_to_set_up_are_targets_of_the_makefile(self) -> None:
        made = [line.split()[1] for line in shell_lines() if line.startswith("make ")]
        targets = re.findall(r"^(\w+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
        assert made == ["demo", "test"]
        assert set(made) <= set(targets)

    def test_the_commands_to_look_around_work_after_the_demonstration(self, tmp_path: Path) -> None:
        lines = [line for line in shell_lines() if line.startswith(".venv/bin/mailbot --config demo/mailbot.toml ")]
        assert len(lines) == 5
        for line in ("mailbot demo", *lines):
            words = shlex.split(line)[1:]
            ran = subprocess.run(
                [sys.executable, "-m", "mailbot", *words], capture_output=True, text=True, timeout=120, check=False, cwd=tmp_path
            )
            assert ran.returncode == 0, ran.stderr
            assert ran.stdout.strip()

    def test_the_files_that_it_links_and_copies_exist(self) -> None:
        linked = [one for one in re.findall(r"\]\(([^)]+)\)", README) if "://" not in one]
        copied = [line.split()[1] for line in shell_lines() if line.startswith("cp ")]
        assert len(linked) >= 4
        assert copied == ["systemd/mailbot.service"]
        for one in (*linked, *copied):
            assert (ROOT / one).is_file(), one

    def test_its_toml_blocks_are_toml_that_the_configuration_knows(self) -> None:
        blocks = [tomllib.loads(block) for block in re.findall(r"```toml\n(.*?)```", README, re.DOTALL)]
        assert blocks
        tables = [
            (section, one)
            for block in blocks
            for section, table in block.items()
            for one in (table if isinstance(table, list) else [table])
        ]
        assert {(section, key) for section, table in tables for key in table} <= set(KEYS)

    def test_its_sign_ins_are_whole_and_one_grant_serves_both_servers(self, tmp_path: Path) -> None:
        blocks = [block for block in re.findall(r"```toml\n(.*?)```", README, re.DOTALL) if "oauth2" in block]
        assert len(blocks) == 2
        desk = SAMPLE.partition("[[mailbox]]")[0]
        for block in blocks:
            (tmp_path / "mailbot.toml").write_text(desk + block.replace('tenant = "…"', 'tenant = "studio.example"'), "utf-8")
            assert [one.name for one in grants(load(tmp_path / "mailbot.toml")).values()] == ["support"]

    def test_every_url_of_a_database_in_it_is_allowed(self, tmp_path: Path) -> None:
        urls = re.findall(r'url = "([^"]+)"', README)
        assert len(urls) == 2
        for url in urls:
            (tmp_path / "mailbot.toml").write_text(SAMPLE.replace("[database]\n", f'[database]\nurl = "{url}"\n'), "utf-8")
            assert load(tmp_path / "mailbot.toml").database.url == url

    def test_every_section_of_the_configuration_is_named(self) -> None:
        table = README.partition("## Configuration")[2].partition("\n## ")[0]
        for section in {section for section, _ in KEYS}:
            assert f"[{section}]" in table


class TestTheChangelog:
    text = (ROOT / "CHANGELOG.md").read_text("utf-8")

    def test_it_keeps_the_form_of_keep_a_changelog(self) -> None:
        headings = re.findall(r"^## (.*)$", self.text, re.MULTILINE)
        assert headings[0] == "[Unreleased]"
        assert all(re.fullmatch(r"\[\d+\.\d+\.\d+\](?: - \d{4}-\d\d-\d\d)?", one) for one in headings[1:])
        assert set(re.findall(r"^### (.*)$", self.text, re.MULTILINE)) <= {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}

    def test_it_has_this_version(self) -> None:
        from mailbot import __version__

        assert f"## [{__version__}]" in self.text
