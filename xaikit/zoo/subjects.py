"""A model and an example for every kind of method, for the tour, for documentation and for tests."""

from typing import Any

from xaikit.data import news, photo, slices, table
from xaikit.zoo.registry import load


def subject(
    takes: tuple[str, ...] = ("picture",), explains: str = "class"
) -> tuple[Any, Any, dict[str, Any]]:
    """A bundled model, an example for it, and the options that a method needs to explain it.

    takes, explains   as the method has them: the photograph of the cat for a method that takes a picture, a
                      slice where pixels are explained, a flower for one that takes a row, ten of them, or a
                      sentence
    """
    if explains == "pixels":
        return load("unet"), slices(4, seed=0).images[3], {}
    if "picture" in takes:
        return load("photos"), photo("cat", size=96), {}
    if "text" in takes:
        return load("news"), news("test").texts[5], {}
    flowers = load("iris")
    train, test = table("iris"), table("iris", "test")
    if "rows" in takes:
        return flowers, test.X[:10], {}
    return flowers, test.X[0], {"background": train.X}
