"""Models for the tables of `xaikit.data`, trained when they are asked for: a small network, a random forest.

Both take the rows as they are in `table(name).X`. The same training gives the same model, and no random state
but their own is touched.
"""

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, mse_loss

from xaikit.data import Table, table
from xaikit.zoo.files import read_card

HIDDEN = 16  # neurons in each of the two hidden layers
STEPS, RATE = 200, 1e-2  # of Adam on all rows at once
DECAY = {"iris": 1.0, "wine": 1.0, "breast_cancer": 1.0, "diabetes": 5.0}  # how strongly weights shrink
UNITS = {"diabetes": "progression"}  # what the raw output measures, where it is a number with a meaning


class TableNetwork(nn.Module):
    """A network for rows of a table as they were measured: (n, features) → (n, outputs).

    mean, std  of the columns, (features,), in their own units: the network sees `(x - mean) / std`
    outputs    the classes, whose logits it gives; or one, the number itself in its own unit

    Two hidden layers with ReLU and a linear one, `.model`.
    """

    mean: Tensor
    std: Tensor
    feature_layer = None
    input_size = None

    def __init__(self, mean: Tensor, std: Tensor, outputs: int) -> None:
        super().__init__()
        self.register_buffer("mean", mean)
        self.register_buffer("std", std)
        widths = (len(mean), HIDDEN, HIDDEN, outputs)
        layers: list[nn.Module] = []
        for a, b in pairwise(widths):
            layers += [nn.Linear(a, b, device="cpu", dtype=torch.float32), nn.ReLU()]
        self.model = nn.Sequential(*layers[:-1])

    def forward(self, x: Tensor) -> Tensor:
        """Rows (n, features) → logits (n, classes), or numbers (n, 1)."""
        return self.model((x - self.mean) / self.std)


def fit_network(name: str) -> TableNetwork:
    """The network for the table `name`, trained on its rows for training, in eval mode on the CPU."""
    with torch.inference_mode(False), torch.enable_grad(), torch.random.fork_rng(devices=[]):
        train = table(name)
        torch.random.default_generator.manual_seed(0)
        model = TableNetwork(train.X.mean(0), train.X.std(0), len(train.labels))
        if train.y.is_floating_point():
            _fit_numbers(model, train, DECAY[name])
        else:
            _descend(model, lambda: cross_entropy(model(train.X), train.y), DECAY[name])
    return _described(model.eval(), name, train)


def fit_forest(name: str) -> Any:
    """scikit-learn's random forest for the table `name`, fitted to its rows for training."""
    from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor

    train = table(name)
    kind = RandomForestRegressor if train.y.is_floating_point() else RandomForestClassifier
    model = kind(random_state=0, n_jobs=1).fit(train.X.numpy(), train.y.numpy())
    model.feature_layer = model.input_size = None
    return _described(model, f"{name}_forest", train)


def _described(model: Any, name: str, train: Table) -> Any:
    """The model with `labels`, `features`, `card`, and `unit` where its output is a number with a meaning."""
    model.labels, model.features, model.card = list(train.labels), list(train.features), read_card(name)
    unit = UNITS.get(name.removesuffix("_forest"))
    if unit:
        model.unit = unit
    return model


def _fit_numbers(model: TableNetwork, train: Table, decay: float) -> None:
    """Fit the standardised numbers, then let the last layer give them in their own unit."""
    offset, scale = train.y.mean(), train.y.std()
    wanted = ((train.y - offset) / scale)[:, None]
    _descend(model, lambda: mse_loss(model(train.X), wanted), decay)
    last = model.model[-1]
    with torch.no_grad():
        last.weight.mul_(scale)
        last.bias.mul_(scale).add_(offset)


def _descend(model: nn.Module, loss: Callable[[], Tensor], decay: float) -> None:
    """Adam with decoupled weight decay (Loshchilov 2019), in place.

    Written out: torch's own optimisers import its compiler first, which takes longer than all of this.
    """
    parameters = list(model.parameters())
    means = [torch.zeros_like(p) for p in parameters]
    squares = [torch.zeros_like(p) for p in parameters]
    for step in range(1, STEPS + 1):
        gradients = torch.autograd.grad(loss(), parameters)
        with torch.no_grad():
            for p, g, m, v in zip(parameters, gradients, means, squares, strict=True):
                m.lerp_(g, 0.1)
                v.lerp_(g * g, 0.001)
                direction = m / (1 - 0.9**step) / ((v / (1 - 0.999**step)).sqrt() + 1e-8)
                p.sub_(RATE * (direction + decay * p))
