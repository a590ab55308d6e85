"""What people ask, in their own words, against the patterns that come with gradproof. Real engine, real embedding."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from knowledge.embed import open_embedder
from knowledge.index import ensure_index
from knowledge.schema import Framework
from knowledge.search import Index

# (question, framework filter, patterns of which one must be among the first five)
QUESTIONS: list[tuple[str, Framework | None, set[str]]] = [
    ("whats the best way to warm up and then decay the learning rate", "pytorch", {"pt.schedule.cosine"}),
    ("drop lr when val loss stops improving", "pytorch", {"pt.schedule.plateau"}),
    ("lower the learning rate automatically if validation loss is stuck", "tensorflow", {"tf.schedule.plateau"}),
    ("stop training when it doesn't get better anymore", "tensorflow", {"tf.early-stopping.early-stopping"}),
    ("resume training after a crash", "tensorflow", {"tf.checkpoint.checkpoint"}),
    ("my results are different every run, how do i make keras reproducible", None, {"tf.seed.seed"}),
    ("small convolutional network for 28x28 grayscale pictures", "pytorch", {"pt.model.cnn"}),
    ("small convolutional network for 28x28 grayscale pictures", "tensorflow", {"tf.model.cnn"}),
    ("skip connections image classifier", "pytorch", {"pt.model.resnet"}),
    ("residual blocks when the number of filters changes", "tensorflow", {"tf.model.resnet"}),
    ("sentiment classifier with lstm, sequences of different length", "pytorch", {"pt.model.lstm"}),
    ("attention based text classifier that ignores padding", "tensorflow", {"tf.model.transformer"}),
    ("transfomer encoder clasification pytorch", None, {"pt.model.transformer"}),
    ("fully connected net for tabular data", "pytorch", {"pt.model.mlp"}),
    ("predict house price like number with a neural network", "pytorch", {"pt.data.csv-regression", "pt.model.mlp"}),
    ("weight decay but not on biases and layernorm", "pytorch", {"pt.optimizer.adamw", "pt.optimizer.sgd"}),
    ("sign based optimizer from google", "pytorch", {"pt.optimizer.lion"}),
    ("momentum sgd", "tensorflow", {"tf.optimizer.sgd"}),
    ("exploding gradients, how to limit them", "pytorch", {"pt.loop.clip", "pt.loop.amp-clip"}),
    ("train faster in half precision on my gpu", "pytorch", {"pt.loop.amp", "pt.loop.amp-clip"}),
    ("float16 training in keras", None, {"tf.precision.mixed"}),
    ("compute test accuracy correctly when the last batch is smaller", "pytorch", {"pt.evaluation.classification"}),
    ("r2 score of my regression network", "tensorflow", {"tf.evaluation.regression"}),
    ("see the loss curves in tensorboard", "tensorflow", {"tf.logging.tensorboard"}),
    ("read my csv with text columns and holes in it", "pytorch", {"pt.data.csv-classification"}),
    ("images stored in a numpy file", "tensorflow", {"tf.data.npz-images"}),
    ("random flips and shifts so that it does not overfit", "pytorch", {"pt.augmentation.image-shift-flip"}),
    ("tf.data input pipeline that is shuffled and cached", None, {"tf.loaders.batches"}),
    ("fake data to try a text model on", "tensorflow", {"tf.data.synthetic-text"}),
]  # fmt: skip

# Names as they are written in code, old names, and error texts: the first hit counts.
EXACT: list[tuple[str, Framework | None, set[str]]] = [
    ("ReduceLROnPlateau", "pytorch", {"pt.schedule.plateau", "pt.migration.scheduler-verbose"}),
    ("torch.optim.lr_scheduler.ExponentialLR", None, {"pt.schedule.exponential"}),
    ("keras.callbacks.BackupAndRestore", None, {"tf.train.backup-and-restore"}),
    ("pack_padded_sequence", None, {"pt.model.lstm"}),
    ("load_diabetes", "pytorch", {"pt.data.sklearn-regression"}),
    ("torch.cuda.amp.GradScaler", None, {"pt.loop.amp", "pt.loop.amp-clip"}),
    ("nn.utils.clip_grad_norm", None, {"pt.loop.clip", "pt.loop.amp-clip"}),
    ("StepLR(verbose=True)", None, {"pt.migration.scheduler-verbose", "pt.schedule.step"}),
    ("Adam(lr=0.001)", "tensorflow", {"tf.optimizer.adam"}),
    ("ValueError: The filepath provided must end in `.keras` (Keras model format). Received: best.hdf5",
     None, {"tf.checkpoint.checkpoint"}),
    ("TypeError: fit() got an unexpected keyword argument 'workers'", None, {"tf.loop.fit"}),
    ("RuntimeError: mat1 and mat2 shapes cannot be multiplied (32x288 and 99x10)",
     "pytorch", {"pt.model.cnn", "pt.model.mlp", "pt.debugging.shapes"}),
    ("UserWarning: Detected call of `lr_scheduler.step()` before `optimizer.step()`", None, {"pt.schedule.cosine"}),
]  # fmt: skip

OUT_OF_SCOPE = [
    "how do I bake bread",
    "best restaurants in Paris",
    "how do I train my dog",
    "who won the world cup",
    "kubernetes ingress nginx config",
    "sql join two tables",
    "react useState hook",
    "django.db.models.ForeignKey",
    "sort a list in java",
    "convert pdf to word",
    "loss of smell",
    "train timetable berlin munich",
    "NullPointerException in HashMap.get()",
    "css center a div",
    "learn to play guitar",
    "momentum in physics",
    "checkpoint charlie berlin",
    "transformer substation voltage",
    "seed potatoes planting",
    "history of neural science",
    "   ",
]


@pytest.fixture(scope="module")
def index(own_environment: Path) -> Iterator[Index]:
    with ensure_index(own_environment, embedder=open_embedder()) as opened:
        yield opened


def ids(index: Index, query: str, *, framework: Framework | None = None, k: int = 5) -> list[str]:
    return [hit.pattern.id for hit in index.search(query, framework=framework, vetted_only=False, k=k)]


@pytest.mark.parametrize(("query", "framework", "expected"), QUESTIONS)
def test_a_question_finds_its_pattern_among_the_first_five(
    index: Index, query: str, framework: Framework | None, expected: set[str]
) -> None:
    assert expected & set(ids(index, query, framework=framework))


@pytest.mark.parametrize(("query", "framework", "expected"), EXACT)
def test_a_name_or_an_error_text_finds_its_pattern_first(
    index: Index, query: str, framework: Framework | None, expected: set[str]
) -> None:
    assert expected & set(ids(index, query, framework=framework, k=1))


@pytest.mark.parametrize("query", OUT_OF_SCOPE)
def test_what_is_outside_the_subject_finds_nothing(index: Index, query: str) -> None:
    assert ids(index, query) == []


def test_a_filter_on_the_framework_leaves_out_the_other(index: Index) -> None:
    for framework in ("pytorch", "tensorflow"):
        hits = index.search("cosine learning rate", framework=framework, vetted_only=False)
        assert hits and {hit.pattern.framework for hit in hits} == {framework}


@pytest.mark.parametrize(
    ("query", "frameworks"),
    [
        ("half precision training in keras", {"tensorflow"}),
        ("torch half precision training", {"pytorch"}),
        ("half precision training", {"pytorch", "tensorflow"}),
        ("half precision training in torch and in keras", {"pytorch", "tensorflow"}),
        ("loss.backward() and half precision training", {"pytorch"}),
        ("half precision training with model.fit", {"tensorflow"}),
    ],
)
def test_a_framework_that_the_query_names_is_meant(index: Index, query: str, frameworks: set[str]) -> None:
    assert {hit.pattern.framework for hit in index.search(query, vetted_only=False)} == frameworks


def test_only_vetted_patterns_are_found_unless_others_are_asked_for(index: Index) -> None:
    hits = index.search("learning rate schedule", k=50)
    assert hits and {hit.pattern.status for hit in hits} == {"vetted"}


def test_scores_fall_from_at_most_one(index: Index) -> None:
    scores = [hit.score for hit in index.search("cosine learning rate schedule", vetted_only=False)]
    assert scores == sorted(scores, reverse=True)
    assert 0 < scores[-1] <= scores[0] <= 1


def test_a_traceback_is_searched_by_its_last_line(index: Index) -> None:
    frames = "".join(f'  File "/home/me/train.py", line {line}, in step\n    out = net(batch)\n' for line in range(40))
    query = f"why?\nTraceback (most recent call last):\n{frames}TypeError: got an unexpected keyword argument 'workers'"
    assert ids(index, query, k=1) == ["tf.loop.fit"]


def test_threads_search_the_same_index(index: Index) -> None:
    queries = [query for query, _, _ in QUESTIONS]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(lambda query: ids(index, query), queries)) == [ids(index, query) for query in queries]


def test_fewer_hits_are_asked_for_and_given(index: Index) -> None:
    assert len(ids(index, "how do I train a network", k=2)) == 2
