"""Arguments for a class whose author gave no example: its defaults, and small numbers by the names of the others."""

import inspect
import re
from collections.abc import Callable
from typing import Any

SIZES: tuple[tuple[str, Any], ...] = (
    (r"num_class|n_class|classes|num_labels|n_labels|num_outputs", 10),
    (r"vocab|num_embeddings|num_tokens|n_tokens", 100),
    (r"in_chan|in_ch\b|channels_in|n_channels|num_channels|^channels$|in_c$", 3),
    (r"image_size|img_size|resolution", 32),
    (r"patch", 8),
    (r"heads|n_head", 4),
    (r"layers|depth|blocks|n_layer", 2),
    (r"seq_len|max_len|block_size|context|length", 16),
    (r"kernel", 3),
    (r"stride|groups|expansion|dilation", 1),
    (r"padding", 0),
    (r"dropout|drop|rate|^p$", 0.1),
    (r"out_chan|out_ch\b|channels_out|filters|width", 16),
    (r"dim|hidden|embed|units|size|features|d_model|channels|latent", 32),
)
"""Part of a parameter's name -> a value that small models have; the first that fits is taken."""


class Undecided(Exception):
    """An argument that no name tells; the message names it."""


def construct(build: Callable[..., Any]) -> tuple[Any, dict[str, Any]]:
    """Call `build` with its defaults, and with guesses for what has none. Raises Undecided, or what `build` raises."""
    guesses: dict[str, Any] = {}
    for name, parameter in inspect.signature(build).parameters.items():
        if parameter.default is not parameter.empty or parameter.kind in (
            parameter.VAR_POSITIONAL,
            parameter.VAR_KEYWORD,
        ):
            continue
        guesses[name] = _guess(name)
    return build(**guesses), guesses


def _guess(name: str) -> Any:
    for pattern, value in SIZES:
        if re.search(pattern, name.lower()):
            return value
    raise Undecided(f"nothing tells what its argument {name!r} should be")
