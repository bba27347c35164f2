"""What a trained model gives away of single rows: bounds on epsilon, membership, memorisation."""
