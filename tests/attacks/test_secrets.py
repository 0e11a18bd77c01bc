"""No secret is ever told: real commands as processes, each secret wrong or of no use, and all that they say is searched for it."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy.exc import IntegrityError

from mailbot.app import open_app
from mailbot.edge.db.outbox import Finished, queue
from tests import servers
from tests.command import command
from tests.conftest import Studio
from tests.duties.mails import mail

IN_FILE, IN_ENV, BY_COMMAND, CREDENTIAL, PLAIN, SIGNS = (
    f"Zq7-{name}-hush-{name}-9xK" for name in ("file", "env", "cmd", "cred", "toml", "sign")
)
ALL = (IN_FILE, IN_ENV, BY_COMMAND, CREDENTIAL, PLAIN, SIGNS)
COMMANDS = (("check",), ("run", "--once"), ("audit",), ("tickets",))


def place(studio: Studio) -> dict[str, str]:
    """Write each secret where it is kept; returns the environment."""
    (studio.folder / "credentials").mkdir()
    (studio.folder / "credentials" / "smtp-password").write_text(CREDENTIAL)
    (studio.folder / "imap-password").write_text(IN_FILE)
    (studio.folder / "hush").write_text(BY_COMMAND)
    (studio.folder / "secret").write_text(SIGNS)
    return {"CREDENTIALS_DIRECTORY": str(studio.folder / "credentials"), "MAILBOT_IMAP": IN_ENV}


KEPT: dict[str, dict[str, str]] = {
    "a file": {"password_file": "imap-password"},
    "the environment": {"password_env": "MAILBOT_IMAP"},
    "a command": {"password_command": "cat hush"},
    "a command that fails and prints it": {"password_command": "cat hush; cat hush >&2; false"},
    "a credential": {"password_file": "smtp-password"},
    "the configuration": {"password": PLAIN},
}


def told(studio: Studio, environment: dict[str, str]) -> str:
    said = "".join(_says(studio, environment, *words) for words in COMMANDS)
    assert "WRONG" in said or "mailbot: " in said, "nothing went wrong, so nothing was tried"
    return said


def _says(studio: Studio, environment: dict[str, str], *words: str) -> str:
    run = command("--config", str(studio.path), *words, cwd=studio.folder, **environment)
    return f"{run.args}{(run.stdout + run.stderr).decode()}"


@pytest.mark.parametrize("kept", KEPT.values(), ids=KEPT)
def test_a_login_that_is_refused_tells_no_password(
    studio: Studio, dovecot: servers.Dovecot, smtp_server: servers.SmtpServer, kept: dict[str, str]
) -> None:
    environment = place(studio)
    login = {"port": dovecot.port, "host": "127.0.0.1", "security": "none", "username": "nobody"}
    studio.configure(
        mailbox=[{"name": "support", **login, **kept}],
        smtp={"host": "127.0.0.1", "port": smtp_server.port, "security": "none", "username": "nobody", **kept},
    )
    said = told(studio, environment)
    assert [secret for secret in ALL if secret in said] == []


@pytest.mark.parametrize(
    "end", ["@127.0.0.1:9/mailbot", "@127.0.0.1:port/mailbot", "@[::1/mailbot", "@127.0.0.1:9/mailbot?connect_timeout=no"]
)
@pytest.mark.parametrize("way", ["user:{}", "user:{}%21"])
def test_a_database_that_cannot_be_reached_tells_no_password(studio: Studio, way: str, end: str) -> None:
    studio.configure(database={"url": f"postgresql+psycopg://{way.format(PLAIN)}{end}"})
    said = told(studio, place(studio))
    assert [secret for secret in ALL if secret in said] == []


def test_a_password_in_the_query_of_the_database_is_not_told(studio: Studio) -> None:
    studio.configure(database={"url": f"postgresql+psycopg://127.0.0.1:9/mailbot?user=a&password={PLAIN}"})
    assert PLAIN not in told(studio, place(studio))


@pytest.mark.parametrize(
    "mistake", ["{{ ticket.nothing }}", "{{ self }}{{ 1/0 }}", "{% include 'none' %}", "{{ desk|pprint }}{{ nothing }}", "{% if %}"]
)
def test_a_broken_template_tells_no_secret(studio: Studio, mistake: str) -> None:
    environment = place(studio)
    (studio.folder / "own" / "en").mkdir(parents=True)
    (studio.folder / "own" / "en" / "acknowledgement.txt").write_text(mistake)
    studio.configure(desk={"templates": "own"}, smtp={"kind": "maildir", "path": "out"})
    studio.arrive(mail(1))
    said = "".join(_says(studio, environment, *words) for words in COMMANDS)
    assert "template" in said
    assert [secret for secret in ALL if secret in said] == []


def test_a_template_reaches_nothing_but_what_a_letter_is_about(studio: Studio) -> None:
    place(studio)
    app = open_app(studio.path)
    studio.opened.append(app)
    environment = app.desk.renderer._environments["en"]
    assert SIGNS not in str(environment.globals)
    reach: list[Callable[[], str]] = [
        lambda: environment.from_string("{{ desk.__init__.__globals__ }}").render(),
        lambda: environment.from_string("{{ ''.__class__.__mro__[1].__subclasses__() }}").render(),
        lambda: environment.from_string("{{ cycler.__init__.__globals__.os.environ }}").render(),
    ]
    for one in reach:
        with pytest.raises(Exception, match=r"unsafe|undefined|no attribute"):
            one()


def test_no_secret_stands_in_the_arguments_of_a_process(studio: Studio) -> None:
    environment = place(studio)
    studio.configure(smtp={"kind": "maildir", "path": "out"})
    process = studio.start("run", **environment)
    arguments = Path(f"/proc/{process.pid}/cmdline").read_bytes().decode()
    assert os.getpid() != process.pid
    assert [secret for secret in ALL if secret in arguments] == []


def test_an_error_of_the_database_tells_nothing_of_a_mail(any_studio: Studio) -> None:
    app = any_studio.open()
    with pytest.raises(IntegrityError) as told, app.desk.database.writing() as transaction:
        queue(transaction, Finished("notice", False, None, "anna@rose.example", "zephyr", "1@studio.example", b""), any_studio.clock())
        queue(transaction, Finished("notice", False, None, "anna@rose.example", "zephyr", "1@studio.example", b""), any_studio.clock())
    assert "zephyr" not in str(told.value)
    assert "rose.example" not in str(told.value)
