"""``python -m planloom_cli``."""

from planloom_cli.main import main

if __name__ == "__main__":
    main()
