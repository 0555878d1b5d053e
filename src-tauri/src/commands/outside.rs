//! What the page opens outside the app.

use std::io;

use salon_base::{Code, Fault};
use url::Url;

/// Bytes of an address.
const LONGEST_ADDRESS: usize = 2_048;

/// Opens an address that somebody wrote, in the system's browser: a web page, and nothing else that the
/// system would know a program for.
#[tauri::command]
pub async fn open_address(address: String) -> Result<(), Fault> {
    let url = web_page(&address)?;
    let opened = tauri::async_runtime::spawn_blocking(move || open::that_detached(url.as_str()));
    let opened = opened.await.map_err(io::Error::other).flatten();
    opened.map_err(|error| {
        let detail = format!("no browser could be opened ({})", error.kind());
        Fault::new(Code::Internal, detail)
    })
}

fn web_page(address: &str) -> Result<Url, Fault> {
    let refused = |detail: &str| Fault::new(Code::LinkInvalid, detail);
    if address.len() > LONGEST_ADDRESS {
        return Err(refused("the address is too long"));
    }
    let url = Url::parse(address).map_err(|error| refused(&error.to_string()))?;
    // With a user's name in front, it can be read as another host than it leads to.
    let named = !url.username().is_empty() || url.password().is_some();
    if !matches!(url.scheme(), "http" | "https") || url.host().is_none() || named {
        return Err(refused("it is not the address of a web page"));
    }
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn web_pages_are_opened() {
        for address in ["https://a.example/b?c=d#e", "http://192.0.2.1:8080/"] {
            assert_eq!(web_page(address).unwrap().as_str(), address);
        }
    }

    #[test]
    fn nothing_else_is() {
        let long = format!("https://a.example/{}", "x".repeat(LONGEST_ADDRESS));
        for address in [
            "",
            "a.example",
            "-x",
            "file:///etc/passwd",
            "smb://a.example/share",
            "javascript:alert(1)",
            "salon://join?room=tea",
            "https://bank.example@evil.example",
            "https://user:password@evil.example",
            long.as_str(),
        ] {
            assert_eq!(
                web_page(address).unwrap_err().code,
                Code::LinkInvalid,
                "{address}"
            );
        }
    }
}
