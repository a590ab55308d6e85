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
FOUNDATION = {"errors", "schema", "python_source"}
PARTS = {
    "model": {"errors"},
    "prompts": {"errors", "model"},
    "lint": FOUNDATION,
    "design": FOUNDATION | {"request"},
    "request": FOUNDATION | {"design", "model", "prompts"},
    "scope": FOUNDATION | {"request"},
    "drafters": FOUNDATION | {"design", "model", "prompts", "repair", "request"},
}
"""Folder of the assistant -> what else of the assistant it may import: never what puts the parts together."""


def imported_modules(path: Path) -> set[str]:
    """Dotted names of the modules that a file imports, also inside of its functions."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def our_imports(path: Path) -> set[str]:
    return {name.split(".")[0] for name in imported_modules(path)} & set(MAY_IMPORT)


def parts_imported(path: Path) -> set[str]:
    """Folders and modules of the assistant that a file imports."""
    return {name.split(".")[1] for name in imported_modules(path) if name.startswith("assistant.")}


@pytest.mark.parametrize("package", sorted(MAY_IMPORT))
def test_a_package_imports_only_what_lies_below_it(package: str) -> None:
    for path in (ROOT / package).rglob("*.py"):
        allowed = MAY_IMPORT[package] | ({"ingest"} if path.relative_to(ROOT).as_posix() in DOORS else set())
        if not {"patterns", "examples"} & set(path.parts):
            assert our_imports(path) <= allowed, path


@pytest.mark.parametrize("part", sorted(PARTS))
def test_a_part_of_the_assistant_imports_only_the_parts_that_it_is_made_of(part: str) -> None:
    files = list((ROOT / "assistant" / part).rglob("*.py"))
    assert files
    for path in files:
        assert parts_imported(path) <= PARTS[part] | {part}, path


@pytest.mark.parametrize("door", ["bench", "cli", "web"])
def test_only_the_command_line_opens_another_door(door: str) -> None:
    for path in (ROOT / "assistant").rglob("*.py"):
        within = path.relative_to(ROOT / "assistant").parts[0]
        assert within in (door, "cli.py") or door not in parts_imported(path), path


def test_what_runs_inside_the_jail_imports_none_of_ours() -> None:
    for path in [*(ROOT / "sandbox/checks").rglob("*.py"), *(ROOT / "sandbox/local/inside").glob("*.py")]:
        assert not our_imports(path), path


def test_importing_the_public_names_imports_no_heavy_library() -> None:
    program = (
        "import sys, assistant, assistant.app, assistant.cli, knowledge, sandbox, ingest;"
        "print(*sorted({'torch', 'tensorflow', 'gradio', 'langgraph', 'sklearn', 'numpy'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.strip() == ""


def test_the_public_names_are_those_promised() -> None:
    import assistant

    assert assistant.__all__ == sorted(assistant.__all__)
    assert {"open_assistant", "build_graph", "Settings"} <= set(assistant.__all__)
    assert all(hasattr(assistant, name) for name in assistant.__all__)
