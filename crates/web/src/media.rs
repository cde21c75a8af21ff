//! Content types and what a client accepts.

use actix_web::HttpRequest;
use actix_web::http::header::{ACCEPT, CONTENT_ENCODING, CONTENT_TYPE};
use cordon_context::{Code, Refusal};

/// Demands exactly one `content-type`, `application/json` in UTF-8, and no encoding of the body.
pub fn require_json(request: &HttpRequest) -> Result<(), Refusal> {
    require(request, "application/json")
}

/// Demands exactly one `content-type` of the given kind, in UTF-8 if it names a character set, and no encoding of the body.
pub fn require(request: &HttpRequest, wanted: &str) -> Result<(), Refusal> {
    let refusal = || Refusal::new(Code::UnsupportedMediaType);
    // A body that has to be inflated could be small on the wire and large in memory.
    let encodings = request.headers().get_all(CONTENT_ENCODING);
    if encodings.into_iter().any(|value| !value.as_bytes().eq_ignore_ascii_case(b"identity")) {
        return Err(refusal());
    }
    let mut types = request.headers().get_all(CONTENT_TYPE);
    let (Some(only), None) = (types.next(), types.next()) else {
        return Err(refusal());
    };
    let text = only.to_str().map_err(|_source| refusal())?;
    let mut parts = text.split(';').map(str::trim);
    if !parts.next().is_some_and(|media| media.eq_ignore_ascii_case(wanted)) {
        return Err(refusal());
    }
    for parameter in parts {
        let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
        let utf8 = value.trim().trim_matches('"').eq_ignore_ascii_case("utf-8");
        if name.trim().eq_ignore_ascii_case("charset") && !utf8 {
            return Err(refusal());
        }
    }
    Ok(())
}

/// Chooses among the offered media types the one that the client likes best; the first offered one where it does not say.
pub fn negotiate(request: &HttpRequest, offered: &[&'static str]) -> Result<&'static str, Refusal> {
    let refusal = || Refusal::new(Code::NotAcceptable);
    let mut ranges = Vec::new();
    for value in request.headers().get_all(ACCEPT) {
        let text = value.to_str().map_err(|_source| refusal())?;
        ranges.extend(text.split(',').filter_map(Range::parse));
    }
    if ranges.is_empty() {
        return offered.first().copied().ok_or_else(refusal);
    }
    let mut best: Option<(u16, usize, &'static str)> = None;
    for offer in offered.iter().copied() {
        let Some((quality, place)) = preference(&ranges, offer) else { continue };
        let better = best.is_none_or(|(other, earlier, _)| quality > other || (quality == other && place < earlier));
        if quality > 0 && better {
            best = Some((quality, place, offer));
        }
    }
    best.map(|(_, _, offer)| offer).ok_or_else(refusal)
}

struct Range<'a> {
    family: &'a str,
    kind: &'a str,
    /// In thousandths.
    quality: u16,
}

impl<'a> Range<'a> {
    fn parse(text: &'a str) -> Option<Self> {
        let mut parts = text.split(';').map(str::trim);
        let (family, kind) = parts.next()?.split_once('/')?;
        let mut quality = 1_000;
        for parameter in parts {
            let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
            let utf8 = value.trim().trim_matches('"').eq_ignore_ascii_case("utf-8");
            if name.trim().eq_ignore_ascii_case("q") {
                quality = thousandths(value.trim())?;
            } else if name.trim().eq_ignore_ascii_case("charset") && !utf8 {
                return None;
            }
        }
        Some(Self { family, kind, quality })
    }

    /// How precisely this range names the offer.
    fn precision(&self, offer: &str) -> Option<u8> {
        let (family, kind) = offer.split_once('/')?;
        if self.family == "*" && self.kind == "*" {
            Some(0)
        } else if self.family.eq_ignore_ascii_case(family) && self.kind == "*" {
            Some(1)
        } else if self.family.eq_ignore_ascii_case(family) && self.kind.eq_ignore_ascii_case(kind) {
            Some(2)
        } else {
            None
        }
    }
}

/// The quality and the place of the most precise range that names the offer.
fn preference(ranges: &[Range<'_>], offer: &str) -> Option<(u16, usize)> {
    let fitting = ranges
        .iter()
        .enumerate()
        .filter_map(|(place, range)| range.precision(offer).map(|precision| (precision, place, range.quality)));
    let (_, place, quality) = fitting.max_by_key(|(precision, place, _)| (*precision, usize::MAX - place))?;
    Some((quality, place))
}

fn thousandths(text: &str) -> Option<u16> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits: String = fraction.chars().chain("000".chars()).take(3).collect();
    let value: u32 = whole.parse::<u32>().ok()?.checked_mul(1_000)? + digits.parse::<u32>().ok()?;
    u16::try_from(value.min(1_000)).ok()
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn with(name: &'static str, values: &[&str]) -> HttpRequest {
        let mut request = TestRequest::post();
        for value in values {
            request = request.append_header((name, *value));
        }
        request.to_http_request()
    }

    #[test]
    fn only_one_utf8_json_content_type_is_taken() {
        for good in ["application/json", "application/json; charset=utf-8", "Application/JSON;charset=\"UTF-8\""] {
            assert!(require_json(&with("content-type", &[good])).is_ok(), "{good}");
        }
        let refused: [&[&str]; 8] = [
            &[],
            &["text/plain"],
            &["application/x-www-form-urlencoded"],
            &["multipart/form-data; boundary=x"],
            &["application/json; charset=utf-16"],
            &["application/octet-stream"],
            &["application/json", "text/plain"],
            &["application/jsonx"],
        ];
        for bad in refused {
            assert_eq!(
                require_json(&with("content-type", bad)).unwrap_err().code,
                Code::UnsupportedMediaType,
                "{bad:?}"
            );
        }
        let inflated = TestRequest::post()
            .insert_header(("content-type", "application/json"))
            .insert_header(("content-encoding", "gzip"))
            .to_http_request();
        assert!(require_json(&inflated).is_err());
    }

    #[test]
    fn the_client_chooses_the_media_type() {
        let offered = ["application/graphql-response+json", "application/json"];
        for (accept, expected) in [
            ("application/json", Some("application/json")),
            ("application/graphql-response+json", Some("application/graphql-response+json")),
            (
                "application/graphql-response+json; charset=utf-8, application/json;q=0.9",
                Some("application/graphql-response+json"),
            ),
            ("application/json, application/graphql-response+json", Some("application/json")),
            (
                "application/json;q=0.1, application/graphql-response+json;q=0.5",
                Some("application/graphql-response+json"),
            ),
            ("*/*", Some("application/graphql-response+json")),
            ("application/*", Some("application/graphql-response+json")),
            ("*/*, application/graphql-response+json;q=0", Some("application/json")),
            ("text/html", None),
            ("application/json;q=0", None),
        ] {
            assert_eq!(negotiate(&with("accept", &[accept]), &offered).ok(), expected, "{accept}");
        }
        assert_eq!(negotiate(&with("accept", &[]), &offered).ok(), Some("application/graphql-response+json"));
    }
}
