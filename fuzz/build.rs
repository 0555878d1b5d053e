//! The C that libopus is linked with, where it is built: on Linux.

fn main() {
    println!("cargo:rerun-if-changed=c");
    if std::env::var("CARGO_CFG_TARGET_OS").as_deref() != Ok("linux") {
        return;
    }
    compile("coverage", "__sanitizer_cov_trace_pc");
    if std::env::var_os("CARGO_FEATURE_PLANTED").is_some() {
        compile("planted", "opus_decode_float");
    }
}

/// Links a file, and what is in it instead of a function.
fn compile(name: &str, instead_of: &str) {
    cc::Build::new()
        .file(format!("c/{name}.c"))
        // What refers to it comes later on the linker's command line.
        .link_lib_modifier("+whole-archive")
        .compile(name);
    println!("cargo:rustc-link-arg-bins=-Wl,--wrap={instead_of}");
}
