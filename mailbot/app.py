"""The only place that builds real things and joins them: configuration in, duties out."""

import random
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from mailbot import config as configuration
from mailbot.config import Config
from mailbot.core.desk.causes.configured import CauseRule
from mailbot.core.desk.policy import Legal, Limits, Money, Offers, Policy
from mailbot.core.mail.threading import Signer
from mailbot.core.oauth.providers import Provider, google, microsoft
from mailbot.core.report.week import Schedule
from mailbot.desk import BlobStore, Desk, Mailbox
from mailbot.edge.blobs import Blobs
from mailbot.edge.db.database import Database
from mailbot.edge.db.settings import installed_at, remember_installation
from mailbot.edge.render import Renderer
from mailbot.errors import ConfigError
from mailbot.resources import folder

if TYPE_CHECKING:
    from mailbot.daemon import Daemon
    from mailbot.deliver import Transport
    from mailbot.edge.imap import Imap
    from mailbot.edge.maildir import Maildir
    from mailbot.signin import SignIn


@dataclass(frozen=True, slots=True)
class App:
    """Everything that commands and the daemon work with."""

    config: Config
    desk: Desk
    _sign_ins: dict[Path, "SignIn"] = field(default_factory=dict)

    def mailboxes(self) -> list[Mailbox]:
        """The mailboxes of the configuration. Raises ConfigError when a password cannot be read."""
        return [self.mailbox(one) for one in self.config.mailbox]

    def mailbox(self, settings: configuration.Mailbox) -> Mailbox:
        """One of them."""
        return Mailbox(settings.name, self._source(settings), settings.poll_seconds)

    def _source(self, box: configuration.Mailbox) -> "Imap | Maildir":
        from mailbot.edge.imap import Imap  # a command that only looks needs no way to a server
        from mailbot.edge.imap.login import Account
        from mailbot.edge.maildir import Maildir

        if box.kind == "maildir":
            return Maildir(self.config.at(box.path or ""), box.done)
        key = f"mailbox.{self.config.mailbox.index(box) + 1}"
        password = configuration.read_secret(self.config, key, box) or ""
        tokens = self._sign_in(box)
        return Imap(Account(box.host or "", box.port, box.security, box.username or "", password, box.folder, box.done, box.idle, tokens))

    def transport(self) -> "Transport":
        """Where mail goes out. Raises ConfigError when the password cannot be read."""
        from mailbot.edge import maildir, smtp

        settings = self.config.smtp
        if settings.kind == "maildir":
            return smtp.MaildirTransport(self.config.at(settings.path or ""), maildir.deliver)
        password = configuration.read_secret(self.config, "smtp", settings)
        return smtp.Smtp(
            smtp.Account(settings.host or "", settings.port, settings.security, settings.username, password, self._sign_in(settings))
        )

    def _sign_in(self, server: configuration.Mailbox | configuration.Smtp) -> "SignIn | None":
        """What gives the tokens for a server. Raises ConfigError when the client's secret cannot be read."""
        return self.sign_in(configuration.token_file(self.config, server)) if server.oauth2 is not None else None

    def sign_in(self, file: Path) -> "SignIn":
        """The sign-in whose grant is kept in a file: one object each, since it may hold what the disk did not take. Raises ConfigError."""
        from mailbot.edge.oauth import Client  # only for those who need it: it loads requests
        from mailbot.edge.tokens import TokenFile
        from mailbot.signin import SignIn

        if file not in self._sign_ins:
            table = configuration.grants(self.config)[file]
            secret = configuration.read_secret(self.config, table.key, table.oauth2)
            client = Client(table.name, f"[{table.key}]", _provider(table.oauth2), table.oauth2.client_id, secret)
            self._sign_ins[file] = SignIn(client, TokenFile(table.name, file), self.desk.clock)
        return self._sign_ins[file]

    def sign_ins(self) -> "list[SignIn]":
        """All of the configuration. Raises ConfigError when a secret cannot be read."""
        return [self.sign_in(file) for file in configuration.grants(self.config)]

    def daemon(self) -> "Daemon":
        """The process that does the duties. Raises ConfigError, a line for each password that cannot be read and each broken template."""
        # A command that only looks needs neither: reading mail takes half a second to load.
        from mailbot.daemon import Daemon
        from mailbot.learn import Training

        wrong = [f"{self.config.file}: desk.templates: {problem}" for problem in self.desk.renderer.problems()]
        mailboxes: list[Mailbox] = []
        for settings in self.config.mailbox:
            try:
                mailboxes.append(self.mailbox(settings))
            except ConfigError as error:
                wrong.append(str(error))
        try:
            transport = self.transport()
        except ConfigError as error:
            wrong.append(str(error))
        if wrong:
            raise ConfigError("\n".join(wrong))
        return Daemon(self.desk, mailboxes, transport, self.schedule, random.random, Training(self.config.file), self.sign_ins())

    def publish(self, daemon: "Daemon") -> None:
        """Let a daemon's metrics be read as the configuration says. Raises ConfigError when the port cannot be had."""
        settings = self.config.metrics
        if not settings.listen and not settings.textfile:
            return
        from mailbot import metrics

        try:
            from mailbot.edge import metrics as published
        except ModuleNotFoundError as error:
            raise ConfigError(f"{self.config.file}: metrics: {error.name} is not installed; install mailbot[metrics]") from error
        take = partial(metrics.take, self.desk, daemon.looked, daemon.failures)
        if settings.listen:
            host, _, port = settings.listen.rpartition(":")
            try:
                published.serve(host.strip("[]"), int(port), take)
            except ConfigError as error:
                raise ConfigError(f"{self.config.file}: {error}") from error
        if settings.textfile:
            daemon.minutely.append(("metrics", partial(published.write, self.config.at(settings.textfile), take)))

    @property
    def schedule(self) -> Schedule:
        """When the weekly summary is owed, and to whom."""
        settings = self.config.summary
        hour, minute = settings.at.split(":")
        return Schedule(
            settings.weekday,
            int(hour) * 60 + int(minute),
            self.desk.policy.timezone,
            settings.recipients or self.config.desk.operators,
            settings.clients,
        )


def open_app(path: Path | None, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> App:
    """Read the configuration and join the parts; nothing is connected or written. Raises ConfigError."""
    found = configuration.find(path)
    return build(configuration.load(found), clock)


def build(config: Config, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> App:
    """The parts of a checked configuration. Raises ConfigError."""
    policy = policy_of(config)
    folders = [config.at(config.desk.templates)] if config.desk.templates else []
    if folders and not _is_folder(folders[0]):
        raise ConfigError(f"{config.file}: desk.templates: {folders[0]} is no folder; make it or remove the key")
    shared = {"desk": {"name": policy.name, "address": policy.address}}
    configuration.grants(config)  # raises when two contradict each other
    desk = Desk(
        policy=policy,
        database=database_of(config),
        blobs=blobs_of(config),
        renderer=Renderer([*folders, folder("templates")], policy.timezone, policy.money.currency, shared),
        clock=clock,
        nonce=lambda: secrets.token_hex(10),
    )
    return App(config, desk)


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:  # a name that is too long, a folder above it that may not be read
        return False


def _provider(table: configuration.OAuth2) -> Provider:
    if table.provider == "google":
        return google()
    if table.provider == "microsoft":
        return microsoft(table.tenant or "")
    return Provider(table.token_url or "", table.scope or "", table.device_url, table.authorize_url)


def blobs_of(config: Config) -> BlobStore:
    """The store of large messages that the configuration names. Raises ConfigError."""
    storage = config.storage
    if not storage.blobs.startswith("s3://"):
        return Blobs(config.at(storage.blobs))
    from mailbot.edge.s3 import Place, S3Blobs

    if find_spec("boto3") is None:
        raise ConfigError(f"{config.file}: storage.blobs: S3 needs boto3; pip install 'mailbot[s3]'")
    bucket, _, prefix = storage.blobs.removeprefix("s3://").partition("/")
    secret = configuration.read_secret(config, "storage", storage)
    prefix = f"{prefix.strip('/')}/" if prefix.strip("/") else ""
    return S3Blobs(Place(bucket, prefix, storage.endpoint_url, storage.region, storage.access_key, secret))


def database_of(config: Config) -> Database:
    """The database that the configuration names. Raises ConfigError."""
    url = config.database.url
    try:
        return Database(f"sqlite:///{config.at(url.removeprefix('sqlite:///'))}" if url.startswith("sqlite:///") else url)
    except ConfigError as error:
        raise ConfigError(f"{config.file}: {error}") from error


def _signing_secrets(config: Config) -> list[bytes]:
    """The lines of [desk] secret_file: the first signs, the others have signed before."""
    content = configuration.read_secret_file(config, "desk.secret_file", config.desk.secret_file)
    lines = [line.strip() for line in content.splitlines() if line.strip()]
    if any(len(line) < 16 for line in lines):
        which = "holds" if len(lines) == 1 else "has a line of"
        raise ConfigError(
            f"{config.file}: desk.secret_file: {config.at(config.desk.secret_file)} {which} fewer than 16 characters; "
            "`mailbot init DIR` writes one"
        )
    return [line.encode() for line in lines]


def policy_of(config: Config) -> Policy:
    """The configuration as decisions need it. Raises ConfigError when the secret cannot be read."""
    desk, money, rules = config.desk, config.money, config.policy
    secret, *former = _signing_secrets(config)
    return Policy(
        name=desk.name,
        address=desk.address,
        ours=frozenset((desk.address, *desk.also)),
        operators=desk.operators,
        language=desk.language,
        timezone=ZoneInfo(desk.timezone),
        hours=config.business_hours,
        signer=Signer(secret, desk.address, desk.plus_addressing, tuple(former)),
        money=Money(money.currency, money.hourly_rate, money.step, money.increment_minutes, money.months, money.markup, money.rounds),
        limits=Limits(config.automatic.per_address_per_hour, config.automatic.per_ticket_per_day, config.automatic.total_per_hour),
        warranty_days=rules.warranty_days,
        reopen_days=rules.reopen_days,
        estimate_above_minutes=rules.estimate_above_minutes,
        verdict_minutes_urgent=rules.verdict_minutes.urgent,
        verdict_minutes_normal=rules.verdict_minutes.normal,
        remind_before_minutes=rules.remind_before_minutes,
        repeat_window_days=config.repeats.window_days,
        suggest_repeats=config.repeats.suggest,
        causes=config.causes.tree,
        cause_rules=tuple(CauseRule(one.cause, one.words, one.senders, one.language) for one in config.causes.rule),
        urgent_rules=tuple(CauseRule("urgent", one.words, one.senders, one.language) for one in rules.urgent),
        trusted_authserv=desk.trusted_authserv.lower() if desk.trusted_authserv else None,
        studio=Legal(**config.studio.model_dump() | {"name": config.studio.name or desk.name}),
        keep_octets_days=config.storage.keep_octets_days,
        offers=Offers(config.offers.remind_after_days, config.offers.reminders),
    )


def prepare(app: App, migrate: bool = True) -> None:
    """Make the database ready for work: an SQLite file is migrated, another schema is refused. Raises ConfigError."""
    database = app.desk.database
    if database.is_sqlite and migrate:
        Path(database.url.database or "").parent.mkdir(parents=True, exist_ok=True)
        if database.needs_upgrade():
            from mailbot.edge.db.upgrade import upgrade

            upgrade(database)
    database.check_schema()
    with database.reading() as transaction:
        known = installed_at(transaction)
    if known is None:
        with database.writing() as transaction:
            remember_installation(transaction, app.desk.clock())
