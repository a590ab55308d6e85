"""tf.data with a parallel map and prefetching into fit, and summaries written by hand."""

import tensorflow as tf

data = tf.data.Dataset.range(256).map(lambda n: (tf.random.normal([8]), n % 3), num_parallel_calls=tf.data.AUTOTUNE)
data = data.batch(32).prefetch(tf.data.AUTOTUNE)
model = tf.keras.Sequential([tf.keras.layers.Input((8,)), tf.keras.layers.Dense(3)])
model.compile("adam", tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True))
history = model.fit(data, epochs=2, verbose=0)
with tf.summary.create_file_writer("runs").as_default():
    for step, loss in enumerate(history.history["loss"]):
        tf.summary.scalar("loss", loss, step)
model.save("model.keras")
print("fitted", len(history.history["loss"]))
