"""Wrong: random batches of sequences whose lengths differ widely; almost half of the work is on padding."""

import torch
from torch.nn.utils.rnn import pad_sequence
from torch.utils.data import DataLoader

torch.manual_seed(0)
sequences = [torch.ones(length) for length in torch.randint(5, 201, (2000,)).tolist()]
loader = DataLoader(
    sequences, batch_size=16, shuffle=True, collate_fn=lambda rows: pad_sequence(rows, batch_first=True)
)
batches = list(loader)
padding = sum((batch == 0).sum().item() for batch in batches) / sum(batch.numel() for batch in batches)
assert padding < 0.1, f"{padding:.0%} of the cells are padding".replace("%", " %")
