"""The kernels behind setters and refreshes do the same on a GPU, called one by one and in a graph; run with -m gpu."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import Tensor

from isaacgym import gymapi, gymtorch
from tests.isaacgym.world import CHAIN, GYM, close

N, STEPS = 8, 12
READ = ("actor_root_state", "dof_state", "rigid_body_state", "net_contact_force", "dof_force", "force_sensor")


def simulated(folder: Path, gpu: bool, graph: bool = False) -> dict[str, Tensor]:
    """Everything that is read after some steps of a robot and a box that are set, driven and pushed."""
    params = gymapi.SimParams()
    params.up_axis, params.gravity, params.use_gpu_pipeline = gymapi.UP_AXIS_Z, gymapi.Vec3(0, 0, -9.81), gpu
    params.mujoco.engine, params.mujoco.cone, params.mujoco.iterations = "warp", "elliptic", 50
    sim = GYM.create_sim(0, -1, gymapi.SIM_PHYSX, params)
    plane = gymapi.PlaneParams()
    plane.normal = gymapi.Vec3(0, 0, 1)
    GYM.add_ground(sim, plane)
    (folder / "chain.xml").write_text(CHAIN)
    options = gymapi.AssetOptions()
    options.default_dof_drive_mode = gymapi.DOF_MODE_EFFORT
    chain, box = GYM.load_asset(sim, str(folder), "chain.xml", options), GYM.create_box(sim, 0.2, 0.2, 0.2, options)
    GYM.create_asset_force_sensor(chain, 1, gymapi.Transform())
    for _ in range(N):
        env = GYM.create_env(sim, gymapi.Vec3(), gymapi.Vec3(), N)
        GYM.enable_actor_dof_force_sensors(env, GYM.create_actor(env, chain, gymapi.Transform(gymapi.Vec3(0, 0, 0.6))))
        GYM.create_actor(env, box, gymapi.Transform(gymapi.Vec3(3, 0, 0.3)))
    GYM.prepare_sim(sim)
    kept = {name: gymtorch.wrap_tensor(getattr(GYM, f"acquire_{name}_tensor")(sim)) for name in READ}
    kept["jacobian"] = gymtorch.wrap_tensor(GYM.acquire_jacobian_tensor(sim, "chain"))
    kept["mass_matrix"] = gymtorch.wrap_tensor(GYM.acquire_mass_matrix_tensor(sim, "chain"))
    root, dof = kept["actor_root_state"], kept["dof_state"]
    mask = torch.arange(2 * N, device=sim.device) % 3 == 0
    effort = torch.linspace(-1, 1, len(dof), device=sim.device)
    push = torch.linspace(-5, 5, 3 * len(kept["rigid_body_state"]), device=sim.device).view(-1, 3)

    def step() -> None:
        GYM.set_actor_root_state_tensor_masked(sim, gymtorch.unwrap_tensor(root), gymtorch.unwrap_tensor(mask))
        GYM.set_dof_state_tensor(sim, gymtorch.unwrap_tensor(dof))
        GYM.set_dof_actuation_force_tensor(sim, gymtorch.unwrap_tensor(effort))
        GYM.apply_rigid_body_force_tensors(sim, gymtorch.unwrap_tensor(push), None, gymapi.LOCAL_SPACE)
        GYM.simulate(sim)
        for name in READ:
            getattr(GYM, f"refresh_{name}_tensor")(sim)
        GYM.refresh_jacobian_tensors(sim)
        GYM.refresh_mass_matrix_tensors(sim)

    whole = GYM.capture_step(sim, step, "test", enabled=graph)
    for _ in range(STEPS):
        whole()
    found = {name: tensor.cpu().clone() for name, tensor in kept.items()}
    GYM.destroy_sim(sim)
    return found


def compare(found: dict[str, Tensor], expected: dict[str, Tensor], tolerance: float) -> None:
    for name, values in expected.items():
        assert values.abs().max() > 0.0, name
        assert close(found[name], values, tolerance * max(1.0, float(values.abs().max()))), name


def test_the_scene_is_the_same_twice(tmp_path: Path) -> None:
    compare(simulated(tmp_path, gpu=False), simulated(tmp_path, gpu=False), 0.0)


@pytest.mark.gpu
def test_a_gpu_reads_what_a_cpu_reads(tmp_path: Path) -> None:
    compare(simulated(tmp_path, gpu=True), simulated(tmp_path, gpu=False), 2e-3)


@pytest.mark.gpu
def test_a_graph_of_the_calls_does_what_they_do_one_by_one(tmp_path: Path) -> None:
    compare(simulated(tmp_path, gpu=True, graph=True), simulated(tmp_path, gpu=True), 2e-3)


@pytest.mark.gpu
def test_a_gpu_says_later_that_an_index_was_out_of_range(tmp_path: Path) -> None:
    params = gymapi.SimParams()
    params.use_gpu_pipeline = True
    sim = GYM.create_sim(0, -1, gymapi.SIM_PHYSX, params)
    box = GYM.create_box(sim, 0.2, 0.2, 0.2, gymapi.AssetOptions())
    for _ in range(2):
        GYM.create_actor(GYM.create_env(sim, gymapi.Vec3(), gymapi.Vec3(), 2), box, gymapi.Transform())
    GYM.prepare_sim(sim)
    root = gymtorch.wrap_tensor(GYM.acquire_actor_root_state_tensor(sim))
    new = root.clone()
    new[:, 0] = 3.0
    ids = torch.tensor([1, 2], dtype=torch.int32, device=sim.device)

    def step() -> None:
        GYM.set_actor_root_state_tensor_indexed(sim, gymtorch.unwrap_tensor(new), gymtorch.unwrap_tensor(ids), 2)
        torch.cuda.synchronize()  # the GPU may also be as fast as the setter
        GYM.simulate(sim)

    with pytest.raises(IndexError, match="actor indices go from 0 to 1 .* given 2 to a setter, which left that actor"):
        step()
    GYM.refresh_actor_root_state_tensor(sim)
    assert root[:, 0].tolist() == [0.0, 3.0]
    GYM.simulate(sim)
    GYM.destroy_sim(sim)
