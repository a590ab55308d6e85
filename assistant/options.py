"""What several commands take: kinds of values, how they are checked, and options that go together."""

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

LONGEST_S = 86_400.0
SECONDS = click.FloatRange(min=0.1, max=LONGEST_S)
POSITIVE = click.FloatRange(min=0, min_open=True)
FRAMEWORKS = click.Choice(["pytorch", "tensorflow"])


def finite(_context: click.Context, option: click.Parameter, value: float | None) -> float | None:
    """NaN is within every range that click knows."""
    if value is not None and not math.isfinite(value):
        raise click.BadParameter(f"{value} is no finite number", param=option)
    return value


def pairs(_context: click.Context, option: click.Parameter, values: tuple[str, ...]) -> dict[str, str]:
    """NAME=VALUE, as often as it is given."""
    if bad := [one for one in values if "=" not in one.lstrip("=")]:
        raise click.BadParameter(f"{bad[0]!r} is not of the form NAME=VALUE", param=option)
    return dict(one.split("=", 1) for one in values)


def sizes(_context: click.Context, option: click.Parameter, value: str | None) -> list[int] | None:
    """Whole numbers with commas between them."""
    parts = value.split(",") if value is not None else []
    if not all(part.strip().isdecimal() and int(part) > 0 for part in parts):
        raise click.BadParameter(f"{value!r} is not a list of sizes such as 3,32,32", param=option)
    return [int(part) for part in parts] or None


def shared_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """--json for every command that can print it."""
    return click.option("--json", "as_json", is_flag=True, help="Print exactly one JSON object.")(command)


def project_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """What `ask` and `request` share."""
    for option in (
        click.option("--out", type=click.Path(path_type=Path), help="Write the project to this new folder."),
        click.option("--force", is_flag=True, help="Let --out replace files of a folder that is not empty."),
        click.option(
            "--drafter",
            type=click.Choice(["auto", "embedded", "llm"]),
            default="auto",
            show_default=True,
            help="Who writes the code; auto is the model where one is configured.",
        ),
        click.option(
            "--attempts", type=click.IntRange(1, 20), default=3, show_default=True, help="Drafts at the most."
        ),
        click.option(
            "--time-limit",
            type=SECONDS,
            callback=finite,
            default=300.0,
            show_default=True,
            help="Seconds one draft may run.",
        ),
        click.option("--candidates", type=click.IntRange(1, 16), default=1, help="Drafts of the model side by side."),
        click.option("--budget-tokens", type=click.IntRange(1), help="Tokens the model may use for this question."),
        click.option("--budget-cost", type=POSITIVE, callback=finite, help="What the model may cost, by its prices."),
        click.option("--budget-seconds", type=SECONDS, callback=finite, help="Seconds until there is an answer."),
    ):
        command = option(command)
    return command
