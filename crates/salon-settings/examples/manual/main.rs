//! Writes the manual's pages and the shells' completions into a folder: for packages of a product that has a
//! name of its own (docs/brands.md). Fails if its backend profile is none.

mod pages;

use std::io::Error;
use std::path::PathBuf;

use salon_profile::{Format, is_built_in, parse};

fn main() -> std::io::Result<()> {
    if let Some(text) = salon_product::PROFILE {
        let wrong = |mistake| Error::other(format!("the brand's profile: {mistake}"));
        let profile = parse(text, Format::Toml).map_err(wrong)?;
        if is_built_in(&profile.name) {
            let why = format!(
                "{} is a profile of Salon's: give it another name",
                profile.name
            );
            return Err(Error::other(why));
        }
    }
    let folder = std::env::args_os().nth(1).map(PathBuf::from);
    let folder = folder.ok_or_else(|| Error::other("into which folder?"))?;
    std::fs::create_dir_all(&folder)?;
    for (name, text) in pages::all() {
        std::fs::write(folder.join(name), text)?;
    }
    Ok(())
}
