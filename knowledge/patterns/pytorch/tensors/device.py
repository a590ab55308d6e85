# /// pattern
# id = "pt.tensors.device"
# topic = "tensors.device"
# questions = [
#   "Expected all tensors to be on the same device",
#   "model.to(device) does not move my tensor",
#   "register_buffer or plain attribute",
#   "device agnostic code cuda mps cpu pytorch",
#   "move a nested batch to the gpu",
#   "torch.accelerator current device",
#   "same devise error cuda cpu tensor",
# ]
# errors = ["Expected all tensors to be on the same device, but found at least two devices, cuda:0 and cpu!",
#   "Expected all tensors to be on the same device, but got index is on cpu, different from other tensors on cuda:0",
#   "Input type (torch.cuda.FloatTensor) and weight type (torch.FloatTensor) should be the same"]
# apis = ["torch.nn.Module.register_buffer", "torch.accelerator.current_accelerator", "torch.Tensor.to",
#   "torch.nn.Module.to"]
# replaces = ["torch.cuda.is_available() chains", ".cuda()"]
# why = """Module.to moves parameters and buffers, not tensors that are plain attributes. A buffer moves along and is
# saved; what is made in forward is made on the device of the input. The meta device shows both without a GPU."""
# pitfalls = """tensor.to(device) returns a new tensor, module.to(device) changes the module. Make the optimizer after
# the model was moved. persistent=False keeps a buffer out of the state dict."""
# when_not = "One device and no GPU ever: plain tensors, nothing to move."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "fails AssertionError: left behind"
# ///
"""Everything on one device: buffers, tensors made in forward, and nested batches."""

from typing import Any

import torch
from torch import nn


def best_device() -> torch.device:
    """The accelerator of this machine (CUDA, MPS, XPU, ...), or the CPU."""
    return torch.accelerator.current_accelerator(check_available=True) or torch.device("cpu")


def move(batch: Any, device: torch.device) -> Any:
    """The batch, made of tensors, dicts, lists and tuples, with all tensors on the device."""
    if isinstance(batch, torch.Tensor):
        return batch.to(device, non_blocking=True)
    if isinstance(batch, dict):
        return {key: move(value, device) for key, value in batch.items()}
    if isinstance(batch, list | tuple):
        return type(batch)(move(value, device) for value in batch)
    return batch


class Standardise(nn.Module):
    """(N, D) to (N, D) with the mean and deviation of the training data, then noise while training."""

    def __init__(self, mean: torch.Tensor, std: torch.Tensor) -> None:
        super().__init__()
        self.register_buffer("mean", mean)  # moves and is saved with the module
        self.register_buffer("std", std)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = (x - self.mean) / self.std
        return x + 0.1 * torch.randn_like(x) if self.training else x


if __name__ == "__main__":
    module = Standardise(torch.full((3,), 2.0), torch.ones(3))
    assert set(module.state_dict()) == {"mean", "std"}

    device = best_device()
    batch = move({"x": torch.full((2, 3), 2.0), "names": ["a", "b"]}, device)
    result = module.to(device).eval()(batch["x"])
    assert result.device.type == device.type and result.eq(0).all() and batch["names"] == ["a", "b"]

    elsewhere = module.to("meta").train()  # a device without numbers: everything but values behaves as on a GPU
    assert elsewhere.mean.is_meta and elsewhere(torch.ones(2, 3, device="meta")).is_meta
    print(device)
