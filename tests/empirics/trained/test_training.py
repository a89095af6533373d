"""Networks and their training against closed forms: scores, losses, flow, least squares."""

import numpy as np
import pytest
import torch

from empirics import InputError
from empirics.diffusion.accuracy import LOOP, law_axis, node_axis
from empirics.diffusion.features import PRESETS, draw_features
from empirics.diffusion.moments import moment_table
from empirics.diffusion.noising import node_weights
from empirics.diffusion.probability_flow import score_and_divergence
from empirics.diffusion.process import OrnsteinUhlenbeck
from empirics.diffusion.training_time import GradientFlow
from empirics.targets import normal
from empirics.trained.networks import Batch, Networks
from empirics.trained.schedules import Plan, schedule_named
from empirics.trained.training import TrainingData, batches, stream_of, train

PROCESS = OrnsteinUhlenbeck()
DOUBLE = torch.zeros((), dtype=torch.float64)
POINTS = np.array([-1.1, 0.2, 0.7])


def start(preset="tanh", width=8, dimension=1, replicates=1):
    features = draw_features(PRESETS[preset], PROCESS, width, dimension, seed=3)
    return Networks.initial(features, replicates, dtype=torch.float64)


def shaken(networks, seed=0):
    """Other weights, different in every replicate."""
    stream = torch.Generator().manual_seed(seed)
    inner, outer = (
        w + torch.randn(w.shape, generator=stream, dtype=w.dtype)
        for w in (networks.inner, networks.outer)
    )
    return Networks(networks.features, inner, outer)


def moments(features, points, times=20):
    axis = node_axis(law_axis(normal(), LOOP))
    table = moment_table(features, axis, PROCESS.quadrature(times))
    weights = node_weights(points, np.full(len(points), 1 / len(points)), axis)
    return table(weights[None])


def plan(**given):
    standard = {"steps": 100, "batch_size": 32, "learning_rate": 0.03, "averaging": 0.9}
    return Plan(**(standard | {"schedule": schedule_named("cosine")} | given))


@pytest.mark.parametrize("preset", ["tanh", "relu"])
@pytest.mark.parametrize("dimension", [1, 2])
def test_scores_and_divergences_are_the_closed_forms(preset, dimension):
    """Every replicate's network in torch, and its divergence by automatic differentiation."""
    networks = shaken(start(preset, dimension=dimension, replicates=3))
    t = np.full((3, 5), 0.3)
    at = np.random.default_rng(1).normal(size=(3, 5, dimension))
    batch = Batch.of(networks.features, at, t, 0 * at, np.ones((3, 5)), DOUBLE)
    x = batch.x.clone().requires_grad_()
    factor = networks.features.scales(0.3)[1]
    inputs = torch.cat([factor * x, batch.inputs[..., dimension:]], dim=-1)
    score = networks.score(Batch(x, inputs, batch.scale, batch.target, batch.weight))
    parts = [
        torch.autograd.grad(score[..., i].sum(), x, retain_graph=True)[0][..., i]
        for i in range(dimension)
    ]
    for r, (features, theta) in enumerate(networks.each()):
        exact, divergence = score_and_divergence(features, theta, x[r].detach().numpy(), 0.3)
        np.testing.assert_allclose(score[r].detach().numpy(), exact, rtol=1e-12, atol=1e-12)
        np.testing.assert_allclose(sum(parts)[r].numpy(), divergence, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("preset", ["tanh", "relu"])
def test_mean_of_the_minibatch_loss_is_the_exact_loss(preset):
    """1000 batches: six standard errors, so false alarms below 1e-8, and the error below 2 %."""
    networks = shaken(start(preset))
    ((features, theta),) = networks.each()
    sigma, cross = moments(features, POINTS)
    exact = float(theta[0] @ sigma[0] @ theta[0] - 2 * theta[0] @ cross[0])
    skip = features.preset.skip
    # E|skip x|^2 - 2 E[skip x target], with E[x target] = -1.
    second = PROCESS.decay(PROCESS.quadrature(20).times) ** 2 * ((POINTS**2).mean() - 1) + 1
    exact += PROCESS.quadrature(20).weights @ (skip**2 * second + 2 * skip)
    data, streams = TrainingData.equal(POINTS[:, None]), [torch.Generator().manual_seed(1)]
    drawn = batches(networks.features, data, streams, 1000, 64, DOUBLE)
    losses = np.array([float(networks.loss(batch)[0]) for batch in drawn])
    error = losses.std() / np.sqrt(len(losses))
    assert abs(losses.mean() - exact) < 6 * error
    assert error < 0.02 * abs(exact)


def test_descent_on_the_exact_loss_is_the_flow_of_the_random_features():
    """Frozen inner layers: coefficient by coefficient, extrapolated to a vanishing step."""
    networks, tau = start(), 20.0
    nodes = PROCESS.quadrature(20)
    z, w = np.polynomial.hermite_e.hermegauss(100)
    shape = (len(POINTS), len(nodes.times), len(z))
    x0, t, noise = (
        np.broadcast_to(v, shape).reshape(1, -1)
        for v in (POINTS[:, None, None], nodes.times[:, None], z)
    )
    weight = np.broadcast_to(nodes.weights[:, None] * w / w.sum() / len(POINTS), shape)
    everything = Batch.of(
        networks.features, x0[..., None], t, noise[..., None], weight.reshape(1, -1), DOUBLE
    )

    def descended(steps):
        outer = networks.outer.clone().requires_grad_()
        for _ in range(steps):
            loss = Networks(networks.features, networks.inner, outer).loss(everything).sum()
            (slope,) = torch.autograd.grad(loss, outer)
            # Theta = A / sqrt(m): a step of m on A is a step of one on Theta.
            outer.data -= networks.features.width * tau / steps * slope
        return Networks(networks.features, networks.inner, outer).each()[0][1][0]

    flow = GradientFlow.of(*moments(networks.features, POINTS))
    exact = flow.weights(np.array([[tau]]))[0, 0]
    found = 2 * descended(1000) - descended(500)
    np.testing.assert_allclose(found, exact, atol=3e-4 * np.abs(exact).max())


def test_adam_with_frozen_layers_reaches_least_squares():
    """It ends above the least loss, by under 2 % of what there is to gain: minibatch noise."""
    networks = start(width=6, replicates=2)
    sample = np.random.default_rng(0).choice(POINTS, 200) + 0.2 * np.linspace(-1, 1, 200)
    sigma, cross = (m[0] for m in moments(networks.features, sample))
    least = -cross @ np.linalg.lstsq(sigma, cross, rcond=1e-10)[0]
    streams = [torch.Generator().manual_seed(r) for r in range(2)]
    data = TrainingData.weighted(sample[:, None], np.ones((2, 200)))
    slow = plan(steps=2000, averaging=0.99, learning_rate=0.1)
    trained = train(networks, data, slow, streams, inner=False)
    for features, theta in trained.each():
        np.testing.assert_array_equal(features.W, networks.features.W)
        loss = theta[0] @ sigma @ theta[0] - 2 * theta[0] @ cross
        assert least <= loss < 0.98 * least


def test_training_all_layers_does_better_than_the_outer_one_alone():
    networks = start(width=8)
    sample = np.concatenate([POINTS - 0.02, POINTS + 0.02])[:, None]
    data = TrainingData.equal(sample)
    losses = []
    for inner in (False, True):
        stream = [torch.Generator().manual_seed(0)]
        trained = train(networks, data, plan(steps=1500, batch_size=64), stream, inner=inner)
        ((features, theta),) = trained.each()
        sigma, cross = (m[0] for m in moments(features, sample[:, 0], 40))
        losses.append(theta[0] @ sigma @ theta[0] - 2 * theta[0] @ cross)
    assert losses[1] < 1.05 * losses[0] < 0


def test_each_replicate_trains_on_its_own_data_and_stream():
    """A batch of three gives what three single trainings give, to float32's rounding."""
    features = draw_features(PRESETS["tanh"], PROCESS, 8, 1, seed=0)
    weights = np.random.default_rng(0).dirichlet(np.ones(5), size=3)
    points = np.linspace(-1, 1, 5)[:, None]

    def trained(rows):
        streams = [stream_of(np.random.default_rng(r)) for r in rows]
        data = TrainingData.weighted(points, weights[rows])
        return train(Networks.initial(features, len(rows)), data, plan(), streams).each()

    together = trained([0, 1, 2])
    for r in range(3):
        (alone,) = trained([r])
        np.testing.assert_allclose(together[r][1], alone[1], atol=1e-4)
        np.testing.assert_allclose(together[r][0].W, alone[0].W, atol=1e-4)
    assert np.abs(together[0][1] - together[1][1]).max() > 1e-2


def test_picks_follow_the_weights():
    """Points without weight are never picked, the others in proportion."""
    data = TrainingData.weighted(np.arange(4.0)[:, None], np.array([[0.0, 3.0, -1.0, 1.0]]))
    picked = data.pick(0, np.linspace(0, 1, 1000, endpoint=False))[:, 0]
    np.testing.assert_array_equal(np.bincount(picked.astype(int), minlength=4), [0, 750, 0, 250])


def test_averages_forget_the_start_and_schedules_end():
    assert plan(averaging=0.99).kept(0) == 0.1
    assert plan(averaging=0.99).kept(10**6) == 0.99
    assert plan(averaging=0.0).kept(5) == 0.0
    assert plan(steps=10).rate(0) == 0.03
    assert plan(steps=10).rate(5) == pytest.approx(0.015)
    assert plan(schedule=schedule_named("constant")).rate(99) == 0.03


@pytest.mark.parametrize("preset", ["tanh", "relu"])
@pytest.mark.parametrize("rate", [1e3, 1e6, 1e30])
def test_explosions_are_caught(preset, rate):
    features = draw_features(PRESETS[preset], PROCESS, 8, 1, seed=0)
    data, streams = TrainingData.equal(POINTS[:, None]), [torch.Generator().manual_seed(0)]
    with pytest.raises(InputError, match=r"explodes at step 1 \(loss .* learning_rate = 1"):
        train(Networks.initial(features, 1), data, plan(learning_rate=rate), streams)


def test_an_explosion_in_the_last_step_is_caught():
    features = draw_features(PRESETS["tanh"], PROCESS, 8, 1, seed=0)
    data, streams = TrainingData.equal(POINTS[:, None]), [torch.Generator().manual_seed(0)]
    with pytest.raises(InputError, match="explodes at step 1"):
        train(Networks.initial(features, 1), data, plan(steps=1, learning_rate=1e6), streams)


def test_the_global_random_state_and_the_threads_are_left_alone():
    torch.manual_seed(5)
    before, threads = torch.random.get_rng_state(), torch.get_num_threads()
    features = draw_features(PRESETS["tanh"], PROCESS, 4, 1, seed=0)
    data = TrainingData.equal(POINTS[:, None])
    train(Networks.initial(features, 1), data, plan(steps=3), [torch.Generator()])
    assert torch.equal(before, torch.random.get_rng_state())
    assert torch.get_num_threads() == threads
