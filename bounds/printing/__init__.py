"""Bounds on paper and screen: LaTeX, Unicode and MathML, pages of text."""
