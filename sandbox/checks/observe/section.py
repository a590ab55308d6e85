"""What one kind of observer offers: it listens while the program runs, and has its figures at the end."""

from typing import Any, Protocol


class Section(Protocol):
    """Made after the framework's own hooks are in place; what it listens to is described at `record.Event`."""

    name: str
    """Key of its figures among the facts."""

    def __init__(self, watch: Any) -> None:
        """Take `watch.record`, `watch.calls`, `watch.training`, `watch.passes`, and begin to listen."""

    def facts(self, root: Any) -> dict[str, Any]:
        """The figures, once the program has ended; `root` is the model that was trained, or None."""
