"""Correct programs of kinds that look like faults: what is trained is no model, and what is given is no batch."""

from types import SimpleNamespace

import numpy as np
import pytest

from sandbox.evidence import Evidence, Facts, PassFacts
from sandbox.findings.data import data
from sandbox.findings.finding import Maker
from sandbox.findings.probes import probes
from sandbox.findings.sequences import sequences
from sandbox.findings.training import protocol
from sandbox.findings.training_state import structure
from sandbox.schema import Limits
from sandbox.verdict import parameters_update
from sandbox.verify import verify

FAILS = {"errors": {"1": "x", "5": "x"}, "differences": {}}
RING = np.eye(9, dtype=np.float32) + np.roll(np.eye(9, dtype=np.float32), 1, 0) + np.roll(np.eye(9), -1, 0)
EDGES = np.stack([np.arange(9), (np.arange(9) + 1) % 9])


@pytest.mark.parametrize(
    ("given", "known", "sizes", "expected"),
    [
        ([RING], [], FAILS, True),
        ([EDGES], [], FAILS, True),
        ([], [RING], FAILS, True),
        ([], [EDGES], FAILS, True),
        ([], [np.tril(np.ones((9, 9)))], FAILS, False),
        ([], [np.ones((9, 9))], FAILS, False),
        ([RING[:, :4]], [EDGES * 2], FAILS, False),
        ([RING], [], {"errors": {}, "differences": {"1": 0.0}}, False),
        ([RING], [], {"errors": {"1": "x"}, "differences": {"5": 0.0}}, False),
    ],
)
def test_rows_that_a_table_joins_are_nodes_where_no_part_of_them_is_taken_alone(observe, given, known, sizes, expected):
    assert observe.nodes.are_nodes(9, given, known, sizes) == expected


@pytest.mark.parametrize(
    ("lead", "sizes", "expected"),
    [
        (np.ones(3, np.float32), FAILS, True),
        (np.ones(3, np.float32), {"errors": {}, "differences": {"1": 0.0}}, False),
        (np.ones(3, np.int64), FAILS, False),
        (np.ones((3, 4), np.float32), FAILS, False),
    ],
)
def test_a_row_of_numbers_is_one_sample_where_no_part_of_it_is_taken(observe, lead, sizes, expected):
    assert observe.nodes.is_one_sample(lead, sizes) == expected


@pytest.mark.parametrize(
    ("lead", "in_order", "expected"),
    [(np.arange(5), True, True), (np.arange(5), False, False), (np.ones((5, 2), int), True, False)],
)
def test_whole_numbers_in_a_row_are_one_sequence_where_layers_go_through_it(observe, lead, in_order, expected):
    assert observe.nodes.is_one_sequence(lead, in_order=in_order) == expected


@pytest.mark.parametrize(
    ("no_batch", "expected"), [(True, []), (False, ["batch-mixing", "fixed-batch-size"])], ids=["nodes", "a batch"]
)
def test_rows_that_are_no_batch_may_depend_on_each_other_and_on_their_number(no_batch, expected):
    sizes = {"rows": 9, **FAILS, "no_batch": no_batch}
    evidence = Evidence(probes={"batch-sizes": sizes, "independence": {"difference": 0.5}})
    assert [one.id for one in probes(evidence, evidence.counted, Maker("train.py"))] == expected


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (np.linspace(0, 1, 101, dtype=np.float32)[:, None], 0),
        (np.sort(np.r_[0.0, np.random.default_rng(0).random(99), 1.0])[:, None], 1),
    ],
    ids=["a grid", "scaled"],
)
def test_a_grid_from_0_to_1_was_not_scaled(observe, rows, expected):
    samples = SimpleNamespace(table=lambda: (rows, None), where=None, role="evaluated")
    assert observe.data_figures._apart(samples)["ranged"] == expected


@pytest.mark.parametrize("trainable", [False, True])
@pytest.mark.parametrize(("apart", "status"), [(1, "passed"), (0, "failed")])
def test_what_is_trained_may_be_no_model(apart, status, trainable):
    weights = {"name": "w", "values": 4, "trainable": trainable, "held": False, "gradient": trainable, "changed": False}
    facts = Facts(steps=9, backwards=9, parameters=[weights], apart=apart, changed=apart, watched=2)
    evidence = Evidence(started=True, ended=True, facts=facts, losses=[(0, 1.0, 3), (1, 0.9, 3)])
    assert parameters_update(evidence, facts).status == status
    assert bool(list(protocol(evidence, facts, Maker("train.py")))) == (not apart)


@pytest.mark.parametrize(("apart", "expected"), [(1, []), (0, ["state-not-registered"])])
def test_what_a_model_that_is_only_looked_through_keeps_need_not_be_saved(apart, expected):
    plain = {
        "owner": "ContentLoss",
        "name": "target",
        "where": ("train.py", 7),
        "replaced": False,
        "follows_graph": False,
    }
    facts = Facts(steps=9, backwards=9, apart=apart, sections={"structure": {}})
    evidence = Evidence(probes={"use": {"plain": [plain]}})
    assert [one.id for one in structure(evidence, facts, Maker("train.py"))] == expected


@pytest.mark.parametrize(
    ("used", "expected"), [(["5.weight", "5.bias"], []), (["5.weight"], ["parameters-without-gradient"])]
)
def test_a_bias_that_cancels_out_between_two_answers_is_in_use(used, expected):
    shapes = {"5.weight": [4, 4], "5.bias": [4]}
    rows = [
        {"name": name, "values": 4, "shape": shape, "trainable": True, "held": True, "gradient": len(shape) == 2}
        for name, shape in shapes.items()
    ]
    rows = [{**one, "changed": one["gradient"]} for one in rows]
    facts = Facts(steps=9, backwards=9, parameters=rows)
    evidence = Evidence(probes={"use": {"used": used}})
    assert [one.id for one in protocol(evidence, facts, Maker("train.py"))] == expected


FROZEN = "for one in net.parameters():\n    one.requires_grad_(False)\n"
IMAGE = """
import torch
from torch import nn
torch.manual_seed(0)
net = nn.Sequential(nn.Conv2d(1, 8, 3), nn.ReLU(), nn.Conv2d(8, 8, 3)).eval()
{frozen}
wanted = net(torch.rand(1, 1, 12, 12)).detach()
image = torch.rand(1, 1, 12, 12).requires_grad_(True)
optimizer = torch.optim.Adam([image], lr=0.02)
for _ in range(40):
    optimizer.zero_grad()
    loss = (net(image) - wanted).pow(2).mean()
    loss.backward()
    optimizer.step()
print(loss.item())
"""
GRAPH = """
import torch
from torch import nn
torch.manual_seed(0)
labels = torch.arange(60) % 3
linked = (torch.rand(60, 60) < torch.where(labels[:, None] == labels, 0.2, 0.02)).float().triu(1)
linked = linked + linked.T + torch.eye(60)
linked = linked / linked.sum(1, keepdim=True)
nodes = torch.randn(60, 8) + nn.functional.one_hot(labels, 8)
order = torch.randperm(60)

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.first, self.second = nn.Linear(8, 16), nn.Linear(16, 3)

    def forward(self, x):
        return linked @ self.second(torch.relu(linked @ self.first(x)))

net = Net()
optimizer = torch.optim.Adam(net.parameters(), lr=0.01)
for _ in range(40):
    optimizer.zero_grad()
    loss = nn.functional.cross_entropy(net(nodes)[order[:40]], labels[order[:40]])
    loss.backward()
    optimizer.step()
net.eval()
with torch.no_grad():
    print((net(nodes).argmax(1) == labels)[order[40:]].float().mean())
"""
META = """
import torch
from torch import nn
from torch.func import functional_call, grad, vmap
torch.manual_seed(0)
net = nn.Sequential(nn.Linear(1, 20), nn.Tanh(), nn.Linear(20, 1))
weights = dict(net.named_parameters())

def error(weights, x, y):
    return nn.functional.mse_loss(functional_call(net, weights, (x,)), y)

def task(x, y):
    slope = grad(error)(weights, x[:8], y[:8])
    return error({name: one - 0.05 * slope[name] for name, one in weights.items()}, x[8:], y[8:])

optimizer = torch.optim.Adam(net.parameters(), lr=3e-3)
for _ in range(40):
    x = torch.rand(8, 16, 1) * 4 - 2
    loss = vmap(task)(x, torch.sin(x + torch.rand(8, 1, 1))).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
print(loss.item())
"""
POLICY = """
import torch
from torch import nn
torch.manual_seed(0)
net = nn.Sequential(nn.Linear(3, 32), nn.ReLU(), nn.Linear(32, 3))
optimizer = torch.optim.Adam(net.parameters(), lr=3e-3)
for _ in range(40):
    terms = []
    for _ in range(8):
        seen = torch.randn(3)
        choice = torch.distributions.Categorical(logits=net(seen))
        action = choice.sample()
        terms.append(-choice.log_prob(action) * (1.0 if action == seen.argmax() else -0.5))
    optimizer.zero_grad()
    torch.stack(terms).sum().backward()
    optimizer.step()
"""
TAGS = """
import torch
from torch import nn
torch.manual_seed(0)
sentences = [torch.randint(0, 9, (4 + number % 3,)) for number in range(40)]

class Tagger(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding, self.lstm, self.tags = nn.Embedding(9, 8), nn.LSTM(8, 8), nn.Linear(8, 2)

    def forward(self, sentence):
        states, _ = self.lstm(self.embedding(sentence).view(len(sentence), 1, -1))
        return self.tags(states.view(len(sentence), -1))

net = Tagger()
optimizer = torch.optim.Adam(net.parameters(), lr=0.02)
for sentence in 2 * sentences[:30]:
    optimizer.zero_grad()
    loss = nn.functional.cross_entropy(net(sentence), (sentence.cumsum(0) % 9 > 4).long())
    loss.backward()
    optimizer.step()
net.eval()
with torch.no_grad():
    right = [(net(one).argmax(1) == (one.cumsum(0) % 9 > 4)).float().mean() for one in sentences[30:]]
print(sum(right) / len(right))
"""
CORRECT = {
    "an image is trained": IMAGE.format(frozen=FROZEN),
    "an image is trained through weights that nobody froze": IMAGE.format(frozen=""),
    "the nodes of one graph": GRAPH,
    "tasks side by side in vmap": META,
    "one state at a time": POLICY,
    "one sentence at a time": TAGS,
}
QUICK = ["an image is trained", "the nodes of one graph"]
MARKED = [pytest.param(name, marks=[] if name in QUICK else pytest.mark.slow) for name in CORRECT]


@pytest.mark.parametrize("name", MARKED)
def test_correct_programs_of_uncommon_kinds_are_left_alone(name, sandbox):
    report = verify({"train.py": CORRECT[name]}, framework="pytorch", sandbox=sandbox, limits=Limits(wall_s=90))
    assert report.status == "passed"
    assert [one.id for one in report.findings if one.severity != "info"] == []


@pytest.mark.parametrize(
    ("layout", "expected"),
    [
        ({"layers": ["recurrent"]}, ("E10", "warning")),
        ({"layers": ["attention"]}, ("E5", "warning")),
        ({"events": {"attention": [{"shape": [2, 4, 8, 8]}]}}, ("E5", "warning")),
        ({}, ("E5", "info")),
    ],
    ids=["a recurrence", "a layer of attention", "attention by hand", "an average alone"],
)
def test_padding_that_is_averaged_with_the_words_is_worth_knowing(layout, expected):
    padding = {"id": 0, "length": 16, "cut_to": 9, "difference": 0.2}
    facts = Facts(steps=9, backwards=9)
    evidence = Evidence(facts=facts, probes={"layout": layout, "padding": padding})
    (found,) = sequences(evidence, facts, Maker("train.py"))
    assert (found.catalogue, found.severity) == expected


@pytest.mark.parametrize(("shape", "expected"), [([2], []), ([64], ["train-test-overlap"])])
def test_samples_of_few_values_may_be_equal_by_chance(shape, expected):
    one = {"order": 0, "complete": True, "passes": 1, "first_after_step": 9, "after_step": 9, "task": "classes"}
    seen = PassFacts(**one, samples=40, hashed=40, unique=30, trained_on=14)
    facts = Facts(steps=9, backwards=9, sections={"data": {"train": {"rows": 110, "shape": shape}}})
    assert [one.id for one in data(Evidence(facts=facts, passes=[seen]), facts, Maker("train.py"))] == expected
