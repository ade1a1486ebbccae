"""AWS resources (and the TargetGroupBinding) in their desired state: one class per file."""
