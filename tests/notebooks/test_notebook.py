"""A notebook is executed, and what it shows is looked at."""

import re

import pytest

import bounds
import empirics
import verify
from bounds.html import html_table
from empirics.progress import shown

nbclient = pytest.importorskip("nbclient")
nbformat = pytest.importorskip("nbformat")
pytest.importorskip("ipykernel")

SETUP = """
import bounds, empirics, verify
from empirics.models import Kde
loop = empirics.Experiment(
    target=empirics.targets.normal(), model=Kde(), cycle=bounds.cycles.fresh_real(n=200, share=0.2),
    generations=2, replicates=40,
)
result = empirics.run(loop, progress=True, keep_laws=2)
bound = bounds.get("fresh-real")
verdicts = verify.check(bounds.get("kde-sandwich"), result)
words = dict(n=200, generation=3, share="1/5")
result
"""
COMPLETION = """
from IPython.core.completer import provisionalcompleter
names = bounds.catalogue()
def completed(text):
    with provisionalcompleter():
        return [found.text for found in get_ipython().Completer.completions(text, len(text))]
"""
SHOWN = {
    "verdicts": "refuted below",
    "print(verdicts)": "mean TV from above",
    "str(verdicts)": "'KDE loop, mean TV from above: inconclusive",
    "bound.audit()": "proved",
    "bound.explain(**words)": "is the sum of",
    "bound.solve('n', at_most='1/10', generation=3, share='1/5')": "or more",
    "bound.compare(bounds.get('balanced'), **words)": "free constant",
    "bounds.best(bounds.get('balanced'), bounds.get('full-synthetic'), n=9, generation=2)": "best",
    "bound.order('generation', n=200, share='1/5')": "leading term",
    "bound.enclose(**words)": "at least",
    "bound": "Fresh real share",
    "verify.tv_interval(result.frame['tv'].to_numpy(), 2 + result.frame['tv'].to_numpy())": "TV at",
    "dir(bounds.catalogue())": "kde_sandwich",
    "completed('names.kde_sand')": "kde_sandwich",
    "completed('names[\"kde-sand')": "kde-sandwich",
    "completed('bounds.pl')": "plot",
}
PICTURES = (
    "result.plot()",
    "result.plot_laws()",
    "verdicts.plot()",
    "bounds.plot(bound, n=200, share=0.2)",
    "verify.comparison(result, bounds.get('kde-sandwich'))",
)


@pytest.fixture(scope="module")
def cells():
    """Every cell's outputs, by its source; one kernel runs them all."""
    sources = [SETUP, COMPLETION, *SHOWN, *PICTURES]
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(s) for s in sources])
    nbclient.NotebookClient(book, timeout=300, kernel_name="python3").execute()
    return {cell.source: cell.outputs for cell in book.cells}


def texts(outputs):
    found = [o.get("text", "") for o in outputs]
    found += [str(t) for o in outputs for t in o.get("data", {}).values()]
    return "\n".join(found)


def test_everything_shows_what_it_says(cells):
    for source, words in SHOWN.items():
        assert words in texts(cells[source]), source


def test_results_are_tables_and_texts(cells):
    for source in list(SHOWN)[3:10]:
        (output,) = cells[source]
        assert "<table>" in output["data"]["text/html"], source
        assert output["data"]["text/plain"].strip(), source


def test_pictures_are_seen(cells):
    for source in PICTURES:
        assert any("image/png" in output.get("data", {}) for output in cells[source]), source


def test_a_bar_is_shown_and_reaches_its_end(cells):
    bar, table = cells[SETUP]
    assert re.search(r'value="40" max="40"', bar["data"]["text/html"])
    assert "<table>" in table["data"]["text/html"]


def test_tables_escape_every_text():
    made = html_table(("<a>",), [("<b>&",)], "<i>", ["<u>"])
    assert re.findall(r"<[abiu]>", made) == []
    assert made.count("&lt;") == 4


def test_progress_goes_to_a_function_or_nowhere():
    seen = []
    with shown(seen.append, "runs", 3) as advance:
        advance(2)
        advance(1)
    with shown(None, "runs", 3) as advance:
        advance(3)
    assert seen == [2, 1]


def test_a_bar_in_no_terminal_says_nothing(capsys):
    with shown(True, "runs", None) as advance:
        advance(1, 4)
    assert capsys.readouterr() == ("", "")


def test_names_complete():
    names = bounds.catalogue()
    assert names.kde_sandwich is names["kde-sandwich"] is bounds.get("kde-sandwich")
    assert "kde_sandwich" in dir(names)
    assert "kde-sandwich" in names._ipython_key_completions_()
    assert "kde-sandwich: " in repr(names)
    with pytest.raises(AttributeError, match="did you mean"):
        _ = names.kde_sandwitch
    for package in (bounds, empirics, verify):
        assert set(package.__all__) <= set(dir(package))
