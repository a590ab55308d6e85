"""Which choices the program made that both frameworks share: seeds, data files, batches, passes, losses.

Runs inside the jail: standard library only. A seed is looked at on its way to the generator; nothing is changed.
"""

import os
import random
import sys
from collections import Counter
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from types import ModuleType
from typing import Any

DATASETS = "sklearn/datasets/data/"
MOST_FILES = 1000


class Choices:
    """Collects what is asked for at the end of the run; hooks of either framework add to it."""

    def __init__(self) -> None:
        self.seeds: list[int] = []
        self.datasets: list[str] = []
        self.losses: dict[Any, dict[str, Any]] = {}
        self.callbacks: list[dict[str, Any]] = []
        self.schedules: list[str] = []
        self.clipping: list[float] = []
        self.mixed_precision: str | None = None
        self.drawn: Counter[int] = Counter()
        """Rows of the training batches that came out of a loader -> how often."""
        self.called: Counter[int] = Counter()
        """Rows of the training calls of a model; they stand in where there was no loader."""
        self.epochs: int | None = None
        self.epoch_samples: int | None = None
        self.broken_off = False
        self._pid = os.getpid()
        self._opened: set[str] = set()
        self._times = {}

    def install(self) -> None:
        self._times = _access_times()
        sys.addaudithook(self._audit)
        watch_seed(self, random, "seed")
        if "numpy" in sys.modules:
            watch_seed(self, sys.modules["numpy"].random, "seed")

    def _audit(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open" and isinstance(arguments[0], str) and len(self._opened) < MOST_FILES:
            path, mode, _ = arguments
            if DATASETS in path:
                self._dataset(Path(path).name)
            elif not (isinstance(mode, str) and set(mode) & set("wax")):
                self._opened.add(path)

    def _dataset(self, name: str) -> None:
        if name not in self.datasets and not name.endswith((".rst", ".py", ".pyc")):
            self.datasets.append(name)

    def loss(self, name: str, where: tuple[str, int] | None) -> None:
        """One value that training is about to differentiate, under the name of the function that made it."""
        if (name, where) in self.losses or len(self.losses) < 50:
            file, line = where or (None, None)
            entry = self.losses.setdefault((name, where), {"name": name, "calls": 0, "file": file, "line": line})
            entry["calls"] += 1

    def passed(self, sizes: Counter[int], *, complete: bool) -> None:
        """One pass over a loader in which steps were made."""
        self.drawn += sizes
        if not complete:
            self.broken_off = True
            return
        samples = sum(rows * count for rows, count in sizes.items())
        self.epochs = (self.epochs or 0) + 1
        self.epoch_samples = max(samples, self.epoch_samples or 0)

    def facts(self) -> dict[str, Any]:
        batches = self.drawn or self.called
        read = {name for name, before in self._times.items() if _read_since(name, before) or self._was_opened(name)}
        return {
            "schedules": self.schedules[:20],
            "losses": list(self.losses.values()),
            "callbacks": self.callbacks[:30],
            "batch_sizes": [list(one) for one in batches.most_common(8)],
            "samples_trained": sum(rows * count for rows, count in batches.items()) or None,
            "epochs": None if self.broken_off else self.epochs,
            "epoch_samples": self.epoch_samples,
            "clipping": sorted(set(self.clipping))[:10],
            "mixed_precision": self.mixed_precision,
            "seeds": list(dict.fromkeys(self.seeds))[:20],
            "datasets": self.datasets[:20],
            "files_read": sorted(read)[:100],
            "files_unread": sorted(self._times.keys() - read)[:100],
        }

    def _was_opened(self, name: str) -> bool:
        return name in self._opened or str(Path(name).absolute()) in self._opened


def watch_seed(choices: Choices, owner: ModuleType, name: str) -> None:
    """Remember the numbers that a seeding function is given."""
    original: Callable[..., Any] = getattr(owner, name)

    @wraps(original)
    def seed(*args: Any, **kwargs: Any) -> Any:
        for value in (*args[:1], *kwargs.values()):
            if isinstance(value, int) and len(choices.seeds) < 1000:
                choices.seeds.append(value)
        return original(*args, **kwargs)

    setattr(owner, name, seed)


def _access_times() -> dict[str, int]:
    """When each data file of the project was last read: libraries read some without telling the interpreter."""
    found: dict[str, int] = {}
    for folder, _, names in os.walk("."):
        for name in names:
            path = Path(folder, name)
            if not name.endswith((".py", ".pyc", ".md", ".toml")) and len(found) < MOST_FILES:
                found[path.as_posix()] = path.stat().st_atime_ns
    return found


def _read_since(name: str, before: int) -> bool:
    try:
        return Path(name).stat().st_atime_ns > before
    except OSError:
        return False
