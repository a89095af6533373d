"""Changes that must not go unnoticed, made in a copy: a sample runs under the ``mutation`` mark."""

import pytest

from tests.mutation import files, judges_of, mutants, sampled, survivors


def test_every_file_in_scope_has_tests_and_mutants_are_one_change():
    assert all(judges_of(file) for file in files())
    for mutant in sampled(200, 3):
        assert mutant.old != mutant.new
    assert sum(1 for file in files() for _ in mutants(file)) > 2000


@pytest.mark.mutation
def test_a_sample_of_mutants_is_noticed():
    """Nine tenths of all are killed; fewer than 6 of 10 would be a chance of 0.0016."""
    chosen = sampled(10, 7)
    left = survivors(chosen, 2)
    assert len(left) <= 4, "\n".join(map(str, left))
