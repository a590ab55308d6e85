"""Where everything that is read by a person is printed."""

import os

from rich.console import Console


def console() -> Console:
    """Standard output; plain where it is no terminal, and where NO_COLOR is set."""
    return Console(color_system=None if os.environ.get("NO_COLOR") else "auto", highlight=False)
