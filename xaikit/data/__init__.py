"""The data sets: photographs, generated pictures, sentences, tables, and files. Nothing is downloaded."""

from xaikit.data.examples import Box, Example, Examples
from xaikit.data.images import read_image
from xaikit.data.news import NEWS, Texts, news
from xaikit.data.photos import PHOTOS, mosaics, photo, photos
from xaikit.data.shapes import FILLS, SHAPES, shapes, watermark_mask
from xaikit.data.slices import TISSUES, slices
from xaikit.data.tables import TABLES, Table, table

__all__ = [
    "FILLS",
    "NEWS",
    "PHOTOS",
    "SHAPES",
    "TABLES",
    "TISSUES",
    "Box",
    "Example",
    "Examples",
    "Table",
    "Texts",
    "mosaics",
    "news",
    "photo",
    "photos",
    "read_image",
    "shapes",
    "slices",
    "table",
    "watermark_mask",
]
