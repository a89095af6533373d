"""Loops of figures run in worker processes."""

import pytest


@pytest.fixture(scope="module", autouse=True)
def _warm(warm_workers):
    """They start with the libraries."""
