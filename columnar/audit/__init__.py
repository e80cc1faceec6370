"""What a run leaves for an auditor: Parquet of every stage, manifests with checksums, and the means to check them."""
