# /// pattern
# id = "pt.vision.boxes"
# topic = "vision.detection"
# twin = "tf.vision.boxes"
# questions = [
#   "iou of bounding boxes in pytorch",
#   "non maximum suppression without torchvision",
#   "nms per class, batched nms",
#   "encode box deltas relative to anchors and decode them",
#   "remove duplicate detections torch",
#   "pairwise intersection over union matrix",
#   "bouding box iou nms pytorch",
#   "convert xywh to xyxy boxes",
# ]
# errors = ["ModuleNotFoundError: No module named 'torchvision'"]
# apis = ["torch.maximum", "torch.minimum", "torch.Tensor.clamp", "torch.argsort"]
# replaces = ["torchvision.ops.nms", "torchvision.ops.batched_nms", "torchvision.ops.box_iou", "cv2.dnn.NMSBoxes"]
# why = """The overlap of two boxes is the rectangle from the larger of their first corners to the smaller of their
# last, empty where a side would be negative: clamp it. NMS takes the best score, drops what overlaps it too much, and
# goes on. Shifting each class far away lets one pass serve all of them."""
# pitfalls = """All of this expects x1, y1, x2, y2: boxes as x, y, width, height give plausible nonsense. Box deltas are
# relative to the anchor's centre and size; sizes as logarithms."""
# when_not = "torchvision is installed: ops.batched_nms is compiled and runs on the GPU."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "fails AssertionError: a box of another class was suppressed"
# ///
"""Boxes as corners x1, y1, x2, y2: pairwise IoU, coding against anchors, suppression for each class."""

import torch


def pairwise_iou(first: torch.Tensor, second: torch.Tensor) -> torch.Tensor:
    """(N, 4) and (M, 4) to (N, M), in [0, 1]."""
    top_left = torch.maximum(first[:, None, :2], second[None, :, :2])  # (N, M, 2)
    bottom_right = torch.minimum(first[:, None, 2:], second[None, :, 2:])
    overlap = (bottom_right - top_left).clamp(min=0).prod(dim=2)
    areas = [(boxes[:, 2:] - boxes[:, :2]).prod(dim=1) for boxes in (first, second)]
    return overlap / (areas[0][:, None] + areas[1] - overlap).clamp(min=1e-9)


def encode(boxes: torch.Tensor, anchors: torch.Tensor) -> torch.Tensor:
    """What a head has to predict, (N, 4): shift of the centre in anchor sizes, and the logarithm of the scale."""
    sizes, anchor_sizes = boxes[:, 2:] - boxes[:, :2], anchors[:, 2:] - anchors[:, :2]
    shift = (boxes[:, :2] + boxes[:, 2:] - anchors[:, :2] - anchors[:, 2:]) / 2
    return torch.cat([shift / anchor_sizes, (sizes / anchor_sizes).log()], dim=1)


def decode(deltas: torch.Tensor, anchors: torch.Tensor) -> torch.Tensor:
    """The boxes of such predictions, (N, 4); the scale is capped, so that a wild prediction stays finite."""
    anchor_sizes = anchors[:, 2:] - anchors[:, :2]
    centres = (anchors[:, :2] + anchors[:, 2:]) / 2 + deltas[:, :2] * anchor_sizes
    half = anchor_sizes * deltas[:, 2:].clamp(max=4.0).exp() / 2
    return torch.cat([centres - half, centres + half], dim=1)


def nms(boxes: torch.Tensor, scores: torch.Tensor, classes: torch.Tensor, *, max_iou: float = 0.5) -> torch.Tensor:
    """Numbers of the boxes to keep, best first: none overlaps a better one of its own class by more than max_iou."""
    away = classes[:, None] * (boxes.max() - boxes.min() + 1)  # classes lie in places of their own
    order = scores.argsort(descending=True)
    overlaps = pairwise_iou((boxes + away)[order], (boxes + away)[order]) > max_iou  # (N, N)
    kept = torch.ones(len(boxes), dtype=torch.bool, device=boxes.device)
    for number in range(len(boxes)):
        if kept[number]:
            kept[number + 1 :] &= ~overlaps[number, number + 1 :]
    return order[kept]


if __name__ == "__main__":
    torch.manual_seed(0)
    corners = torch.rand(40, 2) * 50
    boxes = torch.cat([corners, corners + 5 + 20 * torch.rand(40, 2)], dim=1).round()
    iou = pairwise_iou(boxes, boxes)
    grid = torch.zeros(40, 80, 80, dtype=torch.bool)  # the same by counting pixels
    for number, (x1, y1, x2, y2) in enumerate(boxes.int().tolist()):
        grid[number, y1:y2, x1:x2] = True
    counted = (grid[3] & grid).sum((1, 2)) / (grid[3] | grid).sum((1, 2))
    torch.testing.assert_close(iou[3], counted)

    anchors = boxes.roll(1, dims=0)
    torch.testing.assert_close(decode(encode(boxes, anchors), anchors), boxes, rtol=1e-4, atol=1e-3)
    torch.testing.assert_close(
        encode(torch.tensor([[2.0, 0, 6, 8]]), torch.tensor([[0.0, 0, 4, 4]])),
        torch.tensor([[0.5, 0.5, 0.0, 0.6931]]),
        rtol=1e-3,
        atol=1e-4,
    )

    scores, classes = torch.rand(40), torch.randint(0, 3, (40,))
    kept = nms(boxes, scores, classes, max_iou=0.3)
    rivals = (iou > 0.3) & (classes[:, None] == classes) & (scores[:, None] < scores)
    expected = set()
    for number in scores.argsort(descending=True).tolist():  # the definition, one box after the other
        if not any(rivals[number, better] for better in expected):
            expected.add(number)
    assert set(kept.tolist()) == expected and 0 < len(kept) < 40
    assert scores[kept].diff().le(0).all()
    print(f"{len(kept)} of {len(boxes)} boxes kept")
