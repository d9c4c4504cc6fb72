"""Light or dark is right from the first thing that is painted."""

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser
GROUNDS = {"light": "rgb(245, 247, 249)", "dark": "rgb(15, 21, 25)"}
GROUND = "getComputedStyle(document.body).backgroundColor"
WATCH = f"""
    window.grounds = new Set();
    const look = () => {{
        if (document.body) grounds.add({GROUND});
        requestAnimationFrame(look);
    }};
    requestAnimationFrame(look);
"""


def test_the_theme_that_was_chosen_is_there_from_the_first_paint(portal, administrator, open_context):
    page = open_context(storage_state=administrator, color_scheme="light").new_page()
    page.goto(portal.console("/admin/hospitals/"))
    assert page.evaluate(GROUND) == GROUNDS["light"]
    page.get_by_role("button", name="Use dark colours").click()
    expect(page.get_by_role("button", name="Use light colours")).to_be_visible()
    page.add_init_script(WATCH)
    page.reload()
    expect(page.get_by_role("button", name="Use light colours")).to_be_visible()
    assert page.evaluate("[...grounds]") == [GROUNDS["dark"]]


@pytest.mark.parametrize("scheme", GROUNDS)
def test_without_a_choice_the_theme_is_the_systems(portal, open_context, scheme):
    page = open_context(color_scheme=scheme).new_page()
    page.goto(portal.console())
    assert page.evaluate(GROUND) == GROUNDS[scheme]
