"""Sanity checks: does a map change when what the model has learned is taken from it?

φ  the explanation of the model as it is      φ_l  that of a copy whose layers down to l are random
ρ_l  how similar the two are
"""

import copy
from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from ..core.errors import InputError, ModelError, one_of, whole_number
from ..core.explanation import Explanation
from ..core.method import metric
from ..core.registry import METHODS
from ..core.sampling import generator
from ..core.stack import progress
from ..core.steps import Check, Step
from ..core.types import Steps
from ..network.probe import find_layer

OWN = ("score", "explanation")  # parameters of an explanation that are no options of its method


@metric("Parameter Randomization", paper="adebayo2018")
def parameter_randomization(
    explanation: Explanation,
    *,
    order: str = "cascading",  # from the last layer down, all so far random; or independent, one at a time
    similarity: str = "rank",  # rank: Spearman's correlation; or ssim: structural similarity
    signs: str = "magnitude",  # what is compared of an attribution: its magnitude, or the signed values
    n_steps: int | None = None,  # in so many groups of layers; None: every layer on its own
    seed: int = 0,
) -> Steps[Tensor]:
    r"""How much does the map still look the same when the model's weights are random?

    $$\rho_l = \mathrm{corr}(\mathrm{rank}\, |\phi|, \mathrm{rank}\, |\phi_l|)$$

    The result is the mean of the similarities, a number from −1 to 1: a map that shows what the model has
    learned should score near 0. The model itself is not touched: the weights of a copy are drawn anew, as its
    layers draw them when they are made.
    """
    one_of("order", order, ("cascading", "independent"))
    one_of("similarity", similarity, SIMILARITIES)
    groups = grouped(explanation, n_steps)
    names = [group[0] if len(group) == 1 else f"{group[0]} … {group[-1]}" for group in groups]
    yield Step("layers", names, r"l", "from the last layer down", kind="text")
    original = one_a_pixel(explanation.attribution, signs)
    yield Step("original", original, r"\phi", "the map of the model as it is")

    maps, scores = [], []
    for again in explained_again(explanation, groups, order, seed):
        maps.append(one_a_pixel(again.attribution, signs))
        scores.append(again.prediction.score if again.prediction else 0.0)
    randomized, formula = torch.stack([m / (m.abs().max() + 1e-30) for m in maps]), r"\phi_l / \max |\phi_l|"
    yield Step("randomized", randomized, formula, "the same method, another model", kind="heatmaps")
    yield Step("scores", torch.tensor(scores), r"F_l(x)", "what the random models say", kind="curve")

    similarities = torch.tensor([SIMILARITIES[similarity](original, m) for m in randomized])
    yield Step("similarities", similarities, r"\rho_l", "1: nothing has changed", kind="curve")
    mean = similarities.mean()
    yield Step("mean_similarity", mean, r"\frac{1}{n} \sum_l \rho_l", "over all layers", kind="scalar")
    yield Check.bound("forgets", similarities[-1].abs(), 0.5, r"|\rho_L| \leq 0.5")
    return mean


# What is random, and how much is left -----------------------------------------------------------------------


def grouped(explanation: Explanation, n_steps: int | None) -> list[list[str]]:
    """The layers that have weights, from the last one down, in as many groups as asked for."""
    module = getattr(explanation.model, "module", None)
    if not isinstance(module, nn.Module) or explanation.method not in METHODS:
        raise InputError(
            "the explanation must still have its model, whose weights are drawn anew; one that was loaded or "
            "came from elsewhere has none. Try explaining again."
        )
    layers = [name for name, m in module.named_modules() if any(True for _ in m.parameters(recurse=False))][
        ::-1
    ]
    if not layers:
        raise ModelError("the model has no weights that could be random. Try another model.")
    if n_steps is None:
        return [[name] for name in layers]
    n = min(whole_number("n_steps", n_steps, 8), len(layers))
    return [list(group) for group in np.array_split(np.array(layers, dtype=object), n)]


def explained_again(
    explanation: Explanation, groups: list[list[str]], order: str, seed: int
) -> Iterator[Explanation]:
    """The same explanation of copies of the model, one for each group of layers that is random."""
    e, method = explanation, METHODS[explanation.method]
    module: Any = e.model.module  # type: ignore[union-attr]
    options = {name: value for name, value in e.parameters.items() if name not in OWN}
    if isinstance(options.get("layer"), nn.Module):
        options["layer"] = find_layer(module, options["layer"])[0]  # the copy has its own
    if e.prediction is not None and e.prediction.index is not None:
        options["target"] = e.prediction.index  # the copy may predict another class
    random = copy.deepcopy(module)
    for k in progress(range(len(groups))):
        if order == "independent" and k:
            random = copy.deepcopy(module)
        for name in groups[k]:
            redraw(random.get_submodule(name), int(generator(seed, k).integers(2**31)))
        again = method(random, e.x, score=e.parameters["score"], keep="result", **options)
        e.model.forward_samples += again.cost["forward"]  # type: ignore[union-attr]
        e.model.backward_samples += again.cost["backward"]  # type: ignore[union-attr]
        yield again


def redraw(layer: nn.Module, seed: int) -> None:
    """New weights for one layer: as it draws them itself, or else its own numbers in another order."""
    place = next(layer.parameters()).device
    with torch.random.fork_rng(devices=[]), torch.no_grad():
        torch.manual_seed(seed)
        own = list(layer.parameters(recurse=False))
        if hasattr(layer, "reset_parameters"):
            layer.cpu().reset_parameters()  # type: ignore[operator]  (the same numbers on every device)
            layer.to(place)
            return
        for p in own:
            order = torch.randperm(p.numel()).to(p.device)
            p.copy_(p.flatten()[order].reshape(p.shape))


def one_a_pixel(attribution: Tensor, signs: str) -> Tensor:
    """A map (H, W), or a row (features,), summed over channels; its magnitude if signs do not count."""
    one_of("signs", signs, ("magnitude", "signed"))
    summed = attribution.detach().cpu().double()
    summed = summed.sum(0) if summed.dim() == 3 else summed
    return summed.abs() if signs == "magnitude" else summed


def rank_correlation(one: Tensor, other: Tensor) -> float:
    """Spearman's: the correlation of the ranks, equal values sharing theirs; 0 for a flat map."""
    from scipy.stats import rankdata  # scipy comes with scikit-learn

    a, b = (rankdata(values.flatten().numpy()) for values in (one, other))
    if np.ptp(a) == 0 or np.ptp(b) == 0:
        return 0.0
    return float(np.corrcoef(a, b)[0, 1])


def structural_similarity(one: Tensor, other: Tensor) -> float:
    """SSIM of the two maps, each stretched to [0, 1]."""
    from skimage.metrics import structural_similarity as ssim

    if one.dim() != 2 or min(one.shape) < 7:
        raise InputError("ssim compares maps of 7 × 7 pixels or more. Try similarity='rank'.")
    a, b = (((v - v.min()) / (v.max() - v.min() + 1e-12)).numpy() for v in (one, other))
    similarity: Any = ssim(a, b, data_range=1.0)
    return float(similarity)


SIMILARITIES = {"rank": rank_correlation, "ssim": structural_similarity}
