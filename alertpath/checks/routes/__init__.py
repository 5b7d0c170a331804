"""Checks of routes, their matchers and their timing."""
