"""What somebody may hand over in place of what a method takes."""

import math

import numpy as np
import torch
from hypothesis import strategies as st

from .. import networks

shapes = st.one_of(
    st.sampled_from([(3, 8, 8), (1, 3, 8, 8), (3, 11, 9)]),
    st.lists(st.integers(0, 9), min_size=0, max_size=5).map(tuple),
)
dtypes = st.sampled_from(
    [
        torch.float32,
        torch.float64,
        torch.float16,
        torch.bfloat16,
        torch.uint8,
        torch.int64,
        torch.bool,
        torch.complex64,
    ]
)
fills = st.sampled_from([None, None, None, math.nan, math.inf, -math.inf, 1e30, -1.0, 0.0])


@st.composite
def examples(draw, shapes=shapes):
    """Something in place of a picture, or of numbers of other shapes."""
    if draw(st.integers(0, 9)) == 0:
        return draw(
            st.sampled_from([None, "cat.png", [[1.0, 2.0]], 3.0, np.array("cat"), {"image": 1}, object()])
        )
    x = networks.random(*draw(shapes), seed=draw(st.integers(0, 5))).to(draw(dtypes))
    fill = draw(fills)
    if fill is not None and x.numel() and (x.is_floating_point() or x.is_complex()):
        x.flatten()[draw(st.integers(0, x.numel() - 1))] = fill
    layout = draw(st.integers(0, 9))
    if layout == 0 and x.dim() and x.dtype is torch.float32:
        return x.to_sparse()
    if layout == 1 and x.dtype is not torch.bfloat16:
        return x.cpu().numpy()
    return x.requires_grad_() if layout == 2 and x.is_floating_point() else x


#: Something in place of what a method takes.
ANYTHING = {
    "picture": examples(),
    "row": st.one_of(examples(), examples(st.sampled_from([(6,), (1, 6), (5,), (2, 6)]))),
    "rows": st.one_of(
        examples(), examples(st.sampled_from([(4, 3, 8, 8), (2, 3, 8, 8), (3, 6), (1, 3, 8, 8)]))
    ),
    "text": st.one_of(
        examples(),
        st.text(max_size=12),
        st.lists(st.text(max_size=5), max_size=7).map(" ".join),
        st.sampled_from(["", " \n", "?!", b"bytes", ["a", "b"], "\ud800", "\x00", "a " * 3000, "🐈‍⬛🇩🇪🇫🇷"]),
    ),
    "players": st.one_of(
        examples(),
        st.lists(st.text(max_size=5), max_size=6),
        st.sampled_from(
            [(), ("rain", "wind"), ["rain", "rain"], [1, 2], [None], [["rain"]], "rain", {"rain"}]
        ),
    ),
}
