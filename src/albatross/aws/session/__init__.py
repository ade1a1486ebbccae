"""How AWS is called: credentials, retries, throttling, caches, and what errors mean."""
