//! Choosing a number from what a device can and a page wants (mediacapture-main section 6).

use crate::MediaError;

/// W3C `ConstrainDouble`.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Range {
    /// Mandatory.
    pub min: Option<f64>,
    /// Mandatory.
    pub max: Option<f64>,
    /// Wished for.
    pub ideal: Option<f64>,
    /// Mandatory.
    pub exact: Option<f64>,
}

impl Range {
    /// The value nearest to what is wished (`default` if nothing is) within the mandatory bounds
    /// and what the device has, `low..=high`.
    ///
    /// # Errors
    /// [`MediaError::Overconstrained`] with `name` if the bounds exclude each other.
    pub fn choose(
        &self,
        name: &'static str,
        default: f64,
        low: f64,
        high: f64,
    ) -> Result<f64, MediaError> {
        let low = [self.min, self.exact]
            .into_iter()
            .flatten()
            .fold(low, f64::max);
        let high = [self.max, self.exact]
            .into_iter()
            .flatten()
            .fold(high, f64::min);
        if low <= high {
            Ok(self
                .ideal
                .filter(|ideal| ideal.is_finite())
                .unwrap_or(default)
                .clamp(low, high))
        } else {
            Err(MediaError::Overconstrained(name))
        }
    }
}

/// What a page wants of a camera.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct VideoConstraints {
    /// Pixels.
    pub width: Range,
    /// Pixels.
    pub height: Range,
    /// Frames per second.
    pub frame_rate: Range,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ideal_is_kept_within_mandatory_bounds() {
        let range = Range {
            ideal: Some(4000.0),
            max: Some(1000.0),
            ..Range::default()
        };
        assert_eq!(range.choose("width", 640.0, 160.0, 1280.0), Ok(1000.0));
        assert_eq!(
            Range::default().choose("width", 640.0, 160.0, 1280.0),
            Ok(640.0)
        );
    }

    #[test]
    fn impossible_bounds_name_the_constraint() {
        let range = Range {
            exact: Some(5000.0),
            ..Range::default()
        };
        assert_eq!(
            range.choose("width", 640.0, 160.0, 1280.0),
            Err(MediaError::Overconstrained("width"))
        );
        let range = Range {
            min: Some(f64::NAN),
            max: Some(f64::NAN),
            ..Range::default()
        };
        // NaN takes part in neither bound: `max` and `min` of floats pass over it.
        assert_eq!(range.choose("width", 640.0, 160.0, 1280.0), Ok(640.0));
    }
}
