"""Arguments for a class whose author gave no example: its defaults, and small numbers by the names of the others."""

import contextlib
import dataclasses
import inspect
import re
import sys
from collections.abc import Callable
from typing import Any

IMAGE = r"image_size|img_size|resolution"
CHANNELS = r"in_chan|in_ch\b|channels_in|n_channels|num_channels|^channels$|in_c$"
LENGTH = r"seq_len|max_len|block_size|context|length"
CONFIGURATION = r"^(config|configuration|cfg|conf|hparams|args|params|options)$"
PATCHES = 8
"""Along one side of an image whose size is given."""
SIZES: tuple[tuple[str, Any], ...] = (
    (r"num_class|n_class|classes|num_labels|n_labels|num_outputs", 10),
    (r"vocab|num_embeddings|num_tokens|n_tokens", 100),
    (CHANNELS, 3),
    (IMAGE, 32),
    (r"patch", 8),
    (r"heads|n_head", 4),
    (r"layers|depth|blocks|n_layer", 2),
    (LENGTH, 16),
    (r"kernel", 3),
    (r"stride|groups|expansion|dilation", 1),
    (r"padding", 0),
    (r"mult|ratio", 2),
    (r"dropout|drop|rate|^p$", 0.1),
    (r"out_chan|out_ch\b|channels_out|filters|width", 16),
    (r"dim|hidden|embe?d|units|size|features|d_model|channels|latent", 32),
)
"""Part of a parameter's name -> a value that small models have; the first that fits is taken."""


class Undecided(Exception):
    """An argument that no name tells; the message names it."""


def construct(build: Callable[..., Any], *, shape: list[int] | None = None) -> tuple[Any, dict[str, Any]]:
    """Call `build` with its defaults, and with guesses for what has none; they fit an input of `shape` if one is given.

    Raises Undecided, or what `build` raises.
    """
    guesses = {
        name: _configured(build, shape) if re.search(CONFIGURATION, name) else _guess(name, shape)
        for name, parameter in inspect.signature(build).parameters.items()
        if _is_asked_for(parameter, shape) and parameter.kind not in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD)
    }
    told = {name: vars(one) if dataclasses.is_dataclass(one) else one for name, one in guesses.items()}
    return build(**guesses), told


def _is_asked_for(parameter: inspect.Parameter, shape: list[int] | None) -> bool:
    """What has no default, and the size of images where a shape tells it better."""
    sized = shape is not None and len(shape) == 3 and type(parameter.default) is int
    return parameter.default is parameter.empty or (sized and re.search(IMAGE, parameter.name.lower()) is not None)


def _configured(build: Callable[..., Any], shape: list[int] | None) -> Any:
    """The file's own dataclass of settings, with its defaults for all but sizes, which are small."""
    values = vars(sys.modules[build.__module__]).values()
    kinds = [one for one in values if isinstance(one, type) and dataclasses.is_dataclass(one)]
    if not kinds:
        raise Undecided("no dataclass of its own tells what its settings are")
    chosen: dict[str, Any] = {}
    for one in dataclasses.fields(kinds[-1]):
        if one.default is None or one.default is dataclasses.MISSING or type(one.default) is int:
            with contextlib.suppress(Undecided):
                chosen[one.name] = _guess(one.name, shape)
    return kinds[-1](**chosen)


def image_shape(build: Callable[..., Any], guesses: dict[str, Any]) -> list[int] | None:
    """Channels, height and width of the images that what was built with a guessed image size takes."""
    size = next((value for name, value in guesses.items() if re.search(IMAGE, name.lower())), None)
    if size is None:
        return None
    defaults = {name: one.default for name, one in inspect.signature(build).parameters.items()}
    named = (value for name, value in (defaults | guesses).items() if re.search(CHANNELS, name.lower()))
    channels = next((value for value in named if isinstance(value, int)), 3)
    return [channels, size, size]


def _guess(name: str, shape: list[int] | None) -> Any:
    given = _given(name.lower(), shape) if shape is not None and len(shape) in (1, 3) else None
    if given is not None:
        return given
    for pattern, value in SIZES:
        if re.search(pattern, name.lower()):
            return value
    raise Undecided(f"nothing tells what its argument {name!r} should be")


def _given(name: str, shape: list[int]) -> int | None:
    """What the shape of an image, or the length of a sequence, says of this argument."""
    if len(shape) < 3:
        return shape[0] if re.search(LENGTH, name) else None
    if re.search(CHANNELS, name):
        return shape[0]
    if re.search(IMAGE, name):
        return shape[-1]
    return shape[-1] // PATCHES if re.search("patch", name) and shape[-1] % PATCHES == 0 else None
