"""The mapping language: its model, its errors, and the plan it compiles to."""
