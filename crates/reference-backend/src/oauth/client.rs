//! The one client there is, where it may be sent back to, and its proof that it is the same.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};
use url::{Host, Url};

/// A public client (RFC 6749, section 2.1): an installed app cannot keep a secret.
pub(super) const CLIENT_ID: &str = "salon";
const APP_REDIRECT: &str = "salon://auth";

/// Whether a browser may be sent there with a code: the app's own scheme, or a port that it
/// listens on at 127.0.0.1 (RFC 8252, section 7.3).
pub(super) fn redirect_allowed(uri: &str) -> bool {
    if uri == APP_REDIRECT {
        return true;
    }
    let Ok(url) = Url::parse(uri) else {
        return false;
    };
    url.scheme() == "http"
        && matches!(url.host(), Some(Host::Ipv4(address)) if address == std::net::Ipv4Addr::LOCALHOST)
        && url.port().is_some()
        && url.username().is_empty()
        && url.password().is_none()
        && url.fragment().is_none()
        // As written, not as a lenient parser reads it.
        && uri.starts_with("http://127.0.0.1:")
        && !uri.contains(char::is_whitespace)
        && !uri.contains('\\')
}

/// Whether this can be the S256 challenge of some verifier.
pub(crate) fn is_challenge(challenge: &str) -> bool {
    URL_SAFE_NO_PAD
        .decode(challenge)
        .is_ok_and(|digest| digest.len() == 32)
}

/// RFC 7636, section 4.6. The verifier has to have the length and the characters of section 4.1.
pub(super) fn verifier_fits(verifier: &str, challenge: &str) -> bool {
    let unreserved = |c: u8| c.is_ascii_alphanumeric() || b"-._~".contains(&c);
    (43..=128).contains(&verifier.len())
        && verifier.bytes().all(unreserved)
        && URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes())) == challenge
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_app_and_ports_of_this_computer_are_led_back_to() {
        for good in [
            "salon://auth",
            "http://127.0.0.1:49152/",
            "http://127.0.0.1:49152/callback?a=b",
        ] {
            assert!(redirect_allowed(good), "{good}");
        }
        for bad in [
            "",
            "salon://auth/",
            "salon://join?room=x",
            "https://127.0.0.1:1/",
            "http://127.0.0.1/",
            "http://127.0.0.1:80/",
            "http://localhost:1/",
            "http://127.0.0.2:1/",
            "http://127.0.0.1:1@evil.example/",
            "http://u@127.0.0.1:1/",
            "http://127.0.0.1.evil.example:1/",
            "http://0x7f.1:1/",
            "http://127.0.0.1:1/#x",
            "http://127.0.0.1:1\\@evil.example/",
            "javascript:alert(1)",
        ] {
            assert!(!redirect_allowed(bad), "{bad}");
        }
    }

    #[test]
    fn a_verifier_fits_its_own_challenge_only() {
        // RFC 7636, appendix B.
        let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
        let challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
        assert!(is_challenge(challenge));
        assert!(verifier_fits(verifier, challenge));
        assert!(!verifier_fits(&verifier.replace('d', "e"), challenge));
        assert!(!verifier_fits("short", challenge));
        assert!(!is_challenge("short"));
    }
}
