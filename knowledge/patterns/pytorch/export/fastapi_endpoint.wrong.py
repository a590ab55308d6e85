"""Wrong: the weights are read in the endpoint, for each request anew."""

import tempfile

import torch
from fastapi import FastAPI
from fastapi.testclient import TestClient
from torch import nn

app, reads = FastAPI(), 0
folder = tempfile.TemporaryDirectory()
path = f"{folder.name}/weights.pt"
torch.save(nn.Linear(4, 2).state_dict(), path)


@app.post("/predict")
def predict(row: list[float]) -> list[float]:
    """Two logits for four numbers."""
    global reads
    reads += 1
    model = nn.Linear(4, 2)
    model.load_state_dict(torch.load(path))  # wrong: once, in the lifespan
    return model(torch.tensor(row)).tolist()


with TestClient(app) as client, folder:
    for _ in range(3):
        assert client.post("/predict", json=[1.0, 2.0, 3.0, 4.0]).status_code == 200
assert reads == 1, f"the weights were read {reads} times for 3 requests"
