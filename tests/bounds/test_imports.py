"""Libraries that importing the theory must not load."""

import json
import subprocess
import sys

import pytest

_REPORT = "import sys, json; print(json.dumps(sorted({m.split('.')[0] for m in sys.modules})))"


def _loaded(statement):
    command = [sys.executable, "-c", f"{statement}; {_REPORT}"]
    return set(
        json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    )


@pytest.mark.parametrize(
    "statement",
    [
        "import bounds",
        "import bounds; bounds.catalogue(); bounds.influence; bounds.notation",
        "import bounds.__main__",
    ],
)
def test_the_theory_starts_light(statement):
    heavy = {"torch", "scipy", "matplotlib", "empirics", "verify", "paper_figures", "polars"}
    assert not _loaded(statement) & heavy


def test_the_loops_do_not_load_sympy():
    assert "sympy" not in _loaded("import bounds.cycles, bounds.errors")


def test_the_package_offers_what_it_says():
    import bounds

    assert all(getattr(bounds, name) is not None for name in bounds.__all__)
    assert set(bounds.__all__) <= set(dir(bounds))
    assert callable(bounds.catalogue)
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = bounds.nothing
