# /// pattern
# id = "pt.debugging.out-of-memory"
# topic = "debugging.memory"
# questions = [
#   "CUDA out of memory what to do",
#   "torch.OutOfMemoryError: CUDA out of memory. Tried to allocate",
#   "reduce batch size automatically when out of memory",
#   "recover from out of memory in the training loop",
#   "does torch.cuda.empty_cache help against oom",
#   "find the largest batch size that fits",
#   "gpu memmory error training",
# ]
# errors = ["torch.OutOfMemoryError: CUDA out of memory. Tried to allocate",
#   "RuntimeError: [enforce fail at alloc_cpu.cpp", "DefaultCPUAllocator: can't allocate memory: you tried to allocate"]
# apis = ["torch.OutOfMemoryError", "torch.Tensor.chunk", "torch.optim.Optimizer.zero_grad", "torch.cuda.empty_cache"]
# replaces = ["torch.cuda.OutOfMemoryError", "except RuntimeError as e: if 'out of memory' in str(e)"]
# why = """Activations grow with the batch, so a batch in more pieces needs less memory, and weighted by their sizes the
# pieces give the gradient of the whole. A step that failed has left the gradients of its first pieces behind: they are
# cleared before the retry. empty_cache frees nothing that is still referenced, and the same batch fails again."""
# pitfalls = """Retry after the except block, not in it: the exception holds the frames, and with them the tensors.
# BatchNorm sees the pieces, not the batch. Under data parallel training all ranks must agree on the pieces. Memory that
# grows from step to step is a leak, not a batch too large."""
# when_not = """Weights, gradients and optimizer state alone do not fit: shard them, train fewer of them (LoRA), or use
# gradient checkpointing and 16 bit."""
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "fails AssertionError: the gradient of the first piece was counted twice"
# ///
"""A step that answers out-of-memory with smaller pieces of the same batch, and keeps its gradient."""

import torch
from torch import nn
from torch.nn import functional as F


def accumulate(model: nn.Module, inputs: torch.Tensor, targets: torch.Tensor, pieces: int) -> None:
    """Gradients of the mean loss of the whole batch, piece by piece."""
    for some_inputs, some_targets in zip(inputs.chunk(pieces), targets.chunk(pieces), strict=True):
        loss = F.cross_entropy(model(some_inputs), some_targets)
        (loss * len(some_inputs) / len(inputs)).backward()


def fitting_step(
    model: nn.Module, inputs: torch.Tensor, targets: torch.Tensor, optimizer: torch.optim.Optimizer, pieces: int
) -> int:
    """One step; returns the number of pieces that fitted, to begin with next time. Raises if one sample does not."""
    while True:
        optimizer.zero_grad()  # also what a failed attempt has left
        try:
            accumulate(model, inputs, targets, pieces)
        except torch.OutOfMemoryError:
            if pieces >= len(inputs):
                raise
        else:
            optimizer.step()
            return pieces
        pieces *= 2  # here, after the except block: its tensors are gone
        if inputs.is_cuda:
            torch.cuda.empty_cache()


class Limited(nn.Linear):
    """Stands for a small device: more than `limit` rows do not fit, except in the second call: a step fails midway."""

    limit, calls = 16, 0

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        self.calls += 1
        if len(inputs) > self.limit and self.calls != 2:
            raise torch.OutOfMemoryError("out of memory")
        return super().forward(inputs)


if __name__ == "__main__":
    torch.manual_seed(0)
    model = Limited(8, 3)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    inputs, targets = torch.randn(64, 8), torch.randint(3, (64,))

    plain = nn.Linear(8, 3)
    plain.load_state_dict(model.state_dict())
    F.cross_entropy(plain(inputs), targets).backward()  # the whole batch at once

    pieces = fitting_step(model, inputs, targets, optimizer, pieces=1)
    assert pieces == 4 and model.calls == 1 + 2 + 4  # 64 fails, of 32 and 32 the second fails, 16 fits
    torch.testing.assert_close(model.weight.grad, plain.weight.grad)
    assert fitting_step(model, inputs, targets, optimizer, pieces=pieces) == 4
    model.limit = 0
    try:
        fitting_step(model, inputs, targets, optimizer, pieces=pieces)
    except torch.OutOfMemoryError:
        print("64 samples in", pieces, "pieces of 16; a single sample that does not fit is an error")
    else:
        raise AssertionError("nothing fits, and no error")
