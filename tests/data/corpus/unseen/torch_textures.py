"""Quickstart: classify small colour textures with a convolutional network.

Follows the usual path: data, transforms, model, optimisation loop, saving and loading.
"""

import random

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset

CLASSES = ["horizontal", "vertical", "checker", "blob", "ring"]

random.seed(0)
np.random.seed(0)
torch.manual_seed(0)


def draw_textures(count, rng):
    """Return images of shape (count, 16, 16, 3), uint8, and labels of shape (count,)."""
    rows, cols = np.mgrid[0:16, 0:16]
    labels = rng.integers(0, len(CLASSES), size=count)
    images = np.empty((count, 16, 16, 3), dtype=np.uint8)
    for i, label in enumerate(labels):
        shift, period = rng.integers(0, 4), rng.integers(3, 5)
        radius = np.hypot(rows - rng.uniform(6, 9), cols - rng.uniform(6, 9))
        pattern = [
            (rows + shift) // period % 2,
            (cols + shift) // period % 2,
            ((rows + shift) // period + (cols + shift) // period) % 2,
            radius < 5,
            np.abs(radius - 5) < 1.5,
        ][label]
        paint, ground = rng.uniform(90, 230, size=3), rng.uniform(20, 120, size=3)
        picture = np.where(pattern[..., None], paint, ground) + rng.normal(0, 25, size=(16, 16, 3))
        images[i] = picture.clip(0, 255)
    return images, labels


class TextureDataset(Dataset):
    def __init__(self, images, labels, transform=None):
        self.images = images
        self.labels = labels
        self.transform = transform

    def __len__(self):
        return len(self.labels)

    def __getitem__(self, idx):
        image = torch.from_numpy(self.images[idx]).permute(2, 0, 1).float() / 255
        label = int(self.labels[idx])
        if self.transform:
            image = self.transform(image)
        return image, label


class NeuralNetwork(nn.Module):
    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(3, 16, kernel_size=3, padding=1),
            nn.BatchNorm2d(16),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Conv2d(16, 32, kernel_size=3, padding=1),
            nn.BatchNorm2d(32),
            nn.ReLU(),
            nn.MaxPool2d(2),
        )
        self.classifier = nn.Sequential(
            nn.Flatten(),
            nn.Dropout(0.3),
            nn.Linear(32 * 4 * 4, 64),
            nn.ReLU(),
            nn.Linear(64, len(CLASSES)),
        )

    def forward(self, x):
        x = self.features(x)
        logits = self.classifier(x)
        return logits


def train_loop(dataloader, model, loss_fn, optimizer):
    size = len(dataloader.dataset)
    model.train()
    for batch, (X, y) in enumerate(dataloader):
        pred = model(X)
        loss = loss_fn(pred, y)

        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

        if batch % 10 == 0:
            print(f"loss: {loss.item():>7f}  [{batch * len(X):>5d}/{size:>5d}]")


def test_loop(dataloader, model, loss_fn):
    size = len(dataloader.dataset)
    model.eval()
    test_loss, correct = 0, 0
    with torch.no_grad():
        for X, y in dataloader:
            pred = model(X)
            test_loss += loss_fn(pred, y).item() * len(y)
            correct += (pred.argmax(1) == y).sum().item()
    test_loss /= size
    correct /= size
    print(f"Test Error: \n Accuracy: {100 * correct:>0.1f}%, Avg loss: {test_loss:>8f} \n")


rng = np.random.default_rng(0)
train_images, train_labels = draw_textures(1200, rng)
test_images, test_labels = draw_textures(300, rng)

channel_mean = torch.tensor(train_images.mean(axis=(0, 1, 2)) / 255, dtype=torch.float32).view(3, 1, 1)
channel_std = torch.tensor(train_images.std(axis=(0, 1, 2)) / 255, dtype=torch.float32).view(3, 1, 1)


def normalize(image):
    return (image - channel_mean) / channel_std


training_data = TextureDataset(train_images, train_labels, transform=normalize)
test_data = TextureDataset(test_images, test_labels, transform=normalize)

train_dataloader = DataLoader(training_data, batch_size=64, shuffle=True)
test_dataloader = DataLoader(test_data, batch_size=64)

model = NeuralNetwork()
loss_fn = nn.CrossEntropyLoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.03, momentum=0.9)
scheduler = torch.optim.lr_scheduler.StepLR(optimizer, step_size=2, gamma=0.5)

epochs = 5
for t in range(epochs):
    print(f"Epoch {t + 1}\n-------------------------------")
    train_loop(train_dataloader, model, loss_fn, optimizer)
    test_loop(test_dataloader, model, loss_fn)
    scheduler.step()

torch.save(model.state_dict(), "model.pth")
print("Saved PyTorch Model State to model.pth")

model = NeuralNetwork()
model.load_state_dict(torch.load("model.pth", weights_only=True))
model.eval()
x, y = test_data[0]
with torch.no_grad():
    pred = model(x.unsqueeze(0))
print(f'Predicted: "{CLASSES[pred[0].argmax(0)]}", Actual: "{CLASSES[y]}"')
