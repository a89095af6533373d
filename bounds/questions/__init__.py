"""Questions about a bound: limits, orders, requirements, explanations, citations."""
