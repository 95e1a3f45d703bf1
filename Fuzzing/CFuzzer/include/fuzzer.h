// What libFuzzer offers to a program that has its own main.
#pragma once
#include <stddef.h>
#include <stdint.h>

/// Runs the fuzzer with the arguments of the command line; `body` is called with every input and
/// returns 0.
int LLVMFuzzerRunDriver(int *argc, char ***argv, int (*body)(const uint8_t *bytes, size_t count));

/// A file in memory, without a name; negative on failure.
int fuzz_memory_file(void);
