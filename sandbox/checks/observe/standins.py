"""Datasets that would need a network: answered with learnable stand-ins of the same shape, dtype and classes.

Runs inside the jail. Each use is named in the report.
"""

import ast
import sys
from collections.abc import Callable
from functools import cache, wraps
from inspect import signature
from pathlib import Path
from types import FunctionType
from typing import Any

import numpy as np

from observe.drawing import stand_in_for_drawing
from observe.record import Record, folder
from observe.source import tree_of

IMAGES = {
    "mnist": ((28, 28), 10, (6000, 1000), 1),
    "fashion_mnist": ((28, 28), 10, (6000, 1000), 1),
    "cifar10": ((32, 32, 3), 10, (5000, 1000), 2),
    "cifar100": ((32, 32, 3), 100, (5000, 1000), 2),
}
"""Name -> shape of one image, classes, samples to train and test on, axes of the labels."""
WHOLE = {"mnist": 60_000, "fashion_mnist": 60_000, "cifar10": 50_000, "cifar100": 50_000, "imdb": 25_000}
"""As many as there really are to train on, for programs that count on them; see `counts`."""


def install(record: Record, framework: str, *, foreign: bool = False) -> None:
    """`foreign` programs, which somebody else wrote, are also lent what is not installed."""
    if foreign:
        stand_in_for_drawing(record, framework)
    if framework == "tensorflow":
        _stand_in_for_keras(record)
        _without_downloads(record)
    elif foreign:
        from observe.torch.vision import stand_in_for_torchvision

        stand_in_for_torchvision(record)
    if "sklearn.datasets" in sys.modules or _mentions("sklearn"):
        _stand_in_for_sklearn(record)


def _mentions(word: str) -> bool:
    return any(word in path.read_text(encoding="utf-8", errors="replace") for path in Path.cwd().glob("*.py"))


def tell(record: Record, name: str, samples: int) -> None:
    record.stand_in(f"{name} was answered with a synthetic stand-in of {samples} samples: there is no network here.")


def _stand_in_for_keras(record: Record) -> None:
    from keras import datasets

    def replace(name: str, make: Callable[..., Any]) -> None:
        module = getattr(datasets, name, None)
        original = getattr(module, "load_data", None)
        if original is None:
            return

        def load_data(*args: Any, **kwargs: Any) -> Any:
            answer = make(**kwargs)
            tell(record, f"keras.datasets.{name}", len(answer[0][0]) + len(answer[1][0]))
            return answer

        module.load_data = load_data

    for name in IMAGES:
        replace(name, lambda name=name, **_: images(name))
    replace("imdb", lambda num_words=None, **_: reviews(classes=2, num_words=num_words or 20_000))
    replace("reuters", lambda num_words=None, **_: reviews(classes=46, num_words=num_words or 20_000))
    replace("california_housing", lambda **_: houses(8, scale=100_000.0))
    replace("boston_housing", lambda **_: houses(13, scale=10.0))


def _without_downloads(record: Record) -> None:
    """The architectures of keras.applications come with random weights in the place of those from ImageNet."""
    from keras import applications

    def replace(name: str, build: Callable[..., Any]) -> None:
        @wraps(build)
        def built(*args: Any, **kwargs: Any) -> Any:
            if kwargs.get("weights", "imagenet") == "imagenet" and len(args) < 2:
                kwargs["weights"] = None
                told = f"The weights of keras.applications.{name} are random: those of ImageNet need a network."
                record.stand_in(told)
            return build(*args, **kwargs)

        setattr(applications, name, built)

    for name, value in list(vars(applications).items()):
        if isinstance(value, FunctionType) and "weights" in signature(value).parameters:
            replace(name, value)


def _stand_in_for_sklearn(record: Record) -> None:
    try:
        from sklearn import datasets
        from sklearn.utils import Bunch
    except ImportError:
        return

    def california(*, return_X_y: bool = False, as_frame: bool = False, **_: Any) -> Any:
        (x, y), _ = houses(8, scale=1.0, samples=4000)
        tell(record, "sklearn.datasets.fetch_california_housing", len(x))
        names = ["MedInc", "HouseAge", "AveRooms", "AveBedrms", "Population", "AveOccup", "Latitude", "Longitude"]
        return _bunch(Bunch, x, y, names, "MedHouseVal", return_X_y=return_X_y, as_frame=as_frame)

    original = datasets.fetch_openml

    def openml(name: Any = None, *args: Any, return_X_y: bool = False, as_frame: Any = "auto", **kw: Any) -> Any:
        if name not in ("mnist_784", "Fashion-MNIST"):
            return original(name, *args, return_X_y=return_X_y, as_frame=as_frame, **kw)
        (x, y), _ = images("mnist")
        tell(record, f"sklearn.datasets.fetch_openml({name!r})", len(x))
        x, y = x.reshape(len(x), -1).astype(np.float64), y.astype(str).astype(object)
        names = [f"pixel{column + 1}" for column in range(784)]
        return _bunch(Bunch, x, y, names, "class", return_X_y=return_X_y, as_frame=bool(as_frame))

    datasets.fetch_california_housing, datasets.fetch_openml = california, openml


def _bunch(
    kind: Any, x: np.ndarray, y: np.ndarray, names: list[str], target: str, *, return_X_y: bool, as_frame: bool
) -> Any:
    frame = None
    if as_frame:
        import pandas

        x, y = pandas.DataFrame(x, columns=names), pandas.Series(y, name=target)
        frame = x.assign(**{target: y})
    answer = kind(data=x, target=y, feature_names=names, target_names=[target], frame=frame, DESCR="synthetic")
    return (x, y) if return_X_y else answer


def images(name: str) -> tuple[tuple[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]:
    """A smooth template per class, shifted and noisy: easy for a small network, not for a constant."""
    shape, classes, sizes, label_axes = IMAGES[name]
    random = np.random.default_rng(0)
    coarse = random.uniform(0, 255, (classes, 7, 7, *shape[2:]))
    repeat = -(-shape[0] // 7)
    templates = coarse.repeat(repeat, 1).repeat(repeat, 2)[:, : shape[0], : shape[1]]

    def part(samples: int) -> tuple[np.ndarray, np.ndarray]:
        y = random.integers(0, classes, samples)
        x = np.empty((samples, *shape), np.uint8)
        for rows in np.array_split(np.arange(samples), -(-samples // sizes[0])):
            noisy = 0.7 * templates[y[rows]] + random.normal(40, 30, (len(rows), *shape))
            x[rows] = noisy.clip(0, 255)
        labels = y.astype(np.uint8)
        return x, labels if label_axes == 1 else labels[:, None]

    return part(WHOLE[name] if counts(sizes[0], WHOLE[name]) else sizes[0]), part(_test_size(name))


def _test_size(name: str) -> int:
    """All of them where the program names both sizes, as `x_test.reshape(10000, 784)` does."""
    return 10_000 if _numbers() >= {WHOLE[name], 10_000} else IMAGES[name][2][1]


def counts(few: int, many: int, *, but: int | None = None) -> bool:
    """Whether the program holds a number of thousands that few samples do not reach: it may cut its data there.

    `but` is a number that is known to mean something else.
    """
    return any(few // 2 < one <= many and one % 1000 == 0 and one != but for one in _numbers())


@cache
def _numbers() -> set[int]:
    """The whole numbers in the program's files."""
    found = set()
    for path in sorted(Path(folder()).glob("*.py"))[:50]:
        tree = tree_of(path)
        nodes = ast.walk(tree) if tree is not None else ()
        found |= {one.value for one in nodes if isinstance(one, ast.Constant) and type(one.value) is int}
    return found


def reviews(*, classes: int, num_words: int) -> tuple[tuple[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]:
    """Lists of word numbers of varying length; a third of the words tell the class."""
    random = np.random.default_rng(0)
    top = min(num_words, 20_000)
    marks = random.integers(4, max(5, min(top, 2000)), (classes, 40))

    def part(samples: int) -> tuple[np.ndarray, np.ndarray]:
        y = random.integers(0, classes, samples)
        rows = np.empty(samples, dtype=object)
        for index, label in enumerate(y):
            words = random.integers(4, max(5, top), random.integers(20, 200))
            told = random.random(len(words)) < 0.33
            words[told] = random.choice(marks[label], told.sum())
            rows[index] = [1, *words.tolist()]
        return rows, y.astype(np.int64)

    return part(WHOLE["imdb"] if classes == 2 and counts(2000, WHOLE["imdb"], but=num_words) else 2000), part(500)


def houses(
    features: int, *, scale: float, samples: int = 2000
) -> tuple[tuple[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]:
    """Positive features and a price that depends on them smoothly, with noise."""
    random = np.random.default_rng(0)
    x = random.gamma(2.0, 1.0, (samples, features))
    weights = random.normal(0, 1, features)
    y = np.log1p(np.exp((x - 2.0) @ weights / 2)) + 0.5 + random.normal(0, 0.1, samples)
    x, y = x.astype(np.float32), (scale * y).astype(np.float32)
    cut = int(0.8 * samples)
    return (x[:cut], y[:cut]), (x[cut:], y[cut:])
