"""Wrong: always the best next token; what it leads to is never asked."""

import torch

first = torch.tensor([0.6, 0.4])  # probabilities of tokens A and B
second = torch.tensor([[0.5, 0.5], [0.9, 0.1]])  # after A, and after B
token = first.argmax()  # wrong: keep both beginnings, a beam of 2
greedy = (first[token] * second[token].max()).item()
best = (first[:, None] * second).max().item()
assert greedy >= best, f"greedy found a text of probability {greedy:.2f}, the best one has {best:.2f}"
