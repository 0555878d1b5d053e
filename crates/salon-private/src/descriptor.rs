//! Security descriptors as Windows writes them (Security Descriptor Definition Language). Text alone, and so
//! read and tested on every system.

/// What a file or folder of the user with this SID is to have: the user, the system and administrators may
/// do everything, nobody else anything, and what lies above adds nothing to it (`P`).
pub(crate) fn of_user(sid: &str) -> String {
    // A folder's files and folders inherit it: OI, CI.
    let all = |who: &str| format!("(A;OICI;FA;;;{who})");
    format!("D:P{}{}{}", all(sid), all("SY"), all("BA"))
}

/// Who owns what a descriptor is of: a SID, or its two letters.
pub(crate) fn owner(descriptor: &str) -> Option<&str> {
    let rest = descriptor.strip_prefix("O:")?;
    // The letter before the colon begins the next part.
    let end = rest.find(':').map_or(rest.len(), |at| at.saturating_sub(1));
    rest.get(..end)
}

/// Everybody, everybody who has signed in, every user of this computer, every guest.
const EVERYBODY: [&str; 8] = [
    "WD",
    "AU",
    "BU",
    "BG",
    "S-1-1-0",
    "S-1-5-11",
    "S-1-5-32-545",
    "S-1-5-32-546",
];
/// To write data, to append (for a folder: to make a file, to make a folder), to delete what is in it, to
/// change the list, to take it over; all of it, and to write in general.
const WRITING: u32 = 0x2 | 0x4 | 0x40 | 0x4_0000 | 0x8_0000 | 0x1000_0000 | 0x4000_0000;
/// The same in letters.
const WRITING_LETTERS: [&str; 9] = ["FA", "FW", "GA", "GW", "DC", "LC", "DT", "WD", "WO"];

/// Whether somebody of [`EVERYBODY`] may do something with what a descriptor is of; `only_write`: write,
/// not only read. A descriptor without a list lets everybody do everything.
pub(crate) fn is_open(descriptor: &str, only_write: bool) -> bool {
    let Some(at) = descriptor.find("D:") else {
        return true;
    };
    let list = &descriptor[at + 2..];
    if list.starts_with("NO_ACCESS_CONTROL") {
        return true;
    }
    list.split('(').skip(1).any(|entry| {
        let entry = entry.split(')').next().unwrap_or_default();
        let fields: Vec<&str> = entry.split(';').collect();
        let [kind, inheritance, rights, _, _, who, ..] = fields[..] else {
            return false;
        };
        let allows = matches!(kind, "A" | "XA" | "OA");
        // "IO": for what lies below alone.
        let here = !inheritance.contains("IO");
        allows && here && EVERYBODY.contains(&who) && (!only_write || writes(rights))
    })
}

fn writes(rights: &str) -> bool {
    if let Some(mask) = rights.strip_prefix("0x") {
        // What cannot be read may be anything.
        return !matches!(u32::from_str_radix(mask, 16), Ok(mask) if mask & WRITING == 0);
    }
    let letters = rights.as_bytes().chunks(2);
    letters
        .filter_map(|pair| std::str::from_utf8(pair).ok())
        .any(|pair| WRITING_LETTERS.contains(&pair))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ME: &str = "S-1-5-21-1-2-3-1001";

    #[test]
    fn what_is_made_for_a_user_is_nobody_elses() {
        let made = of_user(ME);
        assert_eq!(
            made,
            format!("D:P(A;OICI;FA;;;{ME})(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)")
        );
        assert!(!is_open(&made, false));
    }

    #[test]
    fn the_owner_is_read() {
        assert_eq!(owner(&format!("O:{ME}G:DUD:P(A;;FA;;;WD)")), Some(ME));
        assert_eq!(owner("O:BAD:(A;;FA;;;WD)"), Some("BA"));
        assert_eq!(owner("O:SY"), Some("SY"));
        assert_eq!(owner("D:P(A;;FA;;;WD)"), None);
    }

    #[test]
    fn a_folder_that_everybody_writes_into_is_told_from_one_that_is_only_read() {
        // As the root of a disc passes it on to folders that are made there.
        let of_a_disc = "O:BAD:AI(A;ID;FA;;;BA)(A;OICIIOID;GA;;;BA)(A;ID;FA;;;SY)(A;OICIID;0x1200a9;;;BU)(A;ID;0x1301bf;;;AU)(A;OICIIOID;SDGXGWGR;;;AU)";
        assert!(is_open(of_a_disc, true));
        let read = "O:BAD:AI(A;ID;FA;;;BA)(A;OICIID;0x1200a9;;;BU)";
        assert!(!is_open(read, true));
        assert!(is_open(read, false));
        for open in [
            "D:(A;;FRFW;;;WD)",
            "O:BA",
            "D:NO_ACCESS_CONTROL",
            "D:(A;;0x;;;AU)",
        ] {
            assert!(is_open(open, true), "{open}");
        }
        for closed in [
            "D:",
            "D:(D;;FA;;;WD)",
            "D:(A;OICIIO;FA;;;WD)",
            "D:(A;;FR;;;WD)",
            "D:(A;;FA;;;S-1-5-21-9)",
        ] {
            assert!(!is_open(closed, true), "{closed}");
        }
    }
}
