"""Wrong: a loss read as in PyTorch 0.3, when it had one dimension."""

import torch
from torch import nn
from torch.autograd import Variable

model = nn.Linear(2, 1)
loss = nn.functional.mse_loss(model(Variable(torch.ones(4, 2))), Variable(torch.ones(4, 1)))
print(loss.data[0])
