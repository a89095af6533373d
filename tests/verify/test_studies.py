"""Bounds against a study, from its store."""

import pytest

import bounds
from empirics import InputError
from empirics.sweeps import Store, Sweep, parse
from verify import Verdict, check_study

TEXT = """
generations = 3
replicates = 800
target.kind = "normal"
model.kind = "kde"
cycle = { kind = "fresh-real", n = [500, 1000], share = 0.1 }
"""


def test_every_cell_of_a_study_gets_its_verdicts(tmp_path):
    study, store = parse(TEXT, "study"), Store(tmp_path)
    bound = bounds.get("kde-sandwich")
    with pytest.raises(InputError, match="is not there"):
        check_study(bound, study, store)
    for _ in Sweep(study.cells, store, workers=1):
        pass
    verdicts = check_study(bound, study, store)
    assert list(verdicts) == ["cycle.n=500", "cycle.n=1000"]
    assert {v.verdict for v in verdicts.values()} == {Verdict.SUPPORTED}


@pytest.mark.parametrize(("place", "wrong"), [("study", "results"), ("store", 3)])
def test_a_name_is_no_study_and_no_number_a_store(place, wrong, tmp_path):
    given = {"study": parse(TEXT, "study"), "store": Store(tmp_path)} | {place: wrong}
    with pytest.raises(InputError, match=rf"^{place} = {wrong!r}: must be a "):
        check_study(bounds.get("kde-sandwich"), **given)
