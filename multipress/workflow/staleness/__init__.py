"""What a change makes stale, and why: for people, for the documentation, and for the tests. No part of any result."""
