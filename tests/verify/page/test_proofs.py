"""Proofs on the page: steps under every bound, links that lead somewhere, one graph of it all."""

import re

import pytest

import bounds
from bounds import Evidence, Proof, Step
from bounds.facts import FACTS
from tests.verify.page.conftest import Tree
from verify.page.dependencies import layout, resting_on
from verify.page.proofs import formula, sentence, shown_proof
from verify.page.report import Material, report

ALL = bounds.catalogue()


@pytest.fixture(scope="module")
def tree():
    return Tree(report(Material(None, [])))


@pytest.fixture(scope="module")
def shown():
    return {name: shown_proof(bound, ALL) for name, bound in ALL.items()}


def test_every_proved_bound_has_its_steps_on_the_page(tree, shown):
    folded = {a.get("id") for a in tree.all("details")}
    for name, bound in ALL.items():
        assert f"proof-{name}" in folded
        assert len(shown[name].steps) == len(bound.proof.steps)
        assert shown[name].steps or bound.source.evidence is not Evidence.PROVED
        for step in bound.proof.steps:
            assert step.text in tree.text
            assert step.how(bound.assumed) in tree.text


def test_every_formula_is_set(shown):
    formulas = [
        (step.formula, drawn.formula)
        for name, bound in ALL.items()
        for step, drawn in zip(bound.proof.steps, shown[name].steps, strict=True)
    ]
    assert all(drawn.startswith("<math") for written, drawn in formulas if written != "")
    assert not [drawn for _, drawn in formulas if re.search(r"\\[A-Za-z]|&amp;#", drawn)]
    assert not [fact for fact in FACTS.values() if "$" in sentence(fact.statement)]


def test_what_is_reconstructed_says_what_is_proved_and_what_is_believed(shown):
    for name, bound in ALL.items():
        parts = shown[name].scope
        assert " ".join(parts) == bound.proof.scope
        if bound.source.evidence is Evidence.RECONSTRUCTED and parts:
            assert any(part.startswith("Proved") for part in parts), name
            assert any(part.startswith("Believed") for part in parts), name


def test_every_use_is_a_link_with_a_target(tree, shown):
    ids = {a["id"] for _, a in tree.elements if "id" in a}
    used = [part for proof in shown.values() for step in proof.steps for part in step.used]
    assert {str(part.role) for part in used} >= {"entry", "fact", "hypothesis", "work"}
    assert {part.address[1:] for part in used} <= ids
    links = {a["href"] for a in tree.all("a")}
    assert {part.address for part in used} <= links
    assert {f"graph-{name}" for name in ALL} <= ids


def test_an_entry_that_the_page_lacks_is_no_link():
    proof = shown_proof(ALL["full-synthetic"], {"full-synthetic"})
    lacking = [p for step in proof.steps for p in step.used if p.name == "error-propagation"]
    assert lacking
    assert all(part.address == "" for part in lacking)


def test_the_graph_has_a_node_per_entry_and_their_dependencies_as_edges(tree):
    nodes = {a["id"]: a for a in tree.all("a") if "node" in a.get("class", "").split()}
    assert sorted(nodes) == sorted(f"graph-{name}" for name in ALL)
    edges = [(a["data-low"], a["data-high"]) for a in tree.all("path") if "data-low" in a]
    expected = [(u, n) for n, b in ALL.items() for u in b.depends_on if u in ALL]
    assert sorted(edges) == sorted(expected)
    for name, bound in ALL.items():
        node = nodes[f"graph-{name}"]
        assert bound.source.evidence.value in node["class"].split()
        assert node["href"] == f"#bound-{name}"
        assert bound.source.evidence.value in node["aria-label"]
        assert all(u in node["aria-label"] for u in bound.depends_on if u in ALL)


def test_entries_stand_right_of_what_they_rest_on_and_never_on_each_other():
    below = resting_on(ALL)
    found = layout(below)
    for name, lows in below.items():
        columns = [found.nodes[low].column for low in lows]
        assert found.nodes[name].column == max(columns, default=-1) + 1
    for one in found.nodes.values():
        beside = [p for p in found.nodes.values() if p.column == one.column and p is not one]
        assert all(abs(one.row - p.row) >= 1 - 1e-9 for p in beside)
    for (low, high), route in found.edges.items():
        assert (route[0], route[-1]) == (found.nodes[low], found.nodes[high])
        assert [p.column for p in route] == list(range(route[0].column, route[-1].column + 1))


def test_latex_brings_no_markup_with_it():
    evil = r"\text{</math><script>alert(1)</script>&} < \href{javascript:alert(1)}{x}"
    tree = Tree(formula(Step("", evil)))
    assert tree.wrong == []
    assert not {"script", "a"} & {tag for tag, _ in tree.elements}
    assert not [a for _, a in tree.elements if {"href", "style", "class", "id"} & set(a)]
    assert formula(Step("", r"<b>_a_b")) == "<code>&lt;b&gt;_a_b</code>"


def test_a_bound_without_a_proof_says_so():
    mine = bounds.define("mine", bounds.notation.C, statement="Mine.")
    stated = bounds.define(
        "stated", bounds.notation.C, statement="S.", proof=Proof(lambda: (), "Believed: all.")
    )
    text = Tree(report(Material(None, [], claims={}, bounds={"mine": mine, "stated": stated}))).text
    assert "No proof is given." in text
    assert "Believed: all." in text
