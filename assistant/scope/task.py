"""What kind of problem was solved and what was handed over, held against what was asked for."""

import re

from assistant.scope.case import Case, Outcome, Rule
from assistant.scope.sources import plain

CLASSES = re.compile(r"crossentropy|^nll|^bce|focal|hinge|softmargin|multimargin")
VALUES = re.compile(r"^mse|^mae|^l1|huber|smoothl1|meansquared|meanabsolute|quantile|pinball|poisson|gaussiannll")
"""Losses of either kind, as they are called in code, without case and underscores."""


def kind(asked: str, case: Case) -> Outcome | None:
    """By the figures recomputed on held-out data, unless the loss is one of the kind that was asked for."""
    figures = case.report.metrics.evaluation
    shown = "classification" if "accuracy" in figures else "regression" if "rmse" in figures else None
    if shown is None or asked not in ("classification", "regression"):
        return None
    if shown == asked:
        return Outcome(True, shown)
    own = CLASSES if asked == "classification" else VALUES
    fits = any(own.search(plain(one.name)) for one in case.seen.losses)
    told = ", ".join(name for name in figures if name != "baseline_accuracy")
    return None if fits else Outcome(False, f"{shown}, evaluated by {told}")


def handed_over(asked: str, case: Case) -> Outcome | None:
    """A notebook is a file; whether a project also evaluates or serves what it trained, no file name tells."""
    if asked != "notebook":
        return None
    notebook = any(path.endswith(".ipynb") for path in case.paths)
    return Outcome(notebook, "a notebook" if notebook else "no .ipynb among the files")


RULES: dict[str, Rule] = {"ml_task.type": kind, "task_type": handed_over}
