"""The only place that builds real things and joins them: configuration in, duties out."""

import random
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from mailbot import config as configuration
from mailbot.config import Config
from mailbot.core.desk.causes.configured import CauseRule
from mailbot.core.desk.policy import Legal, Limits, Money, Offers, Policy
from mailbot.core.mail.threading import Signer
from mailbot.core.report.week import Schedule
from mailbot.desk import Desk, Mailbox
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


@dataclass(frozen=True, slots=True)
class App:
    """Everything that commands and the daemon work with."""

    config: Config
    desk: Desk

    def mailboxes(self) -> list[Mailbox]:
        """The mailboxes of the configuration. Raises ConfigError when a password cannot be read."""
        return [self.mailbox(one) for one in self.config.mailbox]

    def mailbox(self, settings: configuration.Mailbox) -> Mailbox:
        """One of them."""
        return Mailbox(settings.name, self._source(settings), settings.poll_seconds)

    def _source(self, box: configuration.Mailbox) -> "Imap | Maildir":
        from mailbot.edge.imap import Account, Imap  # a command that only looks needs no way to a server
        from mailbot.edge.maildir import Maildir

        if box.kind == "maildir":
            return Maildir(self.config.at(box.path or ""), box.done)
        key = f"mailbox.{self.config.mailbox.index(box) + 1}"
        password = configuration.read_secret(self.config, key, box) or ""
        return Imap(Account(box.host or "", box.port, box.security, box.username or "", password, box.folder, box.done))

    def transport(self) -> "Transport":
        """Where mail goes out. Raises ConfigError when the password cannot be read."""
        from mailbot.edge import maildir, smtp

        settings = self.config.smtp
        if settings.kind == "maildir":
            return smtp.MaildirTransport(self.config.at(settings.path or ""), maildir.deliver)
        password = configuration.read_secret(self.config, "smtp", settings)
        return smtp.Smtp(smtp.Account(settings.host or "", settings.port, settings.security, settings.username, password))

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
        return Daemon(self.desk, mailboxes, transport, self.schedule, random.random, Training(self.config.file))

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
    if folders and not folders[0].is_dir():
        raise ConfigError(f"{config.file}: desk.templates: {folders[0]} is no folder; make it or remove the key")
    shared = {"desk": {"name": policy.name, "address": policy.address}}
    desk = Desk(
        policy=policy,
        database=database_of(config),
        blobs=Blobs(config.at(config.storage.blobs)),
        renderer=Renderer([*folders, folder("templates")], policy.timezone, policy.money.currency, shared),
        clock=clock,
        nonce=lambda: secrets.token_hex(10),
    )
    return App(config, desk)


def database_of(config: Config) -> Database:
    """The database that the configuration names. Raises ConfigError."""
    url = config.database.url
    try:
        return Database(f"sqlite:///{config.at(url.removeprefix('sqlite:///'))}" if url.startswith("sqlite:///") else url)
    except ConfigError as error:
        raise ConfigError(f"{config.file}: {error}") from error


def policy_of(config: Config) -> Policy:
    """The configuration as decisions need it. Raises ConfigError when the secret cannot be read."""
    desk, money, rules = config.desk, config.money, config.policy
    secret = configuration.read_secret_file(config, "desk.secret_file", desk.secret_file)
    if len(secret) < 16:
        raise ConfigError(
            f"{config.file}: desk.secret_file: {config.at(desk.secret_file)} holds fewer than 16 characters; `mailbot init DIR` writes one"
        )
    return Policy(
        name=desk.name,
        address=desk.address,
        ours=frozenset((desk.address, *desk.also)),
        operators=desk.operators,
        language=desk.language,
        timezone=ZoneInfo(desk.timezone),
        hours=config.business_hours,
        signer=Signer(secret.encode(), desk.address, desk.plus_addressing),
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
