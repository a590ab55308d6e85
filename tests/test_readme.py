"""The README's commands parse, and its Python runs."""

import re
import shlex
from pathlib import Path

import pytest

from assistant.cli import gradproof

README = (Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w*)\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
COMMANDS = [
    shlex.split(line.partition("gradproof ")[2], comments=True)
    for language, block in BLOCKS
    if not language
    for line in block.splitlines()
    if re.match(r"(\.dev/run )?gradproof ", line)
]


def test_the_first_command_stands_within_twenty_lines() -> None:
    assert any("gradproof ask" in line for line in README.splitlines()[:20])


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_a_command_of_the_readme_has_the_options_that_it_uses(words: list[str]) -> None:
    name, *rest = words
    gradproof.commands[name].make_context(name, rest)


@pytest.mark.slow
def test_the_python_of_the_readme_runs(capsys: pytest.CaptureFixture[str]) -> None:
    (program,) = [block for language, block in BLOCKS if language == "python"]
    exec(compile(program, "README.md", "exec"), {})
    said = capsys.readouterr().out
    assert said.startswith("verified")
    assert "answer verified" in said
