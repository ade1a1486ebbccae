"""`python -m albatross_sandbox`: the commands, without Albatross."""

from albatross_sandbox.command import main

if __name__ == "__main__":
    main()
