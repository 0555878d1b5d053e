//! What the installers for Windows call a product, in the languages that they are written in. Two brands on one
//! computer are two products to Windows: all that it tells them apart by comes from the brand.

use salon_brand::Brand;
use semver::Version;

use crate::derived::guid;

/// The package of a product, in all its versions: what one of them replaces.
fn package(brand: &Brand) -> String {
    guid(brand, "package for Windows")
}

/// For `salon.nsi`, in UTF-8 with the mark that `makensis` knows it by.
pub(super) fn for_nsis(brand: &Brand) -> String {
    let Brand {
        name,
        program,
        id,
        scheme,
        ..
    } = brand;
    let publisher = brand.maintainer_name();
    let package = format!("{{{}}}", package(brand));
    let lines = [
        ("NAME", name.as_str()),
        ("STEM", program),
        ("SCHEME", scheme),
        ("IDENTIFIER", id),
        ("PUBLISHER", publisher),
        ("PACKAGE", &package),
    ]
    .map(|(word, value)| {
        // What NSIS would take for a variable, or for the end.
        let value = value.replace('$', "$$").replace('"', "$\\\"");
        format!("!define {word} \"{value}\"\n")
    });
    format!("\u{feff}{}", lines.concat())
}

/// For `checks.c`.
pub(super) fn for_c(brand: &Brand) -> String {
    let Brand { name, program, .. } = brand;
    // Neither has anything that C does not take as it is.
    format!("#define NAME L\"{name}\"\n#define PROGRAM L\"{program}.exe\"\n")
}

/// `salon.wxs` with everything in its place; `numbers`: the version as Windows compares it.
pub(super) fn for_wixl(template: &str, brand: &Brand, version: &Version, numbers: &str) -> String {
    let part = |part: &str| guid(brand, part);
    let values = [
        ("Package", package(brand)),
        ("Name", brand.name.clone()),
        ("Stem", brand.program.clone()),
        ("Scheme", brand.scheme.clone()),
        ("Identifier", brand.id.clone()),
        ("Publisher", brand.maintainer_name().to_owned()),
        ("Version", numbers.to_owned()),
        ("Shown", version.to_string()),
        ("ProgramPart", part("program for Windows")),
        ("AutostartPart", part("start with Windows")),
        ("StartMenuPart", part("start menu of Windows")),
    ];
    values
        .iter()
        .fold(template.to_owned(), |text, (word, value)| {
            let value = value.replace('&', "&amp;").replace('<', "&lt;");
            text.replace(&format!("$(var.{word})"), &value.replace('"', "&quot;"))
        })
}

/// What tells Windows which letters a package is written in, as `msibuild` imports it (`_ForceCodepage`): UTF-8. `wixl`
/// writes that and does not say so. Nothing, where ASCII is enough: any system reads that.
pub(super) fn letters(brand: &Brand) -> Option<&'static str> {
    let all = [brand.name.as_str(), brand.maintainer_name()];
    (!all.iter().all(|text| text.is_ascii())).then_some("\r\n\r\n65001\t_ForceCodepage\r\n")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test")]

    use super::*;
    use crate::build::{EXAMPLE, own_brand};
    use crate::process::root;

    fn example() -> Brand {
        Brand::read(&root().join(EXAMPLE)).unwrap()
    }

    fn package_source(brand: &Brand) -> String {
        let template = root().join("packaging/windows/salon.wxs");
        let template = std::fs::read_to_string(template).unwrap();
        for_wixl(&template, brand, &"1.2.3".parse().unwrap(), "1.2.3999")
    }

    #[test]
    fn what_another_product_installs_has_its_names_and_none_of_salons() {
        let mut brand = example();
        brand.maintainer = "Bean & Leaf \"$Ltd\" <a@b.example>".into();
        let (package, nsis, c) = (package_source(&brand), for_nsis(&brand), for_c(&brand));
        for made in [&package, &nsis, &c] {
            assert!(!made.to_lowercase().contains("salon"), "{made}");
            assert!(
                made.contains("Garden Talk") && made.contains("garden-talk"),
                "{made}"
            );
        }
        assert!(!package.contains("$(var."), "{package}");
        assert!(
            package.contains(r#"Manufacturer="Bean &amp; Leaf &quot;$Ltd&quot;""#),
            "{package}"
        );
        assert!(
            nsis.contains(r#"!define PUBLISHER "Bean & Leaf $\"$$Ltd$\"""#),
            "{nsis}"
        );
        assert!(
            package.contains(r"Software\Classes\garden-talk\shell\open\command"),
            "{package}"
        );
        // By which the .exe knows that the .msi has been.
        let code = super::package(&brand);
        assert!(
            nsis.contains(&format!("!define PACKAGE \"{{{code}}}\"")),
            "{nsis}"
        );
        assert!(
            package.contains(&format!("UpgradeCode=\"{code}\"")),
            "{package}"
        );
    }

    #[test]
    fn a_name_with_other_letters_than_those_of_ascii_is_told_windows_as_such() {
        let brand = example();
        assert_eq!(letters(&brand), None);
        let name = "Gärten".to_owned();
        let named = Brand {
            name: name.clone(),
            ..brand.clone()
        };
        assert!(letters(&named).unwrap().contains("\t_ForceCodepage"));
        let maintainer = format!("{name} <a@b.example>");
        let made = Brand {
            maintainer,
            ..brand
        };
        assert!(letters(&made).is_some());
        // The mark by which makensis knows UTF-8.
        assert!(for_nsis(&named).starts_with("\u{feff}!define NAME \"Gärten\"\n"));
    }

    #[test]
    fn windows_takes_no_part_of_one_product_for_that_of_another() {
        let codes = |brand: &Brand| -> Vec<String> {
            let source = package_source(brand);
            let codes = source.split(['"', '{']).filter(|word| {
                word.len() == 36 && word.bytes().filter(|byte| *byte == b'-').count() == 4
            });
            codes.map(str::to_owned).collect()
        };
        let (own, other) = (codes(&own_brand().unwrap()), codes(&example()));
        let mut all = [own.clone(), other].concat();
        all.sort();
        all.dedup();
        assert_eq!((own.len(), all.len()), (4, 8), "{all:?}");
    }
}
