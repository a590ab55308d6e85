"""Find the topic of padded token sequences with a small transformer encoder and masked mean pooling.

Each document has words of one topic among words of all topics; documents have between 6 and 24 words.
"""

import copy
import math

import numpy as np
import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader, TensorDataset, random_split

PAD = 0
TOPICS = 5
WORDS_PER_TOPIC = 12
VOCABULARY_SIZE = 1 + TOPICS * WORDS_PER_TOPIC
MAX_LENGTH = 24
DEVICE = torch.device("cuda" if torch.cuda.is_available() else "cpu")


def make_documents(count: int, rng: np.random.Generator) -> TensorDataset:
    """Return ids (count, MAX_LENGTH), zero after the last word, and topics (count,)."""
    ids = np.zeros((count, MAX_LENGTH), dtype=np.int64)
    topics = rng.integers(0, TOPICS, count)
    for row, topic in zip(ids, topics, strict=True):
        length = rng.integers(6, MAX_LENGTH + 1)
        on_topic = rng.random(length) < 0.45
        word_topics = np.where(on_topic, topic, rng.integers(0, TOPICS, length))
        row[:length] = 1 + word_topics * WORDS_PER_TOPIC + rng.integers(0, WORDS_PER_TOPIC, length)
    return TensorDataset(torch.from_numpy(ids), torch.from_numpy(topics))


class PositionalEncoding(nn.Module):
    """The sinusoids of Vaswani et al. (2017), added to the embeddings."""

    def __init__(self, d_model: int, max_length: int) -> None:
        super().__init__()
        position = torch.arange(max_length).unsqueeze(1)
        frequency = torch.exp(torch.arange(0, d_model, 2) * (-math.log(10000.0) / d_model))
        encoding = torch.zeros(1, max_length, d_model)
        encoding[0, :, 0::2] = torch.sin(position * frequency)
        encoding[0, :, 1::2] = torch.cos(position * frequency)
        self.register_buffer("encoding", encoding)

    def forward(self, x: Tensor) -> Tensor:
        return x + self.encoding[:, : x.size(1)]


class EncoderLayer(nn.Module):
    def __init__(self, d_model: int, heads: int, dropout: float) -> None:
        super().__init__()
        self.attention = nn.MultiheadAttention(d_model, heads, dropout=dropout, batch_first=True)
        self.feed_forward = nn.Sequential(nn.Linear(d_model, 2 * d_model), nn.ReLU(), nn.Linear(2 * d_model, d_model))
        self.norm1 = nn.LayerNorm(d_model)
        self.norm2 = nn.LayerNorm(d_model)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor, padding: Tensor) -> Tensor:
        attended, _ = self.attention(x, x, x, key_padding_mask=padding, need_weights=False)
        x = self.norm1(x + self.dropout(attended))
        return self.norm2(x + self.dropout(self.feed_forward(x)))


class TopicClassifier(nn.Module):
    def __init__(self, d_model: int = 32, heads: int = 4, layers: int = 2, dropout: float = 0.1) -> None:
        super().__init__()
        self.embedding = nn.Embedding(VOCABULARY_SIZE, d_model, padding_idx=PAD)
        self.positions = PositionalEncoding(d_model, MAX_LENGTH)
        layer = EncoderLayer(d_model, heads, dropout)
        self.layers = nn.ModuleList([copy.deepcopy(layer) for _ in range(layers)])
        self.classifier = nn.Linear(d_model, TOPICS)

    def forward(self, ids: Tensor) -> Tensor:
        padding = ids == PAD  # (B, T), true where attention must not look
        x = self.positions(self.embedding(ids))
        for layer in self.layers:
            x = layer(x, padding)
        words = (~padding).unsqueeze(-1)
        pooled = (x * words).sum(dim=1) / words.sum(dim=1)
        return self.classifier(pooled)  # (B, TOPICS)


@torch.no_grad()
def accuracy(model: nn.Module, loader: DataLoader) -> float:
    model.eval()
    right = sum((model(ids.to(DEVICE)).argmax(dim=-1) == topics.to(DEVICE)).sum().item() for ids, topics in loader)
    return right / len(loader.dataset)


def main() -> None:
    torch.manual_seed(21)
    documents = make_documents(1600, np.random.default_rng(21))
    train_set, val_set = random_split(documents, [1280, 320])
    train_loader = DataLoader(train_set, batch_size=32, shuffle=True, drop_last=True)
    val_loader = DataLoader(val_set, batch_size=64)

    model = TopicClassifier().to(DEVICE)
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.AdamW(model.parameters(), lr=2e-3)
    for epoch in range(3):
        model.train()
        losses = []
        for ids, topics in train_loader:
            ids, topics = ids.to(DEVICE), topics.to(DEVICE)
            optimizer.zero_grad()
            loss = criterion(model(ids), topics)
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            losses.append(loss.item())
        print(f"epoch {epoch}: loss {np.mean(losses):.3f}, held-out accuracy {accuracy(model, val_loader):.3f}")


if __name__ == "__main__":
    main()
