"""Multi-label tagging of support tickets with a GRU.

The script builds a synthetic corpus, trains with AdamW and a one-cycle schedule, keeps an exponential moving
average of the weights for evaluation, and saves the best checkpoint by validation F1.
"""

import copy
import random
from collections import Counter
from dataclasses import asdict, dataclass

import numpy as np
import torch
import torch.nn as nn
from torch.nn.utils.rnn import pad_sequence
from torch.utils.data import DataLoader, Dataset

PAD, UNK = 0, 1
TAGS = {
    "billing": ["invoice", "refund", "charged", "price", "vat", "receipt", "card", "discount"],
    "login": ["password", "account", "locked", "reset", "token", "email", "signin", "captcha"],
    "delivery": ["parcel", "courier", "late", "address", "tracking", "box", "customs", "warehouse"],
    "bug": ["crash", "error", "freeze", "screen", "button", "version", "update", "slow"],
}
FILLER = ["hello", "please", "the", "my", "is", "and", "since", "again", "why", "thanks", "it", "was", "help"]


@dataclass
class Config:
    embedding_dim: int = 32
    hidden_dim: int = 48
    dropout: float = 0.2
    batch_size: int = 32
    epochs: int = 6
    max_lr: float = 1e-2
    ema_decay: float = 0.9
    token_drop: float = 0.1
    seed: int = 123


def set_seed(seed: int) -> None:
    """Make the run reproducible."""
    random.seed(seed)
    np.random.seed(seed)
    torch.manual_seed(seed)


def generate_tickets(count: int) -> list[tuple[list[str], list[float]]]:
    """Create tickets of 6 to 25 words; a tag is positive when its keywords appear."""
    tickets = []
    for _ in range(count):
        labels = [float(random.random() < p) for p in (0.45, 0.35, 0.3, 0.2)]
        words = [f"order-{random.randint(1, 2000)}", *random.choices(FILLER, k=random.randint(5, 16))]
        for label, keywords in zip(labels, TAGS.values(), strict=True):
            if label:
                words += random.sample(keywords, k=2)
        random.shuffle(words)
        tickets.append((words, labels))
    return tickets


def build_vocab(tickets: list[tuple[list[str], list[float]]]) -> dict[str, int]:
    """Map each word seen at least twice to an id; 0 is padding and 1 is unknown."""
    counts = Counter(word for words, _ in tickets for word in words)
    return {word: i + 2 for i, word in enumerate(sorted(w for w, n in counts.items() if n >= 2))}


class TicketDataset(Dataset):
    """Encodes tickets; with augment, some words are replaced by the unknown token."""

    def __init__(self, tickets, vocab: dict[str, int], token_drop: float = 0.0) -> None:
        self.tokens = [torch.tensor([vocab.get(word, UNK) for word in words]) for words, _ in tickets]
        self.labels = torch.tensor([labels for _, labels in tickets])
        self.token_drop = token_drop

    def __len__(self) -> int:
        return len(self.tokens)

    def __getitem__(self, index: int) -> tuple[torch.Tensor, torch.Tensor]:
        tokens = self.tokens[index]
        if self.token_drop > 0:
            dropped = torch.rand(len(tokens)) < self.token_drop
            tokens = tokens.masked_fill(dropped, UNK)
        return tokens, self.labels[index]


def collate(batch) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Pad to the longest ticket and return tokens, lengths and labels."""
    tokens, labels = zip(*batch, strict=True)
    lengths = torch.tensor([len(t) for t in tokens])
    return pad_sequence(tokens, batch_first=True, padding_value=PAD), lengths, torch.stack(labels)


class TicketTagger(nn.Module):
    """Embedding -> GRU -> last real state -> one logit per tag."""

    def __init__(self, vocab_size: int, config: Config) -> None:
        super().__init__()
        self.embedding = nn.Embedding(vocab_size, config.embedding_dim, padding_idx=PAD)
        self.gru = nn.GRU(config.embedding_dim, config.hidden_dim, batch_first=True)
        self.dropout = nn.Dropout(config.dropout)
        self.classifier = nn.Linear(config.hidden_dim, len(TAGS))

    def forward(self, tokens: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
        embedded = self.embedding(tokens)  # (B, T, E)
        outputs, _ = self.gru(embedded)  # (B, T, H)
        last = outputs[torch.arange(len(tokens)), lengths - 1]  # (B, H)
        return self.classifier(self.dropout(last))  # (B, tags)


@torch.no_grad()
def update_ema(ema_model: nn.Module, model: nn.Module, decay: float) -> None:
    for ema_param, param in zip(ema_model.parameters(), model.parameters(), strict=True):
        ema_param.lerp_(param, 1 - decay)


@torch.no_grad()
def evaluate(model: nn.Module, loader: DataLoader, device: torch.device) -> float:
    """Return the micro-averaged F1 score."""
    model.eval()
    true_positive = predicted = actual = 0.0
    for tokens, lengths, labels in loader:
        tokens, lengths, labels = tokens.to(device), lengths.to(device), labels.to(device)
        decisions = (torch.sigmoid(model(tokens, lengths)) > 0.5).float()
        true_positive += (decisions * labels).sum().item()
        predicted += decisions.sum().item()
        actual += labels.sum().item()
    return 2 * true_positive / max(predicted + actual, 1.0)


def main() -> None:
    config = Config()
    set_seed(config.seed)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")

    tickets = generate_tickets(1300)
    train_tickets, val_tickets, test_tickets = tickets[:900], tickets[900:1100], tickets[1100:]
    vocab = build_vocab(train_tickets)
    train_set = TicketDataset(train_tickets, vocab, token_drop=config.token_drop)
    val_set = TicketDataset(val_tickets, vocab)
    test_set = TicketDataset(test_tickets, vocab)
    train_loader = DataLoader(train_set, batch_size=config.batch_size, shuffle=True, collate_fn=collate)
    val_loader = DataLoader(val_set, batch_size=config.batch_size, collate_fn=collate)
    test_loader = DataLoader(test_set, batch_size=config.batch_size, collate_fn=collate)

    model = TicketTagger(len(vocab) + 2, config).to(device)
    ema_model = copy.deepcopy(model)
    positives = train_set.labels.sum(dim=0)
    pos_weight = (len(train_set) - positives) / positives
    criterion = nn.BCEWithLogitsLoss(pos_weight=pos_weight.to(device))
    optimizer = torch.optim.AdamW(model.parameters(), lr=config.max_lr)
    scheduler = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, max_lr=config.max_lr, epochs=config.epochs, steps_per_epoch=len(train_loader)
    )

    best_f1 = 0.0
    for epoch in range(1, config.epochs + 1):
        model.train()
        epoch_loss = 0.0
        for tokens, lengths, labels in train_loader:
            tokens, lengths, labels = tokens.to(device), lengths.to(device), labels.to(device)
            optimizer.zero_grad()
            logits = model(tokens, lengths)
            loss = criterion(logits, labels)
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), max_norm=1.0)
            optimizer.step()
            scheduler.step()
            update_ema(ema_model, model, config.ema_decay)
            epoch_loss += loss.item() * len(labels)

        val_f1 = evaluate(ema_model, val_loader, device)
        print(f"Epoch {epoch}/{config.epochs} | loss {epoch_loss / len(train_set):.4f} | val F1 {val_f1:.4f}")
        if val_f1 > best_f1:
            best_f1 = val_f1
            torch.save({"model": ema_model.state_dict(), "config": asdict(config), "vocab": vocab}, "best.pt")

    checkpoint = torch.load("best.pt", map_location=device)
    best_model = TicketTagger(len(checkpoint["vocab"]) + 2, Config(**checkpoint["config"])).to(device)
    best_model.load_state_dict(checkpoint["model"])
    print(f"Test F1: {evaluate(best_model, test_loader, device):.4f}")


if __name__ == "__main__":
    main()
