"""Wrong: a checkpoint with an object that torch.load does not read by default since PyTorch 2.6."""

import argparse
import io

import torch

file = io.BytesIO()
torch.save({"weight": torch.ones(3), "args": argparse.Namespace(lr=0.1)}, file)
file.seek(0)
checkpoint = torch.load(file)
