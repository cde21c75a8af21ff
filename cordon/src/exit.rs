//! How a command ends: what is printed last, and the exit code that scripts look at.

use std::process::ExitCode;

/// How a command came to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    /// All went as asked.
    Done,
    /// The ledger does not match what was published, or `doctor` found something that must be mended.
    Faulty,
    /// Nothing was changed, because the input has broken rows or needs a decision.
    Undecided,
    /// The answer to a question is no.
    No,
}

/// Exit codes, as `--help` lists them.
pub(crate) const EXIT_CODES: &str = "\
退出码 / Exit codes:
  0  完成 / done
  1  出错 / an error; it is printed on standard error
  2  命令行有误 / the command line is wrong
  3  审计校验或体检发现问题 / audit verification or doctor found a fault
  4  未写入：有坏行或需要决定 / nothing was written: rows are broken or a decision is needed
  5  策略不允许 / the policy says no";

impl Ending {
    fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Faulty => 3,
            Self::Undecided => 4,
            Self::No => 5,
        }
    }
}

/// Prints an error with everything behind it, and turns the end into an exit code.
#[expect(clippy::print_stderr, reason = "a command tells a person what went wrong")]
pub(crate) fn report(end: &anyhow::Result<Ending>) -> ExitCode {
    match end {
        Ok(ending) => ExitCode::from(ending.code()),
        Err(error) => {
            eprintln!("错误 / error: {error:#}");
            ExitCode::from(1)
        }
    }
}
