"""What a URDF says twice: the first counts."""

from __future__ import annotations

import logging
from pathlib import Path
from xml.etree.ElementTree import Element

LOGGER = logging.getLogger("isaacgym")
ONCE = {
    "joint": ("origin", "parent", "child", "axis", "limit", "dynamics"),
    "link": ("inertial",),
    "inertial": ("origin", "mass", "inertia"),
    "collision": ("origin", "geometry"),
    "visual": ("origin", "geometry", "material"),
    "geometry": ("box", "sphere", "cylinder", "capsule", "mesh"),
}
NAMED = ("link", "joint")


def keep_first(path: Path, robot: Element) -> None:
    """Leave the first of links and joints of one name, and of elements of which there is one; the log says which."""
    dropped = []
    for parent in list(robot.iter()):
        seen = set()
        for child in list(parent):
            said = _said(parent, child)
            if said in seen:
                parent.remove(child)
                dropped.append(said)
            elif said:
                seen.add(said)
    if dropped:
        LOGGER.warning("%s: said twice, of which the first counts: %s", path, ", ".join(dropped))


def _said(parent: Element, child: Element) -> str:
    """What the element says that can be said once, in words; nothing for other elements."""
    if parent.tag == "robot" and child.tag in NAMED and child.get("name"):
        return f"{child.tag} '{child.get('name')}'"
    if child.tag not in ONCE.get(parent.tag, ()):
        return ""
    return "geometry" if parent.tag == "geometry" else f"{child.tag} of {parent.tag} '{parent.get('name', '')}'"
