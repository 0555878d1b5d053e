use minisign::KeyPair;

use super::*;

/// One that nobody has looked at.
fn clock(now: Timestamp) -> Clock {
    let is_right = false;
    Clock { now, is_right }
}

struct Site {
    folder: tempfile::TempDir,
    keys: KeyPair,
}

impl Site {
    fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
            keys: KeyPair::generate_unencrypted_keypair().unwrap(),
        }
    }

    fn put(&self, name: &str, content: &str) {
        std::fs::write(self.folder.path().join(name), content).unwrap();
    }

    /// Offers a version so many days after the first.
    fn sign(&self, version: &str, day: i64) -> Result<()> {
        let at = Timestamp::from_second(1_800_000_000 + day * 24 * 60 * 60).unwrap();
        sign(
            self.folder.path(),
            "stable",
            version,
            &self.keys.sk,
            clock(at),
        )
    }

    /// What is offered, if it is rightly signed.
    fn offered(&self) -> Value {
        let text = std::fs::read(self.folder.path().join("stable.json")).unwrap();
        let signature = self.folder.path().join("stable.json.minisig");
        let signature = SignatureBox::from_file(signature).unwrap();
        let text = Cursor::new(text);
        minisign::verify(&self.keys.pk, &signature, text.clone(), true, false, false).unwrap();
        serde_json::from_reader(text).unwrap()
    }

    /// The versions behind the newest one.
    fn earlier(&self) -> Vec<String> {
        let offered = self.offered();
        let earlier = offered["earlier"].as_array().unwrap().iter();
        let version = |release: &Value| release["version"].as_str().unwrap().to_owned();
        earlier.map(version).collect()
    }
}

#[test]
fn an_offer_is_signed_and_names_the_appimage_alone() {
    let site = Site::new();
    site.put("salon.deb", "content");
    assert!(site.sign(VERSION, 0).is_err());
    site.put(&format!("Salon-{VERSION}-x86_64.AppImage"), "content");
    site.sign(VERSION, 0).unwrap();
    let offered = site.offered();
    assert_eq!(offered["version"], VERSION);
    assert_eq!(offered["published"], "2027-01-15T08:00:00Z");
    let files = offered["files"].as_object().unwrap();
    assert_eq!(files.len(), 1, "{offered}");
    assert_eq!(files["linux-x86_64"]["size"], 7);
}

#[test]
fn what_was_on_offer_stays_so_behind_the_new_version() {
    let site = Site::new();
    for (day, version) in [(0, "0.1.0"), (1, "0.2.0"), (2, "0.3.0")] {
        site.put(&format!("Salon-{version}-x86_64.AppImage"), version);
        site.sign(version, day).unwrap();
    }
    assert_eq!(site.earlier(), ["0.2.0", "0.1.0"]);
    let offered = site.offered();
    let second = &offered["earlier"][0];
    assert_eq!(second["published"], "2027-01-16T08:00:00Z");
    let file = &second["files"]["linux-x86_64"];
    assert_eq!(file["url"], "Salon-0.2.0-x86_64.AppImage");
    assert_eq!(file["sha256"], sha256(b"0.2.0"));
    // Offered again it is there once, as old as it is, and an older one does not take its place.
    site.sign("0.3.0", 3).unwrap();
    assert_eq!(site.earlier(), ["0.2.0", "0.1.0"]);
    assert_eq!(site.offered()["published"], "2027-01-17T08:00:00Z");
    assert!(site.sign("0.2.5", 4).is_err());
    // Without its file, a version is withdrawn.
    std::fs::remove_file(site.folder.path().join("Salon-0.2.0-x86_64.AppImage")).unwrap();
    site.sign("0.3.0", 5).unwrap();
    assert_eq!(site.earlier(), ["0.1.0"]);
}

#[test]
fn the_newest_can_be_withdrawn_and_the_one_before_it_is_as_old_as_it_is() {
    let site = Site::new();
    for (day, version) in [(0, "0.1.0"), (1, "0.2.0")] {
        site.put(&format!("Salon-{version}-x86_64.AppImage"), version);
        site.sign(version, day).unwrap();
    }
    let now = Timestamp::from_second(1_800_600_000).unwrap();
    let without = |version| {
        let folder = site.folder.path();
        without(folder, "stable", version, &site.keys.sk, clock(now))
    };
    assert!(without("0.3.0").is_err());
    without("0.2.0").unwrap();
    let offered = site.offered();
    assert_eq!(offered["version"], "0.1.0");
    assert_eq!(offered["published"], "2027-01-15T08:00:00Z");
    assert_eq!(offered["channel"], "stable");
    assert_eq!(offered["signed"], now.to_string());
    assert!(site.earlier().is_empty());
    assert!(without("0.1.0").is_err(), "nothing would be left");
    // Another file under the same name is another release: it waits again.
    site.put("Salon-0.1.0-x86_64.AppImage", "mended");
    site.sign("0.1.0", 8).unwrap();
    assert_eq!(site.offered()["published"], "2027-01-23T08:00:00Z");
}

#[test]
fn signed_anew_an_offer_says_the_same_at_a_later_time() {
    let site = Site::new();
    for (day, version) in [(0, "0.1.0"), (1, "0.2.0")] {
        site.put(&format!("Salon-{version}-x86_64.AppImage"), version);
        site.sign(version, day).unwrap();
    }
    let mut before = site.offered();
    assert_eq!(before["signed"], "2027-01-16T08:00:00Z");
    let now = "2027-02-16T08:00:00Z";
    let folder = site.folder.path();
    renewed(folder, "stable", &site.keys.sk, clock(now.parse().unwrap())).unwrap();
    before["signed"] = json!(now);
    assert_eq!(site.offered(), before);
    // Of what was signed before only the newest had a time; a folder without an offer has nothing to sign.
    assert!(before["earlier"][0].get("signed").is_none());
    let none = renewed(folder, "beta", &site.keys.sk, clock(now.parse().unwrap()));
    assert!(none.is_err());
}

#[test]
fn what_somebody_else_offers_is_not_signed_again() {
    let mut site = Site::new();
    site.put("Salon-0.1.0-x86_64.AppImage", "0.1.0");
    site.sign("0.1.0", 0).unwrap();
    site.put("Salon-0.2.0-x86_64.AppImage", "0.2.0");
    site.keys = KeyPair::generate_unencrypted_keypair().unwrap();
    assert!(site.sign("0.2.0", 1).is_err());
}

#[test]
fn the_file_of_another_version_is_not_taken_for_this_one() {
    let version = "0.2.0".parse().unwrap();
    assert_eq!(
        target("Salon-0.2.0-amd64.AppImage", &version),
        Some("linux-x86_64")
    );
    assert_eq!(
        target("Salon-0.2.0-aarch64.AppImage", &version),
        Some("linux-aarch64")
    );
    for other in ["10.2.0", "0.2.0-beta.1", "0.2.0.1", "0.1.0"] {
        assert_eq!(
            target(&format!("Salon-{other}-x86_64.AppImage"), &version),
            None
        );
    }
}

#[test]
fn as_many_as_are_kept_are_read_by_the_app() {
    let site = Site::new();
    for day in 0..60 {
        let version = format!("0.{day}.0");
        for machine in ["x86_64", "aarch64"] {
            site.put(&format!("Salon-{version}-{machine}.AppImage"), &version);
        }
        site.sign(&version, day).unwrap();
    }
    let earlier = site.earlier();
    assert_eq!((earlier.len(), earlier[0].as_str()), (KEPT, "0.58.0"));
}

#[test]
fn nothing_is_signed_by_a_clock_that_went_back() {
    let site = Site::new();
    for version in ["0.1.0", "0.2.0", "0.3.0"] {
        site.put(&format!("Salon-{version}-x86_64.AppImage"), version);
    }
    site.sign("0.1.0", 1).unwrap();
    site.sign("0.2.0", 2).unwrap();
    let before = site.offered();
    let refused = site.sign("0.3.0", 1).unwrap_err().to_string();
    for way_on in [
        "2027-01-16T08:00:00Z",
        "2027-01-17T08:00:00Z",
        "--clock-is-right",
    ] {
        assert!(refused.contains(way_on), "{refused}");
    }
    let (folder, key) = (site.folder.path(), &site.keys.sk);
    let early = clock("2027-01-17T07:59:59Z".parse().unwrap());
    assert!(renewed(folder, "stable", key, early).is_err());
    assert!(without(folder, "stable", "0.2.0", key, early).is_err());
    assert_eq!(
        site.offered(),
        before,
        "copies go on to be offered what they were"
    );
}

#[test]
fn after_a_clock_that_was_ahead_copies_take_what_is_signed_by_the_right_one() {
    let site = Site::new();
    let right = |now: &str| Clock {
        now: now.parse().unwrap(),
        is_right: true,
    };
    for version in ["0.1.0", "0.2.0", "0.3.0"] {
        site.put(&format!("Salon-{version}-x86_64.AppImage"), version);
    }
    let (folder, key) = (site.folder.path(), &site.keys.sk);
    site.sign("0.1.0", 1).unwrap();
    // By hours: there may be copies that have believed it, and what comes now has to be later.
    sign(
        folder,
        "stable",
        "0.2.0",
        key,
        right("2027-01-15T20:00:00Z"),
    )
    .unwrap();
    let offered = site.offered();
    assert_eq!(offered["signed"], "2027-01-16T08:00:01Z");
    // What has come out nobody waits for.
    assert_eq!(offered["published"], "2027-01-15T20:00:00Z");
    assert_eq!(offered["earlier"][0]["published"], "2027-01-15T20:00:00Z");
    // By years: no copy has.
    site.sign("0.3.0", 700).unwrap();
    renewed(folder, "stable", key, right("2027-01-17T00:00:00Z")).unwrap();
    let offered = site.offered();
    assert_eq!(offered["signed"], "2027-01-17T00:00:00Z");
    assert_eq!(offered["published"], "2027-01-17T00:00:00Z");
    // By a clock that stands on time the switch changes nothing.
    renewed(folder, "stable", key, right("2027-01-18T00:00:00Z")).unwrap();
    assert_eq!(site.offered()["signed"], "2027-01-18T00:00:00Z");
}
