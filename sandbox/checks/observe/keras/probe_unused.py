"""Layers of a trained Keras model that were made and never called, so that they have no weights yet.

Runs inside the jail.
"""

from collections import Counter
from typing import Any


def unused(subject: Any) -> dict[str, Any]:
    """One entry for each, with how many layers of its kind stand beside it in the same layer and are used."""
    found = []
    for parent in subject.module._flatten_layers():
        own = list(getattr(parent, "_layers", []))
        used = Counter(type(one).__name__ for one in own if one.built)
        for one in own:
            if not one.built and hasattr(one, "kernel_initializer"):
                kind = type(one).__name__
                found.append({"name": one.name, "parent": type(parent).__name__, "kind": kind, "beside": used[kind]})
    return {"seen": found[:20]}
