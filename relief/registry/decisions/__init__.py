"""What stewards decide about who is who: made, withdrawn, and read again."""
