"""What programs are made of the blocks of a document; nothing is run."""

import ast

import pytest
from ingest_documents import in_fences, programs, reading

from ingest.candidates import candidates_in
from ingest.names import names_of
from ingest.noting import MOST_NOTES, notes_of
from ingest.reached import not_reached
from ingest.similarity import NearDuplicates, code_runs, program_key


def test_blocks_that_build_on_each_other_are_joined_and_others_stand_alone() -> None:
    assert programs("a.md", in_fences("import torch", "x = torch.ones(2)", "y = torch.zeros(2)", "print(x)")) == [
        "import torch\n",
        "import torch\n\nx = torch.ones(2)\n\nprint(x)\n",
        "import torch\n\ny = torch.zeros(2)\n",
    ]


def test_definitions_are_joined_with_the_example_that_calls_them() -> None:
    [program] = [code for code in programs("guide.md") if "class Scale" in code]
    assert program.startswith("from torch import nn\n") or program.startswith("import torch\n")
    assert "layer(torch.ones(2, 3)).shape" in program
    assert "torch.Size" not in program
    ast.parse(program)


def test_an_import_that_the_document_never_says_is_added_and_told() -> None:
    candidates, _ = candidates_in(reading("guide.md"))
    [layer] = [one for one in candidates if "class Scale" in one.text]
    assert "added 'from torch import nn', which the document does not say" in layer.remarks


def test_a_name_that_nothing_defines_keeps_a_block_and_what_builds_on_it_out() -> None:
    found = reading("a.md", in_fences("import torch\na = f(3)", "print(a)", "b = torch.ones(1)\nprint(b)"))
    assert [program.code for program in found.programs] == ["import torch\n\nb = torch.ones(1)\nprint(b)\n"]
    assert "'f', which the document does not define" in "".join(found.faults.values())


def test_a_title_is_what_a_document_is_about() -> None:
    text = "##### Copyright 2020 Somebody.\n\n# Adding [numbers](x.md)\n\n## `torch.add`\n\nText.\n\n```python\n"
    text += "import torch\nx = torch.ones(2)\nprint(torch.add(x, x))\n```\n"
    [candidate], _ = candidates_in(reading("a.md", text))
    assert candidate.pattern.title == "Adding numbers: torch.add"
    assert candidate.pattern.topic == "torch-add"


@pytest.mark.timeout(60)
def test_a_document_of_thousands_of_sections_is_noted_in_seconds() -> None:
    found = reading("a.md", "Of torch.\n" + "\n# Contents\n\n```py\nprint(1)\n```\n" * 5000)
    assert len(notes_of(found, admitted=[], reasons=[])) == MOST_NOTES


def test_what_a_document_calls_wrong_is_in_no_program() -> None:
    assert not any(".norm(dim=1)\nz" in code for code in programs("guide.md"))
    assert "presents it as wrong" in "".join(reading("guide.md").faults.values())


def test_shell_and_magics_are_dropped_and_told() -> None:
    found = reading("lesson.ipynb")
    assert all("%" not in program.code and "!pip" not in program.code for program in found.programs)
    assert "lines of shell or magic were dropped" in found.remarks


def test_examples_in_docstrings_make_a_program_of_a_module_of_definitions() -> None:
    [code] = programs("module.py")
    assert code.endswith("mean_of_rest(torch.ones(2, 3))\n")


@pytest.mark.parametrize(
    ("code", "needs"),
    [
        ("x = x + 1", {"x"}),
        ("x += 1", {"x"}),
        ("def f():\n    return g(later)\nlater = 1", {"g"}),
        ("[i for i in range(3)]\ni", {"i"}),
        ("lambda a, *b, c=d: a + e", {"d", "e"}),
        ("class A(Base):\n    k = 1\n    def f(self): return self.k + m", {"Base", "m"}),
        ("for i in xs:\n    pass\nprint(i)", {"xs"}),
        ("import a.b as c, d.e\nc.x, d.e", set()),
        ("try:\n    pass\nexcept ValueError as error:\n    print(error)", set()),
        ("with open('x') as f:\n    f.read()", set()),
        ("@decorate\ndef f(a: Kind) -> None: ...", {"decorate", "Kind"}),
    ],
)
def test_the_names_that_code_needs_from_before_it(code: str, needs: set[str]) -> None:
    assert names_of(ast.parse(code)).needs == needs


def test_the_same_program_is_known_whatever_its_comments_and_layout() -> None:
    one = '"""Title."""\nimport torch\n\n\ndef f(x):\n    """Doc."""\n    return x  # same\n\nprint(f(1))\n'
    other = "import torch\ndef f( x ): return x\nprint(f(1))"
    assert program_key(one) == program_key(other)
    assert program_key(one) != program_key(other.replace("f(1)", "f(2)"))


def test_a_program_nested_deeper_than_python_can_write_is_compared_all_the_same() -> None:
    deep = "x = " + " + ".join(f"a{number}" for number in range(1000))
    assert program_key(deep) != program_key(deep + " + 1")
    assert code_runs(deep) != code_runs(f"{deep} + b + c")


def test_nearly_the_same_program_is_found_among_many() -> None:
    near = NearDuplicates()
    lines = [f"layer_{n} = torch.nn.Linear({n}, {n + 1})\nout_{n} = layer_{n}(torch.ones({n}))" for n in range(200)]
    for number in range(0, 200, 10):
        assert near.add(f"p{number}", code_runs("\n".join(lines[number : number + 10]))) is None
    changed = "\n".join(lines[50:60]).replace("torch.ones(53)", "torch.rand(53)")
    assert near.add("changed", code_runs(changed)) == "p50"


TOY = """import torch
class Toy(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.inner = torch.nn.Linear(2, 2)
    def forward(self, x):
        return torch.relu(self.inner(x))
if torch.cuda.device_count() > 98:
    print(Toy()(torch.ones(1, 2)))
"""


@pytest.mark.parametrize(
    ("reached", "holds"),
    [([1, 2, 3, 6, 8], False), ([1, 2, 3, 4, 5, 6, 7, 8, 9], True), ([], False)],
)
def test_a_program_that_reaches_nothing_of_what_it_shows_proves_nothing(reached: list[int], holds: bool) -> None:
    assert (not_reached(TOY, reached) is None) is holds
