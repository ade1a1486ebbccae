"""`python -m albatross_sandbox.kube --config FILE.json`."""

import sys

from albatross_sandbox.kube.child import main

sys.exit(main(sys.argv[1:]))
