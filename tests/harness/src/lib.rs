//! The real app, a real LiveKit server and a browser, on one machine and on its loopback
//! interface only.
//!
//! Everything that is started belongs to a value and ends with it. Linux only, where WebDriver
//! reaches the app's webview.

#![cfg(target_os = "linux")]
#![forbid(unsafe_code)]

pub mod address;
pub mod backend;
pub mod browser;
pub mod desktop;
pub mod door;
pub mod host;
pub mod loss;
pub mod marketplace;
pub mod older_server;
mod packet_filter;
pub mod painted;
mod port;
pub mod process;
pub mod product;
pub mod relay;
pub mod report;
pub mod screen;
pub mod service;
pub mod sound;
mod sound_server;
pub mod stream;
pub mod token;
pub mod usage;
pub mod wall;
mod windows;
pub mod world;
