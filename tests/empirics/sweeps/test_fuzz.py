"""Whatever a study says, it is a study or one line says why not; a store is never half-written."""

import contextlib
import io
import math

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from empirics.__main__ import main
from empirics.sweeps import SpecError, Store, Study, parse
from empirics.sweeps.grids import expand
from empirics.sweeps.schema import fields_of, kinds_of

_ODD = st.one_of(
    st.sampled_from([0, -1, 1, 2, 3, 1.5, -0.5, 1e300, 1e-300, math.inf, math.nan, 2**63, 10**30]),
    st.booleans(),
    st.text(max_size=6),
    st.sampled_from(["fresh", "reused", "counts", "normal", "a.b:c", "math:sin", "json:loads"]),
)
_VALUES = st.recursive(
    _ODD,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.sampled_from(["kind", "grid", "n", "x"]), inner, max_size=2),
    ),
    max_leaves=6,
)
_GOOD = {
    "generations": 2,
    "replicates": 2,
    "seed": 0,
    "target": {"kind": "normal"},
    "model": {"kind": "kde"},
    "cycle": {"kind": "fresh-real", "n": [20, 30], "share": 0.5},
    "numerics": {},
}


@st.composite
def _tables(draw, part):
    kinds = kinds_of(part)
    kind = draw(st.sampled_from([*kinds, "math:sqrt"])) if kinds else ""
    known = list(fields_of((part, kind))) or ["x"]
    names = draw(st.lists(st.sampled_from([*known, *known, "x"]), max_size=6, unique=True))
    table = {name: draw(st.one_of(_near(name), _near(name), _VALUES)) for name in names}
    return {"kind": kind, **table} if kinds else table


def _near(name):
    """Values of the right kind, so that studies get past the first check."""
    known = {
        "n": st.integers(1, 50),
        "share": st.floats(0, 1),
        "lam": st.floats(0, 4),
        "weights": st.sampled_from([[1.0], [0.5, 0.5]]),
        "means": st.sampled_from([[0.0], [0.0, 1.0], [[0.0, 1.0], [1.0, 0.0]]]),
        "scales": st.sampled_from([1.0, [0.5], [0.5, 0.7]]),
        "rows": st.sampled_from([[[1]], [[1], [0.5, 0.5]]]),
        "width": st.integers(1, 8),
        "steps": st.integers(1, 5),
        "data": st.sampled_from(["fresh", "reused", "resampled", "subsampled"]),
        "distribution": st.sampled_from(["laplace", "cauchy", "poisson", "gamma"]),
    }
    return known.get(name, st.floats(0.1, 3))


@st.composite
def studies(draw):
    """A good study with some of its entries replaced, removed or added."""
    study = dict(_GOOD)
    changed = st.sampled_from([*_GOOD, *_GOOD, "titel"])
    for name in draw(st.lists(changed, max_size=2, unique=True)):
        part = name in ("target", "model", "cycle", "numerics")
        study[name] = draw(st.one_of(_tables(name), _VALUES) if part else _VALUES)
    if draw(st.integers(0, 9)) == 9:
        study.pop(draw(st.sampled_from(list(_GOOD))), None)
    return study


def toml(value):
    """TOML of nested data."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and not math.isfinite(value):
        return "nan" if math.isnan(value) else ("inf" if value > 0 else "-inf")
    if isinstance(value, str):
        return '"' + "".join(f"\\U{ord(c):08X}" for c in value) + '"'
    if isinstance(value, list):
        return "[" + ", ".join(map(toml, value)) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{k} = {toml(v)}" for k, v in value.items()) + "}"
    return repr(value)


def written(study):
    return "\n".join(f"{name} = {toml(value)}" for name, value in study.items())


def read_or_refuse(text):
    try:
        study = parse(text, "fuzz", "fuzz.toml")
    except SpecError as error:
        refused = str(error)
    else:
        refused = None
    if refused is not None:
        assert refused.startswith("fuzz.toml")
        assert "\n" not in refused
        return None
    assert isinstance(study, Study)
    assert len({cell.key for cell in study.cells}) == len(study.cells)
    return study


@settings(max_examples=200, suppress_health_check=list(HealthCheck), deadline=None)
@given(studies())
def test_fuzzed_studies_are_read_or_refused(study):
    read_or_refuse(written(study))


@pytest.mark.slow
@settings(max_examples=5000, suppress_health_check=list(HealthCheck), deadline=None)
@given(studies())
def test_many_fuzzed_studies_are_read_or_refused(study):
    read_or_refuse(written(study))


@settings(max_examples=200, suppress_health_check=list(HealthCheck), deadline=None)
@given(st.text(max_size=200))
def test_any_text_is_read_or_refused(text):
    read_or_refuse(text)


def test_a_good_share_of_fuzzed_studies_gets_through():
    """The fuzz reaches the cells and not only the first check."""
    through = []

    @settings(max_examples=200, suppress_health_check=list(HealthCheck), deadline=None)
    @given(studies())
    def count(study):
        through.append(read_or_refuse(written(study)) is not None)

    count()
    assert sum(through) > len(through) / 20


def run_fuzzed(study, folder):
    """The command on a fuzzed study: a known status, no traceback, and a store that is whole."""
    spec = folder / "fuzz.toml"
    spec.write_text(written(study))
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        status = main(["run", str(spec), "--store", str(folder / "store"), "--limit", "1"])
    assert status in (0, 2)
    assert "Traceback" not in err.getvalue()
    if status == 2 and "failed twice" not in err.getvalue():
        assert len(err.getvalue().strip().splitlines()) == 1
    store = Store(folder / "store")
    assert set(store.check(store.finished())[0]) == set(store.finished())
    assert all(p.suffix == ".parquet" for p in store.cells.glob("*"))


@pytest.fixture
def inline(monkeypatch):
    """Workers in this process: a fuzzed run takes a moment instead of a process."""
    from empirics.sweeps import sweeping
    from empirics.sweeps.executors import Outcome
    from empirics.sweeps.worker import compute

    class Inline:
        slots = 1

        def __init__(self, _):
            self.outcomes = []

        def submit(self, key, task):
            try:
                self.outcomes.append(Outcome(key, compute(key, task)))
            except Exception as error:
                self.outcomes.append(Outcome(key, None, f"{error!r}".replace("\n", " ")))

        def wait(self, seconds):
            found, self.outcomes = self.outcomes, []
            return found

        def close(self):
            pass

    monkeypatch.setattr(sweeping, "LocalProcesses", Inline)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_fuzzed_runs_never_half_write_a_store(tmp_path, inline):
    @settings(max_examples=40, suppress_health_check=list(HealthCheck), deadline=None)
    @given(cheap())
    def run(study):
        run_fuzzed(study, tmp_path)

    run()


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_many_fuzzed_runs_never_half_write_a_store(tmp_path, inline):
    @settings(max_examples=2000, suppress_health_check=list(HealthCheck), deadline=None)
    @given(cheap())
    def run(study):
        run_fuzzed(study, tmp_path)

    run()


def cheap():
    """Studies whose first cells take a moment, if they can be run at all."""
    return studies().filter(_is_cheap)


def _is_cheap(study):
    def small(value, most):
        return not isinstance(value, int) or value <= most

    try:
        cells = [raw.table for raw in expand(study)][:1]
    except ValueError:
        return True
    return all(
        small(cell.get("generations"), 5)
        and _few_steps(cell.get("model"))
        and small(cell.get("replicates"), 20)
        and (not isinstance(cell.get("cycle"), dict) or small(cell["cycle"].get("n"), 10**4))
        and "draws" not in str(cell.get("numerics"))
        for cell in cells
    )


def _few_steps(model):
    kind = model.get("kind") if isinstance(model, dict) else None
    most = {"trained-diffusion": ("steps", 5), "diffusion": ("width", 16)}
    if not isinstance(kind, str) or kind not in most:
        return True
    word, limit = most[kind]
    return isinstance(model.get(word), int) and model[word] <= limit
