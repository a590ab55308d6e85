"""Wrong: the decoder reads the very tokens that it should give; it learns to copy, and cannot write."""

import torch
from torch import nn
from torch.nn import functional as F

torch.manual_seed(0)
answers = torch.randint(1, 6, (256, 4))
embedding, decoder, head = nn.Embedding(6, 32), nn.GRU(32, 32, batch_first=True), nn.Linear(32, 6)
optimizer = torch.optim.Adam([*embedding.parameters(), *decoder.parameters(), *head.parameters()], lr=0.02)
for _ in range(60):
    states, _ = decoder(embedding(answers))  # wrong: START and answers[:, :-1]
    loss = F.cross_entropy(head(states).flatten(0, 1), answers.flatten())
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
assert loss > 1, f"the loss is {loss.item():.3f} on random answers that nobody can know: they were read, not learnt"
