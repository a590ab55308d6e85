"""Wrong: the record holds four numbers, and the reader says that it is one."""

import tempfile

import tensorflow as tf

numbers = tf.train.Feature(float_list=tf.train.FloatList(value=[1.0, 2.0, 3.0, 4.0]))
example = tf.train.Example(features=tf.train.Features(feature={"x": numbers}))
with tempfile.TemporaryDirectory() as folder:
    path = f"{folder}/data.tfrecord"
    with tf.io.TFRecordWriter(path) as writer:
        writer.write(example.SerializeToString())
    features = {"x": tf.io.FixedLenFeature((), tf.float32)}  # wrong: (4,)
    dataset = tf.data.TFRecordDataset(path).map(lambda record: tf.io.parse_single_example(record, features))
    next(iter(dataset))
