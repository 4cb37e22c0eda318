"""Isaac Gym's helpers around a program: its command line, its config, drawn lines and randomisation."""

from xml.etree.ElementTree import Element, indent

from isaacgym._src.arguments import parse_arguments, parse_device_str
from isaacgym._src.opengl import OpenGLError, offscreen_context
from isaacgym._src.randomization import (
    apply_random_samples,
    check_buckets,
    generate_random_samples,
    get_bucketed_val,
    get_default_setter_args,
    get_property_getter_map,
    get_property_setter_map,
)
from isaacgym._src.sim_config import parse_sim_config
from isaacgym._src.wireframe import (
    AxesGeometry,
    LineGeometry,
    WireframeBoxGeometry,
    WireframeSphereGeometry,
    draw_line,
    draw_lines,
)

__all__ = [
    "AxesGeometry",
    "LineGeometry",
    "OpenGLError",
    "WireframeBoxGeometry",
    "WireframeSphereGeometry",
    "apply_random_samples",
    "check_buckets",
    "draw_line",
    "draw_lines",
    "generate_random_samples",
    "get_bucketed_val",
    "get_default_setter_args",
    "get_property_getter_map",
    "get_property_setter_map",
    "offscreen_context",
    "parse_arguments",
    "parse_device_str",
    "parse_sim_config",
]


def _indent_xml(elem: Element, level: int = 0) -> None:
    """Break and indent an XML tree in place, for writing it to a file that people read."""
    indent(elem, level=level)
