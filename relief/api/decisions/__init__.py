"""What stewards decide about who is who."""
