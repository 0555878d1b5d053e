//! Writes the manual's pages and the shells' completions into a folder: for packages of a product that has a
//! name of its own (docs/brands.md).

mod pages;

use std::path::PathBuf;

fn main() -> std::io::Result<()> {
    let folder = std::env::args_os().nth(1).map(PathBuf::from);
    let folder = folder.ok_or_else(|| std::io::Error::other("into which folder?"))?;
    std::fs::create_dir_all(&folder)?;
    for (name, text) in pages::all() {
        std::fs::write(folder.join(name), text)?;
    }
    Ok(())
}
