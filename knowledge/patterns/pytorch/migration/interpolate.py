# /// pattern
# id = "pt.migration.interpolate"
# topic = "migration.vision"
# questions = [
#   "nn.functional.upsample is deprecated use interpolate",
#   "resize a feature map pytorch",
#   "align_corners true or false",
#   "F.upsample_bilinear replacement",
#   "upsample segmentation logits to the image size",
#   "interpolat bilinear torch resize",
# ]
# errors = [
#   "UserWarning: `nn.functional.upsample` is deprecated. Use `nn.functional.interpolate` instead.",
# ]
# apis = ["torch.nn.functional.interpolate"]
# replaces = [
#   "torch.nn.functional.upsample",
#   "torch.nn.functional.upsample_bilinear",
#   "torch.nn.functional.upsample_nearest",
#   "torch.nn.UpsamplingBilinear2d",
# ]
# why = """interpolate does all of them. upsample_bilinear meant align_corners=True; the default is False, which keeps
# the pixel's area and agrees with OpenCV and PIL, so the values at the border differ."""
# pitfalls = """To make an image smaller pass antialias=True. Class labels are resized with mode="nearest-exact", never
# bilinear."""
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "warns UserWarning: `nn.functional.upsample` is deprecated. Use `nn.functional.interpolate` instead."
# ///
"""Resize images and feature maps with interpolate, after F.upsample."""

import torch
from torch.nn.functional import interpolate

if __name__ == "__main__":
    row = torch.tensor([0.0, 4.0]).view(1, 1, 1, 2)  # (B, C, H, W)
    centers = interpolate(row, size=(1, 4), mode="bilinear", align_corners=False)
    corners = interpolate(row, size=(1, 4), mode="bilinear", align_corners=True)  # upsample_bilinear
    # Output pixel i lies at (i + 0.5) / 2 - 0.5 of the input, or at i / 3 where corners are aligned.
    torch.testing.assert_close(centers.flatten(), torch.tensor([0.0, 1.0, 3.0, 4.0]))
    torch.testing.assert_close(corners.flatten(), torch.tensor([0.0, 4 / 3, 8 / 3, 4.0]))

    labels = torch.tensor([[1, 7], [7, 1]]).view(1, 1, 2, 2)
    larger = interpolate(labels.float(), scale_factor=3, mode="nearest-exact").long()  # (1, 1, 6, 6)
    assert set(larger.unique().tolist()) == {1, 7}  # no invented class between 1 and 7

    stripes = torch.arange(64).remainder(2).float().expand(1, 1, 64, 64)  # 0 1 0 1 ...
    size = {"size": (9, 9), "mode": "bilinear", "align_corners": False}
    plain, smooth = interpolate(stripes, **size), interpolate(stripes, **size, antialias=True)
    print(f"stripes made small: spread {plain.std():.2f}, with antialias {smooth.std():.2f}")
    assert smooth.std() < 0.1 * plain.std() and abs(smooth.mean() - 0.5) < 0.05
