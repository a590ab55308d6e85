# /// pattern
# id = "pt.vision.center-detector"
# topic = "vision.detection"
# questions = [
#   "object detection from scratch pytorch without torchvision",
#   "anchor-free detector",
#   "centernet heatmap and box size head",
#   "train a small object detector on my own images torch",
#   "gaussian heatmap targets and penalty reduced focal loss",
#   "find local maxima in a heatmap with max pooling",
#   "one object is detected several times",
#   "objct detection simple example pytorch",
# ]
# apis = ["torch.nn.functional.max_pool2d", "torch.nn.functional.l1_loss", "torch.nn.Conv2d"]
# replaces = ["torchvision.models.detection.fasterrcnn_resnet50_fpn", "ultralytics YOLO", "torchvision.ops.nms"]
# why = """Each object is one point, the cell of its centre, in a coarse map: the network says for every cell whether a
# centre is there, and how wide and high its box is. Neighbours of a centre are hardly punished for firing, so the map
# has hills; a cell counts where it is the highest of its 3x3 neighbours, which makes NMS needless."""
# pitfalls = """The bias of the heat map starts at a small rate (here 0.1): from 0.5 the many empty cells drown the few
# centres. Sizes are learnt at the centres alone. Two centres in one cell are one object to it."""
# when_not = "Photographs and few labels: fine-tune a pretrained detector of torchvision or transformers."
# checks = ["runs", "no_deprecation_warning", "trains"]
# wrong_outcome = "fails AssertionError: one object was found"
# ///
"""An anchor-free detector (after Zhou et al., arXiv 1904.07850): objects as points of a heat map, with sizes."""

import torch
from torch import nn
from torch.nn import functional as F

STRIDE = 4  # pixels for each cell of the map


class CenterDetector(nn.Module):
    """Images (N, 1, H, W) to heat logits (N, h, w) and, for each cell, width and height in cells (N, 2, h, w)."""

    def __init__(self, width: int = 24) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        for in_channels, stride in ((1, 2), (width, 2), (width, 1), (width, 1)):
            layers += [nn.Conv2d(in_channels, width, 3, stride=stride, padding=1), nn.BatchNorm2d(width), nn.ReLU()]
        self.body = nn.Sequential(*layers)
        self.heat = nn.Conv2d(width, 1, 1)
        nn.init.constant_(self.heat.bias, -2.2)  # a rate of 0.1
        self.size = nn.Conv2d(width, 2, 1)

    def forward(self, images: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        features = self.body(images)
        return self.heat(features)[:, 0], F.softplus(self.size(features))


def heat_targets(boxes: torch.Tensor, side: int, *, spread: float = 0.7) -> torch.Tensor:
    """One box x1, y1, x2, y2 for each image (N, 4) to hills of height 1 at its centre (N, side, side)."""
    centre = ((boxes[:, :2] + boxes[:, 2:]) / 2 / STRIDE).floor()  # x, y of the cell
    cells = torch.arange(side)
    distance = (cells - centre[:, 1:2])[:, :, None] ** 2 + (cells - centre[:, 0:1])[:, None, :] ** 2
    return torch.exp(-distance / (2 * spread**2))


def detection_loss(heat: torch.Tensor, sizes: torch.Tensor, boxes: torch.Tensor) -> torch.Tensor:
    """Focal loss of the heat map, forgiving near a centre, and the error of the sizes at the centres."""
    targets = heat_targets(boxes, heat.shape[-1])
    p = heat.sigmoid()
    at_centre = (1 - p) ** 2 * F.logsigmoid(heat)
    elsewhere = (1 - targets) ** 4 * p**2 * F.logsigmoid(-heat)
    focal = -torch.where(targets == 1, at_centre, elsewhere).sum() / len(boxes)
    x, y = ((boxes[:, :2] + boxes[:, 2:]) / 2 / STRIDE).long().T
    wanted = (boxes[:, 2:] - boxes[:, :2]) / STRIDE
    return focal + F.l1_loss(sizes[torch.arange(len(boxes)), :, y, x], wanted)


def detect(heat: torch.Tensor, sizes: torch.Tensor, *, min_score: float = 0.3) -> list[torch.Tensor]:
    """For each image the boxes (D, 4) in pixels of all cells that are local maxima, best first."""
    scores = heat.sigmoid()
    peaks = (scores == F.max_pool2d(scores[:, None], 3, stride=1, padding=1)[:, 0]) & (scores > min_score)
    found = []
    for image in range(len(heat)):
        y, x = peaks[image].nonzero().T
        order = scores[image, y, x].argsort(descending=True)
        centre = torch.stack([x, y], dim=1)[order] + 0.5
        half = sizes[image][:, y, x].T[order] / 2
        found.append(STRIDE * torch.cat([centre - half, centre + half], dim=1))
    return found


def bright_rectangles(count: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Noisy images (N, 1, 32, 32) with one rectangle each, and its box (N, 4)."""
    size = torch.randint(6, 15, (count, 2))
    corner = (torch.rand(count, 2) * (32 - size)).long()
    boxes = torch.cat([corner, corner + size], dim=1)
    x1, y1, x2, y2 = boxes.T[:, :, None]
    pixels = torch.arange(32)
    inside = ((pixels >= y1) & (pixels < y2))[:, :, None] & ((pixels >= x1) & (pixels < x2))[:, None, :]
    return inside[:, None].float() + 0.2 * torch.randn(count, 1, 32, 32), boxes.float()


if __name__ == "__main__":
    torch.manual_seed(0)
    model = CenterDetector()
    optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
    losses = []
    for _ in range(80):
        images, boxes = bright_rectangles(32)
        optimizer.zero_grad()
        loss = detection_loss(*model(images), boxes)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < 0.4 * losses[0], losses

    images, boxes = bright_rectangles(100)
    with torch.no_grad():
        found = detect(*model.eval()(images))
    once = [number for number in range(100) if len(found[number]) == 1]
    assert len(once) > 70, len(once)
    ious = []
    for number in once:
        box, truth = found[number][0], boxes[number]
        overlap = (torch.minimum(box[2:], truth[2:]) - torch.maximum(box[:2], truth[:2])).clamp(min=0).prod()
        ious.append(overlap / ((box[2:] - box[:2]).prod() + (truth[2:] - truth[:2]).prod() - overlap))
    mean_iou = torch.stack(ious).mean().item()
    assert mean_iou > 0.5, mean_iou
    print(f"loss {losses[0]:.1f} -> {losses[-1]:.2f}; {len(once)} of 100 found once, mean IoU {mean_iou:.2f}")
