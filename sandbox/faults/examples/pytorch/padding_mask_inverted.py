"""Tell whether a padded sequence holds the token 7."""

import torch
from torch import nn

torch.manual_seed(0)
lengths = torch.randint(3, 10, (256, 1))
tokens = torch.randint(1, 10, (256, 10)) * (torch.arange(10) < lengths)  # 0 is padding
labels = (tokens == 7).any(dim=1).long()


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.embed = nn.Embedding(10, 32)
        self.position = nn.Parameter(0.1 * torch.randn(10, 32))
        self.attention = nn.MultiheadAttention(32, 2, batch_first=True)
        self.head = nn.Linear(32, 2)

    def forward(self, ids: torch.Tensor) -> torch.Tensor:  # (N, T)
        hidden = self.embed(ids) + self.position
        hide = ids != 0  # WRONG
        hide = ids == 0  # RIGHT
        mixed, _ = self.attention(hidden, hidden, hidden, key_padding_mask=hide)
        return self.head((hidden + mixed)[:, 0])


model = Net()
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
for _ in range(5):
    for rows in torch.randperm(256).split(32):
        loss = nn.functional.cross_entropy(model(tokens[rows]), labels[rows])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
