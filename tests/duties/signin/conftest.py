"""A token server, and a Dovecot that asks it, for the tests of signing in."""

from collections.abc import Iterator

import pytest

from tests.servers import Dovecot, dovecot_server
from tests.tokens import TokenServer, token_server


@pytest.fixture(scope="package")
def world() -> Iterator[tuple[TokenServer, Dovecot]]:
    """A token server, and a Dovecot that asks it."""
    with token_server() as tokens, dovecot_server(tokens.port) as dovecot:
        yield tokens, dovecot


@pytest.fixture
def tokens(world: tuple[TokenServer, Dovecot]) -> TokenServer:
    """The token server, as new."""
    server = world[0]
    fresh = TokenServer(port=server.port, count=server.count)
    for name in vars(fresh).keys() - {"_lock"}:
        setattr(server, name, getattr(fresh, name))
    return server


@pytest.fixture
def dovecot(world: tuple[TokenServer, Dovecot], tokens: TokenServer) -> Dovecot:
    """The IMAP server that takes its tokens."""
    return world[1]
