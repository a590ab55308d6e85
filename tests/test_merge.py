"""Merging patterns into one module."""

import pytest

from assistant.drafters.embedded.merge import merge_modules


def test_equal_imports_are_written_once_and_before_the_definitions() -> None:
    first = '"""One."""\n\nimport torch\nfrom torch import nn\n\n\nclass A(nn.Module):\n    """A."""\n'
    second = '"""Two."""\n\nimport torch\n\n\ndef b() -> None:\n    print(torch.ones(1))\n'
    merged = merge_modules("Both.", [first, second])
    assert merged.count("import torch\n") == 1
    assert merged.startswith('"""Both."""')
    compile(merged, "merged.py", "exec")
    assert merged.index("from torch import nn") < merged.index("class A") < merged.index("def b")
    assert "One." not in merged


def test_comments_before_a_definition_stay_with_it() -> None:
    merged = merge_modules("M.", ["import os\n\n# why\nSEP = os.sep\n"])
    assert "# why\nSEP = os.sep" in merged


def test_two_patterns_that_define_the_same_name_are_refused() -> None:
    with pytest.raises(ValueError, match="two patterns define step"):
        merge_modules("M.", ["def step() -> None: ...\n", "def step() -> None: ...\n"])
