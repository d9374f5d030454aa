"""*Test connection*: what is wrong is found, and said in plain words."""
