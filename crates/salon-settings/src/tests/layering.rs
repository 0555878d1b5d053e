use super::*;

/// Two values for each setting, as files write them.
fn samples(key: Key) -> [&'static str; 2] {
    match key {
        Key::Profile | Key::Name => ["\"one\"", "\"two\""],
        Key::StreamApiKey | Key::StreamCallType => ["\"one\"", "\"two\""],
        Key::Backend | Key::StreamUrl | Key::UpdateUrl => {
            ["\"https://one.example/\"", "\"https://two.example/\""]
        }
        Key::Server => ["\"wss://one.example/\"", "\"wss://two.example/\""],
        Key::Dev => ["false", "true"],
        Key::HistoryDays | Key::UpdateDelayDays => ["1", "2"],
        Key::UpdateChannel => ["\"beta\"", "\"stable\""],
        Key::FakeDevices => ["\"also\"", "\"only\""],
        Key::FakeSound => ["\"tone\"", "\"speech\""],
        Key::Language => ["\"fr\"", "\"ar\""],
        Key::ProfileFolders if cfg!(windows) => ["['C:\\one']", "['C:\\two']"],
        Key::ProfileFolders => ["[\"/one\"]", "[\"/two\"]"],
        Key::AllowDev
        | Key::Ringtone
        | Key::Notifications
        | Key::History
        | Key::CloseToTray
        | Key::StartMuted
        | Key::StartCameraOff
        | Key::CloseWhenMuted
        | Key::EchoCancellation
        | Key::NoiseSuppression
        | Key::AutoGainControl
        | Key::Updates
        | Key::UpdateNotice => ["false", "true"],
    }
}

/// A value as files write it, as the environment and the command line have it, and in JSON.
fn forms(toml: &str) -> (String, String, Json) {
    let text = toml.trim_matches(['[', ']', '"', '\'']).to_owned();
    let json = if toml.starts_with('[') {
        json!([text])
    } else if toml.starts_with('"') {
        json!(text)
    } else {
        serde_json::from_str(toml).unwrap()
    };
    (toml.to_owned(), text, json)
}

fn give(computer: &mut Computer, layer: Layer, key: Key, toml: &str) {
    let (toml, text, _) = forms(toml);
    match layer {
        Layer::Default | Layer::Link => {}
        Layer::PolicyDefault => {
            computer.policy(&format!("[defaults]\n{} = {toml}\n", key.name()));
        }
        Layer::User => {
            computer.user(&format!("# mine\n\n{} = {toml}\n", key.name()));
        }
        Layer::Environment => {
            computer.set(&key.variable(), &text);
        }
        Layer::CommandLine => {
            let option = format!("--{}={text}", key.flag());
            computer.start(&[&option]);
        }
        Layer::Policy => {
            computer.policy(&format!("\n[values]\n{} = {toml}\n", key.name()));
        }
    }
}

fn words(layer: Layer, key: Key) -> String {
    match layer {
        Layer::Default => "default".to_owned(),
        Layer::PolicyDefault => "policy default policy.toml:2".to_owned(),
        Layer::User => "user's file settings.toml:3".to_owned(),
        Layer::Environment => format!("environment {}", key.variable()),
        Layer::CommandLine => format!("command line --{}", key.flag()),
        Layer::Link => "link".to_owned(),
        Layer::Policy => "policy policy.toml:3".to_owned(),
    }
}

/// From the weakest to the strongest, as the issue has them.
const LADDER: [Layer; 4] = [
    Layer::PolicyDefault,
    Layer::User,
    Layer::Environment,
    Layer::CommandLine,
];

#[test]
fn each_layer_beats_all_before_it() {
    for key in Key::ALL {
        let mut computer = Computer::new();
        let untouched = computer.load();
        assert_eq!(source(&untouched, *key), "default");
        for (step, layer) in LADDER.into_iter().enumerate() {
            // Alternating, so that each step changes the value.
            let sample = samples(*key)[step % 2];
            give(&mut computer, layer, *key, sample);
            let settings = computer.load();
            let settled = &settings.settled[key];
            assert_eq!(settled.value, forms(sample).2, "{key:?} {layer:?}");
            assert_eq!(source(&settings, *key), words(layer, *key));
            assert!(!settled.locked && settled.ignored.is_empty());
            assert_eq!(codes(&settings), [], "{key:?} {layer:?}");
        }
    }
}

#[test]
fn what_the_administrator_locks_beats_all() {
    for key in Key::ALL {
        for (step, layer) in LADDER.into_iter().enumerate().skip(1) {
            let [locked, wanted] = samples(*key);
            let mut computer = Computer::new();
            give(&mut computer, layer, *key, wanted);
            give(&mut computer, Layer::Policy, *key, locked);
            let settings = computer.load();
            let settled = &settings.settled[key];
            assert_eq!(settled.value, forms(locked).2, "{key:?} {step}");
            assert_eq!(source(&settings, *key), words(Layer::Policy, *key));
            assert!(settled.locked && settings.is_locked(*key));
            let [ignored] = settled.ignored.as_slice() else {
                panic!("{key:?} {layer:?}: {:?}", settled.ignored);
            };
            assert_eq!(ignored.value, forms(wanted).2);
            assert_eq!(ignored.from.layer, layer);
        }
    }
}

#[test]
fn values_reach_their_fields() {
    let mut computer = Computer::new();
    computer.user(
        "profile = 'club'\nbackend = 'https://b.example'\nserver = 'wss://m.example'\n\
         dev = true\nname = 'Amina'\nringtone = false\nnotifications = false\nhistory = false\n\
         history_days = 7\nclose_to_tray = true\nstart_muted = true\nstart_camera_off = true\n\
         fake_devices = 'when-none'\nfake_sound = 'speech'\nprofile_folders = []\n\
         updates = false\nupdate_notice = false\nupdate_channel = 'beta'\n\
         update_delay_days = 7\nupdate_url = 'https://u.example'\n",
    );
    let settings = computer.load();
    assert_eq!(codes(&settings), []);
    assert_eq!(settings.profile.as_deref(), Some("club"));
    assert_eq!(
        settings.backend.as_ref().unwrap().as_str(),
        "https://b.example/"
    );
    assert_eq!(
        settings.server.as_ref().unwrap().as_str(),
        "wss://m.example/"
    );
    assert_eq!(settings.name.as_deref(), Some("Amina"));
    assert!(settings.dev && settings.close_to_tray);
    assert!(settings.start_muted && settings.start_camera_off);
    assert!(!settings.ringtone && !settings.notifications && !settings.history);
    assert_eq!(settings.history_days, 7);
    assert_eq!(settings.fake_devices, FakeDevices::WhenNone);
    assert_eq!(settings.fake_sound, FakeSound::Speech);
    assert!(!settings.updates && !settings.update_notice);
    assert_eq!(settings.update_channel, UpdateChannel::Beta);
    assert_eq!(settings.update_delay_days, 7);
    let update_url = settings.update_url.as_ref().unwrap().as_str();
    assert_eq!(update_url, "https://u.example/");

    let settings = Settings::default();
    assert!(settings.ringtone && settings.notifications && settings.history);
    assert!(settings.updates && settings.update_notice && settings.update_url.is_none());
    assert!(!settings.close_to_tray && !settings.start_muted && !settings.start_camera_off);
    assert_eq!(settings.history_days, 365);
}

#[test]
fn dev_mode_is_refused_if_it_is_not_allowed() {
    let mut computer = Computer::with(&["--dev"]);
    computer.policy("[values]\nallow_dev = false\n");
    let settings = computer.load();
    assert!(!settings.dev && settings.server.is_none());
    assert!(settings.is_locked(Key::Dev));
    assert_eq!(codes(&settings), [Code::DevModeOff]);
    assert!(
        settings.problems[0]
            .detail
            .starts_with("command line --dev is refused by policy ")
    );
    assert_eq!(source(&settings, Key::Dev), "policy policy.toml:2");
    assert_eq!(settings.settled[&Key::Dev].ignored.len(), 1);
    // Nobody wanted it: nothing to tell.
    let settings = computer.start(&[]).load();
    assert!(!settings.dev && settings.is_locked(Key::Dev));
    assert_eq!(codes(&settings), []);
    // It was wanted and taken back.
    let settings = computer
        .set("SALON_DEV", "true")
        .start(&["--dev=false"])
        .load();
    assert_eq!(codes(&settings), []);
}

#[test]
fn neither_environment_nor_command_line_lifts_the_ban() {
    let mut computer = Computer::with(&["--dev", "--allow-dev"]);
    computer
        .policy("[values]\nallow_dev = false\n")
        .set("SALON_ALLOW_DEV", "true")
        .set("SALON_POLICY_FILE", "/dev/null");
    assert!(!computer.load().dev);
    computer.policy("[defaults]\nallow_dev = false\n");
    assert!(computer.load().dev, "a default can be overridden");
}

#[test]
fn the_user_cannot_disallow_what_the_administrator_locked() {
    let mut computer = Computer::new();
    computer
        .policy("[values]\ndev = true\n")
        .user("allow_dev = false\n");
    let settings = computer.load();
    assert!(settings.dev && settings.is_locked(Key::Dev));
    let settings = computer.policy("[defaults]\ndev = true\n").load();
    assert!(!settings.dev);
}

#[test]
fn a_faulty_policy_switches_dev_mode_off_and_what_it_says_counts() {
    for fault in [
        "[values]\nname = 'IT'\nallow_dv = true\n",
        "[values]\nname = 'IT'\nserver = 5\n",
        "[values]\nname = 'IT'\n[other]\n",
        "[values]\nname = 'IT'\n[defaults]\nringtoen = true\n",
        "locked = 1\n[values]\nname = 'IT'\n",
    ] {
        let mut computer = Computer::with(&["--dev", "--name", "Amina"]);
        let settings = computer.policy(fault).load();
        assert!(!settings.dev && settings.is_locked(Key::Dev), "{fault}");
        assert_eq!(codes(&settings), [Code::PolicyInvalid, Code::DevModeOff]);
        assert_eq!(settings.name.as_deref(), Some("IT"));
        assert!(has_faults(&computer));
    }
    let mut computer = Computer::with(&["--dev", "--name", "Amina"]);
    let settings = computer.policy("[values\n").load();
    assert_eq!(codes(&settings), [Code::PolicyInvalid, Code::DevModeOff]);
    assert_eq!(settings.name.as_deref(), Some("Amina"));
}

#[test]
fn a_fleet_that_switched_updates_off_does_not_get_them_by_a_mistake_in_its_policy() {
    let unknown = |policy: &str| {
        let mut computer = Computer::new();
        computer.policy(policy).load().updates_unknown
    };
    for faulty in [
        "[values]\nupdates = fasle\n",
        "[values]\nupdates = false\nname = 'IT\n",
        "[values]\nupdates = 'off'\n",
        "[values]\nupdate_delay_days = 1.5\n",
        "[values]\nupdate_url = 'http://mirror.example'\n",
        "updates = false\n",
        "[vaules]\nupdates = false\n",
        "values = 1\n",
    ] {
        let fault = unknown(faulty).unwrap_or_else(|| panic!("{faulty}"));
        assert_eq!(fault.code, Code::PolicyInvalid, "{faulty}");
    }
    let unreadable = Computer::new();
    std::fs::create_dir(unreadable.places().policy.unwrap()).unwrap();
    assert!(unreadable.load().updates_unknown.is_some());
    // What a later version knows, or what is no matter of updates, stops nobody from getting that version.
    for sound in [
        "",
        "[values]\nupdates = true\nof_a_later_version = 1\n",
        "[values]\nhistory_days = -1\n[of_a_later_version]\nname = 1\n",
    ] {
        assert_eq!(unknown(sound), None, "{sound}");
    }
}

#[test]
fn a_users_own_mistake_holds_updates_up_unless_the_administrator_has_decided() {
    let mut computer = Computer::new();
    computer.user("updates = fasle\n");
    let fault = computer.load().updates_unknown.unwrap();
    assert_eq!(fault.code, Code::SettingsInvalid);
    computer.policy("[values]\nupdates = true\n");
    assert_eq!(computer.load().updates_unknown, None);
    let mut computer = Computer::new();
    computer.set("SALON_UPDATES", "fasle");
    assert!(computer.load().updates_unknown.is_some());
}

#[test]
fn a_policy_that_is_rolled_out_while_the_app_runs_counts_when_the_files_are_read_again() {
    let mut computer = Computer::new();
    let live = LiveSettings::start(computer.sources());
    assert!(live.now().updates);
    computer.policy(
        "[values]\nupdates = false\nupdate_channel = 'beta'\nupdate_delay_days = 7\n\
         update_url = 'https://mirror.example/'\n",
    );
    live.read_again();
    let now = live.now();
    assert!(!now.updates && now.is_locked(Key::Updates));
    assert_eq!(
        (now.update_channel.name(), now.update_delay_days),
        ("beta", 7)
    );
    assert_eq!(
        now.update_url.as_ref().unwrap().as_str(),
        "https://mirror.example/"
    );
    computer.policy("[values\n");
    live.read_again();
    let fault = live.now().updates_unknown.clone().unwrap();
    assert_eq!(fault.code, Code::PolicyInvalid);
    computer.policy("");
    live.read_again();
    assert_eq!(live.now().updates_unknown, None);
}

#[test]
fn an_unreadable_policy_switches_dev_mode_off() {
    let computer = Computer::with(&["--dev"]);
    std::fs::create_dir(computer.places().policy.unwrap()).unwrap();
    let settings = computer.load();
    assert!(!settings.dev);
    assert_eq!(codes(&settings), [Code::PolicyInvalid, Code::DevModeOff]);
}

#[test]
fn a_link_may_name_a_server_here_in_dev_mode_and_nothing_else() {
    let link = "salon://join?room=r&server=ws://127.0.0.1:9&backend=https://evil.example&dev=true\
                &stream_api_key=evil&stream_url=https://evil.example&stream_call_type=evil";
    let mut computer = Computer::with(&["--dev", "--server", "wss://m.example"]);
    computer.link = Some(link.into());
    let settings = computer.load();
    assert_eq!(source(&settings, Key::Server), "link");
    assert_eq!(
        settings.server.as_ref().unwrap().as_str(),
        "ws://127.0.0.1:9/"
    );
    assert!(settings.backend.is_none() && settings.stream_url.is_none());
    assert_eq!(
        (&settings.stream_api_key, &settings.stream_call_type),
        (&None, &None)
    );
    assert_eq!(codes(&settings), []);

    // Without dev mode, and elsewhere, it may not.
    let settings = computer.start(&["--server", "wss://m.example"]).load();
    assert_eq!(source(&settings, Key::Server), "command line --server");
    assert!(!settings.dev);
    assert_eq!(codes(&settings), [Code::LinkServerNotAllowed]);
    computer.link = Some("salon://join?room=r&server=wss://evil.example".into());
    let settings = computer.start(&["--dev"]).load();
    assert_eq!(source(&settings, Key::Server), "default");
    assert_eq!(codes(&settings), [Code::LinkServerNotAllowed]);
}

#[test]
fn streams_own_variable_counts_where_salons_is_not_set() {
    let of = |own: Option<&str>, streams: &str, user: &str| {
        let mut computer = Computer::new();
        computer.user(user);
        let own = own.map(|own| ("SALON_STREAM_API_KEY", own));
        for (name, value) in own.into_iter().chain([("STREAM_API_KEY", streams)]) {
            computer.environment.insert(name.into(), value.into());
        }
        let settings = computer.load();
        let from = source(&settings, Key::StreamApiKey);
        (settings.stream_api_key.clone(), from, codes(&settings))
    };
    let set = |key: &str, from: &str| (Some(key.to_owned()), from.to_owned(), vec![]);
    let user = "stream_api_key = 'mine'\n";
    let streams = "environment STREAM_API_KEY";
    assert_eq!(of(None, "abc", user), set("abc", streams));
    let own = "environment SALON_STREAM_API_KEY";
    assert_eq!(of(Some("own"), "abc", user), set("own", own));
    // One that cannot be one is told, and the file's counts.
    let (key, from, problems) = of(None, "a secret?", user);
    assert_eq!(
        (key.as_deref(), from.as_str()),
        (Some("mine"), "user's file settings.toml:1")
    );
    assert_eq!(problems, [Code::SettingsInvalid]);
}

#[test]
fn a_link_does_not_touch_a_locked_server() {
    let link = "salon://join?room=r&server=ws://127.0.0.1:9";
    let mut computer = Computer::with(&["--dev"]);
    computer.policy("[values]\nserver = 'wss://m.example'\n");
    computer.link = Some(link.into());
    let settings = computer.load();
    assert_eq!(source(&settings, Key::Server), "policy policy.toml:2");
    assert_eq!(codes(&settings), [Code::LinkServerNotAllowed]);
}
