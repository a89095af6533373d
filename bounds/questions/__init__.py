"""What a researcher asks of a bound: limits, orders, requirements, explanations, citations."""

from bounds.questions.asking import Asked

__all__ = ["Asked"]
