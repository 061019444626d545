"""Which tests belong to the fast tier (`python -m tests fast`): what one runs after every change."""

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

#: Slow for a reason: processes of their own, trained models, many repetitions.
SLOW = ()


def is_fast(nodeid: str) -> bool:
    """Whether a test belongs to the fast tier."""
    if nodeid.startswith(SLOW):
        return False
    if nodeid.startswith(LAWS):
        return any(method in cases(nodeid) for method in METHODS)
    return nodeid.startswith(FOLDERS)


def cases(nodeid: str) -> list[str]:
    """The parameters of a test, as they stand in its name: `test_x[grad_cam-small]` → grad_cam, small."""
    return nodeid.partition("[")[2].rstrip("]").split("-")
