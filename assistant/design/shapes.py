"""The family of models and why, what synthetic samples look like, and the sizes of models beyond the vetted ones."""

import math

from assistant.design.chooser import Chooser
from assistant.design.composable import modality, outputs
from assistant.design.families import FAMILIES, attention_heads, halvings, patch_size
from assistant.design.roles import SEQUENTIAL, architecture, has_vetted_model, problem
from assistant.schema import DesignChoice, PythonMLDLRequest

ASSUMED = "not said, so assumed"


def explain_family(request: PythonMLDLRequest) -> DesignChoice:
    """Why this architecture."""
    name = architecture(request)
    asked, reason = request.model.architecture, FAMILIES[name].reason
    if asked == "custom":
        reason = f"a start for the model that was described; {reason}"
    elif asked:
        reason = f"as asked; {reason}"
    return DesignChoice(name="architecture", value=f"{name} for {modality(request)} {problem(request)}", reason=reason)


def choose_family(chooser: Chooser, request: PythonMLDLRequest) -> None:
    """Width, depth and what else the family needs."""
    model, name = request.model, architecture(request)
    family = FAMILIES[name]
    width = chooser.pick("hidden_dim", model.hidden_dim, family.hidden_dim, family.width)
    depth = family.num_layers
    if name == "unet":
        depth = halvings(depth, image_shape(request)[1:])
    chooser.pick("num_layers", model.num_layers, depth, family.depth)
    if family.attends:
        chooser.pick("num_heads", None, attention_heads(width), "divides the width, with 16 numbers or more for each")
    if name == "vit":
        reason = "divides the image and leaves at least 4x4 patches"
        chooser.pick("patch_size", None, patch_size(math.gcd(*image_shape(request)[1:])), reason)
    chooser.pick("dropout", model.dropout, family.dropout, "light, because the model is small")
    if family.activation:
        chooser.pick("activation", model.activation, family.activation, "customary for this family")


def choose_shape(chooser: Chooser, request: PythonMLDLRequest) -> None:
    """What a synthetic sample and its answer look like."""
    kind, shape = modality(request), request.ml_task.dataset_info.input_shape
    if kind == "image":
        channels, *size = image_shape(request)
        is_said = len(shape or []) in (2, 3)
        reason = ASSUMED if request.model.architecture != "unet" else "not said; halves evenly at each level"
        chooser.pick("channels", channels if is_said else None, channels, ASSUMED)
        chooser.pick("image_size", tuple(size) if is_said else None, tuple(size), reason)
    elif kind == "text":
        _choose_text(chooser, request)
    elif architecture(request) in SEQUENTIAL:
        length, *features = shape or [32]
        chooser.pick("sequence_length", length if shape else None, length, ASSUMED)
        chooser.pick("num_features", features[0] if features else None, 1, "one series, as nothing was said")
    else:
        chooser.pick("num_features", math.prod(shape) if shape else None, 20, ASSUMED)
    _choose_answer(chooser, request)


def image_shape(request: PythonMLDLRequest) -> list[int]:
    """Channels and sides of an image: as said, or a size that a CPU trains on in minutes."""
    shape = request.ml_task.dataset_info.input_shape or []
    side = 64 if problem(request) in ("segmentation", "detection") else 32
    return shape if len(shape) == 3 else [1, *shape] if len(shape) == 2 else [3, side, side]


def _choose_text(chooser: Chooser, request: PythonMLDLRequest) -> None:
    info = request.ml_task.dataset_info
    characters = problem(request) == "generation"
    vocabulary, why = (128, "one token for each ASCII character") if characters else (1000, ASSUMED)
    chooser.pick("vocab_size", info.vocab_size, vocabulary, why)
    length = info.input_shape[0] if info.input_shape else None
    chooser.pick("sequence_length", length, 64 if characters else 32, ASSUMED)


def _choose_answer(chooser: Chooser, request: PythonMLDLRequest) -> None:
    said = request.ml_task.dataset_info.output_shape
    number = said if isinstance(said, int) else None
    task = problem(request)
    if task == "segmentation":
        chooser.pick("num_classes", number, 2, "of each pixel: the thing and its background, as nothing was said")
    elif task == "detection":
        chooser.pick("num_classes", number, 3, ASSUMED)
        chooser.pick("max_objects", None, 3, "boxes in one synthetic image, enough for some to overlap")
    elif task == "regression":
        if (several := outputs(request)) or not has_vetted_model(request):
            chooser.pick("num_outputs", several, 1, "one number for each sample, as nothing was said")
    elif task == "classification":
        chooser.pick("num_classes", number, 2 if modality(request) == "text" else 3, ASSUMED)
    elif modality(request) == "image":
        chooser.pick("latent_dim", None, 64, "size of the noise or code that an image is made from")
