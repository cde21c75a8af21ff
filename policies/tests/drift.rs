//! `matrix.txt` shows the policy that is in the program.

use std::fs;
use std::path::Path;

#[test]
fn matrix_is_current() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("matrix.txt");
    let committed = fs::read_to_string(file).expect("policies/matrix.txt exists");
    let current = cordon_policies::matrix().unwrap();
    assert!(committed == current, "policies/matrix.txt is not current: run `cargo xtask gen`");
}
