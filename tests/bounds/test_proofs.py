"""Proofs: complete, without a circle, down to facts; checks pass, wrong variants fail."""

from fractions import Fraction
from pathlib import Path
from re import compile as pattern

import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy.logic.boolalg import BooleanAtom

import bounds
from bounds import checks
from bounds.__main__ import main
from bounds.errors import ParameterError
from bounds.facts import FACTS
from bounds.notation import C, j, n
from bounds.printing.pages import step_count
from bounds.proof import Known, Proof, Step
from bounds.questions.proving import Role, proof_tree
from bounds.references import REFERENCES
from bounds.worst_case import total_variation

ALL = bounds.catalogue()
PROVED = [b for b in ALL.values() if b.source.evidence is bounds.Evidence.PROVED]
ROOT = Path(__file__).parents[2]

every_bound = pytest.mark.parametrize("bound", ALL.values(), ids=list(ALL))


def _mine(name, *steps, **more):
    more = {"statement": "Mine.", "proof": Proof(lambda: steps), **more}
    return bounds.define(name, C * j / n, **more)


@every_bound
def test_every_entry_has_a_proof_or_says_what_is_believed(bound):
    is_proved = bound.source.evidence is bounds.Evidence.PROVED
    assert bound.proof is not None
    assert bool(bound.proof.scope) is not is_proved
    assert bound.proof.steps or not is_proved
    if bound.proof.scope:
        assert "Believed" in bound.proof.scope
        assert "Proved" in bound.proof.scope


@every_bound
def test_its_leaves_are_facts_definitions_hypotheses_and_works(bound):
    tree = proof_tree(bound.name)
    leaves = [node for node in tree.walk() if not node.below]
    believed = [
        n.name for n in leaves if n.role is Role.ENTRY and not bounds.get(n.name).proof.scope
    ]
    assert believed == []
    assert list(tree.walk())[-1].name == bound.name


@pytest.mark.parametrize("bound", PROVED, ids=[b.name for b in PROVED])
def test_a_proved_entry_uses_every_hypothesis(bound):
    unused = {item.name for item in bound.hypotheses} - set(bound.proof.uses)
    assert unused == set()


@pytest.mark.parametrize("bound", PROVED, ids=[b.name for b in PROVED])
def test_a_proved_entry_rests_on_no_belief_but_the_hypothesis_of_a_rate(bound):
    """A rate's closed form is proved given the rate, which then is a hypothesis here too."""
    own = {hypothesis.name for hypothesis in bound.hypotheses}
    for node in proof_tree(bound).walk():
        if node.role is Role.ENTRY and bounds.get(node.name).proof.scope:
            below = bounds.get(node.name)
            assert "given the one-step rate" in below.proof.scope
            assert "one-step rate" in own


def test_no_name_means_two_things():
    hypotheses = {item.name for bound in ALL.values() for item in bound.hypotheses}
    kinds = [set(ALL), set(FACTS), set(REFERENCES), hypotheses]
    assert sum(map(len, kinds)) == len(set().union(*kinds))


@every_bound
def test_every_check_passes_and_every_wrong_variant_fails(bound):
    for number, step in enumerate(bound.proof.steps, start=1):
        if step.check is not None:
            assert step.check.wrong, (number, step.text)
            assert step.check.holds(), (number, step.text)
            assert step.check.accepted() == (), (number, step.text)


def test_at_least_half_of_all_steps_are_checked():
    counts = step_count(ALL.values())
    assert counts[Known.CHECKED] * 2 >= sum(counts.values())
    assert sum(counts.values()) > 250


@every_bound
def test_every_step_can_be_read(bound):
    for step in bound.proof.steps:
        assert step.text[0].isupper() or not step.text[0].isalpha()
        assert step.text.endswith(".")
        assert step.latex.count("{") == step.latex.count("}")
        known, how = step.known(bound.assumed), step.how(bound.assumed)
        assert how.startswith("checked by ") if known is Known.CHECKED else how == known


def test_a_hypothesis_is_no_citation():
    step = Step("So it is.", uses=("fresh data",))
    assert step.known() is Known.CITED
    assert step.known({"fresh data"}) is Known.ARGUED
    assert Step("So it is.").how() == "argued"


def test_facts_have_references_and_definitions_have_none():
    for fact in FACTS.values():
        assert fact.is_definition is not bool(fact.reference)
        assert fact.is_definition or fact.key in REFERENCES
        assert fact.statement.endswith(".")
        assert fact.statement.count("$") % 2 == 0


def test_a_proof_that_rests_on_itself_is_refused(monkeypatch):
    one = _mine("one", Step("By two.", uses=("two",)))
    two = _mine("two", Step("By one.", uses=("one",)))
    both = {"one": one, "two": two}
    monkeypatch.setattr("bounds.questions.proving.catalogue", lambda: both)
    monkeypatch.setattr("bounds.questions.proving.get", both.__getitem__)
    with pytest.raises(ParameterError, match="one -> two -> one: a proof rests on itself"):
        proof_tree("one")


def test_a_name_that_nothing_has_is_refused():
    mine = _mine("mine", Step("By magic.", uses=("magic",)))
    with pytest.raises(ParameterError, match="magic: used by the proof of 'mine'"):
        proof_tree(mine)


def test_what_a_proof_depends_on_is_data():
    bound = bounds.get("fresh-real")
    assert bound.depends_on == ("error-propagation",)
    assert "one-step rate" in bound.proof.uses
    below = {node.name for node in bounds.proof_tree("sample-size-fresh-real").walk()}
    assert {"fresh-real", "error-propagation", "triangle inequality"} <= below
    assert _mine("bare", proof=None).depends_on == ()


def test_a_citation_holds_everything_below():
    cited = bounds.get("kde-high-probability").cite()
    assert all(key in cited for key in ("boucheron2013", "devroye2001", "project"))
    assert "bretagnolle1979" not in cited
    assert "bretagnolle1979" in bounds.get("diffusion-early-stopping-loop").cite()
    assert cited.count("@book{boucheron2013") == 1


def test_the_command_prints_a_proof(capsys):
    assert main(["proof", "full-synthetic"]) == 0
    shown = capsys.readouterr().out
    assert "Believed: that a trained diffusion model has this rate" in shown
    assert "checked by induction" in shown
    assert "uses error-propagation, one-step rate" in shown
    assert main(["proof", "full-synthetic", "--tree"]) == 0
    tree = capsys.readouterr().out
    assert tree.startswith("full-synthetic\n    error-propagation\n        definition of the loop")
    assert tree.index("Error propagation (error-propagation)") < tree.index("Full synthetic data (")
    assert "triangle inequality: $" in tree


def test_the_command_prints_latex(capsys):
    assert main(["proof", "kde-bias", "--latex"]) == 0
    alone = capsys.readouterr().out
    assert alone.count(r"\begin{proof}") == alone.count(r"\end{proof}") == 1
    assert main(["proof", "kde-bias-mixture", "--latex", "--tree"]) == 0
    assert capsys.readouterr().out.count(r"\begin{proof}") == 3
    assert main(["proof", "kde-biass"]) == 2
    assert "did you mean 'kde-bias'" in capsys.readouterr().err


def test_the_audit_counts_steps_and_names_what_fails(capsys, tmp_path):
    assert main(["audit", "discrete-resampling"]) == 0
    assert "4 steps of proofs: 4 checked, 0 cited, 0 argued" in capsys.readouterr().out
    own = tmp_path / "own.py"
    own.write_text(
        "import bounds\nfrom bounds.checks import identity\nfrom bounds.notation import C, j, n\n"
        "wrong = bounds.Step('False.', check=identity(C * j - C, C))\n"
        "BOUND = bounds.define('mine', C * j / n, statement='Mine.',\n"
        "    proof=bounds.Proof(lambda: (wrong,)))\n"
    )
    assert main(["--with", str(own), "audit", "mine"]) == 0
    assert "FAILS   proof of mine, step 1" in capsys.readouterr().out


def test_show_says_where_the_proof_is(capsys):
    assert main(["show", "full-synthetic"]) == 0
    assert "Proof      4 steps, 2 checked by machine; python -m bounds proof full-synthetic" in (
        capsys.readouterr().out
    )


_MASSES = st.lists(st.integers(0, 9), min_size=3, max_size=3).filter(any)
_LAWS = _MASSES.map(lambda parts: tuple(Fraction(part, sum(parts)) for part in parts))


@settings(max_examples=60, deadline=None)
@given(_LAWS, _LAWS, _LAWS)
def test_searched_statements_hold_for_other_laws_too(p, q, r):
    for name, number, count in _SEARCHED:
        claim = bounds.get(name).proof.steps[number].check.claim
        assert claim(*(p, q, r)[:count]), name


_SEARCHED = (
    ("error-propagation", 0, 3),
    ("error-propagation", 1, 3),
    ("kde-recursion", 1, 2),
    ("kde-recursion", 3, 2),
    ("kde-noise", 2, 2),
    ("kde-noise-mixture", 0, 1),
    ("discrete-resampling-tv", 0, 2),
    ("khelifa-forgetting", 0, 2),
    ("khelifa-floor", 0, 3),
)


u = sp.Symbol("u", positive=True)


def test_checks_refuse_what_is_false():
    assert checks.identity((u + 1) ** 2 - u**2 - 2 * u - 1).holds()
    assert not checks.identity((u + 1) ** 2 - u**2 - 1).holds()
    assert checks.induction(j * (j + 1) / 2, lambda now, then: then - now - j - 1, 1).holds()
    assert not checks.induction(j * (j + 1) / 2, lambda now, then: then - now - j, 1).holds()
    assert not checks.induction(j * (j + 1) / 2, lambda now, then: then - now - j - 1, 2).holds()
    assert checks.one_root([2 * u - 1, (u - 1) * (3 * u - 1)]).holds()
    assert not checks.one_root([(2 * u - 1) * (3 * u - 1)]).holds()
    assert not checks.one_root([u * (u - 1)]).holds()
    assert checks.positive_on(1, 2, u**2 - u + sp.Rational(1, 9)).holds()
    assert not checks.positive_on(1, 2, u**2 - 2 * u + sp.Rational(99, 100)).holds()
    assert checks.nonnegative(u / (1 + u)).holds()
    assert not checks.nonnegative(u - 1).holds()
    assert checks.enclosed(4 - sp.pi).holds()
    assert not checks.enclosed(3 - sp.pi).holds()


def test_the_search_finds_a_small_counterexample():
    assert checks.over_laws(lambda p: sum(p) == 1, count=1).holds()
    assert not checks.over_laws(lambda p, q: total_variation(p, q) < 1, count=2).holds()
    assert not checks.over_laws(lambda p: len(p) < 3, count=1).holds()
    assert all(len(p) < 3 for (p,) in checks.laws(1, letters=2))


_NOTES = pattern(
    r"theory notes|[Tt]heory [AB]\d|\b[AB]\d\.\d|\bB[1-5]\b|Thm\.? \d|closed form \([a-f]\)"
)


@pytest.mark.parametrize(
    "folder", ["drawing", "bounds", "empirics", "verify", "paper_figures", "README.md"]
)
def test_no_text_points_outside_the_project(folder):
    paths = [ROOT / folder] if folder.endswith(".md") else (ROOT / folder).rglob("*")
    texts = [p for p in paths if p.suffix in {".py", ".md", ".html", ".js", ".css", ".toml"}]
    assert texts
    assert [str(p) for p in texts if _NOTES.search(p.read_text(encoding="utf-8"))] == []


def test_no_formula_collapsed_to_a_truth_value():
    """An equation that SymPy evaluates when it is built says nothing to a reader."""
    steps = [
        (name, step) for name, bound in bounds.catalogue().items() for step in bound.proof.steps
    ]
    assert not [name for name, step in steps if isinstance(step.formula, BooleanAtom)]
