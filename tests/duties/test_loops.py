"""A week in which machines that answer everything are let loose on two desks and on each other (R10): each loop ends, and nobody is flooded."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

import pytest

from mailbot.app import App
from mailbot.core.desk.manners import AGAIN
from mailbot.edge import maildir
from mailbot.edge.db import clients
from mailbot.edge.db.clients import ClientRecord
from mailbot.offers import estimate
from tests.conftest import SECRET, Clock, Studio
from tests.duties.mails import mail, mail_with_file

MONDAY = datetime(2026, 11, 16, 9, 0, tzinfo=UTC)
WEEK = timedelta(days=7)
AT_MOST = 5  # mails to an address in the week, of which nobody asked for
DESK, OTHER, BOSS, CHIEF = "support@studio.example", "help@agency.example", "boss@studio.example", "chief@agency.example"
LIST = "news@lists.example"
AWAY = "I am away until the end of the month. In urgent cases please call my colleagues in the office."


@dataclass(frozen=True)
class Letter:
    """A mail on its way: the envelope's sender and recipient, and the message."""

    sender: str
    to: str
    message: EmailMessage


Machine = Callable[[Letter, int], Iterator[Letter]]  # what it makes of its n-th mail


def written(sender: str, to: str, subject: str, text: str, reverse_path: str | None = None, **fields: str) -> Letter:
    message = EmailMessage(policy=SMTP)
    message["From"], message["To"], message["Subject"] = sender, to, subject
    for name, value in fields.items():
        message[name.replace("_", "-")] = value
    message.set_content(text)
    return Letter(sender if reverse_path is None else reverse_path, to, message)


def responder(
    addr: str, to: str = "From", subject: str = "Away: {}", text: str = AWAY, thread: bool = False, rename: bool = False
) -> Machine:
    """Answers every mail and says nowhere that it is a machine. `rename`: it claims another Message-ID for what it answers."""

    def answers(letter: Letter, number: int) -> Iterator[Letter]:
        got = letter.message
        target = str(got[to] or got["From"])
        fields = {"Message_ID": f"<{number}.{abs(hash(addr))}@{addr.partition('@')[2]}>"}
        if thread:
            answered = f"<renamed-{number}@mx.example>" if rename else str(got["Message-ID"])
            fields |= {"In_Reply_To": answered, "References": answered}
        yield written(addr, target, subject.format(got["Subject"], number=number), text.format(number=number), **fields)

    return answers


def bouncer(addr: str, null: bool) -> Machine:
    """Returns every mail: with a null reverse-path from a mail system, or from an ordinary address in prose."""

    def bounces(letter: Letter, number: int) -> Iterator[Letter]:
        if not letter.sender:
            return  # RFC 5321 section 4.5.5
        text = (
            f"Your message to {letter.to} was not taken by our server, because the mailbox has been closed.\n\n{letter.message.get_body()}"
        )
        sender = f"mailer-daemon@{addr.partition('@')[2]}" if null else f"admin@{addr.partition('@')[2]}"
        subject = "Undelivered Mail Returned to Sender" if null else f"Mailbox closed: {letter.message['Subject']}"
        ids = f"<bounce-{number}.{abs(hash(addr))}@{addr.partition('@')[2]}>"
        yield written(sender, letter.sender, subject, text, "" if null else sender, Message_ID=ids)

    return bounces


def mailing_list(*members: str) -> Machine:
    """Sends each mail on to its members, itself among them."""

    def resends(letter: Letter, _number: int) -> Iterator[Letter]:
        if LIST in [str(one) for one in letter.message.get_all("X-Loop", [])]:
            return
        for member in members:
            again = EmailMessage(policy=SMTP)
            for name, body in letter.message.items():
                if not name.lower().startswith("content-"):
                    again[name] = body
            again["X-Loop"], again["List-Id"], again["List-Post"] = LIST, "News <news.lists.example>", f"<mailto:{LIST}>"
            again["Sender"] = f"owner-{LIST}"
            body = letter.message.get_body(("plain",))
            again.set_content(body.get_content() if body else "")
            yield Letter(f"owner-{LIST}", member, again)

    return resends


@dataclass
class World:
    """Desks and machines by address, and the mail that passes between them. `slow`: how long a machine takes to answer."""

    clock: Clock
    studios: dict[str, tuple[Studio, App]]
    machines: dict[str, Machine]
    slow: timedelta = timedelta(seconds=20)
    waiting: list[tuple[datetime, Letter]] = field(default_factory=list)
    got: Counter[str] = field(default_factory=Counter)
    last: datetime = MONDAY
    sent: int = 0
    most: int = 100

    def post(self, letter: Letter, after: timedelta = timedelta()) -> None:
        self.waiting.append((self.clock.now + after, letter))

    def work(self) -> None:
        """One turn: what is due arrives, desks do their duties, machines answer."""
        due = [letter for at, letter in self.waiting if at <= self.clock.now]
        self.waiting = [one for one in self.waiting if one[0] > self.clock.now]
        for letter in due:
            addr = str(letter.message.policy.header_factory("To", letter.to).addresses[0].addr_spec) if letter.to else ""
            desk = next((one for one in self.studios if _is_of(addr, one)), None)
            if desk:
                octets = f"Return-Path: <{letter.sender}>\r\n".encode() + letter.message.as_bytes()
                self.studios[desk][0].arrive(octets)
            elif machine := self.machines.get(addr) or self.machines.get(f"@{addr.partition('@')[2]}"):
                self.got[addr] += 1
                for answer in machine(letter, self.got[addr]):
                    self.post(answer, self.slow)
        for addr, (studio, app) in self.studios.items():
            studio.take_in(app)
            studio.deliver(app)
            for path in sorted(p for p in (studio.folder / "out").rglob("*") if p.is_file()):
                message = _read(path.read_bytes())
                path.unlink()
                self.sent += 1
                self.last = self.clock.now
                self.post(Letter(addr, str(message["To"]), message))

    def week(self) -> None:
        while self.clock.now < MONDAY + WEEK:
            self.work()
            assert self.sent < self.most, "the mail goes round and round"
            soon = [at for at, _ in self.waiting]
            self.clock.now = max(self.clock.now + timedelta(seconds=1), min([*soon, self.clock.now + timedelta(hours=6)]))


def _read(octets: bytes) -> EmailMessage:
    message = message_from_bytes(octets, policy=SMTP)
    assert isinstance(message, EmailMessage)
    return message


def _is_of(addr: str, desk: str) -> bool:
    local, _, domain = addr.partition("@")
    return f"{local.partition('+')[0]}@{domain}" == desk


def _desk(folder: Path, clock: Clock, address: str, operator: str) -> Studio:
    folder.mkdir()
    studio = Studio(folder, "sqlite:///mailbot.db", clock)
    (folder / "secret").write_text(f"{SECRET} {address}")
    maildir.create(folder / "in")
    studio.configure(
        desk={"name": "Desk", "address": address, "operators": [operator], "hours": "Mon-Fri 10:00-19:00"},
        mailbox=[{"name": "support", "kind": "maildir", "path": "in"}],
        smtp={"kind": "maildir", "path": "out"},
        database={"url": "sqlite:///mailbot.db"},
    )
    return studio


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    clock = Clock(MONDAY)
    studios = {}
    for name, address, operator in (("one", DESK, BOSS), ("two", OTHER, CHIEF)):
        studio = _desk(tmp_path / name, clock, address, operator)
        studios[address] = (studio, studio.open())
    made = World(clock, studios, {})
    yield made
    for studio, _ in studios.values():
        studio.close()


ANNA, OLGA = "anna@rose.example", "olga@rose.example"
AWAY_AT_WORK = "Thank you for your message, I am out and read no mail before the twentieth. Please ask my deputy."
REQUEST = "Please put the new price list of summer roses on the page before Friday."

# What answers at which addresses, and how long each takes.
VACATIONS: dict[str, dict[str, object]] = {
    "the same subject, to From": {"subject": "Away"},
    "a changing subject, to From": {"subject": "Away: {} ({number})"},
    "a changing subject without our tag": {"subject": "Away {number}"},
    "the same subject, to Reply-To": {"subject": "Away", "to": "Reply-To"},
    "the subject that it answers": {"subject": "Re: {}"},
    "in the thread, to From": {"subject": "Re: {}", "thread": True},
    "in the thread, to Reply-To": {"subject": "Re: {}", "thread": True, "to": "Reply-To"},
    "a text that counts": {"subject": "Away {number}", "text": f"{AWAY} This is note {{number}}.", "thread": True},
    "another Message-ID for what it answers": {"subject": "Away {number}", "thread": True, "rename": True},
}
DELAYS = {"at once": timedelta(seconds=20), "after a quarter of an hour": timedelta(minutes=15), "after nine hours": timedelta(hours=9)}


def check(world: World, requests: Counter[str]) -> None:
    """Each address had what people asked for (`requests`) and five mails more at most, the loop has ended, and every mail is accounted for."""
    flooded = {addr: count for addr, count in world.got.items() if count - requests[addr] > AT_MOST}
    assert flooded == {}
    assert world.got[LIST] == 0
    assert world.last < MONDAY + WEEK - timedelta(days=2)
    for studio, app in world.studios.values():
        assert {one["outcome"] for one in studio.journal(app)} <= {
            "ticket",
            "follow-up",
            "repeat",
            "duplicate",
            "machine",
            "bounce",
            "operator",
        }


@pytest.mark.parametrize("slow", DELAYS.values(), ids=DELAYS)
@pytest.mark.parametrize("how", VACATIONS.values(), ids=VACATIONS)
def test_a_clients_responder(world: World, how: dict[str, object], slow: timedelta) -> None:
    world.machines = {ANNA: responder(ANNA, **how), BOSS: silent}
    world.slow = slow
    world.post(written(ANNA, DESK, "Prices", REQUEST, Message_ID="<1@rose.example>"))
    world.week()
    assert world.got[ANNA] > 0
    check(world, Counter({ANNA: 1, BOSS: 1}))


def silent(_letter: Letter, _number: int) -> Iterator[Letter]:
    """Reads."""
    return iter(())


@pytest.mark.parametrize("slow", [DELAYS["at once"], DELAYS["after nine hours"]], ids=["at once", "after nine hours"])
@pytest.mark.parametrize("how", VACATIONS.values(), ids=VACATIONS)
@pytest.mark.parametrize(
    "client", [silent, responder(ANNA), responder(ANNA, to="Reply-To", thread=True)], ids=["a person", "another", "another in the thread"]
)
def test_an_operators_responder(world: World, client: Machine, how: dict[str, object], slow: timedelta) -> None:
    world.machines = {ANNA: client, BOSS: responder(BOSS, **(how | {"text": how.get("text", AWAY_AT_WORK)}))}
    world.slow = slow
    world.post(written(ANNA, DESK, "Prices", REQUEST, Message_ID="<1@rose.example>"))
    world.week()
    assert world.got[BOSS] > 0
    check(world, Counter({ANNA: 1, BOSS: 1}))


@pytest.mark.parametrize("null", [True, False], ids=["with a null reverse-path", "from an ordinary address in prose"])
@pytest.mark.parametrize("domain", ["rose.example", "studio.example"], ids=["the client's", "the operators'"])
def test_a_server_that_bounces_everything(world: World, domain: str, null: bool) -> None:
    world.machines = {ANNA: silent, BOSS: silent, f"@{domain}": bouncer(f"postmaster@{domain}", null)}
    world.machines = {addr: one for addr, one in world.machines.items() if one is not silent or not addr.endswith(domain)}
    world.post(written(ANNA, DESK, "Prices", REQUEST, Message_ID="<1@rose.example>"))
    world.week()
    assert sum(world.got.values()) > 0
    check(world, Counter({ANNA: 1, BOSS: 1}))


def test_a_mailing_list_with_the_desk_on_it(world: World) -> None:
    world.machines = {LIST: mailing_list(DESK, LIST, OTHER, ANNA), ANNA: silent, BOSS: silent, CHIEF: silent}
    world.post(written(ANNA, LIST, "Prices", REQUEST, Message_ID="<1@rose.example>"))
    world.week()
    assert world.got.pop(LIST) == 2  # Anna's mail, and the list's own copy
    check(world, Counter({ANNA: 1}))


@pytest.mark.parametrize("slow", DELAYS.values(), ids=DELAYS)
@pytest.mark.parametrize("to", [DESK, ANNA], ids=["as if from the other", "forwarded"])
def test_two_desks(world: World, to: str, slow: timedelta) -> None:
    """One desk's address is the client of the other: somebody writes in its name, or its mail is sent on."""
    world.machines = {ANNA: silent, BOSS: silent, CHIEF: silent}
    world.slow = slow
    world.post(written(OTHER, DESK, "Prices", REQUEST, Message_ID="<1@agency.example>"))
    world.post(written(DESK, OTHER, "Prices", REQUEST, Message_ID="<1@studio.example>"))
    world.week()
    check(world, Counter({BOSS: 1, CHIEF: 1}))


def test_everything_at_once(world: World) -> None:
    world.most = 600
    machines = {
        f"away{number}@rose.example": responder(f"away{number}@rose.example", **how) for number, how in enumerate(VACATIONS.values())
    }
    world.machines = {
        **machines,
        "@gone.example": bouncer("postmaster@gone.example", True),
        "@closed.example": bouncer("postmaster@closed.example", False),
        LIST: mailing_list(DESK, LIST),
        CHIEF: responder(CHIEF, text=AWAY_AT_WORK, to="Reply-To", thread=True),
        BOSS: silent,
    }
    writers = [*machines, "ann@gone.example", "bob@closed.example"]
    for number, writer in enumerate(writers):
        for desk in (DESK, OTHER):
            text = f"{REQUEST} It is number {number} of our catalogue."
            world.post(written(writer, desk, f"Request {number}", text, Message_ID=f"<{number}.{desk}>"))
    world.week()
    # Two desks write to each; operators read all of a person's mail, and the first three of a machine on each way that it takes.
    check(
        world, Counter(dict.fromkeys([*writers, "admin@closed.example"], 2 + AT_MOST) | {BOSS: len(writers) * 8, CHIEF: len(writers) * 8})
    )


def test_requests_that_are_told_apart_by_a_number_are_all_answered(any_studio: Studio) -> None:
    app = any_studio.open()
    any_studio.take_in(
        app, *(mail(number, text=f"Please add product {number} to the shop, its price is {number}0.") for number in range(1, 13))
    )
    assert len(any_studio.outbox(app, "acknowledgement")) == 12


def acknowledged(studio: Studio) -> tuple[App, str]:
    """A desk with a ticket, and the signed address where its acknowledgement wants answers."""
    app = studio.open()
    studio.take_in(app, mail(1))
    return app, str(studio.letter(app, studio.outbox(app, "acknowledgement")[0])["Reply-To"])


def test_answers_that_bring_another_file_each_are_all_shown_to_operators(any_studio: Studio) -> None:
    app, signed = acknowledged(any_studio)
    for number in range(2, 8):
        any_studio.take_in(
            app, mail_with_file(bytes([number]) * 100, number=number).replace(b"To: support@studio.example", f"To: {signed}".encode())
        )
    assert Counter(row["outcome"] for row in any_studio.journal(app)) == {"ticket": 1, "follow-up": 6}
    assert len(any_studio.outbox(app, "forward")) == 7
    for number in range(8, 14):  # the last one's file comes again and again
        any_studio.take_in(app, mail_with_file(b"\7" * 100, number=number).replace(b"To: support@studio.example", f"To: {signed}".encode()))
    assert len(any_studio.outbox(app, "forward")) == 9


def test_what_a_server_returns_tells_nothing_apart(any_studio: Studio) -> None:
    app, signed = acknowledged(any_studio)
    for number in range(2, 10):
        message = message_from_bytes(mail(number, text="This address is closed, I read no mail here.", To=signed), policy=SMTP)
        message.add_attachment(message_from_bytes(mail(f"inner-{number}"), policy=SMTP))
        any_studio.take_in(app, message.as_bytes())
    assert len(any_studio.outbox(app, "forward")) == 1 + AGAIN


def test_every_agreement_is_shown_to_operators(any_studio: Studio) -> None:
    app = any_studio.open()
    with app.desk.database.writing() as transaction:
        clients.save(transaction, ClientRecord("Rose Shop", ["rose.example"], [ANNA]), app.desk.clock())
    any_studio.take_in(app, mail(1))
    for number in range(1, 7):
        with app.desk.database.writing() as transaction:
            estimate(transaction, app.desk, 1, 60 * number, "", BOSS, any_studio.clock())
        letter = any_studio.letter(app, any_studio.outbox(app)[-1])
        any_studio.take_in(
            app, mail(f"yes-{number}", text="We agree to the estimate.", To=str(letter["Reply-To"]), In_Reply_To=str(letter["Message-ID"]))
        )
        assert (
            f"agreed: estimate of ticket 1, version {app.desk.renderer.version('en', 'estimate')}" in any_studio.journal(app)[-1]["because"]
        )
    assert len(any_studio.outbox(app, "forward")) == 7


def test_files_that_an_operator_sends_with_the_same_words_all_reach_the_client(any_studio: Studio) -> None:
    app = any_studio.open()
    any_studio.take_in(app, mail(1))
    signed = str(any_studio.letter(app, any_studio.outbox(app, "forward")[0])["Reply-To"])
    for number in range(2, 8):
        octets = mail_with_file(bytes([number]) * 100, number=number, sender=BOSS)
        any_studio.take_in(app, octets.replace(b"To: support@studio.example", f"To: {signed}".encode()))
    assert len(any_studio.outbox(app, "reply")) == 6
