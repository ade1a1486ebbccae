"""AWS resources (and the TargetGroupBinding) as a stack wants them: one noun a file."""
