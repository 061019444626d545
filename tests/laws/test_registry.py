"""What a method says about itself, and that every method has its record."""

import inspect

import xaikit as xk
from xaikit.core.papers import papers

from . import FAMILIES, RECORDS, family_of, record_of
from .cases import CALLS, CASES, every_method


def test_every_method_has_one_record_in_the_file_of_its_family():
    found = [(family, record.name) for family, file in FAMILIES.items() for record in file.RECORDS]
    for name in xk.METHODS:
        family = family_of(name)
        assert found.count((family, name)) == 1, (
            f"{name} belongs to the family {family}: give it one record in tests/laws/{family}.py"
            + ("" if family in FAMILIES else ", a new file, and name the file in tests/laws/__init__.py")
        )
    for family, name in found:
        assert name in xk.METHODS, f"tests/laws/{family}.py has a record of {name}, which is no method"
        assert family_of(name) == family, f"move the record of {name} to tests/laws/{family_of(name)}.py"


def test_no_variant_hides_another():
    assert len(CALLS) == len(CASES) + sum(len(record.variants) for record in RECORDS.values())


@every_method
def test_a_method_says_what_it_asks_and_how_it_computes(name):
    method = xk.METHODS[name]
    assert method.question.endswith("?"), "the docstring opens with the question that the method answers"
    assert method.formula, "then comes the formula, between two $$"
    assert name in xk.__all__
    assert getattr(xk, name) is method


@every_method
def test_the_paper_of_a_method_is_in_the_bibliography(name):
    assert xk.METHODS[name].paper in papers()


@every_method
def test_a_method_takes_keywords_after_the_model_and_the_example(name):
    parameters = list(inspect.signature(xk.METHODS[name].function).parameters.values())
    assert [p.name for p in parameters[:2]] == ["model", "x"]
    assert all(p.kind is p.KEYWORD_ONLY and p.default is not p.empty for p in parameters[2:])


@every_method
def test_a_record_names_kinds_and_options_that_the_method_has(name):
    record, shared = record_of(name), {"score", "batch_size", "keep"}
    calls = [*record.variants, *record.senseless.values()]
    assert {*record.also, *(call.kind for call in calls)} <= {"", *record.method.takes}
    for options in (record.quick, record.quick_groups, record.needed, *(call.options for call in calls)):
        assert options.keys() <= {*record.method.parameters} | shared
