"""`python -m albatross`: the command line."""

import sys

from albatross.cli import main

if __name__ == "__main__":
    sys.exit(main())
