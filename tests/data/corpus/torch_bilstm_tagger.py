"""Tag each word of made-up sentences of different lengths with a packed bidirectional LSTM.

The grammar: a noun is tagged as subject before the verb of its sentence and as object after it.
"""

import random

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence, pad_sequence
from torch.utils.data import DataLoader

TAGS = ("other", "verb", "subject", "object")
IGNORE = -100
PAD = 0
FILLERS, VERBS, NOUNS = range(1, 31), range(31, 46), range(46, 81)
VOCABULARY_SIZE = 81

Sentence = tuple[Tensor, Tensor]


def make_sentence(rng: random.Random) -> Sentence:
    length = rng.randint(5, 16)
    verb_at = rng.randint(1, length - 2)
    words, tags = [], []
    for position in range(length):
        if position == verb_at:
            words.append(rng.choice(VERBS))
            tags.append(TAGS.index("verb"))
        elif rng.random() < 0.5:
            words.append(rng.choice(NOUNS))
            tags.append(TAGS.index("subject" if position < verb_at else "object"))
        else:
            words.append(rng.choice(FILLERS))
            tags.append(TAGS.index("other"))
    return torch.tensor(words), torch.tensor(tags)


def collate(sentences: list[Sentence]) -> tuple[Tensor, Tensor, Tensor]:
    """Return words (B, T), tags (B, T) and lengths (B,), padded to the longest sentence."""
    words, tags = zip(*sentences, strict=True)
    lengths = torch.tensor([len(sentence) for sentence in words])
    return (
        pad_sequence(words, batch_first=True, padding_value=PAD),
        pad_sequence(tags, batch_first=True, padding_value=IGNORE),
        lengths,
    )


class Tagger(nn.Module):
    def __init__(self, embedding_size: int = 32, hidden_size: int = 32) -> None:
        super().__init__()
        self.embedding = nn.Embedding(VOCABULARY_SIZE, embedding_size, padding_idx=PAD)
        self.lstm = nn.LSTM(embedding_size, hidden_size, batch_first=True, bidirectional=True)
        self.hidden = nn.Linear(2 * hidden_size, hidden_size)
        self.head = nn.Linear(hidden_size, len(TAGS))

    def forward(self, words: Tensor, lengths: Tensor) -> Tensor:
        """Return the log-probability of each tag, (B, T, tags)."""
        packed = pack_padded_sequence(self.embedding(words), lengths, batch_first=True, enforce_sorted=False)
        states, _ = self.lstm(packed)
        states, _ = pad_packed_sequence(states, batch_first=True, total_length=words.shape[1])
        features = torch.relu(self.hidden(states))
        return self.head(features).log_softmax(dim=-1)


class TokenAccuracy:
    """The share of right tags among those that are not padding."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        self.right = 0
        self.total = 0

    def update(self, log_probabilities: Tensor, tags: Tensor) -> None:
        real = tags != IGNORE
        self.right += int((log_probabilities.argmax(dim=-1) == tags)[real].sum())
        self.total += int(real.sum())

    def compute(self) -> float:
        return self.right / self.total


def train_epoch(model: Tagger, loader: DataLoader, optimizer: torch.optim.Optimizer, accuracy: TokenAccuracy) -> float:
    model.train()
    accuracy.reset()
    criterion = nn.NLLLoss(ignore_index=IGNORE)
    total_loss = 0.0
    for words, tags, lengths in loader:
        log_probabilities = model(words, lengths)
        loss = criterion(log_probabilities.transpose(1, 2), tags)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        accuracy.update(log_probabilities.detach(), tags)
        total_loss += loss.item() * int((tags != IGNORE).sum())
    return total_loss / accuracy.total


def evaluate(model: Tagger, loader: DataLoader) -> float:
    model.eval()
    accuracy = TokenAccuracy()
    with torch.no_grad():
        for words, tags, lengths in loader:
            accuracy.update(model(words, lengths), tags)
    return accuracy.compute()


def main() -> None:
    torch.manual_seed(5)
    rng = random.Random(5)
    sentences = [make_sentence(rng) for _ in range(900)]
    train_sentences, val_sentences = sentences[:750], sentences[750:]
    train_loader = DataLoader(train_sentences, batch_size=32, shuffle=True, collate_fn=collate)
    val_loader = DataLoader(val_sentences, batch_size=100, collate_fn=collate)

    model = Tagger()
    optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
    accuracy = TokenAccuracy()
    for epoch in range(4):
        loss = train_epoch(model, train_loader, optimizer, accuracy)
        held_out = evaluate(model, val_loader)
        print(f"epoch {epoch}: loss {loss:.3f}, train accuracy {accuracy.compute():.3f}, held-out {held_out:.3f}")


if __name__ == "__main__":
    main()
