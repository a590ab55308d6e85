"""A stand-in for torchvision where it is not installed: its datasets with made-up images, and its usual transforms.

Runs inside the jail, and only for programs that somebody else wrote: a draft may not rely on what is not there. What it
has not, it says so when it is asked for.
"""

import importlib.abc
import importlib.machinery
import importlib.util
import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy as np
import torch
import torch.nn.functional as functional
from torch.utils.data import Dataset

from observe.record import Record, imported_by_user
from observe.standins import images, tell

DATASETS = {
    "MNIST": "mnist",
    "FashionMNIST": "fashion_mnist",
    "KMNIST": "mnist",
    "CIFAR10": "cifar10",
    "CIFAR100": "cifar100",
}
"""Class of torchvision -> the stand-in of the same shape and classes."""


def stand_in_for_torchvision(record: Record) -> None:
    """Answer `import torchvision` from now on, unless there is one."""
    if importlib.util.find_spec("torchvision") is None:
        sys.meta_path.append(_Finder(record))


class _Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds torchvision and the parts of it that are described here."""

    def __init__(self, record: Record) -> None:
        self.record = record
        self.parts: dict[str, dict[str, Any]] = {
            "torchvision": {"__path__": [], "__version__": "0 (stand-in)"},
            "torchvision.datasets": {name: _dataset(name, record) for name in DATASETS},
            "torchvision.transforms": {"__path__": [], **{one.__name__: one for one in TRANSFORMS}},
            "torchvision.utils": {"make_grid": make_grid, "save_image": save_image},
        }

    def find_spec(self, name: str, path: Any, target: Any = None) -> importlib.machinery.ModuleSpec | None:
        return importlib.machinery.ModuleSpec(name, self) if name in self.parts and imported_by_user() else None

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType:
        return _Partial(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        vars(module).update(self.parts[module.__name__])
        told = "torchvision is not installed: its datasets and transforms were answered with stand-ins."
        self.record.stand_in(told)


class _Partial(ModuleType):
    """A module that says what it has not."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        if f"{self.__name__}.{name}" in ("torchvision.datasets", "torchvision.transforms", "torchvision.utils"):
            return importlib.import_module(f"{self.__name__}.{name}")
        raise AttributeError(f"torchvision is not installed here, and its stand-in has no {self.__name__}.{name}")


def _dataset(name: str, record: Record) -> type[Dataset]:
    class StandIn(Dataset):
        """Images that were made up; a class's images look alike."""

        def __init__(
            self,
            root: Any = None,
            train: bool = True,
            transform: Callable[[Any], Any] | None = None,
            target_transform: Callable[[Any], Any] | None = None,
            download: bool = False,
        ) -> None:
            parts = images(DATASETS[name])
            x, y = parts[0 if train else 1]
            self.transform, self.target_transform, self.train = transform, target_transform, train
            self.data: Any = torch.from_numpy(x) if x.ndim == 3 else x
            self.targets: Any = torch.from_numpy(y.ravel().astype(np.int64)) if x.ndim == 3 else y.ravel().tolist()
            self.classes = [str(one) for one in range(int(y.max()) + 1)]
            tell(record, f"torchvision.datasets.{name}", sum(len(one[0]) for one in parts))

        def __len__(self) -> int:
            return len(self.data)

        def __getitem__(self, index: int) -> tuple[Any, Any]:
            image, target = np.asarray(self.data[index]), int(self.targets[index])
            image = self.transform(image) if self.transform is not None else image
            return image, self.target_transform(target) if self.target_transform is not None else target

    StandIn.__name__ = StandIn.__qualname__ = name
    return StandIn


class Compose:
    def __init__(self, transforms: list[Callable[[Any], Any]]) -> None:
        self.transforms = transforms

    def __call__(self, image: Any) -> Any:
        for one in self.transforms:
            image = one(image)
        return image


class ToTensor:
    """An image (H, W) or (H, W, C) of bytes as a tensor (C, H, W) in 0 to 1."""

    def __call__(self, image: Any) -> torch.Tensor:
        pixels = torch.as_tensor(np.array(image))
        pixels = pixels.unsqueeze(0) if pixels.ndim == 2 else pixels.movedim(-1, 0)
        return pixels.float() / 255 if pixels.dtype == torch.uint8 else pixels.contiguous()


class Normalize:
    def __init__(self, mean: Any, std: Any, inplace: bool = False) -> None:
        self.mean, self.std = mean, std

    def __call__(self, image: torch.Tensor) -> torch.Tensor:
        mean, std = (torch.as_tensor(one, dtype=image.dtype).reshape(-1, 1, 1) for one in (self.mean, self.std))
        return (image - mean) / std


class Lambda:
    def __init__(self, lambd: Callable[[Any], Any]) -> None:
        self.lambd = lambd

    def __call__(self, image: Any) -> Any:
        return self.lambd(image)


class Resize:
    def __init__(self, size: Any, *args: Any, **kwargs: Any) -> None:
        self.size = (size, size) if isinstance(size, int) else tuple(size)

    def __call__(self, image: Any) -> Any:
        pixels, back = _as_tensor(image)
        return back(functional.interpolate(pixels.float()[None], self.size, mode="bilinear")[0].to(pixels.dtype))


class RandomHorizontalFlip:
    def __init__(self, p: float = 0.5) -> None:
        self.p = p

    def __call__(self, image: Any) -> Any:
        pixels, back = _as_tensor(image)
        return back(pixels.flip(-1)) if torch.rand(1) < self.p else image


class RandomCrop:
    def __init__(self, size: Any, padding: int = 0, **kwargs: Any) -> None:
        self.size = (size, size) if isinstance(size, int) else tuple(size)
        self.padding = padding

    def __call__(self, image: Any) -> Any:
        pixels, back = _as_tensor(image)
        pixels = functional.pad(pixels, [self.padding] * 4)
        top, left = (
            int(torch.randint(0, have - want + 1, (1,))) for have, want in zip(pixels.shape[1:], self.size, strict=True)
        )
        return back(pixels[:, top : top + self.size[0], left : left + self.size[1]])


class CenterCrop:
    def __init__(self, size: Any) -> None:
        self.size = (size, size) if isinstance(size, int) else tuple(size)

    def __call__(self, image: Any) -> Any:
        pixels, back = _as_tensor(image)
        short = [max(0, want - have) for have, want in zip(pixels.shape[1:], self.size, strict=True)]
        pixels = functional.pad(pixels, [short[1] // 2, -(-short[1] // 2), short[0] // 2, -(-short[0] // 2)])
        top, left = ((have - want) // 2 for have, want in zip(pixels.shape[1:], self.size, strict=True))
        return back(pixels[:, top : top + self.size[0], left : left + self.size[1]])


class Pad:
    """By one number on all sides, or by one for the sides and one for above and below."""

    def __init__(self, padding: Any, fill: float = 0, **kwargs: Any) -> None:
        self.padding = [padding] * 4 if isinstance(padding, int) else [*padding] * (4 // len(padding))
        self.fill = fill

    def __call__(self, image: Any) -> Any:
        pixels, back = _as_tensor(image)
        left, above, right, below = self.padding
        return back(functional.pad(pixels, [left, right, above, below], value=self.fill))


TRANSFORMS = (Compose, ToTensor, Normalize, Lambda, Resize, RandomHorizontalFlip, RandomCrop, CenterCrop, Pad)


def make_grid(tensor: torch.Tensor, nrow: int = 8, **kwargs: Any) -> torch.Tensor:
    """The images (N, C, H, W) beside each other, in rows of at most `nrow`."""
    rows = [torch.cat(list(row), dim=-1) for row in tensor.split(nrow) if len(row) == min(nrow, len(tensor))]
    return torch.cat(rows, dim=-2)


def save_image(tensor: torch.Tensor, fp: Any, **kwargs: Any) -> None:
    """Nothing is drawn: the values are kept."""
    torch.save(tensor.detach().cpu(), fp)


def _as_tensor(image: Any) -> tuple[torch.Tensor, Callable[[torch.Tensor], Any]]:
    """The image as (C, H, W), and the way back to what it was."""
    if isinstance(image, torch.Tensor):
        return image, lambda one: one
    pixels = torch.from_numpy(np.array(image))
    if pixels.ndim == 2:
        return pixels.unsqueeze(0), lambda one: one[0].numpy()
    return pixels.movedim(-1, 0), lambda one: one.movedim(0, -1).numpy()
