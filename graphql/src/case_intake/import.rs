//! Imports of report files as the schema shows them.

use async_graphql::{Context, Enum, InputObject, Object, Result, SimpleObject};
use cordon_case_intake_contract as contract;
use cordon_case_intake_contract::CaseIntakeClient as _;
use cordon_context::{Bilingual, ImportKind, OrganisationIdKind};

use crate::connection::{Connection, page};
use crate::directory::Organisation;
use crate::loaders::one;
use crate::outcome::{change, payloads, read};
use crate::scalar::{DateTime, Gid, Long};
use crate::session::loaders;

/// 导入的状态 / How far an import has come.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "contract::ImportStatus")]
pub(crate) enum ImportStatus {
    /// 试运行中，尚未写入 / The file is being read; nothing is written.
    Checking,
    /// 试运行完成，待决定 / The dry run is done; somebody decides what is kept.
    Checked,
    /// 写入中 / Rows are being written.
    Committing,
    /// 已写入 / Every accepted row is written.
    Committed,
    /// 整个文件无法读取，原因见 refusalZh、refusalEn / The file as a whole cannot be read; see `refusalZh` and `refusalEn`.
    Refused,
    /// 文件缺失或无法读完，重新上传同一文件即可继续 / The file was gone or could not be read to its end; bringing it again goes on with it.
    Failed,
}

/// 文件格式，按内容判断 / What kind of file it is, by its content and not by its name.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "contract::FileFormat")]
pub(crate) enum FileFormat {
    /// 逗号分隔值 / Comma-separated values.
    Csv,
    /// Office Open XML 工作簿 / An Office Open XML workbook.
    Xlsx,
}

/// 文本编码 / How a file's text is encoded.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "contract::TextEncoding")]
pub(crate) enum TextEncoding {
    /// UTF-8，有无字节序标记均可 / UTF-8, with or without a byte-order mark.
    #[graphql(name = "UTF_8")]
    Utf8,
    /// GB18030，含 GBK 与 GB2312 / GB18030, which includes GBK and GB2312.
    #[graphql(name = "GB18030")]
    Gb18030,
}

/// 写入哪些行 / Which rows a commit keeps.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(name = "ImportAcceptance", remote = "contract::Accept")]
pub(crate) enum Accept {
    /// 全部，有一行错误即不写入 / All, or none if one of them is broken.
    AllOrNothing,
    /// 仅正确的行，错误行留在错误文件 / The good ones; broken ones stay in the error file.
    GoodRows,
}

/// 行不被接受的原因 / Why a row is not taken.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "contract::BadRowCode")]
pub(crate) enum BadRowCode {
    /// 单元格数量与表头不一致 / The row has fewer or more cells than the header.
    CellCount,
    /// 必填单元格为空 / A cell that must have a value is empty.
    Empty,
    /// 内容超过允许长度 / A value is longer than allowed.
    TooLong,
    /// 时间不是带时区的 ISO 8601 格式 / The moment is not a full ISO 8601 one.
    BadTime,
    /// 时间在未来或早于 2000 年 / The moment lies in the future or before the year 2000.
    TimeOutOfRange,
    /// 未知的举报渠道 / The channel is unknown.
    UnknownChannel,
    /// 行政区划代码不是六位数字 / The region is not a six-digit code.
    BadRegion,
    /// 诈骗类型不在分类表中 / The fraud type is not in the taxonomy.
    UnknownFraudType,
    /// 金额不是以分为单位的非负整数，或超过一千亿元 / The amount is not a whole number of cents from 0 to a hundred thousand million yuan.
    BadAmount,
    /// 受害人号码不是有效的电话号码 / The victim's phone is not a phone number.
    BadPhone,
    /// 数字被转成科学计数法，已丢失位数 / A long number came in scientific notation, so digits are lost.
    ScientificNotation,
    /// 单元格含公式 / A cell holds a formula.
    FormulaCell,
    /// 单元格为错误值 / A cell holds an error value such as `#REF!`.
    ErrorCell,
    /// 单元格含控制字符 / A cell holds a NUL or another control character.
    ControlCharacter,
    /// 字节与文件编码不符 / Bytes do not fit the file's encoding.
    BadEncoding,
    /// 引号未闭合或文件被截断 / The quoting never ends, or the file was cut off in this row.
    Truncated,
}

/// 各类行数 / How many rows fell where.
#[derive(SimpleObject)]
pub(crate) struct ImportCounts {
    /// 数据行数 / Data rows in the file.
    rows: Long,
    /// 新写入或将写入的行数 / Rows that are or would be stored.
    new: Long,
    /// 同渠道同编号已有的行数，不产生变更 / Rows whose channel and number are known; they change nothing.
    existing: Long,
    /// 错误的行数 / Rows that are broken.
    broken: Long,
    /// 内容与本单位较早举报近乎相同的行数，亦计入新写入 / Stored rows whose text nearly repeats an earlier report of the same organisation; counted in `new` too.
    near_duplicates: Long,
    /// 提取出的标识数 / Identifiers found in stored rows.
    findings: Long,
}

impl From<contract::ImportCounts> for ImportCounts {
    fn from(counts: contract::ImportCounts) -> Self {
        let contract::ImportCounts { rows, new, existing, broken, near_duplicates, findings } = counts;
        Self {
            rows: rows.into(),
            new: new.into(),
            existing: existing.into(),
            broken: broken.into(),
            near_duplicates: near_duplicates.into(),
            findings: findings.into(),
        }
    }
}

/// 某种错误出现的次数 / How often a code was met.
#[derive(SimpleObject)]
pub(crate) struct BadRowCount {
    /// 错误代码 / The code.
    code: BadRowCode,
    /// 次数 / How often.
    count: Long,
}

/// 一个文件的一次导入 / One import of one file.
#[derive(Clone)]
pub(crate) struct Import(pub(crate) contract::Import);

impl Import {
    fn words(&self) -> Option<&Bilingual> {
        self.0.refusal.as_ref().map(|(_, words)| words)
    }
}

/// 一个文件的一次导入 / One import of one file.
#[Object]
impl Import {
    /// 标识 / The import's identifier.
    pub(crate) async fn id(&self) -> Gid<ImportKind> {
        self.0.id.into()
    }

    /// 导入机构（标识）/ The organisation that brought the file (identifier).
    async fn organisation_id(&self) -> Gid<OrganisationIdKind> {
        self.0.organisation.into()
    }

    /// 导入机构 / The organisation that brought the file.
    async fn organisation(&self, ctx: &Context<'_>) -> Result<Option<Organisation>> {
        one(&loaders(ctx)?.directory.organisations, self.0.organisation, Organisation).await
    }

    /// 文件名 / The file's name as it was brought.
    async fn file_name(&self) -> &str {
        &self.0.file_name
    }

    /// 文件大小，字节 / The file's size in bytes.
    async fn bytes(&self) -> Long {
        self.0.bytes.into()
    }

    /// 文件的 SHA-256；同一机构的同一内容即同一导入 / SHA-256 of the file; the same organisation and content are the same import.
    async fn content_hash(&self) -> &str {
        &self.0.content_hash
    }

    /// 文件格式，识别后才有 / What kind of file it is, once known.
    async fn format(&self) -> Option<FileFormat> {
        self.0.format.map(Into::into)
    }

    /// 文本编码，识别后才有；工作簿没有 / How its text is encoded, once known; workbooks have none.
    async fn encoding(&self) -> Option<TextEncoding> {
        self.0.encoding.map(Into::into)
    }

    /// 状态 / How far it has come.
    async fn status(&self) -> ImportStatus {
        self.0.status.into()
    }

    /// 写入哪些行，决定后才有 / Which rows the commit keeps, once decided.
    async fn accept(&self) -> Option<Accept> {
        self.0.accept.map(Into::into)
    }

    /// 试运行的统计 / What the dry run counted.
    async fn checked(&self) -> ImportCounts {
        self.0.checked.into()
    }

    /// 已写入的统计 / What the commit has written so far.
    async fn committed(&self) -> ImportCounts {
        self.0.committed.into()
    }

    /// 各种错误出现的次数 / How often each code was met.
    async fn broken_by_code(&self) -> Vec<BadRowCount> {
        let counts = self.0.broken_by_code.iter();
        counts.map(|(code, count)| BadRowCount { code: (*code).into(), count: (*count).into() }).collect()
    }

    /// 整个文件无法读取的规则名 / The rule by which the file as a whole cannot be read.
    async fn refusal_rule(&self) -> Option<&str> {
        self.0.refusal.as_ref().map(|(rule, _)| rule.as_str())
    }

    /// 整个文件无法读取的中文原因 / Why the file as a whole cannot be read, in Chinese.
    async fn refusal_zh(&self) -> Option<&str> {
        self.words().map(|words| words.zh.as_ref())
    }

    /// 整个文件无法读取的英文原因 / Why the file as a whole cannot be read, in English.
    async fn refusal_en(&self) -> Option<&str> {
        self.words().map(|words| words.en.as_ref())
    }

    /// 开始时间 / When it began.
    async fn created_at(&self) -> DateTime {
        self.0.created_at.into()
    }

    /// 最近变动时间 / When it last moved.
    async fn updated_at(&self) -> DateTime {
        self.0.updated_at.into()
    }

    /// 版本，每次变更递增 / Grows with every change.
    async fn version(&self) -> Long {
        self.0.version.into()
    }

    /// 不被接受的行，按文件顺序 / The rows that it does not take, in the order of the file.
    #[graphql(complexity = "crate::connection::cost(first, child_complexity)")]
    async fn bad_rows(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "条数，1 至 200，默认 50 / How many rows, 1 to 200; 50 unless told.")] first: Option<i32>,
        #[graphql(desc = "从该游标之后继续 / The cursor after which to go on.")] after: Option<String>,
    ) -> Result<Connection<BadRow>> {
        let request = page::<BadRow>(ctx, first, after.as_deref())?;
        let import = self.0.id;
        let found =
            read(ctx, |services, call| async move { services.case_intake.bad_rows(call, import, request).await })
                .await?;
        Ok(Connection::of(found, BadRow))
    }
}

/// 不被接受的一行 / A row that is not taken.
pub(crate) struct BadRow(contract::BadRow);

/// 不被接受的一行 / A row that is not taken.
#[Object]
impl BadRow {
    /// 行号，表头为第 1 行 / The row's number in the file, the header being row 1.
    async fn row(&self) -> Long {
        self.0.row.into()
    }

    /// 列名；整行错误则为空 / The column, by its name in the template; empty when the row as a whole is broken.
    async fn column(&self) -> &str {
        &self.0.column
    }

    /// 错误代码 / Why.
    async fn code(&self) -> BadRowCode {
        self.0.code.into()
    }

    /// 中文说明 / What the code says, in Chinese.
    async fn message_zh(&self) -> String {
        self.0.code.text().zh.into_owned()
    }

    /// 英文说明 / What the code says, in English.
    async fn message_en(&self) -> String {
        self.0.code.text().en.into_owned()
    }
}

/// 错误文件的一部分 / A part of the error file.
pub(crate) struct ErrorFile(contract::ErrorFile);

/// 错误文件的一部分 / A part of the error file.
#[Object(name = "ImportErrorFile")]
impl ErrorFile {
    /// 保存所用的文件名 / The name under which to save it.
    async fn file_name(&self) -> &str {
        &self.0.file_name
    }

    /// UTF-8 的 CSV 内容；第一部分含字节序标记与表头 / CSV in UTF-8; the first part begins with a byte-order mark and the header.
    async fn content(&self) -> &str {
        &self.0.content
    }

    /// 下一部分从该行之后继续；为空则已完 / The row after which the next part goes on; null when this is the last part.
    async fn next_after(&self) -> Option<Long> {
        self.0.next_after.map(Into::into)
    }
}

/// 开始导入的输入 / Begins an import with a dry run.
#[derive(InputObject)]
pub(crate) struct StartImportInput {
    /// 上传后得到的名称 / The name that the upload answered.
    upload: String,
    /// 用户的文件名 / The name that the user's file had.
    file_name: String,
    /// 幂等键 / The idempotency key.
    idempotency_key: Option<String>,
}

/// 写入导入的输入 / Decides what a checked import keeps.
#[derive(InputObject)]
pub(crate) struct CommitImportInput {
    /// 导入的标识 / Which import.
    #[graphql(name = "import")]
    id: Gid<ImportKind>,
    /// 写入哪些行 / Which rows are kept.
    accept: Accept,
    /// 幂等键 / The idempotency key.
    idempotency_key: Option<String>,
}

payloads! {
    /// 开始导入的结果 / What beginning an import brought.
    StartImportPayload: contract::Import {
        /// 导入；同一文件已有则为原导入 / The import; the earlier one if the same file was brought before.
        import: Import = |import| Import(import),
    }
    /// 写入导入的结果 / What committing an import brought.
    CommitImportPayload: contract::Import {
        /// 导入 / The import.
        import: Import = |import| Import(import),
    }
}

#[derive(Default)]
pub(crate) struct ImportQuery;

#[Object]
impl ImportQuery {
    /// 导入记录，最新的在前 / Lists imports, newest first.
    #[graphql(complexity = "crate::connection::cost(first, child_complexity)")]
    async fn imports(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "条数，1 至 200，默认 50 / How many rows, 1 to 200; 50 unless told.")] first: Option<i32>,
        #[graphql(desc = "从该游标之后继续 / The cursor after which to go on.")] after: Option<String>,
    ) -> Result<Connection<Import>> {
        let request = page::<Import>(ctx, first, after.as_deref())?;
        let found =
            read(ctx, |services, call| async move { services.case_intake.imports(call, request).await }).await?;
        Ok(Connection::of(found, Import))
    }

    /// 一次导入；不存在或不在可见范围内则为空 / One import; null if it does not exist or lies out of reach.
    async fn import(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "导入的标识 / The import's identifier.")] id: Gid<ImportKind>,
    ) -> Result<Option<Import>> {
        one(&loaders(ctx)?.case_intake.imports, id.0, Import).await
    }

    /// 导入的错误文件，分部分给出 / The error file of an import, part by part.
    #[graphql(complexity = "20 + child_complexity")]
    async fn import_error_file(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "导入的标识 / The import's identifier.")] id: Gid<ImportKind>,
        #[graphql(
            desc = "从该行之后继续，即上一部分的 nextAfter / Goes on after this row: `nextAfter` of the part before."
        )]
        after: Option<Long>,
    ) -> Result<ErrorFile> {
        // A row before the first is the beginning.
        let after = after.map(|after| u64::try_from(after.0).unwrap_or(0));
        let file =
            read(ctx, |services, call| async move { services.case_intake.error_file(call, id.0, after).await }).await?;
        Ok(ErrorFile(file))
    }
}

#[derive(Default)]
pub(crate) struct ImportMutation;

#[Object]
impl ImportMutation {
    /// 以已上传的文件开始导入：先试运行，不写入 / Begins an import of an uploaded file with a dry run; nothing is written.
    async fn start_import(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "输入 / The input.")] input: StartImportInput,
    ) -> Result<StartImportPayload> {
        let StartImportInput { upload, file_name, idempotency_key } = input;
        let started = contract::StartImport { upload, file_name };
        let outcome = change(ctx, idempotency_key, |services, call| async move {
            services.case_intake.start_import(call, started).await
        })
        .await?;
        Ok(outcome.into())
    }

    /// 决定写入哪些行并开始写入；再次请求则从中断处继续 / Decides which rows are kept and begins to write; asked again, it goes on where it stopped.
    async fn commit_import(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "输入 / The input.")] input: CommitImportInput,
    ) -> Result<CommitImportPayload> {
        let CommitImportInput { id, accept, idempotency_key } = input;
        let committed = contract::CommitImport { import: id.0, accept: accept.into() };
        let outcome = change(ctx, idempotency_key, |services, call| async move {
            services.case_intake.commit_import(call, committed).await
        })
        .await?;
        Ok(outcome.into())
    }
}
