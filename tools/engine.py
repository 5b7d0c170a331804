#!/usr/bin/env python3
"""Finds the Pulumi engine, or gets it: from PATH, by Pulumi's installer, or built from source.

    python tools/engine.py find                get it, where there is none
    python tools/engine.py env                 the environment to run it in, as lines for a shell
    python tools/engine.py launcher FILE       write a `pulumi` that runs it in that environment
    python tools/engine.py providers [NAME...] get the provider plugins (default: all)

A stack that only writes files needs no provider plugin, and the plugins take longest to build. So
they come by a command of their own, which puts them where Pulumi looks for plugins anyway
(`$PULUMI_HOME/plugins`, by default `~/.pulumi/plugins`): from then on a launcher written earlier
finds them. Without the one it needs, Pulumi stops with "no resource plugin ... found".

`env` and `launcher` take `--provider NAME` to do that on the way.
"""

from __future__ import annotations

import argparse
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

if not __package__:
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tools import cache, gotools, guard, progress
from tools.progress import StepError
from tools.recipes import TOOLS, Tool

Version = tuple[int, int, int]

MINIMUM: Version = (3, 255, 0)
"""The oldest engine that the tests have run on, and the one that is got where there is none."""
PROVIDERS = ("kubernetes", "random")

_CLI = TOOLS["pulumi"]
_LAUNCHER_MARK = "# Written by tools/engine.py."

# Gives up after seconds where the site cannot be reached, be it the name or the connection.
_INSTALL = """
import socket, sys
from pulumi.automation import PulumiCommand
from semver import VersionInfo
socket.setdefaulttimeout(4)
PulumiCommand.install(root=sys.argv[1], version=VersionInfo.parse(sys.argv[2]))
"""
_RESOLVER = {"RES_OPTIONS": "timeout:3 attempts:1"}
_DOWNLOAD_LIMIT = 300


def parse_version(text: str) -> Version | None:
    """The version that `pulumi version` prints; None if there is none, or a development one."""
    found = re.fullmatch(r"v?(\d+)\.(\d+)\.(\d+)", text.strip())
    return (int(found[1]), int(found[2]), int(found[3])) if found else None


@dataclass(frozen=True)
class Engine:
    """A Pulumi command line with the host that runs Python programs."""

    pulumi: Path
    origin: Literal["path", "installer", "built"]
    version: Version

    def settings(self) -> dict[str, str]:
        """The variables that it needs besides PATH."""
        # Programs without a `virtualenv` in Pulumi.yaml run with this, and all of them with the host
        # that can be built, which does not know that option.
        python = {"PULUMI_PYTHON_CMD": sys.executable}
        if self.origin != "built":
            return python
        return {
            **python,
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            # The host asks for the plugin of every pulumi-* package that is installed, used or not.
            # Trying to download them costs seconds in every command, and changes nothing.
            "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
        }


def at_hand() -> Engine | None:
    """The engine to use if it is there already."""
    return _on_path() or _installed() or _built()


def find() -> Engine:
    """The engine to use, installed or built if need be."""
    if engine := at_hand() or _install() or _build():
        return engine
    raise StepError("found no Pulumi engine")


def engine_env(providers: Sequence[str] = (), home: Path | None = None) -> dict[str, str]:
    """What to add to the environment to run Pulumi with the engine and these provider plugins.

    `home` becomes its PULUMI_HOME; without it the user's own is used, and only added to.
    """
    engine = find()
    provide(engine, providers, home)
    path = f"{engine.pulumi.parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    chosen = {} if home is None else {"PULUMI_HOME": str(home)}
    return {"PATH": path, **engine.settings(), **chosen}


def provide(engine: Engine, providers: Sequence[str], home: Path | None = None) -> None:
    """Make sure that these provider plugins are among the plugins of `home`."""
    plugins = (home or _default_home()).absolute() / "plugins"
    for provider in providers:
        if provider not in PROVIDERS:
            raise StepError(f"no provider is named {provider!r}; there are: {', '.join(PROVIDERS)}")
        tool = TOOLS[f"pulumi-resource-{provider}"]
        plugin = _plugin(tool, provider, plugins)
        if plugin.exists():
            continue
        if plugin.is_symlink():
            # To a build that has been removed. Pulumi takes the directory for an installed plugin.
            plugin.unlink()
            plugin.parent.rmdir()
        if gotools.binary(tool).exists() or not _download(engine, provider, plugins.parent):
            _link(gotools.ensure(tool.name), plugin)


def has_plugin(provider: str, home: Path) -> bool:
    """Whether this provider plugin is among the plugins of `home`."""
    return _plugin(TOOLS[f"pulumi-resource-{provider}"], provider, home / "plugins").exists()


def write_launcher(target: Path, engine: Engine | None = None) -> None:
    """Make `target` a `pulumi` that runs the engine, without activating or exporting anything."""
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_name(f".{target.name}.{os.getpid()}")
    draft.write_text(launcher(engine or find()), encoding="utf-8")
    draft.chmod(0o755)
    draft.replace(target)


def launcher(engine: Engine) -> str:
    """A shell script that is `pulumi`, whatever the environment. What the user has set stays."""
    command = shlex.quote(str(engine.pulumi))
    lines = [
        "#!/bin/sh",
        f"{_LAUNCHER_MARK} It runs the engine that was found on this machine.",
        f"if ! [ -x {command} ]; then",
        f'    echo "$0:" {command} "is gone. Write this file anew:" >&2',
        f'    echo "    python {shlex.quote(str(Path(__file__).resolve()))} launcher $0" >&2',
        "    exit 1",
        "fi",
        *(f'[ -n "${{{name}-}}" ] || export {name}={shlex.quote(value)}' for name, value in engine.settings().items()),
        _shell_path(engine),
        f'exec {command} "$@"',
    ]
    return "\n".join(lines) + "\n"


def _on_path() -> Engine | None:
    for directory in os.get_exec_path():
        command = Path(directory) / "pulumi"
        if not os.access(command, os.X_OK) or command.is_dir() or _is_ours(command):
            continue
        version = _version_of(command)
        if version and version >= MINIMUM:
            return Engine(command.absolute(), "path", version)
        shown = ".".join(map(str, version)) if version else "not a released version"
        progress.say(f"{command} is not used: it is {shown}, needed is {_CLI.version} or newer")
    return None


def _is_ours(command: Path) -> bool:
    """Whether this is a launcher, or an engine from the cache: those are found by other ways."""
    if command.resolve().is_relative_to(cache.root().resolve()):
        return True
    with command.open("rb") as script:
        return _LAUNCHER_MARK.encode() in script.read(200)


def _installed() -> Engine | None:
    command = _install_root() / "bin" / "pulumi"
    return Engine(command, "installer", MINIMUM) if command.exists() else None


def _built() -> Engine | None:
    command = gotools.binary(_CLI)
    return Engine(command, "built", MINIMUM) if command.exists() else None


def _install() -> Engine | None:
    progress.say(f"pulumi {_CLI.version}: trying Pulumi's installer")
    with cache.locked():
        # Another process may have done it while this one waited for the lock.
        if engine := _installed():
            return engine
        try:
            with cache.published(_install_root()) as draft:
                progress.run(
                    "pulumi",
                    [sys.executable, "-c", _INSTALL, draft, _CLI.version],
                    log=cache.log_file("installer"),
                    env={**os.environ, **_RESOLVER},
                    limit=_DOWNLOAD_LIMIT,
                )
        except StepError as error:
            progress.say(f"  it does not work here ({error.reason}): building from source instead")
            return None
    return _installed()


def _build() -> Engine | None:
    gotools.ensure(_CLI.name)
    return _built()


def _install_root() -> Path:
    return cache.root() / "pulumi" / _CLI.version


def _default_home() -> Path:
    return Path(os.environ.get("PULUMI_HOME") or Path.home() / ".pulumi")


def _version_of(command: Path) -> Version | None:
    env = {**os.environ, "PULUMI_SKIP_UPDATE_CHECK": "true"}
    try:
        answer = subprocess.run([command, "version"], env=env, capture_output=True, text=True, check=False, timeout=30)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return parse_version(answer.stdout)


def _download(engine: Engine, provider: str, home: Path) -> bool:
    tool = TOOLS[f"pulumi-resource-{provider}"]
    progress.say(f"{tool.what} {tool.version}: trying to download it")
    with cache.locked():
        try:
            progress.run(
                tool.name,
                [engine.pulumi, "plugin", "install", "resource", provider, tool.version],
                log=cache.log_file("plugin"),
                env={**os.environ, **_RESOLVER, "PULUMI_HOME": str(home)},
                limit=_DOWNLOAD_LIMIT,
            )
        except StepError as error:
            progress.say(f"  it does not work here ({error.reason}): building from source instead")
            return False
    return True


def _plugin(tool: Tool, provider: str, plugins: Path) -> Path:
    return plugins / f"resource-{provider}-v{tool.version}" / tool.name


def _link(binary: Path, plugin: Path) -> None:
    plugin.parent.mkdir(parents=True, exist_ok=True)
    draft = plugin.with_name(f"{plugin.name}.{os.getpid()}")
    draft.symlink_to(binary)
    draft.replace(plugin)


def _shell_path(engine: Engine) -> str:
    return f'export PATH={shlex.quote(str(engine.pulumi.parent))}{os.pathsep}"$PATH"'


def _print_env(engine: Engine) -> None:
    for name, value in engine.settings().items():
        print(f"export {name}={shlex.quote(value)}")
    print(_shell_path(engine))


def _arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Find the Pulumi engine, or get it.")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("find", help="get it, where there is none")
    env = commands.add_parser("env", help="print the environment to run it in")
    script = commands.add_parser("launcher", help="write a `pulumi` that runs it")
    script.add_argument("file", type=Path)
    for command in (env, script):
        command.add_argument("--provider", action="append", default=[], choices=PROVIDERS, dest="providers")
    providers = commands.add_parser("providers", help="get the provider plugins")
    providers.add_argument("providers", nargs="*", metavar="NAME", help=", ".join(PROVIDERS))
    providers.add_argument("--home", type=Path, help="the PULUMI_HOME to put them in")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line."""
    chosen = _arguments(arguments)
    try:
        engine = find()
        if chosen.command == "find":
            return 0
        if chosen.command == "providers":
            provide(engine, chosen.providers or PROVIDERS, chosen.home)
            return 0
        provide(engine, chosen.providers)
        if chosen.command == "env":
            _print_env(engine)
        else:
            write_launcher(chosen.file, engine)
    except StepError as error:
        progress.say(f"error: {error}")
        return 1
    return 0


if __name__ == "__main__":
    guard.protect()
    sys.exit(main())
