# /// pattern
# id = "tf.data.corrupt-files"
# topic = "data.robustness"
# twin = "pt.data.corrupt-files"
# questions = [
#   "skip corrupted images in a tf.data pipeline",
#   "InvalidArgumentError Unknown image file format",
#   "ignore_errors tf.data dataset",
#   "broken jpeg stops keras training in the middle of an epoch",
#   "find bad images before training tensorflow",
#   "try except inside dataset.map does not catch the error",
#   "currupt images image_dataset_from_directory",
# ]
# errors = ["InvalidArgumentError: Unknown image file format. One of JPEG, JPEG XL, PNG, GIF, BMP, WebP required."]
# apis = ["tf.io.decode_png", "tf.errors.InvalidArgumentError", "tf.data.Dataset.ignore_errors"]
# replaces = ["tf.data.experimental.ignore_errors", "imghdr.what", "try/except inside map"]
# why = """Every file is decoded once before training, and the pipeline is built from the good ones: its length is true,
# and the bad ones are named in a report. ignore_errors() drops what fails, without a word and whatever the reason: a
# bug in the map function empties the data set, and the cardinality becomes unknown."""
# pitfalls = """try/except inside map does nothing: the function is traced once, and errors come when the graph runs.
# The name of a file says nothing, a .png may be a web page. Look at the report: a class of which most files are gone is
# another problem to learn."""
# when_not = "Millions of files on slow storage: check them as they are written, and keep the list beside them."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "raises InvalidArgumentError: Unknown image file format. One of JPEG"
# ///
"""Broken images are found before training, named, and left out."""

import tempfile
from pathlib import Path

import numpy as np
import tensorflow as tf


def read_image(path: tf.Tensor) -> tf.Tensor:
    """A grey PNG file as float32 (8, 8, 1), 0 to 1."""
    image = tf.io.decode_png(tf.io.read_file(path), channels=1)
    return tf.ensure_shape(tf.cast(image, tf.float32) / 255, (8, 8, 1))


def find_broken(paths: list[Path]) -> dict[Path, str]:
    """What is wrong with each file that cannot be used."""
    broken = {}
    for path in paths:
        try:
            read_image(tf.constant(str(path)))
        except (tf.errors.InvalidArgumentError, ValueError) as error:  # ValueError: another shape
            broken[path] = str(error).splitlines()[0]
    return broken


def make_dataset(paths: list[Path], *, batch_size: int) -> tf.data.Dataset:
    """Batches (B, 8, 8, 1) of files that are known to be good."""
    dataset = tf.data.Dataset.from_tensor_slices([str(path) for path in paths])
    return dataset.map(read_image, num_parallel_calls=tf.data.AUTOTUNE).batch(batch_size).prefetch(1)


if __name__ == "__main__":
    rng = np.random.default_rng(0)
    with tempfile.TemporaryDirectory() as name:
        images = rng.integers(0, 256, size=(6, 8, 8, 1), dtype="uint8")
        paths = [Path(name) / f"{index}.png" for index in range(9)]
        for path, image in zip(paths, images, strict=False):
            path.write_bytes(tf.io.encode_png(image).numpy())
        paths[6].write_bytes(b"")  # a full disk
        paths[7].write_text("<html>404 Not Found</html>", encoding="utf-8")
        paths[8].write_bytes(tf.io.encode_png(np.zeros((4, 4, 1), "uint8")).numpy())  # another size

        broken = find_broken(paths)
        print({path.name: reason[-60:] for path, reason in broken.items()})
        assert list(broken) == paths[6:]

        dataset = make_dataset([path for path in paths if path not in broken], batch_size=4)
        assert int(dataset.cardinality()) == 2  # known, and true
        assert np.allclose(np.concatenate(list(dataset.as_numpy_iterator())), images / 255, atol=1e-6)

        silent = tf.data.Dataset.from_tensor_slices([str(path) for path in paths]).map(read_image).ignore_errors()
        assert int(silent.cardinality()) == tf.data.UNKNOWN_CARDINALITY
        assert len(list(silent)) == 6  # three are gone, and nobody was told
