"""Events: jobs, who takes part in them from when to when, and what people add to them."""
