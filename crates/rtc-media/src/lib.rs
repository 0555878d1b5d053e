//! rtc-media
