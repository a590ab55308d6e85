"""Rules over the text of PyTorch programs, for what a run on small data and without a GPU cannot show."""

import ast
import re
from collections.abc import Callable, Iterator

from sandbox.findings.finding import Maker
from sandbox.findings.tree import Source, calls, constant, imports, keyword
from sandbox.report import Finding

READS_FILES = re.compile(r"\b(ImageFolder|Image\.open|imread|read_image|decode_image|torchaudio\.load)\b")


def loader_without_workers(source: Source, make: Maker) -> Iterator[Finding]:
    """Only where a GPU could wait, and where files are decoded for it."""
    if "cuda" not in source.program or not READS_FILES.search(source.program):
        return
    for call in calls(source.tree, "DataLoader"):
        workers = keyword(call, "num_workers")
        if imports(source.tree, "torch") and (workers is None or constant(workers) == 0):
            message = "The DataLoader reads and decodes files in the training process itself."
            fix = "Pass num_workers=4 or so, and pin_memory=True for a GPU."
            yield make("loader-without-workers", "info", message, fix, at=(source.path, call.lineno))


def decay_inside_adam(source: Source, make: Maker) -> Iterator[Finding]:
    if not imports(source.tree, "torch"):
        return
    for call in calls(source.tree, "Adam"):
        decay = keyword(call, "weight_decay")
        if decay is not None and constant(decay) not in (0, 0.0, None):
            message = f"Adam is given weight_decay={ast.unparse(decay)}, which it adds to the gradient."
            fix = "Use AdamW, and leave biases and the weights of norms out of the decay."
            yield make("decay-inside-adam", "info", message, fix, at=(source.path, call.lineno))


def pickled_checkpoint(source: Source, make: Maker) -> Iterator[Finding]:
    for call in calls(source.tree, "load"):
        if constant(keyword(call, "weights_only")) is False:
            message = "weights_only=False lets the file run code of its own when it is loaded."
            fix = "Save model.state_dict(), and load it with the default weights_only=True."
            yield make("pickled-checkpoint", "info", message, fix, at=(source.path, call.lineno))


TORCH_RULES: tuple[Callable[[Source, Maker], Iterator[Finding]], ...] = (
    loader_without_workers,
    decay_inside_adam,
    pickled_checkpoint,
)
