# char-level GPT on a made-up shop ledger; gradient accumulation, warm-up + cosine, tied embeddings
import math
import random

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

random.seed(1)
np.random.seed(1)
torch.manual_seed(1)

T, C, H, L = 32, 48, 4, 2  # context, channels, heads, layers
batch_size, accum, epochs, peak_lr, warmup = 16, 2, 4, 4e-3, 15

names = ["ada", "bert", "cleo", "dino", "edith", "frank"]
goods = ["nails", "paint", "rope", "soap", "twine"]
lines = []
for _ in range(2000):
    n, price = random.randint(1, 99), random.randint(1, 9)
    lines.append(f"{random.choice(names)} buys {n} {random.choice(goods)} at {price} pays {n * price}\n")
text = "".join(lines)
chars = sorted(set(text))
V = len(chars)
stoi = {c: i for i, c in enumerate(chars)}
data = torch.tensor([stoi[c] for c in text])
n_train, n_val = 960, 160
windows = data[: (n_train + n_val) * (T + 1)].view(-1, T + 1)
train, val = windows[:n_train], windows[n_train:]


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.ln1, self.ln2 = nn.LayerNorm(C), nn.LayerNorm(C)
        self.qkv = nn.Linear(C, 3 * C, bias=False)
        self.proj = nn.Linear(C, C)
        self.mlp = nn.Sequential(nn.Linear(C, 4 * C), nn.GELU(), nn.Linear(4 * C, C))
        self.register_buffer("future", torch.triu(torch.ones(T, T, dtype=torch.bool), diagonal=1))

    def attend(self, x):
        b, t, _ = x.shape
        q, k, v = (z.view(b, t, H, C // H).transpose(1, 2) for z in self.qkv(x).chunk(3, dim=-1))  # (b, H, t, C/H)
        att = q @ k.transpose(-2, -1) / math.sqrt(C // H)
        att = att.masked_fill(self.future[:t, :t], float("-inf"))
        att = att.softmax(dim=-1)
        return self.proj((att @ v).transpose(1, 2).reshape(b, t, C))

    def forward(self, x):
        x = x + self.attend(self.ln1(x))
        return x + self.mlp(self.ln2(x))


class GPT(nn.Module):
    def __init__(self):
        super().__init__()
        self.tok = nn.Embedding(V, C)
        self.pos = nn.Embedding(T, C)
        self.blocks = nn.ModuleList(Block() for _ in range(L))
        self.ln = nn.LayerNorm(C)
        self.head = nn.Linear(C, V, bias=False)
        self.apply(self.init)
        self.head.weight = self.tok.weight

    @staticmethod
    def init(m):
        if isinstance(m, nn.Linear | nn.Embedding):
            nn.init.normal_(m.weight, std=0.02)

    def forward(self, idx):
        x = self.tok(idx)
        x = x + self.pos(torch.arange(idx.size(1)))
        for block in self.blocks:
            x = block(x)
        return self.head(self.ln(x))


def get_lr(step):
    if step < warmup:
        return peak_lr * (step + 1) / warmup
    return peak_lr * (0.1 + 0.45 * (1 + math.cos(math.pi * (step - warmup) / (total_steps - warmup))))


def loss_on(rows):
    x, y = rows[:, :-1], rows[:, 1:]
    logits = model(x)
    return F.cross_entropy(logits.flatten(0, 1), y.flatten())


@torch.no_grad()
def evaluate():
    model.eval()
    losses = [loss_on(rows).item() for rows in val.split(batch_size)]
    model.train()
    return sum(losses) / len(losses)


model = GPT()
opt = torch.optim.AdamW(model.parameters(), lr=peak_lr, betas=(0.9, 0.95), weight_decay=0.01)
total_steps = epochs * n_train // (batch_size * accum)
step = 0
print(f"{sum(p.numel() for p in model.parameters())} parameters, {V} characters, chance {math.log(V):.2f}")

for epoch in range(epochs):
    running = 0.0
    for rows in train[torch.randperm(n_train)].view(-1, accum, batch_size, T + 1):
        for group in opt.param_groups:
            group["lr"] = get_lr(step)
        opt.zero_grad()
        for micro in rows:
            loss = loss_on(micro)
            running += loss.item()
            (loss / accum).backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        opt.step()
        step += 1
    print(f"epoch {epoch} step {step} train {running * batch_size / n_train:.3f} val {evaluate():.3f}")

model.eval()
idx = torch.tensor([[stoi[c] for c in "cleo buys "]])
with torch.no_grad():
    for _ in range(60):
        nxt = model(idx[:, -T:])[:, -1].argmax(dim=-1, keepdim=True)
        idx = torch.cat([idx, nxt], dim=1)
print("".join(chars[i] for i in idx[0].tolist()))
