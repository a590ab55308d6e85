"""The agent: a question in, a proved project out."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from assistant.app import Assistant, open_assistant
    from assistant.graph import build_graph
    from assistant.settings import Settings

__all__ = ["Assistant", "Settings", "build_graph", "open_assistant"]

_HOMES = {
    "Assistant": "assistant.app",
    "Settings": "assistant.settings",
    "build_graph": "assistant.graph",
    "open_assistant": "assistant.app",
}


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used, so that `import assistant` stays instant (PEP 562)."""
    if name not in _HOMES:
        raise AttributeError(f"module 'assistant' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOMES[name]), name)
