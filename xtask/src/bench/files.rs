//! Files of reports that are larger than any that lies around.

use std::fs::File;
use std::io::{BufRead as _, BufReader, BufWriter, Write as _};
use std::path::Path;

use anyhow::{Context as _, Result};

/// Writes a file of so many rows by repeating another one, with numbers of its own so that every row is new.
pub(super) fn repeat(from: &Path, to: &Path, rows: usize) -> Result<()> {
    let mut output = BufWriter::new(File::create(to)?);
    let mut written = 0;
    for round in 0_usize.. {
        let mut lines = BufReader::new(File::open(from)?).lines();
        let header = lines.next().transpose()?.context("the file is empty")?;
        if round == 0 {
            writeln!(output, "{header}")?;
        }
        let before = written;
        for line in lines.take(rows - written) {
            writeln!(output, "{round}-{}", line?)?;
            written += 1;
        }
        if written == rows || written == before {
            break;
        }
    }
    Ok(output.flush()?)
}

/// Writes a file of rows whose texts are as long as a text may be.
pub(super) fn write_long_rows(to: &Path, rows: usize) -> Result<()> {
    let mut output = BufWriter::new(File::create(to)?);
    writeln!(output, "report_id,received_at,channel,region,fraud_type,loss_cents,victim_phone,text")?;
    let words = "对方自称客服让我转账到他说的账户后来就联系不上了".repeat(800);
    for row in 0..rows {
        writeln!(output, "L{row},2026-08-08T00:19:04+08:00,96110,440300,fake_customer_service,0,,{row}{words}")?;
    }
    Ok(output.flush()?)
}
