//! Generates the permissions of the plugin's command.
fn main() {
    tauri_plugin::Builder::new(&["open"]).build();
}
