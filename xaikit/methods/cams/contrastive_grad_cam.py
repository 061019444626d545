"""Contrastive Grad-CAM: why this class rather than that one.

F  the score of P, the class that the model sees      Q  the class that it might have seen
J  the loss if Q were true      G^k = ∂J/∂A^k  its slope at the feature map A^k
α_k  the weight of a channel      L  the map
"""

import torch
from torch import Tensor, nn

from ...core.errors import ModelError, OptionError
from ...core.method import method
from ...core.model import Model
from ...core.score import Score, score
from ...core.steps import Step
from ...core.targets import classes_of, resolve_target
from ...core.types import Layer, Steps, Target
from .maps import enlarged, maps_and_slopes


@method("Contrastive Grad-CAM", paper="prabhushankar2020")
def contrastive_grad_cam(
    model: Model,
    x: Tensor,
    *,
    target: Target = None,  # P, the class that the model sees
    contrast: Target = None,  # Q, the class that it might have seen; None: the runner-up
    layer: Layer = None,  # module or dotted name; None: the last with height and width
    upsample: str = "bilinear",  # to the size of x: bilinear, or nearest
) -> Steps[Tensor]:
    r"""Why this class P, rather than that class Q?

    $$L = \max \left( 0, \sum_k \alpha_k A^k \right), \quad
    \alpha_k = \frac{1}{Z} \sum_{ij} \frac{\partial J(P, Q)}{\partial A^k_{ij}}$$

    x is (C, H, W), the result (H, W). J is the loss of the model's answer if Q were the truth: the map shows
    what makes Q costly. P does not stand in it: it is the answer that the model gives, so a target that the
    model does not predict changes the runner-up, and nothing else.

    Example
    >>> import xaikit as xk
    >>> model, x = xk.zoo.load("shapes"), xk.data.shapes(1, seed=0).images[0]
    >>> xk.contrastive_grad_cam(model, x, contrast="star").attribution.shape
    torch.Size([64, 64])

    See also
    grad_cam
    """
    F = score(model, x, target)
    Q = rival(F, contrast)
    cost = nn.CrossEntropyLoss(reduction="none")
    J = Score(model, x, lambda output: cost(output, Q.expand(len(output))))
    yield Step("loss", J(x), r"J(P, Q) = -\log p_Q", "what it would cost to say Q", kind="scalar")
    seen = yield from maps_and_slopes(J, layer)
    A, G = seen.A, seen.G

    alpha = G.mean((1, 2))
    formula = r"\alpha_k = \frac{1}{Z} \sum_{ij} G^k_{ij}"
    yield Step("channel_weights", alpha, formula, "one number a channel")

    L = torch.tensordot(alpha, A, 1).clamp(min=0)
    yield Step("cam", L, r"L = \max(0, \sum_k \alpha_k A^k)", "P rather than Q")
    return (yield from enlarged(L, x, upsample))


def rival(F: Score, contrast: Target) -> Tensor:
    """The class Q as a tensor (1,): the one that is given, or the runner-up."""
    with torch.no_grad():
        logits = classes_of(F.model(F.x[None]), rows=1)
    if contrast is None:
        if logits.shape[1] < 2:
            raise ModelError("a contrast needs two classes at least. Try grad_cam.")
        order = logits[0].argsort(descending=True).tolist()
        index = next(c for c in order if c != F.prediction.index)
    elif callable(contrast):
        raise OptionError("contrast is a class index or a class name. Try contrast=3.")
    else:
        index = resolve_target(contrast, logits, F.model.labels)
    return torch.tensor([index], device=logits.device)
