//! The manual's pages and what shells complete: generated from the command line's own definition, so that
//! they cannot say anything else. Only tests know of it: it is no part of the program.

use clap::{Command, CommandFactory as _};
use clap_complete::Shell;
use clap_mangen::Man;

use crate::Arguments;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/man");

/// What is asked, with each option where it counts. Without the version, which is new more often.
fn definition() -> Command {
    let mut definition = Arguments::command().version(None);
    definition.build();
    definition
}

fn page(command: &Command, name: &str) -> String {
    let mut written = Vec::new();
    // As the program is called, with a dash, as pages of the manual are.
    let command = command.clone().name(name.to_owned());
    let page = Man::new(command.version(None))
        .title(name.to_uppercase())
        .source("")
        .manual("User Commands");
    page.render(&mut written).unwrap();
    let text = String::from_utf8(written).unwrap();
    let lines: Vec<_> = text.lines().map(str::trim_end).collect();
    lines.join("\n") + "\n"
}

fn is_up_to_date(file: &str, fresh: &str) {
    generated_files::assert_up_to_date(format!("{FOLDER}/{file}"), fresh);
}

#[test]
fn the_manual_is_up_to_date() {
    let definition = definition();
    let program = definition.get_name();
    is_up_to_date(&format!("{program}.1"), &page(&definition, program));
    let commands = definition
        .get_subcommands()
        .filter(|command| command.get_name() != "help");
    for command in commands {
        let name = format!("{program}-{}", command.get_name());
        is_up_to_date(&format!("{name}.1"), &page(command, &name));
    }
}

#[test]
fn completions_are_up_to_date() {
    for (shell, file) in [
        (Shell::Bash, "salon.bash"),
        (Shell::Fish, "salon.fish"),
        (Shell::Zsh, "_salon"),
    ] {
        let mut written = Vec::new();
        clap_complete::generate(shell, &mut Arguments::command(), "salon", &mut written);
        is_up_to_date(file, &String::from_utf8(written).unwrap());
    }
}
