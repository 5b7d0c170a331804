"""Every relative link of the pages leads to a file that is there, and to a heading of it."""

from __future__ import annotations

import pytest

from tools.markdown import ROOT, anchors, links, pages


@pytest.mark.parametrize("page", pages())
def test_links_lead_somewhere(page: str) -> None:
    for link in links(page):
        if "://" in link:
            continue
        path, _, anchor = link.partition("#")
        target = (ROOT / page).parent / path if path else ROOT / page
        assert target.exists(), f"{page}: {link}"
        if anchor:
            assert anchor in anchors(str(target.resolve().relative_to(ROOT))), f"{page}: {link}"


def test_every_page_is_linked_from_the_readme() -> None:
    linked = {link.partition("#")[0] for link in links("README.md")}
    assert {page for page in pages() if page.startswith("docs/")} <= linked
