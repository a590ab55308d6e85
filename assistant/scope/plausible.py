"""What a model must reach on data that is known: targets that are the data set's, and more than always one class."""

import importlib
from collections import Counter

from assistant.request.datasets import BUNDLED
from assistant.schema import PythonMLDLRequest
from assistant.scope.sources import plain
from sandbox.report import RunReport

SKILL = 0.25
"""Share of what always answering the commonest class gets wrong, and a trained model must get right."""
LEAST_R2 = 0.02
CHOSEN = ("training_config.num_epochs", "training_config.learning_rate", "training_config.optimizer")
"""A user who chose these may have chosen too short a training."""
FEWEST = 20


def implausible(request: PythonMLDLRequest, report: RunReport) -> str | None:
    """What is wrong with the figures recomputed on held-out samples of one of scikit-learn's sets; None if nothing."""
    figures, samples = report.metrics.evaluation, report.metrics.evaluation_samples or 0
    name = _asked(request)
    if name is None or samples < FEWEST:
        return None
    if (known := _commonest(request, name)) and "baseline_accuracy" in figures:
        share, total = known
        slack = 0.08 + 4 * (share * (1 - share) / samples) ** 0.5
        if abs(figures["baseline_accuracy"] - share) > slack or samples > total:
            seen = f"{figures['baseline_accuracy']:.0%} of {samples:,} held-out targets are one class"
            return f"{seen}, and of {name} it is {share:.0%} of {total:,}: these are other data."
    return None if set(CHOSEN) & set(request.stated) else _unskilled(figures, name)


def _unskilled(figures: dict[str, float], name: str) -> str | None:
    accuracy, baseline = figures.get("accuracy"), figures.get("baseline_accuracy", 1.0)
    if accuracy is not None and accuracy < baseline + SKILL * (1 - baseline):
        return f"The model gets {accuracy:.1%} of {name} right, and always the same class would get {baseline:.1%}."
    if figures.get("r2", 1.0) < LEAST_R2:
        return f"The model explains nothing of {name}: r2 is {figures['r2']:.3f}, and always the mean has 0."
    return None


def _asked(request: PythonMLDLRequest) -> str | None:
    info = request.ml_task.dataset_info
    name = plain(info.dataset_name or "").replace("sklearn", "")
    return next((one for one in BUNDLED if plain(one) == name), None) if not info.dataset_path else None


def _commonest(request: PythonMLDLRequest, name: str) -> tuple[float, int] | None:
    """Share of the commonest class and number of samples, where all of the set's classes were asked for."""
    if (
        request.ml_task.type != "classification"
        or request.ml_task.dataset_info.output_shape != BUNDLED[name].output_shape
    ):
        return None
    target = getattr(importlib.import_module("sklearn.datasets"), f"load_{name}")().target
    return Counter(target.tolist()).most_common(1)[0][1] / len(target), len(target)
