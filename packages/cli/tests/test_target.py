"""Which Tasker is meant, and by which key."""

from pathlib import Path

import pytest

from tasker_cli.connection.target import Options, Target, target
from tasker_cli.errors import USAGE, CommandFailed

CONFIG = """
profile = "home"
[profiles.home]
url = "https://home.example"
key_file = "{home}"
[profiles.prod]
url = "https://prod.example"
key_command = "printf tsk_prod"
[profiles.open]
url = "https://open.example"
"""


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    folder = tmp_path / "tasker"
    folder.mkdir()
    (folder / "home.key").write_text("tsk_home\n")
    (folder / "config.toml").write_text(CONFIG.format(home=folder / "home.key"))
    return {"XDG_CONFIG_HOME": str(tmp_path)}


def test_the_command_line_wins_then_the_environment_then_the_configuration(
    environment: dict[str, str], tmp_path: Path
) -> None:
    assert target(Options(), {"XDG_CONFIG_HOME": "/nowhere"}) == Target("http://localhost:3000", "")
    assert target(Options(), environment) == Target("https://home.example", "tsk_home")
    assert target(Options(profile="prod"), environment) == Target("https://prod.example", "tsk_prod")
    key = tmp_path / "other.key"
    key.write_text("tsk_other")
    assert target(Options(profile="prod", key_file=key), environment) == Target("https://prod.example", "tsk_other")
    said = environment | {"TASKER_URL": "https://said.example", "TASKER_API_KEY": "tsk_said"}
    assert target(Options(), said) == Target("https://said.example", "tsk_said")
    assert target(Options(url="https://other.example"), said) == Target("https://other.example", "tsk_said")


def test_a_key_for_one_tasker_is_not_shown_to_another(environment: dict[str, str]) -> None:
    assert target(Options(url="https://other.example"), environment).key == ""
    assert target(Options(), environment | {"TASKER_URL": "https://other.example"}).key == ""
    assert target(Options(profile="open"), environment | {"TASKER_API_KEY": "tsk_said"}).key == ""


@pytest.mark.parametrize(
    ("config", "message"),
    [
        (
            "[profiles.a]\nurl = 'x'\npassword = 'y'",
            r"\[profiles.a\] has password; known are key_command, key_file, url",
        ),
        ("[profiles.a]\nurl = 1", "url must be a text"),
        ("[profiles.a]\nkey_file = 'a'\nkey_command = 'b'", "both key_file and key_command"),
        ("[profiles.b]\nurl = 'x'", "no profile 'a' .* it has b"),
        ("[profiles.a]\nurl = 'x'\nkey_file = '/nowhere'", "the key can't be read"),
        ("[profiles.a]\nurl = 'x'\nkey_command = 'exit 3'", "it ends with 3"),
        ("not toml", "can't be read"),
        ("profiles = 3", "must be tables"),
        ("[profiles]\na = 3", "must be tables"),
    ],
)
def test_a_configuration_that_says_nothing_useful_is_refused(config: str, message: str, tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text(config)
    with pytest.raises(CommandFailed, match=message) as caught:
        target(Options(profile="a"), {"TASKER_CONFIG": str(file)})
    assert caught.value.exit_code == USAGE


def test_a_profile_without_a_file_is_told() -> None:
    with pytest.raises(CommandFailed, match=r"/nowhere/config\.toml is not there"):
        target(Options(profile="a"), {"TASKER_CONFIG": "/nowhere/config.toml"})


def test_the_environment_may_name_a_file_that_holds_the_key(tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text("tsk_file\n")
    environment = {"TASKER_API_KEY_FILE": str(file), "XDG_CONFIG_HOME": str(tmp_path)}
    assert target(Options(), environment) == Target("http://localhost:3000", "tsk_file")
    assert target(Options(), environment | {"TASKER_API_KEY": "tsk_own"}).key == "tsk_own"
    with pytest.raises(CommandFailed, match="the key can't be read"):
        target(Options(), {"TASKER_API_KEY_FILE": "/nowhere", "XDG_CONFIG_HOME": str(tmp_path)})
