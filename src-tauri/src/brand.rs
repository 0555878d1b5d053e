//! What the program is called, told to those who would take it from `tauri.conf.json` or from the page:
//! that file and the page are the same in all builds.

use serde_json::json;
use tauri::image::Image;

/// Where the page finds it: see `ui/src/brand`.
const VARIABLE: &str = "__SALON_BRAND__";

/// Tells Tauri and its plugins: folders of the webview, the name on the session bus, the scheme, the icon.
pub(crate) fn apply(context: &mut tauri::Context) {
    let config = context.config_mut();
    config.identifier = salon_product::ID.into();
    config.product_name = Some(salon_product::NAME.into());
    let schemes = json!({ "desktop": { "schemes": [salon_product::SCHEME] } });
    config.plugins.0.insert("deep-link".into(), schemes);
    // By which a badge finds the entry in the dock.
    #[cfg(target_os = "linux")]
    {
        context.package_info_mut().name = salon_product::ID.into();
    }
    // A test reads it.
    context.set_default_window_icon(icon().ok());
}

fn icon() -> tauri::Result<Image<'static>> {
    Image::from_bytes(salon_product::ICON_PNG)
}

/// Tells the page, before any of it runs.
pub(crate) fn page_script() -> String {
    let brand = json!({
        "name": salon_product::NAME,
        "id": salon_product::ID,
        "scheme": salon_product::SCHEME,
        "icon": salon_product::ICON,
        "colours": salon_product::COLOURS,
    });
    format!("Object.defineProperty(globalThis, '{VARIABLE}', {{ value: Object.freeze({brand}) }});")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test")]

    use super::*;

    #[test]
    fn what_tauri_knows_is_what_this_build_is_called() {
        let mut context: tauri::Context = tauri::generate_context!();
        if salon_product::NAME == "Salon" {
            assert_eq!(context.config().identifier, salon_product::ID);
        }
        apply(&mut context);
        let config = context.config();
        assert_eq!(config.identifier, salon_product::ID);
        assert_eq!(config.product_name.as_deref(), Some(salon_product::NAME));
        let links = &config.plugins.0["deep-link"]["desktop"]["schemes"];
        assert_eq!(*links, json!([salon_product::SCHEME]));
        assert_eq!(icon().unwrap().width(), 128);
        assert!(context.default_window_icon().is_some());
    }

    #[test]
    fn the_page_is_told_in_words_that_are_data() {
        let script = page_script();
        let (_, value) = script.split_once("Object.freeze(").unwrap();
        let (value, _) = value.rsplit_once(") });").unwrap();
        let value: serde_json::Value = serde_json::from_str(value).unwrap();
        assert_eq!(value["name"], salon_product::NAME);
        assert!(value["icon"].as_str().unwrap().contains("<svg"));
    }
}
