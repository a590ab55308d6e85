"""Which file of odd programs is run, and for which framework."""

from pathlib import Path

import pytest

from sandbox.base import Sandbox
from sandbox.entry import find_entry, function_to_call, infer_framework
from sandbox.project_tests import has_tests
from sandbox.sources import read_program
from sandbox.verify import verify


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


def test_what_is_given_with_a_program_is_told_from_its_own_files(tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text("import torch\n")
    library = tmp_path / "library"
    library.mkdir()
    (library / "test_library.py").write_text("def test_it(): assert False\n")
    program = read_program(tmp_path / "train.py", beside=[library])
    assert program.beside == {"library/test_library.py"}
    assert has_tests(program.files) and not has_tests(program.files.keys() - program.beside)


COMMAND = '[project.scripts]\ntool = "tool.cli:main"\n'
TRAINS = """
import torch
from .net import net

def main():
    model = net()
    optimizer = torch.optim.SGD(model.parameters(), 0.1)
    for _ in range(4):
        optimizer.zero_grad()
        model(torch.ones(2, 4)).square().mean().backward()
        optimizer.step()
"""


@pytest.mark.parametrize("folder", ["", "src/"])
def test_the_function_that_a_project_declares_as_its_command_is_called(folder: str, sandbox: Sandbox) -> None:
    files = {
        "pyproject.toml": COMMAND,
        f"{folder}tool/__init__.py": "",
        f"{folder}tool/net.py": "import torch\ndef net():\n    return torch.nn.Linear(4, 1)\n",
        f"{folder}tool/cli.py": TRAINS,
    }
    report = verify(files, framework=None, sandbox=sandbox, repeat=False)
    assert report.metrics.training_steps == 4


def test_a_command_that_its_file_calls_itself_is_not_called_twice() -> None:
    files = {"pyproject.toml": COMMAND, "tool/cli.py": "def main(): ...\nif __name__ == '__main__':\n    main()\n"}
    assert function_to_call(files, "tool/cli.py") is None
