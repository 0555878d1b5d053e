//! The system's programs are scripts here, which write down what they are called with and do what the others look for.

use std::os::unix::fs::PermissionsExt as _;

use tempfile::TempDir;

use super::*;

/// Stands for each of the programs. `$HERE` is the folder with what was said and what is answered.
const PROGRAM: &str = r#"#!/bin/sh
HERE=$(dirname "$0")
name=$(basename "$0")
printf '%s\n' "$name $*" >> "$HERE/called"
for last in "$@"; do :; done
case "$name $*" in
  'security -i')
    while read -r line; do
      printf '%s\n' "$line" >> "$HERE/told"
      case $line in
        *create-keychain*) file=${line%\" }; file=${file%\"}; : > "${file##*\"}" ;;
        *\"import\"*) packed=${line#*\"import\" \"}; cat "${packed%%\"*}" > "$HERE/imported" ;;
      esac
    done ;;
  'security list-keychains -d user') echo '    "/Users/nobody/login.keychain-db"' ;;
  'security find-identity '*) [ -f "$last" ] && cat "$HERE/identities" ;;
  'security delete-keychain '*) rm "$last" ;;
  hdiutil*) ls "$(dirname "$last")/signed" > "$last" ;;
  'xcrun notarytool submit '*)
    while [ $# -gt 0 ]; do
      [ "$1" = --key ] && cp "$2" "$HERE/notary-key"
      shift
    done
    cat "$HERE/answer" ;;
  'xcrun notarytool log '*) echo 'The signature has no secure timestamp.' ;;
esac
"#;
const HASH: &str = "0123456789ABCDEF0123456789ABCDEF01234567";
const PASS: &str = "open \"se\\same\" 1";
const KEY: &str = "-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n";

struct Mac(TempDir);

impl Mac {
    fn new() -> Self {
        let mac = Self(tempfile::tempdir().unwrap());
        for name in ["codesign", "hdiutil", "security", "spctl", "xcrun"] {
            let file = mac.at(name);
            fs::write(&file, PROGRAM).unwrap();
            fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).unwrap();
        }
        let identity = format!("  1) {HASH} \"Developer ID Application: Nobody (T)\"\n");
        fs::write(mac.at("identities"), identity).unwrap();
        fs::write(mac.at("answer"), r#"{"id":"7","status":"Accepted"}"#).unwrap();
        fs::write(mac.at("program"), "program").unwrap();
        mac
    }

    fn at(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.at(name)).unwrap_or_default()
    }

    fn sign(&self, variables: &[(&str, &str)]) -> Result<PathBuf> {
        let (holder, access) = wanted(of(variables))?.unwrap();
        let mut path = self.0.path().as_os_str().to_owned();
        path.push(":/usr/bin:/bin");
        let tools = Tools {
            path: Some(path),
            without: &ALL,
        };
        let brand = build::own_brand()?;
        make(
            &tools,
            &brand,
            &self.at("program"),
            &self.at("made"),
            &holder,
            &access,
        )
    }
}

fn of<'a>(variables: &'a [(&'a str, &'a str)]) -> impl Fn(&str) -> Option<String> + 'a {
    |name| {
        let found = variables.iter().find(|(variable, _)| *variable == name);
        found.map(|(_, value)| (*value).to_owned())
    }
}

/// `cGFja2Vk` is `packed`.
const SECRETS: [(&str, &str); 5] = [
    (CERTIFICATE, "cGFj\na2Vk\n"),
    (PASSPHRASE, PASS),
    (NOTARY_KEY, KEY),
    (NOTARY_KEY_ID, "K1"),
    (NOTARY_ISSUER, "I1"),
];

#[test]
fn an_image_is_signed_notarised_and_stapled_in_this_order() {
    let mac = Mac::new();
    let made = mac.sign(&SECRETS).unwrap();
    let name = made.file_name().unwrap().to_string_lossy().into_owned();
    assert!(name.ends_with("-universal.dmg"), "{name}");
    // What is in it.
    assert_eq!(
        fs::read_to_string(&made).unwrap(),
        "Applications\nSalon.app\n"
    );
    let called = mac.read("called");
    let mut rest = called.as_str();
    for wanted in [
        "security find-identity -v -p codesigning ".to_owned(),
        "codesign --force --options runtime --entitlements ".to_owned(),
        format!(" --timestamp --sign {HASH} "),
        "Salon.app\n".to_owned(),
        "codesign --verify --deep --strict ".to_owned(),
        "hdiutil create -volname Salon ".to_owned(),
        format!(
            "codesign --force --timestamp --sign {HASH} {}\n",
            made.display()
        ),
        format!("xcrun notarytool submit {} --wait ", made.display()),
        format!("xcrun stapler staple {}\n", made.display()),
        format!("xcrun stapler validate {}\n", made.display()),
        "spctl --assess --type open ".to_owned(),
        "security delete-keychain ".to_owned(),
    ] {
        let at = rest.find(&wanted);
        let at = at.unwrap_or_else(|| panic!("{wanted:?} does not come when it should: {called}"));
        rest = &rest[at + wanted.len()..];
    }
    assert_eq!(mac.read("imported"), "packed");
    assert_eq!(mac.read("notary-key"), KEY);
}

/// Every program on the computer may read command lines.
#[test]
fn no_secret_is_on_a_command_line_or_left_in_a_file() {
    let mac = Mac::new();
    mac.sign(&SECRETS).unwrap();
    let (called, told) = (mac.read("called"), mac.read("told"));
    // It was handed over, whatever stands in it.
    assert!(told.contains(r#""-P" "open \"se\\same\" 1""#), "{told}");
    let lock = told.lines().find_map(|line| {
        let rest = line.strip_prefix(r#""create-keychain" "-p" ""#)?;
        rest.split('"').next()
    });
    let lock = lock.unwrap();
    assert!(lock.len() >= 32, "{told}");
    for secret in [lock, "se\\same", "c2VjcmV0", "cGFj", "packed"] {
        assert!(!called.contains(secret), "{secret}: {called}");
    }
    // The folder with key and keychain is gone.
    let keychain = called.lines().find_map(|line| {
        let file = line.strip_prefix("security delete-keychain ")?;
        Some(Path::new(file).parent()?.to_owned())
    });
    assert!(!keychain.unwrap().exists());
    // The user's own stay on the list.
    assert!(called.contains("-s ") && called.contains("/Users/nobody/login.keychain-db"));
}

#[test]
fn what_apple_refuses_is_no_image_and_says_why() {
    let mac = Mac::new();
    // As it ends with 0 then, too.
    fs::write(mac.at("answer"), r#"{"id":"7","status":"Invalid"}"#).unwrap();
    let error = format!("{:#}", mac.sign(&SECRETS).unwrap_err());
    assert!(error.contains("Invalid"), "{error}");
    assert!(error.contains("no secure timestamp"), "{error}");
    let called = mac.read("called");
    assert!(called.contains("xcrun notarytool log 7 "), "{called}");
    assert!(!called.contains("stapler"), "{called}");
    assert!(called.contains("security delete-keychain "), "{called}");
    fs::write(mac.at("answer"), "").unwrap();
    let error = format!("{:#}", mac.sign(&SECRETS).unwrap_err());
    assert!(error.contains("no answer"), "{error}");
}

#[test]
fn with_a_key_that_does_not_sign_for_others_nothing_is_signed() {
    let mac = Mac::new();
    fs::write(mac.at("identities"), "     0 valid identities found\n").unwrap();
    let error = format!("{:#}", mac.sign(&SECRETS).unwrap_err());
    assert!(error.contains(CERTIFICATE), "{error}");
    assert!(error.contains("0 valid identities found"), "{error}");
    let called = mac.read("called");
    assert!(!called.contains("codesign --force"), "{called}");
    assert!(called.contains("security delete-keychain "), "{called}");
}

#[test]
fn whoever_has_keys_in_a_keychain_of_their_own_names_them() {
    let mac = Mac::new();
    let named = [(IDENTITY, "Developer ID"), (NOTARY_PROFILE, "mine")];
    mac.sign(&named).unwrap();
    let called = mac.read("called");
    assert!(!called.contains("security"), "{called}");
    assert!(called.contains("--sign Developer ID "), "{called}");
    assert!(called.contains("--keychain-profile mine\n"), "{called}");
}

#[test]
fn what_is_missing_is_named_and_without_any_nothing_is_signed() {
    assert!(wanted(of(&[])).unwrap().is_none());
    // As a forge hands over secrets that it does not have.
    let empty = ALL.map(|name| (name, ""));
    assert!(wanted(of(&empty)).unwrap().is_none());
    for missing in [CERTIFICATE, NOTARY_KEY, NOTARY_KEY_ID, NOTARY_ISSUER] {
        let others = SECRETS.map(|(name, value)| (name, if name == missing { "" } else { value }));
        let error = wanted(of(&others)).err().unwrap().to_string();
        assert!(error.contains(missing), "{error}");
        let named = ALL
            .iter()
            .filter(|name| error.split([' ', ',']).any(|word| word == **name));
        assert_eq!(named.count(), 1, "{error}");
        assert!(
            !error.contains(PASS) && !error.contains("c2VjcmV0"),
            "{error}"
        );
    }
    let wrong =
        SECRETS.map(|(name, value)| (name, if name == CERTIFICATE { "no!" } else { value }));
    let error = format!("{:#}", wanted(of(&wrong)).err().unwrap());
    assert!(error.contains(CERTIFICATE), "{error}");
}

#[test]
fn the_workflow_hands_over_what_is_asked_for() {
    let workflow = crate::process::root().join(".github/workflows/release.yml");
    let workflow = fs::read_to_string(workflow).unwrap();
    let (_, step) = workflow
        .split_once("- run: ./x release sign-macos signed\n        env:\n")
        .unwrap();
    let variables = step
        .lines()
        .take_while(|line| line.starts_with("          SALON_"));
    let variables: Vec<&str> = variables.map(str::trim).collect();
    let secret = |(name, _): (&str, &str)| format!("{name}: ${{{{ secrets.{name} }}}}");
    assert_eq!(variables, SECRETS.map(secret));
}
