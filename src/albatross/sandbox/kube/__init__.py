"""The in-memory Kubernetes API server of the sandbox."""
