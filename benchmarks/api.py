"""What calls of the isaacgym API cost the host: python -m benchmarks.api.

Prints microseconds of each call in a client's step, at 1 and at 64 environments, where next to nothing is copied: the
least of many, since whatever else runs only adds to them. Then the seconds from create_sim to the first step of 4096
environments of four actors, each with properties and colours of its own. `device=cuda:0` simulates on a GPU, which is
not waited for, `engine=warp` by MuJoCo Warp on a CPU; `envs=512` builds fewer environments.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import torch

from isaacgym import gymapi, gymtorch, gymutil

GYM = gymapi.acquire_gym()
SIZES = (1, 64)
REPEATS = 400
SENSED = ("actor_root_state", "dof_state", "rigid_body_state", "net_contact_force", "dof_force", "force_sensor")
ONCE_A_STEP = ("net_contact_force", "dof_force", "force_sensor")
LINKS = 7


def main(argv: list[str]) -> int:
    """Print both tables."""
    given = dict(arg.split("=", 1) for arg in argv)
    device, engine, envs = given.pop("device", "cpu"), given.pop("engine", "auto"), int(given.pop("envs", 4096))
    if given:
        print(f"benchmarks.api: no argument {', '.join(given)}; there are device=cuda:0, engine=warp and envs=4096")
        return 2
    torch.set_num_threads(1)
    with TemporaryDirectory() as folder:
        Path(folder, "arm.xml").write_text(arm())
        columns = [step_calls(Scene(folder, device, engine, size)) for size in SIZES]
        print(f"| call | {' | '.join(f'{size} envs [us]' for size in SIZES)} |")
        print("| --- |" + " --- |" * len(SIZES))
        for name in columns[0]:
            print(f"| {name} | {' | '.join(f'{column[name]:.1f}' for column in columns)} |")
        start = time.perf_counter()
        scene = Scene(folder, device, engine, envs)
        GYM.simulate(scene.sim)
        print(f"\n{envs} environments of four actors: {time.perf_counter() - start:.1f} s")
    return 0


def step_calls(scene: Scene) -> dict[str, float]:
    """Microseconds of the calls that a client makes between two steps."""
    sim, wrap, unwrap = scene.sim, gymtorch.wrap_tensor, gymtorch.unwrap_tensor
    kept = {name: wrap(getattr(GYM, f"acquire_{name}_tensor")(sim)) for name in SENSED}
    root, dof, force = kept["actor_root_state"], kept["dof_state"], torch.rand_like(kept["net_contact_force"])
    targets, ids = torch.zeros_like(dof[:, 0]), torch.arange(0, len(root), 4, dtype=torch.int32, device=root.device)
    states = GYM.get_actor_dof_states(scene.envs[0], 0, gymapi.STATE_ALL)
    GYM.acquire_jacobian_tensor(sim, "arm"), GYM.acquire_mass_matrix_tensor(sim, "arm")
    calls: dict[str, Callable[[], Any]] = {"gymtorch.unwrap_tensor": lambda: unwrap(root)}
    calls |= {f"refresh_{n}_tensor": lambda n=n: getattr(GYM, f"refresh_{n}_tensor")(sim) for n in SENSED}  # type: ignore[misc]
    calls |= {
        "refresh_jacobian_tensors": lambda: GYM.refresh_jacobian_tensors(sim),
        "refresh_mass_matrix_tensors": lambda: GYM.refresh_mass_matrix_tensors(sim),
        "set_actor_root_state_tensor": lambda: GYM.set_actor_root_state_tensor(sim, unwrap(root)),
        "set_dof_state_tensor": lambda: GYM.set_dof_state_tensor(sim, unwrap(dof)),
        "set_dof_actuation_force_tensor": lambda: GYM.set_dof_actuation_force_tensor(sim, unwrap(targets)),
        "set_dof_position_target_tensor": lambda: GYM.set_dof_position_target_tensor(sim, unwrap(targets)),
        "set_dof_velocity_target_tensor": lambda: GYM.set_dof_velocity_target_tensor(sim, unwrap(targets)),
        "apply_rigid_body_force_tensors": lambda: GYM.apply_rigid_body_force_tensors(sim, unwrap(force)),
        "get_actor_dof_states": lambda: GYM.get_actor_dof_states(scene.envs[0], 0, gymapi.STATE_ALL),
        "set_actor_dof_states": lambda: GYM.set_actor_dof_states(scene.envs[0], 0, states, gymapi.STATE_ALL),
    }
    for name, tensor in (("actor_root_state", root), ("dof_state", dof), ("dof_position_target", targets)):
        setter = getattr(GYM, f"set_{name}_tensor_indexed")
        calls[setter.__name__] = lambda s=setter, t=tensor: s(sim, unwrap(t), unwrap(ids), len(ids))  # type: ignore[misc]
    return {name: microseconds(name, call, sim) for name, call in calls.items()}


def microseconds(name: str, call: Callable[[], Any], sim: gymapi.Sim) -> float:
    """The least time of a call, on average over some right after a step; forces are read by the first of them alone."""
    found, times = [], 1 if any(force in name for force in ONCE_A_STEP) else 20
    for _ in range(max(1, REPEATS // times)):
        GYM.simulate(sim)
        if "dof_force" not in name:
            GYM.refresh_dof_force_tensor(sim)  # or the first setter would do it
        if sim.device.type == "cuda":
            torch.cuda.synchronize()  # or the calls would wait for room in the queue of what the GPU has to do
        start = time.perf_counter()
        for _ in range(times):
            call()
        found.append((time.perf_counter() - start) / times)
    return 1e6 * min(found)


class Scene:
    """Environments of a robot arm, a table and two objects, each with properties and colours of its own."""

    def __init__(self, folder: str, device: str, engine: Any, num_envs: int) -> None:
        params = gymapi.SimParams()
        kind, index = gymutil.parse_device_str(device)
        params.use_gpu_pipeline = kind == "cuda"
        params.up_axis, params.gravity = gymapi.UP_AXIS_Z, gymapi.Vec3(0, 0, -9.81)
        params.mujoco.engine = engine
        self.sim = GYM.create_sim(index, -1, gymapi.SIM_PHYSX, params)
        plane = gymapi.PlaneParams()
        plane.normal = gymapi.Vec3(0, 0, 1)
        GYM.add_ground(self.sim, plane)
        still, free = gymapi.AssetOptions(), gymapi.AssetOptions()
        still.fix_base_link = True
        robot = GYM.load_asset(self.sim, folder, "arm.xml", still)
        GYM.create_asset_force_sensor(robot, LINKS, gymapi.Transform())
        table = GYM.create_box(self.sim, 1, 1, 0.4, still)
        objects = [GYM.create_box(self.sim, size, size, size, free) for size in (0.05, 0.07)]
        self.assets = {"arm": robot, "table": table, "left": objects[0], "right": objects[1]}
        lower, upper = gymapi.Vec3(-1, -1, 0), gymapi.Vec3(1, 1, 1)
        self.envs: list[gymapi.Env] = []
        for i in range(num_envs):
            self.envs.append(GYM.create_env(self.sim, lower, upper, 64))
            for place, name in enumerate(self.assets):
                self._actor(self.envs[-1], name, place, i)
        GYM.prepare_sim(self.sim)

    def _actor(self, env: gymapi.Env, name: str, place: int, i: int) -> None:
        pose = gymapi.Transform(gymapi.Vec3(0.2 * place, 0, (0.4, 0.2, 0.45, 0.6)[place]))
        actor = GYM.create_actor(env, self.assets[name], pose, name, i, 0)
        if name == "arm":
            dofs = GYM.get_actor_dof_properties(env, actor)
            dofs["driveMode"].fill(gymapi.DOF_MODE_POS)
            dofs["stiffness"], dofs["damping"] = 400 + i % 7, 40
            GYM.set_actor_dof_properties(env, actor, dofs)
            GYM.enable_actor_dof_force_sensors(env, actor)
        shapes = GYM.get_actor_rigid_shape_properties(env, actor)
        for shape in shapes:
            shape.friction = 0.5 + 0.001 * (i % 100)
        GYM.set_actor_rigid_shape_properties(env, actor, shapes)
        bodies = GYM.get_actor_rigid_body_properties(env, actor)
        bodies[0].mass += 0.01 * (i % 10)
        GYM.set_actor_rigid_body_properties(env, actor, bodies, True)
        color = gymapi.Vec3(0.1 * place, 0.2, 0.001 * (i % 1000))
        for body in range(GYM.get_actor_rigid_body_count(env, actor)):
            GYM.set_rigid_body_color(env, actor, body, gymapi.MESH_VISUAL_AND_COLLISION, color)


def arm() -> str:
    """MJCF of an arm of seven links and a gripper of two fingers."""
    links = "".join(
        f'<body name="link{i}" pos="0 0 .15"><joint name="joint{i}" axis="{"0 0 1" if i % 2 == 0 else "0 1 0"}"/>'
        '<geom type="capsule" fromto="0 0 0 0 0 .15" size=".04" mass="1"/>'
        for i in range(LINKS)
    )
    fingers = "".join(
        f'<body name="finger{side}" pos="0 {side}.04 .15"><joint name="slide{side}" type="slide" axis="0 {side}1 0" '
        'range="0 .04" limited="true"/><geom type="box" size=".01 .01 .04" mass=".1"/></body>'
        for side in ("-", "")
    )
    base = '<body name="base"><geom type="cylinder" size=".1 .05" mass="4"/>'
    return f"<mujoco><worldbody>{base}{links}{fingers}{'</body>' * (LINKS + 1)}</worldbody></mujoco>"


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
