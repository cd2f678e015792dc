"""The configuration: one pydantic model for each section; modules import only the sections they need."""
