"""What is wrong with a page as somebody sees it: axe-core, the size of what is touched, the width of the page."""

from importlib.resources import files

from playwright.sync_api import Page

AXE = (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")
STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
DESK, PHONE, SMALL_PHONE = (1440, 1000), (390, 844), (320, 640)
RUN_AXE = """
    async tags => (await axe.run(document, {runOnly: tags, resultTypes: ["violations"]})).violations.flatMap(
        ({id, nodes}) => nodes.map(node => `${id}: ${node.target.join(" ")} ${node.failureSummary}`))
"""
# A link inside a sentence may be as small as its words (WCAG 2.5.8); a box or dot is hit by its label.
SMALL_TARGETS = """
    () => [...document.querySelectorAll("a[href], button, input, select, textarea, summary")]
        .filter(element => element.checkVisibility({visibilityProperty: true}) && !element.matches(".skip"))
        .filter(element => getComputedStyle(element).display !== "inline" || element.matches("input"))
        .map(element => [element, (element.closest("label") ?? element).getBoundingClientRect()])
        .filter(([element, {width, height}]) => width < 24 || height < (element.matches(".btn.pri") ? 44 : 24))
        .map(([element, {width, height}]) => `${element.outerHTML.slice(0, 120)} is ${width} by ${height}`)
"""
FITS = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"


def findings(page: Page) -> list[str]:
    """What is wrong with the loaded page in light and dark, on a desk and on phones; empty when all is well."""
    page.evaluate(AXE)
    found = []
    for width, height in (DESK, PHONE):
        page.set_viewport_size({"width": width, "height": height})
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            found += [f"{scheme}, {width}: {text}" for text in page.evaluate(RUN_AXE, STANDARDS)]
    found += [f"too small to touch: {text}" for text in page.evaluate(SMALL_TARGETS)]
    return found + [f"scrolls sideways at {width} px" for width in widths_that_scroll(page)]


def widths_that_scroll(page: Page) -> list[int]:
    """The widths of a window at which the page scrolls sideways."""
    found = []
    for width, height in (DESK, PHONE, SMALL_PHONE):
        page.set_viewport_size({"width": width, "height": height})
        if not page.evaluate(FITS):
            found.append(width)
    return found
