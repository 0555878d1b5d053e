//! An encoder in the place of GStreamer's for VP8: like that, it holds a lock while it encodes, and
//! whoever changes its bitrate waits for the lock.

use std::sync::LazyLock;
use std::sync::atomic::{AtomicI32, AtomicU32, Ordering};

use gstreamer as gst;
use gstreamer::glib;
use gstreamer::prelude::*;
use gstreamer::subclass::prelude::*;
use parking_lot::Mutex;

use crate::gate::Gate;

/// Passed while encoding, with the lock held.
pub(crate) static ENCODING: LazyLock<Gate> = LazyLock::new(Gate::default);
/// Bits per second that an encoder was told last.
pub(crate) static BITRATE: AtomicI32 = AtomicI32::new(0);
/// Encoders that were made.
pub(crate) static MADE: AtomicU32 = AtomicU32::new(0);
/// While it is so, none starts.
pub(crate) static BROKEN: Mutex<bool> = Mutex::new(false);

glib::wrapper! {
    pub(crate) struct TestEncoder(ObjectSubclass<imp::TestEncoder>)
        @extends gst::Element, gst::Object;
}

/// Takes the place of the real one for the whole process.
pub(crate) fn install() {
    gst::init().unwrap();
    let rank = gst::Rank::PRIMARY;
    gst::Element::register(None, "vp8enc", rank, TestEncoder::static_type()).unwrap();
}

mod imp {
    use super::*;

    pub(crate) struct TestEncoder {
        input: gst::Pad,
        output: gst::Pad,
        lock: Mutex<()>,
    }

    #[glib::object_subclass]
    impl ObjectSubclass for TestEncoder {
        const NAME: &'static str = "SalonTestEncoder";
        type Type = super::TestEncoder;
        type ParentType = gst::Element;

        fn with_class(class: &Self::Class) -> Self {
            let input = gst::Pad::builder_from_template(&class.pad_template("sink").unwrap())
                .chain_function(|_, parent, buffer| {
                    Self::catch_panic_pad_function(
                        parent,
                        || Err(gst::FlowError::Error),
                        |encoder| encoder.encode(&buffer),
                    )
                })
                .build();
            let output = gst::Pad::from_template(&class.pad_template("src").unwrap());
            Self {
                input,
                output,
                lock: Mutex::default(),
            }
        }
    }

    impl TestEncoder {
        fn encode(&self, picture: &gst::BufferRef) -> Result<gst::FlowSuccess, gst::FlowError> {
            let held = self.lock.lock();
            ENCODING.pass();
            drop(held);
            // A VP8 frame (RFC 6386, section 9.1) as far as those look at it who hand it on.
            let size = [0x80, 0x02, 0x68, 0x01];
            let header = [0x10, 0, 0, 0x9d, 0x01, 0x2a];
            let mut encoded = gst::Buffer::from_slice([&header[..], &size, &[0; 90]].concat());
            encoded.get_mut().unwrap().set_pts(picture.pts());
            self.output.push(encoded)
        }
    }

    impl ObjectImpl for TestEncoder {
        fn properties() -> &'static [glib::ParamSpec] {
            static PROPERTIES: LazyLock<[glib::ParamSpec; 1]> =
                LazyLock::new(|| [glib::ParamSpecInt::builder("target-bitrate").build()]);
            &*PROPERTIES
        }

        fn set_property(&self, _id: usize, value: &glib::Value, _spec: &glib::ParamSpec) {
            let _held = self.lock.lock();
            BITRATE.store(value.get().unwrap(), Ordering::SeqCst);
        }

        fn property(&self, _id: usize, _spec: &glib::ParamSpec) -> glib::Value {
            BITRATE.load(Ordering::SeqCst).to_value()
        }

        fn constructed(&self) {
            self.parent_constructed();
            MADE.fetch_add(1, Ordering::SeqCst);
            let element = self.obj();
            element.add_pad(&self.input).unwrap();
            element.add_pad(&self.output).unwrap();
        }
    }

    impl GstObjectImpl for TestEncoder {}

    impl ElementImpl for TestEncoder {
        fn metadata() -> Option<&'static gst::subclass::ElementMetadata> {
            static METADATA: LazyLock<gst::subclass::ElementMetadata> = LazyLock::new(|| {
                gst::subclass::ElementMetadata::new("Test", "Encoder/Video", "Test", "Salon")
            });
            Some(&METADATA)
        }

        fn pad_templates() -> &'static [gst::PadTemplate] {
            static TEMPLATES: LazyLock<[gst::PadTemplate; 2]> = LazyLock::new(|| {
                let both = [
                    ("sink", gst::PadDirection::Sink),
                    ("src", gst::PadDirection::Src),
                ];
                both.map(|(name, direction)| {
                    let any = gst::Caps::new_any();
                    gst::PadTemplate::new(name, direction, gst::PadPresence::Always, &any).unwrap()
                })
            });
            &*TEMPLATES
        }

        fn change_state(
            &self,
            transition: gst::StateChange,
        ) -> Result<gst::StateChangeSuccess, gst::StateChangeError> {
            if *BROKEN.lock() && transition == gst::StateChange::ReadyToPaused {
                return Err(gst::StateChangeError);
            }
            self.parent_change_state(transition)
        }
    }
}
