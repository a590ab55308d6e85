"""What a draft may rely on where it will run: versions, and the modules that can be imported."""

from pydantic import BaseModel

from assistant.schema import Framework
from sandbox.runtime import Installed

WANTED = (
    "numpy",
    "scipy",
    "pandas",
    "sklearn",
    "tqdm",
    "tensorboard",
    "matplotlib",
    "PIL",
    "einops",
    "transformers",
    "datasets",
    "tokenizers",
    "safetensors",
    "accelerate",
    "peft",
    "timm",
    "torchvision",
    "torchaudio",
    "torchmetrics",
    "lightning",
    "tensorflow_datasets",
    "tensorflow_probability",
    "h5py",
    "cv2",
    "onnx",
    "onnxruntime",
    "networkx",
    "yaml",
    "pytest",
)
"""Modules that machine-learning code likes to import; a prompt names those that are really there."""
FRAMEWORK_MODULES: dict[Framework, tuple[str, ...]] = {"pytorch": ("torch",), "tensorflow": ("tensorflow", "keras")}


class RuntimeFacts(BaseModel):
    """What is installed where the drafts of one framework run."""

    python: str
    versions: dict[str, str]
    """Distribution -> version, of the framework and its usual company."""
    modules: list[str]
    """What may be imported beside the standard library and the framework itself."""


def runtime_facts(framework: Framework, installed: Installed) -> RuntimeFacts:
    """What a model is told of the interpreter that will run its drafts."""
    told, there = installed.interpreter, installed.modules
    other = {"pytorch": {"tensorflow", "tensorflow-cpu", "tf-nightly", "keras"}, "tensorflow": {"torch"}}[framework]
    return RuntimeFacts(
        python=told.python,
        versions={name: version for name, version in told.versions.items() if name not in other},
        modules=[*FRAMEWORK_MODULES[framework], *(name for name in WANTED if name in there)],
    )
