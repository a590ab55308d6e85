"""Faults of PyTorch training, as rules over what was seen: what is one, and what only looks like one."""

import math

import pytest

from sandbox.contract import Contract
from sandbox.evidence import Evidence, Facts, PassFacts
from sandbox.findings.finding import Maker
from sandbox.findings.training import protocol
from sandbox.findings.training_by_hand import by_hand
from sandbox.findings.training_errors import training_error
from sandbox.findings.training_graph import graph
from sandbox.findings.training_protocol import steps_out_of_order
from sandbox.findings.training_schedules import schedules
from sandbox.findings.training_state import kept_weights, own_functions, structure
from sandbox.findings.training_updates import updates
from sandbox.verdict import is_noise, loss_falls

ADAM = {"name": "Adam", "where": ("train.py", 5), "held": 4, "steps": 50, "learning_rates": [0.01, 0.01]}
FALLING = [3.0 * 0.9**step for step in range(40)]
RISING = [1.0, 40.0, 90.0, 60.0, 50.0, 30.0, 20.0, 10.0, 5.0, 4.0]


def found(
    rule, *, losses=FALLING, probes=None, bounded=None, optimizers=(ADAM,), parameters=(), contract=None, **sections
):
    evidence = Evidence(
        ended=True, losses=[(step, loss, 0) for step, loss in enumerate(losses)], probes=dict(probes or {}),
        contract=contract,
    )  # fmt: skip
    evidence.facts = Facts(
        steps=50, backwards=50, bounded=bounded, optimizers=list(optimizers), parameters=list(parameters),
        gradient_norms=[(1, 1.0)], sections=sections,
    )  # fmt: skip
    return [one.id for one in rule(evidence, evidence.facts, Maker("train.py"))]


def clipping(**counts):
    none = {"empty": 0, "stale": 0, "foreign": 0, "other": 0, "scaled": 0, "scaling_on": True}
    return {"clippings": [{"function": "clip_grad_norm_", "where": ("train.py", 9), "calls": 50, **none, **counts}]}


def scaling(**counts):
    return {"scalings": [{"enabled": True, "scaled": 50, "stepped": 50, "updated": 50, "plain": 0, **counts}]}


def groups(*rows, **more):
    return {"groups": rows, "steps": sum(row[-1] for row in rows), **more}


@pytest.mark.parametrize(
    ("seen", "ids"),
    [
        (clipping(), []),
        (clipping(empty=1), []),
        (clipping(empty=40), ["clipping-without-effect"]),
        (clipping(stale=39, empty=1), ["clipping-without-effect"]),
        (clipping(other=40), ["clipping-without-effect"]),
        (clipping(scaled=40), ["clipping-before-unscale"]),
        (scaling(), []),
        (scaling(stepped=0, plain=50), ["scaler-out-of-order"]),
        (scaling(updated=0), ["scaler-out-of-order"]),
        (scaling(scaled=0), ["scaler-out-of-order"]),
        (groups((1, True, True, 50)), []),
        (groups((4, True, False, 12)), []),
        (groups((2, False, True, 50)), []),
        (groups((4, True, True, 12)), ["accumulation-not-averaged"]),
        (groups((4, True, False, 12), lost=2), ["accumulation-remainder-lost"]),
        (groups((4, True, False, 12), left=3), ["accumulation-remainder-lost"]),
    ],
)
def test_gradients_are_clipped_scaled_and_gathered_in_their_order(seen, ids):
    assert found(steps_out_of_order, protocol=seen) == ids


def test_a_run_that_was_cut_short_has_lost_no_batches():
    seen = groups((4, True, False, 12), left=3)
    assert found(steps_out_of_order, protocol=seen, bounded="after 12 steps") == []


@pytest.mark.parametrize(
    ("update", "passes", "ids"),
    [("accumulated", 1, ["accumulation-missing"]), ("accumulated", 4, []), ("each", 1, []), (None, 1, [])],
)
def test_an_accumulation_that_was_declared_has_to_be_seen(update, passes, ids):
    seen = groups((passes, True, False, 12))
    assert found(steps_out_of_order, protocol=seen, contract=Contract(update=update)) == ids


def schedule(name, *, steps, each=10, period=None, rates=None):
    made = steps * each if steps else 50
    base = {"steps": made, "highest": 0.1, "lowest": 0.01, "zero": 0, "vanished": 0}
    return {"schedules": [{"name": name, "steps": steps, "period": period, "rates": base | (rates or {})}]}


@pytest.mark.parametrize(
    ("seen", "ids"),
    [
        (schedule("CosineAnnealingLR", steps=6, period=("T_max", 6)), []),
        (schedule("CosineAnnealingLR", steps=60, each=1, period=("T_max", 60)), []),
        (schedule("CosineAnnealingLR", steps=60, each=1, period=("T_max", 6)), ["schedule-at-wrong-pace"]),
        (schedule("CosineAnnealingLR", steps=6, period=("T_max", 60)), ["schedule-at-wrong-pace"]),
        (schedule("CosineAnnealingWarmRestarts", steps=60, each=1, period=("T_0", 6)), []),
        (schedule("OneCycleLR", steps=60, each=1, period=("total_steps", 60)), []),
        (schedule("OneCycleLR", steps=6, period=("total_steps", 60)), ["schedule-at-wrong-pace"]),
        (schedule("StepLR", steps=6, period=("step_size", 3)), []),
        (
            schedule("ExponentialLR", steps=60, each=1, rates={"vanished": 45, "lowest": 1e-9}),
            ["schedule-at-wrong-pace"],
        ),
        (schedule("LambdaLR", steps=60, each=1, rates={"zero": 1}), []),
        (schedule("LambdaLR", steps=6, rates={"zero": 20}), ["schedule-at-wrong-pace"]),
        (schedule("StepLR", steps=0), ["scheduler-never-stepped"]),
        ({"schedules": [{"name": "StepLR", "steps": 6}]}, ["scheduler-of-idle-optimizer"]),
    ],
)
def test_a_schedule_is_stepped_as_often_as_it_was_planned_for(seen, ids):
    assert found(schedules, schedules=seen) == ids


def test_a_schedule_may_not_have_been_due_in_a_run_that_was_cut_short():
    assert found(schedules, schedules=schedule("StepLR", steps=0), bounded="after 50 steps") == []


def moves(ratio, *, along=0.3, values=5000):
    return [
        {"step": step, "moved": 4, "ratio": ratio, "along": along, "values": values} for step in range(1, 7)
    ]  # fmt: skip


def weight(shape=(32, 16), *, std=0.2, rms=0.1, **more):
    base = {"name": "layer.weight", "shape": list(shape), "kind": "Linear", "std": std, "constant": std == 0}
    return base | {"uniform": False, "gradient_rms": rms, "sampled": 5, "without": []} | more


ZERO = weight(std=0.0, uniform=True, rms=0.0)


@pytest.mark.parametrize(
    ("seen", "losses", "ids"),
    [
        ({"moves": moves(0.01)}, FALLING, []),
        ({"moves": moves(1e-8)}, FALLING, ["learning-rate-too-low"]),
        ({"moves": moves(2.0)}, RISING, ["learning-rate-too-high"]),
        ({"moves": moves(2.0)}, FALLING, []),
        ({"moves": moves(0.01)}, RISING, []),
        ({"moves": moves(2.0)}, [1.0, 5.0, 9.0, math.inf, math.nan, math.nan], ["learning-rate-too-high"]),
        ({"parameters": [weight(), weight(std=0.0)]}, FALLING, []),
        ({"parameters": [ZERO, ZERO, ZERO]}, FALLING, ["bad-initialisation"]),
        ({"parameters": [ZERO]}, FALLING, []),
        (
            {"parameters": [weight(std=4.0), weight(std=4.0)]},
            [900 * 0.5**step for step in range(20)],
            ["bad-initialisation"],
        ),
        ({"parameters": [weight(std=4.0), weight(std=4.0)]}, FALLING, []),
        ({"parameters": [weight(std=1e-4), weight(std=1e-4)]}, FALLING, ["bad-initialisation"]),
        ({"parameters": [weight(rms=10.0 ** (-9 + i)) for i in range(8)]}, FALLING, ["vanishing-gradients"]),
        ({"parameters": [weight(rms=10.0 ** (-i)) for i in range(8)]}, FALLING, ["vanishing-gradients"]),
        ({"parameters": [weight((48, 16), without=[[16, 32]])]}, FALLING, ["part-without-gradient"]),
        ({"parameters": [weight((48, 16), without=[[24, 48]])]}, FALLING, ["part-without-gradient"]),
        ({"parameters": [weight((48, 16), without=[[3, 9], [16, 32]])]}, FALLING, ["part-without-gradient"]),
        ({"parameters": [weight((48, 16), without=[[3, 9], [20, 30]])]}, FALLING, []),
        ({"parameters": [weight((48, 16), without=[[5, 11]])]}, FALLING, []),
        ({"parameters": [weight((48, 16), without=[[0, 48]])]}, FALLING, []),
        ({"parameters": [weight((48, 16), kind="Embedding", without=[[24, 48]])]}, FALLING, []),
    ],
)
def test_updates_are_neither_too_large_nor_too_small_and_reach_all_rows(seen, losses, ids):
    assert found(updates, updates=seen, losses=losses) == ids


@pytest.mark.parametrize(
    ("along", "values", "noise"),
    [(0.3, 5000, False), (-0.3, 5000, False), (0.01, 5000, True), (0.01, 40, False), (0.2, 114, False)],
)
def test_parameters_that_move_without_regard_to_their_gradients_are_moved_by_noise(along, values, noise):
    seen = {"updates": {"moves": moves(0.01, along=along, values=values)}}
    assert is_noise(Facts(steps=5, backwards=5, sections=seen)) is noise


def test_a_negative_loss_that_cannot_be_negative_does_not_fall():
    losses = [(step, -2.0 - step, 0) for step in range(20)]
    evidence = Evidence(losses=losses)
    evidence.facts = Facts(steps=20, backwards=20, loss_calls=[{"function": "cross_entropy", "calls": 20}])
    assert loss_falls(evidence).status == "skipped"


SIZES = [[1, 20], [2, 20], [3, 20], [4, 20], [5, 20]]
GROWING = [[1, 20], [2, 40], [3, 60], [4, 80], [5, 100]]
BODY = {"name": "body.weight", "values": 9, "trainable": True, "held": True, "gradient": False, "changed": False}
HEAD = {**BODY, "name": "head.weight", "gradient": True, "changed": True}


@pytest.mark.parametrize(
    ("seen", "use", "ids"),
    [
        ({"sizes": SIZES}, {}, []),
        ({"sizes": GROWING}, {}, ["graph-grows"]),
        ({"sizes": [[1, 20], [2, 26], [3, 20], [4, 33], [5, 60]]}, {}, []),
        ({"most_alive": 15}, {}, ["growing-graph"]),
        ({"most_alive": 2}, {}, []),
        ({"renewed": {"[3, 3]": 5}}, {}, ["layer-made-in-forward"]),
        ({"under_autocast": 50}, {}, ["backward-under-autocast"]),
        ({"half": {"float16": 50}}, {}, ["loss-in-half-precision"]),
        ({"half": {"bfloat16": 50}}, {}, []),
        ({}, {"without": [{"name": "body.weight"}]}, ["forward-without-gradient"]),
        ({}, {"used": ["body.weight"], "cuts": [{"what": "detach()", "count": 1}]}, ["parameters-cut-off"]),
        ({}, {"used": ["head.weight"], "cuts": [{"what": "detach()", "count": 1}]}, []),
    ],
)
def test_what_the_graph_of_the_loss_leaves_out_is_named(seen, use, ids):
    assert found(graph, graph=seen, probes={"use": use}, parameters=[BODY, HEAD]) == ids


def load(**counts):
    return {"loads": [{"own": 10, "given": 10, "matched": 10, "missing": [], "unknown": [], **counts}]}


@pytest.mark.parametrize(
    ("seen", "ids"),
    [
        (load(), []),
        (load(matched=8, unknown=["fc.weight"]), []),
        (load(given=2, matched=2), []),
        (load(matched=0, unknown=["module.fc.weight"]), ["weights-not-loaded"]),
        (load(given=0, matched=0), ["weights-not-loaded"]),
        ({"live": [{"used": "loaded", "steps": 9}]}, ["kept-weights-not-copied"]),
        ({"themselves": [{"function": "copy_", "count": 3}]}, ["kept-weights-not-copied"]),
        ({"themselves": [{"function": "lerp_", "count": 3}]}, ["target-is-a-reference"]),
    ],
)
def test_weights_that_are_kept_or_loaded_are_what_they_seem(seen, ids):
    assert found(kept_weights, copies=seen) == ids


def frozen(*names, adapted=False):
    return {"frozen": [{"name": name, "values": 90, "adapted": adapted} for name in names]}


@pytest.mark.parametrize(
    ("seen", "use", "ids"),
    [
        ({}, {}, []),
        ({"references": [{"owner": "net", "names": ["online", "target"]}]}, {}, ["target-is-a-reference"]),
        ({"copied": [{"names": ["table.weight", "head.weight"], "apart": True}]}, {}, ["tied-weights-copied"]),
        ({"repeated": [{"name": "layers", "times": 4}]}, {}, ["one-layer-repeated"]),
        ({"switched": ["body"]}, {}, ["switch-without-effect"]),
        (frozen("body.weight"), {}, ["frozen-at-random"]),
        (frozen("body.weight", adapted=True), {}, []),
        (
            {},
            {"plain": [{"owner": "Net", "name": "mean", "replaced": False, "follows_graph": False}]},
            ["state-not-registered"],
        ),
        ({}, {"plain": [{"owner": "Net", "name": "last", "replaced": True, "follows_graph": True}]}, []),
    ],
)
def test_how_a_model_hangs_together_is_looked_at(seen, use, ids):
    assert found(structure, structure=seen, probes={"use": use}, parameters=[BODY, HEAD]) == ids


@pytest.mark.parametrize(
    ("backward", "slopes", "identity", "ids"),
    [
        (2.0, [2.0, 2.0, 2.0], False, []),
        (1.0, [2.0, 2.0, 2.0], False, ["wrong-backward"]),
        (-1.0, [2.0, 2.0, 2.0], True, []),
        (1.0, [0.0, 0.0, 0.0], False, []),
        (1.0, [2.0, 20.0, 200.0], False, []),
    ],
    ids=["right", "wrong", "gradient reversal", "straight through", "not smooth"],
)
def test_a_backward_pass_is_held_against_small_steps_of_the_forward_pass(backward, slopes, identity, ids):
    trial = {"identity": identity, "backward": backward, "slopes": slopes}
    assert found(own_functions, functions={"tried": [{"name": "Swish", "trials": [trial, trial]}]}) == ids


@pytest.mark.parametrize(
    ("message", "seen", "id"),
    [
        ("one of the variables has been modified by an inplace operation", {}, "in-place-breaks-backward"),
        ("Trying to backward through the graph a second time", {"same_loss": 1}, "backward-twice"),
        ("Trying to backward through the graph a second time", {}, "graph-grows"),
        ("element 0 of tensors does not require grad and does not have a grad_fn", {}, "parameters-never-change"),
        (
            "element 0 of tensors does not require grad and does not have a grad_fn",
            {"unconnected": {"without_gradient": 3}},
            "forward-without-gradient",
        ),
        ("optimizer got an empty parameter list", {}, "layers-not-registered"),
        ("division by zero", {}, None),
    ],
)
def test_an_exception_of_training_is_named(message, seen, id):
    evidence = Evidence(raised={"type": "RuntimeError", "message": message, "steps": 1})
    evidence.facts = Facts(steps=1, backwards=2, sections={"graph": seen})
    named = training_error(evidence, Maker("train.py"), None)
    assert (named and named.id) == id


@pytest.mark.parametrize(
    ("optimizer", "order", "ids"),
    [
        ({"zeroed": 20, "zero_gradients": 20}, {"begun_without": True}, ["step-before-backward"]),
        ({"zeroed": 20, "zero_gradients": 20}, {"begun_without": False}, ["zero-grad-before-step"]),
        ({}, {"begun_without": True, "late": 50, "steps": 50}, ["step-before-backward"]),
        ({}, {"begun_without": True, "late": 0, "steps": 50}, []),
        ({}, {"begun_without": False, "late": 50, "steps": 50}, []),
    ],
)
def test_a_step_before_its_backward_pass_is_told_from_gradients_that_were_cleared(optimizer, order, ids):
    evidence = Evidence(ended=True)
    norms = [] if optimizer else [(1, 1.0)]
    evidence.facts = Facts(
        steps=50, backwards=50, optimizers=[{**ADAM, **optimizer}], gradient_norms=norms, sections={"protocol": order}
    )
    assert [one.id for one in protocol(evidence, evidence.facts, Maker("train.py"))] == ids


@pytest.mark.parametrize(
    ("seen", "ids"),
    [
        ({}, []),
        ({"idle": [{"name": "SGD", "left": 4}]}, ["optimizer-step-missing"]),
        ({"again": [{"count": 5}]}, ["optimizer-made-again"]),
    ],
)
def test_optimisers_over_time_are_told_apart(seen, ids):
    evidence = Evidence(ended=True)
    evidence.facts = Facts(steps=50, backwards=50, gradient_norms=[(1, 1.0)], sections={"optimizers": seen})
    assert [one.id for one in protocol(evidence, evidence.facts, Maker("train.py"))] == ids


def hand(**seen):
    return {"functional": {"steps": 40, **seen}}


@pytest.mark.parametrize(
    ("seen", "ids"),
    [
        (hand(), []),
        (hand(stale=39), ["missing-zero-grad"]),
        (hand(stale=4), []),
        (hand(chain=[4, 32, 3]), ["no-nonlinearity"]),
        (hand(unused=[{"name": "best", "steps": 20}]), ["kept-weights-not-restored"]),
        ({"functional": {"steps": 0, "stale": 39}}, []),
    ],
)
def test_updates_by_hand_are_judged_like_those_of_an_optimiser(seen, ids):
    assert found(by_hand, optimizers=(), **seen) == ids


@pytest.mark.parametrize(
    ("unused", "more", "ids"),
    [
        ({"times": 4, "last": 30}, {}, ["kept-weights-not-restored"]),
        ({"times": 4, "last": 50}, {}, ["kept-weights-not-restored"]),
        ({"times": 1, "last": 50}, {}, []),  # the weights at the end
        ({"times": 40, "last": 49}, {}, []),  # an average of all weights
        ({"times": 4, "last": 30}, {"bounded": "after 50 steps"}, []),
    ],
)
def test_the_best_weights_are_put_back(unused, more, ids):
    assert found(kept_weights, copies={"unused": unused}, **more) == ids


def test_updates_that_follow_the_gradient_are_told():
    moves = [{"step": step, "moved": 4, "ratio": 0.01, "along": along} for step, along in enumerate([-1.0] * 5)]
    assert "loss-maximised" in found(updates, optimizers=(), updates={"moves": moves})
    moves = [{**one, "along": 1.0} for one in moves]
    assert "loss-maximised" not in found(updates, optimizers=(), updates={"moves": moves})


def test_a_model_of_a_later_stage_that_no_optimiser_holds_is_told():
    assert found(structure, structure={"unheld": ["head.weight"]}) == ["parameters-not-optimized"]
    assert found(structure, structure={}) == []


def plateau(figures, mode, lowest=1e-4):
    rates = {"steps": 50, "highest": 1e-2, "lowest": lowest, "zero": 0, "vanished": 0}
    one = {"name": "ReduceLROnPlateau", "steps": len(figures), "mode": mode, "figures": figures, "rates": rates}
    return {"schedules": {"schedules": [one]}}


DOWN = [1.0, 0.8, 0.6, 0.5, 0.4, 0.3]


@pytest.mark.parametrize(
    ("figures", "mode", "lowest", "ids"),
    [
        (DOWN, "max", 1e-4, ["schedule-waits-for-the-opposite"]),
        (DOWN, "min", 1e-4, []),
        (DOWN, "max", 1e-2, []),  # the rate has not come down
        (DOWN[::-1], "min", 1e-4, []),  # a held-out loss that rises: the model is overfitting
        (DOWN[::-1], "max", 1e-4, []),
    ],
)
def test_a_schedule_waits_in_the_direction_in_which_its_figure_improves(figures, mode, lowest, ids):
    assert found(schedules, **plateau(figures, mode, lowest)) == ids


def test_an_accuracy_is_not_waited_for_to_fall():
    shares = [0.7, 0.8, 0.9, 0.91, 0.92, 0.93]
    sections = plateau(shares, "min")
    evidence = Evidence(losses=[(step, loss, 0) for step, loss in enumerate(FALLING)])
    facts = Facts(steps=50, backwards=50, sections=sections)
    assert list(schedules(evidence, facts, Maker("train.py"))) == []
    history = [(10 * place, share) for place, share in enumerate(shares)]
    held_out = PassFacts(
        order=0, complete=True, passes=6, first_after_step=0, after_step=50, task="classes", history=history
    )
    evidence = evidence.model_copy(update={"passes": [held_out]})
    assert [one.catalogue for one in schedules(evidence, facts, Maker("train.py"))] == ["C23"]
