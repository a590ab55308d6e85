"""The data that was trained on, held against the data that was asked for."""

import math
import re
from collections.abc import Iterable
from pathlib import PurePosixPath

from assistant.request.datasets import BUNDLED
from assistant.scope.case import Case, Outcome, Rule
from assistant.scope.sources import plain
from sandbox.seen import Seen

INFO = "ml_task.dataset_info"
FEWEST = 0.4
"""Share of the stated samples that the training part has at least: half, less a fifth of that for validation."""


def dataset_path(asked: str, case: Case) -> Outcome | None:
    """An attached file must be read; a program that makes up its own data instead does not answer the question."""
    if _holds(case.seen.files_read, asked):
        return Outcome(True, "read")
    if _holds(case.seen.files_unread, asked):
        return Outcome(False, "the file was never read")
    return None if _holds(case.paths, asked) else Outcome(False, "the file is not in the project")


def _holds(paths: Iterable[str], asked: str) -> bool:
    """Whether a file is among them, or one of a folder."""
    name = PurePosixPath(asked).as_posix()
    return any(path == name or path.startswith(f"{name}/") for path in paths)


def dataset_name(asked: str, case: Case) -> Outcome | None:
    """One of scikit-learn's sets leaves a trace when it is loaded; other names only rule those sets out."""
    if case.request.ml_task.dataset_info.dataset_path:
        return None
    opened, name = bundled(case.seen), _bundled_name(asked)
    if name:
        return Outcome(name in opened, f"scikit-learn's {', '.join(opened)}" if opened else "other data")
    return Outcome(False, f"scikit-learn's {', '.join(opened)}") if opened and not case.report.stand_ins else None


def _bundled_name(asked: str) -> str | None:
    """The set's own name, however it was written: "Breast Cancer", "sklearn digits dataset", "load_iris"."""
    said = re.sub(r"sklearn|scikitlearn|load|dataset|data", "", plain(asked))
    return next((name for name in BUNDLED if plain(name) == said), None)


def bundled(seen: Seen) -> list[str]:
    """Which of scikit-learn's sets were opened."""
    return [name for name in BUNDLED if any(file.startswith(name) for file in seen.datasets)]


def source(asked: str, case: Case) -> Outcome | None:
    opened = bundled(case.seen)
    if asked == "synthetic":
        return Outcome(not opened, f"scikit-learn's {', '.join(opened)}" if opened else "synthetic")
    return None


def input_shape(asked: list[int], case: Case) -> Outcome | None:
    """Fewer values than asked contradict. More may be engineered features, except for the pixels of an image."""
    seen, info = case.report.input_shape, case.request.ml_task.dataset_info
    if seen is None or info.source == "csv" or not case.seen.single_input:
        return None
    told = f"inputs of shape {seen}"
    if math.prod(seen) == math.prod(asked) or any(abs(size - asked[0]) <= 1 for size in seen if len(asked) == 1):
        return Outcome(True, told)
    if case.seen.rows is not None and len(asked) == 1 and abs(case.seen.rows - asked[0]) <= 1:
        return None
    if math.prod(seen) < math.prod(asked):
        return Outcome(False, told)
    resized = len(asked) == 3 and not (case.request.model.pretrained or case.request.model.backbone)
    return Outcome(False, told) if resized and not set(asked[1:]) <= set(seen) else None


def output_shape(asked: int | list[int], case: Case) -> Outcome | None:
    """The number of classes or targets among the sizes of the outputs; two classes may be told by one output."""
    outputs = [asked] if isinstance(asked, int) else asked
    if case.report.output_shape is None or len(outputs) != 1:
        return None
    wanted, kind = outputs[0], case.request.ml_task.type
    sizes = {*case.report.output_shape, *case.seen.targets}
    told = f"outputs of shape {case.report.output_shape}"
    if wanted in sizes or (wanted <= 2 and (not case.report.output_shape or 1 in sizes)):
        return Outcome(True, told)
    judged = kind in ("classification", "segmentation") or (kind == "regression" and wanted > 1)
    return Outcome(False, told) if judged else None


def num_samples(asked: int, case: Case) -> Outcome | None:
    """Of one pass over the training part, which is the larger part of the data unless another split was asked for."""
    seen, info = case.seen.epoch_samples, case.request.ml_task.dataset_info
    if seen is None or _is_grouped(case):
        return None
    split = info.train_val_test_split
    least = min(FEWEST, 0.8 * split[0] / sum(split)) if split else FEWEST
    more = info.source == "synthetic" and seen > 1.1 * asked
    return Outcome(seen >= least * asked and not more, f"{seen:,} samples in a pass over the training data")


def _is_grouped(case: Case) -> bool:
    """Whether several rows of a table make one sample, as the windows of a series do."""
    info, shape = case.request.ml_task.dataset_info, case.report.input_shape
    return bool(info.dataset_path and info.dataset_path.endswith(".csv") and shape and len(shape) > 1)


RULES: dict[str, Rule] = {
    f"{INFO}.dataset_path": dataset_path,
    f"{INFO}.dataset_name": dataset_name,
    f"{INFO}.source": source,
    f"{INFO}.input_shape": input_shape,
    f"{INFO}.output_shape": output_shape,
    f"{INFO}.num_samples": num_samples,
}
