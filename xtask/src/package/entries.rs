//! What desktops and software centres read of a program.

use salon_brand::Brand;

use super::changelog::Entry;

/// The entry's action, as `src-tauri/src/activation.rs` knows it.
const JOIN: &str = "join";

/// The entry in the menus (Desktop Entry Specification). `%u` is the link that was clicked. Who asks the session
/// bus for what is `activatable` starts nothing where no [`bus_service`] lies beside it. Who does not ask the bus for the
/// action gets the program, which begins where the action leads.
pub(crate) fn desktop_entry(brand: &Brand, activatable: bool) -> String {
    let Brand {
        name,
        program,
        id,
        scheme,
        summary,
        keywords,
        ..
    } = brand;
    format!(
        "[Desktop Entry]\n\
         Type=Application\n\
         Name={name}\n\
         GenericName=Meetings\n\
         Comment={summary}\n\
         Exec={program} %u\n\
         TryExec={program}\n\
         Icon={id}\n\
         Terminal=false\n\
         StartupNotify=true\n\
         StartupWMClass={program}\n\
         Categories=Network;VideoConference;\n\
         Keywords={};\n\
         MimeType=x-scheme-handler/{scheme};\n\
         Actions={JOIN};\n{activation}\n\
         [Desktop Action {JOIN}]\n\
         Name=Join a Meeting\n\
         Icon={id}\n\
         Exec={program}\n",
        keywords.join(";"),
        activation = if activatable {
            "DBusActivatable=true\n"
        } else {
            ""
        },
    )
}

/// How the session bus starts the program (D-Bus Specification, "Message Bus Starting Services"), for the name
/// by which `DBusActivatable` has desktops ask.
pub(crate) fn bus_service(brand: &Brand, folder: &str) -> String {
    let Brand { program, id, .. } = brand;
    format!("[D-BUS Service]\nName={id}\nExec={folder}/{program}\n")
}

/// What a software centre shows (AppStream 1.0).
pub(crate) fn metainfo(brand: &Brand, release: &Entry) -> String {
    let Brand {
        name,
        program,
        id,
        scheme,
        summary,
        website,
        ..
    } = brand;
    let paragraphs = |texts: &[String], indent: &str| -> String {
        let lines = texts
            .iter()
            .map(|text| format!("{indent}<p>{}</p>\n", escaped(text)));
        lines.collect()
    };
    let keywords = brand.keywords.iter();
    let keywords: String = keywords
        .map(|word| format!("    <keyword>{}</keyword>\n", escaped(word)))
        .collect();
    let site = escaped(website);
    let developer = id
        .rsplit_once('.')
        .map_or(id.as_str(), |(domain, _)| domain);
    format!(
        r#"<?xml version="1.0" encoding="UTF-8"?>
<component type="desktop-application">
  <id>{id}</id>
  <metadata_license>MIT</metadata_license>
  <project_license>MIT OR Apache-2.0</project_license>
  <name>{name}</name>
  <summary>{summary}</summary>
  <developer id="{developer}">
    <name>{maker}</name>
  </developer>
  <description>
{description}  </description>
  <launchable type="desktop-id">{id}.desktop</launchable>
  <icon type="stock">{id}</icon>
  <url type="homepage">{site}</url>
  <screenshots>
    <screenshot type="default">
      <caption>A call of two</caption>
      <image>{site}/screenshots/room.png</image>
    </screenshot>
  </screenshots>
  <categories>
    <category>Network</category>
    <category>VideoConference</category>
  </categories>
  <keywords>
{keywords}  </keywords>
  <provides>
    <binary>{program}</binary>
    <mediatype>x-scheme-handler/{scheme}</mediatype>
  </provides>
  <requires>
    <display_length compare="ge">720</display_length>
  </requires>
  <supports>
    <control>keyboard</control>
    <control>pointing</control>
  </supports>
  <content_rating type="oars-1.1">
    <content_attribute id="social-chat">intense</content_attribute>
    <content_attribute id="social-audio">intense</content_attribute>
  </content_rating>
  <releases>
    <release version="{version}" type="{kind}" date="{date}"/>
  </releases>
</component>
"#,
        name = escaped(name),
        summary = escaped(summary),
        maker = escaped(brand.maintainer_name()),
        description = paragraphs(&brand.description, "    "),
        version = release.version(),
        kind = if release.is_early() {
            "development"
        } else {
            "stable"
        },
        date = release.day,
    )
}

/// A text between XML's marks.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::build::own_brand;

    fn lines(text: &str, name: &str) -> Vec<String> {
        let found = text.lines().filter_map(|line| line.strip_prefix(name));
        found.map(str::to_owned).collect()
    }

    #[test]
    fn a_clicked_link_is_handed_to_the_program() {
        let brand = own_brand().unwrap();
        let entry = desktop_entry(&brand, true);
        assert_eq!(lines(&entry, "Exec="), ["salon %u", "salon"]);
        assert_eq!(lines(&entry, "MimeType="), ["x-scheme-handler/salon;"]);
        assert_eq!(lines(&entry, "DBusActivatable="), ["true"]);
        let (of_program, of_action) = entry.split_once("\n[Desktop Action join]\n").unwrap();
        assert_eq!(lines(of_program, "Actions="), ["join;"]);
        assert_eq!(lines(of_action, "Exec="), ["salon"]);
        let entry = desktop_entry(&brand, false);
        assert!(lines(&entry, "DBusActivatable=").is_empty());
        let service = bus_service(&brand, "/usr/bin");
        assert_eq!(lines(&service, "Name="), [brand.id]);
        assert_eq!(lines(&service, "Exec="), ["/usr/bin/salon"]);
    }

    #[test]
    fn another_product_leaves_no_name_of_this_one() {
        let own = own_brand().unwrap();
        let other = Brand {
            name: "Tea".into(),
            program: "tea".into(),
            id: "com.example.tea".into(),
            scheme: "tea".into(),
            summary: "Tea & talk".into(),
            description: vec!["Tea.".into()],
            website: "https://tea.example".into(),
            maintainer: "Tea <it@tea.example>".into(),
            ..own
        };
        let release = Entry {
            semver: "1.2.3".into(),
            day: "2026-01-02".into(),
            moment: "Fri, 02 Jan 2026 00:00:00 +0000".into(),
            parts: Vec::new(),
        };
        let all = desktop_entry(&other, true)
            + &metainfo(&other, &release)
            + &bus_service(&other, "/usr/bin");
        assert!(!all.to_lowercase().contains("salon"), "{all}");
        assert!(all.contains("<summary>Tea &amp; talk</summary>"), "{all}");
        assert!(all.contains(r#"<developer id="com.example">"#), "{all}");
    }
}
