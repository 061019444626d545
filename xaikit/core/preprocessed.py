"""A model that takes pictures as they are: RGB in [0, 1], so that "black" is black."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn


class Preprocessed(nn.Module):
    """A network with its own normalisation in front: `(x - mean) / std`, channel by channel.

    `mean` and `std` have one number a channel, in units of the picture. The wrapped network stays as it is
    and is reached as `.model`; `labels` (class names), `card` (what it was trained on), `feature_layer` (the
    dotted name of the layer that class activation maps look at) and `input_size` (height, width) are kept
    beside it.
    """

    mean: Tensor
    std: Tensor

    def __init__(
        self,
        model: nn.Module,
        mean: Sequence[float] = (0.0,),
        std: Sequence[float] = (1.0,),
        *,
        labels: Sequence[str] | None = None,
        card: str = "",
        feature_layer: str | None = None,
        input_size: tuple[int, int] | None = None,
    ) -> None:
        super().__init__()
        self.model = model
        like = next((p for p in model.parameters() if p.is_floating_point()), torch.zeros(()))
        for name, values in (("mean", mean), ("std", std)):
            channels = torch.as_tensor(values, dtype=like.dtype, device=like.device).reshape(-1, 1, 1)
            self.register_buffer(name, channels, persistent=False)
        self.labels = None if labels is None else list(labels)
        self.card = card
        self.feature_layer = feature_layer
        self.input_size = input_size
        self.train(model.training)  # wrapping a model in eval mode must not put it back into training mode

    def forward(self, x: Tensor) -> Tensor:
        """(batch, channels, height, width) in [0, 1] → the wrapped network's answer."""
        return self.model((x - self.mean) / self.std)
