"""A folder of figures with a kept verification of every claim, planted; and a page as a tree."""

import json
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from verify.claims import claims
from verify.keeping import keep
from verify.page.report import KEPT, gathered, report
from verify.scale import Scale
from verify.verdict import ControlOutcome, Fate, GenerationVerdict, Verdict
from verify.verifying import Finding

VOID = {"meta", "link", "br", "img", "hr", "input"}
SVG = """<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">
<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"
 viewBox="0 0 400 200" width="400pt" height="200pt" version="1.1">
<defs><style type="text/css">*{stroke-linejoin: round; stroke-linecap: butt}</style>
<clipPath id="p1"><rect x="0" y="0" width="400" height="200"/></clipPath>
<path id="m1" d="M 0 0 L 0 4" style="stroke: #000000"/></defs>
<g id="figure_1">
<path d="M 10 190 L 390 10" clip-path="url(#p1)" style="fill: none; stroke: #0072b2"/>
<use xlink:href="#m1" x="20" y="20"/><text x="5" y="20" style="font-size: 9px">TV &lt; 1</text></g>
</svg>
"""


def rows(verdict=Verdict.SUPPORTED, count=3):
    p = (1e-9, 1.0) if verdict is Verdict.VIOLATED else (1.0, 1e-9)
    return tuple(
        GenerationVerdict(
            generation=j,
            verdict=verdict,
            measured=0.1 * j,
            low=0.09 * j,
            high=0.11 * j,
            bound=0.15 * j,
            tightness=1.5,
            p_violation=p[0],
            p_support=p[1],
            refuted_below=0.7,
            where="full synthetic",
        )
        for j in range(1, count + 1)
    )


def finding(claim, verdict=Verdict.SUPPORTED, count=3):
    controls = tuple(ControlOutcome(c.value, Fate.CAUGHT) for c in claim.controls)
    return Finding(claim, rows(verdict, count), controls, 1.0)


def write_figure(folder, name, svg=SVG, **told):
    manifest = {
        "figure": name,
        "title": f"Title of {name}",
        "caption": "A line that rises.",
        "alt": "A line from the lower left to the upper right.",
        "paper": name == "ladder",
        "claims": ["clt", "growth"],
        "scale": "quick",
        "seconds": 1.0,
    }
    (folder / f"{name}.json").write_text(json.dumps(manifest | told))
    (folder / f"{name}.csv").write_text("panel,series,x,y,low,high\na,b,1,2,,\n")
    if svg:
        (folder / f"{name}.svg").write_text(svg)


def planted(folder):
    """Four figures, and every claim verified."""
    folder.mkdir()
    for name in ("R2", "ladder", "X10", "X9"):
        write_figure(folder, name)
    keep(folder / KEPT, [finding(c) for c in claims().values()], Scale.QUICK, 0, 18.0)
    return folder


@pytest.fixture
def figures(tmp_path):
    return planted(tmp_path / "figures")


@pytest.fixture(scope="session")
def page(tmp_path_factory):
    """The whole page where nothing is missing."""
    return drawn(planted(tmp_path_factory.mktemp("whole") / "figures"))


def drawn(folder, seed=0, bounds=None):
    """The page; with few bounds where a test is not about them, because each is printed anew."""
    material = gathered(folder, Scale.QUICK, seed)
    return report(material if bounds is None else replace(material, bounds=bounds))


class Tree(HTMLParser):
    """Elements with attributes and text, in order; complains where an element is left open."""

    def __init__(self, text):
        super().__init__()
        self.elements, self.open, self.text, self.wrong = [], [], "", []
        self.feed(text)
        self.close()
        self.wrong += [f"<{tag}> is left open" for tag in self.open]

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.wrong.append(f"</{tag}> ends what is not open")

    def handle_data(self, data):
        if not {"script", "style"} & set(self.open):
            self.text += data

    def all(self, *tags):
        return [attributes for tag, attributes in self.elements if tag in tags]
