"""What the devices page and its forms are made of: pure functions and structs, and the desk through
which the registry is changed."""
