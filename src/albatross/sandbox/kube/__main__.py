"""`python -m albatross.sandbox.kube --config FILE.json`."""

import sys

from .child import main

sys.exit(main(sys.argv[1:]))
