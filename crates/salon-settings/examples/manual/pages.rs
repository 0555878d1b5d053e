//! The manual's pages and what shells complete: generated from the command line's own definition, so that
//! they cannot say anything else.

use clap::{Command, CommandFactory as _};
use clap_complete::Shell;
use clap_mangen::Man;
use salon_settings::Arguments;

/// Each with the name of its file.
pub(crate) fn all() -> Vec<(String, String)> {
    let definition = definition();
    let program = definition.get_name();
    let mut all = vec![(format!("{program}.1"), page(&definition, program))];
    let commands = definition
        .get_subcommands()
        .filter(|command| command.get_name() != "help");
    for command in commands {
        let name = format!("{program}-{}", command.get_name());
        all.push((format!("{name}.1"), page(command, &name)));
    }
    for (shell, file) in [
        (Shell::Bash, format!("{program}.bash")),
        (Shell::Fish, format!("{program}.fish")),
        (Shell::Zsh, format!("_{program}")),
    ] {
        let mut written = Vec::new();
        clap_complete::generate(shell, &mut Arguments::command(), program, &mut written);
        all.push((file, String::from_utf8_lossy(&written).into_owned()));
    }
    all
}

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
    // Into memory, which takes everything.
    let _ = page.render(&mut written);
    let text = String::from_utf8_lossy(&written);
    let lines: Vec<_> = text.lines().map(str::trim_end).collect();
    lines.join("\n") + "\n"
}
