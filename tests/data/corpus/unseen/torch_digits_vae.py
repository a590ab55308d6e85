# %% [markdown]
# # Homework 6: variational autoencoder on the 8x8 digits
# Part 1 trains the VAE, part 2 freezes its encoder and puts a small classifier on top.

# %%
import random

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch.utils.data import DataLoader, TensorDataset

SEED = 42
random.seed(SEED)
np.random.seed(SEED)
torch.manual_seed(SEED)

# %%
digits = load_digits()
X = digits.data.astype("float32") / 16.0  # pixels are 0..16
y = digits.target
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.2, random_state=SEED, stratify=y)
print(X_train.shape, X_test.shape, X_train.min(), X_train.max())

BATCH_SIZE = 64
train_ds = TensorDataset(torch.from_numpy(X_train), torch.from_numpy(y_train).long())
test_ds = TensorDataset(torch.from_numpy(X_test), torch.from_numpy(y_test).long())
# batch norm does not like a tiny last batch
train_loader = DataLoader(train_ds, batch_size=BATCH_SIZE, shuffle=True, drop_last=True)
test_loader = DataLoader(test_ds, batch_size=BATCH_SIZE, shuffle=False)


# %%
class Encoder(nn.Module):
    def __init__(self, latent_dim=8):
        super().__init__()
        self.fc1 = nn.Linear(64, 128)
        self.bn1 = nn.BatchNorm1d(128)
        self.drop = nn.Dropout(0.1)
        self.fc_mu = nn.Linear(128, latent_dim)
        self.fc_logvar = nn.Linear(128, latent_dim)

    def forward(self, x):
        h = self.drop(F.relu(self.bn1(self.fc1(x))))
        return self.fc_mu(h), self.fc_logvar(h)


class VAE(nn.Module):
    def __init__(self, latent_dim=8):
        super().__init__()
        self.encoder = Encoder(latent_dim)
        self.decoder = nn.Sequential(nn.Linear(latent_dim, 128), nn.ReLU(), nn.Linear(128, 64), nn.Sigmoid())

    def reparameterize(self, mu, logvar):
        if not self.training:
            return mu
        std = torch.exp(0.5 * logvar)
        eps = torch.randn_like(std)
        return mu + eps * std

    def forward(self, x):
        mu, logvar = self.encoder(x)
        z = self.reparameterize(mu, logvar)
        return self.decoder(z), mu, logvar


def vae_loss(recon, x, mu, logvar):
    bce = F.binary_cross_entropy(recon, x, reduction="sum")
    kl = -0.5 * torch.sum(1 + logvar - mu.pow(2) - logvar.exp())
    return (bce + kl) / len(x)


# %%
vae = VAE()
optimizer = torch.optim.Adam(vae.parameters(), lr=2e-3)
history = {"train": [], "test": []}

for epoch in range(16):
    vae.train()
    losses = []
    for xb, _ in train_loader:
        recon, mu, logvar = vae(xb)
        loss = vae_loss(recon, xb, mu, logvar)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    history["train"].append(np.mean(losses))

    vae.eval()
    test_loss = 0.0
    with torch.no_grad():
        for xb, _ in test_loader:
            recon, mu, logvar = vae(xb)
            test_loss += vae_loss(recon, xb, mu, logvar).item() * len(xb)
    history["test"].append(test_loss / len(test_ds))
    print(f"epoch {epoch + 1}: train {history['train'][-1]:.2f}, test {history['test'][-1]:.2f}")


# %% [markdown]
# ## Part 2: how good are the codes?


# %%
class CodeClassifier(nn.Module):
    def __init__(self, encoder):
        super().__init__()
        self.encoder = encoder
        self.head = nn.Sequential(nn.Linear(8, 32), nn.ReLU(), nn.Linear(32, 10))

    def forward(self, x):
        mu, _ = self.encoder(x)
        return self.head(mu)


clf = CodeClassifier(vae.encoder)
for param in clf.encoder.parameters():
    param.requires_grad = False
clf_optimizer = torch.optim.Adam([p for p in clf.parameters() if p.requires_grad], lr=5e-3)

for _ in range(8):
    clf.train()
    clf.encoder.eval()
    for xb, yb in train_loader:
        clf_optimizer.zero_grad()
        loss = F.cross_entropy(clf(xb), yb)
        loss.backward()
        clf_optimizer.step()

# %%
clf.eval()
correct = 0
with torch.no_grad():
    for xb, yb in test_loader:
        correct += (clf(xb).argmax(dim=1) == yb).sum().item()
print(f"accuracy on the test digits: {correct / len(test_ds):.3f}")
