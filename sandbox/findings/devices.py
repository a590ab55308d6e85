"""Where a program's parameters lived: whether the GPU that it was given did anything, and for whom.

The program's process tells where its parameters are; that a process of it was on the GPU at all is the driver's word,
given to the host. Nothing is said of GPUs where the run had none.
"""

import ast
import re
from collections.abc import Iterator, Mapping

from pydantic import BaseModel

from sandbox.evidence import Evidence, Place
from sandbox.findings.finding import Maker
from sandbox.findings.tree import last_name
from sandbox.report import Finding
from sandbox.schema import ExecResult

DEVICE = re.compile(r"cuda(:\d+)?|/?(device:)?gpu:\d+", re.IGNORECASE)
"""A GPU as a program names it; TensorFlow's bare "GPU" asks for a list, and not for a device."""
TOLD = re.compile(r"(cuda|gpu)(?::(\d+))?$", re.IGNORECASE)
MOST_NAMED = 4


class Devices(BaseModel):
    parameters: dict[str, int] = {}
    """The framework's name of a device -> how many tensors were seen on it while they were trained."""


def devices(evidence: Evidence) -> list[str]:
    """Where the parameters lived, in short: ["cuda:0"]; empty where that was not seen."""
    found = evidence.counted.section("devices", Devices)
    named = sorted(found.parameters) if found is not None else []
    return list(dict.fromkeys(_short(one) for one in named))[:MOST_NAMED]


def gpu_use(evidence: Evidence, result: ExecResult, files: Mapping[str, str | bytes], make: Maker) -> Iterator[Finding]:
    """A GPU that was given to the run and did nothing for it."""
    given, where = result.gpu, devices(evidence)
    if given is None or not where:
        return
    figures = {"gpu": given.name, "parameters_on": where, "seen_by_the_driver": given.used}
    if any(TOLD.fullmatch(one) for one in where):
        if given.used is False:
            message = (
                f"The program says that its parameters lived on {where[0]}, and the driver saw nothing of it there."
            )
            yield make("gpu-not-used", "warning", message, "Look at what the program does to torch.cuda.", **figures)
        return
    at = asks_for_gpu(files)
    if at is not None:
        message = f"The program asks for a GPU and had {given.name}, and its parameters stayed on the CPU."
        fix = (
            "Move the model and each batch to the device, as in model.to(device); "
            "where no GPU is found beside one that is there, 'gradproof doctor' says why."
        )
        yield make("gpu-not-used", "warning", message, fix, at=at, **figures)
    elif _takes_by_itself(files):
        message = f"Keras uses a GPU by itself, {given.name} was there, and the variables lived on the CPU."
        yield make("gpu-not-used", "info", message, "Look at 'gradproof doctor', unless the CPU is meant.", **figures)


def asks_for_gpu(files: Mapping[str, str | bytes]) -> Place:
    """The first line that names a GPU to compute on; a question about one, or an option for one, does not ask."""
    for path, text in files.items():
        if isinstance(text, str) and path.endswith(".py"):
            try:
                tree = ast.parse(text)
            except (SyntaxError, ValueError, RecursionError):
                continue
            if lines := list(_asking(tree)):
                return path, min(lines)
    return None


def _asking(tree: ast.AST) -> Iterator[int]:
    idle = set(_not_asking(tree))
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and DEVICE.fullmatch(node.value):
            if id(node) not in idle:
                yield node.lineno
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "cuda":
            yield node.lineno


def _not_asking(tree: ast.AST) -> Iterator[int]:
    """Names of devices that are compared with, offered as an option, or chosen by other than their being there."""
    found_out = {last_name(one) for node in ast.walk(tree) for one in _targets(node) if _asks_whether(node)}
    for node in ast.walk(tree):
        parts: list[ast.AST] = []
        if isinstance(node, ast.Compare):
            parts = [node]
        elif isinstance(node, ast.keyword) and node.arg == "choices":
            parts = [node.value]
        elif isinstance(node, ast.Call) and last_name(node.func) in ("startswith", "print", "add_argument"):
            parts = list(node.args)
        elif isinstance(node, ast.IfExp) and not (_asks_whether(node.test) or _names(node.test) & found_out):
            parts = [node.body, node.orelse]
        yield from (id(one) for part in parts for one in ast.walk(part))


def _targets(node: ast.AST) -> list[ast.expr]:
    return node.targets if isinstance(node, ast.Assign) else []


def _asks_whether(node: ast.AST) -> bool:
    """Whether a GPU is there."""
    return any(
        last_name(one) in ("is_available", "device_count") for one in ast.walk(node) if isinstance(one, ast.expr)
    )


def _names(node: ast.AST) -> set[str]:
    return {last_name(one) for one in ast.walk(node) if isinstance(one, ast.Name | ast.Attribute)}


def _takes_by_itself(files: Mapping[str, str | bytes]) -> bool:
    text = "\n".join(one for one in files.values() if isinstance(one, str))
    told = re.search(r"set_visible_devices|CUDA_VISIBLE_DEVICES|[\"']/?(device:)?cpu", text, re.IGNORECASE)
    return not told and re.search(r"^\s*(import|from)\s+(keras|tensorflow)\b", text, re.MULTILINE) is not None


def _short(device: str) -> str:
    """TensorFlow's /job:localhost/replica:0/task:0/device:GPU:0 is GPU:0."""
    return device.rpartition("device:")[2][:40]
