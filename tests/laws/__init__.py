"""The laws: what holds for every method of the library, whatever it computes.

record.py         what the laws need to know about one method
gradients.py, paths.py, …  the records of a family, and what only they work out by hand
linear.py         linear models, and the arithmetic that several records share
cases.py          every method with every kind of example, its walk, and its explanation, computed once
compare.py        when two explanations are equal
test_registry.py  what a method says about itself, and that it has one record
test_steps.py     names, order, formulas, notes and checks
test_walk.py      there is one way to compute
test_model.py     the model is left as it was found
test_rosetta.py   what each method says about a linear model
test_file.py      saving and loading
test_bad_input.py, test_examples.py  the answer to bad input says what to try

A new method needs one record in the file of its family. A new family needs its file, named below.
"""

import xaikit as xk

from . import backprop, cams, gradients, paths, perturbation, shapley, surrogates
from .record import Record

#: The files with the records, by the name of the family in `xaikit.methods`.
FAMILIES = {
    "gradients": gradients,
    "paths": paths,
    "cams": cams,
    "backprop": backprop,
    "perturbation": perturbation,
    "shapley": shapley,
    "surrogates": surrogates,
}
#: The record of each method.
RECORDS = {record.name: record for family in FAMILIES.values() for record in family.RECORDS}


def family_of(name: str) -> str:
    """The family of a method: the module or folder in `xaikit.methods` in which it stands."""
    return xk.METHODS[name].function.__module__.split(".")[2]


def record_of(case: str) -> Record:
    """The record of the method of a case (`exact_shapley: text`)."""
    name = case.partition(": ")[0]
    assert name in RECORDS, f"{name} has no record: add one to tests/laws/{family_of(name)}.py"
    return RECORDS[name]
