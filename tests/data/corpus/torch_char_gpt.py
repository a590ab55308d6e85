"""Train a small causal language model on the characters of arithmetic lines such as `7+25=32`."""

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

ALPHABET = "\n+=0123456789"


@dataclass(frozen=True)
class Config:
    vocab_size: int = len(ALPHABET)
    block_size: int = 32
    n_layer: int = 2
    n_head: int = 4
    n_embd: int = 48
    dropout: float = 0.05


class CausalSelfAttention(nn.Module):
    def __init__(self, config: Config) -> None:
        super().__init__()
        self.n_head = config.n_head
        self.qkv = nn.Linear(config.n_embd, 3 * config.n_embd)
        self.proj = nn.Linear(config.n_embd, config.n_embd)
        self.dropout = config.dropout
        self.register_buffer("mask", torch.ones(config.block_size, config.block_size, dtype=torch.bool).tril())

    def forward(self, x: Tensor) -> Tensor:
        B, T, C = x.shape
        heads = [part.reshape(B, T, self.n_head, -1).transpose(1, 2) for part in self.qkv(x).split(C, dim=2)]
        q, k, v = heads  # each (B, H, T, D)
        scores = q @ k.transpose(-2, -1) / math.sqrt(C // self.n_head)
        scores = scores.masked_fill(~self.mask[:T, :T], float("-inf"))
        weights = scores.softmax(dim=-1)
        weights = F.dropout(weights, self.dropout, training=self.training)
        y = (weights @ v).transpose(1, 2).reshape(B, T, C)
        return self.proj(y)


class Block(nn.Module):
    def __init__(self, config: Config) -> None:
        super().__init__()
        self.norm1 = nn.LayerNorm(config.n_embd)
        self.attention = CausalSelfAttention(config)
        self.norm2 = nn.LayerNorm(config.n_embd)
        width = config.n_embd
        self.mlp = nn.Sequential(nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width))

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.attention(self.norm1(x))
        return x + self.mlp(self.norm2(x))


class GPT(nn.Module):
    def __init__(self, config: Config) -> None:
        super().__init__()
        self.tokens = nn.Embedding(config.vocab_size, config.n_embd)
        self.positions = nn.Embedding(config.block_size, config.n_embd)
        self.blocks = nn.ModuleList([Block(config) for _ in range(config.n_layer)])
        self.norm = nn.LayerNorm(config.n_embd)
        self.head = nn.Linear(config.n_embd, config.vocab_size, bias=False)
        self.apply(self._init_weights)
        self.head.weight = self.tokens.weight

    def _init_weights(self, module: nn.Module) -> None:
        if isinstance(module, nn.Linear | nn.Embedding):
            nn.init.normal_(module.weight, std=0.05)
        if isinstance(module, nn.Linear) and module.bias is not None:
            nn.init.zeros_(module.bias)

    def forward(self, ids: Tensor) -> Tensor:
        """Map ids (B, T) to next-character logits (B, T, vocab_size)."""
        x = self.tokens(ids) + self.positions(torch.arange(ids.shape[1], device=ids.device))
        for block in self.blocks:
            x = block(x)
        return self.head(self.norm(x))


def encode(text: str) -> Tensor:
    return torch.tensor([ALPHABET.index(character) for character in text])


def make_texts(generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Write every sum of two numbers below 40 once, and hold out an eighth of the lines."""
    pairs = [divmod(i, 40) for i in torch.randperm(1600, generator=generator).tolist()]
    lines = [f"{a}+{b}={a + b}\n" for a, b in pairs]
    train, held_out = "".join(lines[:1400]), "".join(lines[1400:])
    return encode(train), encode(held_out)


def get_batch(data: Tensor, config: Config, batch_size: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    starts = torch.randint(len(data) - config.block_size, (batch_size,), generator=generator)
    x = torch.stack([data[i : i + config.block_size] for i in starts])
    y = torch.stack([data[i + 1 : i + 1 + config.block_size] for i in starts])
    return x, y


def make_optimizer(model: nn.Module) -> torch.optim.AdamW:
    """Decay matrices only: not biases, not normalisation."""
    decay = [p for p in model.parameters() if p.dim() >= 2]
    no_decay = [p for p in model.parameters() if p.dim() < 2]
    groups = [{"params": decay, "weight_decay": 0.1}, {"params": no_decay, "weight_decay": 0.0}]
    return torch.optim.AdamW(groups, betas=(0.9, 0.95))


@torch.inference_mode()
def evaluate(model: nn.Module, data: Tensor, config: Config) -> float:
    """Return the mean loss per character over the whole held-out text, and leave the model in training mode."""
    model.eval()
    blocks = (len(data) - 1) // config.block_size
    x = data[: blocks * config.block_size].view(blocks, config.block_size)
    y = data[1 : blocks * config.block_size + 1].view(blocks, config.block_size)
    loss = F.cross_entropy(model(x).flatten(0, 1), y.flatten())
    model.train()
    return loss.item()


def main(steps: int = 200, warmup: int = 20, batch_size: int = 16) -> None:
    torch.manual_seed(11)
    generator = torch.Generator().manual_seed(12)
    config = Config()
    train_data, val_data = make_texts(generator)
    model = GPT(config)
    optimizer = make_optimizer(model)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=4e-3, total_steps=steps, pct_start=warmup / steps)
    model.train()
    running = 0.0
    for step in range(1, steps + 1):
        x, y = get_batch(train_data, config, batch_size, generator)
        logits = model(x)
        loss = F.cross_entropy(logits.view(-1, config.vocab_size), y.view(-1))
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), max_norm=1.0)
        optimizer.step()
        schedule.step()
        running += loss.item()
        if step % 50 == 0:
            print(f"step {step}: train {running / 50:.3f}, validation {evaluate(model, val_data, config):.3f}")
            running = 0.0


if __name__ == "__main__":
    main()
