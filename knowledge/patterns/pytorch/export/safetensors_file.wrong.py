"""Wrong: save_file on a state dict in which two names share one tensor."""

from safetensors.torch import save_file
from torch import nn

embedding, output = nn.Embedding(50, 8), nn.Linear(8, 50, bias=False)
output.weight = embedding.weight
model = nn.ModuleDict({"embedding": embedding, "output": output})
save_file(model.state_dict(), "model.safetensors")  # wrong: save_model(model, path)
