//! Pages that the system's browser shows: a sign-in form and what comes of it. No script, nothing
//! from elsewhere.

use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};

use crate::refusal::Refusal;

/// Browsers apply `form-action` to where the answer to the form redirects, too.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; \
    form-action 'self' salon: http://127.0.0.1:*; frame-ancestors 'none'; base-uri 'none'";

const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;max-width:22rem;margin:10vh auto;\
    padding:0 1rem;color-scheme:light dark}label{display:block;margin-top:1rem}\
    input,button{font:inherit;width:100%;box-sizing:border-box;padding:.5rem}\
    button,.button{margin-top:1.5rem}[role=alert]{color:#c00}\
    .button{display:block;border:1px solid;border-radius:.3rem;padding:.5rem;text-align:center}";

/// Where the form is sent to, what comes back with it, and what is below it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Form<'a> {
    /// A path of this server.
    pub(crate) action: &'static str,
    /// Names and values.
    pub(crate) hidden: &'a [(&'a str, &'a str)],
    /// Leads away without signing in.
    pub(crate) cancel: Option<&'a str>,
}

impl Form<'_> {
    /// The form, with what was wrong with it before.
    pub(crate) fn page(self, status: StatusCode, problem: Option<&str>) -> Response {
        page(status, "Sign in", &self.html(problem))
    }

    /// The form again after it was refused, which may say when to come back.
    pub(crate) fn again(self, refusal: Refusal) -> Response {
        let mut response = self.page(refusal.status, Some(&refusal.message));
        let waits = refusal.into_response();
        if let Some(wait) = waits.headers().get(RETRY_AFTER) {
            response.headers_mut().insert(RETRY_AFTER, wait.clone());
        }
        response
    }

    fn html(self, problem: Option<&str>) -> String {
        let mut fields = String::new();
        for (name, value) in self.hidden {
            fields.push_str(&format!(
                "<input type=\"hidden\" name=\"{}\" value=\"{}\">",
                escaped(name),
                escaped(value)
            ));
        }
        let problem = problem.map_or_else(String::new, |problem| {
            format!("<p role=\"alert\">{}</p>", escaped(problem))
        });
        let cancel = self.cancel.map_or_else(String::new, |link| {
            format!("<p><a href=\"{}\">Not now</a></p>", escaped(link))
        });
        format!(
            "{problem}<form method=\"post\" action=\"{action}\">{fields}\
             <label>E-mail <input name=\"email\" type=\"email\" autocomplete=\"username\" \
             required autofocus></label>\
             <label>Password <input name=\"password\" type=\"password\" \
             autocomplete=\"current-password\" required></label>\
             <button>Sign in</button></form>{cancel}",
            action = self.action,
        )
    }
}

/// Asks whether to go on in the app; `link` opens it.
pub(crate) fn to_the_app(name: &str, link: &str) -> Response {
    page(
        StatusCode::OK,
        "Back to Salon",
        &format!(
            "<p>You are signed in as {}. Go on only if you have just asked for it in the \
             app.</p><a class=\"button\" href=\"{}\" autofocus>Open Salon</a>\
             <p>You can close this page afterwards.</p>",
            escaped(name),
            escaped(link)
        ),
    )
}

/// What the person sees when the app's request is such that nobody can be sent back.
pub(crate) fn refusal(status: StatusCode, message: &str) -> Response {
    page(
        status,
        "This does not work",
        &format!("<p role=\"alert\">{}</p>", escaped(message)),
    )
}

fn page(status: StatusCode, title: &str, content: &str) -> Response {
    let html = format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\">\
         <title>{title}</title><style>{STYLE}</style><h1>{title}</h1>{content}</html>"
    );
    let mut response = (status, html).into_response();
    let headers = response.headers_mut();
    headers.insert(
        CONTENT_TYPE,
        HeaderValue::from_static("text/html; charset=utf-8"),
    );
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    #[test]
    fn what_comes_from_outside_stays_text() {
        assert_eq!(
            super::escaped("\"><a b='c'>&"),
            "&quot;&gt;&lt;a b=&#39;c&#39;&gt;&amp;"
        );
    }
}
