//! Small pages with a walk that can be followed, and with one that cannot.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use salon_arrows::lost;

const FILES: [(&str, &str); 2] = [
    (
        "host/show.rs",
        "/// Shows what `lower` names.\npub(super) fn show(\n    frame: &Frame,\n) -> Shown {\n    paint_all(frame);\n    Shown { frame }\n}\n\n\
         pub struct Shown;\n\nfn lower() {}\n\nfn far() {\n    nobody();\n}\n",
    ),
    (
        "page/view.ts",
        "export class View {\n  readonly paint = (shown: Shown): void => this.#place(shown);\n\n  #place({\n    frame,\n  }: Shown): void {\n    \
         lower(frame);\n  }\n}\n\nexport const actions = {\n  paint_all: (frame) => new View().paint(frame),\n};\n",
    ),
];

/// What is wrong with a walk of these lines.
fn walked(walk: &str) -> Vec<String> {
    let root = tempfile::tempdir().unwrap();
    for (path, text) in FILES {
        let path = root.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    lost(
        &format!(
            "# House\n\n## Walks\n\n### A picture\n{walk}\n## Rest\n1. `host/none.rs::none`\n"
        ),
        root.path(),
    )
}

#[test]
fn a_walk_that_can_be_followed_has_no_fault() {
    let walk = "1. `host/show.rs::show`: in Rust,\n2. `page/view.ts::paint_all`: a property,\n\
        3. `page/view.ts::paint`: a field, with `page/view.ts::View` around it,\n4. `page/view.ts::#place`\n\
        5. `host/show.rs::lower`: and back.\n";
    assert_eq!(walked(walk), Vec::<String>::new());
    // Who takes what another makes is reached as well.
    let taken = "1. `host/show.rs::Shown`\n2. `page/view.ts::paint`\n";
    assert_eq!(walked(taken), Vec::<String>::new());
}

#[test]
fn what_is_gone_is_told() {
    let walk =
        "1. `host/show.rs::shown`\n2. `page/gone.ts::paint`: and\n   `page/view.ts::Views`\n";
    assert_eq!(
        walked(walk),
        [
            "A picture: host/show.rs::shown is not there",
            "A picture: page/gone.ts::paint is in no such file",
            "A picture: page/view.ts::Views is not there",
            "A picture: a walk without steps",
        ]
    );
}

#[test]
fn a_step_to_which_nothing_leads_is_told() {
    // Comments name it, and what is next to it, but not its body.
    let walk = "1. `host/show.rs::show`\n2. `host/show.rs::lower`\n3. `host/show.rs::far`\n";
    assert_eq!(
        walked(walk),
        [
            "A picture: nothing leads to host/show.rs::lower",
            "A picture: nothing leads to host/show.rs::far",
        ]
    );
}

#[test]
fn a_call_is_no_definition() {
    assert_eq!(
        walked("1. `host/show.rs::nobody`\n"),
        [
            "A picture: host/show.rs::nobody is not there",
            "A picture: a walk without steps",
        ]
    );
}

#[test]
fn a_page_without_walks_has_none() {
    assert_eq!(lost("# House\n", ".".as_ref()), Vec::<String>::new());
}
