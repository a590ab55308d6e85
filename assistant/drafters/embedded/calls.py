"""The calls that bind a pattern's parameters to the configuration, as source text."""

from assistant.design.plan import Design
from assistant.schema import DatasetInfo, Framework

SOURCE_ARGUMENTS = {
    "sklearn-images": [],
    "sklearn-classification": ["config.dataset"],
    "sklearn-regression": [],
    "csv-classification": ["config.data_path", "config.target"],
    "csv-regression": ["config.data_path", "config.target"],
    "csv-text": [
        "config.data_path",
        "text=config.text",
        "label=config.target",
        "max_tokens=config.vocab_size",
        "sequence_length=config.sequence_length",
    ],
    "npz-images": [
        "config.data_path",
        "x_key=config.x_key",
        "y_key=config.y_key",
        "channels_last=config.channels_last",
    ],
    "npz-classification": ["config.data_path", "x_key=config.x_key", "y_key=config.y_key"],
    "npz-regression": ["config.data_path", "x_key=config.x_key", "y_key=config.y_key"],
    "synthetic-images": [
        "num_samples=config.num_samples",
        "channels=config.channels",
        "image_size=config.image_size",
        "num_classes=config.num_classes",
    ],
    "synthetic-classification": [
        "num_samples=config.num_samples",
        "num_features=config.num_features",
        "num_classes=config.num_classes",
    ],
    "synthetic-regression": ["num_samples=config.num_samples", "num_features=config.num_features"],
    "synthetic-text": [
        "num_samples=config.num_samples",
        "vocab_size=config.vocab_size",
        "sequence_length=config.sequence_length",
        "num_classes=config.num_classes",
    ],
}
ACTIVATIONS = {"relu": "nn.ReLU", "gelu": "nn.GELU", "silu": "nn.SiLU", "tanh": "nn.Tanh"}


def data_call(choice: str) -> str:
    """The call of load_splits for one choice of data pattern."""
    return _call("load_splits", [*SOURCE_ARGUMENTS[choice], "fractions=config.fractions", "seed=config.seed"])


def data_settings(choice: str, info: DatasetInfo) -> dict[str, object]:
    """What the data pattern needs beyond the design's numbers: where the file is and what it is called inside."""
    values = {
        "dataset": info.dataset_name,
        "data_path": info.dataset_path,
        "target": info.target,
        "text": info.inputs,
        "x_key": info.inputs,
        "y_key": info.target,
        "channels_last": bool(info.channels_last),
    }
    used = {argument.rpartition("config.")[2] for argument in SOURCE_ARGUMENTS[choice]}
    return {name: value for name, value in values.items() if name in used}


def model_call(entry: str, framework: Framework, design: Design) -> str:
    """The call that constructs the model from the configuration and the shape of the data."""
    return _call(entry, [*_shape_arguments(framework, design), *_size_arguments(framework, design)])


def _shape_arguments(framework: Framework, design: Design) -> list[str]:
    classes = "num_classes=int(labels.max()) + 1"
    if design.modality == "image":
        if framework == "tensorflow":
            return ["image_shape=images.shape[1:]", classes]
        return ["in_channels=channels", "image_size=(height, width)", classes]
    if design.modality == "tabular":
        outputs = (
            "out_features=targets.shape[1]" if design.problem == "regression" else "out_features=int(labels.max()) + 1"
        )
        return ["in_features=features.shape[1]", outputs]
    length = ["sequence_length=config.sequence_length"] if design.architecture == "transformer" else []
    return ["vocab_size=config.vocab_size", *length, classes]


def _size_arguments(framework: Framework, design: Design) -> list[str]:
    arguments = ["hidden_dim=config.hidden_dim", "num_layers=config.num_layers", "dropout=config.dropout"]
    if "activation" in design.config:
        name = design.config["activation"]
        arguments.append(
            f"activation={ACTIVATIONS[name]}" if framework == "pytorch" else "activation=config.activation"
        )
    return arguments


def _call(function: str, arguments: list[str]) -> str:
    return f"{function}({', '.join(arguments)})"
