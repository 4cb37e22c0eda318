"""Numbers of a URDF as C reads them: what follows a number in a word, or numbers that are too many, say nothing."""

from __future__ import annotations

import logging
import re
from pathlib import Path
from xml.etree.ElementTree import Element

LOGGER = logging.getLogger("isaacgym")
NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?")
SEVERAL = re.compile(r".*,.*\d")
COUNTS = {
    "origin": {"xyz": 3, "rpy": 3},
    "axis": {"xyz": 3},
    "box": {"size": 3},
    "sphere": {"radius": 1},
    "cylinder": {"radius": 1, "length": 1},
    "capsule": {"radius": 1, "length": 1},
    "mesh": {"scale": 3},
    "color": {"rgba": 4},
    "mass": {"value": 1},
    "inertia": {name: 1 for name in ("ixx", "ixy", "ixz", "iyy", "iyz", "izz")},
    "limit": {"lower": 1, "upper": 1, "effort": 1, "velocity": 1},
    "dynamics": {"damping": 1, "friction": 1},
}


def read_numbers(path: Path, robot: Element) -> None:
    """Cut the numbers' attributes to what C reads of them; the log says which."""
    cut = []
    for element in robot.iter():
        for attribute, count in COUNTS.get(element.tag, {}).items():
            text = element.get(attribute, "")
            read = " ".join(map(_leading, text.split()[:count]))
            if read != " ".join(text.split()):
                element.set(attribute, read)
                cut.append(f"{element.tag} {attribute}='{text}' as {read}")
    if cut:
        LOGGER.warning("%s: numbers with something after them are read without it: %s", path, "; ".join(cut))


def _leading(word: str) -> str:
    """The number that a word begins with; a word without one, or of several, stays for the parser to name it."""
    number = NUMBER.match(word)
    return number.group() if number and not SEVERAL.match(word) else word
