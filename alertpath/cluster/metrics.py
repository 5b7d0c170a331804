"""Samples in Prometheus' text format: https://prometheus.io/docs/instrumenting/exposition_formats/."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final, final

_SAMPLE: Final = re.compile(r"^([a-zA-Z_:][\w:]*)(?:\{(.*)\})?\s+(\S+)", re.MULTILINE)
_LABEL: Final = re.compile(r'(?<!\w)([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"')
_ESCAPES: Final = {"\\n": "\n", '\\"': '"', "\\\\": "\\"}

Labels = Mapping[str, str]


@final
class Metrics:
    """All samples of one process, by metric."""

    def __init__(self, text: str) -> None:
        self._samples: Final[dict[str, list[tuple[dict[str, str], float]]]] = {}
        for name, labels, value in _SAMPLE.findall(text):
            try:
                number = float(value)
            except ValueError:
                continue
            self._samples.setdefault(name, []).append((dict(_labels(labels)), number))

    def samples(self, name: str) -> list[tuple[dict[str, str], float]]:
        """Each sample of a metric, with its labels."""
        return self._samples.get(name, [])

    def value(self, name: str) -> float | None:
        """The first sample of a metric; None: there is none."""
        found = self.samples(name)
        return found[0][1] if found else None

    def __bool__(self) -> bool:
        return bool(self._samples)


def _labels(text: str) -> Iterator[tuple[str, str]]:
    for name, value in _LABEL.findall(text):
        yield name, re.sub(r"\\[n\"\\]", lambda found: _ESCAPES[found[0]], value)
