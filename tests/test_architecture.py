"""Imports go one way, and nothing happens on import."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
MAY_IMPORT = {
    "assistant": {"assistant", "knowledge", "sandbox"},
    "ingest": {"ingest", "knowledge", "sandbox"},
    "knowledge": {"knowledge"},
    "sandbox": {"sandbox"},
}
DOORS = {"assistant/cli.py", "assistant/show.py"}
"""The command line serves every package, ingest among them."""


def our_imports(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.split(".")[0])
    return found & set(MAY_IMPORT)


@pytest.mark.parametrize("package", sorted(MAY_IMPORT))
def test_a_package_imports_only_what_lies_below_it(package: str) -> None:
    for path in (ROOT / package).rglob("*.py"):
        allowed = MAY_IMPORT[package] | ({"ingest"} if path.relative_to(ROOT).as_posix() in DOORS else set())
        if "patterns" not in path.parts:
            assert our_imports(path) <= allowed, path


def test_what_runs_inside_the_jail_imports_none_of_ours() -> None:
    for path in [*(ROOT / "sandbox/checks").glob("*.py"), *(ROOT / "sandbox/local/inside").glob("*.py")]:
        assert not our_imports(path), path


def test_importing_the_public_names_imports_no_heavy_library() -> None:
    program = (
        "import sys, assistant, assistant.cli, knowledge, sandbox, ingest;"
        "print(*sorted({'torch', 'tensorflow', 'gradio', 'langgraph', 'sklearn', 'numpy'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.strip() == ""


def test_the_public_names_are_those_promised() -> None:
    import assistant

    assert assistant.__all__ == sorted(assistant.__all__)
    assert {"open_assistant", "build_graph", "Settings"} <= set(assistant.__all__)
    assert all(hasattr(assistant, name) for name in assistant.__all__)
