"""What a table says about coalitions: their members and values, what each player adds, and every order."""

import itertools
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ...inputs.players import coalition_names
from ...inputs.tables import frame
from .coalitions import everyone, marginal, share, sizes


def coalition_table(coalitions: Tensor, names: list[str], values: Tensor, weights: Any = None) -> Any:
    """Who is in each coalition, how many they are, maybe its weight, and what it is worth."""
    members = coalition_names(coalitions, names)
    weighed = {} if weights is None else {"weight": weights.cpu().numpy()}
    count = coalitions.sum(1).cpu().numpy()
    return frame({"members": members, "size": count, **weighed, "value": values.cpu().numpy()})


def contribution_table(v: Tensor, names: list[str]) -> Any:
    """For every player and every coalition without it: what it adds there, and how much that counts."""
    n, w, size = len(names), share(len(names)), sizes(len(names))
    of_all = np.array(coalition_names(everyone(n)[:], names), dtype=object)
    rows = [marginal(v, i, n) for i in range(n)]
    return frame(
        {
            "feature": np.repeat(np.array(names, dtype=object), 2 ** (n - 1)),
            "coalition": np.concatenate([of_all[S.numpy()] for S, _ in rows]),
            "contribution": torch.cat([d for _, d in rows]).numpy(),
            "weight": torch.cat([w[size[S]] for S, _ in rows]).numpy(),
        }
    )


def order_table(v: Tensor, names: list[str]) -> Any:
    """Every order in which the players may come, and what each adds when its turn comes."""
    n = len(names)
    orders = torch.tensor(list(itertools.permutations(range(n))))
    before = torch.cat([torch.zeros(len(orders), 1, dtype=torch.long), (1 << orders).cumsum(1)], 1)
    added = torch.zeros(len(orders), n, dtype=v.dtype).scatter_(1, orders, v[before].diff(dim=1))
    text = [" → ".join(names[i] for i in order) for order in orders.tolist()]
    table: dict[str, Any] = {"order": text}
    for i, name in enumerate(names):  # a word may stand twice in a text, but a column has a name of its own
        again = sum(other == name for other in ("order", *names[:i]))
        table[f"{name} ({again + 1})" if again else name] = added[:, i].numpy()
    return frame(table)
