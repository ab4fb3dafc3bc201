"""Tests: unit/ in seconds without a network, sandbox/ with the real engine, support/ for both."""
