"""The commands of `alertpath`, one a module: `add` declares its arguments; what it runs is imported when it runs."""
