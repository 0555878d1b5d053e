//! tauri-plugin-webrtc
