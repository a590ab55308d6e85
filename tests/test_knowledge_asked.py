"""Questions that are misspelt, or in another language than the patterns. Real engine, real embedding."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from index_corpus import lesson, note

from knowledge.embed import MiniLM, model_folder, open_embedder
from knowledge.index import build_index, ensure_index, open_index
from knowledge.patterns import REPOSITORY, read_patterns
from knowledge.query import is_foreign
from knowledge.search import Index
from knowledge.words import common_words, known_words, well_spelt

MISSPELT = [
    ("lerning rate shedule with wramup", "pt.schedule.cosine"),
    ("how do i pad sequnces of diferent lenght in tensoflow", "tf.tensors.padding"),
    ("frezing the bakcbone wieghts of a pretraned network", "pt.transfer.freeze-layers"),
    ("smoothd lables for clasification loss", "pt.loss.label-smoothing"),
    ("contrastve los for embedings", "pt.loss.contrastive"),
    ("mesure infernece latensy of a modle", "pt.performance.benchmark"),
    ("acumulate gradeints over sevral batchs", "pt.loop.gradient-accumulation"),
]

OTHER_LANGUAGES = [
    "PyTorch 梯度裁剪 怎么做",
    "keras 怎么保存模型",
    "tensorflow 如何读取图片文件夹",
    "学习率调度器的用法",
    "PyTorch 中如何使用早停",
    "モデルの重みを凍結する方法 PyTorch",
    "jak zapisać model w keras",
    "PyTorchで勾配クリッピングするには",
    "kerasモデルの保存方法を教えてください",
    "学習率を途中で下げたい",
    "データローダーが遅い",
    "как сохранить модель в keras",
    "как заморозить слои предобученной сети",
    "обрезка градиентов pytorch",
    "keras मॉडल कैसे सेव करें",
    "pytorch में लर्निंग रेट कैसे घटाएं",
    "케라스 모델을 저장하는 방법",
    "wie speichere ich ein keras modell",
    "wie kann ich in PyTorch den Gradienten begrenzen",
    "mein Netz lernt nicht, der Loss bleibt gleich",
    "Bilder aus Ordnern laden mit TensorFlow",
    "wie friere ich die ersten Schichten ein",
    "comment sauvegarder un modèle keras",
    "charger des images depuis un dossier tensorflow",
    "comment geler les couches d'un réseau préentraîné",
    "cómo guardo un modelo de keras",
    "la pérdida no baja durante el entrenamiento",
    "cargar imágenes de una carpeta con tensorflow",
    "reducir la tasa de aprendizaje cuando no mejora",
    "como salvar um modelo keras",
    "como limitar o gradiente no pytorch",
    "como congelar as camadas de uma rede",
]

NAMED = [
    ("comment limiter la norme du gradient avec pytorch", "pt.loop.clip"),
    ("clip_grad_norm_ 怎么用", "pt.loop.clip"),
    ("如何在 keras 中使用 early stopping", "tf.early-stopping.early-stopping"),
    ("ReduceLROnPlateau の使い方 keras", "tf.schedule.plateau"),
    ("pack_padded_sequence как использовать", "pt.model.lstm"),
    ("BackupAndRestore का उपयोग कैसे करें", "tf.train.backup-and-restore"),
    ("wofür ist clip_grad_norm_ gut", "pt.loop.clip"),
    ("à quoi sert keras.callbacks.BackupAndRestore", "tf.train.backup-and-restore"),
    ("para qué sirve pack_padded_sequence", "pt.model.lstm"),
    ("como usar torch.optim.lr_scheduler.ExponentialLR", "pt.schedule.exponential"),
]


@pytest.fixture(scope="module")
def index(own_environment: Path) -> Iterator[Index]:
    with ensure_index(own_environment, embedder=open_embedder()) as opened:
        yield opened


def ids(index: Index, query: str, *, k: int = 3) -> list[str]:
    return [hit.pattern.id for hit in index.search(query, vetted_only=False, k=k)]


@pytest.mark.parametrize(("query", "expected"), MISSPELT)
def test_a_misspelt_question_finds_its_pattern(index: Index, query: str, expected: str) -> None:
    assert expected in ids(index, query)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("tripplet loss with hard negativ mining", "triplet loss with hard negative mining"),
        ("Boradcasting in tensoflow", "broadcasting in tensorflow"),
        ("val_accuracey stays at self.trainig and x.traning()", "val_accuracey stays at self.trainig and x.traning()"),
        ("softmax, logits, einsum and onnx", "softmax, logits, einsum and onnx"),
        ("an unheardofword", "an unheardofword"),
        ("erly stoping of a focl los", "early stopping of a focal los"),
        ("loss of smell", "loss of smell"),
        ("sensor data of a robot, sold by expert lawyers", "sensor data of a robot, sold by expert lawyers"),
        ("Nadam optimizer, beside Polars and Prefect", "Nadam optimizer, beside Polars and Prefect"),
        ("nadam optimizer keras", "nadam optimizer keras"),
    ],
)
def test_words_are_mended_and_names_are_left_as_they_are(written: str, meant: str) -> None:
    assert well_spelt(written) == meant


def test_what_looks_like_a_slip_is_found_as_it_was_written(tmp_path: Path) -> None:
    name = "kernal"
    assert well_spelt(name) != name
    words = {"title": f"The {name} of the archive", "questions": [f"{name} of the archive"] * 3}
    build_index([lesson(1, **words)], tmp_path, open_embedder())
    with open_index(tmp_path, embedder=open_embedder()) as index:
        assert ids(index, f"{name} of the archive") == ["pt.topic.number-1"]


def test_the_words_of_the_patterns_are_known() -> None:
    words = common_words(read_patterns(REPOSITORY))
    assert not set(words) - known_words().keys(), "run `python -m knowledge.words`"


@pytest.mark.parametrize(
    "query",
    [
        "sentiment analysis tweets",
        "embeding layr padding indx",
        "chest xray classification",
        "satellite imagery segmentation",
        "prevent catastrophic forgetting",
    ],
)
def test_english_is_read_as_english_whatever_it_is_about(query: str) -> None:
    assert not is_foreign(query)


@pytest.mark.parametrize("query", OTHER_LANGUAGES)
def test_a_question_in_another_language_finds_nothing_rather_than_something_else(index: Index, query: str) -> None:
    assert ids(index, query) == []


def test_a_question_in_another_language_finds_no_note_about_something_else(tmp_path: Path) -> None:
    told = [
        note(str(number), one.title, one.why, one.framework)
        for number, one in enumerate(read_patterns(REPOSITORY)[::4])
    ]
    build_index(told, tmp_path, open_embedder())
    with open_index(tmp_path, embedder=open_embedder()) as index:
        assert index.notes("clip gradients")
        assert {query: found for query in OTHER_LANGUAGES if (found := index.notes(query))} == {}


def test_a_word_without_end_is_no_slip_of_any_other() -> None:
    endless = "gradientclipping" * 250
    assert well_spelt(f"{endless} in pytorch") == f"{endless} in pytorch"


@pytest.mark.parametrize(("query", "expected"), NAMED)
def test_names_find_their_pattern_in_any_language(index: Index, query: str, expected: str) -> None:
    assert ids(index, query)[0] == expected


def test_a_pattern_in_another_language_is_found_by_its_words(tmp_path: Path) -> None:
    words = {"title": "Schichten einfrieren", "questions": ["wie friere ich die ersten Schichten ein"] * 3}
    build_index([lesson(1, **words)], tmp_path, open_embedder())
    with open_index(tmp_path, embedder=open_embedder()) as index:
        assert ids(index, "die ersten Schichten einfrieren") == ["pt.topic.number-1"]
        assert ids(index, "wie heißt der Bürgermeister von Wesel") == []


def test_a_model_that_reads_other_languages_is_asked_in_them(own_environment: Path) -> None:
    class Multilingual(MiniLM):
        english_only = False

    with ensure_index(own_environment, embedder=Multilingual(model_folder())) as index:
        assert ids(index, "wie speichere ich ein keras modell")
