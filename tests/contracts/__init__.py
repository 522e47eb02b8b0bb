"""What one service publishes is what the others read: golden examples and generated documents."""
