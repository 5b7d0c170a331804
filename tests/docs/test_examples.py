"""Every example of the pages: run here, run by the test that the page names, or marked with why it cannot be run."""

from __future__ import annotations

import html
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from tests.program.conftest import NewProject
from tools.examples import COMMANDS, WRITERS, Scene, environment, play, scene, sections
from tools.markdown import ROOT, Block, blocks, inline_code, pages

PAGES = pages()
SECTIONS = [(page, section) for page in PAGES for section in sections(page)]
EVERY = [block for page in PAGES for block in blocks(page)]
NOT_RUN_AT_MOST = 9
# Pages that are made from code, whose examples the tests of that code run.
MADE = {"docs/checks.md": "diff"}
# Blocks without commands: pictures, which somebody has to look at, and templates that a `file` note takes.
SHOWN = {"mermaid", "text"}


def name(block: Block) -> str:
    return f"{block.page}-{block.section or 'beginning'}".replace(" ", "-")


@pytest.mark.parametrize("section", [section for _, section in SECTIONS], ids=lambda section: name(section[0]))
def test_examples_do_what_the_page_says(section: list[Block], tmp_path: Path) -> None:
    faults = [fault for outcome in play(section, scene(tmp_path)) for fault in outcome.faults()]
    assert not faults, "\n\n".join(faults)


@pytest.mark.parametrize("block", [block for block in EVERY if "needs" in block.notes], ids=lambda block: block.place)
def test_examples_on_the_engine_do_what_the_page_says(block: Block, new_project: NewProject) -> None:
    """On the stack dev, after an `up`, with the section's changes of files."""
    assert block.notes["needs"] == "engine"
    project = new_project("dev")
    project.up()
    before = [each for each in blocks(block.page) if each.section == block.section and each.line < block.line]
    here = Scene(project.root, {**project.env, "HOME": str(project.root.parent)})
    assert not [*play([each for each in before if each.language not in COMMANDS], here)]
    [outcome] = play([replace(block, notes={key: text for key, text in block.notes.items() if key != "needs"})], here)
    assert [*outcome.faults()] == []


def test_every_block_is_run_or_says_why_not() -> None:
    unknown = [
        block.place
        for block in EVERY
        if not ({"run by", "not run"} & block.notes.keys())
        and block.language not in {"console", "sh", "set up", *SHOWN, MADE.get(block.page)}
        and not WRITERS.keys() & block.notes.keys()
    ]
    assert unknown == [], "no test reads these blocks: CONTRIBUTING.md, 'Examples in the pages'"


def test_few_examples_are_not_run() -> None:
    left = [f"{block.place}: {block.notes['not run']}" for block in EVERY if "not run" in block.notes]
    assert len(left) <= NOT_RUN_AT_MOST, "\n".join(left)
    assert all(len(block.notes["not run"]) > 10 for block in EVERY if "not run" in block.notes)


@pytest.mark.parametrize("block", [block for block in EVERY if "run by" in block.notes], ids=lambda block: block.place)
def test_the_test_that_a_page_names_runs_the_example(block: Block) -> None:
    """It names the heading that it takes the commands from, or the page of a file, or has each command itself."""
    file = ROOT / block.notes["run by"]
    source = file.read_text(encoding="utf-8")
    if file.parent == ROOT / "tests" / "e2e":
        source += (file.parent / "documented.py").read_text(encoding="utf-8")
    commands = [command.split("  #")[0].strip() for command in block.lines]
    if block.language in {"json", "python", "yaml"}:
        assert f'"{Path(block.page).name}"' in source
        return
    assert f'"{block.heading}"' in source or all(command in source for command in commands if command)


ALERTPATH = ("check", "compile", "diff", "explain", "review", "seal", "test", "verify")


@pytest.fixture(scope="module")
def options() -> dict[str, set[str]]:
    """The options of each command, as its `--help` has them."""
    found: dict[str, set[str]] = {}
    for command in ALERTPATH:
        told = subprocess.run(
            [sys.executable, "-m", "alertpath", command, "--help"],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        ).stdout
        found[command] = set(re.findall(r"--[a-z-]+", told))
    return found


@pytest.mark.parametrize("page", PAGES)
def test_commands_within_sentences_exist(page: str, options: dict[str, set[str]]) -> None:
    targets = set(re.findall(r"^([a-z-]+):.*## ", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    for code in inline_code(page):
        if words := re.fullmatch(r"alertpath ([a-z]+)( .*)?", code):
            assert words[1] in options, f"{page}: {code}"
            assert set(re.findall(r"--[a-z-]+", words[2] or "")) <= options[words[1]], f"{page}: {code}"
        elif words := re.fullmatch(r"make ([a-z-]+)", code):
            assert words[1] in targets, f"{page}: {code}"


def test_the_picture_of_make_up_shows_its_table() -> None:
    picture = html.unescape((ROOT / "docs" / "make-up.svg").read_text(encoding="utf-8")).replace("\xa0", " ")
    shown = "".join(re.findall(r">([^<]*)<", picture))
    done = subprocess.run(
        [sys.executable, "-m", "alertpath", "compile", "--stack", "dev", "--table"],
        cwd=ROOT,
        env={**environment(ROOT), "COLUMNS": "115"},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    missing = [line for line in done.stdout.splitlines() if line.strip() not in shown]
    assert missing == []
