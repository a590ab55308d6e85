# /// pattern
# id = "tf.data.synthetic-images"
# topic = "data.images"
# role = "data"
# provides = "synthetic-images"
# entry = "load_splits"
# twin = "pt.data.synthetic-images"
# questions = [
#     "synthetic image data to try a keras cnn",
#     "random images with labels that can be learned",
#     "placeholder image dataset of any size",
#     "fake images 224x224x3 for testing a model",
#     "generate dumy images keras",
# ]
# apis = ["numpy.random.default_rng"]
# why = """Pure noise teaches a model nothing and hides a broken training loop; a pattern per class plus noise must be
# learned, so a model that stays at chance is broken."""
# pitfalls = "A good score here says that the program works, nothing about real images."
# checks = ["runs", "no_deprecation_warning"]
# ///
"""Synthetic images: every class is a coarse random pattern, every image that pattern under noise.

A stand-in until real images are there. Images come as float32 (N, H, W, C).
"""

from typing import NamedTuple

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split


class Splits(NamedTuple):
    """Images float32 (N, H, W, C) and labels int64 (N,) of each split."""

    train: tuple[np.ndarray, np.ndarray]
    val: tuple[np.ndarray, np.ndarray]
    test: tuple[np.ndarray, np.ndarray]


def stratified_indices(
    labels: np.ndarray, *, fractions: tuple[float, float, float], seed: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Indices of train, val and test; every class keeps its share in each."""
    train, held_out = train_test_split(
        np.arange(len(labels)), train_size=fractions[0], stratify=labels, random_state=seed
    )
    val_share = fractions[1] / (fractions[1] + fractions[2])
    val, test = train_test_split(held_out, train_size=val_share, stratify=labels[held_out], random_state=seed)
    return train, val, test


def load_splits(
    *,
    num_samples: int,
    channels: int,
    image_size: tuple[int, int],
    num_classes: int,
    fractions: tuple[float, float, float],
    seed: int,
) -> Splits:
    """Draw a 4x4 pattern for each class, stretch it to (height, width) and add noise of the same strength."""
    rng = np.random.default_rng(seed)
    height, width = image_size
    patterns = rng.normal(size=(num_classes, 4, 4, channels))
    patterns = patterns[:, np.arange(height) * 4 // height][:, :, np.arange(width) * 4 // width]  # (classes, H, W, C)
    labels = rng.permutation(np.arange(num_samples, dtype=np.int64) % num_classes)  # (N,)
    images = rng.standard_normal((num_samples, height, width, channels), dtype=np.float32)
    images += patterns[labels].astype(np.float32)
    train, val, test = stratified_indices(labels, fractions=fractions, seed=seed)
    images = (images - images[train].mean()) / images[train].std()
    return Splits((images[train], labels[train]), (images[val], labels[val]), (images[test], labels[test]))


if __name__ == "__main__":
    splits = load_splits(
        num_samples=600, channels=3, image_size=(16, 12), num_classes=5, fractions=(0.7, 0.15, 0.15), seed=0
    )
    images, labels = splits.train
    assert images.shape == (420, 16, 12, 3) and images.dtype == np.float32
    baseline = LogisticRegression(max_iter=200).fit(images.reshape(420, -1), labels)
    accuracy = baseline.score(splits.test[0].reshape(90, -1), splits.test[1])
    print(images.shape, f"accuracy of a linear baseline {accuracy:.2f}")
    assert accuracy > 0.9
