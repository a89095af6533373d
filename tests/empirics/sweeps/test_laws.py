"""Laws that were kept go into a cell's file and come out as the run had them."""

from dataclasses import replace

import pytest

from bounds import cycles
from empirics import Experiment, run, targets
from empirics.models import Kde
from empirics.sweeps import Store, Sweep, cell_of, read_result
from empirics.sweeps.cell import Streams, asked_for, experiment_of
from empirics.sweeps.worker import compute
from verify.settings import RING

LINE = Experiment(
    target=targets.normal(),
    model=Kde(),
    cycle=cycles.balanced(n=40),
    generations=3,
    replicates=4,
)
PLANE = replace(LINE, target=RING, generations=2, replicates=2)


@pytest.mark.parametrize(("loop", "keep"), [(LINE, 3), (PLANE, 9)])
def test_laws_come_back_as_they_were(loop, keep, tmp_path):
    store, cell = Store(tmp_path), cell_of(loop, keep_laws=keep)
    store.cells.mkdir(parents=True)
    store.put(cell.key, compute(cell.key, cell.task))
    again, plain = read_result(store, cell), run(loop, keep_laws=keep)
    assert again.laws.equals(plain.laws)
    assert again.frame.equals(plain.frame)
    assert set(store.scan().collect().columns) == {"cell", *plain.frame.columns}
    assert again.plot_laws().axes


def test_keeping_laws_is_another_cell_with_the_same_numbers():
    without, kept = (cell_of(LINE, streams=Streams.CELL, keep_laws=k) for k in (0, 2))
    assert without.key != kept.key
    assert "keep_laws" not in without.description
    experiments = [experiment_of(*asked_for(cell.task)) for cell in (without, kept)]
    assert experiments[0] == experiments[1]


def test_a_sweep_finds_the_cells_that_keep_laws(tmp_path):
    store, cells = Store(tmp_path), [cell_of(LINE), cell_of(LINE, keep_laws=1)]
    store.cells.mkdir(parents=True)
    for cell in cells:
        store.put(cell.key, compute(cell.key, cell.task))
    assert Sweep(cells, store).report.found == 2
    assert read_result(store, cells[0]).laws is None
