"""Scripts that measure side by side, in one run, and print ratios; docs/performance.md tells what they printed."""
