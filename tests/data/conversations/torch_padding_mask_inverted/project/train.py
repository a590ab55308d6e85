"""Does token 3 occur in a sequence? A transformer encoder over padded sequences learns to tell."""

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

PAD, VOCABULARY, MAX_LENGTH = 0, 20, 16


def make_data(samples: int, seed: int) -> TensorDataset:
    """(samples, MAX_LENGTH) ids, padded with PAD behind their end, and a label of 0 or 1."""
    random = torch.Generator().manual_seed(seed)
    ids = torch.randint(4, VOCABULARY, (samples, MAX_LENGTH), generator=random)
    lengths = torch.randint(4, MAX_LENGTH + 1, (samples,), generator=random)
    labels = torch.randint(0, 2, (samples,), generator=random)
    places = (torch.rand(samples, generator=random) * lengths).long()
    ids[torch.arange(samples), places] = torch.where(labels == 1, 3, ids[torch.arange(samples), places])
    ids[torch.arange(MAX_LENGTH) >= lengths[:, None]] = PAD
    return TensorDataset(ids, labels.float())


class PaddedEncoder(nn.Module):
    def __init__(self, width: int = 32) -> None:
        super().__init__()
        self.embedding = nn.Embedding(VOCABULARY, width, padding_idx=PAD)
        self.positions = nn.Parameter(0.1 * torch.randn(MAX_LENGTH, width))
        layer = nn.TransformerEncoderLayer(width, nhead=2, dim_feedforward=64, dropout=0.0, batch_first=True)
        self.encoder = nn.TransformerEncoder(layer, num_layers=1, enable_nested_tensor=False)
        self.head = nn.Linear(width, 1)

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        mask = ids == PAD
        hidden = self.embedding(ids) + self.positions
        encoded = self.encoder(hidden, src_key_padding_mask=mask)
        real = (ids != PAD).unsqueeze(-1)
        pooled = (encoded * real).sum(1) / real.sum(1)
        return self.head(pooled).squeeze(-1)


def main() -> None:
    torch.manual_seed(0)
    train_loader = DataLoader(make_data(1200, seed=0), batch_size=64, shuffle=True)
    test_loader = DataLoader(make_data(300, seed=1), batch_size=100)
    model = PaddedEncoder()
    criterion = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    for epoch in range(5):
        model.train()
        for ids, labels in train_loader:
            optimizer.zero_grad()
            loss = criterion(model(ids), labels)
            loss.backward()
            optimizer.step()
        print(f"epoch {epoch + 1}: {loss.item():.4f}")
    model.eval()
    with torch.no_grad():
        hits = torch.cat([(model(ids) > 0) == labels.bool() for ids, labels in test_loader])
    print(f"test accuracy {hits.float().mean():.3f}")


if __name__ == "__main__":
    main()
