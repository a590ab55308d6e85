"""Rules over the text of PyTorch programs, for what a run on small data and without a GPU cannot show."""

import ast
import re
from collections.abc import Callable, Iterator

from sandbox.findings.finding import Maker
from sandbox.findings.tree import Source, calls, constant, imports, keyword, last_name
from sandbox.report import Finding

WAITS = re.compile(r"patience|early.?stop", re.IGNORECASE)
KEEPS = re.compile(r"state_dict|deepcopy|\.clone\(|\.save\(|\.copy_\(|get_weights")
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


def stopped_without_best(source: Source, make: Maker) -> Iterator[Finding]:
    """A loop that waits for an improvement for some time and ends, in a program that keeps no weights at all."""
    if not imports(source.tree, "torch") or KEEPS.search(source.program):
        return
    counted = {last_name(one.target) for one in ast.walk(source.tree) if isinstance(one, ast.AugAssign)}
    counted &= set(_set_to_zero(source.tree))
    for loop in ast.walk(source.tree):
        stops = [one for one in ast.walk(loop) if isinstance(one, ast.If) and any(map(_is_break, one.body))]
        stops = [one for one in stops if counted & _names(one.test) or (counted and WAITS.search(source.program))]
        if isinstance(loop, ast.For | ast.While) and stops:
            message = "Training ends some time after the best epoch, and no weights of that epoch are kept."
            fix = "Keep a copy of the weights at each improvement, and load the last copy once training is over."
            yield make("kept-weights-not-restored", "warning", message, fix, at=(source.path, stops[0].lineno))
            return


def _names(node: ast.AST) -> set[str]:
    return {last_name(one) for one in ast.walk(node) if isinstance(one, ast.Name | ast.Attribute)}


def _is_break(node: ast.stmt) -> bool:
    return isinstance(node, ast.Break)


def _set_to_zero(tree: ast.AST) -> Iterator[str]:
    """What some condition sets back to zero; that of a counter's own fullness tells of no improvement."""
    for branch in (one for one in ast.walk(tree) if isinstance(one, ast.If)):
        for node in (one for one in ast.walk(branch) if isinstance(one, ast.Assign)):
            target, value = node.targets[0], node.value
            several = isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple)
            pairs = zip(target.elts, value.elts, strict=False) if several else [(target, value)]
            zeroed = {last_name(one) for one, given in pairs if constant(given) == 0}
            yield from zeroed - _names(branch.test)


TORCH_RULES: tuple[Callable[[Source, Maker], Iterator[Finding]], ...] = (
    loader_without_workers,
    decay_inside_adam,
    pickled_checkpoint,
    stopped_without_best,
)
