"""Which file of odd programs is run, and for which framework."""

from pathlib import Path

import pytest

from sandbox.entry import find_entry, infer_framework
from sandbox.sources import read_program


def test_a_file_that_is_nested_too_deeply_to_be_parsed_is_still_read(tmp_path: Path) -> None:
    script = tmp_path / "deep.py"
    script.write_text("import torch\nx = " + "-" * 20_000 + "1\n")
    program = read_program(script)
    assert program.entry == "deep.py"
    assert infer_framework(program.files, program.entry) == "pytorch"


@pytest.mark.parametrize("folder", ["", "src/"])
def test_the_script_that_the_project_declares_is_its_entry(folder: str) -> None:
    cli, other = f"{folder}tool/cli.py", f"{folder}tool/a.py"
    scripts = '[project.scripts]\ntool = "tool.cli:main"\n'
    assert find_entry({"pyproject.toml": scripts, other: "train()\n", cli: "def main(): ...\n"}) == cli
