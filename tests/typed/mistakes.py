"""Each line that is marked is a mistake that ``mypy --strict`` must find."""

import bounds
import empirics

cycle = bounds.cycles.fresh_real(n=100, share=0.1)
loop = empirics.Experiment(target=3, model=None, cycle=cycle, generations=2)  # no target, no model
name: int = bounds.get("fresh-real").name  # a name is a str
empirics.run(cycle)  # a cycle is no experiment
