# /// pattern
# id = "pt.export.fastapi-endpoint"
# topic = "export.serving"
# questions = [
#   "serve a pytorch model with fastapi",
#   "predict endpoint rest api torch",
#   "load the model once at startup fastapi lifespan",
#   "test a fastapi model endpoint without a server",
#   "validate the input shape of a predict request",
#   "model is loaded on every request slow api",
#   "torchserve alternative",
#   "fast api pytorch predicton service",
# ]
# errors = ["DeprecationWarning: on_event is deprecated, use lifespan event handlers instead."]
# apis = ["fastapi.FastAPI", "fastapi.testclient.TestClient", "torch.inference_mode", "torch.load"]
# replaces = ["@app.on_event('startup')", "flask predict route", "TorchServe"]
# why = """The weights are read once, when the service starts (lifespan), and put into eval mode. The request's form is
# a pydantic model, so that a row of the wrong length is answered with 422 and a reason, not with an error 500 from
# inside a layer. An ordinary def, not async: the computation then runs in a thread and does not hold up the event
# loop."""
# pitfalls = """torch uses several threads for each request: torch.set_num_threads(1) where many come at once. Bound the
# number of rows, or one request takes all of the memory."""
# when_not = "Many users on one GPU: a server that batches requests (Triton, vLLM for language models)."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "fails AssertionError: the weights were read 3 times"
# ///
"""A prediction service with FastAPI: weights read once, input checked, tested without a socket."""

import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated

import torch
from fastapi import FastAPI, Request
from fastapi.testclient import TestClient
from pydantic import BaseModel, Field
from torch import nn

FEATURES, CLASSES = 4, ["setosa", "versicolor", "virginica"]


class PredictRequest(BaseModel):
    """Up to 100 rows of four numbers."""

    rows: list[Annotated[list[float], Field(min_length=FEATURES, max_length=FEATURES)]] = Field(
        min_length=1, max_length=100
    )


class PredictResponse(BaseModel):
    """For each row the name of the class, and its probability."""

    labels: list[str]
    probabilities: list[float]


def build_model() -> nn.Module:
    """Features (B, 4) to logits (B, 3)."""
    return nn.Sequential(nn.Linear(FEATURES, 8), nn.ReLU(), nn.Dropout(0.5), nn.Linear(8, len(CLASSES)))


def create_app(weights: Path) -> FastAPI:
    """The service; the file is read when it starts."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        model = build_model()
        model.load_state_dict(torch.load(weights, map_location="cpu", weights_only=True))
        app.state.model = model.eval()
        yield

    app = FastAPI(lifespan=lifespan)

    @app.post("/predict")
    def predict(body: PredictRequest, request: Request) -> PredictResponse:
        with torch.inference_mode():
            best = request.app.state.model(torch.tensor(body.rows)).softmax(dim=1).max(dim=1)  # (B,) values, indices
        return PredictResponse(labels=[CLASSES[i] for i in best.indices.tolist()], probabilities=best.values.tolist())

    return app


if __name__ == "__main__":
    torch.manual_seed(0)
    model = build_model()
    rows = torch.randn(3, FEATURES)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "weights.pt"
        torch.save(model.state_dict(), path)
        with TestClient(create_app(path)) as client:  # `with` runs the lifespan
            answer = client.post("/predict", json={"rows": rows.tolist()})
            again = client.post("/predict", json={"rows": rows.tolist()})
            short = client.post("/predict", json={"rows": [[1.0, 2.0]]})
            nothing = client.post("/predict", json={"rows": []})
    hidden = (rows @ model[0].weight.T + model[0].bias).clamp(min=0)
    expected = (hidden @ model[3].weight.T + model[3].bias).softmax(dim=1)
    assert answer.status_code == 200 and answer.json() == again.json()  # no dropout
    torch.testing.assert_close(torch.tensor(answer.json()["probabilities"]), expected.max(dim=1).values)
    assert answer.json()["labels"] == [CLASSES[i] for i in expected.argmax(dim=1).tolist()]
    assert (short.status_code, nothing.status_code) == (422, 422)
    print(answer.json())
