"""The files of a model: its card, its parameters, its words. Read, checked, and never unpickled."""

import json
from pathlib import Path

from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file
from torch import Tensor, nn

from xaikit.core.errors import FileError

FOLDER = Path(__file__).parent


def weights_file(name: str) -> Path:
    """The file with the parameters of a model that ships."""
    return FOLDER / "weights" / f"{name}.safetensors"


def read_card(name: str) -> str:
    """What a model of ours was trained on, how well it does, and what that means; Markdown."""
    return (FOLDER / "cards" / f"{name}.md").read_text(encoding="utf-8")


def read_parameters(file: Path) -> dict[str, Tensor]:
    """The tensors of a safetensors file by name. FileError: it is missing, broken, or of another kind."""
    if not file.is_file():
        raise FileError(f"There is no file {file}. Copy it there, or install the package again.")
    try:
        return load_file(file)
    except (SafetensorError, OSError, ValueError) as error:
        raise FileError(f"{file} is not a whole safetensors file ({_line(error)}). Copy it again.") from None


def read_words(file: Path) -> list[str]:
    """The words that a model for texts knows, from the metadata of its file. FileError as above."""
    read_parameters(file)  # says what is wrong with a missing or broken file
    with safe_open(file, framework="pt") as opened:
        stored = (opened.metadata() or {}).get("words")
    if stored is None:
        raise FileError(f"{file} belongs to another network: it lacks the list of words. Copy it again.")
    return json.loads(stored)


def load_parameters(model: nn.Module, parameters: dict[str, Tensor], file: Path) -> None:
    """Put `parameters` into `model`. FileError where the names or the shapes are those of another network."""
    own = model.state_dict()
    lacking = [key for key in own if key not in parameters and not key.endswith("num_batches_tracked")]
    foreign = [key for key in parameters if key not in own]
    unlike = [key for key in parameters if key in own and parameters[key].shape != own[key].shape]
    for problem, keys in (("lacks", lacking), ("has the unknown", foreign), ("has another shape of", unlike)):
        if keys:
            more = f" and {len(keys) - 1} more" if len(keys) > 1 else ""
            raise FileError(
                f"{file} belongs to another network: it {problem} {keys[0]!r}{more}. "
                "Check that its name is the name of the model."
            )
    model.load_state_dict(parameters, strict=False)


def _line(error: Exception) -> str:
    return str(error).splitlines()[0] if str(error) else type(error).__name__
