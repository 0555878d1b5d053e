//! Small projects with one circle of each kind, or an arrow upwards; and with what looks like one and is none.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::Path;
use std::process::Command;

use salon_arrows::{Project, faults, printed, written};

type Files<'a> = &'a [(&'a str, &'a str)];

/// What is found in a project of these files.
fn found(files: Files) -> Vec<String> {
    faults(&read(files))
}

fn read(files: Files) -> Project {
    Project::read(planted(files).path()).unwrap()
}

/// A folder with these files.
fn planted(files: Files) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (path, text) in files {
        write(&folder.path().join(path), text);
    }
    let git = Command::new("git")
        .args(["init", "--quiet"])
        .current_dir(&folder)
        .status();
    assert!(git.unwrap().success());
    folder
}

fn write(path: &Path, text: &str) {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}

const MANIFEST: &str = "[package]\nname = \"house\"\nedition = \"2024\"\n";

/// A crate whose module `b` takes from `a`, with this in its root and in `a`.
fn crate_of(root: &str, a: &str) -> Vec<String> {
    found(&[
        ("Cargo.toml", MANIFEST),
        ("src/lib.rs", root),
        ("src/a.rs", a),
        (
            "src/b.rs",
            "use crate::a::A;\npub fn of(_: A) {}\npub struct B;\npub const N: u8 = 1;\n",
        ),
    ])
}

#[track_caller]
fn assert_circle(found: &[String], within: &str, members: &str) {
    let wanted = format!("circle in {within}: {members}\n");
    let found: Vec<_> = found.iter().map(String::as_str).collect();
    assert!(
        found.len() == 1 && found[0].starts_with(&wanted),
        "{found:#?}"
    );
}

#[test]
fn a_circle_of_modules_is_found_however_it_is_written() {
    let root = "mod a;\nmod b;\n";
    assert_eq!(crate_of(root, "pub struct A;\n"), [""; 0]);
    for back in [
        "use crate::b::B;",
        "use crate::b::{self, B as Other};",
        "use crate::b::*;",
        "use super::b;",
        "pub use crate::b::B;",
        "pub(crate) use super::b::of as handed_on;",
        "fn f() { crate::b::of(A) }",
        "fn f() -> super::b::B { todo!() }",
        "fn f() { use crate::b::B; }",
        "use crate as top; fn f() { top::b::of(A) }",
        "impl From<crate::b::B> for A { fn from(_: crate::b::B) -> A { A } }",
        "fn f() { println!(\"{}\", crate::b::N) }",
        "macro_rules! m { () => { $crate::b::of(A) } }",
        "#[serde(with = \"crate::b\")] struct C;",
        "mod inner { fn f() { super::super::b::of(super::A) } }",
    ] {
        let found = crate_of(root, &format!("pub struct A;\n{back}\n"));
        assert_circle(&found, "house", "a, b");
        assert!(found[0].contains("a -> b: src/a.rs:2"), "{found:?}");
    }
}

#[test]
fn a_name_that_others_hand_on_leads_to_who_defines_it() {
    for root in ["mod a; mod b; pub use b::B;", "mod a; mod b; pub use b::*;"] {
        let found = crate_of(root, "use crate::B;\npub struct A;\n");
        assert_circle(&found, "house", "a, b");
    }
    let through_a_third = found(&[
        ("Cargo.toml", MANIFEST),
        ("src/lib.rs", "mod a; mod b; mod c;"),
        ("src/a.rs", "use crate::c::B; pub struct A;"),
        ("src/b.rs", "use crate::a::A; pub struct B;"),
        ("src/c.rs", "pub use crate::b::B;"),
    ]);
    assert_circle(&through_a_third, "house", "a, b, c");
}

#[test]
fn modules_that_take_from_each_other_by_different_children_are_a_circle() {
    let files = [
        ("Cargo.toml", MANIFEST),
        ("src/lib.rs", "mod a; mod b;"),
        ("src/a.rs", "pub mod x; pub mod y;"),
        ("src/a/x.rs", "pub struct X;"),
        ("src/a/y.rs", "use crate::b::one::One;"),
        ("src/b.rs", "pub mod one; mod two { use crate::a::x::X; }"),
        ("src/b/one.rs", "pub struct One;"),
    ];
    assert_circle(&found(&files), "house", "a, b");
    let below = [
        ("Cargo.toml", MANIFEST),
        ("src/lib.rs", "mod a;"),
        ("src/a.rs", "mod x; mod y; pub use x::X; pub use y::Y;"),
        ("src/a/x.rs", "use super::Y; pub struct X;"),
        ("src/a/y.rs", "use super::X; pub struct Y;"),
    ];
    assert_circle(&found(&below), "house a", "a::x, a::y");
}

#[test]
fn a_root_that_its_modules_take_from_is_in_the_circle() {
    let root = "mod a; mod b; pub use a::A; pub struct Config;";
    let found = crate_of(root, "use crate::Config; pub struct A;");
    assert_circle(&found, "house", "(root), a");
    // A root that only takes is none.
    let root = "mod a; mod b; pub use a::A; pub fn start() { b::of(A) }";
    assert_eq!(crate_of(root, "pub struct A;"), [""; 0]);
}

#[test]
fn a_parent_and_its_children_are_one_subject() {
    let files = [
        ("Cargo.toml", MANIFEST),
        ("src/lib.rs", "mod a;"),
        (
            "src/a.rs",
            "mod x; pub use x::X; pub struct A(X); fn f() { x::of(); }",
        ),
        (
            "src/a/x.rs",
            "use super::A; pub struct X; impl super::A {} pub fn of() -> Option<A> { None }",
        ),
    ];
    assert_eq!(found(&files), [""; 0]);
}

#[test]
fn what_is_for_tests_only_is_counted_apart() {
    for test in [
        "#[cfg(test)] mod tests { use crate::b::B; #[test] fn t() {} }",
        "#[cfg(all(test, unix))] fn f() { crate::b::of(A) }",
        "impl A { #[cfg(test)] fn f() { crate::b::of(A) } }",
        "#[cfg(test)] use crate::b::B;",
        "#[test] fn f() { crate::b::of(A) }",
    ] {
        assert_eq!(
            crate_of("mod a; mod b;", &format!("pub struct A;\n{test}\n")),
            [""; 0],
            "{test}"
        );
    }
    // What a feature chooses is not.
    let found_with_feature = crate_of(
        "mod a; mod b;",
        "pub struct A;\n#[cfg(any(test, feature = \"x\"))] use crate::b::B;\n",
    );
    assert_circle(&found_with_feature, "house", "a, b");
    let of_tests = found(&[
        ("Cargo.toml", MANIFEST),
        ("src/lib.rs", "mod a; mod b;"),
        (
            "src/a.rs",
            "#[cfg(test)] pub mod made { use crate::b::made::B; pub struct A; }",
        ),
        (
            "src/b.rs",
            "#[cfg(test)] pub mod made { use crate::a::made::A; pub struct B; }",
        ),
    ]);
    assert_circle(&of_tests, "the tests of house", "a::made, b::made");
    let integration = found(&[
        ("Cargo.toml", MANIFEST),
        ("src/lib.rs", ""),
        ("tests/all/main.rs", "mod a; mod b;"),
        ("tests/all/a.rs", "use crate::b::B; pub struct A;"),
        ("tests/all/b.rs", "use crate::a::A; pub struct B;"),
    ]);
    assert_circle(&integration, "house all", "a, b");
}

/// A workspace of two crates, with this in the manifests and at their roots.
fn workspace(more: &str, upper: (&str, &str), lower: (&str, &str)) -> Vec<String> {
    let package = |name: &str, more: &str| {
        format!("[package]\nname = \"{name}\"\nedition = \"2024\"\n{more}\n")
    };
    found(&[
        (
            "Cargo.toml",
            &format!("[workspace]\nresolver = \"3\"\nmembers = [\"upper\", \"low-er\"]\n{more}\n"),
        ),
        ("upper/Cargo.toml", &package("upper", upper.0)),
        ("upper/src/lib.rs", upper.1),
        ("low-er/Cargo.toml", &package("low-er", lower.0)),
        ("low-er/src/lib.rs", lower.1),
    ])
}

const ON_LOWER: &str = "[dependencies]\nlow-er = { path = \"../low-er\" }";
const TESTS_ON_UPPER: &str = "[dev-dependencies]\nupper = { path = \"../upper\" }";

#[test]
fn a_circle_of_crates_is_found_although_cargo_allows_it_in_tests() {
    let uses = "use low_er as _;";
    assert_eq!(workspace("", (ON_LOWER, uses), ("", "")), [""; 0]);
    let tests = "#[cfg(test)] mod tests { use upper as _; }";
    assert_eq!(
        workspace("", (ON_LOWER, uses), (TESTS_ON_UPPER, tests)),
        ["circle of crates: low-er, upper"]
    );
}

#[test]
fn an_arrow_that_does_not_lead_to_a_lower_layer_is_found() {
    let with = |layers: &str| {
        let layers = format!("[workspace.metadata]\nlayers = {layers}");
        workspace(
            &layers,
            (ON_LOWER, "fn f() { low_er::f() }"),
            ("", "pub fn f() {}"),
        )
    };
    assert_eq!(with(r#"[["upper"], ["low-er"]]"#), [""; 0]);
    for wrong in [r#"[["low-er"], ["upper"]]"#, r#"[["upper", "low-er"]]"#] {
        assert_eq!(
            with(wrong),
            ["upper -> low-er does not lead to a lower layer"]
        );
    }
    assert_eq!(with(r#"[["upper"]]"#), ["low-er is in none of the layers"]);
    assert_eq!(
        with(r#"[["upper"], ["low-er"], ["gone"]]"#),
        ["gone has a layer, and is not there"]
    );
}

#[test]
fn a_dependency_that_no_code_names_is_found() {
    assert_eq!(
        workspace("", (ON_LOWER, "// low_er::f()"), ("", "")),
        ["upper depends on low-er, and no code names it"]
    );
    let renamed = "[dependencies]\nother-name = { package = \"low-er\", path = \"../low-er\" }";
    assert_eq!(
        workspace("", (renamed, "pub use other_name::f;"), ("", "")),
        [""; 0]
    );
}

/// What is found in scripts in which `b.ts` takes from `a.ts`, with each of these in that one and in a component.
/// All are read at once: the compilers take their time to start.
fn scripts(cases: &[(&str, &str)]) -> Vec<Vec<String>> {
    let mut files = Vec::new();
    for (number, (a, component)) in cases.iter().enumerate() {
        let b = "import { a } from './a';\nexport type B = typeof a;\nexport const b = a;\n";
        for (file, text) in [
            ("package.json", "{}"),
            ("src/a.ts", a),
            ("src/b.ts", b),
            ("src/C.svelte", component),
        ] {
            files.push((format!("page{number:02}/{file}"), text));
        }
    }
    let files: Vec<_> = files
        .iter()
        .map(|(path, text)| (path.as_str(), *text))
        .collect();
    let all = found(&files);
    let of = |number: usize| {
        let within = format!("page{number:02}");
        let found = all.iter().filter(|fault| fault.contains(&within));
        found.map(|fault| fault.replace(&within, "page")).collect()
    };
    (0..cases.len()).map(of).collect()
}

const COMPONENT: &str = "<script lang=\"ts\">\n  import { b } from './b';\n</script>\n<p>{b}</p>\n";

#[test]
fn a_circle_of_scripts_is_found_however_it_is_written() {
    let back = [
        "",
        "import { b } from './b';",
        "import './b.js';",
        "import type { B } from './b';",
        "import { type B } from './b';",
        "export { b } from './b';",
        "export type { B } from './b';",
        "export * from './b';",
        "export const later = () => import('./b');",
        "export let typed: import('./b').B;",
        "import other = require('./b');",
    ]
    .map(|back| format!("export const a = 1;\n{back}\n"));
    let cases: Vec<_> = back.iter().map(|a| (a.as_str(), COMPONENT)).collect();
    let found = scripts(&cases);
    assert_eq!(found[0], [""; 0]);
    for found in &found[1..] {
        assert_circle(found, "page src", "src/a.ts, src/b.ts");
        assert!(
            found[0].contains("src/a.ts -> src/b.ts: page/src/a.ts:2"),
            "{found:?}"
        );
    }
}

#[test]
fn a_circle_through_a_component_is_found_in_its_scripts_and_in_its_markup() {
    let a = "import C from './C.svelte';\nexport const a = C;\n";
    let components = [
        "<p>nothing</p>\n",
        "<script>\n  import { a } from './a';\n</script>\n",
        "<script lang=\"ts\">\n  import type { A } from './a';\n  let { of }: { of: A } = $props();\n</script>\n",
        "<script lang=\"ts\" module>\n  export { a } from './a';\n</script>\n",
        "<script lang=\"ts\">\n  let { of }: { of: import('./a').A } = $props();\n</script>\n",
        "{#await import('./a') then { a }}{a}{/await}\n",
        "<button onclick={async () => (await import('./a')).a}>x</button>\n",
    ];
    let found = scripts(&components.map(|component| (a, component)));
    assert_eq!(found[0], [""; 0]);
    for found in &found[1..] {
        assert_circle(found, "page src", "src/C.svelte, src/a.ts");
    }
}

#[test]
fn folders_that_take_from_each_other_are_a_circle() {
    let inside = found(&[
        ("page/package.json", "{}"),
        ("page/src/x/one.ts", "import '../y/one';"),
        ("page/src/x/two.ts", ""),
        ("page/src/y/one.ts", ""),
        ("page/src/y/two.ts", "import '../x/two';"),
    ]);
    assert_circle(&inside, "page src", "src/x, src/y");
    let of_tests = found(&[
        ("page/package.json", "{}"),
        ("page/tests/x/one.ts", "import type { A } from '../y/one';"),
        ("page/tests/y/one.ts", "import '../x/one';"),
    ]);
    assert_circle(&of_tests, "page tests", "tests/x, tests/y");
    let packages = found(&[
        ("one/package.json", "{}"),
        ("one/a.ts", "import '../two/a';"),
        ("one/b.ts", ""),
        ("two/package.json", "{}"),
        ("two/a.ts", ""),
        ("two/b.ts", "import '../one/b';"),
    ]);
    assert_eq!(packages, ["circle of folders: one, two"]);
}

#[test]
fn an_import_of_what_is_not_there_is_no_silence() {
    let folder = planted(&[("src/a.ts", "import './gone';")]);
    assert!(Project::read(folder.path()).is_err());
}

/// A program that was built in one copy of a project and is run in another one once said that all is well with the
/// other one, having looked at its own.
#[test]
fn what_it_is_run_in_is_looked_at_and_not_where_it_was_built() {
    let folder = planted(&[
        ("Cargo.toml", MANIFEST),
        ("src/lib.rs", "mod a;\nmod b;\n"),
        ("src/a.rs", "use crate::b::B;\npub struct A(B);\n"),
        ("src/b.rs", "use crate::a::A;\npub struct B(A);\n"),
        ("ARCHITECTURE.md", "# Architecture\n"),
    ]);
    let looked = Command::new(env!("CARGO_BIN_EXE_arrows"))
        .arg("--check")
        .current_dir(&folder)
        .output()
        .unwrap();
    assert!(!looked.status.success());
    let why = String::from_utf8_lossy(&looked.stderr);
    assert!(why.contains("circle in house: a, b"), "{why}");
}

#[test]
fn lines_and_tests_are_counted_and_all_is_drawn() {
    let project = read(&[
        (
            "Cargo.toml",
            "[package]\nname = \"house\"\nedition = \"2024\"\n",
        ),
        (
            "src/lib.rs",
            "mod a;\n#[cfg(test)]\nmod tests {\n    #[test]\n    fn one() {}\n    proptest! { #[test] fn two() {} }\n}\n",
        ),
        ("src/a.rs", "//! A.\npub struct A;\n"),
        ("page/package.json", "{}"),
        ("page/src/a.ts", "import './deep/b';\n"),
        ("page/src/deep/b.ts", ""),
        (
            "page/tests/a.test.ts",
            "test('a', () => {});\nit.each([1])('b', () => {});\n",
        ),
    ]);
    let printed = printed(&project);
    let line = |name: &str| {
        let line = printed.lines().find(|line| line.starts_with(name)).unwrap();
        line.split_whitespace()
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    assert_eq!(line("house"), ["house", "3", "2"]);
    assert_eq!(line("page"), ["page", "1", "2"]);
    let written = written(&project);
    assert!(written.contains("  house[house]\n"), "{written}");
    assert!(written.contains("a.ts -> deep\ndeep\n"), "{written}");
}
