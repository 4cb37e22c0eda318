"""What an MJCF file says of parts that it does not have, as files do that include the actuators of another robot."""

from __future__ import annotations

import logging
from typing import Any

import mujoco

LOGGER = logging.getLogger("isaacgym")

DRIVEN = {
    mujoco.mjtTrn.mjTRN_JOINT: "joints",
    mujoco.mjtTrn.mjTRN_JOINTINPARENT: "joints",
    mujoco.mjtTrn.mjTRN_TENDON: "tendons",
    mujoco.mjtTrn.mjTRN_SITE: "sites",
    mujoco.mjtTrn.mjTRN_SLIDERCRANK: "sites",
    mujoco.mjtTrn.mjTRN_BODY: "bodies",
}
EQUAL = {mujoco.mjtEq.mjEQ_JOINT: "joints", mujoco.mjtEq.mjEQ_TENDON: "tendons"}
WELDED = {mujoco.mjtObj.mjOBJ_BODY: "bodies", mujoco.mjtObj.mjOBJ_SITE: "sites"}


def drop_dangling(source: str, spec: mujoco.MjSpec) -> None:
    """Leave tendons, actuators, equalities, contact pairs and exclusions of missing parts out, with one warning."""
    gone = [f"tendon '{tendon.name}'" for tendon in list(spec.tendons) if _hangs(tendon) and _deleted(spec, tendon)]
    known = {kind: {part.name for part in getattr(spec, kind)} for kind in ("bodies", "joints", "sites", "tendons")}
    known["geoms"] = {geom.name for geom in spec.geoms if geom.name}
    for kind in ("actuators", "equalities", "pairs", "excludes"):
        for element in list(getattr(spec, kind)):
            missing = _missing(kind, element, known)
            if missing and _deleted(spec, element):
                gone.append(f"{_singular(kind)} {repr(element.name) + ' ' if element.name else ''}of '{missing}'")
    if gone:
        LOGGER.warning("%s: left out what names parts that are not in the file: %s", source, ", ".join(gone))


def _hangs(tendon: Any) -> bool:
    return any(wrap.type != mujoco.mjtWrap.mjWRAP_PULLEY and wrap.target is None for wrap in tendon.path)


def _deleted(spec: mujoco.MjSpec, element: Any) -> bool:
    spec.delete(element)
    return True


def _missing(kind: str, element: Any, known: dict[str, set[str]]) -> str:
    """The first name that stands for nothing, empty if there is none."""
    if kind == "actuators":
        places, names = DRIVEN.get(element.trntype, ""), [element.target]
    elif kind == "equalities":
        places, names = EQUAL.get(element.type) or WELDED.get(element.objtype, ""), [element.name1, element.name2]
    elif kind == "pairs":
        places, names = "geoms", [element.geomname1, element.geomname2]
    else:
        places, names = "bodies", [element.bodyname1, element.bodyname2]
    return next((name for name in names if places and name and name not in known[places]), "")


def _singular(kind: str) -> str:
    return {"actuators": "actuator", "equalities": "equality", "pairs": "contact pair", "excludes": "exclusion"}[kind]
