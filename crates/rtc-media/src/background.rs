//! Threads whose work can wait. Encoders take what they can get; on a computer that is busy, the sound and
//! the pictures of others would come in jerks if each of a camera's layers counted as much as they do.

use std::sync::OnceLock;
use std::thread::JoinHandle;

use gstreamer as gst;
use gstreamer::glib;
use gstreamer::prelude::*;
use gstreamer::subclass::TaskPoolFunction;
use gstreamer::subclass::prelude::*;
use rustix::process::{getpid, getpriority_process, setpriority_process};

/// By how much nicer such a thread is than the program (setpriority(2)): each step counts for about a
/// quarter, so that this is a third of what others get where all want the processor, and nothing is lost
/// where it is free.
const NICER: i32 = 5;

/// Has the thread that calls this stand back. There is no way back for it.
pub(crate) fn stand_back() {
    // Linux keeps a niceness for each thread, whatever POSIX says; that of the program is its first
    // thread's, and this one may have begun with that of another.
    let niceness = getpriority_process(Some(getpid())).unwrap_or_default() + NICER;
    if let Err(error) = setpriority_process(None, niceness) {
        tracing::debug!(%error, "a thread keeps its priority");
    }
}

/// Whatever streams in a pipeline does so on threads that stand back.
pub(crate) fn in_background(status: &gst::message::StreamStatus) {
    if status.type_() != gst::StreamStatusType::Create {
        return;
    }
    let task = status.stream_status_object();
    if let Some(task) = task.and_then(|task| task.get::<gst::Task>().ok()) {
        task.set_pool(pool());
    }
}

/// Threads of its own: GStreamer's are shared by all pipelines, and one that stands back would do so for
/// the next microphone as well.
fn pool() -> &'static gst::TaskPool {
    static POOL: OnceLock<gst::TaskPool> = OnceLock::new();
    POOL.get_or_init(|| glib::Object::new::<Pool>().upcast())
}

glib::wrapper! {
    struct Pool(ObjectSubclass<Threads>) @extends gst::TaskPool, gst::Object;
}

#[derive(Default)]
struct Threads;

#[glib::object_subclass]
impl ObjectSubclass for Threads {
    const NAME: &'static str = "RtcMediaBackground";
    type Type = Pool;
    type ParentType = gst::TaskPool;
}

impl ObjectImpl for Threads {}
impl GstObjectImpl for Threads {}

impl TaskPoolImpl for Threads {
    type Handle = Thread;

    fn push(&self, task: TaskPoolFunction) -> Result<Option<Thread>, glib::Error> {
        let run = move || {
            stand_back();
            task.call();
        };
        let name = "background".to_owned();
        match std::thread::Builder::new().name(name).spawn(run) {
            Ok(thread) => Ok(Some(Thread(thread))),
            Err(error) => Err(glib::Error::new(gst::CoreError::Thread, &error.to_string())),
        }
    }
}

struct Thread(JoinHandle<()>);

impl gst::TaskHandle for Thread {
    fn join(self) {
        // A task that panicked is over as well.
        drop(self.0.join());
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;

    use gstreamer_app as app;

    use super::*;
    use crate::pipeline::Pipeline;

    fn niceness() -> i32 {
        getpriority_process(None).unwrap()
    }

    /// Niceness of the thread on which a pipeline streams, before the pipeline is stopped.
    fn streams_at(pipeline: &Pipeline) -> i32 {
        let (send, receive) = channel();
        let sink = app::AppSink::builder().sync(false).build();
        let told = move |sink: &app::AppSink| {
            send.send(niceness()).map_err(|_| gst::FlowError::Eos)?;
            sink.pull_sample().map_err(|_| gst::FlowError::Eos)?;
            Ok(gst::FlowSuccess::Ok)
        };
        sink.set_callbacks(app::AppSinkCallbacks::builder().new_sample(told).build());
        let source = crate::pipeline::make("audiotestsrc").unwrap();
        pipeline.chain(&[&source, sink.upcast_ref()]).unwrap();
        pipeline.start("test").unwrap();
        receive.recv().unwrap()
    }

    #[test]
    fn only_what_can_wait_stands_back() {
        let own = getpriority_process(Some(getpid())).unwrap();
        let back = (own + NICER).min(19);
        for _ in 0..3 {
            let pipeline = Pipeline::in_background(|_| ()).unwrap();
            assert_eq!(streams_at(&pipeline), back);
            drop(pipeline);
            // It would get such a thread if they were shared.
            let pipeline = Pipeline::new(|_| ()).unwrap();
            assert_eq!(streams_at(&pipeline), own);
        }
    }

    #[test]
    fn a_thread_that_stands_back_begins_others_that_stand_back_no_further() {
        let own = getpriority_process(Some(getpid())).unwrap();
        let twice = || {
            stand_back();
            std::thread::spawn(|| {
                stand_back();
                niceness()
            })
        };
        let inner = std::thread::spawn(twice).join().unwrap();
        assert_eq!(inner.join().unwrap(), (own + NICER).min(19));
    }
}
