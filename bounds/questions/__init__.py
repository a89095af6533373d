"""What a researcher asks of a bound: limits, orders, requirements, explanations, citations."""
