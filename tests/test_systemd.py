"""The systemd unit: correct, hardened, and in agreement with what the README tells to install."""

import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

from mailbot.app import build
from mailbot.config import load
from tests import servers

ROOT = Path(__file__).parent.parent
UNIT = ROOT / "systemd" / "mailbot.service"


def analyze(*words: str) -> subprocess.CompletedProcess[str]:
    if shutil.which("systemd-analyze") is None:
        servers.missing("systemd-analyze")
    return subprocess.run(["systemd-analyze", "--no-pager", *words, str(UNIT)], capture_output=True, text=True, timeout=120, check=False)


def unit(key: str) -> list[str]:
    return re.findall(rf"^{key}=(.*)$", UNIT.read_text("utf-8"), re.MULTILINE)


def test_systemd_finds_nothing_wrong_with_the_unit() -> None:
    verified = analyze("verify")
    assert (verified.returncode, verified.stdout, verified.stderr) == (0, "", "")


def test_the_unit_is_hardened_to_an_exposure_of_at_most_1_5() -> None:
    judged = analyze("security", "--offline=true", "--threshold=15")
    found = re.search(r"Overall exposure level for mailbot\.service: ([\d.]+)", judged.stdout)
    assert found is not None, judged.stdout + judged.stderr
    assert float(found[1]) <= 1.5
    assert judged.returncode == 0


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("Type", "notify"),
        ("NotifyAccess", "main"),
        ("User", "mailbot"),
        ("StateDirectory", "mailbot"),
        ("ConfigurationDirectory", "mailbot"),
        ("Restart", "on-failure"),
        ("RestartPreventExitStatus", "2"),
        ("RestrictAddressFamilies", "AF_INET AF_INET6 AF_UNIX"),
    ],
    ids=lambda one: one,
)
def test_the_unit_sets(key: str, value: str) -> None:
    assert unit(key) == [value]


def test_the_watchdog_waits_longer_than_a_duty_that_must_end_and_stopping_longer_than_the_daemon_needs() -> None:
    from mailbot.daemon import STOP_SECONDS
    from mailbot.edge.imap.login import READ_SECONDS
    from mailbot.edge.smtp import DOT_SECONDS

    assert int(unit("WatchdogSec")[0]) > DOT_SECONDS + READ_SECONDS + 60
    assert int(unit("TimeoutStopSec")[0]) > STOP_SECONDS + 1


class TestTheReadmeInstallsWhatTheUnitUses:
    readme = (ROOT / "README.md").read_text("utf-8")

    def test_the_program_stands_where_the_unit_starts_it(self) -> None:
        program = unit("ExecStart")[0].removeprefix("/usr/bin/env ").split()
        assert program == ["/opt/mailbot/bin/mailbot", "--config", "/etc/mailbot/mailbot.toml", "run"]
        assert "python3 -m venv /opt/mailbot\n" in self.readme
        assert "/opt/mailbot/bin/mailbot init /etc/mailbot " in self.readme

    def test_every_credential_is_a_file_that_the_readme_makes(self) -> None:
        credentials = dict(one.split(":") for one in unit("LoadCredential"))
        assert set(credentials) == {"secret", "imap-password", "smtp-password"}
        for name in ("imap-password", "smtp-password"):
            assert f"> {credentials[name]}\n" in self.readme
        assert credentials["secret"] == "/etc/mailbot/secret"  # `mailbot init` writes it

    def test_the_credentials_have_the_names_that_the_sample_configuration_asks_for(self) -> None:
        config = load(ROOT / "config" / "mailbot.toml")
        asked = {config.desk.secret_file, config.mailbox[0].password_file, config.smtp.password_file}
        assert asked == {one.split(":")[0] for one in unit("LoadCredential")}

    def test_database_and_blobs_lie_in_the_state_directory(self, tmp_path: Path) -> None:
        block = re.search(r"```toml\n(\[database\].*?)```", self.readme, re.DOTALL)
        assert block is not None
        settings = tomllib.loads(block[1])
        sample = (ROOT / "config" / "mailbot.toml").read_text("utf-8")
        sample = re.sub(r"^\[database\].*?(?=^\[money\])", block[1] + "\n", sample, flags=re.DOTALL | re.MULTILINE)
        (tmp_path / "mailbot.toml").write_text(sample, "utf-8")
        (tmp_path / "secret").write_text("a secret of the tests, long enough", "utf-8")
        app = build(load(tmp_path / "mailbot.toml"))
        state = f"/var/lib/{unit('StateDirectory')[0]}"
        assert app.desk.database.place == f"{state}/mailbot.db"
        assert settings["storage"]["blobs"] == f"{state}/blobs"
        assert app.desk.blobs.folder == Path(state) / "blobs"
