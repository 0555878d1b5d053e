/* Where libopus has been, told to libFuzzer. Rust's code is counted by what clang puts into it,
 * which gcc does not have: it calls a function at every branch. That of libFuzzer's ends the program;
 * this one is linked in its place. */
#include <stdint.h>

#define PLACES (1 << 15)

/* libFuzzer looks at this section after each input, and clears it before. */
__attribute__((section("__libfuzzer_extra_counters"))) static uint8_t counters[PLACES];

void __wrap___sanitizer_cov_trace_pc(void) {
    /* Multiplied, so that places close to each other fall far apart. */
    uint32_t place = (uint32_t)(uintptr_t)__builtin_return_address(0) * 2654435769u >> 17;
    uint8_t count = counters[place] + 1;
    /* A place that was reached 256 times was reached. */
    counters[place] = count ? count : 1;
}
