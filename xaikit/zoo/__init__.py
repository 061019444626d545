"""Trained models by name: `load("shapes")`, `load("resnet18")`; `names()` says what there is."""

from xaikit.zoo.registry import load, names
from xaikit.zoo.subjects import subject

__all__ = ["load", "names", "subject"]
