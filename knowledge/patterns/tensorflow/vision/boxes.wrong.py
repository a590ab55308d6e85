"""Wrong: boxes in pixels, and the default that clips what it gives back to [0, 1]."""

import tensorflow as tf

boxes = tf.constant([[[10.0, 10, 60, 60], [100.0, 20, 150, 90]]])[:, :, None]
scores = tf.constant([[[0.9], [0.8]]])
found = tf.image.combined_non_max_suppression(boxes, scores, 10, 10)  # wrong: clip_boxes=False is missing
largest = float(tf.reduce_max(found.nmsed_boxes))
assert largest > 1, f"the boxes were clipped to [0, 1]: the largest coordinate is {largest}"
