//! Which pages may call from a browser.

use actix_web::http::header::{HOST, HeaderMap, HeaderValue, ORIGIN};
use cordon_context::{Code, Refusal};
use url::Url;

/// The origins that may call beside the server's own; a program that is no browser sends none.
#[derive(Clone, Debug, Default)]
pub struct Origins {
    allowed: Vec<url::Origin>,
}

/// A configured origin is not one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not an origin such as https://console.example")]
pub struct InvalidOrigin(pub String);

impl Origins {
    /// Reads the configured origins.
    pub fn parse(texts: &[String]) -> Result<Self, InvalidOrigin> {
        let parse = |text: &String| origin(text).ok_or_else(|| InvalidOrigin(text.clone()));
        Ok(Self { allowed: texts.iter().map(parse).collect::<Result<_, _>>()? })
    }

    /// Refuses what comes from a page of another origin.
    pub fn check(&self, headers: &HeaderMap) -> Result<(), Refusal> {
        match of(headers)? {
            None => Ok(()),
            Some(origin) if self.allowed.contains(&origin) || is_own(&origin, headers) => Ok(()),
            Some(_) => Err(Refusal::new(Code::ForeignOrigin)),
        }
    }

    /// The origin of the page, if it is one of the configured ones, as a browser wants to read it in the answer.
    pub(crate) fn allowed(&self, headers: &HeaderMap) -> Option<HeaderValue> {
        let origin = of(headers).ok()??;
        let text = self.allowed.contains(&origin).then(|| origin.ascii_serialization())?;
        HeaderValue::from_str(&text).ok()
    }
}

/// The origin that a browser names; a second one, or what is none, is refused.
fn of(headers: &HeaderMap) -> Result<Option<url::Origin>, Refusal> {
    let refusal = || Refusal::new(Code::ForeignOrigin);
    let mut origins = headers.get_all(ORIGIN);
    match (origins.next(), origins.next()) {
        (None, _) => Ok(None),
        (Some(only), None) => only.to_str().ok().and_then(origin).map(Some).ok_or_else(refusal),
        (Some(_), Some(_)) => Err(refusal()),
    }
}

fn origin(text: &str) -> Option<url::Origin> {
    let url = Url::parse(text).ok()?;
    let plain = matches!(url.scheme(), "http" | "https") && url.path() == "/" && url.query().is_none();
    let origin = url.origin();
    // The text must be the origin itself, so that `https://good@evil` and the like are no origin.
    (plain && text.trim_end_matches('/').eq_ignore_ascii_case(&origin.ascii_serialization())).then_some(origin)
}

/// The page came from the host that it calls.
fn is_own(origin: &url::Origin, headers: &HeaderMap) -> bool {
    let Some(host) = headers.get(HOST).and_then(|value| value.to_str().ok()) else {
        return false;
    };
    let serialized = origin.ascii_serialization();
    serialized.split_once("://").is_some_and(|(_scheme, own)| own.eq_ignore_ascii_case(host))
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn only_own_and_configured_pages_may_call() {
        let origins = Origins::parse(&["https://console.example".to_owned()]).unwrap();
        let check = |values: &[&str]| {
            let mut request = TestRequest::post().insert_header(("host", "cordon.example:8080"));
            for value in values {
                request = request.append_header(("origin", *value));
            }
            origins.check(request.to_http_request().headers()).is_ok()
        };
        assert!(check(&[]));
        assert!(check(&["https://console.example"]));
        assert!(check(&["http://cordon.example:8080"]));
        for foreign in [
            "https://evil.example",
            "null",
            "https://console.example.evil.example",
            "https://console.example@evil.example",
            "http://cordon.example",
            "file://",
        ] {
            assert!(!check(&[foreign]), "{foreign}");
        }
        assert!(!check(&["https://console.example", "https://evil.example"]));
        assert!(Origins::parse(&["console.example".to_owned()]).is_err());
        assert!(Origins::parse(&["https://console.example/path".to_owned()]).is_err());
    }
}
