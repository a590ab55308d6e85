"""The README's commands parse, its files are there, and its Python runs."""

import re
import shlex
from pathlib import Path

import pytest

from assistant.cli import gradproof

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w*)\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
COMMANDS = [
    shlex.split(line.partition("gradproof ")[2], comments=True)
    for language, block in BLOCKS
    if not language
    for line in block.splitlines()
    if re.match(r"(\.dev/run )?gradproof ", line)
]
PATHS = sorted(set(re.findall(r"(?:tests|sandbox|knowledge|ingest|\.dev)/[\w./-]*\w", README)))


def test_the_first_command_stands_within_twenty_lines() -> None:
    assert any("gradproof ask" in line for line in README.splitlines()[:20])


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_a_command_of_the_readme_has_the_options_that_it_uses(words: list[str]) -> None:
    name, *rest = words
    gradproof.commands[name].make_context(name, rest)


def test_every_command_that_the_readme_names_is_there_and_the_other_way_round() -> None:
    assert set(re.findall(r"`gradproof (\w+)", README)) == set(gradproof.commands)


@pytest.mark.parametrize("path", PATHS)
def test_what_the_readme_points_to_is_there(path: str) -> None:
    assert (ROOT / path).exists()


def test_no_figure_of_the_readme_is_still_to_be_filled_in() -> None:
    assert "@@" not in README


@pytest.mark.slow
def test_the_python_of_the_readme_runs(capsys: pytest.CaptureFixture[str]) -> None:
    (program,) = [block for language, block in BLOCKS if language == "python"]
    exec(compile(program, "README.md", "exec"), {})
    said = capsys.readouterr().out
    assert said.startswith("verified")
    assert "answer verified" in said
