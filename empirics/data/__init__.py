"""Points that a user brings: arrays, data frames and files, read in one way everywhere."""
