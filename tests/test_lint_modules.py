"""Imports of modules that are not there are named before anything is run."""

import subprocess
import sys
from importlib.machinery import PathFinder
from pathlib import Path

import pytest

from assistant.lint import find_unknown_modules, lint
from sandbox.errors import SandboxError
from sandbox.runtime import importable_modules

THERE = frozenset({"os", "torch", "numpy", "tokenizers", "sklearn", "typing", "contextlib"})


@pytest.mark.parametrize(
    "code",
    [
        "import torchtext",
        "import torchtext.data as data",
        "from torchtext.vocab import Vocab",
        "def load():\n    import torchtext",
        "import os, torchtext",
        "try:\n    import torchtext\nexcept ValueError:\n    pass",
        "try:\n    pass\nfinally:\n    import torchtext",
        "if True:\n    import torchtext",
    ],
)
def test_an_import_of_a_module_that_is_not_there_is_named(code: str) -> None:
    (found,) = find_unknown_modules({"a/train.py": code}, THERE)
    assert (found.code, found.file) == ("unknown-module", "a/train.py")
    assert "'torchtext'" in found.message
    assert "tokenizers" in str(found.fix)
    assert "torchtext" in code.splitlines()[found.line - 1]


@pytest.mark.parametrize(
    "code",
    [
        "import os\nimport torch.nn as nn\nfrom numpy import array",
        "try:\n    import wandb\nexcept ImportError:\n    wandb = None",
        "try:\n    import wandb\nexcept (KeyError, ModuleNotFoundError):\n    import comet",
        "try:\n    import wandb\nexcept:\n    pass",
        "import contextlib\nwith contextlib.suppress(ImportError):\n    import wandb",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import wandb",
        "from . import model\nfrom .layers import block",
        "import model\nfrom layers.block import Block\nimport layers",
        'text = "import wandb"  # import wandb',
        "import wandb as (",
    ],
)
def test_what_is_there_or_guarded_or_the_projects_own_is_left_alone(code: str) -> None:
    files = {"src/train.py": code, "src/model.py": "", "src/layers/block.py": "", "data.csv": "import wandb"}
    assert find_unknown_modules(files, THERE) == []


def test_the_except_of_another_error_guards_nothing() -> None:
    code = "try:\n    pass\nexcept ValueError:\n    import wandb\n"
    assert [item.line for item in find_unknown_modules({"a.py": code}, THERE)] == [4]


@pytest.mark.parametrize(
    ("name", "hint"),
    [("sklean", "'sklearn'"), ("numppy", "'numpy'"), ("trainig", "'training'"), ("quantumflow", "what is installed")],
)
def test_a_slip_of_the_pen_is_told_the_name_that_was_meant(name: str, hint: str) -> None:
    (found,) = find_unknown_modules({"a.py": f"import {name}", "training.py": ""}, THERE)
    assert hint in str(found.fix)


def test_a_successor_that_is_not_there_either_is_not_recommended() -> None:
    (found,) = find_unknown_modules({"a.py": "import torchtext"}, THERE - {"tokenizers"})
    assert "tokenizers" not in str(found.fix)


def test_an_unknown_module_fails_lint_only_where_the_modules_are_known() -> None:
    files = {"a.py": "import quantumflow\n\nprint(quantumflow)\n"}
    assert [item.code for item in lint(files, importable=THERE)[1].diagnostics] == ["unknown-module"]
    assert lint(files)[1].passed


def test_the_interpreter_lists_what_it_can_import() -> None:
    listed = importable_modules(Path(sys.executable))
    assert {"os", "sys", "_ctypes", "__future__", "torch", "tensorflow", "google", "sklearn", "PIL"} <= listed
    assert not {"quantumflow", "site-packages", "__pycache__", "winreg"} & listed


def test_every_module_that_is_listed_can_be_found() -> None:
    listed = importable_modules(Path(sys.executable))
    elsewhere = listed - set(sys.builtin_module_names)
    assert [name for name in sorted(elsewhere) if PathFinder.find_spec(name) is None] == []


def test_what_lies_outside_the_installation_is_not_listed(tmp_path: Path) -> None:
    (tmp_path / "outsider.py").write_text("")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path / "env"], check=True, timeout=60)
    (site,) = (tmp_path / "env/lib").glob("python*/site-packages")
    (site / "insider.py").write_text("raise RuntimeError")
    (site / "paths.pth").write_text(f"{tmp_path}\n")
    listed = importable_modules(tmp_path / "env/bin/python")
    assert "insider" in listed
    assert not {"outsider", "torch"} & listed


def test_what_is_no_interpreter_is_said_to_be_none() -> None:
    with pytest.raises(SandboxError, match="not a Python interpreter"):
        importable_modules(Path("/usr/bin/false"))
