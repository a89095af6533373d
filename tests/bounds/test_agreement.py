"""Float, certified ball and JavaScript agree on everything that ``define`` accepts, or refuse."""

import math
from collections import Counter
from xml.etree.ElementTree import fromstring

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import bounds
from bounds.errors import UserError
from bounds.printing.pages import described
from bounds.strategies import expressions, parameters
from tests.bounds.javascript.node import node

_ACCURACY = 1e-9
_TINY = 1e-300


@pytest.fixture(scope="module")
def in_javascript():
    with node() as value:
        yield value


def _defined(expression):
    """The bound, or ``None`` where it is refused in one line."""
    try:
        return bounds.define("own", expression, statement="Mine.")
    except UserError as error:
        _refuse_lines(error)
        return None


def _tried(ask):
    """The answer, or ``None`` where it is refused in one line; anything else is raised."""
    try:
        return ask()
    except UserError as error:
        _refuse_lines(error)
        return None


def _refuse_lines(error):
    if "\n" in str(error):
        pytest.fail(f"more than a line: {error}")


def _floats(params):
    """Numbers that all three take to be the same."""
    return {
        word: value.tolist()
        if isinstance(value, np.ndarray)
        else [float(v) for v in value]
        if isinstance(value, list)
        else float(value)
        for word, value in params.items()
    }


def _agrees(found, ball):
    if math.isinf(found):
        return ball.high == math.inf or ball.low == -math.inf
    slack = _ACCURACY * abs(found) + _TINY
    return ball.low - slack <= found <= ball.high + slack


def _compared(expression, data, in_javascript):
    """Those of the three that gave a number, after they were seen to agree."""
    bound = _defined(expression)
    if bound is None:
        return "refused"
    params = _floats(data.draw(parameters(bound)))
    value, ball = _tried(lambda: bound.evaluate(**params)), _tried(lambda: bound.enclose(**params))
    page = in_javascript(bound, params)
    assert value is None or not math.isnan(value)
    if ball is not None:
        assert value is None or _agrees(value, ball), (expression, params, value, ball)
        assert page is None or _agrees(page, ball), (expression, params, page, ball)
    elif value is not None and page is not None:
        assert page == pytest.approx(value, rel=_ACCURACY), (expression, params)
    said = zip(("float", "ball", "page"), (value, ball, page), strict=True)
    return " ".join(name for name, answer in said if answer is not None) or "none"


def _many(count, same):
    """Settings for many examples, the same ones in every run or new ones."""
    return settings(
        max_examples=count,
        deadline=None,
        database=None,
        derandomize=same,
        suppress_health_check=list(HealthCheck),
    )


def _run(in_javascript, count, depth, same):
    seen = Counter()

    @_many(count, same)
    @given(expressions(depth), st.data())
    def compare(expression, data):
        seen[_compared(expression, data, in_javascript)] += 1

    compare()
    return seen


def test_three_evaluators_agree(in_javascript):
    seen = _run(in_javascript, 150, 2, same=True)
    assert seen["float ball page"] > 40, seen


@pytest.mark.slow
def test_three_evaluators_agree_on_many(in_javascript):
    seen = _run(in_javascript, 5000, 3, same=False)
    assert seen["float ball page"] > 1500, seen


def _asked(expression, data):
    """Everything that can be asked of a bound is answered, or refused in a line."""
    bound = _defined(expression)
    if bound is None:
        return
    assert r"\le" in bound.latex()
    assert bound.latex().count("{") == bound.latex().count("}")
    fromstring(bound.mathml())
    assert all(item.check() for item in bound.audit().properties)
    assert "Properties" in list(described(bound))
    params = data.draw(parameters(bound))
    _tried(lambda: bound.explain(**params))
    for word in bound.parameters[:2]:
        others = {w: value for w, value in params.items() if w != word}
        _tried(lambda word=word, others=others: bound.limit(word, 1, **others))
        _tried(lambda word=word: bound.limit(word, "oo"))
        _tried(lambda word=word: bound.order(word))


def test_whatever_is_accepted_is_printed_audited_and_asked():
    _many(25, True)(given(expressions(2), st.data())(_asked))()


@pytest.mark.slow
def test_whatever_is_accepted_is_printed_audited_and_asked_on_many():
    _many(1000, False)(given(expressions(3), st.data())(_asked))()
