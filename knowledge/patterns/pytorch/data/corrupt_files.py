# /// pattern
# id = "pt.data.corrupt-files"
# topic = "data.robustness"
# twin = "tf.data.corrupt-files"
# questions = [
#   "skip corrupted images in a pytorch dataset",
#   "PIL.UnidentifiedImageError cannot identify image file in DataLoader",
#   "return None from __getitem__ default_collate",
#   "default_collate: batch must contain tensors, numpy arrays, numbers, dicts or lists; found NoneType",
#   "broken file stops training after hours",
#   "validate a dataset before training",
#   "currupt image dataloader skip",
# ]
# errors = ["TypeError: expected Tensor as element 3 in argument 0, but got NoneType",
#   "default_collate: batch must contain tensors, numpy arrays, numbers, dicts or lists; found",
#   "PIL.UnidentifiedImageError: cannot identify image file", "OSError: image file is truncated"]
# apis = ["torch.utils.data.Dataset", "torch.utils.data.DataLoader"]
# replaces = ["return None and filter in collate_fn", "ImageFile.LOAD_TRUNCATED_IMAGES = True"]
# why = """Every file is opened once before training, and the list of good ones is what the dataset gets: its length is
# true, each epoch has the same samples, and the bad ones are named in a report. None from __getitem__ breaks the
# default collate; filtered there, batches become smaller without a word, and empty ones still fail."""
# pitfalls = """Catch what a broken file raises, not Exception: a bug in the transform must not count as a broken file.
# Look at the report: ten broken files are noise, ten per cent are a broken download, and a class of which most are gone
# is another problem to learn."""
# when_not = "Millions of files on slow storage: check them as they are written, and keep the list beside them."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "raises TypeError: expected Tensor as element 3 in argument 0, but got NoneType"
# ///
"""Broken files are found before training, named, and left out."""

import tempfile
import zipfile
from pathlib import Path

import numpy as np
import torch
from torch.utils.data import DataLoader, Dataset

BROKEN = (OSError, ValueError, EOFError, KeyError, zipfile.BadZipFile)  # for images: (OSError, SyntaxError)


def read_sample(path: Path) -> tuple[torch.Tensor, int]:
    """An image (1, 8, 8) and its label. Raises one of BROKEN."""
    with np.load(path) as file:
        image, label = file["image"], int(file["label"])
    if image.shape != (1, 8, 8) or not np.isfinite(image).all():
        raise ValueError(f"shape {image.shape} or values that are not finite")
    return torch.from_numpy(image), label


def find_broken(paths: list[Path]) -> dict[Path, str]:
    """What is wrong with each file that cannot be used."""
    broken = {}
    for path in paths:
        try:
            read_sample(path)
        except BROKEN as error:
            broken[path] = f"{type(error).__name__}: {error}"
    return broken


class Files(Dataset):
    """Samples of files that are known to be good; a file that breaks later stops training, with its name."""

    def __init__(self, paths: list[Path]) -> None:
        self.paths = paths

    def __len__(self) -> int:
        return len(self.paths)

    def __getitem__(self, index: int) -> tuple[torch.Tensor, int]:
        try:
            return read_sample(self.paths[index])
        except BROKEN as error:
            raise RuntimeError(f"{self.paths[index]} has become unreadable") from error


if __name__ == "__main__":
    rng = np.random.default_rng(0)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for index in range(10):
            np.savez(folder / f"{index}.npz", image=rng.random((1, 8, 8), dtype="float32"), label=index)
        whole = (folder / "3.npz").read_bytes()
        (folder / "3.npz").write_bytes(whole[: len(whole) // 2])  # a download that stopped
        (folder / "5.npz").write_bytes(b"")
        np.savez(folder / "7.npz", image=np.full((1, 8, 8), np.nan, "float32"), label=7)

        paths = sorted(folder.glob("*.npz"))
        broken = find_broken(paths)
        print({path.name: reason[:40] for path, reason in broken.items()})
        assert {path.stem for path in broken} == {"3", "5", "7"}

        dataset = Files([path for path in paths if path not in broken])
        labels = [label for _, some in DataLoader(dataset, batch_size=4) for label in some.tolist()]
        assert len(dataset) == 7 and labels == [0, 1, 2, 4, 6, 8, 9]
