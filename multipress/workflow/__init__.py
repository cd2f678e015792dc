"""What Snakemake needs: the configuration, settings of rules, digests of code, the cluster, staleness, provenance."""
