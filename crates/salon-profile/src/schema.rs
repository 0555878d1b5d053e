//! The JSON Schema of profiles, for editors.

/// The schema, as `docs/schema/backend-profile.schema.json` has it.
pub fn schema() -> String {
    let mut schema = schemars::schema_for!(crate::profile::Profile);
    schema.insert("title".into(), "A backend profile of Salon".into());
    // Writing a value of JSON's own types cannot fail.
    let mut text = serde_json::to_string_pretty(&schema).unwrap_or_default();
    text.push('\n');
    text
}

#[cfg(test)]
mod tests {
    #[test]
    fn profile_schema_is_up_to_date() {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../../docs/schema/backend-profile.schema.json");
        let fresh = super::schema();
        if std::env::var_os("UPDATE_TYPES").is_some() {
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(&path, &fresh).unwrap();
        }
        assert_eq!(
            std::fs::read_to_string(path).unwrap_or_default(),
            fresh,
            "run `./x types`"
        );
    }
}
