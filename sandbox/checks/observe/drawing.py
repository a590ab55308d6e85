"""A stand-in for libraries that draw, where they are not installed: what is asked of it is taken, and nothing is drawn.

Runs inside the jail, and only for programs that somebody else wrote. Figures say nothing about training, so a program
that ends with one can be checked without them. What computes on a figure's pixels or colours is not served.
"""

import importlib.abc
import importlib.machinery
import importlib.util
import sys
from types import ModuleType
from typing import Any

import numpy as np

from observe.record import Record, imported_by_user

LIBRARIES = ("matplotlib", "seaborn", "IPython")


def stand_in_for_drawing(record: Record, framework: str) -> None:
    """Answer the import of a library that draws from now on, unless there is one."""
    sys.meta_path.append(_Finder(record))
    if importlib.util.find_spec("matplotlib") is None:
        sys.meta_path.insert(0, _PandasPlots(record))
    if framework == "tensorflow" and importlib.util.find_spec("pydot") is None:
        _without_diagrams(record)


class Nothing:
    """What a drawing function gives back; it can be called, indexed and entered, and does nothing."""

    def __init__(self, *args: Any, **kwargs: Any) -> None: ...

    def __getattr__(self, name: str) -> "Nothing":
        if name.startswith("__"):
            raise AttributeError(name)
        return Nothing()

    def __call__(self, *args: Any, **kwargs: Any) -> "Nothing":
        return Nothing()

    def __getitem__(self, key: Any) -> "Nothing":
        return Nothing()

    def __iter__(self) -> Any:
        return iter(())

    def __enter__(self) -> "Nothing":
        return self

    def __exit__(self, *raised: Any) -> None: ...

    def plot(self, *args: Any, **kwargs: Any) -> list["Nothing"]:
        """One line, as in `line, = plt.plot(x, y)`."""
        return [Nothing()]

    def subplots(
        self, nrows: int = 1, ncols: int = 1, *args: Any, squeeze: bool = True, **kwargs: Any
    ) -> tuple["Nothing", Any]:
        """A figure and as many axes, in the shape in which matplotlib gives them."""
        axes = np.empty((nrows, ncols), dtype=object)
        for place in np.ndindex(axes.shape):
            axes[place] = Nothing()
        return Nothing(), (axes if not squeeze else axes.item() if axes.size == 1 else axes.squeeze())

    def hist(self, x: Any, bins: Any = 10, *args: Any, **kwargs: Any) -> tuple[Any, Any, "Nothing"]:
        counts, edges = np.histogram(np.asarray(x, dtype=float).ravel(), bins=bins or 10)
        return counts, edges, Nothing()


class _Module(ModuleType):
    """Every name in it is there."""

    def __getattr__(self, name: str) -> Any:
        return getattr(Nothing(), name)


class _Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Asked last: what is installed has been found before."""

    def __init__(self, record: Record) -> None:
        self.record = record

    def find_spec(self, name: str, path: Any, target: Any = None) -> importlib.machinery.ModuleSpec | None:
        top = name.split(".")[0]
        missing = name == top or isinstance(sys.modules.get(top), _Module)
        wanted = top in LIBRARIES and missing and imported_by_user()
        return importlib.machinery.ModuleSpec(name, self) if wanted else None

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType:
        return _Module(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        vars(module).update(__path__=[], __version__="0 (stand-in)")
        name = module.__name__.split(".")[0].replace("pandas", "matplotlib")
        self.record.stand_in(f"{name} is not installed: nothing was drawn.")


class _PandasPlots(_Finder):
    """The part of pandas that draws with matplotlib, and needs more of it than is stood in for."""

    def find_spec(self, name: str, path: Any, target: Any = None) -> importlib.machinery.ModuleSpec | None:
        return importlib.machinery.ModuleSpec(name, self) if name == "pandas.plotting._matplotlib" else None


def _without_diagrams(record: Record) -> None:
    """`keras.utils.plot_model` would raise where pydot is missing."""
    from keras import utils

    def plot_model(*args: Any, **kwargs: Any) -> None:
        record.stand_in("pydot is not installed: keras.utils.plot_model drew nothing.")

    utils.plot_model = plot_model
