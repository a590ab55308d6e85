"""Listening to functions of Keras and TensorFlow without changing what they do. Runs inside the jail."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from observe.record import DETACHED, Record, harmless, is_users

Hook = Callable[..., None]


def listen(record: Record, owner: Any, name: str, *, before: Hook | None = None, after: Hook | None = None) -> None:
    """Call `before` with the arguments of each call, and `after` with its result and the arguments.

    A layer's `__init__` must stay as it is, for Keras reads its signature: listen to `__new__` there.
    """
    original = getattr(owner, name)
    begins = harmless(record)(before) if before is not None else None
    ends = harmless(record)(after) if after is not None else None

    @wraps(original)
    def watched(*args: Any, **kwargs: Any) -> Any:
        if begins is not None and record.depth < DETACHED:
            begins(*args, **kwargs)
        result = original(*args, **kwargs)
        if ends is not None and record.depth < DETACHED:
            ends(result, *args, **kwargs)
        return result

    setattr(owner, name, staticmethod(watched) if name == "__new__" else watched)


def is_own(frame: Any, *, beside: tuple[str, ...] = ("/autograph/",)) -> bool:
    """Whether a frame is the program's own text, or what AutoGraph made of it; frames `beside` it are passed over."""
    while frame is not None and any(part in frame.f_code.co_filename for part in beside):
        frame = frame.f_back
    name = frame.f_code.co_filename if frame is not None else ""
    return "__autograph_generated_file" in name or is_users(name)
