"""What a step that asks a model may use while it works, and whom it tells."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from assistant.model.schema import Budget, Meter


@dataclass(frozen=True)
class Session:
    """One step's budget, its way to stop, and its listener; nothing of it is stored."""

    meter: Meter = field(default_factory=lambda: Meter(Budget()))
    on_text: Callable[[str], None] = lambda _text: None
    """Told the text of a model's reply as it arrives, in pieces."""
    cancel: threading.Event = field(default_factory=threading.Event)
    run_limit_s: float = 300.0
    """Seconds after which the sandbox will stop the draft."""
    variation: int = 0
    """Number of this draft among several independent ones."""
