"""Wrong: the teacher's logits carry gradients, and one optimizer holds both: the teacher moves towards the student."""

import torch
from torch import nn
from torch.nn import functional as F

torch.manual_seed(0)
teacher, student = nn.Linear(8, 3), nn.Linear(8, 3)
before = teacher.weight.detach().clone()
optimizer = torch.optim.SGD([*teacher.parameters(), *student.parameters()], lr=0.1)  # wrong: student.parameters()
x = torch.randn(16, 8)
for _ in range(5):
    optimizer.zero_grad()
    target = F.softmax(teacher(x), dim=1)  # wrong: under no_grad
    F.kl_div(F.log_softmax(student(x), dim=1), target, reduction="batchmean").backward()
    optimizer.step()
assert teacher.weight.equal(before), "the teacher was trained as well"
