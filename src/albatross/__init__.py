"""Albatross: Kubernetes Ingress, Service and Gateway objects in, AWS load balancers out."""

__version__ = "0.1.0"
