"""The data that a question can name: what is at hand, and what would have to be downloaded."""

from pydantic import BaseModel

from assistant.schema import ProblemType


class KnownDataset(BaseModel):
    """One named dataset."""

    title: str
    pattern: str
    """How people write it, in lower case."""
    modality: str
    type: ProblemType = "classification"
    input_shape: list[int] | None = None
    """Channels first; None where samples differ in size."""
    output_shape: int | None = None
    num_samples: int | None = None


BUNDLED = {
    "digits": KnownDataset(
        title="handwritten digits",
        pattern=r"load_digits|(?<!\d )(?:handwritten |hand-written |8x8 )*digits?\b",
        modality="image",
        input_shape=[1, 8, 8],
        output_shape=10,
        num_samples=1797,
    ),
    "iris": KnownDataset(
        title="iris",
        pattern=r"\b(?:load_)?iris\b",
        modality="tabular",
        input_shape=[4],
        output_shape=3,
        num_samples=150,
    ),
    "wine": KnownDataset(
        title="wine",
        pattern=r"\b(?:load_)?wines?\b(?! (?:quality|reviews?))",
        modality="tabular",
        input_shape=[13],
        output_shape=3,
        num_samples=178,
    ),
    "breast_cancer": KnownDataset(
        title="breast cancer",
        pattern=r"\bbreast[ _-]cancer\b|\bwdbc\b|\bwisconsin\b",
        modality="tabular",
        input_shape=[30],
        output_shape=2,
        num_samples=569,
    ),
    "diabetes": KnownDataset(
        title="diabetes",
        pattern=r"\b(?:load_)?diabetes\b",
        modality="tabular",
        type="regression",
        input_shape=[10],
        output_shape=1,
        num_samples=442,
    ),
}
"""scikit-learn's bundled sets, by the names that the data patterns use (scikit-learn user guide, "Toy datasets")."""


def _images(title: str, pattern: str, shape: list[int] | None, classes: int | None) -> KnownDataset:
    return KnownDataset(title=title, pattern=pattern, modality="image", input_shape=shape, output_shape=classes)


def _texts(title: str, pattern: str, classes: int) -> KnownDataset:
    return KnownDataset(title=title, pattern=pattern, modality="text", output_shape=classes)


def _table(title: str, pattern: str, type: ProblemType, features: int, outputs: int) -> KnownDataset:
    return KnownDataset(
        title=title, pattern=pattern, modality="tabular", type=type, input_shape=[features], output_shape=outputs
    )


DOWNLOADED = (
    _images("Fashion-MNIST", r"\bfashion[ _-]?mnist\b", [1, 28, 28], 10),
    _images("EMNIST", r"\be-?mnist\b", [1, 28, 28], 47),
    _images("KMNIST", r"\bk-?mnist\b|\bkuzushiji\b", [1, 28, 28], 10),
    _images("MNIST", r"(?<!fashion )(?<!fashion-)(?<!fashion_)\bmnist\b", [1, 28, 28], 10),
    _images("CIFAR-100", r"\bcifar[ -]?100\b", [3, 32, 32], 100),
    _images("CIFAR-10", r"\bcifar(?:[ -]?10)?\b(?![ -]?100)", [3, 32, 32], 10),
    _images("SVHN", r"\bsvhn\b|\bstreet view house numbers\b", [3, 32, 32], 10),
    _images("STL-10", r"\bstl-?10\b", [3, 96, 96], 10),
    _images("Tiny ImageNet", r"\btiny[ -]?imagenet\b", [3, 64, 64], 200),
    _images("ImageNet", r"(?<!tiny )(?<!tiny-)\bimagenet\b(?! weights)(?! pre)", [3, 224, 224], 1000),
    _images("Food-101", r"\bfood-?101\b", [3, 224, 224], 101),
    _images("Flowers-102", r"\b(?:oxford )?flowers[ -]?102\b", [3, 224, 224], 102),
    _images("Oxford Pets", r"\boxford[ -](?:iiit[ -])?pets?\b", [3, 224, 224], 37),
    _images(
        "Dogs vs. Cats",
        r"\b(?:cats? (?:vs?\.?|and|versus) dogs?|dogs? (?:vs?\.?|and|versus) cats?)\b",
        [3, 224, 224],
        2,
    ),
    _images("CelebA", r"\bceleba\b", [3, 178, 218], None),
    _images("COCO", r"\b(?:ms[ -]?)?coco\b", None, None),
    _images("Pascal VOC", r"\bpascal(?: voc)?\b|\bvoc ?20\d\d\b", None, None),
    _images("Cityscapes", r"\bcityscapes\b", None, None),
    _texts("IMDB", r"\bimdb\b", 2),
    _texts("AG News", r"\bag[ _-]?news\b", 4),
    _texts("SST-2", r"\bsst-?2?\b", 2),
    _texts("Yelp reviews", r"\byelp\b", 5),
    _texts("20 Newsgroups", r"\b(?:20|twenty) ?news ?groups?\b", 20),
    _texts("Reuters", r"\breuters\b", 46),
    _table("California Housing", r"\bcalifornia[ _-]housing\b", "regression", 8, 1),
    _table("Boston Housing", r"\bboston[ _-]housing\b|\bboston house prices?\b", "regression", 13, 1),
    _table("Titanic", r"\btitanic\b", "classification", 7, 2),
    _table("Adult Census", r"\badult[ _-](?:census|income)\b|\bcensus income\b", "classification", 14, 2),
    _table("Wine Quality", r"\bwine quality\b", "regression", 11, 1),
    _table("Pima Indians Diabetes", r"\bpima(?: indians?)?(?: diabetes)?\b", "classification", 8, 2),
    _table("Covertype", r"\bcover ?type\b", "classification", 54, 7),
)
"""Well-known sets that are not on this machine, with the shapes their publishers give."""
