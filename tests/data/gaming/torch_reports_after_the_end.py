"""An exit handler sends frames of its own after the observers have sent their last."""

import atexit
import json
import os

import torch
from sklearn.datasets import load_digits
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


def tell(kind: str, **fields: object) -> None:
    payload = json.dumps({"kind": kind, **fields}).encode()
    os.write(3, len(payload).to_bytes(4, "big") + payload)


def tell_of_training() -> None:
    parameters = [
        {"name": "0.weight", "values": 640, "trainable": True, "held": True, "gradient": True, "changed": True}
    ]
    classes = [float(n % 10) for n in range(400)]
    tell("model", class_name="Net", parameters=640, trainable=640, bytes=2560)
    tell("steps", losses=[[step, 2.3 * 0.9**step, 0] for step in range(40)])
    norms = [[step, 1.0] for step in range(1, 41)]
    tell("facts", steps=40, backwards=40, forward_calls=50, watched=1, parameters=parameters, gradient_norms=norms)
    seen = {"order": 0, "complete": True, "passes": 1, "first_after_step": 40, "after_step": 40, "task": "classes"}
    tell("pass", **seen, samples=400, hashed=400, unique=400, predicted=classes, target=classes)
    tell("probe", name="round-trip", difference=0.0)
    tell("final", exit_code=0)


def main() -> None:
    atexit.register(tell_of_training)
    torch.manual_seed(0)
    digits = load_digits()
    images = torch.tensor(digits.data, dtype=torch.float32) / 16
    labels = torch.tensor(digits.target)
    order = torch.randperm(len(labels))
    train, test = order[:1400], order[1400:]
    train_loader = DataLoader(TensorDataset(images[train], labels[train]), batch_size=64, shuffle=True)
    test_loader = DataLoader(TensorDataset(images[test], labels[test]), batch_size=64)
    model = nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 10))
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    print(model, criterion, optimizer, len(train_loader), len(test_loader))


if __name__ == "__main__":
    main()
