# /// pattern
# id = "tf.data.tfrecord"
# topic = "data.files"
# questions = [
#   "write and read tfrecord files",
#   "tf.train.Example serialize a numpy array",
#   "parse_single_example FixedLenFeature",
#   "Key: x. Can't parse serialized Example.",
#   "read several tfrecord shards in parallel interleave",
#   "variable length feature in tfrecord",
#   "store images as tfrecords",
#   "tfrecrod reading example",
# ]
# errors = ["InvalidArgumentError: Key: x.  Can't parse serialized Example"]
# apis = ["tf.io.TFRecordWriter", "tf.train.Example", "tf.io.parse_example", "tf.io.FixedLenFeature",
#   "tf.io.RaggedFeature", "tf.data.Dataset.interleave", "tf.data.TFRecordDataset"]
# replaces = ["tf.python_io.TFRecordWriter", "tf.parse_single_example", "tf.data.experimental.parallel_interleave"]
# why = """A record is a dictionary of lists, and holds neither shapes nor types of its own: the reader states them, and
# the sizes must be the written ones. Several files (shards) can be read side by side, and their order shuffled."""
# pitfalls = """Integers come back as int64, floats as float32; other types go in as bytes by tf.io.serialize_tensor.
# Batch before parsing: parse_example takes many at once."""
# when_not = "It fits into memory, or one machine reads one folder: .npz or image files are simpler to look into."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "raises InvalidArgumentError: Key: x.  Can't parse serialized Example"
# ///
"""TFRecord files: written in shards, read side by side, with lists of fixed and of varying length."""

import tempfile
from pathlib import Path

import numpy as np
import tensorflow as tf

FEATURES = {
    "image": tf.io.FixedLenFeature((4, 4), tf.float32),
    "label": tf.io.FixedLenFeature((), tf.int64),
    "words": tf.io.RaggedFeature(tf.int64),
}


def to_example(image: np.ndarray, label: int, words: list[int]) -> tf.train.Example:
    """image (4, 4) float32, words of any number."""
    features = {
        "image": tf.train.Feature(float_list=tf.train.FloatList(value=image.ravel())),
        "label": tf.train.Feature(int64_list=tf.train.Int64List(value=[label])),
        "words": tf.train.Feature(int64_list=tf.train.Int64List(value=words)),
    }
    return tf.train.Example(features=tf.train.Features(feature=features))


def write_shards(examples: list[tf.train.Example], folder: Path, *, shards: int) -> None:
    """Files data-00000-of-00003.tfrecord and so on, each with every n-th example."""
    for shard in range(shards):
        with tf.io.TFRecordWriter(str(folder / f"data-{shard:05d}-of-{shards:05d}.tfrecord")) as writer:
            for example in examples[shard::shards]:
                writer.write(example.SerializeToString())


def read_shards(folder: Path, *, batch_size: int, seed: int) -> tf.data.Dataset:
    """Dictionaries of image (B, 4, 4), label (B,) and ragged words (B, None)."""
    files = tf.data.Dataset.list_files(str(folder / "*.tfrecord"), shuffle=True, seed=seed)
    records = files.interleave(tf.data.TFRecordDataset, cycle_length=4, num_parallel_calls=tf.data.AUTOTUNE)
    batches = records.shuffle(100, seed=seed).batch(batch_size)
    return batches.map(lambda batch: tf.io.parse_example(batch, FEATURES)).prefetch(tf.data.AUTOTUNE)


if __name__ == "__main__":
    images = np.random.default_rng(0).normal(size=(10, 4, 4)).astype("float32")
    examples = [to_example(images[index], index, list(range(index))) for index in range(10)]
    with tempfile.TemporaryDirectory() as folder:
        write_shards(examples, Path(folder), shards=3)
        assert len(list(Path(folder).iterdir())) == 3
        batches = list(read_shards(Path(folder), batch_size=4, seed=0))
    labels = np.concatenate([batch["label"] for batch in batches])
    assert sorted(labels) == list(range(10)) and labels.tolist() != list(range(10))
    for batch in batches:
        for image, label, words in zip(batch["image"], batch["label"].numpy(), batch["words"], strict=True):
            assert np.array_equal(image, images[label]) and words.numpy().tolist() == list(range(label))
    print("order read:", labels)
