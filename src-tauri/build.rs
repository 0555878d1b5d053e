//! Build script of the app package.
fn main() {
    tauri_build::build();
}
