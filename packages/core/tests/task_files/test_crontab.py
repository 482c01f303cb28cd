"""Crontabs as tasks: lines of every kind, both forms, ids that stay."""

from typing import Any

import pytest

from tasker_core.task_files.crontab.options import CrontabOptions
from tasker_core.task_files.entries import Entry, FaultyEntry, ImportedTask
from tasker_core.task_files.task_file import read_task_file

SHELL = CrontabOptions(form="user", timezone="UTC", handler="shell")


def read(text: str, options: CrontabOptions = SHELL) -> list[Entry]:
    """The entries of a crontab."""
    return list(read_task_file([text.encode()], "crontab", options))


def tasks(text: str, options: CrontabOptions = SHELL) -> list[dict[str, Any]]:
    """The definitions in a crontab without a fault."""
    entries = read(text, options)
    assert all(isinstance(one, ImportedTask) for one in entries), entries
    return [one.definition for one in entries if isinstance(one, ImportedTask)]


def fault(text: str, options: CrontabOptions = SHELL) -> FaultyEntry:
    """The only entry, which is faulty."""
    (found,) = read(text, options)
    assert isinstance(found, FaultyEntry), found
    return found


def test_comments_above_an_entry_are_its_description() -> None:
    first, second, third = tasks(
        "# Edit this file to introduce tasks.\n# m h dom mon dow command\n# Nightly report\n# of all shops\n"
        "0 1 * * * a\n0 2 * * * b\n\n# not this\n\n#0 5 * * * disabled\n# but this\n0 3 * * * c"
    )
    assert first["description"] == "Nightly report\nof all shops"
    assert "description" not in second
    assert third["description"] == "but this"


def test_variables_are_told_from_entries_and_handed_on() -> None:
    entries = read(
        "SHELL=/bin/bash\nPATH = \"/usr/bin:/bin\"\n'A B'='c d'\nMAILTO=ops@example.com\nTZ=Asia/Tokyo\nEMPTY=\n"
        "0 5 * * * X=1 run\n@daily Y=2 run"
    )
    first, second = (one for one in entries if isinstance(one, ImportedTask))
    environment = {"SHELL": "/bin/bash", "PATH": "/usr/bin:/bin", "A B": "c d", "TZ": "Asia/Tokyo", "EMPTY": ""}
    assert first.definition["payload"] == {"command": "X=1 run", "environment": environment}
    assert second.definition["payload"]["command"] == "Y=2 run"
    assert first.definition["schedule"] == {"cron": "0 5 * * *", "timezone": "UTC"}
    assert ["MAILTO" in first.warnings[0], "CRON_TZ" in first.warnings[1], second.warnings] == [True, True, ()]


def test_cron_tz_sets_the_zone_of_what_is_below_it() -> None:
    found = tasks("0 1 * * * a\nCRON_TZ=Asia/Tokyo\n0 1 * * * b\nCRON_TZ=\n0 1 * * * c\nTZ=Europe/Berlin 0 1 * * * d")
    assert [one["schedule"]["timezone"] for one in found] == ["UTC", "Asia/Tokyo", "UTC", "Europe/Berlin"]
    wrong, below, good = read("CRON_TZ=Mars/Base\n0 1 * * * a\nCRON_TZ=UTC\n0 1 * * * a")
    assert isinstance(wrong, FaultyEntry)
    assert isinstance(below, FaultyEntry)
    assert "Mars/Base" in wrong.message
    assert "below a CRON_TZ" in below.message
    assert isinstance(good, ImportedTask)


def test_without_a_zone_utc_is_taken_and_told_where_it_matters() -> None:
    options = CrontabOptions(form="user", handler="shell")
    daily, hourly = read("0 1 * * * a\n5 * * * * b", options)
    assert isinstance(daily, ImportedTask)
    assert isinstance(hourly, ImportedTask)
    assert "clock of UTC" in daily.warnings[0]
    assert hourly.warnings == ()


@pytest.mark.parametrize(
    ("times", "schedule"),
    [
        ("  */5\t8-17   * jan,feb MON-FRI", {"cron": "*/5 8-17 * jan,feb MON-FRI", "timezone": "UTC"}),
        ("@daily", {"cron": "@daily", "timezone": "UTC"}),
        ("@Midnight", {"cron": "@Midnight", "timezone": "UTC"}),
        ("0 0 * * 7", {"cron": "0 0 * * 7", "timezone": "UTC"}),
        ("@every 1h30m", {"every": "PT1H30M"}),
        ("@every_minute", {"every": "PT1M"}),
        ("@600", {"every": "PT600S"}),
        ("0~59 3~5 * * ~", {"cron": "H(0-59) H(3-5) * * H", "timezone": "UTC"}),
        ("~/15 * * * *", {"cron": "H/15 * * * *", "timezone": "UTC"}),
        ("-30 2 * * *", {"cron": "30 2 * * *", "timezone": "UTC"}),
    ],
)
def test_times_are_read_as_cron_reads_them(times: str, schedule: dict[str, Any]) -> None:
    assert tasks(f"{times} run")[0]["schedule"] == schedule


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("@reboot run", "names no time"),
        ("@noon run", "is not known"),
        ("61 * * * * run", "minute: 61 is out of range"),
        ("0 0 30 2 * run", "no date ever matches"),
        ("0 0 9 * * 1-5 run", "sixth field '1-5'"),
        ("0 5 * * *", "no command behind them"),
        ("@daily", "no command behind them"),
        ("0 5 * *", "is neither a comment"),
        ("hello", "is neither a comment"),
        ("0 5 * * * a\x07b", "control character"),
        ("0 5 * * * %x", "has no command"),
        ("x" * 10_000_000, "is longer than"),
    ],
)
def test_what_is_no_entry_is_told_with_the_way_out(line: str, said: str) -> None:
    found = fault(f"# above\n{line}\n")
    assert (found.line, said in found.message) == (2, True), found


@pytest.mark.parametrize(
    ("command", "text", "stdin"),
    [
        ("mail -s x%Dear%%Sir", "mail -s x", "Dear\n\nSir"),
        ("date +\\%F", "date +%F", None),
        ("cat%a\\%b%", "cat", "a%b\n"),
        ("-n -q run it", "run it", None),
    ],
)
def test_percent_and_flags_are_what_cron_makes_of_them(command: str, text: str, stdin: str | None) -> None:
    (found,) = tasks(f"0 5 * * * {command}")
    assert found["payload"] == {"command": text, **({"stdin": stdin} if stdin is not None else {})}


def test_a_crontab_of_the_system_has_users() -> None:
    text = (
        "SHELL=/bin/sh\n17 *\t* * *\troot    cd / && run-parts --report /etc/cron.hourly\r\n"
        "25 6\t* * *\troot\ttest -x /usr/sbin/anacron || ( cd / )\r\n@daily www-data curl -s https://a.example/x"
    )
    found = tasks(text, CrontabOptions(timezone="UTC", handler="shell", prefix="etc.", tags=("etc",)))
    assert [one["payload"].get("user") for one in found[:2]] == ["root", "root"]
    assert found[0]["payload"]["command"] == "cd / && run-parts --report /etc/cron.hourly"
    assert found[2]["payload"] == "https://a.example/x"
    assert all(one["id"].startswith("etc.") and one["tags"] == ["etc"] for one in found)


def test_in_doubt_the_form_is_asked_for() -> None:
    undecided = CrontabOptions(handler="shell")
    for text in ("5 5 * * * deploy /srv/app/run.sh", "5 5 * * * root x\n5 5 * * * /usr/bin/y"):
        found = fault(text, undecided)
        assert found.is_end
        assert "form=system" in found.message
    assert tasks("5 5 * * * php artisan schedule:run\n5 5 * * * backup now", undecided)
    assert "user and command" in fault("5 5 * * * run", CrontabOptions(form="system", handler="shell")).message


@pytest.mark.parametrize(
    "command", ["nginx -s reload", "apache -k graceful", "vagrant up", "vagrant -v", "jenkins -q x"]
)
def test_a_program_is_no_user_though_users_are_called_so(command: str) -> None:
    (found,) = tasks(f"* * * * * {command}", CrontabOptions(handler="shell"))
    assert found["payload"] == {"command": command}


@pytest.mark.parametrize("command", ["postgres vacuumdb --all", "nginx reload", "daemon /srv/x", "vagrant ssh x"])
def test_a_name_of_users_and_programs_decides_only_with_others(command: str) -> None:
    undecided = CrontabOptions(handler="shell")
    assert "form=system" in fault(f"5 5 * * * {command}", undecided).message
    of_user, _ = tasks(f"5 5 * * * {command}\n5 6 * * * /usr/bin/x", undecided)
    of_system, _ = tasks(f"5 5 * * * {command}\n5 6 * * * root /usr/bin/x", undecided)
    user, _, rest = command.partition(" ")
    assert of_user["payload"] == {"command": command}
    assert of_system["payload"] == {"command": rest, "user": user}


@pytest.mark.parametrize(
    "command", ["postgres /usr/bin/vacuumdb", "jenkins php x.php", "nginx [ -x /a ]", "root reboot"]
)
def test_a_user_before_a_command_is_a_user(command: str) -> None:
    user, _, rest = command.partition(" ")
    (found,) = tasks(f"5 5 * * * {command}", CrontabOptions(handler="shell"))
    assert found["payload"] == {"command": rest, "user": user}


def test_ids_stay_when_times_change_and_lines_move() -> None:
    before = tasks("0 1 * * * /opt/backup.sh --full\n0 2 * * * run\n0 3 * * * run")
    after = tasks("MAILTO=\n5 5 * * * other\n# moved\n0 2 * * * run\n0 3 * * * run\n9 9 * * 1 /opt/backup.sh --full")
    ids = [one["id"] for one in before]
    assert ids[0].startswith("backup-sh")
    assert ids[2] == f"{ids[1]}-2"
    assert [one["id"] for one in after][1:] == [ids[1], ids[2], ids[0]]
