"""Widgets: the player for every method, and the labs, one for each idea that the player cannot carry."""

import os
from collections.abc import Sequence

from ..core.explanation import Explanation
from .backward_lab import BackwardLab
from .base import Lab, Widget, show_static, write
from .cam_lab import CamLab
from .coalitions_lab import CoalitionsLab
from .flow_lab import FlowLab
from .noise_lab import NoiseLab
from .occlusion_lab import OcclusionLab
from .path_lab import PathLab
from .player import Player
from .regions_lab import RegionsLab
from .segmentation_lab import SegmentationLab
from .switch_lab import SwitchLab

#: Every lab says which methods it is for; methods that no lab names are played by the player.
LABS: dict[str, type[Lab]] = {
    name: lab
    for lab in (
        PathLab,
        RegionsLab,
        NoiseLab,
        CamLab,
        SegmentationLab,
        BackwardLab,
        FlowLab,
        OcclusionLab,
        CoalitionsLab,
        SwitchLab,
    )
    for name in lab.methods
}

__all__ = [
    "LABS",
    "BackwardLab",
    "CamLab",
    "CoalitionsLab",
    "FlowLab",
    "Lab",
    "NoiseLab",
    "OcclusionLab",
    "PathLab",
    "Player",
    "RegionsLab",
    "SegmentationLab",
    "SwitchLab",
    "Widget",
    "show_static",
    "widget_for",
    "write_page",
]


def widget_for(explanation: Explanation, lab: bool = True) -> Widget:
    """The lab for this method, or the player (always with lab=False, and where the lab needs a picture)."""
    made_for_it = LABS.get(explanation.method)
    if lab and made_for_it is not None and made_for_it.fits(explanation):
        return made_for_it(explanation)
    return Player(explanation)


def write_page(
    path: "str | os.PathLike[str]", shown: "Sequence[Explanation | Widget]", title: str = "", lead: str = ""
) -> None:
    """Write one page that shows several explanations or widgets, with no kernel and no network."""
    write(path, [w if isinstance(w, Widget) else widget_for(w) for w in shown], title, lead)
