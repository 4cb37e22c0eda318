"""Tensors cross between torch and the simulation without a copy."""

from collections.abc import Callable

import pytest
import torch

from isaacgym import gymtorch
from isaacgym._src.tensor import Tensor
from tests.isaacgym.world import Spawn, World


def test_unwrap_then_wrap_gives_the_same_tensor() -> None:
    states = torch.zeros(4, 13)
    assert gymtorch.wrap_tensor(gymtorch.unwrap_tensor(states)) is states


def test_a_descriptor_says_what_it_describes() -> None:
    states = torch.zeros(4, 13)
    descriptor = gymtorch.unwrap_tensor(states)
    assert (descriptor.shape, descriptor.ndim, descriptor.dtype) == ((4, 13), 2, torch.float32)
    assert (descriptor.data_ptr, descriptor.data_address) == (states.data_ptr(), states.data_ptr())
    assert (descriptor.device, descriptor.own_data) == (-1, False)


def test_a_descriptor_keeps_a_temporary_alive() -> None:
    descriptor = gymtorch.unwrap_tensor(torch.full((3,), 7.0))
    assert descriptor.torch.tolist() == [7.0, 7.0, 7.0]


def test_each_function_hands_back_what_is_already_its_result() -> None:
    states = torch.zeros(2)
    descriptor = Tensor(states, own_data=True)
    assert gymtorch.wrap_tensor(states) is states
    assert gymtorch.unwrap_tensor(descriptor) is descriptor


def test_the_state_of_no_dofs_is_none(world: Callable[..., World]) -> None:
    w = world()
    w.populate(Spawn(w.box()))
    assert gymtorch.wrap_tensor(w.gym.acquire_dof_state_tensor(w.sim)) is None
    assert gymtorch.wrap_tensor(w.gym.acquire_force_sensor_tensor(w.sim)).shape == (0, 6)
    assert w.gym.refresh_dof_state_tensor(w.sim)
    assert w.gym.refresh_force_sensor_tensor(w.sim)
    assert gymtorch.wrap_tensor(w.gym.acquire_actor_root_state_tensor(w.sim)).shape == (2, 13)


def test_memory_with_gaps_is_refused() -> None:
    with pytest.raises(ValueError, match=r"not contiguous, given shape \(4,\) with strides \(2,\)"):
        gymtorch.unwrap_tensor(torch.zeros(4, 2)[:, 0])


@pytest.mark.parametrize("function", [gymtorch.wrap_tensor, gymtorch.unwrap_tensor])
def test_what_is_no_tensor_is_refused(function: object) -> None:
    with pytest.raises(TypeError, match="given list"):
        function([1.0])  # type: ignore[operator]
