"""What a question says of the data: the set, the task, the shapes, the split."""

import re
from typing import Any

from assistant.request.datasets import BUNDLED, DOWNLOADED, KnownDataset
from assistant.request.numbers import CHANNELS, FEATURES, TOKENS
from assistant.request.reading import Reading, wanted

FEWEST_OF_A_CLASS = 3
INFO = "ml_task.dataset_info"
TYPE = "ml_task.type"
OWN_DATA = "your own data"
"""Name of data that the user has and did not attach."""
SHAPE = re.compile(r"(?<![\w.])(\d{1,5})x(\d{1,5})(?:x(\d{1,5}))?(?![\w.]*\d)(?P<of>(?: ?-?[a-z]+){0,2})")
NOT_A_SAMPLE = re.compile(r"kernel|conv|filter|pool|stride|grid|cross|patch|window")
SHAPE_LIST = re.compile(r"[\[(]\s*(\d{1,5})\s*,\s*(\d{1,5})\s*(?:,\s*(\d{1,5})\s*)?,?\s*[\])]")
ONE_CHANNEL = r"\bgr[ae]y(?:[ -]?scale)?\b|\bblack[ -]and[ -]white\b|\bmonochrome\b|\bb/w\b|\bmnist\b"
THREE_CHANNELS = r"\brgb\b|\bcolou?r(?:ed)?\b"
SYNTHETIC = r"\b(?:synthetic|synthesi[sz]ed|random|fake|dummy|toy|generated|made[ -]up|artificial|simulated)\b"
ALIKE = r"(?:[\s-]*(?:like|style|sized|shaped)|[\s-]*shape)"
TASKS: tuple[tuple[str, str], ...] = (
    ("detection", r"\bobject[ -]detect\w*|\bdetector\b|\bbounding box\w*|\byolo\w*|\bfaster[ -]?r-?cnn\b"),
    ("segmentation", r"\bsegment(?:ation|ing|er)?\b|\bsegment\b|\bu-?net\b|\bmask[ -]?r-?cnn\b|\bpixel-?wise\b"),
    (
        "generation",
        r"\b(?:style|cycle|dc|w)?-?gans?\b|\bdcgan\b|\bgenerative\b|\bdiffusion\b|\bautoencoders?\b|"
        r"\bvae\b|\b(?:image|text) generation\b|"
        r"\b(?:image|text|music) generator\b|\bgenerates? (?:new )?(?:images?|text|faces|music|names|"
        r"stories)\b|\bgpt\b|\blanguage model\w*",
    ),
    ("regression", r"(?<!logistic )(?<!softmax )\bregress\w*"),
    (
        "classification",
        r"\b(?:logistic|softmax) regress\w*|"
        r"\bclassif\w*|\bclassifier\b|\brecogni[sz]\w*|\bcategori[sz]\w*|\b(?:binary|multi-?class|two-class)\b|"
        r"\bsentiment\b|\bspam\b|\bdistinguish\b|\btell\b.{1,40}\bapart\b",
    ),
)
PREDICT_NUMBER = (
    r"\b(?:predict|estimate|forecast)\w*(?: the| a| an| my| our| their| how)?(?: [\w-]+){0,3}? "
    r"(?:price|prices|cost|costs|age|value|values|temperature|salary|income|amount|score|revenue|"
    r"sales|demand|progression|"
    r"weight|height|duration|consumption|yield|mpg|rent)\b"
)
MODALITIES: tuple[tuple[str, str], ...] = (
    (
        "text",
        r"\b(?:texts?|reviews?|sentences?|documents?|tweets?|e-?mails?|comments?|sentiment|spam|headlines?|tokens?|"
        r"vocabulary|vocab|nlp|paragraphs?|articles?|sms|tickets)\b",
    ),
    (
        "image",
        r"\b(?:images?|photos?|pictures?|pixels?|tiles?|x-?rays?|scans?|faces?|vision|rgb|"
        r"gr[ae]y-?scale|digits?|mri)\b",
    ),
    ("tabular", r"\b(?:tabular|features?|spreadsheet|table|columns?|rows)\b"),
)


def read_data(text: str, quantities: dict[str, Any]) -> Reading:
    """The dataset, the task and the shapes. `quantities` are the named numbers of the text."""
    dataset = read_dataset(text)
    return read_task(text) | dataset | read_shape(text, quantities) | read_classes(text)


def read_dataset(text: str) -> Reading:
    """A bundled set, one that cannot be fetched here, or synthetic data."""
    for known in DOWNLOADED:
        if wanted(known.pattern, text):
            return _downloaded(known, text)
    names = [name for name, known in BUNDLED.items() if wanted(known.pattern, text) and _is_the_bundled_one(name, text)]
    if len(names) > 1:
        return Reading(questions=[f"The question names {_titles(names)}: which one should the model learn from?"])
    if names:
        return Reading(fields={f"{INFO}.dataset_name": names[0]}, implied=bundled_facts(names[0]))
    if wanted(SYNTHETIC, text) and not re.search(rf"{SYNTHETIC} (?:seed|forest|crop|shift|flip)", text):
        return Reading(fields={f"{INFO}.source": "synthetic"})
    return Reading()


def _is_the_bundled_one(name: str, text: str) -> bool:
    """A photograph of a tumour is not scikit-learn's table of measurements, nor are synthetic digits."""
    pictures = wanted(r"\b(?:images?|histopatholog\w*|mammogra\w*|ultrasound|scans?|photos?|labels on bottles)\b", text)
    return not (pictures and BUNDLED[name].modality == "tabular") and not wanted(
        rf"{SYNTHETIC}[\w\s-]{{0,20}}data", text
    )


def bundled_facts(name: str) -> dict[str, Any]:
    """Task, modality, shapes and source of one of scikit-learn's sets."""
    known = BUNDLED[name]
    return {f"{INFO}.source": "sklearn", **known_facts(known), f"{INFO}.num_samples": known.num_samples}


def known_facts(known: KnownDataset) -> dict[str, Any]:
    """Task, modality and shapes of a named dataset."""
    facts = {
        TYPE: known.type,
        f"{INFO}.modality": known.modality,
        f"{INFO}.input_shape": known.input_shape,
        f"{INFO}.output_shape": known.output_shape,
    }
    return {name: value for name, value in facts.items() if value is not None}


def _downloaded(known: KnownDataset, text: str) -> Reading:
    alike = re.search(
        rf"(?:{known.pattern}){ALIKE}|\b(?:like|shape of|size of|shaped like|similar to) (?:{known.pattern})", text
    )
    if alike or wanted(SYNTHETIC, text):
        return Reading(fields={f"{INFO}.source": "synthetic"}, implied=known_facts(known))
    return Reading(fields={f"{INFO}.dataset_name": known.title}, implied=known_facts(known))


def cannot_fetch(known: KnownDataset) -> str:
    """Says that a dataset is not here, and what can be done instead."""
    form = "a CSV" if known.modality in ("text", "tabular") else "an .npz"
    shape = "x".join(map(str, known.input_shape or []))
    words = f" ({shape}{f', {known.output_shape} classes' if known.type == 'classification' else ''})" if shape else ""
    offers = f"Attach it as {form} file, or say 'synthetic' for generated data of that shape{words}"
    nearest = ", or 'digits' for scikit-learn's 8x8 handwritten digits" if "MNIST" in known.title else ""
    return f"{known.title} would have to be downloaded, which is not done here. {offers}{nearest}?"


def _titles(names: list[str]) -> str:
    return " and ".join(f"the {BUNDLED[name].title} data" for name in names)


def read_task(text: str) -> Reading:
    """Classification, regression and the like, and what the samples are."""
    fields, implied = {}, {}
    kind = next((name for name, pattern in TASKS if wanted(pattern, text)), None)
    if kind is None and wanted(PREDICT_NUMBER, text):
        kind = "regression"
    if kind:
        fields[TYPE] = kind
    modality = next((name for name, pattern in MODALITIES if wanted(pattern, text)), None)
    if modality:
        implied[f"{INFO}.modality"] = modality
    return Reading(fields=fields, implied=implied)


def read_classes(text: str) -> Reading:
    """ "binary" names two classes."""
    if wanted(r"\bbinary (?:\w+ )?classif\w*|\bbinary (?:labels?|target|problem|task)\b|\byes/no\b", text):
        return Reading(fields={f"{INFO}.output_shape": 2})
    return Reading()


def read_shape(text: str, quantities: dict[str, Any]) -> Reading:
    """The shape of one sample, channels first; what was not said of it is an assumption."""
    sizes = [_sides(match) for match in SHAPE.finditer(text) if not NOT_A_SAMPLE.search(match["of"])]
    sizes += [
        _sides(match)
        for match in SHAPE_LIST.finditer(text)
        if "shape" in text[max(0, match.start() - 20) : match.start()]
    ]
    if sizes:
        return _image_shape(sizes, text, quantities)
    if tokens := quantities.get(TOKENS):
        return Reading(fields={f"{INFO}.input_shape": [tokens]}, implied={f"{INFO}.modality": "text"})
    if features := quantities.get(FEATURES):
        return Reading(fields={f"{INFO}.input_shape": [features]}, implied={f"{INFO}.modality": "tabular"})
    return Reading()


def _sides(match: re.Match[str]) -> list[int]:
    return [int(side) for side in match.groups()[:3] if side is not None]


def _image_shape(sizes: list[list[int]], text: str, quantities: dict[str, Any]) -> Reading:
    sides = max(sizes, key=len)
    if any(side == 0 for side in sides):
        return Reading(questions=["An image side of 0 was given: what is the size of the images?"])
    if len({tuple(size) for size in sizes}) > 1:
        return Reading(
            questions=[
                (f"The question names the sizes {' and '.join('x'.join(map(str, s)) for s in sizes)}: which one?")
            ]
        )
    implied = {f"{INFO}.modality": "image"}
    if len(sides) == 3:
        shape = sides if sides[0] in (1, 3, 4) or sides[2] not in (1, 3, 4) else [sides[2], *sides[:2]]
        return Reading(fields={f"{INFO}.input_shape": shape}, implied=implied)
    channels, assumptions = _channels(text, quantities, sides)
    return Reading(fields={f"{INFO}.input_shape": [channels, *sides]}, implied=implied, assumptions=assumptions)


def _channels(text: str, quantities: dict[str, Any], sides: list[int]) -> tuple[int, list[str]]:
    if quantities.get(CHANNELS):
        return quantities[CHANNELS], []
    if wanted(ONE_CHANNEL, text):
        return 1, []
    if wanted(THREE_CHANNELS, text):
        return 3, []
    if sides in ([28, 28], [8, 8]):
        return 1, [f"Images of {sides[0]}x{sides[1]} are taken as grayscale; say 'RGB' for three channels."]
    return 3, [f"Images of {sides[0]}x{sides[1]} are taken as RGB; say 'grayscale' for one channel."]


def rare_class(where: str, count: int) -> str:
    """The question back where a class is too small to be split."""
    return (
        f"{where} has a class with only {count} samples, and {FEWEST_OF_A_CLASS} are needed so that training, "
        "validation and test each get one: can you remove that class, or add samples of it?"
    )
