//! Why a file as a whole is not taken.

use std::error::Error;
use std::io;

use cordon_context::{Bilingual, Refusal};

/// What is at fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// What stands in the file; it will be the same another time.
    Content,
    /// The machine; the same file may be read in a moment.
    Passing,
    /// The file is not there any more; the same content may be brought again.
    Gone,
}

/// A file that cannot be read row by row, with a stable rule and words that name the cause.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FileRefusal {
    /// A stable dotted name.
    pub rule: &'static str,
    /// What it says.
    pub text: Bilingual,
    /// What is at fault.
    pub fault: Fault,
}

impl FileRefusal {
    pub(crate) fn new(
        rule: &'static str,
        zh: impl Into<std::borrow::Cow<'static, str>>,
        en: impl Into<std::borrow::Cow<'static, str>>,
    ) -> Self {
        Self { rule, text: Bilingual::new(zh, en), fault: Fault::Content }
    }

    /// Tells a disk that fails from a file that is broken: only the first has the operating system's word for it.
    pub(crate) fn of(error: &(dyn Error + 'static)) -> Self {
        let mut cause = Some(error);
        while let Some(error) = cause {
            let system = error.downcast_ref::<io::Error>().filter(|error| error.raw_os_error().is_some());
            if let Some(system) = system {
                let fault = if system.kind() == io::ErrorKind::NotFound { Fault::Gone } else { Fault::Passing };
                return Self {
                    fault, ..Self::new("import.unreadable", "文件无法读取", "the file cannot be read")
                };
            }
            cause = error.source();
        }
        Self::malformed()
    }

    pub(crate) fn malformed() -> Self {
        Self::new("import.malformed", "文件内容损坏或被截断", "the file is damaged or was cut off")
    }

    pub(crate) fn too_large(what: &'static str, limit: u64) -> Self {
        Self::new(
            "import.too_large",
            format!("文件超过允许范围（{what}，上限 {limit}）"),
            format!("the file is larger than allowed ({what}, at most {limit})"),
        )
    }

    pub(crate) fn zip_bomb() -> Self {
        Self::new(
            "import.zip_bomb",
            "压缩内容展开后过大，已拒绝",
            "the compressed content would inflate beyond what is allowed",
        )
    }

    pub(crate) fn changed() -> Self {
        let changed = Self::new(
            "import.file_changed",
            "文件在校验后被修改或移走，请重新导入",
            "the file was changed or moved after it was checked; import it again",
        );
        Self { fault: Fault::Gone, ..changed }
    }

    pub(crate) fn right_ended() -> Self {
        let ended = Self::new(
            "import.right_ended",
            "导入人的会话已被终止或已无权导入，导入已停止；已写入的行保留，由有权人员重新上传同一文件后续导",
            "whoever began it was signed out or may not import any more, so it stopped; rows written so far stay, and somebody with the right goes on by bringing the same file",
        );
        Self { fault: Fault::Gone, ..ended }
    }

    pub(crate) fn undecided() -> Self {
        let undecided = Self::new(
            "import.undecided",
            "校验后未在规定时间内确认，文件已删除，请重新上传",
            "nobody decided in time what to keep, and the file was deleted; bring it again",
        );
        Self { fault: Fault::Gone, ..undecided }
    }
}

impl From<FileRefusal> for Refusal {
    fn from(refusal: FileRefusal) -> Self {
        Self::rule(refusal.rule, refusal.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn disk_that_fails_is_told_from_a_broken_file() {
        let of = |error: io::Error| FileRefusal::of(&error).fault;
        assert_eq!(of(io::Error::from_raw_os_error(2)), Fault::Gone);
        assert_eq!(of(io::Error::from_raw_os_error(5)), Fault::Passing);
        assert_eq!(of(io::Error::new(io::ErrorKind::UnexpectedEof, "cut off")), Fault::Content);
        // What a library wraps is found beneath it.
        assert_eq!(FileRefusal::of(&calamine::XlsxError::Io(io::Error::from_raw_os_error(5))).fault, Fault::Passing);
        assert_eq!(FileRefusal::of(&calamine::XlsxError::FileNotFound("x".to_owned())).fault, Fault::Content);
    }
}
