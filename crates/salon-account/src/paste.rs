//! What users paste: a token or session, with whatever they copied around it.

use std::time::SystemTime;

use salon_base::{Code, Fault};
use salon_profile::Auth;
use salon_token::inspect::LEEWAY;
use secrecy::{ExposeSecret, SecretString};

use super::held::Held;
use super::who::Claims;

/// Bytes of a text. Servers refuse headers that are half as long.
const LONGEST: usize = 32 * 1024;
/// Bytes of what is sent with each request.
const LONGEST_CREDENTIAL: usize = 16 * 1024;
/// Characters of a session or token that is no JWT: fewer could be guessed, so it is something
/// else.
const SHORTEST: usize = 16;

/// Reads a sign-in as the backend takes it: a JWT or another token with or without `Bearer`, or a
/// cookie alone, with its name, or in a header line. Of the text nothing is in the fault.
///
/// # Errors
/// [`Code::CredentialInvalid`], [`Code::SignInExpired`].
pub(super) fn read(text: &str, auth: &Auth, now: SystemTime) -> Result<Held, Fault> {
    let invalid = |why: &str| Fault::new(Code::CredentialInvalid, why);
    if text.len() > LONGEST {
        return Err(invalid("it is too long"));
    }
    let text = text.trim().trim_matches(['"', '\'']).trim();
    let credential = match auth {
        Auth::Bearer => bearer(text)?,
        Auth::Cookie(name) => cookie(text, name)?,
        Auth::None => return Err(invalid("this backend takes none")),
    };
    if credential.len() > LONGEST_CREDENTIAL {
        return Err(invalid("it is too long"));
    }
    if credential.chars().count() < SHORTEST {
        return Err(invalid("it is too short"));
    }
    let claims = match Claims::of_token(credential) {
        Ok(claims) => claims,
        // All JWTs begin like this, as JSON does in base64.
        Err(_) if credential.starts_with("eyJ") && credential.matches('.').count() < 4 => {
            return Err(invalid("it is not a whole token"));
        }
        Err(_) => Claims::default(),
    };
    let expires = claims.expires();
    if expires.is_some_and(|expires| expires + LEEWAY <= now) {
        return Err(Code::SignInExpired.into());
    }
    let user = claims.user().unwrap_or_default();
    Ok(Held::new(SecretString::from(credential), user).ending(expires))
}

/// What was given at the start, as it is; what it says of itself if it is a JWT.
pub(super) fn as_given(credential: SecretString) -> Held {
    let claims = Claims::of_token(credential.expose_secret()).unwrap_or_default();
    let user = claims.user().unwrap_or_default();
    Held::new(credential, user).ending(claims.expires())
}

/// RFC 6750, section 2.1, and `|`, which is common in tokens that are not of that form.
fn bearer(text: &str) -> Result<&str, Fault> {
    let text = header(text, "authorization");
    let token = match text.split_once(char::is_whitespace) {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => token.trim(),
        _ => text,
    };
    let allowed = |c: char| c.is_ascii_alphanumeric() || "-._~+/=|".contains(c);
    if token.is_empty() || !token.chars().all(allowed) {
        return Err(Fault::new(Code::CredentialInvalid, "it is no token"));
    }
    Ok(token)
}

/// RFC 6265, section 4.
fn cookie<'a>(text: &'a str, name: &str) -> Result<&'a str, Fault> {
    let text = header(header(text, "set-cookie"), "cookie");
    let found = text.split(';').find_map(|pair| {
        let (key, value) = pair.trim().split_once('=')?;
        (key == name).then(|| value.trim().trim_matches('"'))
    });
    let value = match found {
        Some(value) => value,
        None if is_pairs(text) => {
            let why = format!("it has no cookie {name}");
            return Err(Fault::new(Code::CredentialInvalid, why));
        }
        None => text,
    };
    let allowed = |c: char| c.is_ascii_graphic() && !matches!(c, '"' | ',' | ';' | '\\');
    if value.is_empty() || !value.chars().all(allowed) {
        return Err(Fault::new(Code::CredentialInvalid, "it is no cookie"));
    }
    Ok(value)
}

/// Whether these are cookies with their names. Values may end in `=` but do not have it inside.
fn is_pairs(text: &str) -> bool {
    text.contains(';') || text.trim_end_matches('=').contains('=')
}

/// The value of a header line, or the text if it is none.
fn header<'a>(text: &'a str, name: &str) -> &'a str {
    match text.split_once(':') {
        Some((key, value)) if key.trim().eq_ignore_ascii_case(name) => value.trim(),
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use proptest::prelude::*;

    use super::*;

    fn now() -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000)
    }

    fn jwt(claims: &str) -> String {
        let part = |text: &str| URL_SAFE_NO_PAD.encode(text);
        format!("{}.{}.c2ln", part(r#"{"alg":"ES256"}"#), part(claims))
    }

    fn good(text: &str, auth: &Auth) -> String {
        let held = read(text, auth, now()).unwrap();
        held.access.expose_secret().to_owned()
    }

    fn code(text: &str, auth: &Auth) -> Code {
        read(text, auth, now()).unwrap_err().code
    }

    #[test]
    fn a_token_is_read_with_what_was_copied_around_it() {
        let token = jwt(r#"{"sub":"u1","name":"Amina","exp":1700000600}"#);
        for text in [
            token.clone(),
            format!(" {token}\n"),
            format!("\"{token}\""),
            format!("Bearer {token}"),
            format!("bearer   {token}"),
            format!("Authorization: Bearer {token}"),
        ] {
            assert_eq!(good(&text, &Auth::Bearer), token, "{text}");
        }
        let held = read(&token, &Auth::Bearer, now()).unwrap();
        assert_eq!(
            (held.user.id.as_str(), held.user.name.as_str()),
            ("u1", "Amina")
        );
        assert!(held.has_ended(now() + Duration::from_secs(600)));
        assert_eq!(
            good("12|abcdefghijklmnopqrst", &Auth::Bearer),
            "12|abcdefghijklmnopqrst"
        );
    }

    #[test]
    fn a_cookie_is_found_among_others() {
        let auth = Auth::Cookie("sid".into());
        for text in [
            "s%3Aabcdefghijklmnop==",
            "sid=s%3Aabcdefghijklmnop==",
            "Cookie: a=b; sid=s%3Aabcdefghijklmnop==; c=d",
            "Set-Cookie: sid=\"s%3Aabcdefghijklmnop==\"; Path=/; HttpOnly",
        ] {
            assert_eq!(good(text, &auth), "s%3Aabcdefghijklmnop==", "{text}");
        }
        let token = jwt(r#"{"sub":7}"#);
        let held = read(&format!("sid={token}"), &auth, now()).unwrap();
        assert_eq!(held.user.id, "7");
    }

    #[test]
    fn garbage_is_refused_by_name() {
        let sid = Auth::Cookie("sid".into());
        let token = jwt("{}");
        for (text, auth) in [
            ("", &Auth::Bearer),
            ("hello", &Auth::Bearer),
            ("a sentence that somebody wrote", &Auth::Bearer),
            ("Bearer", &Auth::Bearer),
            ("Basic dXNlcjpwYXNzd29yZA==", &Auth::Bearer),
            (&token[..token.len() - 6], &Auth::Bearer),
            ("https://a.example/?token=abcdefghijklmnopq", &Auth::Bearer),
            ("other=abcdefghijklmnopqrstuvwxyz", &sid),
            ("Cookie: a=b; c=d", &sid),
            ("sid=", &sid),
            ("sid=short", &sid),
            ("two words that are no cookie", &sid),
            (&token, &Auth::None),
        ] {
            assert_eq!(code(text, auth), Code::CredentialInvalid, "{text}");
        }
        for length in [20_000, 200_000] {
            assert_eq!(
                code(&"x".repeat(length), &Auth::Bearer),
                Code::CredentialInvalid
            );
        }
    }

    #[test]
    fn one_that_has_ended_is_told_apart() {
        let ended = jwt(r#"{"sub":"u1","exp":1699999940}"#);
        assert_eq!(code(&ended, &Auth::Bearer), Code::SignInExpired);
        // Clocks differ.
        let just = jwt(r#"{"sub":"u1","exp":1699999950}"#);
        assert!(read(&just, &Auth::Bearer, now()).is_ok());
    }

    proptest! {
        #[test]
        fn any_text_is_survived_and_not_repeated(
            text: String,
            secret in "[A-Za-z0-9]{12,40}",
            around in "[ -~]{0,20}",
        ) {
            let cookie = Auth::Cookie("sid".into());
            for auth in [&Auth::Bearer, &cookie, &Auth::None] {
                let _ = read(&text, auth, now());
                for text in [
                    format!("{around}{secret} {around}"),
                    format!("eyJ{secret}.{secret}"),
                    format!("Cookie: {secret}={secret}"),
                ] {
                    let read = read(&text, auth, now());
                    let shown = match &read {
                        Ok(held) => format!("{held:?}"),
                        Err(fault) => format!("{fault:?} {fault}"),
                    };
                    prop_assert!(!shown.contains(&secret), "{shown}");
                }
            }
        }
    }
}
