"""Writes `contract/` and the tables of run states and metrics; with `--check` only says whether they are current, and
whether they break the contract of the last release; with `--release` makes them the contract of the last release."""

import sys
from pathlib import Path

from tasker_contract import command_reference, metrics_table, python_client, web_client
from tasker_contract.compatibility.released import RELEASED, breaks, release
from tasker_contract.generated_files import documents

FOLDER = Path("contract")


def main(arguments: list[str]) -> int:
    """0 when written or current, 1 with one line a file that is not."""
    contract = documents()
    files = {FOLDER / name: text for name, text in contract.items()}
    files |= {Path(name): text for name, text in python_client.modules(contract).items()}
    files[Path(web_client.RUN_STATES_PATH)] = web_client.run_states()
    metrics = Path(metrics_table.PAGE)
    files[metrics] = metrics_table.page(metrics.read_text())
    commands = Path(command_reference.PAGE)
    files[commands] = command_reference.page(commands.read_text())
    if arguments == ["--check"]:
        stale = [path for path, text in files.items() if not path.is_file() or path.read_text() != text]
        stale += [path for path in FOLDER.rglob("*.*") if path not in files and RELEASED not in path.parts]
        for path in stale:
            sys.stderr.write(f"{path} is not what the code says: run `make contract` and commit it\n")
        broken = [] if stale else breaks(FOLDER)
        for one in broken:
            sys.stderr.write(f"the contract of the last release is broken: {one}\n")
        return 1 if stale or broken else 0
    for path, text in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    if arguments == ["--release"]:
        release(FOLDER)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
