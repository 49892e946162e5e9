"""The command line: the only place of planloom that prints or exits."""

__version__ = "0.1.0"
