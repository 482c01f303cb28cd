"""The contract and the pages say what is so, on real topics too."""
