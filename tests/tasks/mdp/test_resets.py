"""Beginning states and masked writing."""

from __future__ import annotations

import torch

from tasks.mdp import resets


def test_put_writes_the_rows_of_the_mask_in_place() -> None:
    for shape in ((4,), (4, 3), (4, 3, 2)):
        dst, value = torch.zeros(shape), torch.rand(shape) + 1.0
        place = dst.data_ptr()
        resets.put(dst, torch.tensor([True, False, True, False]), value)
        assert dst.data_ptr() == place
        assert dst[::2].equal(value[::2])
        assert dst[1::2].eq(0).all()


def test_put_leaves_other_rows_bitwise_even_if_they_are_nan() -> None:
    dst = torch.tensor([float("nan"), 1.0])
    resets.put(dst, torch.tensor([False, True]), torch.tensor([2.0, float("inf")]))
    assert dst.isnan().tolist() == [True, False]
    assert dst[1] == float("inf")


def test_noisy_joints_start_within_their_limits_and_stay_there() -> None:
    limits = torch.tensor([[-0.5, 0.5, -1.0], [0.5, 1.7, 1.0]])  # zero is outside the range of the second joint
    noise = torch.tensor([[0.2, -0.2, 0.0], [0.9, 0.2, -2.0]])
    pos = resets.noisy_joints(torch.zeros(3), limits, noise)
    torch.testing.assert_close(pos, torch.tensor([[0.2, 0.5, 0.0], [0.5, 0.7, -1.0]]))
