"""What is shown, and what when nobody looks."""

import subprocess
import sys

PROGRAM = """
import sys
from tasker_devstack import terminal_output
for n in range(3):
    terminal_output.line("api", f"line {n}")
print("alive", file=sys.stderr)
"""


def test_it_goes_on_when_nobody_reads() -> None:
    process = subprocess.Popen([sys.executable, "-c", PROGRAM], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout
    assert process.stderr
    process.stdout.close()
    with process.stderr as stream:
        assert stream.read() == b"alive\n"
    assert process.wait(20) == 0


def test_no_colours_in_a_file() -> None:
    output = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True).stdout
    assert output == "".join(f"api      │ line {n}\n" for n in range(3))
