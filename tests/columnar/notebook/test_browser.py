"""The output in a real browser without a window: nothing in it runs, and all of it can be read in both themes."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from lxml import html

from columnar.notebook.markup import badge, lines, report
from tests.columnar.notebook.results import HOSTILE, Shown, with_texts

BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
BROWSER = next((found for name in BROWSERS if (found := shutil.which(name))), None)
# The text and background of a notebook's outputs, light and dark.
THEMES = {"light": ("rgb(33, 33, 33)", "rgb(255, 255, 255)"), "dark": ("rgb(224, 224, 224)", "rgb(17, 17, 17)")}
# What WCAG asks of small text.
LEAST_CONTRAST = 4.5
NARROW = 700

PAGE = """<!doctype html><html><head><meta charset="utf-8"><title>untouched</title></head><body style="margin: 0">
%s<pre id="found"></pre><script>
const channels = (colour) => colour.match(/[\\d.]+/g).map(Number);
const over = (front, back) => {
  const alpha = front.length > 3 ? front[3] : 1;
  return back.map((value, at) => front[at] * alpha + value * (1 - alpha));
};
const light = (colour) => {
  const [r, g, b] = colour.map((v) => v / 255).map((v) => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
const background = (node) => {
  const own = channels(getComputedStyle(node).backgroundColor);
  if (node.className === "theme") return own.slice(0, 3);
  return over(own.length > 3 ? own : [...own, 1], background(node.parentElement));
};
const opacity = (node) =>
  node.className === "theme" ? 1 : Number(getComputedStyle(node).opacity) * opacity(node.parentElement);
const contrast = (node) => {
  const back = background(node), colour = channels(getComputedStyle(node).color);
  const front = over([...colour.slice(0, 3), (colour.length > 3 ? colour[3] : 1) * opacity(node)], back);
  const [dark, bright] = [light(front), light(back)].sort((a, b) => a - b);
  return (bright + 0.05) / (dark + 0.05);
};
document.querySelectorAll("details").forEach((each) => { each.open = true; });
const nodes = [...document.querySelectorAll(".columnar *")].filter((each) => each.tagName !== "STYLE");
const leaves = nodes.filter((each) => [...each.childNodes].some((child) => child.nodeType === 3 && child.data.trim()));
const found = {
  title: document.title,
  outputs: document.querySelectorAll(".theme > .columnar").length,
  strange: nodes.filter((each) => /^(SCRIPT|IMG|IFRAME|LINK|OBJECT|A)$/.test(each.tagName)).length,
  attributes: [...new Set(nodes.flatMap((each) => each.getAttributeNames()))].sort(),
  leaves: leaves.length,
  pale: leaves.filter((each) => contrast(each) < %s).map((each) => [each.textContent, contrast(each)]),
  width: document.documentElement.scrollWidth,
  loaded: performance.getEntriesByType("resource").length,
};
document.getElementById("found").textContent = JSON.stringify(found);
</script></body></html>"""


def rendered(folder: Path, outputs: list[str]) -> dict[str, Any]:
    """What a browser makes of outputs, each in both themes."""
    assert BROWSER is not None
    themes = [
        f'<div class="theme" style="color: {front}; background: {back}; padding: 8px">{"".join(outputs)}</div>'
        for front, back in THEMES.values()
    ]
    page = folder / "page.html"
    page.write_text(PAGE % ("".join(themes), LEAST_CONTRAST), encoding="utf-8")
    words = [BROWSER, "--headless", "--no-sandbox", "--disable-gpu", f"--window-size={NARROW},900"]
    words += [f"--user-data-dir={folder / 'profile'}", "--dump-dom", page.as_uri()]
    done = subprocess.run(words, capture_output=True, text=True, encoding="utf-8", check=True, timeout=120)
    return dict(json.loads(html.fromstring(done.stdout).get_element_by_id("found").text_content()))


@pytest.mark.skipif(BROWSER is None, reason="no headless Chromium on this machine")
def test_hostile_texts_are_harmless_and_legible_in_both_themes(shown: dict[str, Shown], tmp_path: Path) -> None:
    outputs = [each._repr_html_() for each in shown.values()]
    outputs += [
        with_texts(each, lambda text, hostile=hostile: hostile + text)._repr_html_()  # type: ignore[misc]
        for each in shown.values()
        for hostile in HOSTILE
    ]
    words = (badge(kind, kind) for kind in ("good", "warning", "bad"))
    outputs.append(report("every look", lines(["and 5 more"], kind="dim"), *words))
    assert not any(re.search("[\ud800-\udfff]", each) for each in outputs)
    found = rendered(tmp_path, outputs)
    assert found["title"] == "untouched"
    assert found["outputs"] == 2 * len(outputs)
    assert (found["strange"], found["loaded"]) == (0, 0)
    assert found["attributes"] == ["class", "open"]
    assert found["leaves"] > 1000
    assert found["pale"] == []
    assert found["width"] <= NARROW


@pytest.mark.skipif(BROWSER is None, reason="no headless Chromium on this machine")
def test_the_test_sees_what_is_wrong(tmp_path: Path) -> None:
    bad = '<div class="columnar"><p style="color: #999">pale</p><img src="nothing.png" /><p>dark enough</p>'
    bad += "<script>document.title = 'owned'</script><div style='width: 2000px'>wide</div></div>"
    found = rendered(tmp_path, [bad])
    assert found["title"] == "owned"
    assert found["strange"] == 4
    assert found["attributes"] == ["src", "style"]
    assert [text for text, _ in found["pale"]] == ["pale"]
    assert found["width"] > NARROW
