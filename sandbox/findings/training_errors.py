"""Exceptions of PyTorch that say which step of training is wrong."""

import re

from sandbox.evidence import Evidence, Place
from sandbox.findings.finding import Maker, one_line
from sandbox.findings.training_graph import Graph, disconnected
from sandbox.report import Finding

NO_GRADIENT = r"does not require grad and does not have a grad_fn"
SECOND_TIME = r"backward through the graph a second time"
ERRORS: dict[str, tuple[str, str]] = {
    r"modified by an inplace operation|[Ll]eaf [Vv]ariable that requires grad.* in-place operation": (
        "in-place-breaks-backward",
        "Write x = x + y instead of x += y, and use operations without a trailing underscore on what backward needs.",
    ),
    SECOND_TIME: ("backward-twice", "Call backward once for each loss; add losses that share parts up before it."),
    r"Tried to step \d+ times\. The specified number of total steps": (
        "schedule-at-wrong-pace",
        "Give the schedule as many steps as scheduler.step() is called: epochs times batches, or epochs.",
    ),
    r"step\(\) missing 1 required positional argument: 'metrics'": (
        "scheduler-without-metric", "Pass the figure that it watches: scheduler.step(validation_loss).",
    ),
    r"unscale_\(\) (has already been called|is being called after step)"
    r"|step\(\) has already been called|No inf checks were recorded": (
        "scaler-out-of-order", "Keep to scale, backward, unscale_, clip, scaler.step, scaler.update, each once a step.",
    ),
    r"optimizer got an empty parameter list": (
        "layers-not-registered",
        "Assign layers to attributes of the module, or to nn.ModuleList and nn.ModuleDict, so that it knows them.",
    ),
    r"can't optimize a non-leaf Tensor": (
        "optimizer-bound-to-other-parameters",
        "Move or change the tensor first, then call requires_grad_() on it, and give that to the optimiser.",
    ),
    r"Error\(s\) in loading state_dict": (
        "weights-not-loaded", "Load into a model of the same layers, under the same names.",
    ),
}  # fmt: skip
"""What an exception says -> the fault and its remedy."""


def training_error(evidence: Evidence, make: Maker, at: Place) -> Finding | None:
    """The fault that an exception of training speaks of; None for any other exception."""
    raised = evidence.raised
    if raised is None:
        return None
    told = f"{raised.type}: {one_line(raised.message)}"
    figures = {"exception": raised.type, "stage": raised.stage, "step": raised.steps}
    if re.search(NO_GRADIENT, raised.message):
        id, seen, where = disconnected(evidence, evidence.counted) or ("parameters-never-change", "", None)
        fix = "Keep the loss connected to the parameters: no detach, no .item(), no tensor(loss), no torch.no_grad()."
        return make(id, "critical", f"{told} ({seen})" if seen else told, fix, at=where or at, **figures)
    for pattern, (id, fix) in ERRORS.items():
        if re.search(pattern, raised.message):
            if pattern == SECOND_TIME and _is_carried(evidence):
                fix = "Detach what is carried over, such as a hidden state: state = state.detach()."
                return make("graph-grows", "critical", told, fix, at=at, no="E9", **figures)
            return make(id, "critical", told, fix, at=at, **figures)
    return None


def _is_carried(evidence: Evidence) -> bool:
    """Whether it is another loss that leads into the graph of an earlier one."""
    graph, raised = evidence.counted.section("graph", Graph), evidence.raised
    return graph is not None and raised is not None and not graph.same_loss and raised.steps > 0
