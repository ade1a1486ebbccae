"""IAM: who may do what, evaluated on every call, and how callers come by their credentials."""
