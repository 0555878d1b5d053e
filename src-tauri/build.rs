//! Build script of the app's package.

fn main() {
    // The plugin's permissions only exist where the plugin does.
    let linux = std::env::var_os("CARGO_CFG_TARGET_OS").is_some_and(|system| system == "linux");
    let webrtc = linux && std::env::var_os("CARGO_FEATURE_WEBRTC").is_some();
    let pattern = if webrtc {
        "src-tauri/capabilities/**/*.json"
    } else {
        "src-tauri/capabilities/*.json"
    };
    let attributes = tauri_build::Attributes::new().capabilities_path_pattern(pattern);
    if let Err(error) = tauri_build::try_build(attributes) {
        panic!("{error:#}");
    }
}
