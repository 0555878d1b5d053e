//! How the webview paints.

use std::path::Path;

use serde::Serialize;

/// Makes WebKitGTK composite on the processor, into shared memory.
const DISABLE_DMABUF: &str = "WEBKIT_DISABLE_DMABUF_RENDERER";
/// From here on nothing is set unasked: 2.50.6 paints so; of 2.54.3 the page's process dies when it paints a camera.
const LEFT_ALONE_FROM: (u32, u32) = (2, 52);

/// Where pictures are composited.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
#[serde(rename_all = "lowercase")]
pub enum PaintPath {
    /// By the processor, without OpenGL: far cheaper than OpenGL in software.
    Cpu,
    /// By the graphics card.
    Gpu,
    /// As the system's webview sees fit.
    System,
}

impl PaintPath {
    /// The variable that sets it up, unless somebody has set it already.
    pub(crate) fn variable(self) -> Option<(&'static str, &'static str)> {
        let unset = self == Self::Cpu && std::env::var_os(DISABLE_DMABUF).is_none();
        unset.then_some((DISABLE_DMABUF, "1"))
    }
}

/// Chooses the painting path. `SALON_PAINT` is `auto` (also if absent), `cpu` or `gpu`.
pub(crate) fn choose_paint_path() -> PaintPath {
    let wish = std::env::var("SALON_PAINT").unwrap_or_default();
    let version = tauri::webview_version().ok();
    let version = version.as_deref().and_then(major_and_minor);
    choose(&wish, cfg!(target_os = "linux"), version, has_graphics_card)
}

/// Of `2.50.6` and the like.
fn major_and_minor(version: &str) -> Option<(u32, u32)> {
    let mut parts = version.split('.').map(|part| part.parse().ok());
    Some((parts.next()??, parts.next()??))
}

fn choose(
    wish: &str,
    linux: bool,
    version: Option<(u32, u32)>,
    has_graphics_card: impl FnOnce() -> bool,
) -> PaintPath {
    match wish {
        _ if !linux => PaintPath::System,
        "cpu" => PaintPath::Cpu,
        "gpu" => PaintPath::Gpu,
        _ if has_graphics_card() => PaintPath::Gpu,
        _ if version.is_none_or(|version| version >= LEFT_ALONE_FROM) => PaintPath::System,
        _ => PaintPath::Cpu,
    }
}

/// A render node that this user may open, and no order to use software all the same. Asking
/// OpenGL itself would cost a context, and some drivers crash on the way.
fn has_graphics_card() -> bool {
    let forced = |name| std::env::var(name).is_ok_and(|value| value == "1" || value == "true");
    if forced("LIBGL_ALWAYS_SOFTWARE") {
        return false;
    }
    let Ok(nodes) = Path::new("/dev/dri").read_dir() else {
        return false;
    };
    nodes.flatten().any(|node| {
        let is_render_node = node.file_name().to_string_lossy().starts_with("renderD");
        is_render_node
            && std::fs::File::options()
                .read(true)
                .write(true)
                .open(node.path())
                .is_ok()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const OLD: Option<(u32, u32)> = Some((2, 50));

    #[test]
    fn without_a_graphics_card_the_processor_paints() {
        assert_eq!(choose("", true, OLD, || false), PaintPath::Cpu);
        assert_eq!(choose("auto", true, OLD, || true), PaintPath::Gpu);
    }

    #[test]
    fn a_webview_whose_page_would_die_of_it_is_left_alone() {
        let choose = |version: &str| choose("", true, major_and_minor(version), || false);
        assert_eq!(choose("2.50.6"), PaintPath::Cpu);
        assert_eq!(choose("2.54.3"), PaintPath::System);
        assert_eq!(choose("nonsense"), PaintPath::System);
    }

    #[test]
    fn a_wish_is_obeyed_on_linux_only() {
        assert_eq!(choose("cpu", true, OLD, || true), PaintPath::Cpu);
        assert_eq!(choose("gpu", true, OLD, || false), PaintPath::Gpu);
        assert_eq!(choose("cpu", false, OLD, || true), PaintPath::System);
    }
}
