"""Judging explanations: each metric is a walk with steps too, over an explanation instead of a model."""

from .localisation import pointing_game, relevance_mass, relevance_rank
from .randomization import parameter_randomization

__all__ = ["parameter_randomization", "pointing_game", "relevance_mass", "relevance_rank"]
