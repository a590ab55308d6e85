"""Questions in people's own words, and the fields that should be read from them."""

import contextlib
import time
from typing import Any

import pytest

from assistant.errors import RequestError
from assistant.request.fields import field_values
from assistant.request.numbers import QUANTITIES, read_quantities
from assistant.request.reading import tidy
from assistant.request.understand import Understanding, understand


def named_fields(understanding: Understanding) -> dict[str, Any]:
    """The request's values by the last part of their names; early stopping's switch is "early_stopping"."""
    assert understanding.request is not None
    values = field_values(understanding.request)
    short = {name.rpartition(".")[2]: value for name, value in values.items()}
    return short | {"early_stopping": short["enabled"], "split": short["train_val_test_split"]}


BUILT = [
    (
        "Train a small CNN on scikit-learn's handwritten digits with early stopping and TensorBoard",
        {
            "dataset_name": "digits",
            "source": "sklearn",
            "architecture": "cnn",
            "early_stopping": True,
            "tensorboard_enabled": True,
            "framework": "pytorch",
            "type": "classification",
            "modality": "image",
            "input_shape": [1, 8, 8],
            "output_shape": 10,
        },
    ),
    ("a small CNN for 28x28 images", {"architecture": "cnn", "input_shape": [1, 28, 28], "source": "synthetic"}),
    ("a small CNN for 28 x 28 grayscale images", {"input_shape": [1, 28, 28]}),
    ("resnet for RGB tiles of 64x64, 10 classes", {"input_shape": [3, 64, 64], "output_shape": 10}),
    ("cnn for 3x224x224 inputs and 5 classes in tf", {"input_shape": [3, 224, 224], "framework": "tensorflow"}),
    ("cnn for 224\u00d7224\u00d73 images", {"input_shape": [3, 224, 224]}),
    (
        "image classifier 3x32x32 5 classes synthetic 3000 images",
        {"num_samples": 3000, "input_shape": [3, 32, 32], "output_shape": 5, "source": "synthetic"},
    ),
    (
        "synthetic data like cifar-10 with a resnet in keras",
        {"source": "synthetic", "dataset_name": None, "input_shape": [3, 32, 32], "output_shape": 10},
    ),
    ("digits cnn", {"dataset_name": "digits", "architecture": "cnn", "num_epochs": None, "early_stopping": False}),
    ("digit classifier", {"dataset_name": "digits", "type": "classification"}),
    (
        "digits, keras, resnet, 30 epochs, amp",
        {"framework": "tensorflow", "architecture": "resnet", "num_epochs": 30, "mixed_precision": True},
    ),
    ("iris mlp", {"dataset_name": "iris", "architecture": "mlp", "modality": "tabular", "input_shape": [4]}),
    (
        "mlp on iris in keras, 2 hidden layers of 128 units, dropout 30%, lr=1e-3, batch size 64, 20 epochs",
        {"num_layers": 2, "hidden_dim": 128, "dropout": 0.3, "learning_rate": 1e-3, "batch_size": 64, "num_epochs": 20},
    ),
    (
        "an mlp on wine with two hidden layers of two hundred units and a batch size of sixty-four",
        {"num_layers": 2, "hidden_dim": 200, "batch_size": 64},
    ),
    ("an mlp on wine with hidden size one hundred and twenty-eight", {"hidden_dim": 128}),
    ("a fully connected net on wine with two hidden layers", {"architecture": "mlp", "num_layers": 2}),
    (
        "breast cancer mlp three hidden layers 64 units each gelu",
        {"dataset_name": "breast_cancer", "num_layers": 3, "hidden_dim": 64, "activation": "gelu"},
    ),
    ("4-layer MLP with hidden size 256 on wine", {"num_layers": 4, "hidden_dim": 256}),
    (
        "diabetes regression pytorch sgd lr 0.05 step decay no dropout",
        {
            "dataset_name": "diabetes",
            "type": "regression",
            "optimizer": "sgd",
            "learning_rate": 0.05,
            "lr_scheduler": "step",
            "dropout": 0.0,
        },
    ),
    ("predict diabetes progression", {"dataset_name": "diabetes", "type": "regression", "output_shape": 1}),
    (
        "regression on 20 features, 2k rows, tensorflow",
        {"type": "regression", "input_shape": [20], "num_samples": 2000},
    ),
    ("tabular regression with 1,000 samples and 12 features", {"num_samples": 1000, "input_shape": [12]}),
    ("predict house prices from 8 features with an mlp", {"type": "regression", "input_shape": [8]}),
    (
        "an mlp for 1.5k rows of 30 numeric features, binary classification",
        {"num_samples": 1500, "input_shape": [30], "output_shape": 2},
    ),
    (
        "text classification with an LSTM, vocabulary of 5000, sequences of 40 tokens, binary classification",
        {"architecture": "lstm", "vocab_size": 5000, "input_shape": [40], "output_shape": 2, "modality": "text"},
    ),
    (
        "transformer text classifier, vocab 2k, seq len 32, 4 classes",
        {"architecture": "transformer", "vocab_size": 2000, "input_shape": [32], "output_shape": 4},
    ),
    (
        "a text classifier with a vocabulary of 5,000 words and sequences of 40 tokens",
        {"vocab_size": 5000, "input_shape": [40], "modality": "text"},
    ),
    ("RNN for text", {"architecture": "lstm", "modality": "text"}),
    ("bidirectional LSTM for 3-class sentiment in Keras", {"architecture": "lstm", "output_shape": 3}),
    (
        "pytoch mlp for wine clasification with adamw, weight decay 1e-4, cosine annealing",
        {
            "framework": "pytorch",
            "type": "classification",
            "optimizer": "adamw",
            "weight_decay": 1e-4,
            "lr_scheduler": "cosine",
        },
    ),
    ("tensorfow cnn on digits with droput 0.4", {"framework": "tensorflow", "dropout": 0.4}),
    ("train digts cnn on handwriten digits wihtout tensorbord", {"tensorboard_enabled": False}),
    (
        "Could you please write me a TensorFlow model that recognises handwritten digits? Use batches of 32, "
        "15 epochs, a seed of 7 and clip gradients at 0.5.",
        {"framework": "tensorflow", "batch_size": 32, "num_epochs": 15, "seed": 7, "gradient_clipping": 0.5},
    ),
    (
        "I'm quite new to all this and I'd love to see how it is done properly, so what I would like from "
        "you is a project that learns the iris flowers with a multi-layer perceptron, "
        "nothing fancy, maybe 50 epochs with Adam, thanks!",
        {"dataset_name": "iris", "architecture": "mlp", "num_epochs": 50, "optimizer": "adam"},
    ),
    ("digits cnn, don't use tensorboard", {"tensorboard_enabled": False}),
    ("digits cnn with tensorboard off", {"tensorboard_enabled": False}),
    ("digits cnn no dropout, with early stopping patience 5", {"dropout": 0.0, "early_stopping": True, "patience": 5}),
    ("iris mlp without early stopping or tensorboard", {"early_stopping": False, "tensorboard_enabled": False}),
    (
        "iris mlp, no tensorboard, checkpoints or early stopping",
        {"early_stopping": False, "tensorboard_enabled": False},
    ),
    ("iris mlp without dropout but with early stopping", {"dropout": 0.0, "early_stopping": True}),
    ("wine mlp patience of 5 epochs", {"early_stopping": True, "patience": 5, "num_epochs": None}),
    ("wine mlp patience of 5 epochs, 40 epochs", {"patience": 5, "num_epochs": 40}),
    (
        "tf digits cnn bf16 clipnorm 1.0 plateau schedule patience 3 min delta 0.001 epochs 40",
        {
            "mixed_precision": True,
            "gradient_clipping": 1.0,
            "lr_scheduler": "plateau",
            "patience": 3,
            "min_delta": 0.001,
            "num_epochs": 40,
        },
    ),
    ("split 80/10/10 iris mlp", {"split": (0.8, 0.1, 0.1)}),
    ("iris mlp 70% train 15% val 15% test", {"split": (0.7, 0.15, 0.15)}),
    ("use 80% for training, digits", {"split": (0.8, 0.1, 0.1)}),
    ("digits with an 80/20 split", {"split": (0.8, 0.1, 0.1)}),
    ("digits cnn, hold out 20% for testing", {"split": (0.6, 0.2, 0.2)}),
    (
        "digits: at least 98% test accuracy, within 3 minutes, prediction latency below 10ms",
        {
            "target_metric": "accuracy",
            "target_value": 0.98,
            "max_training_time_hours": 0.05,
            "max_inference_time_ms": 10.0,
        },
    ),
    (
        "iris mlp in under 2 minutes, inference under 5 ms",
        {"max_training_time_hours": pytest.approx(1 / 30, rel=1e-4), "max_inference_time_ms": 5.0},
    ),
    ("cnn on digits reaching 0.97 accuracy", {"target_value": 0.97}),
    ("wine mlp with an f1 of at least 0.9", {"target_metric": "f1", "target_value": 0.9}),
    ("train digits for 12 epochs, batch 64 lr 3e-4", {"num_epochs": 12, "batch_size": 64, "learning_rate": 3e-4}),
    ("digits batch size 64 epochs 10", {"num_epochs": 10, "batch_size": 64}),
    ("digits 20 epochs 64 batch size", {"num_epochs": 20, "batch_size": 64}),
    ("digits dropout 0.3 learning rate 0.01", {"dropout": 0.3, "learning_rate": 0.01}),
    ("learning rate of 0.001 and batch size of 128 for iris", {"learning_rate": 0.001, "batch_size": 128}),
    ("epochs=5 bs=16 lr=0.1 iris sgd", {"num_epochs": 5, "batch_size": 16, "learning_rate": 0.1, "optimizer": "sgd"}),
    ("digits with a 0.001 learning rate and 30% dropout", {"learning_rate": 0.001, "dropout": 0.3}),
    ("iris, thirty epochs", {"num_epochs": 30}),
    ("train digits cnn with no more than 10 epochs", {"num_epochs": 10}),
    ("digits cnn, 20 epochs instead of 50", {"num_epochs": 20}),
    ("iris seed 0", {"seed": 0}),
    ("digits augmentation flips and shifts cnn keras", {"augmentation": ["flip", "shift"]}),
    ("digits cnn with data augmentation", {"augmentation": ["shift"]}),
    ("digits cnn without augmentation", {"augmentation": []}),
    ("digits with gradient clipping", {"gradient_clipping": 1.0}),
    ("digits with exponential decay of the learning rate", {"lr_scheduler": "exponential"}),
    ("digits with ReduceLROnPlateau", {"lr_scheduler": "plateau"}),
    ("digits with a learning rate schedule", {"lr_scheduler": "cosine"}),
    ("digits with a constant learning rate", {"lr_scheduler": None}),
    ("digits with the lion optimizer", {"optimizer": "lion"}),
    ("Use tanh, not relu, for an iris mlp", {"activation": "tanh"}),
    ("a wine mlp in PyTorch, not Keras", {"framework": "pytorch"}),
    ("a wine mlp without using TensorFlow", {"framework": "pytorch"}),
    (
        "a convolutional network with 3 convolutional layers, 3x3 kernels, 2x2 max pooling for digits",
        {"architecture": "cnn", "num_layers": 3, "input_shape": [1, 8, 8]},
    ),
    ("CNN with a fully connected head on digits", {"architecture": "cnn"}),
    ("residual CNN for digits", {"architecture": "resnet"}),
    (
        "classify malware from 50 features, 2 classes, 4000 samples",
        {"input_shape": [50], "output_shape": 2, "num_samples": 4000},
    ),
    ("how would I train a CNN on digits?", {"architecture": "cnn", "dataset_name": "digits"}),
    (
        "digits cnn, logs folder runs/digits, checkpoint dir saved",
        {"tensorboard_log_dir": "runs/digits", "checkpoint_dir": "saved"},
    ),
    (
        "a 3-layer perceptron for wine cultivars, SGD at 0.01, 100 epochs, stop early if no improvement for 10 epochs",
        {"num_layers": 3, "optimizer": "sgd", "learning_rate": 0.01, "num_epochs": 100, "patience": 10},
    ),
    (
        "resnet, digits, gradient norm capped at 2, adamw 5e-4 weight decay 0.05",
        {"gradient_clipping": 2.0, "learning_rate": 5e-4, "weight_decay": 0.05},
    ),
    ("cnn 1x16x16 four classes lr 1e-2 bs 32 ep 15", {"num_epochs": 15, "output_shape": 4, "batch_size": 32}),
    (
        "i want a resnet w/o early stopping for digits, batch=256",
        {"dataset_name": "digits", "early_stopping": False, "batch_size": 256},
    ),
    ("wine classification using half precision", {"mixed_precision": True}),
    ("digits from scratch in fp32", {"pretrained": False, "mixed_precision": False}),
]

ASKED_BACK = [
    ("train on MNIST with pytorch", "downloaded"),
    ("sentiment classification on IMDB with an lstm", "downloaded"),
    ("wine quality regression", "downloaded"),
    ("pima diabetes classification", "downloaded"),
    ("train on my churn.csv", "churn.csv"),
    ("train a classifier on my csv", "not attached"),
    ("I have 500 grayscale images of 64x64 in 4 categories", "not attached"),
    ("train a neural network", "What should the model learn from"),
    ("digits cnn pytorch and keras", "PyTorch and Keras"),
    ("cnn or resnet on digits", "one model"),
    ("Compare a CNN and a ResNet on digits", "one model"),
    ("an LSTM transformer for text", "one model"),
    ("iris and wine mlp", "which one"),
    ("classification of the diabetes data", "suits regression"),
    ("regression on iris", "suits classification"),
    ("digits 28x28 cnn", "[1, 8, 8]"),
    ("iris with 5 classes", "3 classes"),
    ("iris mlp 70/20/20", "110%"),
    ("digits 20 epochs and 30 epochs", "20 and 30"),
    ("digits with adam and sgd", "adam and sgd"),
    ("MLP with layers of 128 and 64 units on wine", "128, 64"),
]

DECLINED = [
    ("regression on 20 features, 2k rows, rmse below 5, tensorflow", "standard deviations"),
    ("a U-Net for 3-class segmentation of 128x128 RGB tiles", "segmentation"),
    ("object detection with yolo", "detection"),
    ("a GAN for faces", "GANs"),
    ("Could you create a StyleGAN?", "GANs"),
    ("fine-tune BERT for sentiment", "'bert'"),
    ("Implement a ResNet-18 for CIFAR-10 using PyTorch, pretrained on ImageNet", "pretrained"),
    ("train digits on 4 gpus with ddp", "distributed"),
    ("digits cnn with wandb", "Weights & Biases"),
    ("digits cnn with weights and biases logging", "Weights & Biases"),
    ("vision transformer on digits", "'vit'"),
    ("lstm for time series forecasting", "time series"),
    ("translate English to French with a transformer", "translation"),
    ("digits cnn with focal loss", "loss"),
    ("digits with rmsprop", "optimizer"),
    ("digits with a one-cycle schedule", "schedule"),
    ("jupyter notebook for iris", "notebook"),
    ("deploy a digits model with onnx", "deployment"),
    ("digits cnn with random rotations", "rotate"),
    ("a GRU for text", "GRU"),
    ("a GRU language model on synthetic characters", "GRU"),
    ("a 1D CNN that tells synthetic sine and square waves apart", "1D convolutions, signals"),
    ("digits with a weighted sampler in PyTorch", "samplers"),
    ("a model with two inputs and two outputs on the digits", "several inputs"),
    ("an LSTM that decides whether the sum of a synthetic sequence is positive", "a rule of its own"),
    ("wine with a training loop on tf.GradientTape", "a training step of its own"),
    ("logistic regression on iris", "without a hidden layer"),
    ("an autoencoder for the digits", "autoencoders"),
    ("train a cnn in JAX", "not JAX"),
    ("random forest on iris", "not scikit-learn models"),
    ("write me a poem", "outside"),
    ("what is the weather", "outside"),
    ("write ransomware in pytorch", "outside"),
    ("asdf qwer zxcv", "outside"),
    ("how do I boil an egg", "outside"),
]

EXPLAINED = [
    "what does clip_grad_norm_ do",
    "why is my loss nan",
    "how do I freeze layers in PyTorch?",
    "difference between BatchNorm and LayerNorm",
    "should I use adam or sgd?",
    "RuntimeError: mat1 and mat2 shapes cannot be multiplied (32x512 and 256x10)",
    "Explain mixed precision in Keras",
    "what is a learning rate schedule?",
    "Is it OK to call model.eval() during training?",
    "Traceback (most recent call last):\n  File 'train.py', line 3\nValueError: Expected batch_size (64) to match",
    "when should I use early stopping",
    "pls explain dropout",
    'ValueError: Input 0 of layer "dense" is incompatible with the layer',
    "why does dropout 1.5 fail",
]

DRAFTED = [
    ("a U-Net for 3-class segmentation of 128x128 RGB tiles", {"type": "segmentation", "architecture": "unet"}, None),
    ("object detection with yolo", {"type": "detection", "source": "synthetic"}, None),
    ("a GAN for faces", {"type": "generation"}, "GANs"),
    ("an autoencoder for the digits", {"type": "generation", "source": "sklearn"}, "autoencoders"),
    ("a GRU language model on synthetic characters", {"type": "generation", "architecture": None}, "GRU networks"),
    ("a graph convolutional network on a synthetic graph", {"architecture": None}, "graph networks"),
    ("vision transformer on digits", {"architecture": "vit", "source": "sklearn"}, None),
    ("a small nanoGPT character language model", {"type": "generation", "architecture": "gpt"}, None),
    ("lstm for time series forecasting", {"type": "regression", "architecture": "lstm"}, "time series"),
    ("translate English to French with a transformer", {"type": "nlp"}, "translation"),
    ("train digits on 4 gpus with ddp", {"gpus": 4}, "distributed training on several GPUs"),
    ("digits cnn with wandb", {"wandb_enabled": True}, "Weights & Biases"),
    ("digits with rmsprop", {}, "the optimizer 'rmsprop'"),
    ("digits with a one-cycle schedule", {}, "the schedule 'one-cycle'"),
    ("jupyter notebook for iris", {"task_type": "notebook"}, "a notebook project"),
    ("digits cnn with random rotations", {"augmentation": ["rotate"]}, "the augmentation 'rotate'"),
    ("MLP with layers of 128 and 64 units on wine", {"architecture": "mlp"}, "layers of 128, 64 units"),
    ("an LSTM transformer for text", {"architecture": "custom"}, "LSTM and Transformer in one model"),
    ("a wine mlp with gelu, and tanh at the end", {"activation": None}, "the activations gelu and tanh"),
    ("digits cnn", {"architecture": "cnn"}, None),
]
"""Question, fields, and what has no place in the request or the design, where a model drafts."""

IMPOSSIBLE = [
    ("digits cnn with dropout 1.5", "dropout"),
    ("train for 0 epochs on iris", "epochs"),
    ("iris with batch size 0", "batch size"),
    ("iris, lr 0", "learning rate"),
    ("iris, 2.5 epochs", "epochs"),
    ("iris with -3 layers", "layers"),
    ("digits with 150% accuracy", "accuracy"),
    ("", "empty"),
    ("  \n ", "empty"),
    ("train a cnn " * 2000, "characters"),
]


@pytest.mark.parametrize(("question", "expected"), BUILT, ids=[row[0][:60] for row in BUILT])
def test_reads_what_to_build(question: str, expected: dict[str, Any]) -> None:
    understanding = understand(question)
    assert understanding.kind == "build", understanding.message
    found = named_fields(understanding)
    assert {name: found[name] for name in expected} == expected


@pytest.mark.parametrize(("question", "part"), ASKED_BACK)
def test_asks_back_what_it_must_know(question: str, part: str) -> None:
    understanding = understand(question)
    assert (understanding.kind, part in understanding.message) == ("question", True), understanding
    assert understanding.message.endswith(("?", "."))


@pytest.mark.parametrize(("question", "part"), DECLINED)
def test_declines_in_a_sentence_what_it_cannot_do(question: str, part: str) -> None:
    understanding = understand(question)
    assert understanding.kind == "decline", understanding
    assert part in understanding.message


@pytest.mark.parametrize(("question", "expected", "unplanned"), DRAFTED)
def test_a_model_drafts_what_no_pattern_covers(question: str, expected: dict[str, Any], unplanned: str | None) -> None:
    understanding = understand(question, composes=False)
    assert understanding.kind == "build", understanding.message
    found = named_fields(understanding)
    assert {name: found[name] for name in expected} == expected
    assert understanding.unplanned == ([unplanned] if unplanned else [])


@pytest.mark.parametrize(
    ("question", "kind", "part"),
    [
        ("fine-tune BERT for sentiment", "question", "from scratch"),
        ("train on MNIST with pytorch", "question", "downloaded"),
        ("train on my churn.csv", "question", "churn.csv"),
        ("cnn or resnet on digits", "question", "one model"),
        ("train a neural network", "question", "What should the model learn from"),
        ("regression on 20 features, rmse below 5", "decline", "standard deviations"),
        ("random forest on iris", "decline", "not scikit-learn models"),
        ("train a cnn in JAX", "decline", "not JAX"),
        ("write ransomware in pytorch", "decline", "outside"),
        ("write me a poem", "decline", "outside"),
    ],
)
def test_what_no_model_can_do_here_is_still_asked_or_declined(question: str, kind: str, part: str) -> None:
    understanding = understand(question, composes=False)
    assert (understanding.kind, part in understanding.message) == (kind, True), understanding


def test_pretrained_weights_can_be_given_up_in_the_next_answer() -> None:
    first = understand("fine-tune BERT for sentiment", composes=False)
    second = understand("from scratch", previous=first.request, composes=False)
    assert named_fields(second)["pretrained"] is False
    assert second.kind == "build"


def test_what_has_no_place_in_the_request_outlives_a_follow_up() -> None:
    first = understand("a GAN for faces", composes=False)
    second = understand("now with batch size 16", previous=first.request, composes=False)
    assert (second.kind, second.unplanned) == ("build", ["GANs"])


@pytest.mark.parametrize("question", EXPLAINED)
def test_a_question_for_knowledge_is_explained(question: str) -> None:
    assert understand(question).kind == "explain"


@pytest.mark.parametrize(("question", "part"), IMPOSSIBLE, ids=[row[1] + str(n) for n, row in enumerate(IMPOSSIBLE)])
def test_an_impossible_question_says_what_is_wrong(question: str, part: str) -> None:
    with pytest.raises(RequestError, match=part):
        understand(question)


def test_only_what_was_named_is_stated() -> None:
    request = understand("digits cnn with lr 0.01 and cosine").request
    assert request is not None
    assert set(request.stated) == {
        "ml_task.dataset_info.dataset_name",
        "model_config.architecture",
        "training_config.learning_rate",
        "training_config.lr_scheduler",
    }


def test_the_option_names_the_framework() -> None:
    assert named_fields(understand("digits cnn", framework="tensorflow"))["framework"] == "tensorflow"
    assert understand("digits cnn in pytorch", framework="tensorflow").kind == "question"


def test_an_assumed_framework_is_said_and_a_named_one_is_not() -> None:
    assert any("PyTorch" in line for line in understand("digits cnn").assumptions)
    assert not any("PyTorch" in line for line in understand("digits cnn in keras").assumptions)


@pytest.mark.parametrize("quantity", QUANTITIES, ids=lambda item: item.name)
def test_every_number_can_be_given_by_the_name_its_messages_use(quantity) -> None:
    value = 2 if quantity.whole else 0.5
    assert read_quantities(tidy(f"{quantity.name} {value}")).fields == {quantity.field: value}


@pytest.mark.parametrize(
    "question",
    [
        "1 " * 9_990,
        "no " * 6_600,
        "28x28 " * 3_300,
        "a" * 20_000,
        "(" * 20_000,
        "layers of 1, 2 " * 1_300,
        "cnn, " * 4_000,
        "at least 5% " * 1_600,
        "from 1 to 2 epochs " * 1_000,
        "\x00\ud83d\ude00".encode("utf-16", "surrogatepass").decode("utf-16") * 5_000,
        "name" * 5_000,
        "data/" * 4_000,
        "my " * 6_600,
        "- " * 9_999,
        "10/10/" * 3_300,
        "1,000," * 3_300,
    ],
    ids=lambda question: repr(question[:12]),
)
def test_long_nonsense_is_read_in_bounded_time(question: str) -> None:
    start = time.perf_counter()
    with contextlib.suppress(RequestError):
        understand(question)
    assert time.perf_counter() - start < 4
