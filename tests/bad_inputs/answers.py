"""What must come of bad input: an error that helps, or an explanation that is right."""

import torch

import xaikit as xk

from .. import networks
from ..laws import record_of
from ..networks import SUGGESTION, same_state, state


def attempt(name, model, x, **given) -> xk.Explanation | None:
    """The explanation, or None after an error that helps; anything else fails the test."""
    before = state(model) if isinstance(model, torch.nn.Module) else None
    untouched = x.detach().clone() if isinstance(x, torch.Tensor) and x.layout is torch.strided else None
    message, explanation = "", None
    try:
        explanation = networks.method_of(name)(networks.fitting(name, model), x, **given)
    except xk.errors.XaikitError as error:
        message = str(error)
    assert explanation is not None or SUGGESTION.search(message), f"does not say what to try: {message}"
    assert len(message) < 600, "too long to be read"
    if before is not None:
        assert same_state(before, state(model))
    if untouched is not None:
        assert same_state(x.detach().nan_to_num(7), untouched.nan_to_num(7))
    return explanation


def resolved(target, labels) -> int | None:
    """The class that a good target means for three classes; None for the predicted one."""
    if target is None or callable(target):
        return target
    return (
        [label.lower() for label in labels].index(target.lower()) if isinstance(target, str) else int(target)
    )


def score_of(model, leaf, target, kind):
    """The score as a sum over nothing but its definition."""
    out = model(leaf[None])
    if callable(target):
        return target(out)[0]
    out = {"logit": out, "probability": out.softmax(1), "log_probability": out.log_softmax(1)}[kind]
    return out[0, target]


def oracle(explanation, model):
    """What the attribution should be, one point after the other, in the model's own precision."""
    expected = record_of(explanation.method).oracle
    if expected is None:
        return None
    model, given = model.eval(), explanation.parameters
    target = resolved(given["target"], getattr(model, "labels", []))
    target = int(model(explanation.x[None]).argmax()) if target is None else target
    asked = given.get("metric") or target
    return expected(explanation, lambda point: score_of(model, point, asked, given["score"]))


def right(explanation, model) -> None:
    """The attribution has the example's shape and no NaN, and is what the oracle says."""
    found = explanation.attribution
    x = explanation.x
    assert torch.isfinite(found).all()
    if not isinstance(x, torch.Tensor):
        assert found.shape == (len(explanation.names),)
        return
    in_groups = "groups" in explanation.parameters and found.shape != x.shape
    one_a_pixel = x.dim() == 3 and (record_of(explanation.method).one_a_pixel or in_groups)
    assert found.shape == (x.shape[1:] if one_a_pixel else x.shape)
    if x.dim() != 3:
        return
    expected = oracle(explanation, model)
    if expected is not None and explanation.x.abs().max() < 1e6 and not begins_at_a_tie(explanation):
        floor = (
            1e-6 if explanation.cost["backward"] else 1e-3
        )  # differences of scores are coarser than slopes
        assert ((found - expected).abs().max() / expected.abs().max().clamp_min(floor)) < 1e-3


def begins_at_a_tie(explanation) -> bool:
    """Whether a slope is taken at a flat picture, where the last bit decides which of equal numbers wins."""
    given = explanation.parameters
    if given.get("rule") not in ("left", "trapezoid") or "baseline" not in given:
        return False
    x0 = xk.baselines.make(given["baseline"], explanation.x)
    return bool((x0.flatten(1) == x0.flatten(1)[:, :1]).sum() > x0.numel() / 4)
