# /// pattern
# id = "tf.vision.boxes"
# topic = "vision.detection"
# twin = "pt.vision.boxes"
# questions = [
#     "iou of bounding boxes keras",
#     "non max suppression tensorflow per class",
#     "combined_non_max_suppression returns boxes of ones",
#     "encode box deltas relative to anchors keras",
#     "convert xywh to xyxy bounding boxes keras",
#     "pairwise intersection over union tensorflow",
#     "bouding box nms tf.image",
#     "remove duplicate detections keras",
# ]
# apis = ["keras.utils.bounding_boxes.compute_iou", "keras.utils.bounding_boxes.encode_box_to_deltas",
#     "keras.utils.bounding_boxes.decode_deltas_to_boxes", "tf.image.combined_non_max_suppression"]
# replaces = ["keras_cv.bounding_box.compute_iou", "keras_cv.bounding_box.convert_format",
#     "tf.image.non_max_suppression in a loop over classes"]
# why = """keras.utils.bounding_boxes names the format of every box, "xyxy", "xywh", "rel_yxyx" and so on, so none is
# guessed. combined_non_max_suppression keeps the best boxes of every class of a batch in one call, padded to one size,
# with the number of valid ones."""
# pitfalls = """clip_boxes is True by default and clips to [0, 1]: boxes in pixels all become ones. The padding is
# zeros: cut by the number of valid detections."""
# when_not = "A detector without duplicates, such as one trained with one-to-one matching."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "fails AssertionError: the boxes were clipped to [0, 1]"
# ///
"""Boxes as corners x1, y1, x2, y2: pairwise IoU, coding against anchors, suppression for each class."""

import keras
import numpy as np
import tensorflow as tf
from keras.utils import bounding_boxes


def pairwise_iou(first: np.ndarray, second: np.ndarray) -> tf.Tensor:
    """(N, 4) and (M, 4) to (N, M), in [0, 1]."""
    return bounding_boxes.compute_iou(first, second, bounding_box_format="xyxy")


def encode(boxes: np.ndarray, anchors: np.ndarray) -> tf.Tensor:
    """What a head has to predict, (N, 4): shift of the centre in anchor sizes, and the logarithm of the scale."""
    return bounding_boxes.encode_box_to_deltas(anchors, boxes, "xyxy", "xyxy", encoding_format="center_xywh")


def decode(deltas: tf.Tensor, anchors: np.ndarray) -> tf.Tensor:
    """The boxes of such predictions, (N, 4)."""
    return bounding_boxes.decode_deltas_to_boxes(anchors, deltas, "xyxy", "xyxy", encoded_format="center_xywh")


def detections(
    boxes: tf.Tensor, scores: tf.Tensor, *, max_iou: float = 0.5, min_score: float = 0.05, limit: int = 100
) -> list[dict[str, np.ndarray]]:
    """For each image what is left of boxes (B, N, 4) in pixels and scores (B, N, K), best first."""
    found = tf.image.combined_non_max_suppression(
        boxes[:, :, None],  # one box for all classes
        scores,
        max_output_size_per_class=limit,
        max_total_size=limit,
        iou_threshold=max_iou,
        score_threshold=min_score,
        clip_boxes=False,
    )
    return [
        {
            "boxes": found.nmsed_boxes[image, :count].numpy(),
            "scores": found.nmsed_scores[image, :count].numpy(),
            "classes": found.nmsed_classes[image, :count].numpy().astype("int64"),
        }
        for image, count in enumerate(found.valid_detections.numpy())
    ]


if __name__ == "__main__":
    rng = np.random.default_rng(0)
    corners = rng.integers(0, 50, size=(40, 2))
    boxes = np.concatenate([corners, corners + rng.integers(5, 25, size=(40, 2))], axis=1).astype("float32")
    iou = np.asarray(pairwise_iou(boxes, boxes))
    grid = np.zeros((40, 80, 80), dtype=bool)  # the same by counting pixels
    for number, (x1, y1, x2, y2) in enumerate(boxes.astype(int)):
        grid[number, y1:y2, x1:x2] = True
    counted = (grid[3] & grid).sum((1, 2)) / (grid[3] | grid).sum((1, 2))
    np.testing.assert_allclose(iou[3], counted, rtol=1e-4)

    anchors = np.roll(boxes, 1, axis=0)
    np.testing.assert_allclose(decode(encode(boxes, anchors), anchors), boxes, rtol=1e-4, atol=1e-3)
    one = encode(np.float32([[2, 0, 6, 8]]), np.float32([[0, 0, 4, 4]]))
    np.testing.assert_allclose(one, [[0.5, 0.5, 0.0, np.log(2)]], atol=1e-5)
    xywh = bounding_boxes.convert_format(boxes, source="xyxy", target="xywh")
    np.testing.assert_allclose(xywh[:, 2:], boxes[:, 2:] - boxes[:, :2])

    best, classes = rng.uniform(0.1, 1.0, size=40).astype("float32"), rng.integers(0, 3, size=40)
    scores = best[:, None] * keras.ops.one_hot(classes, 3)  # (40, 3)
    (found,) = detections(tf.constant(boxes)[None], scores[None], max_iou=0.3)
    rivals = (iou > 0.3) & (classes[:, None] == classes)
    expected: list[int] = []
    for number in np.argsort(-best):  # the definition, one box after the other
        if not rivals[number, expected].any():
            expected.append(int(number))
    np.testing.assert_allclose(found["boxes"], boxes[expected])
    np.testing.assert_array_equal(found["classes"], classes[expected])
    print(f"{len(found['boxes'])} of {len(boxes)} boxes kept")
