"""Mistakes, explosions and studies: one line says what is wrong."""

from dataclasses import replace

import numpy as np
import pytest

from bounds import cycles
from empirics import InputError, run, targets
from empirics.diffusion.process import OrnsteinUhlenbeck
from empirics.models import TrainedDiffusion
from empirics.sweeps import SpecError, parse


@pytest.mark.parametrize("sampling", ["counts", "points"])
def test_an_explosion_names_generation_step_and_rate(sampling, loop, small):
    wild = replace(small, learning_rate=1e6)
    message = r"generation 1: training explodes at step 1 \(loss .*\) with learning_rate = 1e\+06"
    with pytest.raises(InputError, match=message):
        run(loop(wild, cycles.full_synthetic(n=50), replicates=1, sampling=sampling))


def test_an_explosion_in_the_plane_names_them_too(loop, small, plane):
    wild = replace(small, learning_rate=1e6, sampler="ode")
    with pytest.raises(InputError, match="generation 1: training explodes at step 1"):
        run(loop(wild, target=plane, replicates=1, draws=500))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"width": 0}, "width = 0: must be an integer >= 1"),
        ({"steps": 0}, "steps = 0: must be an integer >= 1"),
        ({"batch_size": 0}, "batch_size = 0: must be an integer >= 1"),
        ({"learning_rate": 0.0}, "learning_rate = 0.0: must be a number > 0"),
        ({"learning_rate": -1}, "learning_rate = -1: must be a number > 0"),
        ({"learning_rate": float("nan")}, "learning_rate = nan"),
        ({"averaging": 1.0}, "averaging = 1.0: must be a number >= 0 and < 1"),
        ({"schedule": "linear"}, "schedule = 'linear': must be one of 'cosine', 'constant'"),
        ({"preset": "elu"}, "preset = 'elu': must be one of 'tanh', 'relu'"),
        ({"sampler": "heun"}, "sampler = 'heun': must be one of 'sde', 'ode'"),
        ({"device": "tpu"}, "device = 'tpu': must be one of 'cpu', 'cuda'"),
        ({"seed": -1}, "seed = -1: must be an integer >= 0"),
    ],
)
def test_mistakes_are_named(arguments, message):
    with pytest.raises(InputError, match=message):
        TrainedDiffusion(**arguments)


def test_a_missing_device_is_named(monkeypatch):
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    with pytest.raises(InputError, match="device = 'cuda': there is no CUDA device here"):
        TrainedDiffusion(device="cuda")


def test_data_that_cannot_be_learned_is_refused(loop, small):
    for samples in (np.array([0.0, np.nan]), np.zeros((0, 2))):
        with pytest.raises(InputError, match="must be finite numbers, at least one"):
            small.fit(samples, np.random.default_rng(0))
    with pytest.raises(InputError, match="lie outside the grid"):
        small.fit(np.array([0.0, 50.0]), np.random.default_rng(0))
    compact = targets.truncated_mixture([0.5, 0.5], [-0.8, 0.8], 0.4, (-1.5, 1.5))
    with pytest.raises(InputError, match="use stop >="):
        run(loop(target=compact))


STUDY = """
generations = 2
replicates = 2
[target]
kind = "normal"
[model]
kind = "trained-diffusion"
width = 16
steps = [20, 40]
stop = 0.01
[cycle]
kind = "full-synthetic"
n = 100
"""


def test_studies_say_how_networks_are_trained():
    first, second = parse(STUDY, "study").cells
    model = first.experiment.model
    assert (model.steps, model.process.stop) == (20, 0.01)
    assert model == TrainedDiffusion(width=16, steps=20, process=OrnsteinUhlenbeck(stop=0.01))
    assert first.key != second.key
    assert run(second.experiment).matrix("tv").shape == (2, 2)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("width = 16", "width = 0", "8: model.width = 0: must lie in"),
        ("width = 16", "learning_rate = 0", "8: model.learning_rate = 0: must be > 0"),
        ("width = 16", "device = 'tpu'", "8: model.device = 'tpu': must be one of 'cpu', 'cuda'"),
        ("stop = 0.01", "stop = 9", r"stop = 9.0: must be in \[0, horizon"),
    ],
)
def test_a_mistaken_study_is_refused_where_it_is_wrong(old, new, message):
    with pytest.raises(SpecError, match=message):
        parse(STUDY.replace(old, new), "study")
