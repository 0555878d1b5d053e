//! Reads the brand that this build is for: `SALON_BRAND` names its file; without, it is Salon's own.

use std::path::{Path, PathBuf};

use salon_brand::{Brand, Colours, Palette};

fn main() {
    println!("cargo:rerun-if-env-changed=SALON_BRAND");
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../packaging/brands/salon.toml");
    let file = std::env::var_os("SALON_BRAND").map_or(own, PathBuf::from);
    println!("cargo:rerun-if-changed={}", file.display());
    match written(&file) {
        Ok(written) => println!("cargo:rustc-env=SALON_PRODUCT={}", written.display()),
        Err(error) => {
            println!("cargo::error={error}");
        }
    }
}

/// Writes what the brand says as Rust; where, is the answer.
fn written(file: &Path) -> Result<PathBuf, Box<dyn std::error::Error>> {
    let brand = Brand::read(file)?;
    let icon = brand.icons.join("icon.svg");
    println!("cargo:rerun-if-changed={}", icon.display());
    let mut text = String::new();
    for (name, word, what) in [
        ("name", &brand.name, "As people read it."),
        ("program", &brand.program, "The program, as it is typed."),
        (
            "id",
            &brand.id,
            "By which desktops, the session bus and keyrings know it.",
        ),
        ("scheme", &brand.scheme, "What its links begin with."),
    ] {
        text.push_str(&format!(
            "/// {what}\n#[macro_export]\nmacro_rules! {name} {{ () => {{ {word:?} }}; }}\n"
        ));
    }
    let picture = brand.icons.join("128x128.png");
    println!("cargo:rerun-if-changed={}", picture.display());
    let icon =
        std::fs::read_to_string(&icon).map_err(|error| format!("{}: {error}", icon.display()))?;
    let profile = match &brand.profile {
        Some(profile) => {
            println!("cargo:rerun-if-changed={}", profile.display());
            let text = std::fs::read_to_string(profile);
            Some(text.map_err(|error| format!("{}: {error}", profile.display()))?)
        }
        None => None,
    };
    let colours = brand.colours.map(css);
    text.push_str(&format!(
        "pub(crate) const ICON: &str = {icon:?};\n\
         pub(crate) const ICON_PNG: &[u8] = include_bytes!({picture:?});\n\
         pub(crate) const PROFILE: Option<&str> = {profile:?};\n\
         pub(crate) const COLOURS: Option<&str> = {colours:?};\n"
    ));
    let to = PathBuf::from(std::env::var("OUT_DIR")?).join("product.rs");
    std::fs::write(&to, text)?;
    Ok(to)
}

/// The properties that the page's style sheet names.
fn css(colours: Colours) -> String {
    let properties = |palette: Palette| {
        let Palette {
            accent,
            accent_strong,
            on_accent,
        } = palette;
        format!("--accent:{accent};--accent-strong:{accent_strong};--on-accent:{on_accent}")
    };
    let (dark, light) = (properties(colours.dark), properties(colours.light));
    format!(":root{{{dark}}}@media(prefers-color-scheme:light){{:root{{{light}}}}}")
}
