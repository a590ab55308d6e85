# /// pattern
# id = "pt.precision.old-scaler"
# topic = "train.precision"
# questions = ["gradient scaler", "amp scaler pytorch", "half precision training"]
# apis = ["torch.cuda.amp.GradScaler"]
# why = "It is deprecated, so this file must not be admitted."
# ///
"""A scaler under its old name."""

import torch

if __name__ == "__main__":
    torch.cuda.amp.GradScaler(enabled=False)
