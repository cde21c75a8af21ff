//! Names: page addresses, domains, e-mail and machine addresses, and account names after their labels.

use super::folded::{is_ideograph, is_spaced_letter};
use super::label::{self, Label, Labelled};
use super::rules;
use super::scan::{Finding, Scan};
use crate::{Identifier, Kind, Violation, host};

/// Top-level domains that are also endings of file names; such a name counts only where a page is meant.
const FILE_ENDINGS: [&str; 9] = ["zip", "mov", "py", "rs", "sh", "md", "pl", "so", "ps"];
/// First words of abbreviations with a dot, which some top-level domain happens to complete.
const ABBREVIATIONS: [&str; 9] = ["mr", "mrs", "ms", "dr", "st", "no", "vs", "etc", "prof"];
/// Top-level domains common enough that a Chinese full stop before them stands for a dot.
const COMMON_TOPS: [&str; 13] =
    ["com", "cn", "net", "org", "cc", "xyz", "top", "info", "vip", "shop", "site", "example", "test"];
/// A name has no more labels than this in any text worth reading.
const MOST_LABELS: usize = 10;

/// A label has 63 characters at most; one more tells that it is too long.
const LONGEST_LABEL: usize = 64;

/// A host name as it stands in the text.
struct Host {
    name: String,
    end: usize,
    chinese_dot: bool,
}

impl Scan<'_, '_> {
    /// Reads an address on the web that begins here: page, mail, name or machine.
    pub(super) fn web(&mut self, start: usize) -> Option<usize> {
        if let Some(after) = self.scheme(start) {
            if let Some(end) = self.page(start, after, true) {
                return Some(end);
            }
            // Nothing readable follows the scheme; its letters are no name either.
            return Some(after);
        }
        if let Some(end) = self.mail(start) {
            return Some(end);
        }
        if start < self.refused_until {
            return None;
        }
        self.page(start, start, false)
    }

    /// Gives the place after `http://` and its disguises.
    fn scheme(&self, start: usize) -> Option<usize> {
        let t = |at: usize| matches!(self.text.at(at), 't' | 'x' | '*');
        if self.text.at(start) != 'h' || !t(start + 1) || !t(start + 2) || self.text.at(start + 3) != 'p' {
            return None;
        }
        let mut at = start + 4;
        if self.text.at(at) == 's' {
            at += 1;
        }
        if self.text.at(at) != ':' {
            return None;
        }
        let slash = |at: usize| matches!(self.text.at(at), '/' | '\\');
        (slash(at + 1) && slash(at + 2)).then_some(at + 3)
    }

    /// Reads a host that begins at `at`, and the page on it.
    fn page(&mut self, start: usize, at: usize, with_scheme: bool) -> Option<usize> {
        if let Some(end) = self.address(at) {
            return self.machine(start, at, end, with_scheme);
        }
        if with_scheme && self.text.at(at) == '[' {
            let end = self.address_of_eight(at + 1).filter(|&end| self.text.at(end) == ']')?;
            return self.machine(start, at + 1, end, with_scheme);
        }
        let mut at = at;
        let mut host = self.host_of(at, with_scheme);
        // `http://www.icbc.com.cn@elsewhere.example/` leads elsewhere: the name before `@` is bait.
        if with_scheme {
            let bait = host.as_ref().map_or_else(|| self.bait_end(at), |host| host.end);
            if self.text.at(bait) == '@' {
                at = bait + 1;
                host = self.host_of(at, true);
            }
        }
        let host = host?;
        let path_end = self.path_end(host.end);
        let name = &host.name;
        if !with_scheme && path_end == host.end && !self.stands_alone(start, &host) {
            self.refused_until = host.end;
            return None;
        }
        let identifier = Identifier::parse(Kind::Domain, name).ok()?;
        let url = if with_scheme || self.has_path(host.end, path_end) {
            let scheme = if with_scheme { self.text.original(start, at) } else { "http://" };
            let rest = self.text.original(host.end, path_end);
            Identifier::parse(Kind::Url, &format!("{}{name}{rest}", scheme_of(scheme))).ok()
        } else {
            None
        };
        let rule = if url.is_some() {
            rules::URL_HOST
        } else if host.chinese_dot {
            rules::DOMAIN_CHINESE_DOT
        } else if name.is_ascii() {
            rules::DOMAIN_DOTTED
        } else {
            rules::DOMAIN_OTHER_SCRIPT
        };
        let span = (at, host.end);
        Some(self.take(Finding { identifier, url, start, end: path_end, host: span, rule, country_code: false }))
    }

    fn bait_end(&self, start: usize) -> usize {
        let mut end = start;
        while end - start < 64
            && (self.text.at(end).is_ascii_alphanumeric() || matches!(self.text.at(end), '.' | '-' | '_' | ':'))
        {
            end += 1;
        }
        end
    }

    /// Says whether a bare dotted name is a host and not a file or an abbreviation.
    fn stands_alone(&self, start: usize, host: &Host) -> bool {
        let (head, top) = host.name.rsplit_once('.').unwrap_or((&host.name, ""));
        let doubtful = (!head.contains('.') && FILE_ENDINGS.contains(&top)) || ABBREVIATIONS.contains(&head);
        let rare_after_chinese_dot =
            host.chinese_dot && !matches!(top, "com" | "cn" | "net" | "org" | "example" | "test");
        if doubtful || rare_after_chinese_dot {
            return matches!(self.label(start), Some(Labelled { label: Label::Site, .. }));
        }
        true
    }

    /// Gives the width of a dot at this place, in whichever form; the second value marks a Chinese one.
    fn dot(&self, at: usize) -> Option<(usize, bool)> {
        let (open, close) = match self.text.at(at) {
            '.' => return Some((1, false)),
            '。' | '点' => return Some((1, true)),
            ' ' if matches!(self.text.at(at + 1), '[' | '(' | '{') => {
                // `name [.] com` with spaces around the brackets.
                let (width, chinese) = self.dot(at + 1)?;
                let space = usize::from(self.text.at(at + 1 + width) == ' ');
                return Some((1 + width + space, chinese));
            }
            '[' => ('[', ']'),
            '(' => ('(', ')'),
            '{' => ('{', '}'),
            _ => return None,
        };
        debug_assert_eq!(self.text.at(at), open, "the bracket that was matched");
        match self.text.slice(at + 1, at + 5) {
            ['.' | '。' | '点', end, ..] if *end == close => Some((3, false)),
            ['d', 'o', 't', end] if *end == close => Some((5, false)),
            _ => None,
        }
    }

    /// Reads a host name; after a scheme it may be in any script.
    fn host_of(&mut self, at: usize, any_script: bool) -> Option<Host> {
        self.host(at, false).or_else(|| if any_script { self.host(at, true) } else { None })
    }

    /// Reads a host name; the longest beginning of it that ends in an existing top-level domain counts.
    fn host(&mut self, start: usize, any_script: bool) -> Option<Host> {
        let mut first = start;
        while first - start < LONGEST_LABEL
            && (is_host_letter(self.text.at(first), any_script) || self.text.at(first) == '-')
        {
            first += 1;
        }
        // Most words have no dot behind them, and need nothing more.
        self.dot(first)?;
        let mut name = String::new();
        // Ends of the labels so far: place in the text, length of the name, whether a Chinese dot came before.
        let mut ends = [(0, 0, false); MOST_LABELS];
        let mut labels = 0;
        let mut at = start;
        let mut chinese = false;
        loop {
            let label_start = at;
            let mut solid = at;
            let mut solid_length = name.len();
            while at - label_start < LONGEST_LABEL {
                let c = self.text.at(at);
                let letter = is_host_letter(c, any_script);
                if !letter && c != '-' {
                    break;
                }
                name.push(c);
                at += 1;
                if letter {
                    solid = at;
                    solid_length = name.len();
                }
            }
            if solid == label_start {
                break;
            }
            let Some(end) = ends.get_mut(labels) else { break };
            *end = (solid, solid_length, chinese);
            labels += 1;
            let Some((width, is_chinese)) = self.dot(at) else { break };
            let next = self.text.at(at + width);
            if solid != at || !(next.is_ascii_alphanumeric() || is_spaced_letter(next) || is_ideograph(next)) {
                break;
            }
            if is_chinese && !self.chinese_dot_counts(at, at + width, any_script) {
                break;
            }
            if is_ideograph(next) && !any_script {
                if let Some(host) = self.ideographic_top(&name, at + width) {
                    return Some(host);
                }
                break;
            }
            chinese |= is_chinese;
            at += width;
            name.push('.');
        }
        while labels > 1 {
            labels -= 1;
            let (end, length, chinese_dot) = ends.get(labels).copied()?;
            name.truncate(length);
            match valid(&name) {
                Ok(()) => return Some(Host { name, end, chinese_dot }),
                // Under a public suffix strangers hold names, and a shorter name would be another one.
                Err(Violation::PublicSuffix) => break,
                Err(_) => {}
            }
        }
        self.refused_until = self.refused_until.max(at);
        None
    }

    /// A Chinese full stop is a dot only before one more dot, or between letters of a name and a common top-level domain.
    fn chinese_dot_counts(&self, dot: usize, next: usize, any_script: bool) -> bool {
        let end = self.word_end(next);
        let word: String = self.text.slice(next, end).iter().collect();
        let more = self.dot(end).is_some() && self.text.at(end + 1).is_ascii_alphanumeric();
        let long_enough = dot >= 3
            && self.text.slice(dot - 3, dot).iter().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '.'));
        more || (COMMON_TOPS.contains(&word.as_str()) && (long_enough || any_script))
    }

    /// Reads a top-level domain in Chinese after an ASCII name: `name.公司`.
    fn ideographic_top(&self, name: &str, start: usize) -> Option<Host> {
        let mut end = start;
        while end - start < 6 && is_ideograph(self.text.at(end)) {
            end += 1;
        }
        // Without a boundary after it, the word may be the beginning of a sentence.
        if is_ideograph(self.text.at(end))
            || (self.text.at(end) == '.' && self.text.at(end + 1).is_ascii_alphanumeric())
        {
            return None;
        }
        let mut whole = format!("{name}.");
        whole.extend(self.text.slice(start, end));
        valid(&whole).ok()?;
        Some(Host { name: whole, end, chinese_dot: false })
    }

    /// Reads a name in Chinese from the dot before its top-level domain; the name begins after a boundary or a label.
    pub(super) fn ideographic_name(&mut self, dot: usize) -> usize {
        let Some((width, false)) = self.dot(dot) else { return dot + 1 };
        if dot < self.refused_until {
            return dot + width;
        }
        let mut start = dot;
        while start > self.taken_until && dot - start < 20 {
            let previous = self.text.before(start);
            // `www.` before the name belongs to it.
            let inner_dot = previous == '.' && start >= 2 && self.text.before(start - 1).is_ascii_alphanumeric();
            if !(is_label_letter(previous) || inner_dot) {
                break;
            }
            start -= 1;
        }
        let bounded = !is_label_letter(self.text.before(start));
        let after_label = label::site_label_within(self.text.slice(start, dot));
        let start = match after_label {
            Some(length) if start + length < dot => start + length,
            _ if bounded && dot - start <= 12 => start,
            _ => return dot + width,
        };
        let Some(host) = self.host(start, true) else { return dot + width };
        let top = host.name.rsplit('.').next().unwrap_or_default();
        // A sentence may end in a dot before an English word; without a label only the usual domains count.
        if after_label.is_none() && top.is_ascii() && !COMMON_TOPS.contains(&top) {
            return dot + width;
        }
        if !(self.text.at(dot + width).is_ascii_alphabetic() || is_ideograph(self.text.at(dot + width)))
            || host.end <= dot
        {
            return dot + width;
        }
        let Ok(identifier) = Identifier::parse(Kind::Domain, &host.name) else { return dot + width };
        let end = self.path_end(host.end);
        let url = self
            .has_path(host.end, end)
            .then(|| Identifier::parse(Kind::Url, self.text.original(start, end)).ok())
            .flatten();
        let rule = rules::DOMAIN_OTHER_SCRIPT;
        self.take(Finding { identifier, url, start, end, host: (start, host.end), rule, country_code: false })
    }

    /// Says whether more than a port follows the host; a bare name with a port need not be a page.
    fn has_path(&self, start: usize, end: usize) -> bool {
        self.text.slice(start, end).iter().any(|c| matches!(c, '/' | '?'))
    }

    /// Gives the end of the port, path and query that begin here.
    fn path_end(&self, start: usize) -> usize {
        let mut end = start;
        if self.text.at(end) == ':' && self.text.at(end + 1).is_ascii_digit() {
            let mut port = end + 1;
            while port - end <= 5 && self.text.at(port).is_ascii_digit() {
                port += 1;
            }
            let number: String = self.text.slice(end + 1, port).iter().collect();
            if number.parse::<u16>().is_ok() && !self.text.at(port).is_ascii_digit() {
                end = port;
            }
        }
        if !matches!(self.text.at(end), '/' | '?') {
            return end;
        }
        let mut last = end;
        loop {
            let c = self.text.at(end);
            let allowed = if self.text.is_plain(end) {
                c.is_ascii_graphic()
                    && !matches!(c, '"' | '\'' | '<' | '>' | '(' | ')' | '[' | ']' | '{' | '}' | '|' | '\\' | '^' | '`')
            } else {
                c.is_ascii_alphanumeric() || matches!(c, '/' | '?' | '=' | '&')
            };
            if !allowed {
                return last;
            }
            end += 1;
            // Punctuation at the very end belongs to the sentence.
            if !matches!(c, '.' | ',' | ';' | ':' | '!' | '?' | '*' | '~' | '@' | '$' | '+') {
                last = end;
            }
        }
    }

    /// Reads an e-mail address.
    fn mail(&mut self, start: usize) -> Option<usize> {
        let mut at = start;
        while at - start < 65
            && (self.text.at(at).is_ascii_alphanumeric() || matches!(self.text.at(at), '.' | '_' | '%' | '+' | '-'))
        {
            at += 1;
        }
        if self.text.at(at) != '@' || at == start {
            return None;
        }
        let refused = self.refused_until;
        let host = self.host(at + 1, false);
        self.refused_until = refused;
        let host = host?;
        let local: String = self.text.slice(start, at).iter().collect();
        let address = format!("{local}@{}", host.name);
        let (kind, rule) = match self.label(start).map(|labelled| labelled.label) {
            Some(Label::Alipay) => (Kind::Alipay, rules::ALIPAY_LABELLED),
            _ => (Kind::Email, rules::EMAIL_FORM),
        };
        let identifier = Identifier::parse(kind, &address).ok()?;
        let end = host.end;
        Some(self.take(Finding { identifier, url: None, start, end, host: (start, end), rule, country_code: false }))
    }

    /// Gives the end of an IP address that begins here.
    fn address(&self, start: usize) -> Option<usize> {
        self.address_of_four(start).or_else(|| self.address_of_eight(start))
    }

    fn address_of_four(&self, start: usize) -> Option<usize> {
        if !self.text.at(start).is_ascii_digit() {
            return None;
        }
        let mut at = start;
        for part in 0..4 {
            let digits = at;
            while at - digits < 4 && self.text.at(at).is_ascii_digit() {
                at += 1;
            }
            if at == digits || at - digits > 3 {
                return None;
            }
            if part < 3 {
                let (width, chinese) = self.dot(at)?;
                if chinese {
                    return None;
                }
                at += width;
            }
        }
        let more = self.text.at(at) == '.' && self.text.at(at + 1).is_ascii_alphanumeric();
        (!self.text.at(at).is_ascii_alphanumeric() && !more).then_some(at)
    }

    fn address_of_eight(&self, start: usize) -> Option<usize> {
        let mut at = start;
        let (mut colons, mut digits) = (0, 0);
        while at - start < 40
            && (self.text.at(at).is_ascii_hexdigit() || (self.text.at(at) == ':' && self.text.is_plain(at)))
        {
            colons += usize::from(self.text.at(at) == ':');
            digits += usize::from(self.text.at(at).is_ascii_digit());
            at += 1;
        }
        (colons >= 3 && digits > 0 && !self.text.at(at).is_ascii_alphanumeric()).then_some(at)
    }

    /// Keeps an IP address, alone or as the host of a page.
    fn machine(&mut self, start: usize, at: usize, end: usize, with_scheme: bool) -> Option<usize> {
        let identifier = Identifier::parse(Kind::Ip, self.text.original(at, end)).ok()?;
        let version = self.text.slice(start.saturating_sub(3), start).iter().any(|c| matches!(c, 'v' | '版'));
        let v4 = identifier.value().contains('.');
        if !with_scheme && version && v4 {
            return None;
        }
        let path_end = if v4 { self.path_end(end) } else { end };
        let url = if with_scheme || self.has_path(end, path_end) {
            let scheme = if with_scheme { self.text.original(start, at) } else { "http://" };
            let rest = self.text.original(end, path_end);
            let host = identifier.value();
            let host = if v4 { host.to_owned() } else { format!("[{host}]") };
            Identifier::parse(Kind::Url, &format!("{}{host}{rest}", scheme_of(scheme))).ok()
        } else {
            None
        };
        let rule = match (url.is_some(), v4) {
            (true, _) => rules::URL_ADDRESS,
            (false, true) => rules::IP_DOTTED,
            (false, false) => rules::IP_COLONS,
        };
        Some(self.take(Finding { identifier, url, start, end: path_end, host: (at, end), rule, country_code: false }))
    }

    /// Reads an account name after its label.
    pub(super) fn labelled_name(&mut self, start: usize) -> Option<usize> {
        let labelled = self.label(start)?;
        let end = self.word_end(start);
        let word = self.text.slice(start, end);
        if !(3..=40).contains(&word.len()) || label::is_label(word) {
            return None;
        }
        let has_digit = word.iter().any(char::is_ascii_digit);
        let marked = labelled.strong || has_digit || word.contains(&'_') || self.text.before(start) == '@';
        if !marked {
            return None;
        }
        let name: String = word.iter().collect();
        let (identifier, rule) = match labelled.label {
            Label::Wechat => {
                // Words of everyday English stand after the label as well; a name that was chosen has a digit or follows a clear label.
                let rule = if labelled.strong { rules::WECHAT_LABELLED } else { rules::WECHAT_NEAR };
                (Identifier::parse(Kind::Wechat, &name).ok()?, rule)
            }
            Label::Platform(platform) => {
                (Identifier::parse(Kind::Account, &format!("{platform}:{name}")).ok()?, rules::ACCOUNT_LABELLED)
            }
            _ => return None,
        };
        Some(self.take(Finding { identifier, url: None, start, end, host: (start, end), rule, country_code: false }))
    }
}

fn is_host_letter(c: char, any_script: bool) -> bool {
    c.is_ascii_alphanumeric() || c == '_' || is_spaced_letter(c) || (any_script && is_ideograph(c) && c != '点')
}

fn is_label_letter(c: char) -> bool {
    is_ideograph(c) || c.is_ascii_alphanumeric() || c == '-'
}

/// Checks a folded name, in any script.
fn valid(name: &str) -> Result<(), Violation> {
    let top = name.rsplit('.').next().unwrap_or(name);
    if name.is_ascii() {
        // Numbers with dots are the most usual text with dots; they need no look at the list of suffixes.
        if top.starts_with(|c: char| c.is_ascii_digit()) {
            return Err(Violation::UnknownSuffix);
        }
        host::check(name)
    } else {
        host::domain(name).map(|_| ())
    }
}

fn scheme_of(original: &str) -> &'static str {
    if original.contains(['s', 'S', 'ｓ', 'Ｓ']) { "https://" } else { "http://" }
}
