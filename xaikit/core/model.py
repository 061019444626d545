"""The model as the methods see it: asked in bounded batches, counted, and left exactly as it was found."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn

from .blackbox import as_function, columns_of, labels_of, own_unit
from .errors import ModelError, OptionError, XaikitError, first_line, one_of
from .types import ScoreKind

#: Numbers in one batch on a CPU: eight pictures of 224×224, where torchvision's networks are fastest there;
#: 32 times that on an accelerator.
BATCH_NUMBERS = 8 * 3 * 224 * 224
BATCH_CHARACTERS = 2_000_000  # in one batch of texts
SCORES = ("logit", "probability", "log_probability")


class Model:
    """A module, and how it is asked: which score, how many at a time, and what it has cost so far.

    The decorator `@method` makes one from the module that the caller gives. It holds no state of the module.

    module        what the caller gave
    score_kind    the unit of the score; "logit" for a model that answers with one number of its own
    said          what the raw answer measures, where that has a name
    labels        the names of the classes; None without them
    columns       the names of the inputs; None without them
    """

    def __init__(
        self, module: Callable[..., Any], score: ScoreKind = "logit", batch_size: int | None = None
    ) -> None:
        one_of("score", score, SCORES)
        self.function = as_function(module)
        if batch_size is not None and (type(batch_size) is not int or batch_size < 1):
            raise OptionError(
                f"batch_size is None or a whole number from 1; {batch_size!r} was given. Try None."
            )
        self.module, self.batch_size = module, batch_size
        unit = own_unit(module)
        self.said = {"score_unit": unit} if unit else {}
        self.score_kind: ScoreKind = "logit" if unit else score
        self.probabilities = False  # whether it answers with probabilities: seen at its first answer
        self.labels, self.columns = labels_of(module), columns_of(module)
        self.forward_samples = self.backward_samples = 0
        tensors = [*module.parameters(), *module.buffers()] if isinstance(module, nn.Module) else []
        floats = [t for t in tensors if t.is_floating_point()]
        self.device = tensors[0].device if tensors else None
        self.dtype = floats[0].dtype if floats else None

    def admit(self, x: Any) -> Any:
        """A copy on the model's device, in the model's precision, apart from any graph and inference mode."""
        if not isinstance(x, Tensor):  # a text, or the players of a game
            return x
        with torch.inference_mode(False):
            return x.detach().clone().to(device=self.device or x.device, dtype=self.dtype or x.dtype)

    def names_of(self, x: Any) -> list[str] | None:
        """The names of the columns of `x`; None if the model has none, or names for other columns."""
        fits = isinstance(x, Tensor) and self.columns is not None and len(self.columns) == x.shape[-1]
        return self.columns if fits else None

    def rows_at_once(self, x: Any) -> int:
        """How many examples like `x` go into one batch."""
        if self.batch_size is not None:
            return self.batch_size
        if not isinstance(x, Tensor):
            return max(1, min(1024, BATCH_CHARACTERS // max(1, len(x))))
        numbers = BATCH_NUMBERS * (1 if x.device.type == "cpu" else 32)
        return max(1, min(8192, numbers // max(1, x.numel())))

    def __call__(self, batch: Any) -> Any:
        """The module's output for a batch, in evaluation mode; pictures in channels_last, which is faster."""
        if isinstance(batch, Tensor):
            layout = torch.channels_last if batch.dim() == 4 else torch.contiguous_format
            batch = batch.clone(memory_format=layout)  # a copy: the first layer may write into its input
        self.forward_samples += len(batch)
        with evaluation_mode(self.module):
            try:
                return self.function(batch)
            except (torch.OutOfMemoryError, XaikitError):
                raise
            except Exception as error:
                raise refused(batch, error) from error


def refused(batch: Any, error: Exception) -> ModelError:
    """What is said when the model could not take a batch."""
    if not isinstance(batch, Tensor):
        return ModelError(
            f"the model could not take a list of {len(batch)} texts: {first_line(error)}. "
            "Try a function that takes a list of str and gives (n, classes)."
        )
    return ModelError(
        f"the model could not take an input of shape {tuple(batch.shape)}: {first_line(error)}. "
        "An example has no batch axis: try x[0], or a picture of the size that the model expects."
    )


@contextmanager
def evaluation_mode(module: Any) -> Iterator[None]:
    """Dropout off and batch norm fixed inside; every training flag as it was afterwards."""
    training = [m for m in module.modules() if m.training] if isinstance(module, nn.Module) else []
    try:
        for m in training:
            m.training = False
        yield
    finally:
        for m in training:
            m.training = True
