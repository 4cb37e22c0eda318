"""How pictures of figures look: colours, lines and letters, for every chart alike."""

from __future__ import annotations

from typing import Any

COLOURS = ("#2f6fdf", "#d9730d", "#2a9d55", "#9a5bd6", "#c23b5a", "#4a5560")
INK, PALE = "#3c4550", "#dfe3e8"
STYLE: Any = {
    "svg.fonttype": "none",
    "svg.hashsalt": "myriad",  # or every SVG of the same figures would be another
    "font.family": "sans-serif",
    "font.sans-serif": ["system-ui", "Helvetica", "Arial", "DejaVu Sans"],
    "font.size": 9,
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.edgecolor": PALE,
    "axes.titlesize": 10,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "xtick.color": INK,
    "ytick.color": INK,
    "grid.color": PALE,
}


def colour(index: int) -> str:
    """Of the curve with this number; they repeat after the last."""
    return COLOURS[index % len(COLOURS)]
