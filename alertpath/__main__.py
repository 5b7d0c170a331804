"""`python -m alertpath` is `alertpath`."""

from alertpath.cli import main

raise SystemExit(main())
