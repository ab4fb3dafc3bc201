"""The least program: how long the engine and the language host take by themselves."""
