"""How the desk is, in numbers, for whoever watches it from outside."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Measure:
    """A gauge. `label`: the name of its one label, '' for none; `values`: a number for each value of the label ('' without one)."""

    name: str
    about: str
    label: str
    values: Mapping[str, float]
