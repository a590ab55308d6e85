"""Right although `backward` is never called and no module is an optimiser's: gradients come from torch.func."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.func import functional_call, grad_and_value

Parameters = dict[str, Tensor]


def main(lr: float = 0.2, momentum: float = 0.9) -> None:
    torch.manual_seed(25)
    x = torch.rand(900, 2) * 2.0 - 1.0
    y = (x[:, 0] * x[:, 1] > 0).long()
    train_x, train_y, test_x, test_y = x[:700], y[:700], x[700:], y[700:]
    model = nn.Sequential(nn.Linear(2, 32), nn.Tanh(), nn.Linear(32, 2))

    def loss_of(parameters: Parameters, inputs: Tensor, labels: Tensor) -> Tensor:
        return F.cross_entropy(functional_call(model, parameters, (inputs,)), labels)

    gradient_of = grad_and_value(loss_of)
    parameters = {name: parameter.detach().clone() for name, parameter in model.named_parameters()}
    velocity = {name: torch.zeros_like(parameter) for name, parameter in parameters.items()}
    for epoch in range(20):
        losses = []
        for rows in torch.randperm(len(train_y)).split(35):
            gradients, loss = gradient_of(parameters, train_x[rows], train_y[rows])
            velocity = {name: momentum * velocity[name] - lr * gradients[name] for name in parameters}
            parameters = {name: parameters[name] + velocity[name] for name in parameters}
            losses.append(loss.item())
        with torch.no_grad():
            accuracy = (functional_call(model, parameters, (test_x,)).argmax(1) == test_y).float().mean().item()
        if epoch % 5 == 4:
            print(f"epoch {epoch}: loss {sum(losses) / len(losses):.3f}, held-out accuracy {accuracy:.3f}")


if __name__ == "__main__":
    main()
