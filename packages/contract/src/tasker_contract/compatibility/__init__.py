"""What a new contract breaks for those who keep to an old one."""
