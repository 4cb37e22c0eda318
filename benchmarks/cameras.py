"""Images a second of camera sensors, one in each environment: python -m benchmarks.cameras num_envs=64 size=64.

Prints a line for each kind of image, drawn by render_all_camera_sensors into tensors, and for a step of the simulation.
`device=cuda:0` simulates and draws on a GPU; on a CPU `way=rays` or `way=opengl` picks one of the two ways to draw,
which else the size decides. Also: asset (in assets/mjcf), repeat.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

from isaacgym import gymapi
from isaacgym._src import gym_cameras

ASSETS = Path(__file__).resolve().parents[1] / "assets/mjcf"
DEFAULTS: dict[str, Any] = {"num_envs": 64, "size": 64, "asset": "ant", "device": "cpu", "way": "auto", "repeat": 20}
WAYS = {"auto": gym_cameras.TRACED_PIXELS, "rays": sys.maxsize, "opengl": 0}
KINDS = {
    "colour": [gymapi.IMAGE_COLOR],
    "depth": [gymapi.IMAGE_DEPTH],
    "segmentation": [gymapi.IMAGE_SEGMENTATION],
    "colour and depth": [gymapi.IMAGE_COLOR, gymapi.IMAGE_DEPTH],
}
GYM = gymapi.acquire_gym()


def main(argv: list[str]) -> None:
    """Measure what `argv` says."""
    settings = _settings(argv)
    gym_cameras.TRACED_PIXELS = WAYS[settings["way"]]
    count, size = settings["num_envs"], settings["size"]
    print(f"{settings['asset']}, {count} cameras of {size} x {size} pixels, {settings['device']}, {settings['way']}")
    step = _measured(GYM.simulate, scene(count, settings["asset"], settings["device"]), settings)
    print(f"{'step':>20}{step * 1e3:10.2f} ms")
    for name, kinds in KINDS.items():
        seconds = _measured(_frame, scene(count, settings["asset"], settings["device"], size, kinds), settings) - step
        print(f"{name:>20}{seconds * 1e3:10.2f} ms{count / seconds:12,.0f} cameras a second", flush=True)


def scene(count: int, asset: str, device: str, size: int = 0, kinds: list[Any] | None = None) -> gymapi.Sim:
    """Robots on a ground, each with a camera that has tensors of these kinds."""
    params = gymapi.SimParams()
    params.up_axis, params.gravity = gymapi.UP_AXIS_Z, gymapi.Vec3(0, 0, -9.81)
    params.use_gpu_pipeline = device != "cpu"
    sim = GYM.create_sim(int(device.rpartition(":")[2]) if ":" in device else 0, 0, gymapi.SIM_PHYSX, params)
    plane = gymapi.PlaneParams()
    plane.normal = gymapi.Vec3(0, 0, 1)
    GYM.add_ground(sim, plane)
    robot = GYM.load_asset(sim, str(ASSETS), f"{asset}.xml", gymapi.AssetOptions())
    for index in range(count):
        env = GYM.create_env(sim, gymapi.Vec3(-2, -2, 0), gymapi.Vec3(2, 2, 2), max(1, int(count**0.5)))
        GYM.create_actor(env, robot, gymapi.Transform(gymapi.Vec3(0, 0, 1)), asset, index, 0)
        if kinds:
            _add_camera(sim, env, size, kinds)
    GYM.prepare_sim(sim)
    return sim


def _add_camera(sim: gymapi.Sim, env: gymapi.Env, size: int, kinds: list[Any]) -> None:
    props = gymapi.CameraProperties()
    props.width, props.height, props.enable_tensors = size, size, True
    camera = GYM.create_camera_sensor(env, props)
    GYM.set_camera_location(camera, env, gymapi.Vec3(2, 1, 1.5), gymapi.Vec3(0, 0, 0.7))
    for kind in kinds:
        GYM.get_camera_image_gpu_tensor(sim, env, camera, kind)


def _frame(sim: gymapi.Sim) -> None:
    GYM.simulate(sim)
    GYM.step_graphics(sim)
    GYM.render_all_camera_sensors(sim)


def _measured(work: Callable[[gymapi.Sim], None], sim: gymapi.Sim, settings: dict[str, Any]) -> float:
    """Seconds of `work` on a simulation, the least of a few measurements; it is destroyed then."""
    for _ in range(4):  # kernels load, graphs are captured
        work(sim)
    found = []
    for _ in range(3):
        _wait(settings)
        begin = time.perf_counter()
        for _ in range(settings["repeat"]):
            work(sim)
        _wait(settings)
        found.append((time.perf_counter() - begin) / settings["repeat"])
    GYM.destroy_sim(sim)
    return min(found)


def _wait(settings: dict[str, Any]) -> None:
    if settings["device"] != "cpu":
        torch.cuda.synchronize()


def _settings(argv: list[str]) -> dict[str, Any]:
    given = dict(argument.split("=", 1) for argument in argv)
    if unknown := set(given) - set(DEFAULTS):
        raise SystemExit(f"benchmarks.cameras: no setting {sorted(unknown)}; settings: {', '.join(DEFAULTS)}")
    return DEFAULTS | {name: type(DEFAULTS[name])(value) for name, value in given.items()}


if __name__ == "__main__":
    main(sys.argv[1:])
