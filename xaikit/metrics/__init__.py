"""Judging explanations: each metric is a walk with steps too, over an explanation instead of a model."""

from .localisation import pointing_game, relevance_mass, relevance_rank

__all__ = ["pointing_game", "relevance_mass", "relevance_rank"]
