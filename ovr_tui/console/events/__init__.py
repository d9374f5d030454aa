"""Events as the console shows them: lists, clocks, what happened, forms. Pure."""
