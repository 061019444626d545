"""Rules for the backward pass: one forward pass in which some operations are answered with a rule.

A `Rules` is a torch function mode: while it is on, every operation of the network comes by, functional or in
a module, in place or not, and may be answered with a backward step of its own. Nothing is attached to the
model, and nothing of it changes.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.modules import module as torch_modules
from torch.overrides import TorchFunctionMode

from ..core.errors import ModelError
from ..core.notes import notes
from .operations import QUESTIONS, Call, call

Backward = Callable[[Tensor], tuple[Tensor | None, ...]]


class _Answer(torch.autograd.Function):
    """A value that is there already, with a backward step that somebody else wrote."""

    @staticmethod
    def forward(ctx: Any, value: Tensor, backward: Backward, *inputs: Tensor) -> Tensor:
        """The value itself."""
        ctx.rule = backward
        return value.detach()

    @staticmethod
    def backward(ctx: Any, *arriving: Tensor) -> tuple[Tensor | None, ...]:
        """What the rule hands on to each of the inputs."""
        return (None, None, *ctx.rule(arriving[0]))


def answered(value: Tensor, backward: Backward, *inputs: Tensor) -> Tensor:
    """`value`, as if computed from `inputs`; in the backward pass `backward` says what they get.

    It takes what arrives at the value and gives a tuple, one tensor of its shape for each input.
    """
    return _Answer.apply(value, backward, *inputs)  # type: ignore[no-any-return]


class Rules(TorchFunctionMode):
    """One forward pass under rules: `rules(model, batch)` gives the model's output.

    In the gradient of that output, what arrives at an operation is handed on as its rule says. A subclass
    says in `answer` which operations have a rule; `nothing` is what it says if none of them came by.
    """

    nothing = "no rule applied"

    def __init__(self, module: Any, record: bool | None = None) -> None:
        super().__init__()
        modules = module.named_modules() if isinstance(module, nn.Module) else ()
        self._paths = {id(m): (path, any(True for _ in m.children())) for path, m in modules}
        # Whether what a learner may look at is written down; None: if the walk keeps its steps.
        self.record = notes().keeps_steps if record is None else record

    def __call__(self, model: Callable[[Tensor], Any], batch: Tensor) -> Any:
        """The model's output for a batch, (n, …)."""
        self.begin(batch)
        try:
            with self._watching(), self:
                output = model(batch)
        finally:
            self.end()
        if not self.applied:
            raise ModelError(f"{self.nothing}, so this would be a plain gradient. Try saliency.")
        return self.finished(output)

    def begin(self, batch: Tensor) -> None:
        """Forget the last pass."""
        self.applied = 0  # how many operations were answered
        self._where: list[tuple[str, bool]] = []
        self._names: Counter[str] = Counter()
        self._instead: dict[int, tuple[Tensor, Tensor]] = {}

    def end(self) -> None:
        """Let go of the tensors of the pass: they would hold each other in memory."""
        self._instead.clear()

    def finished(self, output: Any) -> Any:
        """The output of the pass, before a score is picked from it."""
        return output

    def answer(self, call: Call) -> Any:
        """The value of an operation on the way from the input; with a rule, where it has one."""
        return call()

    # How operations come by -----------------------------------------------------------------------------

    def __torch_function__(
        self, func: Callable[..., Any], types: Any, args: tuple[Any, ...] = (), kwargs: Any = None
    ) -> Any:
        """Every operation between begin and end; what does not depend on the input is computed as usual."""
        args = tuple(self._current(a) for a in args)
        kwargs = {name: self._current(a) for name, a in kwargs.items()} if kwargs else {}
        if getattr(func, "__name__", "") in QUESTIONS or not depends_on_input(args, kwargs):
            return func(*args, **kwargs)
        operation = call(func, args, kwargs)
        value = self.answer(operation)
        if operation.written is not None:
            # The name that was to be written over stands for the new value from now on.
            self._instead[id(operation.written)] = operation.written, value
        return value

    def _current(self, value: Any) -> Any:
        """What a tensor stands for now, also inside a list; parameters are constants."""
        if isinstance(value, Tensor):
            if id(value) in self._instead:
                return self._current(self._instead[id(value)][1])
            return value.detach() if isinstance(value, nn.Parameter) else value
        if type(value) in (list, tuple):
            return type(value)(self._current(part) for part in value)
        return value

    @contextmanager
    def _watching(self) -> Iterator[None]:
        """Know in which module we are: by two hooks for all modules, none of them on the model."""
        enter = torch_modules.register_module_forward_pre_hook(self._enter)
        leave = torch_modules.register_module_forward_hook(self._leave)
        try:
            yield
        finally:
            enter.remove()
            leave.remove()

    def _enter(self, module: nn.Module, _inputs: Any) -> None:
        if id(module) in self._paths:
            self._where.append(self._paths[id(module)])

    def _leave(self, module: nn.Module, _inputs: Any, _output: Any) -> None:
        if id(module) in self._paths:
            self._where.pop()

    def path(self) -> str:
        """The dotted name of the innermost module in which we are, "" for the model itself."""
        return self._where[-1][0] if self._where else ""

    def name(self, operation: str) -> str:
        """A name for an operation: its module's, or module and operation; `relu:2` is its second run."""
        path, has_children = self._where[-1] if self._where else ("", True)
        name = ".".join(filter(None, (path, operation))) if has_children else path
        self._names[name] += 1
        return name if self._names[name] == 1 else f"{name}:{self._names[name]}"


def depends_on_input(*arguments: Any) -> bool:
    """Whether one of the tensors depends on the input of the pass."""
    for value in arguments:
        if isinstance(value, Tensor):
            if value.requires_grad:
                return True
        elif isinstance(value, (list, tuple)):
            if depends_on_input(*value):
                return True
        elif isinstance(value, dict) and depends_on_input(*value.values()):
            return True
    return False
