#!/usr/bin/env python3
"""Builds the Pulumi engine and the test tools from the pinned Go modules beside this file.

    python tools/gotools.py ensure NAME...    build what is missing; print the path of each binary
    python tools/gotools.py ensure --tests    the same for what the tests run besides Pulumi
    python tools/gotools.py list              what there is, and what is built
    python tools/gotools.py prune             remove what other versions of these modules have built

Binaries are kept in the user's cache under a key made of all that decides what they are (module,
flags, Go version), so each is built once on a machine, whatever the number of clones.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

if not __package__:
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tools import cache, go, guard, patched, progress
from tools.go import Go
from tools.progress import StepError
from tools.recipes import TESTS, TOOLS, ModuleFile, Tool

_MENDING = (
    "  The same command goes on where this one stopped. It needs the Go module proxy (or the one that GOPROXY names)\n"
    "  and, while it builds, some GB of disk."
)


def ensure(name: str) -> Path:
    """The binary of `name`, built if it is not in the cache yet."""
    return ensure_all([name])[0]


def ensure_all(names: Sequence[str]) -> list[Path]:
    """The binaries of `names`, in that order. One build reuses what those before it compiled."""
    tools = [_named(name) for name in names]
    if any(not binary(tool).exists() for tool in tools):
        with cache.locked(), _build_cache() as build_cache:
            for tool in tools:
                _ensure(tool, build_cache)
    return [binary(tool) for tool in tools]


def binary(tool: Tool) -> Path:
    """Where the binary of `tool` is, or will be."""
    return cache.root() / "tools" / tool.name / key(tool, _go(tool)) / tool.name


def key(tool: Tool, toolchain: Go) -> str:
    """A digest of all that decides what the binary is."""
    digest = hashlib.sha256()
    sources = sorted(p for p in tool.directory.iterdir() if p.suffix in {".go", ".mod", ".sum"})
    for source in sources:
        content = source.read_bytes()
        digest.update(f"{source.name} {len(content)}\n".encode())
        digest.update(content)
    recipe = tool.package, tool.flags(), dict(tool.beside), dict(tool.embedded)
    machine = str(toolchain), platform.system(), platform.machine()
    bundled = [key(TOOLS[name], toolchain) for name in tool.bundled]
    digest.update(repr((recipe, machine, bundled)).encode())
    if tool.patches:
        digest.update(repr(tool.patches).encode())
    return digest.hexdigest()[:16]


def prune() -> list[Path]:
    """Remove everything in the cache that these modules would not use; return what was removed."""
    used = {binary(tool).parent for tool in TOOLS.values()} | {go.pinned().command.parents[2]}
    kept = cache.root() / "tools", cache.root() / "go"
    with cache.locked():
        stale = [
            *(path for path in kept[0].glob("*/*") if path not in used),
            *(path for path in kept[1].glob("*") if path not in used),
            *cache.root().glob("go-build"),
        ]
        for path in stale:
            shutil.rmtree(path)
    return stale


def _named(name: str) -> Tool:
    if name not in TOOLS:
        raise StepError(f"no tool is named {name!r}; there are: {', '.join(TOOLS)}")
    return TOOLS[name]


def _go(tool: Tool) -> Go:
    return go.find(go.needed_by((tool.directory / "go.mod").read_text(encoding="utf-8")))


@contextmanager
def _build_cache() -> Generator[Path]:
    """Go's build cache for one batch of builds: gigabytes that nothing needs once all are built.

    It stays after a failure, so that the next try goes on where this one stopped.
    """
    directory = cache.root() / "go-build"
    yield directory
    shutil.rmtree(directory, ignore_errors=True)


def _ensure(tool: Tool, build_cache: Path) -> None:
    # Another process may have built it while this one waited for the lock.
    if not binary(tool).exists():
        for name in tool.bundled:
            _ensure(TOOLS[name], build_cache)
        try:
            _build(tool, build_cache)
        except StepError as error:
            raise StepError(f"{error}\n{_MENDING}", error.reason) from None


def _build(tool: Tool, build_cache: Path) -> None:
    toolchain = _go(tool)
    go.install(toolchain)
    progress.say(
        f"{tool.name} {tool.version} ({tool.what}): building from source, "
        f"about {_minutes(tool.minutes)} on 2 cores, only once; kept in {cache.root()}"
    )
    with cache.published(binary(tool).parent) as draft, cache.scratch() as scratch:
        env = {**go.environment(build_cache), "GOTMPDIR": str(scratch)}
        seconds = progress.run(
            tool.name,
            [
                *(toolchain.command, "build", "-v", *tool.flags()),
                *("-overlay", _overlay(tool, toolchain, env, scratch)),
                *patched.flags(tool, lambda module: _fetched(tool.directory, module, toolchain, env), scratch),
                *("-o", draft / tool.name, tool.package),
            ],
            log=cache.log_file(tool.name),
            env=env,
            cwd=tool.directory,
            describe=describe,
        )
        for name, wanted in tool.beside.items():
            shutil.copyfile(_module_file(tool, toolchain, env, wanted), draft / name)
            (draft / name).chmod(0o755)
        for name in tool.bundled:
            shutil.copytree(binary(TOOLS[name]).parent, draft, copy_function=os.link, dirs_exist_ok=True)
    progress.say(f"  {tool.name}: built in {progress.duration(seconds)}")


def _overlay(tool: Tool, toolchain: Go, env: Mapping[str, str], scratch: Path) -> Path:
    """A file that makes Go see the embedded files beside `main.go`, where nothing is written."""
    replaced: dict[str, str] = {}
    for name, wanted in tool.embedded.items():
        content = _module_file(tool, toolchain, env, wanted).read_bytes()
        if wanted.stamped:
            content = json.dumps({**json.loads(content), "version": tool.version}).encode()
        (scratch / name).write_bytes(content)
        replaced[str(tool.directory / name)] = str(scratch / name)
    overlay = scratch / "overlay.json"
    overlay.write_text(json.dumps({"Replace": replaced}), encoding="utf-8")
    return overlay


def module_directory(directory: Path, module: str) -> Path:
    """A module's directory in Go's module cache, fetched if need be, at the version that `directory`/go.mod pins."""
    toolchain = go.find(go.needed_by((directory / "go.mod").read_text(encoding="utf-8")))
    if not toolchain.command.exists():
        with cache.locked():
            go.install(toolchain)
    return _fetched(directory, module, toolchain, go.environment(cache.root() / "go-build"))


def _module_file(tool: Tool, toolchain: Go, env: Mapping[str, str], wanted: ModuleFile) -> Path:
    """The path of a module's file in Go's module cache, at the version that go.mod pins."""
    return _fetched(tool.directory, wanted.module, toolchain, env) / wanted.path


def _fetched(directory: Path, module: str, toolchain: Go, env: Mapping[str, str]) -> Path:
    answer = subprocess.run(
        [toolchain.command, "mod", "download", "-json", module],
        cwd=directory,
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )
    if answer.returncode != 0:
        reason = answer.stderr or answer.stdout
        raise StepError(f"{directory.name}: cannot fetch the module {module}: {reason.strip()}")
    return Path(json.loads(answer.stdout)["Dir"])


def describe(output: str) -> str:
    """What Go is doing, judged by what it has printed so far."""
    lines = output.splitlines()
    if not lines:
        return "starting"
    if lines[-1].startswith("go: downloading"):
        return "fetching modules"
    compiled = sum(not line.startswith("go: ") for line in lines)
    return f"compiling, {compiled} packages done"


def _minutes(minutes: float) -> str:
    return f"{minutes:g} minute{'s' if minutes > 1 else ''}" if minutes >= 1 else "half a minute"


def _list() -> None:
    width = max(map(len, TOOLS))
    for tool in TOOLS.values():
        path = binary(tool)
        place = str(path) if path.exists() else f"not built, about {_minutes(tool.minutes)}"
        print(f"{tool.name:{width}}  {tool.version:8}  {tool.what}: {place}")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(description="Build the pinned Go tools into the user's cache.")
    commands = parser.add_subparsers(dest="command", required=True)
    ensure_parser = commands.add_parser("ensure", help="build what is missing, print paths")
    ensure_parser.add_argument("name", nargs="*")
    ensure_parser.add_argument("--tests", action="store_true", help=f"{', '.join(TESTS)} too")
    commands.add_parser("list", help="what there is, and what is built")
    commands.add_parser("prune", help="remove what other versions have built")
    chosen = parser.parse_args(arguments)
    try:
        if chosen.command == "ensure":
            names = [*chosen.name, *(TESTS if chosen.tests else ())]
            print(*ensure_all(names), sep="\n")
        elif chosen.command == "prune":
            print(*prune(), sep="\n")
        else:
            _list()
    except StepError as error:
        progress.say(f"error: {error}")
        return 1
    return 0


if __name__ == "__main__":
    guard.protect()
    sys.exit(main())
