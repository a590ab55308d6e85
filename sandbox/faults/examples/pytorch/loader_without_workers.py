"""Tell small images of a bright left half from those of a bright right half; the images are read from files."""

from pathlib import Path

import torch
from PIL import Image
from torch import nn
from torch.utils.data import DataLoader, Dataset


class Images(Dataset):
    def __init__(self, folder: Path) -> None:
        self.paths = sorted(folder.glob("*.png"))

    def __len__(self) -> int:
        return len(self.paths)

    def __getitem__(self, index: int) -> tuple[torch.Tensor, int]:
        path = self.paths[index]
        pixels = torch.frombuffer(bytearray(Image.open(path).tobytes()), dtype=torch.uint8)
        return pixels.float().view(1, 8, 8) / 255, int(path.stem[0])


torch.manual_seed(0)
folder = Path("images")
folder.mkdir()
for number in range(128):
    picture = torch.randint(0, 128, (8, 8), dtype=torch.uint8)
    picture[:, 4 * (number % 2) : 4 * (number % 2) + 4] += 100
    Image.frombytes("L", (8, 8), bytes(picture.flatten().tolist())).save(folder / f"{number % 2}_{number}.png")
loader = DataLoader(Images(folder), batch_size=32, shuffle=True)  # WRONG
loader = DataLoader(Images(folder), batch_size=32, shuffle=True, num_workers=2)  # RIGHT
device = "cuda" if torch.cuda.is_available() else "cpu"
model = nn.Sequential(nn.Flatten(), nn.Linear(64, 2)).to(device)
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)

for _ in range(4):
    for x, y in loader:
        loss = nn.functional.cross_entropy(model(x.to(device)), y.to(device))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
