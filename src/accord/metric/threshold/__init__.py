"""What thresholds of classes are chosen for, and how they are found on validation rows."""
