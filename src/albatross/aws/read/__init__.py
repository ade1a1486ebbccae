"""What AWS has: answers to questions, and the state of a stack."""
