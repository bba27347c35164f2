"""What private training costs."""
