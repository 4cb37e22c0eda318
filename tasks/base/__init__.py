"""What all tasks build on."""
