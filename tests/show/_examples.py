"""Small networks and inputs for the tests of the figures."""

import torch
from torch import nn

import xaikit as xk

#: A class name as a user might give it: markup, mathematics, emoji, and no end.
ROUGH = "price $5_a & $x^2$ {\\frac} <script>alert(1)</script> 🐱🦄 漢字 \n tab\t" + "a very long label " * 20


def network(*shape: int, classes: int = 3, labels: list[str] | None = None) -> nn.Module:
    """A small network on inputs of this shape, from a fixed seed."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        numbers = int(torch.tensor(shape).prod())
        net = nn.Sequential(nn.Flatten(), nn.Linear(numbers, 8), nn.Tanh(), nn.Linear(8, classes)).eval()
    net.labels = labels
    return net


def example(*shape: int) -> torch.Tensor:
    """Random numbers in [0, 1] from a fixed seed."""
    return torch.rand(*shape, generator=torch.Generator().manual_seed(1))


def explain(*shape: int, labels: list[str] | None = None, x: torch.Tensor | None = None, **options):
    """Integrated Gradients of such a network, in seven steps."""
    x = example(*shape) if x is None else x
    options = {"n_steps": 7, **options}
    return xk.integrated_gradients(network(*shape, labels=labels), x, **options)


def texts(figure) -> list:
    """Every text of a figure that is drawn, with the box that it takes in dots."""
    from matplotlib.text import Text

    figure.draw_without_rendering()
    renderer = figure.canvas.get_renderer()
    drawn = [t for t in figure.findobj(Text) if t.get_visible() and t.get_text().strip()]
    return [(t, t.get_window_extent(renderer)) for t in drawn]


def badly_placed(figure) -> list[str]:
    """The texts that are cut off at the edge of a figure, and the pairs that lie on each other."""
    found, placed = [], texts(figure)
    w, h = figure.bbox.width, figure.bbox.height
    for k, (text, box) in enumerate(placed):
        if box.x0 < 0 or box.y0 < 0 or box.x1 > w or box.y1 > h:
            found.append(f"cut off: {text.get_text()!r}")
        for other, its in placed[k + 1 :]:
            apart = box.x1 < its.x0 + 1 or its.x1 < box.x0 + 1 or box.y1 < its.y0 + 2 or its.y1 < box.y0 + 2
            if not apart:
                found.append(f"{text.get_text()!r} on {other.get_text()!r}")
    return found
