"""What the pages' tests take from those of the program."""

from tests.program.conftest import engine_env, new_project

__all__ = ["engine_env", "new_project"]
