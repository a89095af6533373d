"""Pictures from disk as markup for the page: checked, made small, names kept apart.

Only what a plot is made of passes. A script, an event, foreign markup, a reference to anything
outside the picture or an entity makes the whole picture refused, not cleaned.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from markupsafe import Markup

__all__ = ["Drawing", "RefusedError", "drawing"]

_SVG = "{http://www.w3.org/2000/svg}"
_HREF = ("href", "{http://www.w3.org/1999/xlink}href")
_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}"
_DROPPED = ("metadata", "title", "desc")
_ELEMENTS = {
    *("g", "defs", "path", "use", "rect", "circle", "ellipse", "line", "polyline", "polygon"),
    *("clipPath", "text", "tspan", "image", "linearGradient", "radialGradient", "stop"),
    *("pattern", "marker"),
}
_ATTRIBUTES = {
    *("id", "d", "x", "y", "x1", "x2", "y1", "y2", "cx", "cy", "r", "rx", "ry", "width", "height"),
    *("points", "transform", "style", "clip-path", "clip-rule", "fill", "fill-opacity", "opacity"),
    *("fill-rule", "stroke", "stroke-width", "stroke-opacity", "stroke-dasharray", "offset"),
    *(
        "stroke-linecap",
        "stroke-linejoin",
        "text-anchor",
        "font-size",
        "font-family",
        "font-weight",
    ),
    *("gradientUnits", "gradientTransform", "patternUnits", "clipPathUnits", "stop-color"),
    *("viewBox", "preserveAspectRatio", "dx", "dy", "dominant-baseline", "font-style", "version"),
    *("stroke-dashoffset", "stroke-miterlimit", "stop-opacity", "type", "class"),
}
_OF_PLOTS = re.compile(r"\s*(\*\s*\{[\w\s:;.-]*\}\s*)?")
"""The style sheet of matplotlib: inherited properties for everything, and nothing else."""
_WITHIN = re.compile(r"url\(\s*['\"]?#([\w.:-]+)['\"]?\s*\)")
_RASTER = re.compile(r"data:image/png;base64,[A-Za-z0-9+/=\s]*")
_FONTS = re.compile(r"(font-family:\s*'[^';]*')[^;]*, ([\w-]+)(?=;|$)")


class RefusedError(ValueError):
    """A picture that is not put on the page; the text says why."""


@dataclass(frozen=True)
class Drawing:
    """A picture as markup that can stand anywhere in a page.

    Args:
        width, height: of its view box.
        markup: one group, with names that no other picture has.
        name: of the group, so that it can be shown in several places.
    """

    width: float
    height: float
    markup: Markup
    name: str


def drawing(text: str, name: str) -> Drawing:
    """Return the picture of an SVG file.

    Args:
        text: the file.
        name: put before every name inside.

    Raises:
        RefusedError: the text is not SVG, or holds what a plot does not.
    """
    root = _parsed(text)
    width, height = _size(root)
    style = _inherited(root)
    for element in root.iter():
        _check(element)
    used = set(_references(root))
    inside = "".join(_markup(child, name, used) for child in root)
    group = f'<g id="drawing-{escape(name)}"{style}>{inside}</g>'
    return Drawing(width, height, Markup(group), f"drawing-{name}")


def _parsed(text: str) -> Element:
    # Entities can grow without end or read files; no plot declares one.
    if "<!ENTITY" in text or re.search(r"<!DOCTYPE[^>]*\[", text):
        raise RefusedError("it declares entities")
    try:
        root = ElementTree.fromstring(text)
    except ElementTree.ParseError as error:
        raise RefusedError(f"it is not well-formed XML ({error})") from None
    if root.tag != f"{_SVG}svg":
        raise RefusedError("it is not SVG")
    for parent in list(root.iter()):
        for child in list(parent):
            if _local(child) in _DROPPED:
                parent.remove(child)
    return root


def _size(root: Element) -> tuple[float, float]:
    try:
        left, top, width, height = map(float, root.get("viewBox", "").split())
    except ValueError:
        raise RefusedError("it has no view box") from None
    if (left, top) != (0, 0) or not (0 < width < 1e5 and 0 < height < 1e5):
        raise RefusedError("its view box must start at 0 0 and be finite")
    return width, height


def _inherited(root: Element) -> str:
    """The style sheet as an attribute: a sheet would speak to the whole page."""
    rules = ""
    for parent in list(root.iter()):
        for child in list(parent):
            if _local(child) != "style":
                continue
            match = _OF_PLOTS.fullmatch(child.text or "")
            if not match or len(child):
                raise RefusedError("it has a style sheet of its own")
            rules += (match[1] or "").strip().removeprefix("*").strip(" {}")
            parent.remove(child)
    return f' style="{escape(rules)}"' if rules else ""


def _check(element: Element) -> None:
    local = _local(element)
    if local not in _ELEMENTS and local != "svg":
        raise RefusedError(f"it holds <{local}>")
    for key, value in element.attrib.items():
        if key in _HREF:
            _check_reference(local, value)
        elif not key.startswith(_LANGUAGE) and key not in _ATTRIBUTES:
            raise RefusedError(f"<{local}> has {_bare(key)}")
        elif re.search(
            r"url|\\|@|expression|image[\w-]*\s*\(", _WITHIN.sub("", value), re.IGNORECASE
        ):
            raise RefusedError(f"<{local}> refers to something outside the picture")


def _check_reference(local: str, value: str) -> None:
    raster = local == "image" and _RASTER.fullmatch(value)
    if not raster and not re.fullmatch(r"#[\w.:-]+", value):
        raise RefusedError(f"<{local}> refers to something outside the picture")


def _references(root: Element) -> Iterator[str]:
    for element in root.iter():
        for key, value in element.attrib.items():
            if key in _HREF and value.startswith("#"):
                yield value[1:]
            yield from _WITHIN.findall(value)


def _markup(element: Element, name: str, used: set[str]) -> str:
    tag, inside = _local(element), "".join(_markup(child, name, used) for child in element)
    attributes = "".join(_attributes(element, name, used))
    text = escape(element.text or "") if tag in ("text", "tspan") else ""
    tail = escape(element.tail or "") if (element.tail or "").strip() else ""
    if tag == "g" and not attributes:
        return inside + tail
    if not (text or inside):
        return f"<{tag}{attributes}/>{tail}"
    return f"<{tag}{attributes}>{text}{inside}</{tag}>{tail}"


def _attributes(element: Element, name: str, used: set[str]) -> Iterator[str]:
    for key, value in element.attrib.items():
        if key.startswith(_LANGUAGE) or key in ("type", "class", "version"):
            continue
        if key == "id":
            if value in used:
                yield f' id="{escape(f"{name}-{value}")}"'
            continue
        if key in _HREF:
            value = f"#{name}-{value[1:]}" if value.startswith("#") else "".join(value.split())
        value = _WITHIN.sub(lambda match: f"url(#{name}-{match[1]})", value)
        yield f' {"href" if key in _HREF else key}="{escape(_short(key, value))}"'


def _short(key: str, value: str) -> str:
    if key == "style":
        return re.sub(r"([:;])\s+", r"\1", _FONTS.sub(r"\1, \2", value))
    return re.sub(r"\s+", " ", value).strip() if key in ("d", "points") else value


def _local(element: Element) -> str:
    """The name of an element; one that is not SVG keeps its namespace and is refused."""
    return str(element.tag).removeprefix(_SVG)


def _bare(key: str) -> str:
    return key.rpartition("}")[2]
