"""Class activation maps: a weighted sum of the feature maps of one layer, laid over the picture.

F  the score that is explained      A^k  the k-th feature map, (h, w)      G^k = ∂F/∂A^k  the slope there
w_k  the weight of a class in the last layer      α_k  the weight of a channel      L  the map
"""

import torch
from torch import Tensor, nn

from ..core.errors import yes_or_no
from ..core.features import activation_maps, class_weights, feature_maps, rival, score_of_nothing
from ..core.method import method
from ..core.model import Model, Score, score
from ..core.pictures import resized, stretched
from ..core.segmentation import Place, Region, explained_region, pooled
from ..core.stack import Lazy, Stack, along
from ..core.steps import Check, Step
from ..core.types import Layer, Steps, Target

SEEN = r"A^k"
SLOPE = r"G^k = \partial F / \partial A^k"
RELU = r"L = \max(0, \cdot)"


@method("CAM", paper="zhou2016", promises=("completeness",))
def cam(
    model: Model,
    x: Tensor,
    *,
    target: Target = None,
    layer: Layer = None,  # the one before the global average; None: the last with height and width
    upsample: str = "bilinear",  # to the size of x: bilinear, or nearest
) -> Steps[Tensor]:
    r"""Where does the last layer, which only averages and weighs, find what it calls the class?

    $$L_{ij} = \sum_k w_k A^k_{ij}, \quad F(x) = \frac{1}{Z} \sum_{ij} L_{ij} + b$$

    x is (C, H, W), the result (H, W) in units of the score. It needs a network that ends in a global average
    and one linear layer; there the mean of the map is the score less its bias.
    """
    F = score(model, x, target)
    A = activation_maps(F, layer)
    yield Step("feature_maps", A, SEEN, "what the layer sees", kind="heatmaps")
    w, b = class_weights(F, A)
    yield Step("class_weights", w, r"w_k", "what each channel means to the class")
    yield weighted_maps(r"w_k A^k", w, A)

    L = torch.tensordot(w, A, 1)
    yield Step("cam", L, r"L = \sum_k w_k A^k", "the score, before it was averaged")
    yield Check("completeness", L.mean(), F(x) - b, r"\frac{1}{Z} \sum_{ij} L_{ij} = F(x) - b", rel_tol=1e-3)
    return (yield from enlarged(L, x, upsample))


@method("Grad-CAM", paper="selvaraju2017")
def grad_cam(
    model: Model,
    x: Tensor,
    *,
    target: Target = None,
    layer: Layer = None,  # module or dotted name; None: the last with height and width
    relu: bool = True,  # keep only what speaks for the class
    upsample: str = "bilinear",  # to the size of x: bilinear, or nearest
) -> Steps[Tensor]:
    r"""Where would more of what the layer sees raise the score, channel by channel?

    $$L = \max \left( 0, \sum_k \alpha_k A^k \right), \quad
    \alpha_k = \frac{1}{Z} \sum_{ij} \frac{\partial F}{\partial A^k_{ij}}$$

    x is (C, H, W), the result (H, W), in units of the score per cell of the layer. On a network that ends in
    a global average and one linear layer it is `cam` divided by the number of cells.
    The check asks whether the map adds up to the change of the score from an empty layer: there it does.
    """
    F = score(model, x, target)
    name, A, alpha = yield from averaged(F, layer)
    yield weighted_maps(r"\alpha_k A^k", alpha, A)

    L = torch.tensordot(alpha, A, 1)
    yield Step("combination", L, r"\sum_k \alpha_k A^k", "before the ReLU")
    yield linearity(F, name, L)
    L = L.clamp(min=0) if yes_or_no("relu", relu) else L
    yield Step("cam", L, RELU, "what speaks for the class")
    return (yield from enlarged(L, x, upsample))


@method("Grad-CAM++", paper="chattopadhay2018")
def grad_cam_plus_plus(
    model: Model,
    x: Tensor,
    *,
    target: Target = None,
    layer: Layer = None,  # module or dotted name; None: the last with height and width
    upsample: str = "bilinear",  # to the size of x: bilinear, or nearest
) -> Steps[Tensor]:
    r"""Where, if each place that speaks for the class counts alike, however small it is?

    $$\alpha_k = \sum_{ij} a^k_{ij} \max(0, G^k_{ij}), \quad
    a^k_{ij} = \frac{(G^k_{ij})^2}{2 (G^k_{ij})^2 + \sum_{pq} A^k_{pq} (G^k_{ij})^3}$$

    x is (C, H, W), the result (H, W), without a unit that means anything.

    Deviations from the paper: 1. the score stands where the paper has its exponential, whose derivatives are
    these powers up to a common factor.
    """
    F = score(model, x, target)
    _, A, G = yield from seen(F, layer)
    total = along(A.sum((1, 2)), A[0])
    a = torch.where(G == 0, 0, G**2 / (2 * G**2 + total * G**3 + 1e-6))
    formula = r"a^k_{ij} = G^2 / (2 G^2 + \sum_{pq} A^k_{pq} G^3)"
    yield Step("alphas", a, formula, "a share for every cell", kind="heatmaps")
    alpha = (a * G.clamp(min=0)).sum((1, 2))
    yield Step("channel_weights", alpha, r"\alpha_k = \sum_{ij} a^k_{ij} \max(0, G^k_{ij})", "never below 0")

    L = torch.tensordot(alpha, A, 1).clamp(min=0)
    yield Step("cam", L, r"L = \max(0, \sum_k \alpha_k A^k)", "what speaks for the class")
    return (yield from enlarged(L, x, upsample))


@method("HiResCAM", paper="draelos2020")
def hires_cam(
    model: Model,
    x: Tensor,
    *,
    target: Target = None,
    layer: Layer = None,  # module or dotted name; None: the last with height and width
    upsample: str = "bilinear",  # to the size of x: bilinear, or nearest
) -> Steps[Tensor]:
    r"""Where did the network look, if no slope is averaged away?

    $$L = \sum_k G^k \odot A^k$$

    x is (C, H, W), the result (H, W) in units of the score, with its sign. Where one linear layer follows
    the feature maps, the map adds up to the score less its bias: the check measures how near that is.
    """
    F = score(model, x, target)
    name, A, G = yield from seen(F, layer)
    products = Lazy(lambda: G * A)
    yield Step("products", products, r"G^k \odot A^k", "cell by cell, nothing averaged", kind="heatmaps")
    L = (G * A).sum(0)
    yield Step("cam", L, r"L = \sum_k G^k \odot A^k", "the evidence, cell by cell")
    yield linearity(F, name, L)
    return (yield from enlarged(L, x, upsample))


@method("Layer-CAM", paper="jiang2021")
def layer_cam(
    model: Model,
    x: Tensor,
    *,
    target: Target = None,
    layer: Layer = None,  # module or dotted name; None: the last with height and width
    upsample: str = "bilinear",  # to the size of x: bilinear, or nearest
) -> Steps[Tensor]:
    r"""Where, also in an early layer with fine cells, does the evidence for the class lie?

    $$L = \max \left( 0, \sum_k \max(0, G^k) \odot A^k \right)$$

    x is (C, H, W), the result (H, W), in units of the score.
    """
    F = score(model, x, target)
    _, A, G = yield from seen(F, layer)
    w = G.clamp(min=0)
    yield Step("cell_weights", w, r"w^k = \max(0, G^k)", "a weight for every cell", kind="heatmaps")
    L = (w * A).sum(0).clamp(min=0)
    yield Step("cam", L, r"L = \max(0, \sum_k w^k \odot A^k)", "what speaks for the class")
    return (yield from enlarged(L, x, upsample))


@method("Score-CAM", paper="wang2020")
def score_cam(
    model: Model,
    x: Tensor,
    *,
    target: Target = None,
    layer: Layer = None,  # module or dotted name; None: the last with height and width
    upsample: str = "bilinear",  # to the size of x: bilinear, or nearest
) -> Steps[Tensor]:
    r"""How much of the score is left if only what one channel looks at is shown?

    $$L = \max \left( 0, \sum_k \alpha_k A^k \right), \quad
    \alpha = \mathrm{softmax}_k \, F(x \odot H_k)$$

    x is (C, H, W), the result (H, W), in units of the layer. H_k is the feature map, enlarged and stretched
    to [0, 1]; the model is asked once a channel, and no gradient is needed.
    """
    F = score(model, x, target)
    A = activation_maps(F, layer)
    yield Step("feature_maps", A, SEEN, "what the layer sees", kind="heatmaps")
    at_once = model.rows_at_once(x)
    as_mask = lambda k: stretched(resized(A[k], x, upsample))  # noqa: E731
    masks = Stack(len(A), as_mask, batch_size=at_once, keep=model.retain)
    formula = r"H_k = (A^k - \min A^k) / (\max A^k - \min A^k)"
    yield Step("masks", masks, formula, "each channel as a mask", kind="masks")
    masked = masks.map(lambda where, H: x * H[:, None])
    yield Step("masked", masked, r"x \odot H_k", "what one channel lets through", kind="images")
    scores = torch.cat([F(rows) for _, rows in masked.batches()])
    yield Step("scores", scores, r"F(x \odot H_k)", "what the model says of it", kind="curve")
    alpha = scores.softmax(0)
    yield Step("channel_weights", alpha, r"\alpha = \mathrm{softmax}_k F(x \odot H_k)", "they add up to one")

    L = torch.tensordot(alpha, A, 1).clamp(min=0)
    yield Step("cam", L, r"L = \max(0, \sum_k \alpha_k A^k)", "what speaks for the class")
    return (yield from enlarged(L, x, upsample))


@method("Eigen-CAM", paper="muhammad2020")
def eigen_cam(
    model: Model,
    x: Tensor,
    *,
    target: Target = None,  # it has no say in the map, which is the same for every class
    layer: Layer = None,  # module or dotted name; None: the last with height and width
    upsample: str = "bilinear",  # to the size of x: bilinear, or nearest
) -> Steps[Tensor]:
    r"""What is most in view for the layer, whatever the class?

    $$L = (A - \bar A) \, v_1, \quad v_1 \ \mathrm{the\ first\ principal\ direction\ of\ the\ channels}$$

    x is (C, H, W), the result (H, W), in units of the layer.

    Deviations from the paper: 1. the channels are centred before the decomposition. 2. of the direction's two
    signs, the one is taken in which the map grows with the mean of the channels.
    """
    F = score(model, x, target)
    A = activation_maps(F, layer)
    yield Step("feature_maps", A, SEEN, "what the layer sees", kind="heatmaps")
    cells = A.flatten(1).T
    centered = cells - cells.mean(0)
    yield Step("centered", centered.T.reshape(A.shape), r"A^k - \bar A^k", "less its mean", kind="heatmaps")
    wide = centered.to(torch.promote_types(centered.dtype, torch.float32))  # no half precision in there
    _, singular_values, directions = (part.to(A) for part in torch.linalg.svd(wide, full_matrices=False))
    yield Step("singular_values", singular_values, r"s_1 \geq s_2 \geq \dots", "how even", kind="curve")
    v = directions[0]
    v = torch.where((centered @ v) @ centered.mean(1) < 0, -v, v)
    yield Step("principal_direction", v, r"v_1", "a weight for each channel")

    L = (centered @ v).reshape(A.shape[1:]).clamp(min=0)
    yield Step("cam", L, r"L = \max(0, \sum_k v_{1,k} (A^k - \bar A^k))", "no class has a say in it")
    return (yield from enlarged(L, x, upsample))


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
    """
    F = score(model, x, target)
    Q = rival(F, contrast)
    cost = nn.CrossEntropyLoss(reduction="none")
    J = Score(model, x, lambda output: cost(output, Q.expand(len(output))))
    yield Step("loss", J(x), r"J(P, Q) = -\log p_Q", "what it would cost to say Q", kind="scalar")
    _, A, alpha = yield from averaged(J, layer)

    L = torch.tensordot(alpha, A, 1).clamp(min=0)
    yield Step("cam", L, r"L = \max(0, \sum_k \alpha_k A^k)", "P rather than Q")
    return (yield from enlarged(L, x, upsample))


@method("Seg-Grad-CAM", paper="vinogradova2020", explains="pixels")
def seg_grad_cam(
    model: Model,
    x: Tensor,
    *,
    target: Target = None,  # the class; None: the one with most pixels besides the first, the background
    region: Region = "class",  # whose pixels: class, all of it; object, a part of it; pixel; or a mask (H, W)
    at: Place = None,  # (row, column): the pixel, or in the object; None: the surest, the largest
    layer: Layer = None,  # module or dotted name; None: the model's feature_layer, or the last
    relu: bool = True,  # keep only what speaks for the region
    upsample: str = "bilinear",  # to the size of x: bilinear, or nearest
) -> Steps[Tensor]:
    r"""Why did these pixels, one, an object or a whole class, get their label?

    $$L = \max \left( 0, \sum_k \alpha_k A^k \right), \quad
    \alpha_k = \frac{1}{Z} \sum_{ij} \frac{\partial}{\partial A^k_{ij}} \sum_{p \in M} y^c_p$$

    x is (C, H, W), the model answers with scores (classes, H, W); the result is (H, W). With one pixel, the
    slope is that of its own score.
    """
    M, index, prediction = explained_region(model, x, target, region, at)
    formula = r"\mathrm{argmax}_c \, y^c_p"
    yield Step("mask_prediction", prediction, formula, "what the model sees", kind="segments")
    yield Step("region", M[None], r"M", "the pixels to be explained", kind="masks")
    F = score(model, x, pooled(M, index, model))
    name, A, alpha = yield from averaged(F, layer)

    L = torch.tensordot(alpha, A, 1)
    yield linearity(F, name, L)
    L = L.clamp(min=0) if yes_or_no("relu", relu) else L
    yield Step("cam", L, r"L = \max(0, \sum_k \alpha_k A^k)", "what speaks for the region")
    return (yield from enlarged(L, x, upsample))


# What they have in common ---------------------------------------------------------------------------------


def seen(F: Score, layer: Layer) -> Steps[tuple[str, Tensor, Tensor]]:
    """The first two steps: what the layer gave, and the slope of the score there."""
    name, A, G = feature_maps(F, layer)
    yield Step("feature_maps", A, SEEN, "what the layer sees", kind="heatmaps")
    yield Step("gradients", G, SLOPE, "what a cell would change", kind="heatmaps")
    return name, A, G


def averaged(F: Score, layer: Layer) -> Steps[tuple[str, Tensor, Tensor]]:
    """The first three of Grad-CAM and what follows it: the weight of a channel is its mean slope."""
    name, A, G = yield from seen(F, layer)
    alpha = G.mean((1, 2))
    formula = r"\alpha_k = \frac{1}{Z} \sum_{ij} G^k_{ij}"
    yield Step("channel_weights", alpha, formula, "one number a channel")
    return name, A, alpha


def weighted_maps(formula: str, weights: Tensor, A: Tensor) -> Step:
    """Each feature map times the weight of its channel; computed when it is looked at."""
    weighted = Lazy(lambda: along(weights, A[0]) * A)
    return Step("weighted_maps", weighted, formula, "for and against", kind="heatmaps")


def enlarged(L: Tensor, x: Tensor, upsample: str) -> Steps[Tensor]:
    """The last step: the map at the size of the picture, and whether its mean survived that."""
    attribution = resized(L[None], x, upsample)[0]
    note = "smooth, but no finer than its cells"
    yield Step("attribution", attribution, r"\phi = \mathrm{enlarge}(L)", note)
    formula = r"\mathrm{mean}\, \phi = \mathrm{mean}\, L"
    tolerance = 0.05 * float(L.abs().max()) + 1e-12
    yield Check("upsampling", attribution.mean(), L.mean(), formula, abs_tol=tolerance)
    return attribution


def linearity(F: Score, name: str, L: Tensor) -> Check:
    """Whether the map accounts for the score's change from an empty layer: if the rest is linear, it does."""
    formula = r"\sum_{ij} L_{ij} = F(x) - F(A = 0)"
    return Check("linearity", L.sum(), F(F.x) - score_of_nothing(F, name), formula)
