//! rtc-core
