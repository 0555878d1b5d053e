//! What is wrong with a token for Stream (getstream.io), as far as its secret is not needed.

use salon_base::words::Severity;
use salon_base::{Code, Fault};
use serde_json::Value;

use super::inspect::{
    Claims, Expected, Header, check_algorithm, check_identity, check_time, decode,
};

/// What a good token says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InspectedStream {
    /// Who connects with it.
    pub user_id: String,
    /// What does not keep its bearer out, but should be known.
    pub warnings: Vec<Code>,
}

/// Names the first fault of a token for Stream.
///
/// # Errors
/// The fault.
pub fn inspect_stream(token: &str, expected: Expected<'_>) -> Result<InspectedStream, Fault> {
    let (header, claims) = decode(token)?;
    let mut warnings = Vec::new();
    for fault in stream_faults(&header, &claims, expected) {
        let words = fault.code.words();
        if words.is_none_or(|words| words.severity == Severity::Error) {
            return Err(fault);
        }
        warnings.push(fault.code);
    }
    let user_id = claims.user_id.as_ref().and_then(Value::as_str);
    Ok(InspectedStream {
        user_id: user_id.unwrap_or_default().to_owned(),
        warnings,
    })
}

/// All that is wrong, and what should be known.
pub(crate) fn stream_faults(
    header: &Header,
    claims: &Claims,
    expected: Expected<'_>,
) -> Vec<Fault> {
    if claims.user_id.is_none() && claims.video.is_some() {
        let detail = "it has grants of LiveKit's";
        return vec![Fault::new(Code::TokenOtherKind, detail)];
    }
    let user = claims.user_id.as_ref().and_then(Value::as_str);
    let mut faults = Vec::from_iter(check_algorithm(header));
    faults.extend(check_identity(user, expected));
    // Stream takes the time of making for a first time of use.
    let from = claims.nbf.or(claims.iat);
    let claims = Claims {
        nbf: from,
        ..claims.clone()
    };
    faults.extend(check_time(&claims, expected));
    faults.extend(claims.exp.is_none().then(|| Code::TokenEndless.into()));
    faults
}

/// An id as backends of contract P2 write it for Stream: lower case, and `_` for everything but
/// `a-z 0-9 @ _ -`.
pub fn sanitise_stream_id(id: &str) -> String {
    // Lower case first: that turns some other letters, such as the Kelvin sign, into a-z.
    let allowed = |c: char| matches!(c, 'a'..='z' | '0'..='9' | '@' | '_' | '-');
    let lower = id.to_lowercase();
    lower
        .chars()
        .map(|c| if allowed(c) { c } else { '_' })
        .collect()
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use super::*;
    use proptest::prelude::*;
    use salon_support::token::{now, token};
    use serde_json::json;

    fn outcome(claims: &Value, identity: Option<&str>) -> Result<InspectedStream, Code> {
        let expected = Expected {
            identity,
            ..Expected::anything(SystemTime::now())
        };
        inspect_stream(&token("HS256", claims), expected).map_err(|fault| fault.code)
    }

    #[test]
    fn the_user_is_who_the_backend_named() {
        let claims = json!({ "user_id": "ann_bee", "iat": now(), "exp": now() + 600.0 });
        let inspected = outcome(&claims, Some("ann_bee")).unwrap();
        assert_eq!(
            (inspected.user_id.as_str(), &inspected.warnings[..]),
            ("ann_bee", &[][..])
        );
        // What was sent decides nothing, and the comparison is exact.
        for other in ["Ann_Bee", "ann", ""] {
            assert_eq!(
                outcome(&claims, Some(other)),
                Err(Code::TokenIdentityMismatch)
            );
        }
    }

    #[test]
    fn an_endless_token_works() {
        let claims = json!({ "user_id": "ann", "iat": now() });
        assert_eq!(
            outcome(&claims, None).unwrap().warnings,
            [Code::TokenEndless]
        );
    }

    #[test]
    fn each_fault_has_its_code() {
        for (claims, code) in [
            (
                json!({ "user_id": "ann", "exp": now() - 90.0 }),
                Code::TokenExpired,
            ),
            (
                json!({ "user_id": "ann", "iat": now() + 90.0 }),
                Code::TokenNotYetValid,
            ),
            (json!({ "user_id": 7 }), Code::TokenIdentityMissing),
            (json!({ "sub": "ann" }), Code::TokenIdentityMissing),
            (json!({ "sub": "ann", "video": {} }), Code::TokenOtherKind),
        ] {
            assert_eq!(outcome(&claims, None), Err(code), "{claims}");
        }
    }

    #[test]
    fn ids_come_out_as_the_contract_says() {
        for (id, expected) in [
            ("user_1", "user_1"),
            ("Ann.Bee@Example.com", "ann_bee@example_com"),
            ("Ödön-7", "_d_n-7"),
            ("a b/c", "a_b_c"),
            ("\u{212a}", "k"),
            ("", ""),
        ] {
            assert_eq!(sanitise_stream_id(id), expected);
        }
    }

    proptest! {
        #[test]
        fn ids_are_as_the_reference_backend_writes_them(id in ".*") {
            prop_assert_eq!(sanitise_stream_id(&id), reference_backend::sanitised(&id));
        }
    }
}
