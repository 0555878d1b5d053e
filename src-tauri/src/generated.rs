//! The TypeScript twin of what the commands exchange.

use salon_account::{AccountState, BackendInfo, Place, SignInWays, User};
use salon_base::words::Severity;
use salon_base::{Code, Fault, Provider};
use salon_history::{Format, HistoryCursor, HistoryEntry, HistoryPage, NewEntry, QualitySummary};
use salon_meeting::feed::SessionsState;
use salon_meeting::held::HeldMeeting;
use salon_meeting::session::{MeetingSession, Role, Status};
use salon_meeting::{Meeting, Source};
use salon_settings::{Applies, Explained, Ignored, Key, Layer, SettingsReport};
use salon_token::doctor::{Diagnosis, Finding, Grant, Kind};
use salon_token::{JoinGrant, LiveKitGrant, StreamGrant};
use ts_rs::{Config, TS};

use crate::commands::{AppInfo, Screen, StartAt};
use crate::desktop::MeetingOver;
use crate::page_life::Lost;
use crate::paint::PaintPath;

/// The declarations, as `ui/src/platform/generated/commands.ts` has them.
pub fn declarations() -> String {
    let config = Config::default();
    let mut text = String::from("// Generated from src-tauri by `./x types`. Do not edit.\n");
    macro_rules! declare {
        ($($ty:ty),* $(,)?) => {
            $(text.push_str(&format!("\nexport {}\n", <$ty>::decl(&config)));)*
        };
    }
    declare!(
        Code,
        Fault,
        PaintPath,
        Screen,
        StartAt,
        AppInfo,
        Provider,
        Source,
        Meeting,
        Lost,
        HeldMeeting,
        LiveKitGrant,
        StreamGrant,
        JoinGrant,
        Severity,
        Kind,
        Grant,
        Finding,
        Diagnosis,
        User,
        Place,
        SignInWays,
        BackendInfo,
        AccountState,
        Status,
        Role,
        MeetingSession,
        SessionsState,
        MeetingOver,
        Key,
        Layer,
        Applies,
        Ignored,
        Explained,
        SettingsReport,
        QualitySummary,
        NewEntry,
        HistoryEntry,
        HistoryCursor,
        HistoryPage,
        Format,
    );
    text
}

#[cfg(test)]
mod tests {
    #[test]
    fn typescript_is_up_to_date() {
        let path = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/ui/src/platform/generated/commands.ts"
        );
        generated_files::assert_up_to_date(path, &super::declarations());
    }
}
