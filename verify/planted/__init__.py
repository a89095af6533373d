"""Planted truth: loops whose answer is known, to measure the verdicts themselves."""

from verify.planted.loops import broken_loops, letters_bound, normal_bound, quantile_bound
from verify.planted.rates import Rate, engine_rates, rates_table

__all__ = [
    "Rate",
    "broken_loops",
    "engine_rates",
    "letters_bound",
    "normal_bound",
    "quantile_bound",
    "rates_table",
]
