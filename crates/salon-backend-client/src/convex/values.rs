//! Convex's values and JSON: the edge between its client and everything else here.

use convex::Value as ConvexValue;
use salon_base::{Code, Fault};
use serde_json::{Map, Number, Value};

/// How deep values may lie in each other.
const DEEPEST: usize = 32;
/// Values in a value.
const MOST_VALUES: usize = 100_000;
/// Bytes of all texts in a value.
const LONGEST_TEXTS: usize = 1024 * 1024;

/// What may still come.
struct Budget {
    values: usize,
    bytes: usize,
}

impl Budget {
    fn take(&mut self, bytes: usize) -> Result<(), Fault> {
        let values = self.values.checked_sub(1);
        let left = self.bytes.checked_sub(bytes);
        let (Some(values), Some(bytes)) = (values, left) else {
            return Err(Code::BackendAnswerTooLarge.into());
        };
        *self = Self { values, bytes };
        Ok(())
    }
}

/// What a function answered, as JSON: whole numbers as such, what JSON has no number for as `null`,
/// bytes too, since nothing that is read here is any.
///
/// # Errors
/// [`Code::BackendAnswerTooLarge`].
pub(super) fn to_json(value: ConvexValue) -> Result<Value, Fault> {
    let mut budget = Budget {
        values: MOST_VALUES,
        bytes: LONGEST_TEXTS,
    };
    convert(value, DEEPEST, &mut budget)
}

fn convert(value: ConvexValue, deeper: usize, budget: &mut Budget) -> Result<Value, Fault> {
    let text = match &value {
        ConvexValue::String(text) => text.len(),
        ConvexValue::Object(fields) => fields.keys().map(String::len).sum(),
        _ => 0,
    };
    budget.take(text)?;
    let deeper = deeper
        .checked_sub(1)
        .ok_or_else(|| Fault::from(Code::BackendAnswerTooLarge));
    Ok(match value {
        ConvexValue::Null | ConvexValue::Bytes(_) => Value::Null,
        ConvexValue::Int64(number) => number.into(),
        ConvexValue::Float64(number) => float(number),
        ConvexValue::Boolean(truth) => truth.into(),
        ConvexValue::String(text) => text.into(),
        ConvexValue::Array(items) => {
            let deeper = deeper?;
            let items = items.into_iter().map(|item| convert(item, deeper, budget));
            Value::Array(items.collect::<Result<_, _>>()?)
        }
        ConvexValue::Object(fields) => {
            let deeper = deeper?;
            let fields = fields
                .into_iter()
                .map(|(name, value)| Ok((name, convert(value, deeper, budget)?)));
            Value::Object(fields.collect::<Result<Map<_, _>, Fault>>()?)
        }
    })
}

/// Convex's numbers are JavaScript's; ids and times are whole ones.
fn float(number: f64) -> Value {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    if number.fract() == 0.0 && number.abs() < EXACT {
        return (number as i64).into();
    }
    Number::from_f64(number).map_or(Value::Null, Value::Number)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::parse::Reader;
    use salon_profile::SessionFields;

    fn any_value() -> impl Strategy<Value = ConvexValue> {
        let special = prop::sample::select(vec![
            f64::NAN,
            f64::INFINITY,
            f64::NEG_INFINITY,
            -0.0,
            f64::MAX,
            f64::MIN_POSITIVE,
            1.7e12,
        ]);
        let leaf = prop_oneof![
            Just(ConvexValue::Null),
            any::<i64>().prop_map(ConvexValue::Int64),
            any::<f64>().prop_map(ConvexValue::Float64),
            special.prop_map(ConvexValue::Float64),
            any::<bool>().prop_map(ConvexValue::Boolean),
            any::<String>().prop_map(ConvexValue::String),
            prop::sample::select(vec!["active", "completed", "bruno", "session1"])
                .prop_map(ConvexValue::from),
            any::<Vec<u8>>().prop_map(ConvexValue::Bytes),
        ];
        leaf.prop_recursive(6, 64, 8, |inner| {
            let names = prop_oneof![
                any::<String>(),
                prop::sample::select(vec![
                    "_id",
                    "callId",
                    "status",
                    "createdAt",
                    "endedAt",
                    "demandeurId",
                    "offreurId",
                    "title",
                ])
                .prop_map(str::to_owned),
            ];
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..8).prop_map(ConvexValue::Array),
                prop::collection::btree_map(names, inner, 0..10).prop_map(ConvexValue::Object),
            ]
        })
    }

    proptest! {
        #[test]
        fn any_value_is_survived_and_read(value in any_value()) {
            let json = to_json(value).unwrap();
            let fields = SessionFields { id: "/_id".into(), ..SessionFields::default() };
            let read = Reader::new(fields).read(&json, "bruno");
            for session in &read.sessions {
                prop_assert!(!session.id.is_empty() && !session.call_id.is_empty());
            }
            prop_assert!(serde_json::to_string(&json).is_ok());
        }

        #[test]
        fn numbers_stay_what_they_are(whole in -(1_i64 << 53)..(1_i64 << 53), part: f64) {
            prop_assert_eq!(to_json(ConvexValue::Int64(whole)).unwrap(), json!(whole));
            let as_float = to_json(ConvexValue::Float64(whole as f64)).unwrap();
            prop_assert_eq!(as_float.as_f64(), Some(whole as f64));
            let other = to_json(ConvexValue::Float64(part)).unwrap();
            prop_assert_eq!(other.as_f64(), part.is_finite().then_some(part));
        }
    }

    #[test]
    fn what_is_no_number_is_nothing() {
        for number in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            assert_eq!(to_json(ConvexValue::Float64(number)).unwrap(), Value::Null);
        }
        assert_eq!(
            to_json(ConvexValue::Float64(1.7e12)).unwrap(),
            json!(1_700_000_000_000_i64)
        );
        assert_eq!(to_json(ConvexValue::Bytes(vec![1])).unwrap(), Value::Null);
    }

    #[test]
    fn huge_and_deep_values_are_refused() {
        let code = |value| to_json(value).map_err(|fault| fault.code);
        let many = vec![ConvexValue::Null; MOST_VALUES];
        assert_eq!(
            code(ConvexValue::Array(many)),
            Err(Code::BackendAnswerTooLarge)
        );
        let long = ConvexValue::String("x".repeat(LONGEST_TEXTS + 1));
        assert_eq!(code(long), Err(Code::BackendAnswerTooLarge));
        let name = "x".repeat(LONGEST_TEXTS + 1);
        let long_name = ConvexValue::Object(BTreeMap::from([(name, ConvexValue::Null)]));
        assert_eq!(code(long_name), Err(Code::BackendAnswerTooLarge));
        let nested = |depth| {
            (0..depth).fold(ConvexValue::Null, |inner, _| {
                ConvexValue::Array(vec![inner])
            })
        };
        assert!(to_json(nested(DEEPEST)).is_ok());
        assert_eq!(code(nested(DEEPEST + 1)), Err(Code::BackendAnswerTooLarge));
    }
}
