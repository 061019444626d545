"""The records of the Shapley values."""

import torch

from .. import networks
from .record import QUARTERS, Record, call

KINDS = ("row", "text", "players")

RECORDS = (
    Record(
        "exact_shapley",
        steps="coalitions marginal_contributions paths attribution",
        rosetta=lambda w, x, x0: w * (x - x0),
        quick_groups={"groups": QUARTERS},
        also=KINDS,
        variants=(call(background=networks.random(3, 3, 8, 8, seed=3)),),
        senseless={
            "more coalitions than 65,536": call(groups=torch.arange(64).reshape(8, 8) % 17),
            "a text in groups": call("text", groups=torch.arange(9)),
            "a background of other examples": call(background=networks.random(2, 3, 4, 4)),
        },
    ),
    Record(
        "shapley_sampling",
        steps="permutations coalition_values contributions running_mean standard_error attribution",
        rosetta=lambda w, x, x0: w * (x - x0),
        quick={"n_permutations": 4},
        quick_groups={"groups": QUARTERS},
        also=KINDS,
        variants=(call(tolerance=1e-3, n_permutations=200),),
        senseless={"one order": call(n_permutations=1), "no error at all": call(tolerance=0)},
    ),
    Record(
        "kernel_shap",
        steps="coalitions perturbed values regression attribution",
        rosetta=lambda w, x, x0: w * (x - x0),
        quick={"n_samples": 12},
        also=KINDS,
        variants=(
            call(groups=QUARTERS),  # every coalition
            call("row", background=networks.random(4, 6, seed=3), n_samples=12),
        ),
        senseless={"one coalition": call(n_samples=1)},
    ),
)
