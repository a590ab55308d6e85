"""What a question demands of the result: a score, a time; and how the samples are split."""

import re
from typing import Any

from assistant.errors import RequestError
from assistant.request.reading import Reading

GOAL = "ml_task.performance_requirements"
NUMBER = r"(?P<value>\d+(?:\.\d+)?)\s?(?P<percent>%)?"
AT_LEAST = (
    r"(?:at least|over|above|more than|greater than|better than|minimum(?: of)?|of|>=?|exceed(?:s|ing)?|"
    r"reach(?:es|ing)?|is|=|:|around|about|the|a|target)"
)
AT_MOST = r"(?:below|under|less than|at most|lower than|max(?:imum)?(?: of)?|<=?|of|is|=|:|smaller than)"
SCORES = (
    ("accuracy", r"(?:test |validation |val |classification )?acc(?:uracy)?"),
    ("f1", r"(?:macro |micro )?f1(?:[ -]?score)?"),
    ("iou", r"(?:m(?:ean )?)?iou"),
    ("bleu", r"bleu(?:[ -]score)?"),
)
ERRORS = (("rmse", r"rmse"), ("mse", r"mse|mean squared error"))
UNCHECKED = (
    ("R2", r"r2|r-squared"),
    ("MAE", r"mae|mean absolute error"),
    ("AUC", r"(?:roc[ -])?auc"),
    ("recall", "recall"),
)
DURATION = re.compile(
    r"\b(?:under|within|less than|at most|below|max(?:imum)?(?: of)?|in|up to|no more than|<=?|"
    r"faster than)\s*(?:about |max )?"
    r"(?P<value>\d+(?:\.\d+)?)\s?-?(?P<unit>ms|milliseconds?|s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?)\b"
)
HOURS = {"s": 1 / 3600, "m": 1 / 60, "h": 1.0}
INFERENCE = re.compile(r"\b(?:infer\w*|latency|predictions?|forward(?: pass)?|per (?:sample|image|batch)|response)\b")
CLAUSE = re.compile(r"[.;,]|\b(?:and|but)\b")
RATIO = re.compile(
    r"(?<![\w./-])(\d{1,3}(?:\.\d+)?)\s?%?([/:-])(\d{1,3}(?:\.\d+)?)\s?%?(?:\2(\d{1,3}(?:\.\d+)?))?\s?%?(?![\w/:-]*\d)"
)
SHARE = re.compile(
    r"(?P<value>\d{1,3}(?:\.\d+)?)\s?%(?: (?:for|of|the|data|as|is|goes|to|in|samples|rows|used)){0,5} ?"
    r"(?P<part>train(?:ing)?|val(?:idation)?|test(?:ing)?|held[ -]out)\b(?!(?: set| data)? (?:acc|f1))"
)
HOLD_OUT = re.compile(r"\bhold(?:ing)? out (?P<value>\d{1,3})\s?%")
SPLIT = "ml_task.dataset_info.train_val_test_split"


def read_goals(text: str) -> Reading:
    """Target score, time limits and split."""
    return _score(text) | _times(text) | _split(text)


def _score(text: str) -> Reading:
    for metric, words in SCORES:
        if found := _named_number(words, AT_LEAST, text):
            value = float(found["value"])
            value = value / 100 if found["percent"] or value > 1 else value
            if not 0 < value <= 1:
                raise RequestError(
                    f"The target {metric} is given as {found['value']}%; it must be above 0% and at most 100%."
                )
            return _goal(metric, round(value, 6))
    for metric, words in ERRORS:
        if found := _named_number(words, AT_MOST, text):
            value = float(found["value"])
            if metric == "mse":
                return _goal("mse", value)
            note = f"An RMSE of {value:g} is kept as its square, a mean squared error of {value * value:g}."
            return _goal("mse", round(value * value, 9), note)
    return _other_score(text)


def _other_score(text: str) -> Reading:
    found = next((name for name, words in UNCHECKED if _named_number(words, f"(?:{AT_LEAST}|{AT_MOST})", text)), None)
    if not found:
        return Reading()
    return Reading(assumptions=[f"A target in {found} is not checked; name one in accuracy, F1, MSE or RMSE."])


def _named_number(words: str, between: str, text: str) -> re.Match[str] | None:
    after = re.search(rf"\b(?:{words})\b[\s:=]*(?:{between}\s*){{0,3}}{NUMBER}(?![\dx])", text)
    return after or re.search(
        rf"(?<![\w.]){NUMBER} ?\+?(?:or (?:more|better|higher) |or less )?(?:in |on )?(?:the )?(?:{words})\b", text
    )


def _goal(metric: str, value: float, *notes: str) -> Reading:
    return Reading({f"{GOAL}.target_metric": metric, f"{GOAL}.target_value": value}, assumptions=list(notes))


def _times(text: str) -> Reading:
    fields: dict[str, Any] = {}
    for match in DURATION.finditer(text):
        value, unit = float(match["value"]), match["unit"]
        if value == 0:
            raise RequestError("A time limit of 0 was given; it must be above 0.")
        hours = value / 3_600_000 if unit.startswith(("ms", "milli")) else value * HOURS[unit[0]]
        left, right = text[max(0, match.start() - 60) : match.start()], text[match.end() : match.end() + 20]
        near = CLAUSE.split(left)[-1] + CLAUSE.split(right)[0]
        if unit.startswith(("ms", "milli")) or INFERENCE.search(near):
            fields[f"{GOAL}.max_inference_time_ms"] = round(hours * 3_600_000, 6)
        else:
            fields[f"{GOAL}.max_training_time_hours"] = round(hours, 8)
    return Reading(fields)


def _split(text: str) -> Reading:
    shares = _ratio(text) or _shares(text)
    if shares is None:
        return Reading()
    total = sum(shares)
    if total > 100.5 or total < 99.5 or min(shares) <= 0:
        said = "/".join(f"{share:g}" for share in shares)
        return Reading(
            questions=[
                f"The split {said} adds up to {total:g}%, not 100%, over train, validation and test: what should it be?"
            ]
        )
    fractions = tuple(round(share / 100, 6) for share in shares)
    said = "/".join(f"{share:g}" for share in shares)
    return Reading({SPLIT: fractions}, assumptions=[f"The samples are split {said} into train, validation and test."])


def _ratio(text: str) -> list[float] | None:
    for match in RATIO.finditer(text):
        parts = [float(part) for part in (match[1], match[3], match[4]) if part]
        about_split = "split" in text[max(0, match.start() - 30) : match.end() + 40]
        whole = 99 <= sum(parts) <= 101 or sum(parts) == 1 or (len(parts) == 3 and 80 <= sum(parts) <= 130)
        if not (whole or about_split) or (len(parts) == 2 and match[2] == "-"):
            continue
        parts = [part * 100 for part in parts] if sum(parts) <= 1.5 else parts
        return parts if len(parts) == 3 else [parts[0], parts[1] / 2, parts[1] / 2]
    return None


def _shares(text: str) -> list[float] | None:
    named: dict[str, float] = {}
    for match in SHARE.finditer(text):
        part = "test" if match["part"].startswith("held") else match["part"][:3].replace("tes", "test")
        named.setdefault(part, float(match["value"]))
    if match := HOLD_OUT.search(text):
        named.setdefault("test", float(match["value"]))
    if not named:
        return None
    missing = [part for part in ("tra", "val", "test") if part not in named]
    rest = 100 - sum(named.values())
    if missing == ["tra", "val"]:
        shares = {"val": named["test"], "tra": 100 - 2 * named["test"]}
    elif missing == ["tra", "test"]:
        shares = {"test": named["val"], "tra": 100 - 2 * named["val"]}
    else:
        shares = {part: rest / len(missing) for part in missing}
    return [(named | shares)[part] for part in ("tra", "val", "test")]
