//! What is open on one's own side: no more than what the others get, and nothing afterwards, also where
//! the service does not answer.

use anyhow::Result;
use salon_harness::report::Report;
use salon_support::stream::sfu::CallFault;
use serde_json::json;

use super::{LIMIT, Two, comes};

/// Remembers the copies of tracks, which are what the SDK sends, and who asks for devices.
const WATCH: &str = "(() => { const made = []; let asked = 0; \
    const { clone } = MediaStreamTrack.prototype; \
    MediaStreamTrack.prototype.clone = function () { \
        const copy = clone.call(this); made.push(copy); return copy; }; \
    for (const name of ['getUserMedia', 'getDisplayMedia']) { \
        const real = navigator.mediaDevices[name]; \
        navigator.mediaDevices[name] = function (...given) { \
            asked += 1; return real.apply(this, given); }; } \
    window.opened = { asked: () => asked, live: () => \
        made.filter(({ readyState }) => readyState === 'live').map(({ kind }) => kind).sort().join(' ') }; \
    return true; })()";

impl Two<'_> {
    /// Ben comes again, and is watched from then on.
    pub(super) async fn watch(&self, report: &mut Report) -> Result<()> {
        self.ben.eval("guest.leave()").await?;
        self.ben.eval(WATCH).await?;
        self.ben.eval("guest.again()").await?;
        self.see_each_other(report, "watched").await?;
        self.is_open(report, "of one who is in", "audio video")
            .await
    }

    /// Of Ben's copies these come to be open, and no others.
    pub(super) async fn is_open(&self, report: &mut Report, when: &str, kinds: &str) -> Result<()> {
        let (wanted, limit) = (json!(kinds), LIMIT.as_millis());
        // Nothing tells of a track that its owner stops.
        let look = format!(
            "new Promise((done) => {{ const until = performance.now() + {limit}; \
             const look = () => {{ const live = opened.live(); \
             if (live === {wanted} || performance.now() > until) done(live); \
             else setTimeout(look, 50); }}; look(); }})"
        );
        let live = self.ben.eval(&look).await?;
        let name = format!("adapter: open is what is shown, and nothing else: {when}");
        report.check(&name, live == json!(kinds), live);
        Ok(())
    }

    /// The media server does not answer when a screen is to be shown, which takes its consent.
    pub(super) async fn hanging(&self, report: &mut Report) -> Result<()> {
        let media = &self.double.media()[0];
        let silent = || media.fail_next_call("SetPublisher", CallFault::Silent);
        let (on, off) = ("void guest.setScreen(true)", "guest.setScreen(false)");

        silent();
        self.ben.eval(on).await?;
        self.is_open(report, "while the server is silent", "audio video video")
            .await?;
        let gone = json!({ "participant": "ben", "present": false });
        let name = "who leaves while the server is silent is gone";
        comes(report, name, (self.ann, gone), (self.ben, "guest.leave()")).await?;
        self.is_open(report, "left, while the server is silent", "")
            .await?;

        self.ben.eval("guest.again()").await?;
        self.see_each_other(report, "joined again after that")
            .await?;
        silent();
        self.ben.eval(on).await?;
        self.ben.eval(off).await?;
        self.is_open(report, "off, while the server is silent", "audio video")
            .await?;
        let shown = json!({ "participant": "ben", "screen": true });
        let name = "what the server did not answer about is shown once it is wanted again";
        comes(report, name, (self.ann, shown), (self.ben, on)).await?;
        let clear = json!({ "problem": false, "paused": false });
        let name = "and nothing is said any more of its not being shown";
        comes(report, name, (self.ben, clear), (self.ben, "null")).await?;
        self.ben.eval(off).await?;
        self.is_open(report, "after the server was silent", "audio video")
            .await?;
        let asked = self.ben.eval("opened.asked()").await?;
        let name = "adapter: nobody but the page opens devices";
        report.check(name, asked == json!(0), asked);
        media.heal();
        Ok(())
    }
}
