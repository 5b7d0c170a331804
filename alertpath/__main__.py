"""`python -m alertpath` is `alertpath`."""

from alertpath.cli.main import main

raise SystemExit(main())
