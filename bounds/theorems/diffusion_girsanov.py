r"""From the score error along the noising path to the law that is generated.

.. math:: \mathrm{KL}(\tilde p_{t_0} \,\|\, p_\theta) \le K_T + L, \qquad
          K_T = \mathrm{KL}(\tilde p_T \,\|\, \pi), \quad
          L = \frac12 \int_{t_0}^T g^2 \, \mathbb{E}_{\tilde p_t}
              \|s_\theta - \nabla\log\tilde p_t\|^2 dt,

.. math:: \mathrm{TV} \le \min\bigl(\sqrt{(K_T + L)/2}, \sqrt{1 - e^{-K_T - L}}\bigr).

The mixture is the one noised until ``t_0``. The KL bound exceeds the KL itself by the model's own
marginal score error, so it is attained only where that vanishes.

Derived: theory notes, B4.1 (G): data processing and Girsanov's theorem.
"""

from __future__ import annotations

from typing import Any

from bounds.bound import Bound, Constants, Side, Statistic, Tightness
from bounds.notation import K_T, L
from bounds.theorems._diffusion import GIRSANOV, tv_of_kl
from bounds.theorems._paper_form import from_the_notes
from bounds.theorems._quantities import ONE_STEP_KL, ONE_STEP_TV

__all__ = ["BOUNDS"]

_COMMON: dict[str, Any] = {
    "hypotheses": GIRSANOV,
    "source": from_the_notes("B4.1 (G)", "the form of Lemma 2 of Li et al., 2023", "li2023"),
    "side": Side.UPPER,
    "statistic": Statistic.ONE_TRAINING,
    "constants": Constants.GIVEN,
}

_KL = Bound(
    name="diffusion-girsanov-kl",
    title="Diffusion, KL from the score error",
    statement="The KL of the data to the generated law is at most prior KL plus score risk.",
    expression=K_T + L,
    quantity=ONE_STEP_KL,
    tight=Tightness.TIGHT,
    **_COMMON,
)

_TV = Bound(
    name="diffusion-girsanov",
    title="Diffusion, TV from the score error",
    statement=(
        "The distance of the data to the generated law is at most what Pinsker's or Bretagnolle"
        " and Huber's inequality makes of prior KL plus score risk."
    ),
    expression=tv_of_kl(K_T + L),
    quantity=ONE_STEP_TV,
    tight=Tightness.NOT_TIGHT,
    **_COMMON,
)

BOUNDS = (_TV, _KL)
