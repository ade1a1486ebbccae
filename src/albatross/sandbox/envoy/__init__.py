"""Data plane of the emulated load balancers: the real Envoy, told only what the public Describe calls say."""
