//! Whether something of what makes calls on Linux is left among what ships elsewhere: read from the packages that
//! the app depends on there.

use anyhow::{Result, bail};

use crate::elsewhere::tree;

/// Where the webview has WebRTC of its own.
const ELSEWHERE: [&str; 3] = [
    "x86_64-pc-windows-gnu",
    "aarch64-apple-darwin",
    "x86_64-apple-darwin",
];
/// What calls are made with where it has none; nothing of it is linked elsewhere, not even into tests.
const LINUX_ALONE: [&str; 8] = [
    "gstreamer",
    "gtk",
    "opus",
    "rtc-core",
    "rtc-host",
    "rtc-media",
    "tauri-plugin-webrtc",
    "webkit2gtk",
];

/// Looks whether something of Linux's calls is left on other systems.
///
/// # Errors
/// If there is something.
pub(crate) fn no_traces() -> Result<()> {
    for target in ELSEWHERE {
        let tree = tree(target, "normal,build,dev")?;
        let found = traces(&tree);
        if !found.is_empty() {
            bail!("on {target}, the app comes with {}", found.join(", "));
        }
    }
    Ok(())
}

fn traces(tree: &str) -> Vec<&str> {
    let names = tree
        .lines()
        .filter_map(|line| line.split_whitespace().next());
    // GStreamer's have several: gstreamer-app, gstreamer-video-sys.
    let alone = |name: &&str| {
        LINUX_ALONE.iter().any(|alone| {
            name.strip_prefix(alone).is_some_and(|rest| {
                rest.is_empty() || (*alone == "gstreamer" && rest.starts_with('-'))
            })
        })
    };
    let mut found: Vec<_> = names.filter(alone).collect();
    found.sort_unstable();
    found.dedup();
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    const TREE: &str = "salon v0.1.0 (/home/me/salon)\nserde v1.0.0\nserde_derive v1.0.0 (proc-macro)\n\
                        salon-base v0.1.0 (/home/me/salon/crates/salon-base)\nserde v1.0.0 (*)\n\
                        salon-base v0.1.0 (/home/me/salon/crates/salon-base) (*)\n";

    #[test]
    fn what_belongs_to_linux_is_found_under_each_of_its_names() {
        assert_eq!(traces(TREE), Vec::<&str>::new());
        let more = format!(
            "{TREE}rtc-host v0.1.0 (/x/rtc-host)\ngstreamer-video-sys v0.25.0\ngtk v0.18.0\n"
        );
        assert_eq!(traces(&more), ["gstreamer-video-sys", "gtk", "rtc-host"]);
        // Others that begin so.
        assert_eq!(
            traces("opusfile v1.0.0\ngtk3-macros v1.0.0\n"),
            Vec::<&str>::new()
        );
    }
}
