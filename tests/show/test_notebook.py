"""A figure shows exactly once in a notebook, whether or not pyplot was ever there."""

import re
import subprocess
import sys

from xaikit.show import plot

from ._examples import explain

CELL = """
import torch, xaikit as xk
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()
if {inline}:
    import matplotlib_inline.backend_inline as backend
    import matplotlib
    matplotlib.use("module://matplotlib_inline.backend_inline")
    from matplotlib_inline.config import InlineBackend
    backend.configure_inline_support(shell, "inline")
    import matplotlib.pyplot as plt
net = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(12, 2))
figure = xk.input_x_gradient(net, torch.rand(3, 2, 2)).plot()
data, _ = shell.display_formatter.format(figure)
import sys
print(sorted(data), "matplotlib.pyplot" in sys.modules)
if {inline}:
    print("open figures:", plt.get_fignums())
"""


def shown(inline: bool) -> str:
    done = subprocess.run(
        [sys.executable, "-c", CELL.format(inline=inline)], capture_output=True, text=True, check=True
    )
    return done.stdout


def test_without_pyplot_the_figure_is_one_picture():
    assert "['image/png', 'text/plain'] False" in shown(inline=False)


def test_with_the_inline_backend_it_is_one_picture_and_nothing_waits_to_be_shown_again():
    out = shown(inline=True)
    assert "['image/png', 'text/plain'] True" in out
    assert "open figures: []" in out


def test_the_text_of_a_figure_is_the_same_on_every_run():
    text = repr(plot(explain(3, 8, 8)))
    assert re.fullmatch(r"<Figure size 900x\d+ with \d+ Axes>", text)
