"""What the API says of each occurrence, held against an independent enumeration and raw records."""
