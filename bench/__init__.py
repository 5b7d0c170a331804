"""Benchmarks: each measures two things in one run and prints their ratio."""
