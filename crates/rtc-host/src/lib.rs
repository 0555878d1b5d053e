//! rtc-host
