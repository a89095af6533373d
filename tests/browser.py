"""A headless Chromium, and pages that may load nothing."""

import json
from contextlib import contextmanager
from html import escape
from shutil import which

import pytest

_NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
_FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--window-size=1280,1000",
    "--force-device-scale-factor=1",
)
_POLICY = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'"


@contextmanager
def chromium(downloads=None):
    """A driver; the test is skipped, and says why, where no browser is installed."""
    pytest.importorskip("selenium", reason="selenium is not installed")
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service

    binary = next(filter(None, map(which, _NAMES)), None)
    driver = which("chromedriver")
    if binary is None or driver is None:
        pytest.skip("no Chromium with chromedriver on this machine: nothing was run in a browser")
    options = webdriver.ChromeOptions()
    options.binary_location = binary
    for flag in _FLAGS:
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    if downloads is not None:
        options.add_experimental_option("prefs", {"download.default_directory": str(downloads)})
    open_one = webdriver.Chrome(options=options, service=Service(driver))
    try:
        yield open_one
    finally:
        open_one.quit()


def page(html="", style="", script=""):
    """A whole page around markup, style and script; its policy forbids every request."""
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Test</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<link rel="icon" href="data:,">'
        f'<meta http-equiv="Content-Security-Policy" content="{escape(_POLICY)}; img-src data:">'
        f"<style>{style}</style></head><body>{html}<script>{script}</script></body></html>"
    )


def complaints(driver):
    """The console's messages since it was last asked."""
    return [entry["message"] for entry in driver.get_log("browser")]


def requests(driver):
    """Addresses that the page has asked for since this was last asked, its own file left out."""
    messages = [json.loads(entry["message"])["message"] for entry in driver.get_log("performance")]
    sent = [m["params"] for m in messages if m["method"] == "Network.requestWillBeSent"]
    return [
        s["request"]["url"] for s in sent if not s["request"]["url"].startswith(("file:", "data:"))
    ]
