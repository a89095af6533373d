"""One diffusion model in the plane, trained and its law found, against plainer ways.

The peers: one solution on the finest cells with the network at every face and step, which is less
accurate, and drawing as many samples as the model was trained on by Euler-Maruyama steps.
"""

import numpy as np
import pytest

from empirics.diffusion.accuracy import LOOP
from empirics.diffusion.fokker_planck import PlaneFokkerPlanck
from empirics.diffusion.plane_model import PlaneModel, plane_tables
from empirics.diffusion.process import OrnsteinUhlenbeck, sampler_named
from empirics.diffusion.training_time import VectorFlow
from empirics.models import FixedTime
from empirics.targets import gaussian_mixture

pytestmark = pytest.mark.benchmark
_ANGLES = np.arange(5) * 2 * np.pi / 5
RING = gaussian_mixture(
    [1 / 5] * 5, (1.2 * np.stack([np.cos(_ANGLES), np.sin(_ANGLES)], 1)).tolist(), 0.3
)


@pytest.mark.parametrize("width", [64, 256])
def test_plane_diffusion(width, alternating, show):
    tables = plane_tables(RING, "tanh", width, OrnsteinUhlenbeck(), 0, LOOP.plane)
    model = PlaneModel(tables, FixedTime(1000.0), sampler_named("sde"))
    weights = model.weights(RING.sample(1000, np.random.default_rng(0)))

    def trained():
        flow = VectorFlow.of(*tables.moments(weights[None]))
        return tables.models(flow.weights(np.array([[1000.0]]))[:, 0])

    models = trained()
    field = tables.sde_fitted(models).score
    plain = PlaneFokkerPlanck(tables.process, tables.axis, (0,) * LOOP.plane.steps)
    jobs = {
        "training": trained,
        "law": lambda: tables.sde_law(tables.models(models.theta)),
        "law, plainly": lambda: plain.solve(plain.at_faces(field)),
        "1000 samples": lambda: tables.sde_fitted(models).sample(1000, np.random.default_rng(0)),
    }
    times = alternating(jobs, repeats=2)
    exact = tables.sde_law(models)
    away = 0.5 * np.abs(jobs["law, plainly"]() - exact.masses).sum()
    show(
        f"plane diffusion, {width} units (law within {exact.error[0]:.1e})",
        ("job", "seconds", "times our law"),
        [(name, t, t / times["law"]) for name, t in times.items()],
    )
    assert exact.error[0] < 1e-3
    assert away < 0.01
