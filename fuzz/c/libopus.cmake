# How libopus is compiled for fuzzing, and for nothing else: `./x fuzz` names this file to CMake.
#
# gcc and clang take all of this. Their AddressSanitizer calls the same runtime as Rust's, which is
# linked anyway. Undefined behaviour stops the program, which needs no runtime.
add_compile_options(
    # Instrumented and optimised further, it takes many minutes to compile.
    -O1
    -g1
    -fno-omit-frame-pointer
    -fsanitize=address
    -fsanitize=undefined
    -fsanitize-undefined-trap-on-error
    # See coverage.c.
    -fsanitize-coverage=trace-pc
)
