//! Which layer of a picture a subscriber gets, and which of them a publisher is to send at all.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use str0m::media::Rid;

use super::words::{Dimension, Layer, TrackInfo};

/// The smallest layer that fills what is wanted; if none does, the largest. No dimension: the
/// smallest.
pub(crate) fn choose(layers: &[Layer], wanted: Dimension) -> Option<Rid> {
    let size = |layer: &&Layer| layer.video_dimension.width * layer.video_dimension.height;
    let fills = |layer: &&Layer| {
        let has = layer.video_dimension;
        // A portrait picture in a landscape tile is the same layer.
        let larger = has.width.max(has.height) >= wanted.width.max(wanted.height);
        let smaller = has.width.min(has.height) >= wanted.width.min(wanted.height);
        larger && smaller
    };
    let enough = layers.iter().filter(fills).min_by_key(size);
    let chosen = enough.or_else(|| layers.iter().max_by_key(size))?;
    (!chosen.rid.is_empty()).then(|| Rid::from(chosen.rid.as_str()))
}

/// Tells a publisher which layers of a track are seen by somebody.
pub(crate) fn change(track: &TrackInfo, seen: &BTreeSet<String>) -> Value {
    let largest = track.layers.iter().map(|layer| layer.video_dimension.width);
    let largest = largest.max().unwrap_or_default();
    let layers = track.layers.iter().map(|layer| {
        let width = layer.video_dimension.width.max(1);
        json!({
            "name": layer.rid,
            "active": seen.contains(&layer.rid),
            "maxBitrate": layer.bitrate,
            "maxFramerate": layer.fps,
            "scaleResolutionDownBy": f64::from(largest) / f64::from(width),
        })
    });
    json!({ "changePublishQuality": { "videoSenders": [{
        "trackType": track.track_type.word(),
        "publishOptionId": track.publish_option_id,
        "codec": track.codec,
        "layers": layers.collect::<Vec<_>>(),
    }] } })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layers() -> Vec<Layer> {
        let sizes = [("q", 320, 180), ("h", 640, 360), ("f", 1280, 720)];
        let layer = |(rid, width, height): (&str, u32, u32)| Layer {
            rid: rid.into(),
            video_dimension: Dimension { width, height },
            ..Layer::default()
        };
        sizes.map(layer).into()
    }

    fn chosen(width: u32, height: u32) -> String {
        let rid = choose(&layers(), Dimension { width, height });
        rid.expect("a layer").to_string()
    }

    #[test]
    fn a_tile_gets_the_smallest_layer_that_fills_it() {
        assert_eq!(chosen(0, 0), "q");
        assert_eq!(chosen(320, 180), "q");
        assert_eq!(chosen(321, 180), "h");
        assert_eq!(chosen(360, 640), "h");
        assert_eq!(chosen(1920, 1080), "f");
    }

    #[test]
    fn a_track_without_layers_has_none_to_choose() {
        assert_eq!(choose(&[], Dimension::default()), None);
        let only = Layer::default();
        assert_eq!(choose(&[only], Dimension::default()), None);
    }
}
