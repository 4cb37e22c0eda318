"""What an asset consists of, in words."""

from __future__ import annotations

from collections.abc import Iterator

from isaacgym._src.asset import Asset


def asset_text(asset: Asset) -> str:
    """Bodies, dofs, shapes, actuators, tendons and sensors of an asset, a line each."""
    return "\n".join(_lines(asset))


def _lines(asset: Asset) -> Iterator[str]:
    yield f"{asset.name}: {'fixed' if asset.fixed else 'floating'} base, from {asset.source}"
    for i, (name, props) in enumerate(zip(asset.body_names, asset.body_props, strict=True)):
        yield f"body {i} {name}: {props.mass:.6g} kg, centre of mass {props.com}, inertia {props.inertia}"
    for i, name in enumerate(asset.dof_names):
        fields = ", ".join(f"{field} {asset.dof_props[field][i]}" for field in asset.dof_props.dtype.names or ())
        yield f"dof {i} {name}: {asset.dof_type(i).name}, {fields}"
    for i, shape in enumerate(asset.shape_props):
        yield f"shape {i} of body {int(asset.model.geom_bodyid[asset.shape_ids[i]]) - 1}: {shape}"
    for i, (joint, actuator) in enumerate(zip(asset.actuator_joints, asset.actuators, strict=True)):
        yield f"actuator {i} of {joint}: {actuator}"
    for i, (name, tendon) in enumerate(zip(asset.tendon_names, asset.tendon_props, strict=True)):
        yield f"tendon {i} {name}: {tendon}"
    for i, sensor in enumerate(asset.sensors):
        yield f"force sensor {i} of body {sensor.body}: {sensor.props}"
