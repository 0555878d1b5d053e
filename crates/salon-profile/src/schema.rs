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
        generated_files::assert_up_to_date(path, &super::schema());
    }
}
