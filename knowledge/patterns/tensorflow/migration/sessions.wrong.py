"""Wrong: a graph with a placeholder and a session, as in TensorFlow 1."""

import tensorflow as tf

x = tf.placeholder(tf.float32, [None, 2])
with tf.Session() as session:
    print(session.run(x * 2, feed_dict={x: [[1.0, 2.0]]}))
