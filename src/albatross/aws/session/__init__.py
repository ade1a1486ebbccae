"""The calls to AWS: credentials, retries, throttling, caches, and errors."""
