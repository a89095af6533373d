"""Bring your own: any model, target and cycle by its path."""

import sys

import numpy as np
import pytest

from empirics.sweeps import SpecError, parse, read_result

MODULE = '''
from dataclasses import dataclass
import numpy as np
from bounds.cycles import FullSynthetic
from empirics.targets import GaussianMixture

class Gauss:
    """Maximum-likelihood normal law."""
    def __init__(self, floor=0.0, widths=()):
        self.floor, self.widths = floor, widths
    def fit(self, samples, generator):
        return Law(samples.mean(), max(samples.std(), self.floor))

class Law:
    def __init__(self, mean, scale):
        self.mean, self.scale = mean, scale
    def sample(self, size, generator):
        return self.mean + self.scale * generator.standard_normal(size)
    def log_density(self, x):
        return -0.5 * ((x - self.mean) / self.scale) ** 2 - np.log(self.scale * np.sqrt(2 * np.pi))

class Wide(GaussianMixture):
    def __init__(self, scale):
        super().__init__((1.0,), (0.0,), (scale,))

class Cycle(FullSynthetic):
    pass

class NoFit: ...
class OddFit:
    def fit(self, samples): ...
class Breaks:
    def __init__(self): raise RuntimeError("not today")
'''
STUDY = """
generations = 2
replicates = 3
[target]
kind = "{module}:Wide"
scale = 2.0
[model]
kind = "{module}:Gauss"
floor = {{ grid = [0.0, 0.1] }}
widths = [1, 2]
[cycle]
kind = "{module}:Cycle"
n = 50
[numerics]
draws = 100
"""


@pytest.fixture
def module(tmp_path, monkeypatch, request):
    name = f"own_{abs(hash(request.node.name))}"
    (tmp_path / f"{name}.py").write_text(MODULE)
    monkeypatch.syspath_prepend(tmp_path)
    yield name
    sys.modules.pop(name, None)


def test_own_parts_run_in_worker_processes(module, tmp_path, sweep_into):
    study = parse(STUDY.format(module=module), "own")
    assert [cell.label for cell in study.cells] == ["model.floor=0", "model.floor=0.1"]
    store, report = sweep_into(study, tmp_path / "store", workers=2)
    assert report.computed == 2
    assert not report.failures
    tv = read_result(store, study.cells[0]).matrix("tv")
    assert tv.shape == (3, 2)
    assert np.all((tv > 0) & (tv < 1))


def test_a_bare_path_is_a_part_without_arguments(module):
    text = STUDY.format(module=module).replace(
        f'[model]\nkind = "{module}:Gauss"\nfloor = {{ grid = [0.0, 0.1] }}\nwidths = [1, 2]\n', ""
    )
    study = parse(f'model = "{module}:Gauss"\n{text}', "own")
    assert len(study.cells) == 1


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("NoFit", "without fit; a model needs fit"),
        ("OddFit", "cannot be called as fit"),
        ("Breaks", "calling it fails .RuntimeError: not today"),
        ("Gaus", "did you mean 'Gauss'"),
    ],
)
def test_a_part_that_does_not_fit_is_refused_at_load(module, name, message):
    text = STUDY.format(module=module).replace("floor = { grid = [0.0, 0.1] }\nwidths = [1, 2]", "")
    with pytest.raises(SpecError, match=message):
        parse(text.replace(":Gauss", f":{name}"), "own")


def test_a_target_and_a_cycle_must_derive_from_their_base(module):
    text = STUDY.format(module=module)
    with pytest.raises(SpecError, match="a target must derive from empirics"):
        parse(text.replace(":Wide", ":Gauss").replace("scale = 2.0", ""), "own")
    with pytest.raises(SpecError, match=r"a cycle must derive from bounds\.cycles\.DataCycle"):
        parse(text.replace(":Cycle", ":Gauss").replace("n = 50", ""), "own")


def test_editing_an_own_module_asks_for_new_results(module, tmp_path):
    from empirics.sweeps import versions

    def key():
        versions._module.cache_clear()
        return parse(STUDY.format(module=module), "own").cells[0].key

    before = key()
    path = tmp_path / f"{module}.py"
    path.write_text(MODULE.replace("maximum", "max"))
    assert key() == before
    path.write_text(MODULE.replace("samples.std()", "samples.std(ddof=1)"))
    assert key() != before
