"""The servers of the tests: left out where they are missing, unless they are required."""

import pytest

from tests.servers import missing


def test_without_a_server_the_test_is_left_out_with_the_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MAILBOT_TEST_SERVERS_REQUIRED", raising=False)
    with pytest.raises(pytest.skip.Exception, match="Dovecot is not installed"):
        missing("Dovecot")


def test_where_servers_are_required_a_missing_one_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAILBOT_TEST_SERVERS_REQUIRED", "1")
    with pytest.raises(pytest.fail.Exception, match="Dovecot is not installed"):
        missing("Dovecot")
