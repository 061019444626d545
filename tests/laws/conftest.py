"""Laws run on one thread: sums are then formed in one order, and the last digit is the same everywhere."""

import pytest
import torch


@pytest.fixture(scope="package", autouse=True)
def always_one_thread():
    """Whatever is computed once for several laws is computed as each of them would."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)
