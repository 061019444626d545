"""Small networks whose right explanation is known, and networks that make trouble; each is built afresh.

Everything stands on the device that the environment variable XAIKIT_DEVICE names (the CPU without it).
"""

import functools
import os
import re
import zlib
from typing import Any

import torch
import torch.nn.functional as nnf
from torch import Tensor, nn

import xaikit as xk
from xaikit.core.model import evaluation_mode

DEVICE = torch.device(os.environ.get("XAIKIT_DEVICE") or "cpu")

#: What a helpful message has in it: a suggestion, the values that are allowed, or what there is.
SUGGESTION = re.compile(
    r"\bTry\b|\btry\b|one of|Did you mean|There is|takes|Give|Leave|Say which|needs|from \d+ ?to|number from"
)


def tensor(*values, dtype: torch.dtype = torch.float32) -> Tensor:
    """`tensor(1, 2, 3)` is an example with three features."""
    return torch.tensor(values, dtype=dtype, device=DEVICE)


def random(*shape: int, seed: int = 0, dtype: torch.dtype = torch.float32) -> Tensor:
    """Numbers uniform in [0, 1), the same on every device; the global generator is left alone."""
    drawn = torch.rand(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    return drawn.to(DEVICE, dtype)


def seeded(build, seed: int = 0) -> nn.Module:
    """A network with the initial weights that belong to a seed, in eval mode."""
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(seed)  # the CPU's alone: torch.manual_seed is slow without a GPU
        return build().to(DEVICE).eval()


class Function(nn.Module):
    """A formula as a model: a function from (n, …) to (n, classes)."""

    def __init__(self, function) -> None:
        super().__init__()
        self.function = function

    def forward(self, x: Tensor):
        """The formula."""
        return self.function(x)


# Networks that are worked by hand --------------------------------------------------------------------------


def linear(weight, bias: float = 0.0) -> nn.Module:
    """F(x) = w · x + b for an example of any shape; the one output is the score."""
    w = torch.as_tensor(weight, dtype=torch.float32)
    layer = nn.Linear(w.numel(), 1)
    with torch.no_grad():
        layer.weight.copy_(w.flatten()[None])
        layer.bias.fill_(bias)
    return nn.Sequential(nn.Flatten(), layer).to(DEVICE).eval()


def clamp() -> nn.Module:
    """1 - relu(1 - x), element by element: slope 1 below one, 0 from one on."""
    return Function(lambda x: 1 - nnf.relu(1 - x))


def product() -> nn.Module:
    """x1 x2."""
    return Function(lambda x: x[:, :1] * x[:, 1:2])


def sum_of_squares() -> nn.Module:
    """x1² + x2² + …"""
    return Function(lambda x: (x**2).flatten(1).sum(1, keepdim=True))


def additive() -> nn.Module:
    """5a + b² + sin c."""
    return Function(lambda x: (5 * x[:, 0] + x[:, 1] ** 2 + torch.sin(x[:, 2]))[:, None])


def p2() -> nn.Module:
    """relu(relu(x1) - 1 - relu(x2)): equal to `p3` at every input, wired otherwise."""
    return Function(lambda x: nnf.relu(nnf.relu(x[:, :1]) - 1 - nnf.relu(x[:, 1:2])))


def p3() -> nn.Module:
    """relu(relu(x1 - 1) - relu(x2))."""
    return Function(lambda x: nnf.relu(nnf.relu(x[:, :1] - 1) - nnf.relu(x[:, 1:2])))


class M4(nn.Module):
    """With s = x1 + x2 + x3: out0 = relu(s - 10) + 3 relu(s + 1) - 1 and out1 = out0 + 2."""

    def __init__(self) -> None:
        super().__init__()
        self.l0, self.l1, self.relu, self.l2 = nn.Linear(3, 3), nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 2)
        with torch.no_grad():
            self.l0.weight.copy_(torch.eye(3))
            self.l0.bias.zero_()
            self.l1.weight.fill_(1)
            self.l1.bias.copy_(torch.tensor([-10.0, 1, 1, 1]))
            self.l2.weight.fill_(1)
            self.l2.bias.copy_(torch.tensor([-1.0, 1]))

    def forward(self, x: Tensor) -> Tensor:
        """(n, 3) → (n, 2)."""
        return self.l2(self.relu(self.l1(self.l0(x))))


def m4() -> nn.Module:
    """M4 on the device, in eval mode."""
    return M4().to(DEVICE).eval()


class Conv(nn.Module):
    """1×4×4 → two 3×3 convolutions of ones, ReLU, eight numbers, four times their signed sum, ReLU."""

    def __init__(self) -> None:
        super().__init__()
        self.conv, self.r1, self.fc, self.r2 = nn.Conv2d(1, 2, 3), nn.ReLU(), nn.Linear(8, 4), nn.ReLU()
        with torch.no_grad():
            self.conv.weight.fill_(1)
            self.conv.bias.copy_(torch.tensor([-50.0, -75]))
            self.fc.weight.copy_(torch.tensor([1.0, 1, 1, 1, 1, -1, -1, -1]).expand(4, 8))
            self.fc.bias.zero_()

    def forward(self, x: Tensor) -> Tensor:
        """(n, 1, 4, 4) → (n, 4)."""
        return self.r2(self.fc(self.r1(self.conv(x)).flatten(1)))


def conv() -> nn.Module:
    """CONV on the device, in eval mode."""
    return Conv().to(DEVICE).eval()


def ramp() -> Tensor:
    """The picture 0 … 15 for `conv`, row by row."""
    return torch.arange(16.0, device=DEVICE).reshape(1, 4, 4)


def slrp(first: float = 2.0) -> nn.Module:
    """3 → 3 → 1 without biases: all weights 2 (the very first one `first`), ReLU, all weights 3."""
    net = nn.Sequential(nn.Linear(3, 3, bias=False), nn.ReLU(), nn.Linear(3, 1, bias=False))
    with torch.no_grad():
        net[0].weight.fill_(2)
        net[0].weight[0, 0] = first
        net[2].weight.fill_(3)
    return net.to(DEVICE).eval()


# Networks with random weights ------------------------------------------------------------------------------


def smooth_mlp(n_inputs: int = 8, seed: int = 0) -> nn.Module:
    """tanh and softplus: infinitely often differentiable, in double precision, steep enough to be curved."""

    def build() -> nn.Module:
        net = nn.Sequential(
            nn.Linear(n_inputs, 16), nn.Tanh(), nn.Linear(16, 16), nn.Softplus(), nn.Linear(16, 3)
        )
        with torch.no_grad():
            net[0].weight.mul_(3)
            net[2].weight.mul_(3)
        return net.double()

    return seeded(build, seed)


def small_cnn(seed: int = 0, inplace: bool = False) -> nn.Module:
    """A picture (3, H, W) → three classes, with module ReLUs, in place if asked."""
    return seeded(
        lambda: nn.Sequential(
            nn.Conv2d(3, 6, 3, padding=1), nn.ReLU(inplace), nn.MaxPool2d(2), nn.Conv2d(6, 8, 3, padding=1),
            nn.ReLU(inplace), nn.AdaptiveAvgPool2d(2), nn.Flatten(), nn.Linear(32, 3),
        ),
        seed,
    )  # fmt: skip


class FunctionalReLU(nn.Module):
    """Much like `small_cnn`, but its ReLUs are functions, one of them in place, and one sum is residual."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.second = nn.Conv2d(3, 6, 3, padding=1), nn.Conv2d(6, 6, 3, padding=1)
        self.last = nn.Linear(24, 3)

    def forward(self, x: Tensor) -> Tensor:
        """(n, 3, H, W) → (n, 3)."""
        hidden = nnf.max_pool2d(nnf.relu(self.first(x)), 2)
        hidden = (hidden + self.second(hidden)).relu_()
        return self.last(nnf.adaptive_avg_pool2d(hidden, 2).flatten(1))


def functional_relu_cnn(seed: int = 0) -> nn.Module:
    """`FunctionalReLU` with seeded weights."""
    return seeded(FunctionalReLU, seed)


def halves_its_input() -> nn.Module:
    """Its first layer writes half of its input over it."""
    return nn.Sequential(Function(lambda x: x.mul_(0.5)), small_cnn())


class Training(nn.Module):
    """Dropout and batch norm, left in training mode, a frozen bias, gradients and hooks of its owner."""

    def __init__(self) -> None:
        super().__init__()
        self.conv, self.norm, self.drop = nn.Conv2d(3, 4, 3, padding=1), nn.BatchNorm2d(4), nn.Dropout(0.5)
        self.relu, self.fc = nn.ReLU(inplace=True), nn.Linear(4, 3)
        self.register_buffer("offset", torch.full((1, 3, 1, 1), 0.1))

    def forward(self, x: Tensor) -> Tensor:
        """(n, 3, H, W) → (n, 3)."""
        return self.fc(self.drop(self.relu(self.norm(self.conv(x - self.offset)))).mean((2, 3)))


def training_net() -> nn.Module:
    """A model in the middle of somebody's training loop."""
    net = seeded(Training).train()
    net.relu.eval()  # flags may differ from module to module
    net.conv.bias.requires_grad_(False)
    net.fc.weight.grad = torch.full_like(net.fc.weight, 0.25)
    net.fc.register_forward_hook(lambda *_: None)
    net.fc.register_full_backward_hook(lambda *_: None)
    return net


# Networks that make trouble --------------------------------------------------------------------------------


class Tuple(nn.Module):
    """Answers with (scores, features)."""

    def __init__(self) -> None:
        super().__init__()
        self.net = small_cnn()

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """(n, 3, H, W) → (n, 3) and (n, 3)."""
        return self.net(x), x.mean((2, 3))


def ignores_input() -> nn.Module:
    """The same answer to everything, and a parameter that it depends on."""
    net = Function(lambda x: net.answer.expand(len(x), 3))
    net.answer = nn.Parameter(torch.tensor([1.0, 2, 3], device=DEVICE))
    return net


def not_differentiable() -> nn.Module:
    """Counts bright pixels."""
    return Function(lambda x: (x > 0.5).flatten(1).sum(1, keepdim=True).repeat(1, 3).to(x))


def integers() -> nn.Module:
    """Answers with class indices, whole numbers, instead of scores."""
    return Function(lambda x: x.flatten(1)[:, :3].argmax(1))


def detaches() -> nn.Module:
    """Cuts the graph half way."""
    return Function(lambda x: x.flatten(1)[:, :3].detach() * 2)


def without_derivative() -> nn.Module:
    """Uses an operation whose derivative torch does not have."""
    return Function(
        lambda x: torch.special.gammainc(x.flatten(1)[:, :3] + 1, torch.ones_like(x.flatten(1)[:, :3]))
    )


def not_a_number() -> nn.Module:
    """0 / 0 for every picture."""
    return Function(lambda x: x.flatten(1)[:, :3] * 0 / 0)


def infinite_slope() -> nn.Module:
    """A finite score with an infinite gradient: the square root at zero."""
    return Function(lambda x: (x.flatten(1)[:, :3] * 0).sqrt())


def no_batch() -> nn.Module:
    """Mixes the samples of a batch into one answer."""
    return Function(lambda x: x.flatten(1)[:, :3].mean(0, keepdim=True))


def picture_out() -> nn.Module:
    """Answers with a picture (n, 3, H, W) where scores are expected."""
    return Function(lambda x: x * 2)


class Fails(nn.Module):
    """`small_cnn` that raises on its call number `at` (counted from 0), after it was called before."""

    def __init__(self, at: int, error: type[BaseException]) -> None:
        super().__init__()
        self.net, self.at, self.error, self.calls = training_net(), at, error, 0

    def forward(self, x: Tensor) -> Tensor:
        """(n, 3, H, W) → (n, 3), or an exception."""
        self.calls += 1
        if self.calls > self.at:
            raise self.error("the power went out")
        return self.net(x)


# Networks around networks ---------------------------------------------------------------------------------


class Around(nn.Module):
    """Another network inside, and what follows it, in its precision."""

    def __init__(self, net, last: nn.Module | None = None) -> None:
        super().__init__()
        self.net, self.last, self.open = net, last, nn.ReLU()
        parameter = next((p for p in net.parameters()), None)
        if parameter is not None and last is not None:
            last.to(parameter.device, parameter.dtype)
        self.labels = getattr(net, "labels", None)


class Segmenting(Around):
    """Scores (n, classes, H, W): those of the network inside, times the brightness of each pixel."""

    def forward(self, x: Tensor) -> Tensor:
        """(n, 3, H, W) → (n, classes, H, W)."""
        return self.net(x.clone())[:, :, None, None] * (1 + x.mean(1, keepdim=True))


class Averaged(Around):
    """The network's scores as feature maps, a global average, and one linear layer: CAM applies to it."""

    def forward(self, x: Tensor) -> Tensor:
        """(n, 3, H, W) → (n, 3)."""
        scores = self.net(x.clone())[:, [0, 1, 2, 0]]
        return self.last(self.open(scores[:, :, None, None] * x.mean(1, keepdim=True)).mean((2, 3)))


def averaged(net) -> nn.Module:
    """`Averaged` with seeded weights."""
    return Averaged(net, seeded(lambda: nn.Linear(4, 3)))


class Widening(Around):
    """A network of pictures that is asked about rows: each of six numbers is half a channel."""

    def forward(self, x: Tensor) -> Tensor:
        """(n, 6) → what the network says of (n, 3, 8, 8)."""
        return self.net(x.reshape(-1, 6).repeat_interleave(32, 1).reshape(-1, 3, 8, 8))


class Reading(Around):
    """A network of pictures that is asked about texts: every word is a picture, and a text their mean."""

    def forward(self, texts: list[str]) -> Tensor:
        """n texts → what the network says of (n, 3, 8, 8)."""
        like = next((p.dtype for p in self.net.parameters()), torch.float32)
        return self.net(torch.stack([self.picture(text) for text in texts]).to(DEVICE, like))

    @staticmethod
    def picture(text: str) -> Tensor:
        """(3, 8, 8), black for an empty text."""
        seen = [picture_of(word) for word in text.split()]
        return torch.stack(seen).mean(0) if seen else torch.zeros(3, 8, 8, device=DEVICE)


@functools.cache
def picture_of(word: str) -> Tensor:
    """Always the same picture (3, 8, 8) for a word."""
    return random(3, 8, 8, seed=zlib.crc32(word.encode()))


def game(net):
    """A network of pictures as a game: what its first class says of the names of the players in a set."""

    def worth(members: frozenset[str]) -> Tensor:
        with evaluation_mode(net):
            return Reading(net)([" ".join(sorted(members))])[0, 0]

    return worth


# What a method may be given -------------------------------------------------------------------------------
#
# A case is the name of a method, then given what it takes first, or `exact_shapley: text`.

EXAMPLES = {
    "picture": lambda dtype: random(3, 8, 8, seed=1, dtype=dtype),
    "row": lambda dtype: random(6, seed=1, dtype=dtype),
    "rows": lambda dtype: random(4, 3, 8, 8, seed=1, dtype=dtype),
    "text": lambda dtype: "Pet the cat, the dog. Now!",
    "players": lambda dtype: ["rain", "wind", "sun", "snow"],
}


def method_of(case: str):
    """The method of a case."""
    return xk.METHODS[case.partition(": ")[0]]


def kind_of(case: str) -> str:
    """What the method is given in a case: a key of EXAMPLES."""
    return case.partition(": ")[2] or method_of(case).takes[0]


def record_of(case: str):
    """What the laws know about the method of a case. The records need this module: import late."""
    from . import laws

    return laws.record_of(case)


def example(case: str, dtype: torch.dtype = torch.float32):
    """An example of the kind that the method is given."""
    return EXAMPLES[kind_of(case)](dtype)


def fitting(case: str, net):
    """A network of pictures as a method needs it.

    It answers for each pixel, ends in an average and one layer, or is asked about rows, texts or players.
    """
    if not isinstance(net, nn.Module):
        return net
    if method_of(case).explains == "pixels":
        return Segmenting(net)
    around = {"row": Widening, "text": Reading, "players": game}.get(kind_of(case), record_of(case).around)
    return around(net) if around else net


def needed(case: str) -> dict:
    """The options without which a method explains nothing."""
    return record_of(case).needed


def subject(name: str, size: int = 8) -> tuple[nn.Module, Any, dict]:
    """A small network, an example, and the options that a method needs to explain it."""
    if kind_of(name) != "picture":
        return fitting(name, small_cnn()), example(name), needed(name)
    wide = size > 64
    net = seeded(
        lambda: nn.Sequential(
            nn.Conv2d(3, 6, 3, stride=4 if wide else 1, padding=1), nn.ReLU(), nn.Conv2d(6, 8, 3, padding=1),
            nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(8, 2),
        )
    )  # fmt: skip
    net = Segmenting(net) if xk.METHODS[name].explains == "pixels" else net
    return net, random(3, size, size), {}


def behind_features(net) -> nn.Module:
    """The same network, given the feature maps of two layers instead of the picture."""
    layers = (nn.Conv2d(3, 4, 3, padding=1), nn.ReLU(), net)
    return seeded(lambda: nn.Sequential(*layers))


# What must not change --------------------------------------------------------------------------------------


def state(model: nn.Module) -> dict:
    """Everything about a model that an explanation must leave alone, to be compared with `same_state`."""
    hooks = [name for name in vars(model) if name.endswith("_hooks")]
    return {
        "parameters": {k: (id(p), p.detach().clone(), p.requires_grad) for k, p in model.named_parameters()},
        "gradients": {
            k: None if p.grad is None else (id(p.grad), p.grad.clone()) for k, p in model.named_parameters()
        },
        "buffers": {k: (id(b), b.clone()) for k, b in model.named_buffers()},
        "modules": {k: (id(m), type(m), m.training) for k, m in model.named_modules()},
        "forwards": {k: m.__dict__.get("forward") for k, m in model.named_modules()},
        "hooks": {(k, h): list(vars(m)[h].items()) for k, m in model.named_modules() for h in hooks},
        "repr": repr(model),
    }


def same_state(one, other) -> bool:
    """Whether two states are equal to the last bit."""
    if isinstance(one, Tensor):
        return one.shape == other.shape and torch.allclose(one, other, rtol=0, atol=0, equal_nan=True)
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same_state(one[k], other[k]) for k in one)
    if isinstance(one, (tuple, list)):
        return len(one) == len(other) and all(same_state(a, b) for a, b in zip(one, other, strict=True))
    return one == other
