"""The records of the surrogates."""

import torch
from torch import nn

from .. import networks
from .linear import sum_over_halves
from .record import QUARTERS, Record, call


class Words(nn.Module):
    """Which of the words a, b, … are in a text."""

    def forward(self, texts: list[str]) -> torch.Tensor:
        """n texts → (n, 5)."""
        seen = [[float(word in text.split()) for word in "abcde"] for text in texts]
        return networks.tensor(*seen)


RECORDS = (
    Record(
        "lime_image",
        steps="segments samples perturbed predictions distances sample_weights regression attribution",
        rosetta=lambda w, x, x0: sum_over_halves((w * (x - x0)).sum(0)),
        told=lambda x, x0: {"n_samples": 30},
        quick={"n_samples": 12, "segments": QUARTERS},
        one_a_pixel=True,
        variants=(
            call(segments="slic", hidden="gray"),
            call(segments="slic", hidden="blur", penalty=0),
        ),
        senseless={
            "segments that differ from channel to channel": call(segments=None),
            "segments of another size": call(segments=QUARTERS[:4]),
            "nothing to hide behind": call(hidden="fog"),
            "no width": call(kernel_width=0),
            "a negative penalty": call(penalty=-1),
        },
    ),
    Record(
        "lime_tabular",
        steps="discretised samples same_bin predictions distances sample_weights regression attribution",
        rosetta=lambda w, x, x0: w * (x - x0),
        told=lambda x, x0: {
            "background": torch.stack([x, x0]),
            "categorical": (0, 1, 2, 3, 4),
            "n_samples": 30,
        },
        quick={"n_samples": 12},
        needed={"background": networks.random(6, 6, seed=2)},
        variants=(call(categorical=(0, 3), kernel_width=1.0),),
        senseless={
            "no background": call(background="black"),
            "a background of one row": call(background=networks.random(1, 6)),
            "a column that is not there": call(categorical=(6,)),
            "a column without that name": call(categorical="colour"),
        },
    ),
    Record(
        "lime_text",
        steps="tokens samples perturbed_texts predictions distances sample_weights regression attribution",
        rosetta=lambda w, x, x0: w,
        linear=lambda w: nn.Sequential(Words(), networks.linear(w, 0.75)),
        told=lambda x, x0: {"n_samples": 30},
        quick={"n_samples": 12},
        variants=(call(unit="sentence"),),
        senseless={"an unknown unit": call(unit="letter"), "one text": call(n_samples=1)},
    ),
)
