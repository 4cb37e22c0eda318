"""Tendons of MJCF files: their records, and what the records make of MuJoCo's tendons.

MuJoCo's limits are rigid. A limit with a stiffness of its own is a spring that is slack inside the limits, which takes
the place of the tendon's spring; a tendon with a spring keeps that and its rigid limits.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import mujoco
import numpy as np

from isaacgym._src.enums import TendonType
from isaacgym._src.properties import TendonProperties
from isaacgym._src.tendon_records import Tendon, offset_of

FREE = 1e10  # range of a tendon that its rigid limits shall not hold


def read(model: mujoco.MjModel) -> list[TendonProperties]:
    """The records of an asset's tendons, in the order of the file."""
    return [_read(model, i) for i in range(model.ntendon)]


def _read(model: mujoco.MjModel, tendon: int) -> TendonProperties:
    props = Tendon()
    start, count = int(model.tendon_adr[tendon]), int(model.tendon_num[tendon])
    kinds = model.wrap_type[start : start + count]
    fixed = bool((kinds == mujoco.mjtWrap.mjWRAP_JOINT).all())
    props.type = TendonType.TENDON_FIXED if fixed else TendonType.TENDON_SPATIAL
    props.num_joints = count if fixed else 0
    props.num_attachments = 0 if fixed else int((kinds == mujoco.mjtWrap.mjWRAP_SITE).sum())
    props.stiffness, props.damping = model.tendon_stiffness[tendon], model.tendon_damping[tendon]
    props.is_fixed_limited = bool(model.tendon_limited[tendon])
    props.fixed_lower_limit, props.fixed_upper_limit = model.tendon_range[tendon]
    props.fixed_spring_rest_length = model.tendon_lengthspring[tendon].mean()
    return props


def joints(model: mujoco.MjModel) -> list[list[tuple[str, float]]]:
    """For each tendon the joints in a fixed one's length, with their coefficients."""
    found = []
    for start, count in zip(model.tendon_adr, model.tendon_num, strict=True):
        parts = [i for i in range(start, start + count) if model.wrap_type[i] == mujoco.mjtWrap.mjWRAP_JOINT]
        found.append([(model.joint(int(model.wrap_objid[i])).name, float(model.wrap_prm[i])) for i in parts])
    return found


def ids(model: mujoco.MjModel, slot: int, names: list[str]) -> np.ndarray:
    """Where an actor's tendons are in the scene's model."""
    return np.array([model.tendon(f"{slot}/{name}").id for name in names], dtype=np.int64)


def model_fields(
    tendons: np.ndarray, rows: list[list[TendonProperties]]
) -> Iterator[tuple[str, tuple[Any], np.ndarray]]:
    """MuJoCo's fields for the records (N, T) of an actor in N environments."""
    yield "tendon_damping", (tendons,), np.array([[p.damping for p in row] for row in rows])
    yield "tendon_stiffness", (tendons,), np.array([[_stiffness(p) for p in row] for row in rows])
    yield "tendon_lengthspring", (tendons,), np.array([[_slack(p) for p in row] for row in rows])
    yield "tendon_range", (tendons,), np.array([[_range(p) for p in row] for row in rows])


def _soft(props: TendonProperties) -> bool:
    return props.is_fixed_limited and props.limit_stiffness > 0 and props.stiffness == 0


def _stiffness(props: TendonProperties) -> float:
    return props.limit_stiffness if _soft(props) else props.stiffness


def _slack(props: TendonProperties) -> tuple[float, float]:
    """Between which lengths the spring does not pull."""
    offset = offset_of(props)
    if _soft(props):
        return props.fixed_lower_limit - offset, props.fixed_upper_limit - offset
    return props.fixed_spring_rest_length - offset, props.fixed_spring_rest_length - offset


def _range(props: TendonProperties) -> tuple[float, float]:
    """Between which lengths the rigid limits hold the tendon."""
    if _soft(props) or not props.is_fixed_limited:
        return -FREE, FREE
    return props.fixed_lower_limit - offset_of(props), props.fixed_upper_limit - offset_of(props)
