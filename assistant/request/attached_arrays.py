"""What an attached .npz archive says of the request: its inputs and labels, their shapes and the task."""

from typing import Any

from assistant.request.arrays import USUAL_LABELS, ArrayProfile, ArraysProfile
from assistant.request.data import FEWEST_OF_A_CLASS, INFO, TYPE, rare_class
from assistant.request.reading import Reading

TARGET = f"{INFO}.target"
USUAL_INPUTS = ("x", "X", "x_train", "X_train", "images", "data", "features", "inputs")
MAX_ARRAY_CLASSES = 200
"""An array of whole numbers with more distinct values is a quantity."""


def read_arrays(name: str, profile: ArraysProfile, values: dict[str, Any], *, composes: bool = True) -> Reading:
    arrays = profile.arrays
    inputs = _key(values.get(f"{INFO}.inputs"), USUAL_INPUTS, arrays)
    target = _key(values.get(TARGET), USUAL_LABELS, arrays)
    if inputs is None or target is None:
        inputs, target = _by_rank(arrays)
    if inputs is None or target is None:
        keys = ", ".join(map(repr, arrays))
        return Reading(
            questions=[
                (f"{name} holds the arrays {keys}: which are the inputs and which the labels? Name them x and y.")
            ]
        )
    x, y = arrays[inputs], arrays[target]
    if len(x.shape) < 2 or not y.shape or x.shape[0] != y.shape[0]:
        return Reading(
            questions=[
                f"{name} has {inputs} of shape {list(x.shape)} and {target} of shape {list(y.shape)}, "
                "which do not pair up: which arrays belong together?"
            ]
        )
    keys = {f"{INFO}.inputs": inputs, TARGET: target, f"{INFO}.num_samples": x.shape[0]}
    unused = [key for key in arrays if key not in (inputs, target)]
    notes = (
        [f"The arrays {inputs!r} and {target!r} of {name} are used, and {', '.join(map(repr, unused))} not."]
        if unused
        else []
    )
    found = Reading(implied=keys, assumptions=notes)
    if not composes:
        return found | _any_shape(name, x) | _any_target(name, target, y, values)
    return found | _shape_of(name, x) | _task_of_array(name, target, y, values)


def _key(given: str | None, usual: tuple[str, ...], arrays: dict[str, ArrayProfile]) -> str | None:
    return given if given in arrays else next((key for key in usual if key in arrays), None)


def _by_rank(arrays: dict[str, ArrayProfile]) -> tuple[str | None, str | None]:
    """Two arrays of which one has a value per sample explain themselves."""
    if len(arrays) != 2:
        return None, None
    inputs, target = sorted(arrays, key=lambda key: len(arrays[key].shape), reverse=True)
    return (inputs, target) if len(arrays[inputs].shape) > len(arrays[target].shape) else (None, None)


def _shape_of(name: str, x: ArrayProfile) -> Reading:
    sides = list(x.shape[1:])
    if len(sides) == 1:
        return Reading(implied={f"{INFO}.input_shape": sides, f"{INFO}.modality": "tabular"})
    image = {f"{INFO}.modality": "image"}
    if len(sides) == 2:
        return Reading(implied={f"{INFO}.input_shape": [1, *sides], f"{INFO}.channels_last": False, **image})
    last, first = sides[-1] in (1, 3, 4), sides[0] in (1, 3, 4)
    if len(sides) > 3 or not (last or first):
        return Reading(
            questions=[
                f"The inputs of {name} have the shape {list(x.shape)}, which is neither (N, features) "
                "nor images with 1, 3 or 4 channels: what are they?"
            ]
        )
    shape = [sides[2], *sides[:2]] if last else sides
    return Reading(implied={f"{INFO}.input_shape": shape, f"{INFO}.channels_last": last, **image})


def _task_of_array(name: str, key: str, y: ArrayProfile, values: dict[str, Any]) -> Reading:
    asked = values.get(TYPE)
    if len(y.shape) > 1 and y.shape[1:] != (1,):
        return Reading(
            questions=[
                f"{key} of {name} has the shape {list(y.shape)}; one label per sample is needed: save "
                "argmax(axis=1) of one-hot labels?"
            ]
        )
    if asked == "classification" and y.distinct is None:
        return Reading(
            questions=[f"{key} of {name} holds {y.dtype} numbers, which are no classes: should it be a regression?"]
        )
    classes = y.distinct is not None and (y.distinct <= MAX_ARRAY_CLASSES or "U" in y.dtype or "S" in y.dtype)
    kind = asked if asked in ("classification", "regression") else ("classification" if classes else "regression")
    if kind == "classification" and y.distinct is not None and y.distinct < 2:
        return Reading(questions=[f"{key} of {name} holds fewer than two classes: which array is the target?"])
    if kind == "classification" and y.rarest is not None and y.rarest < FEWEST_OF_A_CLASS:
        return Reading(questions=[rare_class(f"The array {key!r} of {name}", y.rarest)])
    return Reading(implied={TYPE: kind, f"{INFO}.output_shape": y.distinct if kind == "classification" else 1})


def _any_shape(name: str, x: ArrayProfile) -> Reading:
    """As composing reads it where that can, and samples of any other shape as they are."""
    known = _shape_of(name, x)
    if not known.questions:
        return known
    sides = list(x.shape[1:])
    return Reading(implied={f"{INFO}.input_shape": sides}, unsupported=[f"samples of shape {sides}"])


def _any_target(name: str, key: str, y: ArrayProfile, values: dict[str, Any]) -> Reading:
    """As composing reads it for one label per sample, and else a mask, several labels or several numbers."""
    shape = list(y.shape[1:])
    if not shape or shape == [1]:
        return _task_of_array(name, key, y, values)
    whole = y.dtype.startswith(("int", "uint", "bool"))
    counts = whole and (y.distinct is None or y.distinct <= MAX_ARRAY_CLASSES)
    usual = "segmentation" if counts and len(shape) > 1 else "classification" if counts else "regression"
    kind = values.get(TYPE) or usual
    outputs = y.distinct if kind == "segmentation" and counts and y.distinct else shape
    return Reading(
        implied={TYPE: kind, f"{INFO}.output_shape": outputs},
        unsupported=[f"targets of shape {shape} for each sample, in the array {key!r} of {name}"],
    )
