//! Cameras that the system knows, plugged in and pulled out by the test.

use std::sync::LazyLock;

use gstreamer as gst;
use gstreamer::glib;
use gstreamer::prelude::*;
use gstreamer::subclass::prelude::*;
use parking_lot::Mutex;

use crate::gate::Gate;

/// Passed while a camera is being opened.
pub(crate) static OPENING: LazyLock<Gate> = LazyLock::new(Gate::default);

static PROVIDER: Mutex<Option<TestCameras>> = Mutex::new(None);
static PLUGGED: Mutex<Vec<TestCamera>> = Mutex::new(Vec::new());

glib::wrapper! {
    pub(crate) struct TestCameras(ObjectSubclass<imp::TestCameras>)
        @extends gst::DeviceProvider, gst::Object;
}

glib::wrapper! {
    pub(crate) struct TestCamera(ObjectSubclass<imp::TestCamera>)
        @extends gst::Device, gst::Object;
}

/// Makes the system know of them, once.
pub(crate) fn install() {
    gst::init().unwrap();
    let rank = gst::Rank::PRIMARY;
    gst::DeviceProvider::register(None, "testcameras", rank, TestCameras::static_type()).unwrap();
}

/// All that they can.
fn mode() -> gst::Caps {
    gst::Caps::builder("video/x-raw")
        .field("width", 640)
        .field("height", 480)
        .field("framerate", gst::Fraction::new(30, 1))
        .build()
}

/// Plugs a camera in.
pub(crate) fn plug(label: &str) {
    let camera: TestCamera = glib::Object::builder()
        .property("display-name", label)
        .property("device-class", "Video/Source")
        .property("caps", mode())
        .build();
    PLUGGED.lock().push(camera.clone());
    let provider = PROVIDER.lock().clone();
    if let Some(provider) = provider {
        provider.device_add(&camera);
    }
}

/// Pulls a camera out. What has it open goes on giving pictures, as a sound server's stream does
/// that was moved to another device.
pub(crate) fn pull(label: &str) {
    let mut plugged = PLUGGED.lock();
    let at = plugged
        .iter()
        .position(|camera| camera.display_name() == label);
    let camera = plugged.remove(at.unwrap());
    drop(plugged);
    let provider = PROVIDER.lock().clone();
    provider.unwrap().device_remove(&camera);
}

mod imp {
    use super::*;

    macro_rules! subclass {
        ($name:ident of $parent:ty as $registered:literal) => {
            #[derive(Default)]
            pub(crate) struct $name;

            #[glib::object_subclass]
            impl ObjectSubclass for $name {
                const NAME: &'static str = $registered;
                type Type = super::$name;
                type ParentType = $parent;
            }

            impl ObjectImpl for $name {}
            impl GstObjectImpl for $name {}
        };
    }

    subclass!(TestCameras of gst::DeviceProvider as "SalonTestCameras");
    subclass!(TestCamera of gst::Device as "SalonTestCamera");

    impl DeviceProviderImpl for TestCameras {
        fn metadata() -> Option<&'static gst::subclass::DeviceProviderMetadata> {
            static METADATA: LazyLock<gst::subclass::DeviceProviderMetadata> =
                LazyLock::new(|| {
                    gst::subclass::DeviceProviderMetadata::new(
                        "Test",
                        "Source/Video",
                        "Test",
                        "Salon",
                    )
                });
            Some(&METADATA)
        }

        fn start(&self) -> Result<(), gst::LoggableError> {
            *PROVIDER.lock() = Some(self.obj().clone());
            let plugged = PLUGGED.lock().clone();
            for camera in &plugged {
                self.obj().device_add(camera);
            }
            Ok(())
        }

        fn stop(&self) {
            PROVIDER.lock().take();
        }
    }

    impl DeviceImpl for TestCamera {
        fn create_element(&self, _: Option<&str>) -> Result<gst::Element, gst::LoggableError> {
            OPENING.pass();
            let source = gst::parse::bin_from_description(
                "videotestsrc is-live=true \
                 ! video/x-raw,width=640,height=480,framerate=30/1 ! identity",
                true,
            );
            Ok(source.unwrap().upcast())
        }
    }
}
