//! Why a file as a whole is not taken.

use cordon_context::{Bilingual, Refusal};

/// A file that cannot be read row by row, with a stable rule and words that name the cause.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FileRefusal {
    /// A stable dotted name.
    pub rule: &'static str,
    /// What it says.
    pub text: Bilingual,
}

impl FileRefusal {
    pub(crate) fn new(
        rule: &'static str,
        zh: impl Into<std::borrow::Cow<'static, str>>,
        en: impl Into<std::borrow::Cow<'static, str>>,
    ) -> Self {
        Self { rule, text: Bilingual::new(zh, en) }
    }

    pub(crate) fn unreadable() -> Self {
        Self::new("import.unreadable", "文件无法读取", "the file cannot be read")
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
        Self::new(
            "import.file_changed",
            "文件在校验后被修改或移走，请重新导入",
            "the file was changed or moved after it was checked; import it again",
        )
    }
}

impl From<FileRefusal> for Refusal {
    fn from(refusal: FileRefusal) -> Self {
        Self::rule(refusal.rule, refusal.text)
    }
}
