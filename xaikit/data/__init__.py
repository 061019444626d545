"""The data sets: bundled photographs, generated pictures, and pictures from files. Nothing is downloaded."""

from xaikit.data.examples import Box, Example, Examples
from xaikit.data.images import read_image
from xaikit.data.photos import PHOTOS, mosaics, photo, photos
from xaikit.data.shapes import FILLS, SHAPES, shapes, watermark_mask
from xaikit.data.slices import TISSUES, slices

__all__ = [
    "FILLS",
    "PHOTOS",
    "SHAPES",
    "TISSUES",
    "Box",
    "Example",
    "Examples",
    "mosaics",
    "photo",
    "photos",
    "read_image",
    "shapes",
    "slices",
    "watermark_mask",
]
