"""What people type in, checked and told in words."""
