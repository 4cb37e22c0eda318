"""The command line that Isaac Gym's programs share, and the device names on it."""

import argparse
import logging
from collections.abc import Iterable, Mapping
from typing import Any

import torch

from isaacgym._src.enums import SimType

__all__ = ["parse_arguments", "parse_device_str"]

_log = logging.getLogger(__name__)


def parse_device_str(device_str: str) -> tuple[str, int]:
    """Kind and number of a device: "cpu" is ("cpu", 0), "cuda" is ("cuda", 0), "cuda:1" is ("cuda", 1)."""
    kind, colon, number = str(device_str).partition(":")
    if kind not in ("cpu", "cuda") or (colon and not number.isdecimal()) or (kind == "cpu" and int(number or 0)):
        raise ValueError(f"parse_device_str: no such device, given {device_str!r}; write cpu, cuda or cuda:<number>")
    return kind, int(number or 0)


def parse_arguments(
    description: str = "Isaac Gym example",
    headless: bool = False,
    no_graphics: bool = False,
    custom_parameters: Iterable[Mapping[str, Any]] = (),
) -> argparse.Namespace:
    """The parsed command line, with what follows from it: devices, engine and pipeline.

    A custom parameter is a mapping of "name" and `argparse`'s type, action, default, choices, help.
    A machine without a GPU runs everything on the CPU, whatever was asked for.
    """
    parser = argparse.ArgumentParser(description=description)
    _add_standard(parser, headless, no_graphics)
    for parameter in custom_parameters:
        _add_custom(parser, parameter)
    args = parser.parse_args()
    _derive(args)
    return args


def _add_standard(parser: argparse.ArgumentParser, headless: bool, no_graphics: bool) -> None:
    if headless:
        parser.add_argument("--headless", action="store_true", help="run without a window")
    if no_graphics:
        parser.add_argument("--nographics", action="store_true", help="run without a window and without cameras")
    parser.add_argument("--sim_device", default="cuda:0", help="device of the physics: cpu, cuda or cuda:<number>")
    parser.add_argument("--pipeline", default="gpu", choices=("cpu", "gpu", "cuda"), help="device of the tensors")
    parser.add_argument("--graphics_device_id", type=int, default=0, help="number of the GPU that renders")
    engine = parser.add_mutually_exclusive_group()
    engine.add_argument("--flex", action="store_true", help="ask for the FleX engine")
    engine.add_argument("--physx", action="store_true", help="ask for the PhysX engine (default)")
    parser.add_argument("--num_threads", type=int, default=0, help="CPU threads of the physics, 0 for all")
    parser.add_argument("--subscenes", type=int, default=0, help="accepted and without effect")
    parser.add_argument("--slices", type=int, help="client threads that walk the environments (default: subscenes)")


def _add_custom(parser: argparse.ArgumentParser, parameter: Mapping[str, Any]) -> None:
    if "name" not in parameter:
        raise ValueError(f"parse_arguments: a custom parameter needs a name, given {dict(parameter)}")
    parser.add_argument(parameter["name"], **{key: value for key, value in parameter.items() if key != "name"})


def _derive(args: argparse.Namespace) -> None:
    kind, number = parse_device_str(args.sim_device)
    if kind == "cuda" and not torch.cuda.is_available():
        _log.info("no GPU here: simulating on the CPU instead of %s", args.sim_device)
        kind, number, args.sim_device = "cpu", 0, "cpu"
    args.sim_device_type, args.compute_device_id = kind, number
    args.device, args.device_id = getattr(args, "device", kind), getattr(args, "device_id", number)
    args.use_gpu = kind == "cuda"
    args.pipeline = args.pipeline if args.use_gpu else "cpu"
    args.use_gpu_pipeline = args.pipeline in ("gpu", "cuda")
    args.physics_engine = SimType.SIM_FLEX if args.flex else SimType.SIM_PHYSX
    args.slices = args.subscenes if args.slices is None else args.slices
    if getattr(args, "nographics", False):
        args.headless = True
