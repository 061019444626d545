"""Which tests belong to the fast tier (`python -m tests fast`): what one runs after every change."""

from pathlib import Path

FOLDERS = (
    "tests/core/",
    "tests/inputs/",
    "tests/methods/",
    "tests/network/",
    "tests/show/",
    "tests/test_architecture.py",
    "tests/widgets/test_wire.py",
)

#: Laws are run for these alone: one method of each way of asking a model.
LAWS = ("tests/laws/", "tests/test_laws.py")
METHODS = (
    "saliency", "integrated_gradients", "grad_cam", "lrp", "occlusion", "exact_shapley", "lime_tabular",
)  # fmt: skip

#: What takes seconds for its own reasons: large networks, the memory that is taken, notebooks, all widgets.
SLOW = (
    "test_torchvisions_networks",
    "memory",
    "test_notebook.py",
    "trained",
    "photographs",
    "of_every_widget",
)


def is_fast(nodeid: str) -> bool:
    """Whether a test belongs to the fast tier."""
    if any(part in nodeid.partition("[")[0] for part in SLOW):
        return False
    if nodeid.startswith(LAWS):
        return any(method in cases(nodeid) for method in METHODS)
    return nodeid.startswith(FOLDERS)


def folders(root: Path) -> list[str]:
    """Where the fast tests lie: collecting these alone is quicker than collecting all."""
    return [place for place in (*FOLDERS, *LAWS) if (root / place).exists()]


def cases(nodeid: str) -> list[str]:
    """The parameters of a test, as they stand in its name: `test_x[grad_cam-small]` → grad_cam, small."""
    return nodeid.partition("[")[2].rstrip("]").split("-")
