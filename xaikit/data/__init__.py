"""The data sets: bundled photographs, generated scenes, and pictures from files. Nothing is downloaded."""

from xaikit.data.examples import Box, Example, Examples
from xaikit.data.images import read_image
from xaikit.data.photos import PHOTOS, mosaics, photo, photos
from xaikit.data.shapes import FILLS, SHAPES, shapes, watermark_mask

__all__ = [
    "FILLS",
    "PHOTOS",
    "SHAPES",
    "Box",
    "Example",
    "Examples",
    "mosaics",
    "photo",
    "photos",
    "read_image",
    "shapes",
    "watermark_mask",
]
