"""The only bibliography: papers.toml, read once."""

import functools
import importlib.resources
import tomllib
from dataclasses import dataclass

from .errors import OptionError, nearest


@dataclass(frozen=True)
class Paper:
    """A paper: `url` leads to a version that anyone can read, where there is one."""

    key: str
    authors: str
    title: str
    year: int
    venue: str
    url: str

    def __str__(self) -> str:
        return f"{self.authors} ({self.year}). {self.title}. {self.venue}. {self.url}"

    def bibtex(self) -> str:
        """The paper as a BibTeX entry."""
        authors = self.authors.replace(", ", " and ")
        fields = {
            "author": authors,
            "title": self.title,
            "year": self.year,
            "howpublished": self.venue,
            "url": self.url,
        }
        return "@misc{" + self.key + ",\n" + ",\n".join(f"  {k} = {{{v}}}" for k, v in fields.items()) + "\n}"


@functools.cache
def papers() -> dict[str, Paper]:
    """Every paper by key."""
    text = (importlib.resources.files("xaikit") / "papers.toml").read_text(encoding="utf-8")
    return {key: Paper(key, **entry) for key, entry in tomllib.loads(text).items()}


def paper(key: str) -> Paper:
    """A paper by key. Raises OptionError for an unknown one."""
    if key not in papers():
        raise OptionError(f"papers.toml has no key {key!r}. {nearest(key, papers())}")
    return papers()[key]
