"""The whole site, built and read in a real browser."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.browser import chromium, complaints, requests

ROOT = Path(__file__).parents[2]
WIDTHS = (360, 1300)
WIDE = """
const wide = document.documentElement.scrollWidth - document.documentElement.clientWidth;
return wide > 0 ? [...document.querySelectorAll("article *")].filter(
    e => e.getBoundingClientRect().right > innerWidth + 1
    ).slice(0, 3).map(e => e.outerHTML.slice(0, 120)) : [];
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    pytest.importorskip("myst_nb", reason="pip install '.[docs]'")
    out = tmp_path_factory.mktemp("site")
    command = [sys.executable, ROOT / "docs" / "build.py", "--small", "--out", out]
    built = subprocess.run(command, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stdout + built.stderr
    return out


@pytest.mark.slow
def test_nothing_overflows_complains_or_is_asked_for(site):
    pages = sorted(p for p in site.rglob("*.html") if p.name != "genindex.html")
    assert len(pages) > 20
    found = []
    with chromium() as driver:
        for width in WIDTHS:
            driver.execute_cdp_cmd(
                "Emulation.setDeviceMetricsOverride",
                {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False},
            )
            for page in pages:
                driver.get(page.as_uri())
                told = [*driver.execute_script(WIDE), *complaints(driver), *requests(driver)]
                found += [f"{page.relative_to(site)} at {width}: {line}" for line in told]
    assert not found, "\n".join(found)
