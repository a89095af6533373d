"""A picture from disk passes if it is a plot, and is refused whole if it is anything more."""

from xml.etree import ElementTree

import pytest
from matplotlib.figure import Figure

from tests.verify.page.conftest import SVG
from verify.page.svg import RefusedError, drawing

HEAD = (
    '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
    ' viewBox="0 0 10 10">'
)


def test_names_are_kept_apart_and_unused_ones_dropped():
    one, two = drawing(SVG, "A"), drawing(SVG, "B")
    assert (one.width, one.height) == (400, 200)
    assert 'id="A-p1"' in one.markup
    assert "url(#A-p1)" in one.markup
    assert 'href="#A-m1"' in one.markup
    assert "figure_1" not in one.markup
    assert "B-m1" in two.markup
    assert "TV &lt; 1" in one.markup
    assert "<style" not in one.markup
    assert "stroke-linejoin: round" in one.markup


def test_what_matplotlib_draws_passes(tmp_path):
    figure = Figure()
    axes = figure.subplots(1, 2)
    axes[0].plot([1, 2, 3], [1, 10, 100], "o--", label="$n^{-1/4}$ & more")
    axes[0].set_yscale("log")
    axes[0].fill_between([1, 2], [1, 2], [2, 3], hatch="//", alpha=0.3)
    axes[0].legend()
    axes[1].imshow([[0, 1], [1, 0]])
    axes[1].scatter([0, 1], [0, 1], c=["red", "blue"])
    for fonts in ("none", "path"):
        with __import__("matplotlib").rc_context({"svg.fonttype": fonts}):
            figure.savefig(tmp_path / "plot.svg")
        text = (tmp_path / "plot.svg").read_text()
        found = drawing(text, "P")
        tree = ElementTree.fromstring(found.markup)
        assert len(found.markup) < len(text)
        assert {e.tag for e in tree.iter()} >= {"g", "path", "use", "image"}


@pytest.mark.parametrize(
    ("inside", "reason"),
    [
        ("<script>alert(1)</script>", "holds <script>"),
        ('<path d="M 0 0" onclick="alert(1)"/>', "has onclick"),
        ('<g onload="x"/>', "has onload"),
        ("<foreignObject><p/></foreignObject>", "holds <foreignObject>"),
        ('<image xlink:href="https://example.org/a.png"/>', "outside"),
        ('<image href="data:image/svg+xml;base64,AAAA"/>', "outside"),
        ('<use xlink:href="other.svg#a"/>', "outside"),
        ('<use href="javascript:alert(1)"/>', "outside"),
        ('<path style="fill: url(https://example.org/a)" d="M 0 0"/>', "outside"),
        ('<path fill="URL( //example.org )" d="M 0 0"/>', "outside"),
        (r'<path style="fill: u\72l(//example.org)" d="M 0 0"/>', "outside"),
        ('<path style="background: image-set(\'a\')" d="M 0 0"/>', "outside"),
        ("<style>@import 'https://example.org/a.css';</style>", "style sheet"),
        ("<style>body { display: none }</style>", "style sheet"),
        ('<a href="javascript:alert(1)"><path d="M 0 0"/></a>', "holds <a>"),
        ('<animate attributeName="href"/>', "holds <animate>"),
        ('<set attributeName="onclick"/>', "holds <set>"),
        ('<iframe xmlns="http://www.w3.org/1999/xhtml" src="x"/>', "holds <"),
        ("<path", "not well-formed"),
    ],
)
def test_what_is_no_plot_is_refused(inside, reason):
    with pytest.raises(RefusedError, match=reason.replace("<", "<")):
        drawing(f"{HEAD}{inside}</svg>", "R2")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "not xml",
        "<html/>",
        '<svg xmlns="http://www.w3.org/2000/svg"/>',
        f'<!DOCTYPE svg [<!ENTITY a "aa">]>{HEAD}<text>&a;</text></svg>',
        f'<!DOCTYPE svg [<!ENTITY % a SYSTEM "file:///etc/passwd">]>{HEAD}</svg>',
        HEAD.replace("0 0 10 10", "0 0 inf 10") + "</svg>",
        HEAD.replace("0 0 10 10", "0 0 10") + "</svg>",
    ],
)
def test_what_is_no_picture_is_refused(text):
    with pytest.raises(RefusedError):
        drawing(text, "R2")


def test_text_cannot_become_markup():
    inside = '<text x="1" y="1">&lt;script&gt;alert(1)&lt;/script&gt; "quoted"</text>'
    assert "<script" not in drawing(f"{HEAD}{inside}</svg>", "R2").markup
