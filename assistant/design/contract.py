"""What is declared of a draft before it runs, from what was asked for; see `sandbox.contract`.

It follows from the request alone: a model that writes a draft cannot declare its way out of a finding.
"""

import re

from assistant.design.composable import modality
from assistant.design.roles import problem
from assistant.schema import PythonMLDLRequest
from sandbox.contract import Axis, Contract, Update

SAMPLES = r"\bvae\b|variational|diffusion|monte[- ]carlo dropout|\bmc[- ]dropout\b|bayes|normali[sz]ing flow"
MIXES = r"contrastive|simclr|\bclip\b|triplet|siamese|graph (neural|conv)|\bgcn\b|\bgnn\b|\bgat\b|in-batch"
ALTERNATES = r"\bgan\b|\bwgan\b|\bdcgan\b|adversarial|generator and (a )?discriminator"
ACCUMULATES = r"accumulat\w* (the )?gradients?|gradient accumulation"
FEATURES: dict[str, tuple[Axis, ...]] = {"tabular": ("feature",), "text": ("time",)}


def declare(request: PythonMLDLRequest) -> Contract:
    """The contract of every draft for this request. Attached code keeps its own axes, which nobody has declared."""
    own_code = bool(request.context.existing_codebase)
    asked = request.ml_task.problem_description.lower()
    return Contract(
        input_axes=None if own_code else _input_axes(request),
        output_axes=None if own_code else _output_axes(request),
        causal=_is_causal(request),
        stochastic_evaluation=bool(re.search(SAMPLES, asked)),
        mixes_batch=bool(re.search(MIXES, asked)),
        update=_update(asked, own_code=own_code),
    )


def _input_axes(request: PythonMLDLRequest) -> tuple[Axis, ...]:
    kind = modality(request)
    return ("batch", *(_image(request, "channel") if kind == "image" else FEATURES[kind]))


def _image(request: PythonMLDLRequest, last: Axis) -> tuple[Axis, ...]:
    """PyTorch has the channels or classes first, Keras last."""
    return (last, "height", "width") if request.framework == "pytorch" else ("height", "width", last)


def _output_axes(request: PythonMLDLRequest) -> tuple[Axis, ...] | None:
    match problem(request), modality(request):
        case "segmentation", _:
            return ("batch", *_image(request, "class"))
        case "generation", "text":
            return ("batch", "time", "class")
        case "classification", _:
            return ("batch", "class")
        case "regression", _:
            return ("batch", "feature")
    return None


def _is_causal(request: PythonMLDLRequest) -> bool | None:
    if request.model.architecture == "gpt" or (problem(request), modality(request)) == ("generation", "text"):
        return True
    return False if request.model.architecture == "bert" else None


def _update(asked: str, *, own_code: bool) -> Update | None:
    if re.search(ALTERNATES, asked):
        return "alternating"
    if re.search(ACCUMULATES, asked):
        return "accumulated"
    return None if own_code else "each"
