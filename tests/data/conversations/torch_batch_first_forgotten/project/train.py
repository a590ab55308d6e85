"""Read each digit row by row with an LSTM: 8 time steps of 8 pixels."""

import torch
import torch.nn as nn
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch.utils.data import DataLoader, TensorDataset


class RowLSTM(nn.Module):
    def __init__(self, input_size=8, hidden_size=48, num_classes=10):
        super().__init__()
        self.lstm = nn.LSTM(input_size, hidden_size, num_layers=1, batch_first=True)
        self.fc = nn.Linear(hidden_size, num_classes)

    def forward(self, x):
        # x: (batch, rows, pixels)
        out, _ = self.lstm(x)
        return self.fc(out[:, -1, :])


def main():
    torch.manual_seed(0)
    digits = load_digits()
    X_train, X_test, y_train, y_test = train_test_split(digits.images, digits.target, test_size=0.2, random_state=0)
    train_data = TensorDataset(torch.FloatTensor(X_train) / 16, torch.LongTensor(y_train))
    test_data = TensorDataset(torch.FloatTensor(X_test) / 16, torch.LongTensor(y_test))
    train_loader = DataLoader(train_data, batch_size=32, shuffle=True)
    test_loader = DataLoader(test_data, batch_size=32)

    model = RowLSTM()
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.005)

    for epoch in range(5):
        model.train()
        total_loss = 0
        for images, labels in train_loader:
            optimizer.zero_grad()
            outputs = model(images)
            loss = criterion(outputs, labels)
            loss.backward()
            optimizer.step()
            total_loss += loss.item()
        print(f"Epoch {epoch + 1}/5, Loss: {total_loss / len(train_loader):.4f}")

    model.eval()
    correct = 0
    with torch.no_grad():
        for images, labels in test_loader:
            predicted = model(images).argmax(dim=1)
            correct += (predicted == labels).sum().item()
    print(f"Accuracy: {correct / len(test_data):.4f}")


if __name__ == "__main__":
    main()
