"""What a step reads and sets does the same as one kernel and as torch operations, which torch.compile fuses."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from isaacgym import gymapi, gymtorch
from tests.isaacgym.test_setters import moving, other_states
from tests.isaacgym.world import CHAIN, GYM, Spawn, World, close, drive, indices, wrap

MakeWorld = Callable[..., World]


def everything(w: World) -> dict[str, Tensor]:
    """Set a bit of everything, step, and read all of it and the engine's own state."""
    root, dof = other_states(w)
    mask = torch.tensor([True, False, True] * 3)
    GYM.set_actor_root_state_tensor_indexed(w.sim, wrap(root), indices(6, 0, 5, 6), 4)
    GYM.set_dof_state_tensor_masked(w.sim, wrap(dof), wrap(mask))
    GYM.set_dof_actuation_force_tensor(w.sim, wrap(torch.arange(15.0)))
    GYM.set_dof_position_target_tensor_indexed(w.sim, wrap(torch.arange(15.0)), indices(3, 2), 2)
    set_to = w.engine()
    forces = torch.arange(63.0).view(-1, 3)
    GYM.apply_rigid_body_force_tensors(w.sim, wrap(forces), wrap(0.1 * forces), gymapi.LOCAL_SPACE)
    pushed = w.engine()["xfrc_applied"]
    w.step()
    read = {name: getattr(w, name) for name in ("root", "dof", "body", "contact", "dof_force")}
    return read | set_to | {"pushed": pushed}


def test_kernels_do_what_the_torch_operations_do(world: MakeWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    kernels = everything(moving(world))
    w = moving(world)
    monkeypatch.setattr(torch.compiler, "is_compiling", lambda: True)
    for name, values in everything(w).items():
        assert close(kernels[name], values, 2e-5 * max(1.0, float(values.abs().max()))), name


def sensed(w: World) -> Tensor:
    """Readings of sensors of all kinds on a robot that has fallen, pushed by hand."""
    asset = w.asset(CHAIN)
    pose = gymapi.Transform(gymapi.Vec3(0.1, -0.2, 0.3), gymapi.Quat.from_euler_zyx(0.4, -1.0, 2.0))
    for body in range(4):
        for bits in range(8):
            props = gymapi.ForceSensorProperties()
            props.enable_forward_dynamics_forces, props.enable_constraint_solver_forces = bool(bits & 1), bool(bits & 2)
            props.use_world_frame = bool(bits & 4)
            GYM.create_asset_force_sensor(asset, body, pose if bits % 3 else gymapi.Transform(), props)
    w.populate(Spawn(asset, (0, 0, 0.3)))
    GYM.acquire_force_sensor_tensor(w.sim)
    w.step(40)
    w.push([3.0, 2.0, 1.0], [0.1, 0.2, 0.3])
    w.step()
    return w.sensor


def test_sensors_read_the_same_as_one_kernel_and_as_torch_operations(
    world: MakeWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    kernels = sensed(world(ground=1.0))
    monkeypatch.setattr(torch.compiler, "is_compiling", lambda: True)
    operations = sensed(world(ground=1.0))
    assert operations.abs().max() > 10.0
    assert close(kernels, operations, 2e-5 * float(operations.abs().max()))


def dynamics(w: World) -> dict[str, Tensor]:
    """Jacobian and mass matrix of a floating and of a driven fixed robot in motion."""
    chain = w.asset(CHAIN, default_dof_drive_mode=gymapi.DOF_MODE_POS)
    fixed = w.asset(CHAIN, fix_base_link=True, armature=0.3)
    each = drive(stiffness=[40.0, 90.0], damping=3.0)
    w.populate(
        Spawn(chain, (0, 0, 2), (0.1, 0.2, 0.3, 0.9), name="free"), Spawn(fixed, (3, 0, 2), name="fixed"), each=each
    )
    tensors = {}
    for name in ("free", "fixed"):
        tensors[f"jacobian of {name}"] = gymtorch.wrap_tensor(GYM.acquire_jacobian_tensor(w.sim, name))
        tensors[f"mass of {name}"] = gymtorch.wrap_tensor(GYM.acquire_mass_matrix_tensor(w.sim, name))
    w.set_dof(w.dof + 0.4)
    w.step(5)
    GYM.refresh_jacobian_tensors(w.sim)
    GYM.refresh_mass_matrix_tensors(w.sim)
    return tensors


def test_jacobians_and_mass_matrices_are_the_same_from_kernels_and_from_torch_operations(
    world: MakeWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    kernels = dynamics(world())
    monkeypatch.setattr(torch.compiler, "is_compiling", lambda: True)
    for name, values in dynamics(world()).items():
        assert values.abs().max() > 0.1
        assert close(kernels[name], values, 2e-5 * float(values.abs().max())), name


def test_a_client_s_tensor_may_have_any_shape_and_be_another_one_in_every_call(world: MakeWorld) -> None:
    w = moving(world)
    for shape in ((3, 5, 2), (30,), (15, 2)):
        dof = torch.rand(shape)
        GYM.set_dof_state_tensor(w.sim, wrap(dof))
        assert torch.equal(w.dof.view(-1), dof.view(-1))
        GYM.set_dof_state_tensor_indexed(w.sim, wrap(dof + 1), wrap(torch.tensor([[0, 2, 3], [5, 6, 8]])), 6)
        assert torch.equal(w.dof.view(-1), dof.view(-1) + 1)


def test_a_device_that_is_not_waited_for_leaves_an_unknown_actor_out_and_says_so(world: MakeWorld) -> None:
    w = moving(world)
    w.sim.state.index_faults.said_later = True  # as on a GPU
    del w.sim.state.calls  # which were made for an engine that is waited for
    root, _ = other_states(w)
    before = w.root.view(-1, 13)
    with pytest.raises(IndexError, match="given 9 to a setter, which left that actor out"):
        GYM.set_actor_root_state_tensor_indexed(w.sim, wrap(root), indices(4, 9), 2)
    changed = (w.root.view(-1, 13) != before).any(1)
    assert changed.nonzero().view(-1).tolist() == [4]
