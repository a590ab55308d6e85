"""The harvest: what a library's own code says is deprecated becomes rules, and nothing else does."""

from pathlib import Path

import pytest
from deprecations import harvest

from knowledge.deprecations import Deprecation

LIBRARY = Path(__file__).parent / "data/deprecations/library"
Key = tuple[str | None, str | None, str | None]


@pytest.fixture(scope="module")
def rules() -> dict[Key, Deprecation]:
    found = harvest(LIBRARY, framework="pytorch", version="2.13.0+cpu")
    return {(rule.symbol, rule.method, rule.keyword): rule for rule in found}


@pytest.mark.parametrize(
    ("key", "fix", "removed"),
    [
        (("library.Dense", None, None), "Use `library.Linear(units)`.", False),
        (("library.Linear", None, "size"), "Use `units`.", False),
        (("library.Linear", None, "slope"), "Use `gradient`.", False),
        (("library.Linear.forward_all", None, None), "Use `Linear.forward`.", False),
        ((None, "forward_all", None), "Use `Linear.forward`.", False),
        (("library.solve", None, None), "Use `library.linalg.solve`.", True),
        (("library.shown", None, None), "Use `library.Linear`.", False),
        (("library.charts.draw", None, None), "Use `library.draw_all`.", False),
        (("library.charts.draw", None, "colour"), "Use `color`.", False),
        (("library.charts.draw", None, "shade"), "Use `color`.", False),
    ],
)
def test_what_a_library_says_of_itself_is_a_rule(
    rules: dict[Key, Deprecation], key: Key, fix: str, removed: bool
) -> None:
    assert (rules[key].fix, rules[key].removed) == (fix, removed)


@pytest.mark.parametrize("name", ["sometimes", "without_replacement", "draw_all", "_hidden", "forward", "old_name"])
def test_what_still_has_a_right_use_or_no_replacement_is_no_rule(rules: dict[Key, Deprecation], name: str) -> None:
    assert [key for key in rules if name in (str(key[0]).rpartition(".")[2], key[1])] == []


def test_a_name_is_spelled_as_its_package_offers_it_and_not_by_the_module_that_defines_it(
    rules: dict[Key, Deprecation],
) -> None:
    symbols = {symbol for symbol, _, _ in rules}
    assert {"library.Dense", "library.charts.draw"} <= symbols
    assert "library.layers.Dense" not in symbols


def test_what_is_curated_and_what_nobody_spells_out_is_left_out() -> None:
    found = harvest(LIBRARY.parent / "torch", framework="pytorch", version="2.13.0")
    assert [rule.symbol for rule in found] == ["torch.kept"]


def test_a_method_whose_name_others_have_too_is_only_known_with_its_class(rules: dict[Key, Deprecation]) -> None:
    assert (None, "apply", None) not in rules
    assert ("library.Linear.apply", None, None) in rules


def test_a_rule_says_where_it_comes_from_and_since_which_version(rules: dict[Key, Deprecation]) -> None:
    rule = rules["library.Dense", None, None]
    assert (rule.source, rule.since, rule.distribution) == ("library/layers.py:6", "2.13", "library")


def test_a_replacement_that_is_a_package_of_its_own_is_needed(rules: dict[Key, Deprecation]) -> None:
    assert rules["library.converted", None, None].needs == ["torchao"]
