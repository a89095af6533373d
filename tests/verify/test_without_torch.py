"""Without torch: one line where it is needed, and claims that need it are told as not run."""

import json
import sys

import numpy as np
import pytest

from bounds import cycles
from empirics import Experiment, run, targets
from empirics.errors import MissingLibraryError, missing
from empirics.models import Kde, TrainedDiffusion
from verify.__main__ import main
from verify.claims import claims, select
from verify.loops import obstacles
from verify.page.cards import cards
from verify.scale import Scale

LINE = r"^TrainedDiffusion needs torch: pip install '\.\[torch\]'$"


@pytest.fixture(autouse=True)
def _without_torch(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)
    monkeypatch.chdir(tmp_path)


def test_what_needs_torch_says_so_in_a_line():
    model = TrainedDiffusion(steps=2)
    loop = Experiment(
        target=targets.normal(), model=model, cycle=cycles.balanced(n=20), generations=1
    )
    with pytest.raises(MissingLibraryError, match=LINE):
        run(loop)
    with pytest.raises(MissingLibraryError, match=LINE):
        model.fit(np.zeros(5), np.random.default_rng(0))
    with pytest.raises(MissingLibraryError, match=LINE):
        TrainedDiffusion(device="cuda")
    assert missing(Kde()) == ""


def test_claims_that_need_torch_are_told_as_not_run(capsys):
    names = obstacles(select(("discrete", "diffusion-elsewhere")), Scale.QUICK)
    assert set(names) == {"diffusion-elsewhere"}
    assert main(["discrete", "diffusion-elsewhere"]) == 0
    out = capsys.readouterr().out
    assert "diffusion-elsewhere: not run: TrainedDiffusion needs torch" in out
    assert "supported" in out
    assert main(["discrete", "diffusion-elsewhere", "--json"]) == 0
    found = {f["claim"]: f["verdict"] for f in json.loads(capsys.readouterr().out)}
    assert found == {"discrete": "supported", "diffusion-elsewhere": "not run"}


def test_nothing_is_run_where_every_claim_needs_it(capsys):
    assert main(["diffusion-elsewhere"]) == 0
    assert "not run" in capsys.readouterr().out


def test_the_page_says_why_a_claim_was_not_run():
    one = {name: claims()[name] for name in ("discrete", "diffusion-elsewhere")}
    told = {card.name: card.problem for card in cards(one, None, ())}
    assert "needs torch" in told["diffusion-elsewhere"]
    assert "python -m verify tests it" in told["discrete"]
