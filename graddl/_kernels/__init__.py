"""Compiled kernels that accelerate ops of the table on the CPU; nothing here imports graddl."""
