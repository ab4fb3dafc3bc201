"""The message on what an update means for MediaTailor, in previews and updates with the real engine."""
