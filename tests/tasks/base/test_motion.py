"""Energy and way: against closed forms, and without an effect on what is measured."""

from __future__ import annotations

import copy
from typing import Any

import pytest
import torch
from torch import Tensor

import tasks
from isaacgym import gymapi, gymtorch
from tasks.base.task import ASSETS
from tasks.base.vec_task import VecTask
from tests.composed import task_config
from tests.tasks.base.indexed_cartpole import CONFIG as INDEXED
from tests.tasks.base.indexed_cartpole import IndexedCartpole

N = 4


def make(name: str, *overrides: str, measured: bool = True, device: str = "cpu") -> Any:
    torch.manual_seed(1)
    return tasks.make(task_config(name, *overrides), N, device, device, measured=measured)


def measures(task: Any, steps: int) -> Tensor:
    """(steps, 3, N) what is measured under random actions."""
    torch.manual_seed(2)
    task.start()
    rows = []
    for step in range(steps):
        action = torch.rand(N, task.action_size, generator=torch.Generator().manual_seed(step)) * 2.0 - 1.0
        rows.append(torch.stack(list(task.step(action)[3]["measures"].values())))
    return torch.stack(rows)


def rollout(task: Any, steps: int) -> Tensor:
    """(steps, N, O + 1) observations and rewards under random actions."""
    torch.manual_seed(2)
    task.start()
    rows = []
    for _ in range(steps):
        obs, reward, _, _ = task.step(torch.rand(N, task.action_size) * 2.0 - 1.0)
        rows.append(torch.cat([obs, reward.unsqueeze(-1)], -1))
    return torch.stack(rows)


def test_nothing_is_measured_unless_asked_for() -> None:
    task = make("Ant", measured=False)
    task.start()
    assert "measures" not in task.step(torch.zeros(N, 8))[3]


@pytest.mark.parametrize("name", ["Ant", "Go1"])
def test_measuring_changes_no_number(name: str) -> None:
    plain, measured = (rollout(make(name, measured=asked), 60) for asked in (False, True))
    assert measured.equal(plain)


def test_energy_is_force_times_speed_over_time() -> None:
    task = make("Cartpole")
    task.start()
    for action in (0.02, -0.01, 0.03):
        info = task.step(torch.full((N, 1), action))[3]
        expected = (400.0 * action * task.robot.joint_vel[:, 0]).abs() * task.dt
        torch.testing.assert_close(info["measures"]["energy"], expected)
    assert list(info["measures"]) == ["energy"]  # the cart's rail goes nowhere


def test_energy_adds_up_over_the_simulate_calls_of_a_step() -> None:
    energies = []
    for decimation in (1, 3):
        task = make("Cartpole", f"task.decimation={decimation}")
        task.start()
        measured = [task.step(torch.full((N, 1), 0.01))[3]["measures"]["energy"].clone() for _ in range(3)]
        energies.append(torch.stack(measured[: 3 // decimation]).sum(0))
    torch.testing.assert_close(energies[0], energies[1])


def test_the_way_is_that_of_the_root_and_begins_anew_with_each_episode() -> None:
    task = make("Ant", "task.episode_length=6")
    torch.manual_seed(3)
    task.start()
    start = before = task.robot.root_pos[:, :2].clone()
    way, away = torch.zeros(N), torch.zeros(N)
    for _ in range(5):
        measures = task.step(torch.rand(N, 8) * 2.0 - 1.0)[3]["measures"]
        now = task.robot.root_pos[:, :2].clone()
        way += measures["distance"]
        away += measures["displacement"]
        torch.testing.assert_close(measures["distance"], (now - before).norm(dim=-1))
        before = now
    torch.testing.assert_close(away, (before - start).norm(dim=-1))
    assert (way > 1.01 * away).all()
    done, info = task.step(torch.zeros(N, 8))[2:]
    last = info["measures"]["distance"].clone()
    assert done.all()
    assert (last > 0.0).all()  # the last step of an episode counts, though the robot is back at its start
    assert (last < 0.3).all()


def test_an_environment_that_the_engine_put_back_went_nowhere() -> None:
    task = make("Ant")
    task.start()
    for _ in range(5):
        task.step(torch.ones(N, 8))
    task._unstable[1] = True
    task._motion.finish(task._unstable)
    assert all(measure[1] == 0.0 for measure in task.info["measures"].values())


def test_both_engines_measure_the_same() -> None:
    weightless = "task.sim.gravity=[0.0,0.0,0.0]"  # contacts, whose cones differ, would drive the two apart
    cpu, warp = (measures(make("Ant", f"physics={engine}", weightless), 8) for engine in ("mujoco", "warp"))
    assert (cpu[-1, 0] > 0.0).all()
    torch.testing.assert_close(warp, cpu, rtol=1e-2, atol=1e-4)


@pytest.mark.gpu
def test_a_graph_measures_what_the_eager_step_does() -> None:
    found = []
    for graph in (False, True):
        options = "torch_deterministic=true", "task.sim.compile=false", f"task.sim.graph={graph}"
        task = make("Go1", *options, device="cuda:0")
        found.append(measures(task, 30))
        assert task._step.replays == graph
        task.close()
    assert found[0].equal(found[1])


@pytest.mark.gpu
def test_measuring_is_fused_like_the_rest_of_a_step() -> None:
    task = make("Go1", device="cuda:0")
    found = measures(task, 30)
    assert task._step.replays
    assert found.isfinite().all()
    assert (found[:, :2].mean((0, 2)) > 0.0).all()
    task.close()


class Drifter(VecTask):
    """Ants that fly weightless at 1 m/s, each for four steps, beside a fixed cart."""

    max_episode_length = 4

    def create_sim(self) -> None:  # type: ignore[override]
        self.sim = super().create_sim(0, -1, self.physics_engine, self.sim_params)
        corner, fixed = gymapi.Vec3(2.0, 2.0, 2.0), gymapi.AssetOptions()
        fixed.fix_base_link = True
        cart, ant = (
            self.gym.load_asset(self.sim, str(ASSETS), f"mjcf/{name}.xml", options)
            for name, options in (("cartpole", fixed), ("ant", gymapi.AssetOptions()))
        )
        for i in range(self.num_envs):
            env = self.gym.create_env(self.sim, -1.0 * corner, corner, 2)
            self.gym.create_actor(env, cart, gymapi.Transform(gymapi.Vec3(0.0, 5.0, 2.0)), "cart", i, 1)
            self.gym.create_actor(env, ant, gymapi.Transform(gymapi.Vec3(0.0, 0.0, 1.0)), "ant", i, 1)

    def pre_physics_step(self, actions: Tensor) -> None:
        """Nothing pushes."""

    def post_physics_step(self) -> None:
        self.progress_buf += 1
        if self.reset_buf.any():
            self.reset_idx(self.reset_buf.nonzero().flatten())
        self.reset_buf[:] = self.progress_buf >= self.max_episode_length - 1

    def reset_idx(self, env_ids: Tensor) -> None:
        roots = gymtorch.wrap_tensor(self.gym.acquire_actor_root_state_tensor(self.sim))
        roots.view(N, 2, 13)[env_ids, 1] = torch.tensor([0.0, 0, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0])
        self.gym.set_actor_root_state_tensor(self.sim, gymtorch.unwrap_tensor(roots))
        self.progress_buf[env_ids] = 0


def test_a_vec_task_measures_the_way_of_what_walks_and_not_the_way_back_to_the_start() -> None:
    config: dict[str, Any] = copy.deepcopy(INDEXED)
    config["env"] |= {"numObservations": 1, "numActions": 1}
    config["sim"]["gravity"] = [0.0, 0.0, 0.0]
    stepper = Drifter.create(config, N, measured=True)
    stepper.start()
    ways = [stepper.step(torch.zeros(N, 1))[3]["measures"]["distance"][0].item() for _ in range(8)]
    assert ways == pytest.approx(2 * [0.0166, 0.0166, 0.0166, 0.0], abs=1e-4)
    stepper.close()


def test_a_vec_task_without_anything_that_walks_measures_nothing() -> None:
    stepper = IndexedCartpole.create(INDEXED, N, measured=True)
    stepper.start()
    assert "measures" not in stepper.step(torch.zeros(N, 1))[3]
    stepper.close()
